"""DPoP proofs: RFC 9449 4.3 and 7, one row each."""

import json
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from app.errors import Unauthenticated
from app.security.access import Access
from app.security.caller import Caller
from app.security.dpop import NONCE_SECONDS, Nonces
from tests.security.issuing import (
    ADDRESS,
    HOLDER,
    NOW,
    SECRET,
    Clock,
    Memory,
    access,
    bound,
    packed,
    proof,
    shown,
    signed,
)

TOKEN = bound()
OTHER = ECKey.generate_key("P-256")
ALGS = 'algs="ES256 ES384 ES512 PS256 PS384 PS512 RS256 RS384 RS512"'


def _door(**given: Any) -> Access:
    return access(fhir_scheme="dpop", **given)


async def _caller(door: Access, made: str, token: str = TOKEN, **request: Any) -> Caller:
    return await shown(door, ("authorization", f"DPoP {token}"), ("dpop", made), **request)


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(proof(TOKEN), id="plain"),
        pytest.param(proof(TOKEN, iat=NOW - 6), id="as old as clocks and lifetime allow"),
        pytest.param(proof(TOKEN, iat=NOW + 5), id="from a clock that is ahead"),
        pytest.param(proof(TOKEN, iat=NOW + 0.5), id="parts of a second"),
        pytest.param(proof(TOKEN, htu="HTTPS://SAMBAND.EXAMPLE/fhir/v1/Task"), id="scheme and host in capitals"),
        pytest.param(proof(TOKEN, htu="https://samband.example:443/fhir/v1/Task"), id="default port"),
        pytest.param(proof(TOKEN, htu="https://samband.example/fhir/v1/%54ask"), id="an escape without need"),
    ],
)
async def test_proofs_that_hold(made: str) -> None:
    caller = await _caller(_door(), made)
    assert (caller.client, caller.scheme) == ("case-system", "DPoP")


@pytest.mark.parametrize(("kind", "algorithm"), [("EC", "ES384"), ("EC", "ES512"), ("RSA", "PS256"), ("RSA", "RS384")])
async def test_keys_of_each_family(kind: str, algorithm: str) -> None:
    curve = {"ES384": "P-384", "ES512": "P-521"}.get(algorithm, "")
    holder: Any = ECKey.generate_key(curve) if kind == "EC" else RSAKey.generate_key(2048)
    token = bound(holder)
    made = proof(token, holder=holder, header={"alg": algorithm})
    assert (await _caller(_door(), made, token)).client == "case-system"


def _told(**header: Any) -> str:
    """A good proof under another header."""
    _, claims, signature = proof(TOKEN).split(".")
    told = {"typ": "dpop+jwt", "alg": "ES256", "jwk": HOLDER.as_dict(private=False)} | header
    return f"{packed(json.dumps(told).encode())}.{claims}.{signature}"


def _with_secret() -> str:
    secret = OctKey.import_key("secret-secret-secret-secret-secret")
    return proof(TOKEN, holder=secret, header={"alg": "HS256", "jwk": secret.as_dict()})


def _changed() -> str:
    first, second = proof(TOKEN, jti="a").split("."), proof(TOKEN, jti="b").split(".")
    return ".".join([first[0], second[1], first[2]])


BAD = {
    "another key": proof(TOKEN, holder=OTHER),
    "another key, the right jwk": proof(TOKEN, holder=OTHER, header={"jwk": HOLDER.as_dict(private=False)}),
    "private key in jwk": _told(jwk=HOLDER.as_dict(private=True)),
    "no jwk": _told(jwk=None),
    "jwk is a text": _told(jwk="x"),
    "a secret as jwk": _with_secret(),
    "alg none": _told(alg="none"),
    "typ JWT": proof(TOKEN, header={"typ": "JWT"}),
    "no typ": proof(TOKEN, header={"typ": None}),
    "another method": proof(TOKEN, "POST"),
    "method in small letters": proof(TOKEN, htm="get"),
    "no htm": proof(TOKEN, htm=None),
    "another path": proof(TOKEN, path="/fhir/v1/Patient"),
    "path in other case": proof(TOKEN, path="/fhir/v1/task"),
    "a slash at the end": proof(TOKEN, path="/fhir/v1/Task/"),
    "a query": proof(TOKEN, path="/fhir/v1/Task?status=requested"),
    "an empty query": proof(TOKEN, path="/fhir/v1/Task?"),
    "a fragment": proof(TOKEN, path="/fhir/v1/Task#x"),
    "another host": proof(TOKEN, htu="https://evil.example/fhir/v1/Task"),
    "the host as user": proof(TOKEN, htu="https://samband.example@evil.example/fhir/v1/Task"),
    "a user before the host": proof(TOKEN, htu="https://a@samband.example/fhir/v1/Task"),
    "http": proof(TOKEN, htu="http://samband.example/fhir/v1/Task"),
    "another port": proof(TOKEN, htu="https://samband.example:8443/fhir/v1/Task"),
    "the address behind the proxy": proof(TOKEN, htu="http://127.0.0.1:8400/fhir/v1/Task"),
    "no address": proof(TOKEN, htu="/fhir/v1/Task"),
    "a broken address": proof(TOKEN, htu="https://[samband.example/fhir/v1/Task"),
    "a port that is none": proof(TOKEN, htu="https://samband.example:x/fhir/v1/Task"),
    "no htu": proof(TOKEN, htu=None),
    "ath of another token": proof(signed()),
    "no ath": proof(TOKEN, ath=None),
    "no iat": proof(TOKEN, iat=None),
    "iat is a text": proof(TOKEN, iat="now"),
    "iat is huge": proof(TOKEN, iat=10**400),
    "10 s old": proof(TOKEN, iat=NOW - 10),
    "10 s ahead": proof(TOKEN, iat=NOW + 10),
    "no jti": proof(TOKEN, jti=None),
    "empty jti": proof(TOKEN, jti=""),
    "jti is a number": proof(TOKEN, jti=7),
    "endless jti": proof(TOKEN, jti="x" * 600),
    "changed claims": _changed(),
    "the token itself": TOKEN,
    "nonsense": "x",
    "empty": "",
    "too long": "x" * 9000,
}


@pytest.mark.parametrize("name", BAD)
async def test_proofs_that_do_not_hold(name: str) -> None:
    memory = Memory()
    with pytest.raises(Unauthenticated) as refused:
        await _caller(_door(spend=memory), BAD[name])
    assert refused.value.error == "proof-invalid"
    assert refused.value.headers["WWW-Authenticate"] == f'DPoP error="invalid_dpop_proof", {ALGS}'
    assert not memory.until, "only a proof that holds is remembered"


@pytest.mark.parametrize(
    ("headers", "code", "challenge"),
    [
        ([], "token-missing", f"DPoP {ALGS}"),
        ([("authorization", f"Bearer {TOKEN}")], "token-invalid", f'DPoP error="invalid_token", {ALGS}'),
        (
            [("authorization", f"Bearer {TOKEN}"), ("dpop", proof(TOKEN))],
            "token-invalid",
            f'DPoP error="invalid_token", {ALGS}',
        ),
        (
            [("authorization", f"DPoP {signed()}"), ("dpop", proof(signed()))],
            "token-invalid",
            f'DPoP error="invalid_token", {ALGS}',
        ),
        ([("authorization", f"DPoP {TOKEN}")], "proof-invalid", f'DPoP error="invalid_dpop_proof", {ALGS}'),
        (
            [("authorization", f"DPoP {TOKEN}"), ("dpop", proof(TOKEN)), ("dpop", proof(TOKEN))],
            "proof-invalid",
            f'DPoP error="invalid_dpop_proof", {ALGS}',
        ),
    ],
)
async def test_ways_that_are_not_taken(headers: list[tuple[str, str]], code: str, challenge: str) -> None:
    with pytest.raises(Unauthenticated) as refused:
        await shown(_door(), *headers)
    assert (refused.value.error, refused.value.headers["WWW-Authenticate"]) == (code, challenge)


async def test_a_proof_counts_once() -> None:
    door, made = _door(), proof(TOKEN)
    await _caller(door, made)
    with pytest.raises(Unauthenticated) as refused:
        await _caller(door, made)
    assert refused.value.error == "proof-repeated"
    assert refused.value.headers["WWW-Authenticate"].startswith('DPoP error="invalid_dpop_proof"')
    assert (await _caller(door, proof(TOKEN))).client == "case-system"


async def test_one_jti_under_two_keys_is_two_proofs() -> None:
    door, token = _door(), bound(OTHER)
    await _caller(door, proof(TOKEN, jti="same"))
    assert (await _caller(door, proof(token, jti="same", holder=OTHER), token)).client == "case-system"


async def test_a_proof_is_forgotten_only_when_it_counts_nowhere() -> None:
    memory = Memory()
    await _caller(_door(spend=memory), proof(TOKEN, iat=NOW + 5))
    (until,) = memory.until.values()
    clock = Clock()
    clock.now = until / 1000 + 0.001
    with pytest.raises(Unauthenticated):
        await _caller(_door(clock=clock), proof(TOKEN, iat=NOW + 5))


async def test_the_path_behind_a_proxy_is_that_of_the_base_url() -> None:
    door = _door(path_before="/samband")
    made = proof(TOKEN, htu=f"{ADDRESS}/samband/fhir/v1/Task")
    assert (await _caller(door, made)).client == "case-system"
    with pytest.raises(Unauthenticated):
        await _caller(door, proof(TOKEN))


async def test_the_lifetime_is_a_setting() -> None:
    assert (await _caller(_door(dpop_lifetime=60), proof(TOKEN, iat=NOW - 60))).client == "case-system"


def _nonce(seconds: float = 0, secret: bytes = SECRET) -> str:
    """Our nonce, so many seconds from now."""
    clock = Clock()
    clock.now += seconds
    return Nonces(secret, clock).current()


@pytest.mark.parametrize("nonce", [_nonce(), _nonce(-NONCE_SECONDS)])
async def test_nonces_that_hold(nonce: str) -> None:
    """Of this window or the one before; all processes with the secret give and take the same."""
    assert (await _caller(_door(dpop_nonce=True), proof(TOKEN, nonce=nonce))).client == "case-system"


@pytest.mark.parametrize(
    "nonce",
    [
        pytest.param(None, id="none"),
        pytest.param("", id="empty"),
        pytest.param("x", id="nonsense"),
        pytest.param("æ", id="not ASCII"),
        pytest.param(7, id="a number"),
        pytest.param([_nonce()], id="a list"),
        pytest.param(_nonce().upper(), id="in capitals"),
        pytest.param(f"{_nonce()} ", id="with a space"),
        pytest.param(_nonce(-2 * NONCE_SECONDS), id="too old"),
        pytest.param(_nonce(NONCE_SECONDS), id="of a time to come"),
        pytest.param(_nonce(secret=b"another"), id="of another service"),
    ],
)
async def test_nonces_that_do_not_hold(nonce: Any) -> None:
    memory = Memory()
    with pytest.raises(Unauthenticated) as refused:
        await _caller(_door(dpop_nonce=True, spend=memory), proof(TOKEN, nonce=nonce))
    assert refused.value.error == "proof-nonce"
    challenge = f'DPoP error="use_dpop_nonce", {ALGS}'
    assert refused.value.headers == {"WWW-Authenticate": challenge, "DPoP-Nonce": _nonce()}
    assert not memory.until


@pytest.mark.parametrize("name", BAD)
async def test_a_nonce_makes_no_bad_proof_good(name: str) -> None:
    with pytest.raises(Unauthenticated) as refused:
        await _caller(_door(dpop_nonce=True), BAD[name])
    # A proof that says nothing else wrong is told of the nonce: it tells a stranger nothing.
    assert refused.value.error in ("proof-invalid", "proof-nonce")


async def test_a_proof_with_a_nonce_counts_once_too() -> None:
    door, made = _door(dpop_nonce=True), proof(TOKEN, nonce=_nonce())
    await _caller(door, made)
    with pytest.raises(Unauthenticated) as refused:
        await _caller(door, made)
    assert refused.value.error == "proof-repeated"


async def test_a_nonce_that_nobody_asked_for_is_passed_over() -> None:
    assert (await _caller(_door(), proof(TOKEN, nonce="x"))).client == "case-system"
