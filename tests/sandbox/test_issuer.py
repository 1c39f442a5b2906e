"""The sandbox's tokens, as a client asks for them and as a resource server reads them."""

import tomllib
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from app.sandbox.issuer import LARGEST_FORM, Issuer, issuer_router
from app.sandbox.personas import (
    CLINICAL_UNITS,
    COORDINATING_UNIT,
    DECISION_GROUP,
    MUNICIPALITIES,
    PERSONAS,
    TRUST,
)
from app.security.scopes import grants
from tests.sandbox.processes import PROJECT
from tests.security.issuing import HOLDER, Clock, Published, access, bearer, proof, shown

NOW = 1_795_300_000_000
ISSUER = Issuer(lambda: NOW)
SANDBOX: dict[str, Any] = {"token_issuer": "https://samband.example/sandbox"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def ask(body: bytes | str, more: dict[str, str] | None = None) -> httpx.Response:
    app = FastAPI()
    app.include_router(issuer_router(ISSUER))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://samband") as client:
        return await client.post("/sandbox/token", content=body, headers=FORM | (more or {}))


async def claims(body: str) -> dict[str, Any]:
    answer = await ask(body)
    assert answer.status_code == 200, answer.text
    keys = KeySet.import_key_set(ISSUER.jwks)
    token = jwt.decode(answer.json()["access_token"], keys, algorithms=["ES256"])
    assert token.header["typ"] == "at+jwt"
    return token.claims


async def test_a_token_says_who_where_what_and_for_how_long() -> None:
    answer = await ask("persona=clinical-unit&unit=rehabilitation")
    assert answer.headers["cache-control"] == "no-store"
    assert {**answer.json(), "access_token": ""} == {
        "access_token": "",
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": PERSONAS["clinical-unit"].scope,
    }
    said = await claims("persona=clinical-unit&unit=rehabilitation")
    assert said["iss"] == "https://samband.example/sandbox"
    assert said["aud"] == "samband"
    assert (said["iat"], said["nbf"], said["exp"]) == (NOW // 1000, NOW // 1000, NOW // 1000 + 3600)
    assert said["helseid://claims/client/claims/orgnr_parent"] == TRUST.number
    assert said["helseid://claims/hpr/hpr_number"] == "9900046"
    assert (said["samband_role"], said["samband_unit"]) == ("unit", "rehabilitation")


async def test_no_two_tokens_have_the_same_jti() -> None:
    assert (await claims("persona=ehr"))["jti"] != (await claims("persona=ehr"))["jti"]


@pytest.mark.parametrize("name", PERSONAS)
async def test_the_service_accepts_the_token_of_every_persona(name: str) -> None:
    clock = Clock()
    clock.now = NOW / 1000
    token = (await ask(f"persona={name}")).json()["access_token"]
    caller = await bearer(access(clock=clock, published=Published(ISSUER.jwks), **SANDBOX), token)
    assert caller.role == PERSONAS[name].role
    assert caller.organisation == PERSONAS[name].organisations[0].number
    assert len(grants(caller.scopes)) >= len(caller.scopes)


@pytest.mark.parametrize("municipality", MUNICIPALITIES)
async def test_a_municipality_is_chosen_by_key_or_number(municipality: Any) -> None:
    for name in (municipality.key, municipality.number):
        said = await claims(f"persona=municipality&organisation={name}")
        assert said["helseid://claims/client/claims/orgnr_parent"] == municipality.number
        assert "samband_unit" not in said


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ("", "persona must be one of municipality, clinical-unit"),
        ('{"persona": "ehr"}', "persona must be one of"),
        ("persona=10915596784", "persona must be one of"),
        ("persona=ehr&persona=ehr", "once each"),
        ("persona=municipality&organisation=10915596784", "organisation must be one of fjordvik, 310471437"),
        ("persona=clinical-unit&unit=10915596784", "unit must be one of neurology-outpatient, 4900101"),
        ("persona=municipality&unit=10915596784", "unit must be one of (none"),
        (b"persona=\xff", "not a form"),
    ],
)
async def test_a_wrong_form_is_told_what_is_allowed_and_not_what_was_sent(body: bytes | str, named: str) -> None:
    answer = await ask(body)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert named in answer.json()["error_description"]
    assert "10915596784" not in answer.text


async def test_a_large_form_is_refused() -> None:
    answer = await ask("persona=ehr&x=" + "y" * LARGEST_FORM)
    assert (answer.status_code, answer.json()["error"]) == (413, "invalid_request")


async def test_the_published_keys_are_public_only() -> None:
    (key,) = ISSUER.jwks["keys"]
    assert (key["kty"], key["crv"], key["alg"], key["use"]) == ("EC", "P-256", "ES256", "sig")
    assert "d" not in key


def test_personas_agree_with_the_directory() -> None:
    directory = tomllib.loads((PROJECT / "directory.toml").read_text(encoding="utf-8"))
    numbers = {key: trust["organisation_number"] for key, trust in directory["trusts"].items()}
    assert {TRUST.key: TRUST.number} == numbers
    numbers = {key: place["organisation_number"] for key, place in directory["municipalities"].items()}
    assert {place.key: place.number for place in MUNICIPALITIES} == numbers
    units = {key: unit["resh"] for key, unit in directory["units"].items()}
    ours = (*CLINICAL_UNITS, COORDINATING_UNIT, DECISION_GROUP)
    assert {unit.key: unit.resh for unit in ours} == units
    people = {(person["unit"], person["hpr"]) for person in directory["practitioners"] if person["category"]}
    assert {(unit.key, unit.person) for unit in ours if unit.person} <= people


def _with_key(key: Any, **header: Any) -> dict[str, str]:
    full = {"typ": "dpop+jwt", "alg": "ES256", "jwk": HOLDER.as_dict(private=False)} | header
    return {"DPoP": jwt.encode(full, {"jti": "1"}, key, algorithms=["ES256"])}


async def test_a_token_is_bound_to_the_key_that_is_shown() -> None:
    answer = await ask("persona=municipality", _with_key(HOLDER))
    assert answer.json()["token_type"] == "DPoP"
    token = answer.json()["access_token"]
    clock = Clock()
    clock.now = NOW / 1000
    door = access(clock=clock, published=Published(ISSUER.jwks), fhir_scheme="dpop", **SANDBOX)
    shows = proof(token, iat=NOW // 1000)
    assert (await shown(door, ("authorization", f"DPoP {token}"), ("dpop", shows))).scheme == "DPoP"


@pytest.mark.parametrize("header", [{"DPoP": "x"}, {"DPoP": ""}, _with_key(ECKey.generate_key("P-256"))])
async def test_a_proof_that_is_none_is_told(header: dict[str, str]) -> None:
    answer = await ask("persona=municipality", header)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof")
