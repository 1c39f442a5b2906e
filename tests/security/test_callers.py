"""Presets: who a token is for, where roles come from, and what an issuer's scope names mean."""

from typing import Any

import pytest
from pydantic import ValidationError

from app.errors import Forbidden, SambandError, Unauthenticated
from app.routing.faults import ROLES
from app.security.caller import Caller, Role
from app.security.presets import profile_of
from tests.security.issuing import (
    CHILD,
    HPR,
    MUNICIPALITY,
    ORGANISATION,
    TRUST,
    access,
    bearer,
    bound,
    settings,
    signed,
)

LEVEL = "helseid://claims/identity/security_level"
NO_ROLE: dict[str, Any] = {"samband_role": None, "samband_unit": None}
REHABILITATION = "310470392"
COORDINATING_UNIT = "310471178"
HELSEID: dict[str, Any] = {"token_preset": "helseid", "token_audience": "nhn:samband", "fhir_scheme": "bearer"}


async def _helseid(clients: list[dict[str, str]] | None = None, **claims: Any) -> Caller:
    said = NO_ROLE | {"aud": "nhn:samband", HPR: None} | claims
    return await bearer(access(clients=clients, **HELSEID), signed(**said))


async def _refused(clients: list[dict[str, str]] | None = None, **claims: Any) -> SambandError:
    with pytest.raises(SambandError) as refused:
        await _helseid(clients, **claims)
    return refused.value


async def test_a_municipality_needs_no_more_than_its_number() -> None:
    caller = await _helseid()
    assert (caller.role, caller.organisation, caller.unit) == (Role.SENDER, MUNICIPALITY, "")


async def test_a_role_that_a_helseid_token_claims_is_not_believed() -> None:
    assert (await _helseid(samband_role="operator")).role is Role.SENDER


@pytest.mark.parametrize("organisation", ["310470007", "999999999", "x"])
async def test_others_must_be_told_to_us(organisation: str) -> None:
    refused = await _refused(None, **{ORGANISATION: organisation})
    assert (refused.status, refused.error) == (403, "client-unknown")


@pytest.mark.parametrize(
    ("client", "claims", "role", "unit"),
    [
        ({"role": "unit", "unit": "rehabilitation"}, {}, "unit", "rehabilitation"),
        ({"role": "unit"}, {CHILD: REHABILITATION}, "unit", "rehabilitation"),
        ({"role": "unit"}, {CHILD: COORDINATING_UNIT}, "coordinating-unit", "coordinating-unit"),
        ({"role": "coordinating-unit"}, {}, "coordinating-unit", "coordinating-unit"),
        ({"role": "decision-group"}, {}, "decision-group", "decision-group"),
        ({"role": "ehr"}, {}, "ehr", "ehr"),
        ({"role": "auditor"}, {}, "auditor", ""),
        ({"role": "operator", "organisation": TRUST}, {}, "operator", ""),
    ],
)
async def test_a_client_is_what_the_directory_says(
    client: dict[str, str], claims: dict[str, Any], role: str, unit: str
) -> None:
    caller = await _helseid([{"id": "case-system"} | client], **{ORGANISATION: TRUST} | claims)
    assert (caller.role, caller.unit, caller.organisation) == (role, unit, TRUST)


@pytest.mark.parametrize(
    ("client", "claims", "code"),
    [
        ({"role": "unit"}, {ORGANISATION: TRUST}, "caller-unit-unknown"),
        ({"role": "unit"}, {ORGANISATION: TRUST, CHILD: "310470999"}, "caller-unit-unknown"),
        ({"role": "unit", "unit": "rehabilitation"}, {}, "client-unknown"),
        ({"role": "ehr"}, {}, "client-unknown"),
        ({"role": "sender", "organisation": "310471569"}, {}, "client-unknown"),
    ],
)
async def test_a_client_of_another_place(client: dict[str, str], claims: dict[str, Any], code: str) -> None:
    refused = await _refused([{"id": "case-system"} | client], **claims)
    assert (refused.status, refused.error) == (403, code)


@pytest.mark.parametrize(
    ("organisation", "role", "unit", "known"),
    [
        (MUNICIPALITY, "sender", None, ("sender", "")),
        (TRUST, "sender", None, ("sender", "")),
        (TRUST, "unit", "rehabilitation", ("unit", "rehabilitation")),
        (TRUST, "coordinating-unit", "coordinating-unit", ("coordinating-unit", "coordinating-unit")),
        (TRUST, "coordinating-unit", None, ("coordinating-unit", "coordinating-unit")),
        (TRUST, "decision-group", "decision-group", ("decision-group", "decision-group")),
        (TRUST, "ehr", "ehr", ("ehr", "ehr")),
        (TRUST, "auditor", None, ("auditor", "")),
        (MUNICIPALITY, "auditor", None, ("auditor", "")),
        (TRUST, "operator", None, ("operator", "")),
        ("999999999", "sender", None, "client-unknown"),
        ("999999999", "operator", None, "client-unknown"),
        (MUNICIPALITY, "unit", "rehabilitation", "client-unknown"),
        (MUNICIPALITY, "ehr", None, "client-unknown"),
        (MUNICIPALITY, "coordinating-unit", "coordinating-unit", "client-unknown"),
        (MUNICIPALITY, "sender", "rehabilitation", "caller-unit-unknown"),
        (TRUST, "unit", None, "caller-unit-unknown"),
        (TRUST, "unit", "no-such-unit", "caller-unit-unknown"),
        (TRUST, "unit", "coordinating-unit", "caller-unit-unknown"),
        (TRUST, "unit", "ehr", "caller-unit-unknown"),
        (TRUST, "coordinating-unit", "rehabilitation", "caller-unit-unknown"),
        (TRUST, "decision-group", "coordinating-unit", "caller-unit-unknown"),
        (TRUST, "ehr", "rehabilitation", "caller-unit-unknown"),
        (TRUST, "operator", "rehabilitation", "caller-unit-unknown"),
    ],
)
async def test_a_claimed_role_and_unit_are_those_of_the_directory(
    organisation: str, role: str, unit: str | None, known: tuple[str, str] | str
) -> None:
    said: dict[str, Any] = {ORGANISATION: organisation, "samband_role": role, "samband_unit": unit}
    token = signed(**said)
    if isinstance(known, tuple):
        caller = await bearer(access(), token)
        assert (caller.role, caller.unit, caller.organisation) == (*known, organisation)
        return
    with pytest.raises(Forbidden) as refused:
        await bearer(access(), token)
    assert (refused.value.status, refused.value.error) == (403, known)


async def test_a_person_comes_with_the_highest_level() -> None:
    assert (await _helseid(None, **{HPR: "9900011", LEVEL: "4"})).person == "9900011"
    for level in ("3", None):
        refused = await _refused(None, **{HPR: "9900011", LEVEL: level})
        assert (refused.status, refused.error) == (401, "token-invalid")


@pytest.mark.parametrize(
    ("scope", "granted"),
    [
        ("nhn:samband/task.read", {"system/Task.rs"}),
        ("nhn:samband/task.write nhn:samband/careteam.read", {"system/Task.cu", "system/CareTeam.rs"}),
        ("nhn:samband/need", {"system/Task.crus", "system/Consent.cr"}),
        ("system/Task.rs", {"system/Task.rs"}),
        ("nhn:other/task.read openid", {"nhn:other/task.read", "openid"}),
    ],
)
async def test_helseid_scope_names_mean_smart_scopes(scope: str, granted: set[str]) -> None:
    more: Any = {"nhn:samband/need": "system/Task.crus system/Consent.cr"}
    door = access(token_scopes=more, **HELSEID)
    caller = await bearer(door, signed(aud="nhn:samband", scope=scope, **NO_ROLE | {HPR: None}))
    assert caller.scopes == granted


async def test_a_smart_issuer_knows_clients_and_no_organisations() -> None:
    said: dict[str, Any] = dict.fromkeys((ORGANISATION, HPR, *NO_ROLE))
    clients = [{"id": "case-system", "role": "sender", "organisation": MUNICIPALITY}]
    door = access(token_preset="smart", clients=clients)
    caller = await bearer(door, signed(**said))
    assert (caller.role, caller.organisation) == (Role.SENDER, MUNICIPALITY)
    with pytest.raises(Forbidden) as refused:
        await bearer(door, signed(client_id="stranger", **said))
    assert refused.value.error == "client-unknown"


async def test_claim_names_are_settings() -> None:
    named: Any = {"organisation": "org", "role": "rolle", "client": "azp"}
    door = access(token_preset="smart", token_claims=named)
    caller = await bearer(door, signed(org=MUNICIPALITY, rolle="sender", azp="its-name"))
    assert (caller.role, caller.organisation, caller.client) == (Role.SENDER, MUNICIPALITY, "its-name")


async def test_types_and_algorithms_are_settings() -> None:
    door = access(token_types=["AT+JWT"], token_algorithms=["RS256"])
    for header in ({"typ": "JWT"}, {}):
        with pytest.raises(Unauthenticated):
            await bearer(door, signed(header=header))


@pytest.mark.parametrize(
    "wrong",
    [
        {"token_algorithms": ["HS256"]},
        {"token_algorithms": ["none"]},
        {"token_claims": {"king": "x"}},
        {"fhir_scheme": "both"},
        {"token_preset": "keycloak"},
        {"token_preset": None},
        {"token_issuer": ""},
        {"token_issuer": "http://issuer.example"},
        {"token_jwks_uri": "http://issuer.example/jwks"},
        {"token_jwks_uri": "https://issuer.example/jwks", "token_jwks_file": "jwks.json"},
    ],
)
def test_settings_that_stop_the_start(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings(**wrong)


@pytest.mark.parametrize("meaning", ["", "Task.crus", "system/Task.sr", "system/Task.rs?x=1", "system/Task.rs read"])
def test_a_scope_that_means_nothing_stops_the_start(meaning: str) -> None:
    with pytest.raises(ValueError, match="SAMBAND_TOKEN_SCOPES"):
        profile_of(settings(token_scopes={"nhn:samband/need": meaning}))


def test_a_client_may_have_every_role_that_a_token_may() -> None:
    assert set(ROLES) == set(Role) - {Role.SERVICE}


async def test_a_stranger_shows_its_proof_before_it_is_told_that_it_is_one() -> None:
    with pytest.raises(Unauthenticated) as refused:
        await bearer(access(token_preset="smart"), bound())
    assert refused.value.error == "token-invalid"


PURPOSE: dict[str, Any] = {"code": "TREAT", "system": "urn:oid:2.16.840.1.113883.1.11.20448", "text": "Behandling"}


def _attested(**purpose: Any) -> dict[str, Any]:
    """An attestation of the trust framework, beside what else HelseID is asked for."""
    parameters = {"type": "nhn:tillitsrammeverk:parameters", "care_relationship": {"purpose_of_use": purpose}}
    return {"authorization_details": [{"type": "helseid_authorization"}, parameters]}


async def test_the_purpose_is_that_of_the_attestation() -> None:
    assert (await _helseid(**_attested(**PURPOSE))).purpose == "TREAT"
    assert (await _helseid()).purpose == ""


@pytest.mark.parametrize(
    "claims",
    [
        _attested(**PURPOSE | {"system": "urn:oid:1.2.3"}),
        _attested(**PURPOSE | {"code": "not a code"}),
        _attested(**PURPOSE | {"code": 7}),
        _attested(),
        {"authorization_details": _attested(**PURPOSE)["authorization_details"] * 2},
        {"authorization_details": [{"type": "nhn:tillitsrammeverk:parameters", "care_relationship": "TREAT"}]},
        {"authorization_details": 7},
    ],
)
async def test_what_is_no_attestation_states_no_purpose(claims: dict[str, Any]) -> None:
    assert (await _helseid(**claims)).purpose == ""


async def test_a_claim_of_another_name_may_be_the_code() -> None:
    named = HELSEID | {"token_claims": {"purpose": "samband_purpose"}}
    said = NO_ROLE | {"aud": "nhn:samband", HPR: None, "samband_purpose": "COC"}
    assert (await bearer(access(**named), signed(**said))).purpose == "COC"
