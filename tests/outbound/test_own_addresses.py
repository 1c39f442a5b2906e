"""Addresses of our own neighbours, which an operator sets: the EHR's and the token issuer's. The same rules hold."""

import json
from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from app.addresses import IP
from app.config import Settings
from app.ehr.fhir_care_team import FhirCareTeamEhr
from app.ehr.port import EhrAnswer, Outcome, Stint
from app.security import outgoing
from app.security.jwks import from_issuer
from app.security.outgoing import AddressRefused, CheckedTransport, outgoing_client
from app.store.changes import ParticipantRow
from tests.outbound.bypasses import FORMS, OTHER_NAMES, PUBLIC, resolve
from tests.outbound.leaving import ISSUER, LITERALS, NAMES, outside, record_calls
from tests.outbound.listener import Server, listening

_ROW = ParticipantRow(*(["x"] * len(ParticipantRow._fields)))._replace(end_day="2026-11-22", role="56")
_STINT = Stint(
    row=_ROW,
    today="2026-11-22",
    patient=(("urn:oid:2.16.578.1.12.4.1.4.1", "10915596784"),),
    unit_resh="1",
    unit_name="x",
    trust_organisation="2",
    trust_name="y",
)


Call = Callable[[httpx.AsyncClient, str], Awaitable[object]]


def _order(client: httpx.AsyncClient, url: str) -> Awaitable[object]:
    return FhirCareTeamEhr(client, url, "secret", {}).end(_STINT)


def _keys(client: httpx.AsyncClient, url: str) -> Awaitable[object]:
    return from_issuer(client, ISSUER, url)()


def _metadata(client: httpx.AsyncClient, url: str) -> Awaitable[object]:
    return from_issuer(client, url, "")()


OURS: dict[str, tuple[dict[str, Any], Call]] = {
    "ehr_url": ({"ehr_token": "the-secret-of-the-ehr"}, _order),
    "token_jwks_uri": ({"token_jwks_file": None}, _keys),
    "token_issuer": ({"token_jwks_file": None}, _metadata),
}
"""Setting → what else has to be set, and the call that it leads to."""


@pytest.fixture(params=OURS)
def ours(request: pytest.FixtureRequest) -> str:
    """One of the settings."""
    return str(request.param)


def _set(ours: str, url: str, **more: Any) -> Settings:
    return outside(**(OURS[ours][0] | {ours: url} | more))


def test_what_can_be_told_without_asking_anybody_stops_the_start(ours: str) -> None:
    """All 103 forms and literal addresses, but for names that an operator may mean."""
    refused = 0
    for url in (*FORMS, *LITERALS, "https://localhost/fhir", "https://ehr.localhost/fhir"):
        given = url.replace("{port}", "8443")
        if url in OTHER_NAMES:
            _set(ours, given)
            continue
        with pytest.raises(ValidationError) as stopped:
            _set(ours, given)
        assert "the-secret-of-the-ehr" not in str(stopped.value)
        refused += 1
    assert refused == 103


async def test_what_a_name_leads_to_is_told_at_the_call(ours: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "resolve", resolve)
    gone = record_calls(monkeypatch)
    settings = outside()
    for url in (*NAMES, *LITERALS):
        async with outgoing_client(settings, {f"{url}/fhir"}) as client:
            with pytest.raises(AddressRefused):
                await OURS[ours][1](client, f"{url}/fhir")
    assert gone == []


async def test_no_other_address_than_the_one_that_was_set_is_called(
    ours: str, monkeypatch: pytest.MonkeyPatch, listener: Server
) -> None:
    monkeypatch.setattr(outgoing, "resolve", resolve)
    gone = record_calls(monkeypatch)
    async with outgoing_client(outside(), {"https://fhir.kommune.example/fhir"}) as client:
        for form in OTHER_NAMES:
            with pytest.raises(AddressRefused):
                await OURS[ours][1](client, form.replace("{port}", str(listener.port)))
    assert (gone, listener.connections) == ([], 0)


async def test_a_name_that_changes_its_address_meanwhile_gains_nothing(
    ours: str, monkeypatch: pytest.MonkeyPatch, listener: Server
) -> None:
    gone = record_calls(monkeypatch)
    answers = iter([PUBLIC[0], "127.0.0.1"])

    async def rebinding(host: str, port: int) -> list[IP]:
        return [ip_address(next(answers))]

    url = f"https://ehr.example:{listener.port}/fhir"
    async with httpx.AsyncClient(transport=CheckedTransport(outside(), {url}, rebinding)) as client:
        with pytest.raises(ValueError, match=r".+"):  # an empty answer is neither a Bundle nor keys
            await OURS[ours][1](client, url)
        with pytest.raises(AddressRefused):
            await OURS[ours][1](client, url)
    assert gone == [(PUBLIC[0], "ehr.example")]
    assert listener.connections == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(ours: str, status: int, listener: Server) -> None:
    with listening() as other:
        listener.answer = (status, {"Location": f"http://127.0.0.1:{other.port}/taken"}, b"{}")
        async with outgoing_client(Settings(sandbox=True), ()) as client:
            called = OURS[ours][1](client, f"http://127.0.0.1:{listener.port}/fhir")
            if ours == "ehr_url":
                wanted = EhrAnswer(outcome=Outcome.UNAVAILABLE, status=status, reason=f"HTTP {status}")
                assert await called == wanted
            else:
                with pytest.raises(ValueError, match="did not answer 200"):
                    await called
        assert (listener.connections, other.connections) == (1, 0)


def test_a_private_network_is_the_operators_to_open(ours: str) -> None:
    """An EHR or an issuer of the hospital's own stands inside; nothing else of the inside is opened by that."""
    opened = {"private_networks": ["10.20.0.0/16"]}
    _set(ours, "https://10.20.0.7/fhir", **opened)
    for url in ("https://10.21.0.7/fhir", "https://127.0.0.1/fhir", "https://169.254.169.254/fhir"):
        with pytest.raises(ValidationError, match="SAMBAND_PRIVATE_NETWORKS"):
            _set(ours, url, **opened)


async def test_the_ehrs_token_goes_to_its_own_origin_only(listener: Server) -> None:
    """The base is ours, the rest of an address comes from the EHR's answer."""
    with listening() as other:
        client = outgoing_client(outside(), {"https://ehr.example/fhir"})
        for url in (f"http://127.0.0.1:{listener.port}", f"https://127.0.0.1:{other.port}", "https://ehr.example:8443"):
            with pytest.raises(AddressRefused):
                await client.get(url, headers={"Authorization": "Bearer secret"})
        await client.aclose()
        assert (listener.connections, other.connections) == (0, 0)


@pytest.mark.parametrize("number", ["../../evil", "x?y", "x#y", "//evil", "..", "", 7, None, "a" * 65])
async def test_an_id_from_the_ehr_does_not_lead_elsewhere(listener: Server, number: object) -> None:
    team = {"resourceType": "CareTeam", "id": number}
    listener.answer = (200, {}, json.dumps({"resourceType": "Bundle", "entry": [{"resource": team}]}).encode())
    base = f"http://127.0.0.1:{listener.port}/fhir"
    async with outgoing_client(Settings(sandbox=True), ()) as client:
        answer = await FhirCareTeamEhr(client, base, "secret", {}).end(_STINT)
    assert (answer.outcome, answer.reason) == (Outcome.UNAVAILABLE, "bad-id")
    assert [path.partition("?")[0] for path, _ in listener.seen] == ["/fhir/CareTeam"]
