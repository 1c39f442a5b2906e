"""What a refusal says to people: the text of its own code, in the language that they ask for."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.errors import TEXTS
from tests.api.running import EXAMPLES, FHIR, Running, codes, need

Header = dict[str, str]
Sends = Callable[[Running, Header, Header], httpx.Response]
"""A request by a municipality in a language; the headers are Authorization and Accept-Language."""


def _created(**changes: Any) -> Sends:
    return lambda service, who, language: service.post_need(who | language, need(**changes))


def _asked(path: str) -> Sends:
    return lambda service, who, language: service.client.get(f"/fhir/v1/{path}", headers=who | language)


def _anonymous(authorization: str) -> Sends:
    named = {"Authorization": authorization} if authorization else {}
    return lambda service, _, language: service.client.get("/fhir/v1/Task", headers=named | language)


def _invoked(operation: str, *, steps: tuple[str, ...] = (), persona: str = "clinical-unit") -> Sends:
    """An operation on a new case, after those that the unit has invoked before."""

    def send(service: Running, who: Header, language: Header) -> httpx.Response:
        path = f"/fhir/v1/Task/{service.post_need(who).json()['id']}"
        unit = service.token("clinical-unit", unit="neurology-outpatient")
        for step in steps:
            done = service.client.post(f"{path}/${step}", content=_parameters(step), headers=unit | FHIR)
            assert done.status_code == 200, done.text
        actor = unit if persona == "clinical-unit" else service.token(persona, organisation="fjordvik")
        return service.client.post(
            f"{path}/${operation}", content=_parameters(operation), headers=actor | FHIR | language
        )

    return send


def _parameters(operation: str) -> str:
    given = _GIVEN.get(operation)
    return json.dumps({"resourceType": "Parameters"} | ({"parameter": given} if given else {}))


def _registered(**changes: Any) -> Sends:
    """The registration of a coordinator; ``changes`` replace parameters, None removes one."""

    def send(service: Running, _: Header, language: Header) -> httpx.Response:
        content = json.loads((EXAMPLES / "register-coordinator.json").read_text(encoding="utf-8"))
        named = {row["name"]: row for row in content["parameter"]} | changes
        content["parameter"] = [row for row in named.values() if row]
        unit = service.token("clinical-unit", unit="habilitation")
        path = "/fhir/v1/CareTeam/$register-coordinator"
        return service.client.post(path, content=json.dumps(content), headers=unit | FHIR | language)

    return send


def _put(version: str, **changes: Any) -> Sends:
    def send(service: Running, who: Header, language: Header) -> httpx.Response:
        made = service.post_need(who).json()
        made.pop("meta")
        content = json.dumps({**made, **changes})
        conditions = {"If-Match": version} if version else {}
        return service.client.put(
            f"/fhir/v1/Task/{made['id']}", content=content, headers=who | FHIR | language | conditions
        )

    return send


_UNIT = {"identifier": {"system": "urn:oid:2.16.578.1.12.4.1.4.102", "value": "4209001"}}
_GIVEN: dict[str, list[dict[str, Any]]] = {
    "transfer": [{"name": "unit", "valueReference": _UNIT}, {"name": "reason", "valueString": "En annen enhet."}],
    "request-information": [{"name": "question", "valueString": "Hva er behovet?"}],
    "withdraw": [{"name": "reason", "valueString": "Trengs ikke."}],
}
_FAX = {"name": "telecom", "valueContactPoint": {"system": "fax", "value": "55501107"}}
_SOMEBODY = {
    "name": "practitioner",
    "valueReference": {
        "identifier": {"system": "urn:oid:2.16.578.1.12.4.1.4.4", "value": "9900119"},
        "display": "Geir Nesbakken",
    },
}


def _consent(*, given: bool) -> dict[str, Any]:
    parts = [{"name": "given", "valueBoolean": given}, {"name": "date", "valueDate": "2026-10-30"}]
    return {"name": "consent", "part": parts}


CASES: list[tuple[str, int, Sends]] = [
    ("token-missing", 401, _anonymous("")),
    ("token-invalid", 401, _anonymous("Bearer a.b.c")),
    ("not-found", 404, _asked(f"Task/{uuid4()}")),
    ("unknown-type", 404, _asked("Basic")),
    ("unknown-parameter", 400, _asked("Task?colour=red")),
    ("bad-date", 400, _asked("Task?authored-on=2026-02-30")),
    ("missing-element", 422, _created(intent=None)),
    ("unknown-code", 422, _created(priority="quick")),
    ("need-missing", 422, _created(description=None, reasonCode=None, input=None, focus=None, note=None)),
    ("sender-number-missing", 422, _created(identifier=None)),
    ("precondition-missing", 428, _put("")),
    ("stale-version", 412, _put('W/"7"')),
    ("immutable-element", 422, _put('W/"1"', intent="plan")),
    ("move-not-allowed", 409, _invoked("appoint")),
    ("move-not-allowed", 409, _invoked("accept", steps=("accept",))),
    ("move-not-allowed", 409, _invoked("withdraw", steps=("accept",), persona="municipality")),
    ("parameter-missing", 422, _invoked("decline")),
    ("consent-missing", 409, _registered(consent=None)),
    ("consent-refused", 409, _registered(consent=_consent(given=False))),
    ("not-health-personnel", 409, _registered(practitioner=_SOMEBODY)),
    ("telecom-invalid", 422, _registered(telecom=_FAX)),
    ("no-such-move", 409, _put('W/"1"', status="completed")),
]


@pytest.mark.parametrize(("code", "status", "sends"), CASES)
def test_a_refusal_is_told_in_both_languages(
    service: Running, municipality: Header, code: str, status: int, sends: Sends
) -> None:
    english = [{}, {"Accept-Language": "en"}, {"Accept-Language": "nb;q=0.2, en-GB;q=0.7"}, {"Accept-Language": "sv"}]
    norwegian = [{"Accept-Language": name} for name in ("nb", "no", "nn-NO", "en;q=0.3, nb;q=0.8")]
    for language, expected in ((english, TEXTS[code].en), (norwegian, TEXTS[code].nb)):
        for header in language:
            answer = sends(service, municipality, header)
            assert answer.status_code == status, answer.text
            assert code in codes(answer), answer.text
            said = [one["details"]["text"] for one in answer.json()["issue"] if code in str(one["details"])]
            assert set(said) == {expected}


def test_a_case_worker_reads_why_in_norwegian(service: Running, municipality: Header, task: str, unit: Header) -> None:
    headers = unit | FHIR | {"Accept-Language": "nb"}
    first = service.client.post(f"/fhir/v1/Task/{task}/$accept", headers=headers)
    assert first.status_code == 200, first.text
    (issue,) = service.client.post(f"/fhir/v1/Task/{task}/$accept", headers=headers).json()["issue"]
    assert issue["details"]["text"] == (
        "Saken tillater ikke dette steget fra deg nå. Stegene som er åpne for deg, er oppgitt."
    )
    assert "$appoint" in issue["diagnostics"]
    assert issue["expression"] == ["Task.businessStatus"]


@pytest.mark.parametrize(
    ("sends", "expression"),
    [
        (_invoked("appoint"), "Task.businessStatus"),
        (_put('W/"1"', status="completed"), "Task.status"),
        (_put('W/"1"', businessStatus={"text": "ferdig"}), "Task.businessStatus"),
    ],
)
def test_a_409_of_a_case_names_the_element_that_is_the_reason(
    service: Running, municipality: Header, sends: Sends, expression: str
) -> None:
    answer = sends(service, municipality, {})
    assert answer.status_code in {409, 422}, answer.text
    assert answer.json()["issue"][0]["expression"] == [expression], answer.text
