"""Links between the entries of a transaction, and references that are a search: only these are replaced."""

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.fhir.resources import STORED
from benchmarks.needs import patients
from tests.api.running import FHIR, Running, codes, need
from tests.api.smallest import WITHOUT_IDENTIFIER, smallest

Header = dict[str, str]
BASE = "/fhir/v1"
NATIONAL = "urn:oid:2.16.578.1.12.4.1.4.1"
PATIENTS = patients(uuid4().int)


@pytest.fixture(scope="module")
def service(each_store: Running) -> Running:
    """The sandbox on each database."""
    return each_store


@pytest.fixture(scope="module")
def municipality(service: Running) -> Header:
    """Authorization of a municipality's case system."""
    return service.token("municipality", organisation="fjordvik")


@pytest.fixture(scope="module")
def neighbour(service: Running) -> Header:
    """Authorization of another municipality's."""
    return service.token("municipality", organisation="dalheim")


def _entry(resource: dict[str, Any], full_url: str = "", method: str = "POST", url: str = "") -> dict[str, Any]:
    content = {"resource": resource, "request": {"method": method, "url": url or resource["resourceType"]}}
    return content | ({"fullUrl": full_url} if full_url else {})


def _post(service: Running, headers: Header, *entries: dict[str, Any], kind: str = "transaction") -> httpx.Response:
    bundle = {"resourceType": "Bundle", "type": kind, "entry": list(entries)}
    return service.client.post(BASE, content=json.dumps(bundle), headers=headers | FHIR)


def _made(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    return [entry["resource"] for entry in answer.json()["entry"]]


def _note(reference: str, **more: Any) -> dict[str, Any]:
    return smallest("Communication", basedOn=[{"reference": reference}], **more)


def test_an_entry_may_be_named_as_on_another_server(service: Running, municipality: Header) -> None:
    """R4 2.36.4.1: an absolute fullUrl, and a relative reference beside it; HL7's own example does so."""
    other = "https://elsewhere.example/fhir"
    request = _entry(smallest("ServiceRequest"), f"{other}/ServiceRequest/7")
    asked, absolute, relative, elsewhere = _made(
        _post(
            service,
            municipality,
            request,
            _entry(_note(f"{other}/ServiceRequest/7")),
            _entry(_note("ServiceRequest/7"), f"{other}/Communication/1"),
            _entry(_note("ServiceRequest/7"), f"urn:uuid:{uuid4()}"),
        )
    )
    here = f"ServiceRequest/{asked['id']}"
    assert [one["basedOn"][0]["reference"] for one in (absolute, relative, elsewhere)] == [
        here,
        here,
        "ServiceRequest/7",
    ]


def test_our_own_address_of_an_entry_stays(service: Running, municipality: Header) -> None:
    (answer,) = _post(service, municipality, _entry(smallest("ServiceRequest"))).json()["entry"]
    asked, address = answer["resource"], answer["fullUrl"]
    put = _entry(asked | {"language": "nb"}, address, "PUT", f"ServiceRequest/{asked['id']}")
    _, note = _made(_post(service, municipality, put, _entry(_note(address))))
    assert note["basedOn"] == [{"reference": address}]


@pytest.mark.parametrize("type_name", sorted({one.name for one in STORED if "sender" in one.writers}))
def test_an_entry_of_any_type_is_linked_to(service: Running, municipality: Header, type_name: str) -> None:
    """Sent twice: the second time the link leads to what the number made the first time; without one, to a new one."""
    link = f"urn:uuid:{uuid4()}"
    entry = _entry(smallest(type_name), link)
    extension = [{"url": "https://fjordvik.example/ved", "valueReference": {"reference": link}}]
    notes = [_entry(smallest("Communication", extension=extension)) for _ in range(2)]
    (made, first), (again, second) = (_made(_post(service, municipality, entry, note)) for note in notes)
    assert (made["id"] == again["id"]) is (type_name not in WITHOUT_IDENTIFIER)
    for note, linked in ((first, made), (second, again)):
        assert note["extension"][0]["valueReference"] == {"reference": f"{type_name}/{linked['id']}"}


def test_a_conditional_reference_becomes_the_one_that_matches(service: Running, municipality: Header) -> None:
    number = next(PATIENTS)
    identifier = [{"system": NATIONAL, "value": number}]
    known = {"resourceType": "Patient", "identifier": identifier}
    (patient,) = _made(_post(service, municipality, _entry(known)))
    condition = f"Patient?identifier={NATIONAL}|{number}"
    told, related = _made(
        _post(
            service,
            municipality,
            _entry(smallest("Communication", subject={"reference": condition, "display": condition})),
            _entry(smallest("RelatedPerson", patient={"reference": condition})),
        )
    )
    here = {"reference": f"Patient/{patient['id']}"}
    assert (told["subject"], related["patient"]) == (here | {"display": condition}, here)
    again = service.client.get(f"{BASE}/Communication/{told['id']}", headers=municipality)
    assert again.json()["subject"] == told["subject"]


def test_a_conditional_reference_of_a_need(service: Running, municipality: Header) -> None:
    number = {"system": "https://fjordvik.example/henvisning", "value": uuid4().hex}
    (asked,) = _made(_post(service, municipality, _entry(smallest("ServiceRequest") | {"identifier": [number]})))
    condition = f"ServiceRequest?identifier={number['system']}|{number['value']}"
    (case,) = _made(_post(service, municipality, _entry(need(focus={"reference": condition}))))
    assert case["focus"] == {"reference": f"ServiceRequest/{asked['id']}"}


def test_a_conditional_reference_finds_none_or_several(
    service: Running, municipality: Header, neighbour: Header
) -> None:
    code = f"https://fjordvik.example/tema|{uuid4().hex}"
    system, _, value = code.partition("|")
    requests = [
        _entry(smallest("ServiceRequest", code={"coding": [{"system": system, "code": value}]})) for _ in range(2)
    ]
    _made(_post(service, municipality, *requests))
    several, none, foreign = (
        (municipality, f"ServiceRequest?code={code}", "several-matches"),
        (municipality, f"ServiceRequest?code={system}|{uuid4().hex}", "no-match"),
        (neighbour, f"ServiceRequest?code={code}", "no-match"),
    )
    for headers, reference, code_ in (several, none, foreign):
        before = service.client.get(f"{BASE}/Communication?_summary=count", headers=headers).json()["total"]
        answer = _post(service, headers, _entry(smallest("Communication")), _entry(_note(reference)))
        assert (answer.status_code, codes(answer)) == (412, [code_])
        (issue,) = answer.json()["issue"]
        assert issue["expression"] == ["Bundle.entry[1].resource.basedOn[0].reference"]
        assert value not in answer.text
        after = service.client.get(f"{BASE}/Communication?_summary=count", headers=headers).json()["total"]
        assert after == before
    unknown = _post(service, neighbour, _entry(smallest("Communication")), _entry(_note(none[1])))
    hidden = _post(service, neighbour, _entry(smallest("Communication")), _entry(_note(several[1])))
    assert hidden.content == unknown.content


@pytest.mark.parametrize(
    ("reference", "status", "code"),
    [
        ("ServiceRequest?", 400, "empty-condition"),
        ("ServiceRequest?colour=red", 400, "unknown-parameter"),
        ("ServiceRequest?_count=1", 400, "empty-condition"),
        ("Banana?identifier=x", 400, "unknown-type"),
        ("Patient?identifier=x|y", 412, "no-match"),
    ],
)
def test_a_conditional_reference_that_cannot_be(
    service: Running, municipality: Header, reference: str, status: int, code: str
) -> None:
    answer = _post(service, municipality, _entry(_note(reference)))
    assert (answer.status_code, codes(answer)) == (status, [code]), answer.text
    assert answer.json()["issue"][0]["expression"] == ["Bundle.entry[0].resource.basedOn[0].reference"]


def test_a_match_of_a_type_that_is_not_allowed_there(service: Running, municipality: Header) -> None:
    number = {"system": "https://fjordvik.example/pasient", "value": uuid4().hex}
    _made(_post(service, municipality, _entry(smallest("Patient") | {"identifier": [number]})))
    wrong = {"resourceType": "Consent"} | smallest("Consent")
    wrong["organization"] = [{"reference": f"Patient?identifier={number['system']}|{number['value']}"}]
    answer = _post(service, municipality, _entry(wrong))
    assert (answer.status_code, codes(answer)) == (422, ["wrong-reference-target"])


def test_only_a_transaction_knows_them(service: Running, municipality: Header) -> None:
    entry = _entry(_note("ServiceRequest?identifier=x|y"))
    answer = _post(service, municipality, entry, kind="batch")
    assert [one["response"]["status"] for one in answer.json()["entry"]] == ["422"]
    alone = service.client.post(f"{BASE}/Communication", json=entry["resource"], headers=municipality | FHIR)
    assert (alone.status_code, codes(alone)) == (422, ["wrong-format"])
