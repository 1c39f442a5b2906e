"""The issuer's keys: rotation without a restart, a bound on fetches, and an issuer that is away."""

import asyncio
from ipaddress import ip_address
from typing import Any
from uuid import uuid4

import httpx
import pytest
import respx
from joserfc.jwk import ECKey

from app.addresses import IP
from app.errors import Unauthenticated, Unavailable
from app.security.access import Access
from app.security.jwks import from_issuer
from app.security.outgoing import AddressRefused, CheckedTransport
from tests.security.issuing import ISSUER, JWKS, KEY, NOW, Clock, Published, access, bearer, settings, signed

NEW = ECKey.generate_key("P-256", {"kid": "two", "use": "sig"})
ROTATED: dict[str, Any] = {"keys": [NEW.as_dict(private=False)]}
BOTH: dict[str, Any] = {"keys": [*JWKS["keys"], *ROTATED["keys"]]}
FOREVER: dict[str, Any] = {"exp": NOW + 10**6}


def _with_new_key(**claims: Any) -> str:
    return signed(NEW, {"kid": "two"}, **FOREVER, **claims)


async def _settled() -> None:
    """Let a fetch in the background land."""
    for _ in range(10):
        await asyncio.sleep(0)


async def _refused(door: Access, token: str) -> str:
    with pytest.raises(Unauthenticated) as refused:
        await bearer(door, token)
    return refused.value.error


async def test_a_thousand_unknown_keys_lead_to_two_fetches() -> None:
    published = Published()
    door = access(published=published)
    tokens = [signed(header={"kid": uuid4().hex}) for _ in range(1000)]
    answers = await asyncio.gather(*(bearer(door, token) for token in tokens), return_exceptions=True)
    assert {type(answer) for answer in answers} == {Unauthenticated}
    assert published.asked == 2


async def test_a_new_key_is_taken_without_a_restart_and_the_old_one_dies() -> None:
    clock, published = Clock(), Published()
    door = access(published=published, clock=clock)
    await bearer(door, signed(**FOREVER))
    published.document = BOTH
    assert (await bearer(door, _with_new_key())).client == "case-system"
    assert published.asked == 2
    published.document = ROTATED
    clock.now += 299
    await bearer(door, signed(**FOREVER))
    clock.now += 2
    await bearer(door, signed(**FOREVER))  # starts the fetch, and waits for nothing
    await _settled()
    assert await _refused(door, signed(**FOREVER)) == "token-invalid"
    assert (await bearer(door, _with_new_key())).client == "case-system"


async def test_unknown_keys_are_asked_for_once_a_minute() -> None:
    clock, published = Clock(), Published()
    door = access(published=published, clock=clock)
    for second in range(0, 180, 10):
        clock.now = NOW + second
        assert await _refused(door, _with_new_key(jti=str(second))) == "token-invalid"
    assert published.asked == 1 + 3


async def test_all_wait_for_one_fetch() -> None:
    published = Published()
    door = access(published=published)
    callers = await asyncio.gather(*(bearer(door, signed(jti=str(number))) for number in range(50)))
    assert len(callers) == 50
    assert published.asked == 1


async def test_nonsense_never_asks_the_issuer() -> None:
    published = Published()
    door = access(published=published)
    for token in ("x", "a.b.c", signed(header={"typ": "id+jwt"}), signed(header={"kid": None})):
        await _refused(door, token)
    assert published.asked == 0


async def test_an_issuer_that_is_away_at_start_is_somebody_elses_failure() -> None:
    clock, published = Clock(), Published()
    published.document = None
    door = access(published=published, clock=clock)
    for _ in range(20):
        with pytest.raises(Unavailable) as away:
            await bearer(door, signed())
        assert (away.value.error, away.value.headers) == ("issuer-unavailable", {"Retry-After": "10"})
    assert published.asked == 1
    assert await _refused(door, "nonsense") == "token-invalid"
    published.document = JWKS
    clock.now += 10
    assert (await bearer(door, signed())).client == "case-system"


async def test_an_hour_without_the_issuer_is_survived_and_more_is_not() -> None:
    clock, published = Clock(), Published()
    door = access(published=published, clock=clock, token_jwks_keep=7200)
    known = signed(**FOREVER)
    await bearer(door, known)
    published.document = None
    for minute in range(1, 120):
        clock.now = NOW + 60 * minute
        assert (await bearer(door, known)).client == "case-system"
        assert (await bearer(door, signed(jti=str(minute), **FOREVER))).client == "case-system"
        await _settled()
    clock.now = NOW + 7200
    for token in (known, signed(jti="last", **FOREVER)):
        with pytest.raises(Unavailable):
            await bearer(door, token)
    published.document = JWKS
    clock.now += 10
    assert (await bearer(door, known)).client == "case-system"


async def test_an_outage_asks_every_ten_seconds_at_most() -> None:
    clock, published = Clock(), Published()
    door = access(published=published, clock=clock)
    await bearer(door, signed(**FOREVER))
    published.document = None
    clock.now = NOW + 300
    for _ in range(100):
        clock.now += 0.5
        await bearer(door, signed(**FOREVER))
        await _settled()
    assert published.asked == 1 + 6


async def test_a_clock_that_is_set_back_stops_nothing() -> None:
    clock, published = Clock(), Published()
    door = access(published=published, clock=clock)
    await bearer(door, signed(**FOREVER))
    clock.now = NOW - 3
    published.document = BOTH
    await bearer(door, signed(**FOREVER))
    await _settled()
    assert (await bearer(door, _with_new_key())).client == "case-system"


METADATA = {"issuer": ISSUER, "jwks_uri": "https://issuer.example/keys"}


async def _fetched(jwks_uri: str = "") -> Any:
    async def found(_host: str, _port: int) -> list[IP]:
        return [ip_address("8.8.8.8")]

    transport = CheckedTransport(settings(), {ISSUER, "https://keys.example"}, found)
    async with httpx.AsyncClient(transport=transport) as client:
        return await from_issuer(client, ISSUER, jwks_uri)()


def _at(address: str) -> dict[str, Any]:
    """The request for an address, as it is sent to the checked machine."""
    url = httpx.URL(address)
    return {"url": str(url.copy_with(host="8.8.8.8")), "headers": {"host": url.host}}


async def test_the_metadata_says_where_the_keys_are(respx_mock: respx.MockRouter) -> None:
    respx_mock.get(**_at(f"{ISSUER}/.well-known/openid-configuration")).respond(json=METADATA)
    respx_mock.get(**_at("https://issuer.example/keys")).respond(json=JWKS)
    assert await _fetched() == JWKS


async def test_a_configured_address_needs_no_metadata(respx_mock: respx.MockRouter) -> None:
    respx_mock.get(**_at("https://keys.example/")).respond(json=JWKS)
    assert await _fetched("https://keys.example/") == JWKS


@pytest.mark.parametrize(
    "metadata",
    [
        METADATA | {"issuer": f"{ISSUER}/"},
        METADATA | {"jwks_uri": "http://issuer.example/keys"},
        METADATA | {"jwks_uri": "https://elsewhere.example/keys"},
        METADATA | {"jwks_uri": "file:///etc/passwd"},
        METADATA | {"jwks_uri": None},
        {"issuer": ISSUER},
        [],
    ],
)
async def test_metadata_that_is_not_followed(respx_mock: respx.MockRouter, metadata: Any) -> None:
    respx_mock.get(**_at(f"{ISSUER}/.well-known/openid-configuration")).respond(json=metadata)
    with pytest.raises((ValueError, TypeError, KeyError, AddressRefused)):
        await _fetched()


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(302, headers={"location": "https://evil.example/"}),
        httpx.Response(500),
        httpx.Response(200, content=b"<html>"),
        httpx.Response(200, json=[KEY.as_dict(private=False)]),
    ],
)
async def test_answers_that_are_no_keys(respx_mock: respx.MockRouter, answer: httpx.Response) -> None:
    respx_mock.get(**_at("https://keys.example/")).mock(return_value=answer)
    with pytest.raises((ValueError, TypeError)):
        await _fetched("https://keys.example/")


async def test_one_key_that_cannot_be_read_does_not_hide_the_others() -> None:
    odd: list[Any] = [{"kty": "AKP", "kid": "pq"}, {"kty": "EC", "kid": "broken", "crv": "P-256"}, "text", None]
    assert (await bearer(access(published=Published({"keys": [*odd, *JWKS["keys"]]})), signed())).client


async def test_keys_that_cannot_be_used_do_not_replace_those_that_can() -> None:
    clock, published = Clock(), Published()
    door = access(published=published, clock=clock)
    await bearer(door, signed(**FOREVER))
    published.document = {"keys": []}
    clock.now = NOW + 301
    await bearer(door, signed(**FOREVER))
    await _settled()
    assert (await bearer(door, signed(**FOREVER))).client == "case-system"
