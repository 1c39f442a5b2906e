"""Which access tokens hold: RFC 9068, RFC 6750 and HelseID's rules for APIs, one row each."""

import hmac
import json
import time
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry

from app.errors import SambandError, Unauthenticated
from app.security.caller import Caller, Role
from tests.api.running import codes, running, sandbox_settings
from tests.security.issuing import (
    CLAIMS,
    HOLDER,
    ISSUER,
    KEY,
    NOW,
    ORGANISATION,
    OTHER,
    RSA,
    Clock,
    access,
    bearer,
    bound,
    packed,
    shown,
    signed,
)


async def test_the_caller_is_what_the_token_says() -> None:
    assert await bearer(access(), signed()) == Caller(
        organisation="310471437",
        role=Role.SENDER,
        person="9900011",
        client="case-system",
        scopes=frozenset({"system/Task.cruds"}),
    )


def _signed_under(**header: Any) -> str:
    """A good token with more in its header than the library would write."""
    full = {"alg": "ES256", "typ": "at+jwt", "kid": "one"} | header
    text = f"{packed(json.dumps(full).encode())}.{packed(json.dumps(CLAIMS).encode())}"
    return f"{text}.{packed(JWSRegistry.algorithms['ES256'].sign(text.encode(), KEY))}"


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(signed(header={"typ": "JWT"}), id="typ JWT"),
        pytest.param(signed(header={"typ": "application/at+jwt"}), id="typ in full"),
        pytest.param(_signed_under(by="somebody"), id="a header that nobody knows"),
        pytest.param(_signed_under(x5c=["MIIB" * 400]), id="a certificate in the header"),
        pytest.param(signed(RSA, {"alg": "RS256", "kid": "rsa"}), id="RS256"),
        pytest.param(signed(RSA, {"alg": "PS256", "kid": "rsa"}), id="PS256"),
        pytest.param(signed(aud=["samband"]), id="audience in a list"),
        pytest.param(signed(exp=NOW - 5), id="exp within the leeway"),
        pytest.param(signed(nbf=NOW + 5), id="nbf within the leeway"),
        pytest.param(signed(iat=NOW + 5), id="iat within the leeway"),
        pytest.param(signed(nbf=None), id="no nbf"),
    ],
)
async def test_tokens_that_hold(token: str) -> None:
    assert (await bearer(access(), token)).organisation == "310471437"


def _by_hand(algorithm: str, **header: Any) -> str:
    full = {"alg": algorithm, "typ": "at+jwt", "kid": "one"} | header
    return f"{packed(json.dumps(full).encode())}.{packed(json.dumps(CLAIMS).encode())}"


def _signed_with_the_public_key(**header: Any) -> str:
    signed_part = _by_hand("HS256", **header)
    return f"{signed_part}.{packed(hmac.digest(KEY.as_pem(private=False), signed_part.encode(), 'sha256'))}"


def _signed_with_the_public_modulus() -> str:
    signed_part = _by_hand("HS256", kid="rsa")
    return f"{signed_part}.{packed(hmac.digest(RSA.as_pem(private=False), signed_part.encode(), 'sha256'))}"


FOREIGN = RSAKey.generate_key(2048, {"kid": "one"})
BAD = {
    "alg none": f"{_by_hand('none')}.",
    "alg None": f"{_by_hand('None')}.",
    "no alg": f"{_by_hand('')}.AAAA",
    "public key as secret": _signed_with_the_public_key(),
    "public RSA key as secret": _signed_with_the_public_modulus(),
    "another key": signed(OTHER),
    "alg of another family than the key": signed(FOREIGN, {"alg": "RS256"}),
    "unknown kid": signed(header={"kid": "two"}),
    "no kid": signed(header={"kid": None}),
    "kid is a path": signed(header={"kid": "../../one"}),
    "its own key in the header": signed(OTHER, {"kid": "two", "jwk": OTHER.as_dict(private=False)}),
    "keys at an address in the header": signed(OTHER, {"jku": "https://evil.example/jwks"}),
    "a critical header that nobody knows": f"{_by_hand('ES256', crit=['exp2'], exp2=1)}.AAAA",
    "algorithm not listed": signed(RSA, {"alg": "RS512", "kid": "rsa"}),
    "another typ": signed(header={"typ": "dpop+jwt"}),
    "an id token": signed(header={"typ": "id+jwt"}),
    "empty typ": signed(header={"typ": ""}),
    "no typ": signed(header={"typ": None}),
    "issuer with a slash": signed(iss=f"{ISSUER}/"),
    "a longer issuer": signed(iss=f"{ISSUER}.evil.example"),
    "the beginning of the issuer": signed(iss=ISSUER[:-1]),
    "issuer in capitals": signed(iss=ISSUER.upper()),
    "no issuer": signed(iss=None),
    "issuer in a list": signed(iss=[ISSUER]),
    "another audience": signed(aud="other"),
    "second audience": signed(aud=["samband", "other"]),
    "no audience": signed(aud=None),
    "empty list of audiences": signed(aud=[]),
    "no exp": signed(exp=None),
    "exp is a text": signed(exp="never"),
    "exp is true": signed(exp=True),
    "exp is not a number": signed(exp=float("nan")),
    "exp has a thousand digits": signed(exp=10**1000),
    "not yet": signed(nbf=NOW + 60),
    "issued tomorrow": signed(iat=NOW + 86_400),
    "iat is a text": signed(iat="now"),
    "unknown role": signed(samband_role="king"),
    "the service's own role": signed(samband_role="service"),
    "role is a list": signed(samband_role=["unit"]),
    "scope is a list": signed(scope=["system/Task.cruds"]),
    "no organisation": signed(**{ORGANISATION: None}),
    "bound to a key": bound(),
    "bound to a certificate": signed(cnf={"x5t#S256": "A" * 43}),
    "cnf is a text": signed(cnf="x"),
    "changed signature": signed()[:-4] + "AAAA",
    "no signature": signed().rpartition(".")[0] + ".",
    "two parts": signed().rpartition(".")[0],
    "five parts": f"{signed()}.a.b",
    "claims are a list": f"{_by_hand('ES256').partition('.')[0]}.{packed(b'[]')}.AAAA",
    "nonsense": ".".join(["x" * 3000] * 3),
    "brackets": "[" * 12_000,
    "brackets in a header": f"{packed(b'[' * 9000)}.e30.AAAA",
    "too long": "x" * 20_000,
    "a space in it": f"{signed()} {signed()}",
}


@pytest.mark.parametrize("name", BAD)
async def test_tokens_that_do_not_hold(name: str) -> None:
    with pytest.raises(Unauthenticated) as refused:
        await bearer(access(), BAD[name])
    assert refused.value.error == "token-invalid"
    assert refused.value.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


async def test_expired_beyond_the_leeway() -> None:
    with pytest.raises(Unauthenticated) as refused:
        await bearer(access(), signed(exp=NOW - 6))
    assert refused.value.error == "token-expired"


async def test_a_known_token_expires_all_the_same() -> None:
    clock = Clock()
    door, token = access(clock=clock), signed()
    assert await bearer(door, token) is await bearer(door, token)
    clock.now = NOW + 65
    assert (await bearer(door, token)).client == "case-system"
    clock.now = NOW + 66
    for _ in range(2):
        with pytest.raises(Unauthenticated) as refused:
            await bearer(door, token)
        assert refused.value.error == "token-expired"


@pytest.mark.parametrize(
    ("headers", "code", "challenge"),
    [
        ([], "token-missing", "Bearer"),
        ([("authorization", "DPoP x")], "token-invalid", 'Bearer error="invalid_token"'),
        ([("authorization", f"Bearer {signed()}")] * 2, "token-invalid", 'Bearer error="invalid_token"'),
        ([("authorization", "Basic YTpi")], "token-invalid", 'Bearer error="invalid_token"'),
        ([("authorization", "Bearer")], "token-invalid", 'Bearer error="invalid_token"'),
        ([("dpop", "x")], "token-missing", "Bearer"),
    ],
)
async def test_what_is_no_token(headers: list[tuple[str, str]], code: str, challenge: str) -> None:
    with pytest.raises(Unauthenticated) as refused:
        await shown(access(), *headers)
    assert (refused.value.error, refused.value.headers["WWW-Authenticate"]) == (code, challenge)


UNTIMED = hypothesis.settings(deadline=None, max_examples=60)
_LEAF = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
_JSON = _LEAF | st.lists(_LEAF, max_size=2) | st.dictionaries(st.text(max_size=4), _LEAF, max_size=2)
_NAMES = ["alg", "typ", "kid", "jwk", "crit", "b64"]
_VALUES = ["ES256", "at+jwt", "dpop+jwt", "one", HOLDER.as_dict(private=False), KEY.as_dict(private=True)]
_HEADER = st.dictionaries(st.sampled_from(_NAMES), st.sampled_from(_VALUES) | _JSON)


@UNTIMED
@given(st.binary(max_size=300), st.binary(max_size=300), st.sampled_from(["bearer", "dpop"]))
async def test_any_bytes_are_refused_and_nothing_breaks(token: bytes, proof: bytes, scheme: str) -> None:
    headers = (("authorization", f"{scheme} {token.decode('latin-1')}"), ("dpop", proof.decode("latin-1")))
    with pytest.raises(Unauthenticated):
        await shown(access(fhir_scheme=scheme), *headers)


@UNTIMED
@given(_HEADER, st.dictionaries(st.sampled_from([*CLAIMS, "cnf", "htm", "htu"]), _JSON))
async def test_any_json_is_refused_and_nothing_breaks(header: dict[str, Any], claims: dict[str, Any]) -> None:
    text = f"{packed(json.dumps(header).encode())}.{packed(json.dumps(claims).encode())}.{packed(b'x' * 64)}"
    for door, headers in (
        (access(), [("authorization", f"Bearer {text}")]),
        (access(fhir_scheme="dpop"), [("authorization", f"DPoP {bound()}"), ("dpop", text)]),
    ):
        with pytest.raises(Unauthenticated):
            await shown(door, *headers)


@UNTIMED
@given(st.dictionaries(st.sampled_from([*CLAIMS, "cnf"]), _JSON, min_size=1))
async def test_any_claims_under_a_good_signature_are_an_answer(claims: dict[str, Any]) -> None:
    status = 200
    try:
        await bearer(access(), signed(**claims))
    except SambandError as refused:
        status = refused.status
    assert status in (200, 401, 403)


def test_outside_the_sandbox_the_settings_name_issuer_and_keys(tmp_path: Path) -> None:
    keys = tmp_path / "jwks.json"
    keys.write_text(json.dumps({"keys": [KEY.as_dict(private=False)]}), encoding="utf-8")
    named = {"token_issuer": ISSUER, "token_preset": "sandbox", "token_jwks_file": keys}
    settings = sandbox_settings(tmp_path, sandbox=False, **named)
    with running(settings) as service:
        now = int(time.time())
        headers = {"Authorization": f"Bearer {signed(exp=now + 60, nbf=None, iat=None)}"}
        assert service.client.get("/fhir/v1/Task", headers=headers).status_code == 200
        assert service.client.post("/sandbox/token", data={"persona": "operator"}).status_code == 404
        for path in ("/docs", "/openapi.json", "/docs/docs.js"):
            assert codes(service.client.get(path)) == ["unknown-path"]
        late = {"Authorization": f"Bearer {signed(exp=now - 60, nbf=None, iat=None)}"}
        assert codes(service.client.get("/fhir/v1/Task", headers=late)) == ["token-expired"]
        in_url = service.client.get(f"/fhir/v1/Task?access_token={signed(exp=now + 60, nbf=None, iat=None)}")
        assert (in_url.status_code, codes(in_url)) == (401, ["token-missing"])
    with running(settings.model_copy(update={"docs": True})) as service:
        assert "/sandbox/token" not in service.client.get("/openapi.json").json()["paths"]


def test_keys_that_can_never_verify_stop_the_start(tmp_path: Path) -> None:
    keys = tmp_path / "jwks.json"
    weak: list[dict[str, Any]] = [
        dict(ECKey.generate_key("P-256", {"kid": "private"}).as_dict(private=True)),
        {"kty": "oct", "kid": "secret", "k": "c2VjcmV0"},
        {"kty": "unheard-of", "kid": "new"},
        dict(KEY.as_dict(private=False)) | {"use": "enc"},
        {name: value for name, value in KEY.as_dict(private=False).items() if name != "kid"},
    ]
    keys.write_text(json.dumps({"keys": weak}), encoding="utf-8")
    named = {"token_issuer": ISSUER, "token_preset": "sandbox", "token_jwks_file": keys}
    with (
        pytest.raises(ValueError, match="no key that can be used"),
        running(sandbox_settings(tmp_path, sandbox=False, **named)),
    ):
        pytest.fail("it started")
