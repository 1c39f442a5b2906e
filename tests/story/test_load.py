"""Ended in the middle of the day's work, politely or not.

What was answered is there afterwards; what was not can be sent again, and is there once.
"""

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from threading import Lock
from typing import Any

import httpx
import pytest

from tests.story.programs import eventually
from tests.story.town import SENDER, UNIT, Town

CLIENTS = 4
NEEDS = 60
ENOUGH = 15
"""Receipts until the end comes."""

Need = dict[str, Any]


@pytest.mark.parametrize("end", ["SIGTERM", "kill -9"])
def test_ended_under_load(town: Town, end: str) -> None:
    receipts: dict[str, Need] = {}
    unanswered: list[Need] = []
    needs = [town.need() for _ in range(CLIENTS * NEEDS)]
    town.headers(SENDER)
    with ThreadPoolExecutor(CLIENTS) as clients, _half_sent(town) as finish:
        shares = [needs[client::CLIENTS] for client in range(CLIENTS)]
        pouring = [clients.submit(_pour, town, share, receipts, unanswered) for share in shares]
        eventually("receipts", lambda: len(receipts) >= ENOUGH)
        if end == "SIGTERM":
            assert town.service.process
            town.service.process.terminate()
            eventually("nobody is let in", lambda: all(client.done() for client in pouring))
            assert finish() == 201
            assert town.service.stop() in {0, -15}
        else:
            town.service.kill()
        for client in pouring:
            client.result()
    assert unanswered, "the end came after the last need"
    town.start()
    for case, content in receipts.items():
        assert town.cases_of(content) == [case]
    for content in unanswered:
        again = town.call(SENDER, "POST", "Task", content)
        # One that was taken by a service that was asked to stop was answered too.
        assert again.status_code in ({201} if end == "SIGTERM" else {200, 201}), again.text
        receipts[again.json()["id"]] = content
        assert town.cases_of(content) == [again.json()["id"]]
    eventually("the municipality has seen each of them", lambda: _unseen(town, receipts) == set(), 40)
    # The half-sent need is a case too, and may be the last to be told.
    eventually("no number is missing", lambda: not town.journal()["gaps"], 40)


def test_killed_after_each_answer(town: Town) -> None:
    """The unit works on; whatever it was answered holds, and each version is told once under one number."""
    cases = [town.posted() for _ in range(2)]
    for case in cases:
        assert town.operate(UNIT, case, "accept").status_code == 200
        town.service.kill()
        town.start()
        assert town.task(case)["status"] == "accepted"
    for case in cases:
        eventually("both versions are told", partial(_told, town, case, 2))
        assert len(_numbers(town, case)) == len(town.versions(case)) == 2
    assert not town.journal()["gaps"]


def _pour(town: Town, needs: list[Need], receipts: dict[str, Need], unanswered: list[Need]) -> None:
    """Post one after another until nobody answers."""
    for content in needs:
        try:
            answer = town.call(SENDER, "POST", "Task", content)
        except httpx.TransportError:
            unanswered.append(content)
            return
        assert answer.status_code == 201, answer.text
        with _LOCK:
            receipts[answer.json()["id"]] = content


_LOCK = Lock()


@contextmanager
def _half_sent(town: Town) -> Iterator[Any]:
    """A request of which half has been sent; the answered function sends the rest: the status of the answer."""
    body = json.dumps(town.need()).encode()
    headers = town.headers(SENDER) | {"Host": "samband", "Content-Length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    with socket.create_connection(("127.0.0.1", town.port), timeout=20) as connection:
        connection.sendall(f"POST /fhir/v1/Task HTTP/1.1\r\n{head}\r\n".encode() + body[:100])

        def finish() -> int:
            connection.sendall(body[100:])
            return int(connection.recv(4096).split()[1])

        yield finish


def _unseen(town: Town, receipts: dict[str, Need]) -> set[str]:
    return set(receipts) - {event["focus"].rpartition("/")[2] for event in town.journal()["events"]}


def _numbers(town: Town, case: str) -> list[int]:
    """The event numbers under which a case was told, without repeats."""
    return [event["number"] for event in town.seen(case) if not event["repeat"]]


def _told(town: Town, case: str, versions: int) -> bool:
    return len(_numbers(town, case)) >= versions
