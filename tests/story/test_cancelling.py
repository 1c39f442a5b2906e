"""The request to cancel a case on real processes: two hands at the same moment, and kill -9 in the middle."""

import json
from contextlib import suppress
from functools import partial
from threading import Thread, Timer
from typing import Any
from uuid import uuid4

import httpx

from tests.story.holding import writes_held
from tests.story.programs import eventually
from tests.story.test_repeats import at_once
from tests.story.town import SENDER, UNIT, Town, example

HOLD = 0.5
"""Seconds for two requests to arrive and be decided; on a machine that needs longer they do not meet."""
YES = [{"op": "replace", "path": "/status", "value": "completed"}]


def taken(town: Town) -> str:
    """A case that its unit assesses."""
    case = town.posted()
    assert town.operate(UNIT, case, "accept").status_code == 200
    return case


def asked(town: Town, case: str) -> httpx.Response:
    """The sender's request, under a number of its own."""
    coded = {"system": "https://samband.example/fhir/CodeSystem/coordination-task", "code": "abort"}
    content = {
        "resourceType": "Task",
        "identifier": [{"system": "https://fjordvik.example/fhir/saksnummer", "value": uuid4().hex}],
        "status": "requested",
        "intent": "order",
        "code": {"coding": [coded]},
        "description": "Ikke aktuelt lenger",
        "focus": {"reference": f"Task/{case}"},
    }
    return town.call(SENDER, "POST", "Task", content)


def said_yes(town: Town, request: str) -> httpx.Response:
    """The owner's yes to the first version."""
    media = {"Content_Type": "application/json-patch+json", "If_Match": 'W/"1"'}
    return town.call(UNIT, "PATCH", f"Task/{request}", YES, **media)


def states(town: Town, case: str, request: str) -> tuple[Any, ...]:
    """Where both are, as the sender reads them, and the case's last move."""
    shown = [town.task(one, SENDER) for one in (case, request)]
    return (*(one["status"] for one in shown), town.events(case)[-1]["move"])


def test_a_yes_and_another_end_are_decided_on_the_same_version(town: Town) -> None:
    for _ in range(3):
        case = taken(town)
        request = asked(town, case).json()["id"]
        town.headers(UNIT)
        with writes_held(town.database, case) as release:
            Timer(HOLD, release).start()
            decline = partial(town.operate, UNIT, case, "decline", example("decline"))
            yes, no = at_once(partial(said_yes, town, request), decline)
        assert sorted(one.status_code for one in (yes, no)) in ([200, 409], [200, 412]), (yes.text, no.text)
        won = yes.status_code == 200
        assert states(town, case, request) == (
            ("cancelled", "completed", "abort") if won else ("rejected", "cancelled", "decline")
        )


def test_a_request_and_a_hand_over_are_decided_on_the_same_version(town: Town) -> None:
    for _ in range(3):
        case = taken(town)
        town.headers(UNIT), town.headers(SENDER)
        with writes_held(town.database, case) as release:
            Timer(HOLD, release).start()
            transfer = partial(town.operate, UNIT, case, "transfer", example("transfer-1-oncology"))
            made, moved = at_once(partial(asked, town, case), transfer)
        assert moved.status_code == 200, moved.text
        if made.status_code == 201:
            owners = [town.task(one, SENDER)["owner"]["identifier"]["value"] for one in (case, made.json()["id"])]
            assert owners == ["4900301", "4900301"]
        else:
            assert made.status_code == 409, made.text
            assert "$withdraw" in made.text


def test_killed_while_the_yes_is_written(town: Town) -> None:
    case = taken(town)
    request = asked(town, case).json()["id"]
    town.headers(UNIT)
    before = states(town, case, request)

    def answer() -> None:
        with suppress(httpx.HTTPError):
            said_yes(town, request)

    with writes_held(town.database, case) as release:
        thread = Thread(target=answer)
        thread.start()
        Timer(HOLD, town.service.kill).run()
        release()
    thread.join(20)
    town.start()
    found = states(town, case, request)
    assert found in (before, ("cancelled", "completed", "abort")), json.dumps(found)
    if found == before:
        assert said_yes(town, request).status_code == 200
    eventually("both", lambda: states(town, case, request) == ("cancelled", "completed", "abort"))
    assert [event["move"] for event in town.events(case)].count("abort") == 1
    assert len(town.versions(request)) == 2
