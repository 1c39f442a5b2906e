"""The same number of a sender: one case, however often and however fast it is sent."""

import json
import socket
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import httpx
import pytest

from tests.story.town import SENDER, UNIT, Town

TEN = 10


def at_once(*calls: Callable[[], httpx.Response]) -> list[httpx.Response]:
    """Make all calls at the same moment, each on a connection of its own; the answers in the given order."""
    start = Barrier(len(calls))

    def one(call: Callable[[], httpx.Response]) -> httpx.Response:
        start.wait(10)
        return call()

    with ThreadPoolExecutor(len(calls)) as threads:
        return [done.result() for done in [threads.submit(one, call) for call in calls]]


def test_ten_times_in_parallel(town: Town) -> None:
    content = town.need()
    town.headers(SENDER)
    answers = at_once(*[lambda: town.call(SENDER, "POST", "Task", content)] * TEN)
    assert _statuses(answers) == {201: 1, 200: TEN - 1}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert town.cases_of(content) == [answers[0].json()["id"]]
    assert len(town.versions(answers[0].json()["id"])) == 1


def test_ten_conditional_creates_in_parallel(town: Town) -> None:
    content = town.need()
    number = content["identifier"][0]
    condition = f"identifier={number['system']}|{number['value']}"
    town.headers(SENDER)
    answers = at_once(*[lambda: town.call(SENDER, "POST", "Task", content, If_None_Exist=condition)] * TEN)
    assert _statuses(answers) == {201: 1, 200: TEN - 1}
    assert town.cases_of(content) == [answers[0].json()["id"]]


def test_ten_contents_under_one_number_in_parallel(town: Town) -> None:
    content = town.need()
    variants = [{**content, "description": f"{content['description']} {index}"} for index in range(TEN)]
    town.headers(SENDER)
    answers = at_once(*[lambda one=one: town.call(SENDER, "POST", "Task", one) for one in variants])
    assert _statuses(answers) == {201: 1, 409: TEN - 1}
    assert {_code(answer) for answer in answers if answer.status_code == 409} == {"number-in-use"}
    assert len(town.cases_of(content)) == 1


def test_ten_new_needs_of_one_patient_in_parallel(town: Town) -> None:
    content = town.need()
    needs = [json.loads(json.dumps(content)) for _ in range(TEN)]
    for index, one in enumerate(needs):
        one["identifier"][0]["value"] += f"-{index}"
    town.headers(SENDER)
    answers = at_once(*[lambda one=one: town.call(SENDER, "POST", "Task", one) for one in needs])
    assert _statuses(answers) == {201: TEN}
    patient = content["for"]["identifier"]
    form = {"patient:identifier": f"{patient['system']}|{patient['value']}"}
    headers = town.headers(SENDER) | {"Content-Type": "application/x-www-form-urlencoded"}
    found = town.http.post("/fhir/v1/Task/_search", data=form, headers=headers)
    assert len(found.json()["entry"]) == TEN


@pytest.mark.parametrize("moment", ["at once", "after a move"])
def test_again_after_a_lost_answer(town: Town, moment: str) -> None:
    content = town.need()
    _post_and_hang_up(town, content)
    first = town.call(SENDER, "POST", "Task", content)
    assert first.status_code in {200, 201}
    case = first.json()["id"]
    if moment == "after a move":
        assert town.operate(UNIT, case, "accept").status_code == 200
    again = town.call(SENDER, "POST", "Task", content)
    assert (again.status_code, again.json()["id"]) == (200, case)
    assert again.json()["status"] == ("accepted" if moment == "after a move" else "received")
    assert town.cases_of(content) == [case]
    assert len(town.versions(case)) == (2 if moment == "after a move" else 1)


def test_the_same_number_with_other_content(town: Town) -> None:
    content = town.need()
    first = town.call(SENDER, "POST", "Task", content)
    other = town.call(SENDER, "POST", "Task", {**content, "priority": "stat"})
    assert (first.status_code, other.status_code, _code(other)) == (201, 409, "number-in-use")
    assert town.cases_of(content) == [first.json()["id"]]


def test_the_same_number_of_two_senders(town: Town) -> None:
    mine, theirs = town.need("fjordvik"), town.need("dalheim")
    theirs["identifier"] = mine["identifier"]
    answers = [
        town.call(("municipality", key), "POST", "Task", one) for key, one in (("fjordvik", mine), ("dalheim", theirs))
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] != answers[1].json()["id"]
    assert town.cases_of(mine) == [answers[0].json()["id"]]


def _post_and_hang_up(town: Town, content: dict[str, Any]) -> None:
    """A client whose network dies when the request has left: the answer is never read."""
    body = json.dumps(content).encode()
    headers = town.headers(SENDER) | {"Host": "samband", "Content-Length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    with socket.create_connection(("127.0.0.1", town.port)) as connection:
        connection.sendall(f"POST /fhir/v1/Task HTTP/1.1\r\n{head}\r\n".encode() + body)


def _statuses(answers: Iterable[httpx.Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


def _code(answer: httpx.Response) -> str:
    return str(answer.json()["issue"][0]["details"]["coding"][0]["code"])
