"""One id leads from the request that decided through the EHR's log, the municipality's and ours."""

from uuid import UUID, uuid4

import pytest

from tests.sandbox.processes import StandIn
from tests.story.programs import eventually
from tests.story.town import OPERATOR, UNIT, Town, example, outputs


def guid() -> UUID:
    """A fresh one of letters: digits might make an identity number, which is no id (the last test here)."""
    return UUID(uuid4().hex.translate(str.maketrans("0123456789", "abcdefabcd")))


def heard(neighbour: StandIn, wanted: str) -> list[dict[str, str]]:
    """The ids of those requests that came under an id."""
    listed: list[dict[str, str]] = neighbour.client.get("/_control").json()["ids"]
    return [ids for ids in listed if ids.get("x-correlation-id") == wanted]


def appoint(town: Town, **headers: str) -> None:
    """Appoint a coordinator by a request with these headers, and wait until the EHR has confirmed it."""
    case = town.posted()
    town.operate(UNIT, case, "accept")
    answer = town.operate(UNIT, case, "appoint", example("appoint"), **headers)
    assert answer.status_code == 200, answer.text
    eventually("confirmed", lambda: outputs(town.task(case), "registration")[-1] == "ehr-confirmed")
    eventually("nothing waits", lambda: not town.waiting())


def test_a_decision_is_followed_to_the_ehr_and_to_its_sender(town: Town) -> None:
    one, event = f"case-{guid().hex[:8]}", str(guid())
    trace = f"00-{guid().hex}-{guid().hex[:16]}-01"
    appoint(town, X_Correlation_Id=one, nhn_event_id=event, traceparent=trace)
    ids = {"x-correlation-id": one, "nhn-event-id": event, "traceparent": trace}
    # The EHR: registered, and read back.
    assert heard(town.ehr, one) == [ids, ids]
    # The sender: the decision, and that the EHR has it, which the worker noted.
    assert heard(town.municipalities["fjordvik"], one) == [ids, ids]
    assert heard(town.municipalities["dalheim"], one) == []
    lines = [line for line in town.service.text().splitlines() if one in line]
    assert len([line for line in lines if "delivery of ehr" in line]) == 1
    assert len([line for line in lines if "delivery of notification" in line]) == 2
    shown = town.http.get("/operator/deliveries", headers=town.headers(OPERATOR)).json()["deliveries"]
    assert len([row for row in shown if one in row["correlation"]]) == 3


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"nhn_event_id": "{guid}"}, {"x-correlation-id": "{guid}", "nhn-event-id": "{guid}"}),
        ({"traceparent": "00-{hex}-00f067aa0ba902b7-01"}, {"x-correlation-id": "{hex}"}),
        ({"X_Request_Id": "r-{hex}"}, {"x-correlation-id": "r-{hex}"}),
        ({"X_Correlation_Id": "two words", "X_Request_Id": "q-{hex}"}, {"x-correlation-id": "q-{hex}"}),
        ({"nhn_event_id": "no guid", "X_Request_Id": "s-{hex}"}, {"x-correlation-id": "s-{hex}"}),
    ],
)
def test_what_is_sent_has_its_right_form(town: Town, headers: dict[str, str], expected: dict[str, str]) -> None:
    one = guid()

    def filled(given: dict[str, str]) -> dict[str, str]:
        return {name: value.format(guid=one, hex=one.hex) for name, value in given.items()}

    appoint(town, **filled(headers))
    wanted = filled(expected)
    found = heard(town.ehr, wanted["x-correlation-id"])
    assert [ids | wanted for ids in found] == found
    assert len(found) == 2
    assert all(("nhn-event-id" in ids) == ("nhn-event-id" in expected) for ids in found)


def test_an_identity_number_is_no_id(town: Town) -> None:
    number = next(town.numbers)
    town.told.add(number)
    request = f"t-{guid().hex}"
    appoint(town, X_Correlation_Id=number, X_Request_Id=request)
    assert heard(town.ehr, number) == []
    assert heard(town.ehr, request) == [{"x-correlation-id": request}] * 2
