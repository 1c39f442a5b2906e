"""Two hands on one case at the same moment: one wins, the other is told, and nothing is half done."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from threading import Timer
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.story.holding import writes_held
from tests.story.test_repeats import at_once
from tests.story.town import SENDER, UNIT, Persona, Town, example

ROUNDS = 15
WRITERS = 50
HOLD = 0.5
"""Seconds for two requests to arrive and be decided; on a machine that needs longer they do not meet."""
TRANSFER = ("transfer", example("transfer-1-oncology"))


@pytest.mark.parametrize("precondition", [False, True], ids=["plain", "If-Match"])
def test_two_callers_of_the_owner_accept(town: Town, precondition: bool) -> None:
    for _ in range(ROUNDS):
        case = town.posted()
        answers = _race(town, case, ("accept", None), ("accept", None), precondition=precondition)
        loser = 412 if precondition else 409
        assert Counter(answer.status_code for answer in answers) == {200: 1, loser: 1}
        assert _moves(town, case) == ["submit", "route", "accept"]
        assert town.task(case)["status"] == "accepted"


@pytest.mark.parametrize("precondition", [False, True], ids=["plain", "If-Match"])
def test_the_owner_accepts_while_it_transfers(town: Town, precondition: bool) -> None:
    for _ in range(ROUNDS):
        case = town.posted()
        accepted, handed_over = _race(town, case, ("accept", None), TRANSFER, precondition=precondition)
        loser = 412 if precondition else 409
        if not precondition and (accepted.status_code, handed_over.status_code) == (200, 200):
            # They did not meet: the case was accepted when the transfer came in, and that is open then.
            assert _moves(town, case) == ["submit", "route", "accept", "transfer"]
            continue
        _assert_one_won(town, case, accepted, handed_over, loser)


@pytest.mark.parametrize("precondition", [False, True], ids=["plain", "If-Match"])
def test_accept_and_transfer_are_decided_on_the_same_version(town: Town, precondition: bool) -> None:
    """Both have read the case before either can write: the database is held meanwhile."""
    for _ in range(4):
        case = town.posted()
        town.headers(UNIT)
        with writes_held(town.database, case) as release:
            Timer(HOLD, release).start()
            accepted, handed_over = _race(town, case, ("accept", None), TRANSFER, precondition=precondition)
        _assert_one_won(town, case, accepted, handed_over, 412 if precondition else 409)


def test_the_unit_before_is_told_that_the_case_has_gone(town: Town) -> None:
    case = town.posted()
    assert town.operate(UNIT, case, *TRANSFER).status_code == 200
    late = town.operate(UNIT, case, "accept")
    assert (late.status_code, _code(late)) == (409, "case-handed-over")
    stale = town.operate(UNIT, case, "accept", If_Match='W/"1"')
    assert (stale.status_code, _code(stale)) == (412, "stale-version")
    assert '"2"' not in stale.text
    stranger = town.operate(("clinical-unit", "paediatrics"), case, "accept")
    unknown = town.operate(("clinical-unit", "paediatrics"), str(uuid4()), "accept")
    assert (stranger.status_code, stranger.content) == (404, unknown.content)


def test_the_sender_withdraws_while_the_owner_accepts(town: Town) -> None:
    for _ in range(ROUNDS):
        case = town.posted()
        calls = [
            partial(town.operate, UNIT, case, "accept"),
            partial(town.operate, SENDER, case, "withdraw", example("withdraw")),
        ]
        answers = at_once(*calls)
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        won = "accept" if answers[0].status_code == 200 else "withdraw"
        assert _moves(town, case) == ["submit", "route", won]


def test_two_cases_of_one_patient_are_appointed_at_once(town: Town) -> None:
    """One CareTeam for a patient, and one holder of a single role."""
    content = town.need()
    cases = []
    for index in range(2):
        one = json.loads(json.dumps(content))
        one["identifier"][0]["value"] += f"-{index}"
        cases.append(town.call(SENDER, "POST", "Task", one).json()["id"])
        assert town.operate(UNIT, cases[-1], "accept").status_code == 200
    answers = at_once(*[partial(town.operate, UNIT, case, "appoint", example("appoint")) for case in cases])
    assert sorted(answer.status_code for answer in answers) == [200, 409], [answer.text for answer in answers]
    patient = content["for"]["identifier"]
    form = {"patient:identifier": f"{patient['system']}|{patient['value']}"}
    headers = town.headers(UNIT) | {"Content-Type": "application/x-www-form-urlencoded"}
    found = town.http.post("/fhir/v1/CareTeam/_search", data=form, headers=headers).json()
    (team,) = [entry["resource"] for entry in found["entry"]]
    assert len(team["participant"]) == 1


def test_fifty_writers_of_one_version(town: Town) -> None:
    case = town.posted()
    for version in range(1, 5):
        read = town.task(case, SENDER)
        assert read["meta"]["versionId"] == str(version)
        etag = f'W/"{version}"'
        bodies = [{**read, "description": f"writer {index} of {version}"} for index in range(WRITERS)]
        answers = at_once(*[partial(town.call, SENDER, "PUT", f"Task/{case}", body, If_Match=etag) for body in bodies])
        assert Counter(answer.status_code for answer in answers) == {200: 1, 412: WRITERS - 1}
        (winner,) = [index for index, answer in enumerate(answers) if answer.status_code == 200]
        assert answers[winner].headers["etag"] == f'W/"{version + 1}"'
        assert town.task(case, SENDER)["description"] == bodies[winner]["description"]
    assert len(town.versions(case, SENDER)) == 5


def test_readers_that_write_what_they_read_lose_no_update(town: Town) -> None:
    case = town.posted()

    def note(name: str) -> int:
        """Read, add a note, write with If-Match; again when somebody was faster. How often it was too late."""
        late = 0
        while True:
            current = town.task(case, SENDER)
            current.setdefault("note", []).append({"text": name})
            etag = f'W/"{current["meta"]["versionId"]}"'
            answer = town.call(SENDER, "PUT", f"Task/{case}", current, If_Match=etag)
            if answer.status_code == 200:
                assert answer.json()["meta"]["versionId"] == str(int(current["meta"]["versionId"]) + 1)
                return late
            assert answer.status_code == 412, answer.text
            late += 1

    names = [f"writer {index}" for index in range(12)]
    with ThreadPoolExecutor(len(names)) as threads:
        late = list(threads.map(note, names))
    assert sum(late) > 0, "nobody met anybody: this was no race"
    assert sorted(one["text"] for one in town.task(case, SENDER)["note"]) == sorted(names)
    versions = [int(version["meta"]["versionId"]) for version in town.versions(case, SENDER)]
    assert versions == list(range(1, len(names) + 2))


def _race(
    town: Town, case: str, *operations: tuple[str, Any], precondition: bool, who: Persona = UNIT
) -> list[httpx.Response]:
    headers = {"If_Match": 'W/"1"'} if precondition else {}
    return at_once(*[partial(town.operate, who, case, name, body, **headers) for name, body in operations])


def _assert_one_won(town: Town, case: str, accepted: httpx.Response, handed_over: httpx.Response, loser: int) -> None:
    statuses = sorted((accepted.status_code, handed_over.status_code))
    assert statuses == [200, loser], (accepted.text, handed_over.text)
    won = "accept" if accepted.status_code == 200 else "transfer"
    assert _moves(town, case) == ["submit", "route", won]
    owner, status = ("4900101", "accepted") if won == "accept" else ("4900301", "received")
    task = town.task(case, ("coordinating-unit", ""))
    assert (task["owner"]["identifier"]["value"], task["status"]) == (owner, status)


def _code(answer: httpx.Response) -> str:
    return str(answer.json()["issue"][0]["details"]["coding"][0]["code"])


def _moves(town: Town, case: str) -> list[str]:
    """The moves of a case, after a look at whether versions and events fit together without a hole."""
    events = town.events(case)
    versions = town.versions(case)
    assert [int(version["meta"]["versionId"]) for version in versions] == list(range(1, len(versions) + 1))
    assert all(after["from_stage"] == before["to_stage"] for before, after in pairwise(events))
    assert all(after["from_unit"] == before["unit"] for before, after in pairwise(events))
    assert sorted({event["version"] for event in events}) == list(range(1, len(versions) + 1))
    for event in events[1:]:
        version = versions[event["version"] - 1]
        assert version["businessStatus"]["coding"][0]["code"] == event["to_stage"]
    return [event["move"] for event in events]
