"""The request to cancel a case over HTTP: who is let in, what a stranger learns, Bundles, conditions, both answers."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api.ledger import Ledger
from tests.api.running import CANARY, EXAMPLES, FHIR, Running, codes, need

Header = dict[str, str]
BASE = "/fhir/v1"
PATCH = {"Content-Type": "application/json-patch+json", "If-Match": 'W/"1"'}
WHY = "Pasienten har fått fast kontakt i kommunen."


class Case:
    """A case that its unit assesses, and who is who to it."""

    def __init__(self, service: Running) -> None:
        self.service = service
        self.sender = service.token("municipality", organisation="fjordvik")
        self.stranger = service.token("municipality", organisation="dalheim")
        self.unit = service.token("clinical-unit", unit="neurology-outpatient")
        self.id = str(service.post_need(self.sender, need()).json()["id"])
        assert service.client.post(f"{BASE}/Task/{self.id}/$accept", headers=self.unit).status_code == 200

    def abort(self, number: str = "", **more: Any) -> dict[str, Any]:
        """The request as the sender writes it."""
        return {
            "resourceType": "Task",
            "identifier": [{"system": "https://fjordvik.example/fhir/saksnummer", "value": number or uuid4().hex}],
            "status": "requested",
            "intent": "order",
            "code": {
                "coding": [{"system": "https://samband.example/fhir/CodeSystem/coordination-task", "code": "abort"}]
            },
            "description": WHY,
            "focus": {"reference": f"Task/{self.id}"},
        } | more

    def post(self, who: Header | None = None, **more: Any) -> httpx.Response:
        """The request, posted."""
        headers = self.sender if who is None else who
        return self.service.client.post(f"{BASE}/Task", content=json.dumps(self.abort(**more)), headers=headers | FHIR)

    def answer(self, request: str, status: str, who: Header | None = None) -> httpx.Response:
        """An answer by JSON Patch of the first version."""
        steps = [
            {"op": "replace", "path": "/status", "value": status},
            {"op": "add", "path": "/statusReason", "value": {"text": "Avtalt på telefon"}},
        ]
        headers = (self.unit if who is None else who) | PATCH
        return self.service.client.patch(f"{BASE}/Task/{request}", content=json.dumps(steps), headers=headers)

    def read(self, path: str = "", who: Header | None = None) -> Any:
        """What the sender is shown of a path, by default of the case."""
        headers = self.sender if who is None else who
        return self.service.client.get(f"{BASE}/{path or f'Task/{self.id}'}", headers=headers).json()

    def moves(self) -> list[tuple[str, str]]:
        """What Provenance tells the sender, oldest first, each with its reason."""
        found = self.read(f"Provenance?target=Task/{self.id}&_count=50")["entry"]
        rows = [entry["resource"] for entry in found][::-1]
        return [(row["activity"]["coding"][0]["code"], row.get("reason", [{}])[0].get("text", "")) for row in rows]


@pytest.fixture
def case(each_store: Running) -> Case:
    """A new one."""
    return Case(each_store)


def found_by(case: Case, who: Header, query: str) -> list[str]:
    """Ids that a search of Tasks finds."""
    bundle = case.read(f"Task?{query}&_count=200", who)
    return [entry["resource"]["id"] for entry in bundle.get("entry", ()) if entry["search"]["mode"] == "match"]


def test_asked_found_and_answered(case: Case) -> None:
    made = case.post()
    assert (made.status_code, made.headers["etag"]) == (201, 'W/"1"')
    request = made.json()["id"]
    worklist = "owner:identifier=4900101&status=requested&code=abort"
    assert request in found_by(case, case.unit, worklist)
    assert found_by(case, case.unit, f"focus=Task/{case.id}&code=abort") == [request]
    included = case.read(f"Task?_id={request}&_include=Task:focus", case.unit)["entry"]
    assert {entry["resource"]["id"] for entry in included} == {request, case.id}
    answer = case.answer(request, "completed")
    assert (answer.status_code, answer.json()["status"]) == (200, "completed"), answer.text
    task = case.read()
    assert (task["status"], task["statusReason"]["text"]) == ("cancelled", WHY)
    assert case.moves()[-2:] == [("request-abort", WHY), ("abort", WHY)]
    assert request not in found_by(case, case.unit, worklist)


def test_a_no_is_told_with_its_reason(case: Case) -> None:
    request = case.post().json()["id"]
    assert case.answer(request, "rejected").status_code == 200
    assert case.read()["status"] == "accepted"
    assert case.moves()[-1] == ("abort-rejected", "Avtalt på telefon")
    assert case.read(f"Task/{request}")["statusReason"] == {"text": "Avtalt på telefon"}


def test_who_is_not_let_in(case: Case) -> None:
    body = json.dumps(case.abort())
    nobody = case.service.client.post(f"{BASE}/Task", content=body, headers=FHIR)
    assert (nobody.status_code, codes(nobody)) == (401, ["token-missing"])
    ehr = case.post(case.service.token("ehr"))
    assert (ehr.status_code, codes(ehr)) == (403, ["insufficient-scope"])
    request = case.post().json()["id"]
    assert case.service.client.patch(f"{BASE}/Task/{request}", content=b"[]", headers=PATCH).status_code == 401


def test_a_stranger_learns_nothing(case: Case) -> None:
    request = case.post().json()["id"]
    client, stranger = case.service.client, case.stranger
    made_up = str(uuid4())
    foci = [{"reference": f"Task/{key}"} for key in (case.id, made_up)]
    answers = [case.post(stranger, number="x", focus=focus) for focus in foci]
    assert [one.status_code for one in answers] == [422, 422]
    assert answers[0].content == answers[1].content
    for key in (request, made_up):
        assert client.get(f"{BASE}/Task/{key}", headers=stranger).status_code == 404
        assert client.get(f"{BASE}/Task/{key}/$available-actions", headers=stranger).status_code == 404
        assert case.answer(key, "completed", stranger).status_code == 404
    assert found_by(case, stranger, f"focus=Task/{case.id}") == []
    ward = case.service.token("clinical-unit", unit="oncology")
    assert client.get(f"{BASE}/Task/{request}", headers=ward).status_code == 404


def test_one_open_request_and_the_refusal_names_nobody(case: Case) -> None:
    assert case.post().status_code == 201
    again = case.post()
    assert (again.status_code, codes(again)) == (409, ["abort-already-open"])
    assert again.json()["issue"][0]["expression"] == ["Task.focus"]
    assert CANARY not in again.text
    assert WHY not in again.text
    norwegian = case.post(case.sender | {"Accept-Language": "nb"}).json()["issue"][0]["details"]["text"]
    assert norwegian.startswith("Det er allerede bedt om at saken trekkes.")


def test_eight_at_once_make_one(case: Case) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: case.post(), range(8)))
    assert sorted(one.status_code for one in answers) == [201, *[409] * 7], [one.text for one in answers]
    assert [move for move, _ in case.moves()].count("request-abort") == 1
    assert len(found_by(case, case.sender, f"focus=Task/{case.id}")) == 1


def test_a_yes_meets_another_end(case: Case) -> None:
    for _ in range(4):
        here = Case(case.service)
        request = here.post().json()["id"]
        decline = (EXAMPLES / "decline.json").read_bytes()
        with ThreadPoolExecutor(2) as threads:
            yes = threads.submit(here.answer, request, "completed")
            path = f"{BASE}/Task/{here.id}/$decline"
            no = threads.submit(case.service.client.post, path, content=decline, headers=here.unit | FHIR)
            won, lost = sorted((yes.result(), no.result()), key=lambda one: one.status_code)
        assert (won.status_code, lost.status_code in {409, 412}) == (200, True), (won.text, lost.text)
        ends = here.read()["status"], here.read(f"Task/{request}")["status"], here.moves()[-1][0]
        said_yes = yes.result().status_code == 200
        assert ends == (("cancelled", "completed", "abort") if said_yes else ("rejected", "cancelled", "decline"))


def test_in_a_transaction_all_or_nothing(case: Case) -> None:
    def bundle(*entries: dict[str, Any]) -> httpx.Response:
        content = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
        return case.service.client.post(BASE, content=json.dumps(content), headers=case.sender | FHIR)

    abort = {"request": {"method": "POST", "url": "Task"}, "resource": case.abort()}
    broken = {"request": {"method": "POST", "url": "Task"}, "resource": {"resourceType": "Task", "status": "x"}}
    assert bundle(abort, broken).status_code == 422
    assert found_by(case, case.sender, f"focus=Task/{case.id}") == []
    again = {"request": {"method": "POST", "url": "Task"}, "resource": case.abort()}
    twice = bundle(abort, again)
    assert twice.status_code in {400, 409}, twice.text
    assert found_by(case, case.sender, f"focus=Task/{case.id}") == []
    number = case.read()["identifier"][0]
    by_number = case.abort(focus={"reference": f"Task?identifier={number['system']}|{number['value']}"})
    whole = bundle({"request": {"method": "POST", "url": "Task"}, "resource": by_number})
    assert whole.status_code == 200, whole.text
    assert whole.json()["entry"][0]["response"]["status"].startswith("201")
    assert len(found_by(case, case.sender, f"focus=Task/{case.id}")) == 1


def test_in_a_batch_each_by_itself(case: Case) -> None:
    entries = [{"request": {"method": "POST", "url": "Task"}, "resource": case.abort()} for _ in range(2)]
    content = json.dumps({"resourceType": "Bundle", "type": "batch", "entry": entries})
    answer = case.service.client.post(BASE, content=content, headers=case.sender | FHIR).json()
    assert [entry["response"]["status"][:3] for entry in answer["entry"]] == ["201", "409"]


def test_on_condition_and_again(case: Case) -> None:
    number = uuid4().hex
    condition = {"If-None-Exist": f"identifier={number}"}
    first, second = (case.post(case.sender | condition, number=number) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    plain = case.post(number=number)
    assert (plain.status_code, plain.json()["id"]) == (200, first.json()["id"])
    other = case.post(number=number, description="En annen grunn")
    assert (other.status_code, codes(other)) == (409, ["number-in-use"])
    steered = case.abort(number=number, status="cancelled") | {"id": first.json()["id"]}
    path = f"{BASE}/Task?identifier={number}"
    answer = case.service.client.put(
        path, content=json.dumps(steered), headers=case.sender | FHIR | {"If-Match": 'W/"1"'}
    )
    assert (answer.status_code, answer.json().get("status")) == (200, "cancelled"), answer.text


def test_tried_before_it_is_sent(case: Case) -> None:
    def said(content: dict[str, Any]) -> list[str]:
        listed = [{"name": "resource", "resource": content}, {"name": "mode", "valueCode": "create"}]
        body = json.dumps({"resourceType": "Parameters", "parameter": listed})
        answer = case.service.client.post(f"{BASE}/Task/$validate", content=body, headers=case.sender | FHIR)
        assert answer.status_code == 200, answer.text
        return [] if answer.json()["issue"][0]["severity"] == "information" else codes(answer)

    profile = "https://samband.example/fhir/StructureDefinition/abort-task"
    assert said(case.abort(meta={"profile": [profile]})) == []
    assert found_by(case, case.sender, f"focus=Task/{case.id}") == [], "nothing is written"
    assert "reference-not-found" in said(case.abort(focus={"reference": f"Task/{uuid4()}"}))
    assert case.post().status_code == 201
    assert said(case.abort()) == ["abort-already-open"]
    stored = found_by(case, case.sender, f"focus=Task/{case.id}")[0]
    path = f"{BASE}/Task/{stored}/$validate?profile={profile}"
    answer = case.service.client.post(path, headers=case.unit)
    assert answer.json()["issue"][0]["severity"] == "information", answer.text


def test_it_is_no_other_task_and_none_becomes_it(case: Case) -> None:
    request = case.post().json()
    other = case.service.client.post(
        f"{BASE}/Task",
        content=json.dumps({"resourceType": "Task", "status": "requested", "intent": "order", "code": {"text": "x"}}),
        headers=case.sender | FHIR,
    ).json()
    for stored, code in ((request, {"text": "x"}), (other, request["code"])):
        body = json.dumps(stored | {"code": code})
        answer = case.service.client.put(f"{BASE}/Task/{stored['id']}", content=body, headers=case.sender | FHIR)
        assert (answer.status_code, codes(answer)) == (422, ["immutable-element"])
    accepted = case.service.client.post(f"{BASE}/Task/{request['id']}/$accept", headers=case.unit)
    assert (accepted.status_code, codes(accepted)) == (409, ["not-a-case"])


def test_what_is_refused_is_written_down_about_the_patient_of_the_case(ledger: Ledger) -> None:
    case = Case(ledger.service)
    assert case.post().status_code == 201
    for persona, focus, status, patients in (
        ("municipality:fjordvik", case.id, 409, [CANARY]),
        ("municipality:dalheim", case.id, 422, [CANARY]),
        ("municipality:dalheim", str(uuid4()), 422, []),
    ):
        content = case.abort(focus={"reference": f"Task/{focus}"})
        answer, request = ledger.ask(persona, "POST", "/Task", json=content)
        assert (answer.status_code, ledger.touched(request)) == (status, patients)
        assert [row["status"] for row in ledger.rows(request)] == [status]


def test_one_row_for_what_one_request_has_written(ledger: Ledger) -> None:
    case = Case(ledger.service)
    made, request = ledger.ask("municipality:fjordvik", "POST", "/Task", json=case.abort())
    (row,) = ledger.rows(request)
    key = made.json()["id"]
    assert (row["interaction"], row["resource"], row["status"]) == ("create", key, 201)
    assert row["others"] == f"Task/{case.id}/3"
    steps = [{"op": "replace", "path": "/status", "value": "completed"}]
    unit = "clinical-unit:neurology-outpatient"
    answer, request = ledger.ask(unit, "PATCH", f"/Task/{key}", headers=PATCH, content=json.dumps(steps))
    assert answer.status_code == 200, answer.text
    (row,) = ledger.rows(request)
    assert (row["interaction"], row["resource"], row["others"]) == ("patch", key, f"Task/{case.id}/4")
