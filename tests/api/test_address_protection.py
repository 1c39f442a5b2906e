"""Patients whose address is protected («kode 6», «kode 7»): who is shown where they live, by every way of reading."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.fhir import codes
from tests.api.running import FHIR, Running, need
from tests.casework.world import parameters, resh

Header = dict[str, str]
V3 = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
FREG = "https://fjordvik.example/fhir/adressegradering"
STRICT = {"system": V3, "code": "V"}
CONFIDENTIAL = {"system": V3, "code": "R"}
STREET, PHONE, MOTHER = "Hemmeligveien 7", "99887766", "Skjult Pårørende"
MARKS = (STREET, PHONE, MOTHER)


@pytest.fixture(scope="session")
def people(each_store: Running) -> dict[str, Header]:
    """The callers; ``fjordvik`` is the author."""
    return {
        "fjordvik": each_store.token("municipality", organisation="fjordvik"),
        "unit": each_store.token("clinical-unit", unit="neurology-outpatient"),
        "office": each_store.token("coordinating-unit"),
        "ehr": each_store.token("ehr"),
    }


def _patient(*labels: dict[str, str], **members: Any) -> dict[str, Any]:
    """A patient without a national number: known by this resource, so that no other test's label counts."""
    return (
        {
            "resourceType": "Patient",
            "name": [{"text": "Kari Prøve"}],
            "text": {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{STREET}</div>'},
            "address": [{"line": [STREET], "city": "Fjordvik"}],
            "telecom": [{"system": "phone", "value": PHONE}],
            "contact": [{"name": {"text": MOTHER}}],
        }
        | ({"meta": {"security": list(labels)}} if labels else {})
        | members
    )


def _made(service: Running, who: Header, content: dict[str, Any]) -> str:
    answer = service.client.post(f"/fhir/v1/{content['resourceType']}", json=content, headers=who | FHIR)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def _case(service: Running, people: dict[str, Header], patient: str, **members: Any) -> str:
    """A need about a Patient, in the unit's queue, with the patient contained once more."""
    content = need(owner=resh("neurology-outpatient"), for_={"reference": f"Patient/{patient}"}, **members)
    content["contained"] = [_patient() | {"id": "p", "resourceType": "Patient"}]
    del content["contained"][0]["text"]
    content["input"].append({"type": {"text": "pasient"}, "valueReference": {"reference": "#p"}})
    return _made(service, people["fjordvik"], content)


def _answers(service: Running, who: Header, patient: str, task: str) -> Iterator[tuple[str, httpx.Response]]:
    """Every way of reading the two."""
    base, get = "/fhir/v1", service.client.get
    for path in (
        f"Patient/{patient}",
        f"Patient/{patient}/_history/1",
        f"Patient/{patient}/_history",
        "Patient/_history?_count=200",
        "_history?_count=200",
        f"Patient?_id={patient}",
        f"?_type=Patient,Task&_id={patient},{task}",
        f"Patient/{patient}?_elements=address,telecom",
        f"Task/{task}",
        f"Task/{task}/_history/1",
        f"Task/{task}/_history",
        f"Task?_id={task}&_include=Task:patient",
    ):
        yield path, get(f"{base}{path}" if path[0] == "?" else f"{base}/{path}", headers=who)
    entry = [{"request": {"method": "GET", "url": url}} for url in (f"Patient/{patient}", f"Task/{task}")]
    batch = {"resourceType": "Bundle", "type": "batch", "entry": entry}
    yield "batch", service.client.post(base, json=batch, headers=who | FHIR)


def _told(service: Running, who: Header, patient: str, task: str) -> set[str]:
    """Ways in which something of where this patient lives is told."""
    mine = _answers(service, who, patient, task)
    return {way for way, answer in mine if any(mark in _about(answer, patient, task) for mark in MARKS)}


def _about(answer: httpx.Response, patient: str, task: str) -> str:
    """The part of an answer that is about these two: a history of all tells of other tests' patients."""
    assert answer.status_code == 200, answer.text
    content = answer.json()
    if content["resourceType"] != "Bundle":
        return answer.text
    entries = [entry["resource"] for entry in content.get("entry", ())]
    mine = [one for one in entries if one.get("id") in {patient, task}]
    assert mine
    return json.dumps(mine, ensure_ascii=False)


@pytest.mark.parametrize(
    "label", [STRICT, {"system": FREG, "code": "strengtFortrolig"}], ids=["v3", "the registry's word"]
)
def test_code_6_is_shown_to_its_author_only(each_store: Running, people: dict[str, Header], label: Any) -> None:
    patient = _made(each_store, people["fjordvik"], _patient(label))
    task = _case(each_store, people, patient)
    assert len(_told(each_store, people["fjordvik"], patient, task)) == 13
    for persona in ("unit", "office"):
        assert _told(each_store, people[persona], patient, task) == set()
    seen = each_store.client.get(f"/fhir/v1/Patient/{patient}", headers=people["unit"]).json()
    assert seen["meta"]["security"][-1]["code"] == "REDACTED"
    for one in (seen["address"][0], seen["telecom"][0], seen["contact"][0]["name"]):
        assert one["extension"][0]["valueCode"] == "masked"
    assert "text" not in seen
    assert seen["name"] == [{"text": "Kari Prøve"}]
    kept = each_store.client.get(f"/fhir/v1/Patient/{patient}", headers=people["fjordvik"]).json()
    assert kept == _patient(label) | {"id": patient, "meta": kept["meta"]}


def test_code_7_is_shown_while_a_case_is_open(each_store: Running, people: dict[str, Header]) -> None:
    patient = _made(each_store, people["fjordvik"], _patient(CONFIDENTIAL))
    task = _case(each_store, people, patient)
    assert len(_told(each_store, people["unit"], patient, task)) == 13
    done = each_store.client.post(
        f"/fhir/v1/Task/{task}/$withdraw",
        content=json.dumps(parameters(reason="Ikke aktuelt")),
        headers=people["fjordvik"] | FHIR,
    )
    assert done.status_code == 200, done.text
    assert _told(each_store, people["unit"], patient, task) == set()
    assert len(_told(each_store, people["fjordvik"], patient, task)) == 13


def test_without_a_label_nothing_is_withheld(each_store: Running, people: dict[str, Header]) -> None:
    patient = _made(each_store, people["fjordvik"], _patient({"system": "https://fjordvik.example", "code": "R"}))
    task = _case(each_store, people, patient)
    assert len(_told(each_store, people["unit"], patient, task)) == 13


def test_a_need_or_an_encounter_says_it_too(each_store: Running, people: dict[str, Header]) -> None:
    patient = _made(each_store, people["fjordvik"], _patient())
    task = _case(each_store, people, patient, meta={"security": [STRICT]})
    assert _told(each_store, people["unit"], patient, task) == set()

    number = {"system": codes.NATIONAL_NUMBER, "value": "15848010070"}
    patient = _made(each_store, people["fjordvik"], _patient(identifier=[number]))
    task = _case(each_store, people, patient)
    assert _told(each_store, people["unit"], patient, task)
    encounter: dict[str, Any] = {
        "resourceType": "Encounter",
        "status": "in-progress",
        "class": {"code": "IMP"},
        "subject": {"identifier": number},
    }
    made = _made(each_store, people["ehr"], encounter | {"meta": {"security": [STRICT]}})
    assert _told(each_store, people["unit"], patient, task) == set()
    # Nobody but who said so takes it back.
    bare = _patient(identifier=[number]) | {"id": patient}
    changed = each_store.client.put(f"/fhir/v1/Patient/{patient}", json=bare, headers=people["fjordvik"] | FHIR)
    assert changed.status_code == 200, changed.text
    assert _told(each_store, people["unit"], patient, task) == set()
    again = each_store.client.put(
        f"/fhir/v1/Encounter/{made}", json=encounter | {"id": made}, headers=people["ehr"] | FHIR
    )
    assert again.status_code == 200, again.text
    assert _told(each_store, people["unit"], patient, task)


def test_the_label_of_a_need_is_not_taken_away(each_store: Running, people: dict[str, Header]) -> None:
    patient = _made(each_store, people["fjordvik"], _patient())
    task = _case(each_store, people, patient, meta={"security": [STRICT]})
    for persona in ("unit", "fjordvik"):
        read = each_store.client.get(f"/fhir/v1/Task/{task}", headers=people[persona])
        wanted = read.json()
        wanted["meta"]["security"] = [{"system": V3, "code": "N"}]
        answer = each_store.client.put(
            f"/fhir/v1/Task/{task}",
            json=wanted,
            headers=people[persona] | FHIR | {"If-Match": read.headers["etag"]},
        )
        assert answer.status_code == 422, answer.text
    assert _told(each_store, people["unit"], patient, task) == set()


def test_who_does_not_see_the_address_works_on_the_case_all_the_same(
    each_store: Running, people: dict[str, Header]
) -> None:
    """What was read is sent back with a move in it: what was withheld stands as it did."""
    patient = _made(each_store, people["fjordvik"], _patient(STRICT))
    task = _case(each_store, people, patient)
    path = f"/fhir/v1/Task/{task}"
    before = each_store.client.get(path, headers=people["fjordvik"]).json()
    read = each_store.client.get(path, headers=people["unit"])
    wanted = read.json() | {
        "status": "accepted",
        "businessStatus": codes.concept(codes.STAGE, "assessing"),
        "note": [{"text": "Vi tar den"}],
    }
    moved = each_store.client.put(path, json=wanted, headers=people["unit"] | FHIR | {"If-Match": read.headers["etag"]})
    assert moved.status_code == 200, moved.text
    assert not any(mark in moved.text for mark in MARKS)
    patch = [{"op": "add", "path": "/note/-", "value": {"text": "Og en til"}}]
    patched = each_store.client.patch(
        path,
        content=json.dumps(patch),
        headers=people["unit"] | {"If-Match": moved.headers["etag"], "Content-Type": "application/json-patch+json"},
    )
    assert patched.status_code == 200, patched.text
    assert not any(mark in patched.text for mark in MARKS)
    asked = each_store.client.post(
        f"{path}/$request-information", content=json.dumps(parameters(question="Hva?")), headers=people["unit"] | FHIR
    )
    assert asked.status_code == 200, asked.text
    assert not any(mark in asked.text for mark in MARKS)
    after = each_store.client.get(path, headers=people["fjordvik"]).json()
    assert after["contained"] == before["contained"]
    assert "REDACTED" not in json.dumps(after)


def test_an_encounter_is_for_the_units_with_an_open_case(each_store: Running, people: dict[str, Header]) -> None:
    patient = _made(each_store, people["fjordvik"], _patient())
    encounter = {
        "resourceType": "Encounter",
        "status": "in-progress",
        "class": {"code": "IMP"},
        "subject": {"reference": f"Patient/{patient}"},
    }
    made = _made(each_store, people["ehr"], encounter)
    stranger = each_store.token("clinical-unit", unit="oncology")

    def seen(who: Header) -> list[bool]:
        get, path = each_store.client.get, f"/fhir/v1/Encounter/{made}"
        ways = get(path, headers=who), get(f"{path}/_history/1", headers=who), get(f"{path}/_history", headers=who)
        found = get(f"/fhir/v1/Encounter?_id={made}&_total=accurate", headers=who).json()
        all_types = get(f"/fhir/v1?_type=Encounter&_id={made}", headers=who).json()
        assert found["total"] == len(found.get("entry", ())) == len(all_types.get("entry", ()))
        return [*(one.status_code == 200 for one in ways), found["total"] == 1]

    assert seen(people["unit"]) == seen(stranger) == seen(people["ehr"]) == [True] * 4
    task = _case(each_store, people, patient, meta={"security": [CONFIDENTIAL]})
    assert seen(stranger) == [False] * 4
    assert seen(people["unit"]) == seen(people["ehr"]) == seen(people["office"]) == [True] * 4
    handed = each_store.client.post(
        f"/fhir/v1/Task/{task}/$transfer",
        content=json.dumps(parameters(unit="oncology", reason="Hører til hos dere")),
        headers=people["unit"] | FHIR,
    )
    assert handed.status_code == 200, handed.text
    assert seen(stranger) == [True] * 4
    assert seen(people["unit"]) == [False] * 4
