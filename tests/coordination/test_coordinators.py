"""Who can be registered as coordinator, who is one on a day, and how it ends."""

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.coordination.consent import Consent
from app.coordination.coordinators import (
    ROLES,
    SINGLE_ROLES,
    EhrState,
    Participant,
    Participants,
    active,
    changes,
    deregister,
    due_day,
    end_in_error,
    register,
    with_ehr_state,
)
from app.errors import InvalidContent, Refused
from tests.coordination.situations import DIRECTORY, NO, TRUST, YES, appointment, directory_of

TODAY = "2026-11-21"


def add(
    participants: Participants = (), consent: Consent | None = YES, new_id: str = "p1", **facts: Any
) -> Participants:
    return register(participants, appointment(**facts), consent, DIRECTORY, trust=TRUST, new_id=new_id)


def test_a_registration_waits_for_the_ehr() -> None:
    (row,) = add()
    assert (row.id, row.ehr_state, row.end, row.category) == ("p1", EhrState.PENDING, None, "SP")
    assert row.phone == "55500000", "from the directory, when the appointment has none"
    (confirmed,) = with_ehr_state((row,), "p1", EhrState.CONFIRMED)
    assert confirmed.ehr_state == "ehr-confirmed"
    assert msgspec.json.decode(msgspec.json.encode([confirmed]), type=Participants) == (confirmed,)


@pytest.mark.parametrize(
    ("facts", "code", "why"),
    [
        ({"consent": None}, "consent-missing", "nobody has recorded the patient's answer"),
        ({"consent": NO}, "consent-refused", "the patient said no"),
        (
            {"hpr": "9900119", "category": "SP"},
            "not-health-personnel",
            "the directory knows better",
        ),
        ({"hpr": "8800001", "category": ""}, "not-health-personnel", "unknown to the directory, no category"),
        ({"hpr": "8800001", "category": "VE"}, "not-health-personnel", "a veterinarian"),
    ],
)
def test_refused_for_the_person_or_the_patient(facts: dict[str, Any], code: str, why: str) -> None:
    with pytest.raises(Refused) as caught:
        add(**facts)
    assert caught.value.error == code, why


@pytest.mark.parametrize(
    ("facts", "code", "name"),
    [
        ({"unit": "nowhere"}, "unit-unknown", "unit"),
        ({"role": "6"}, "role-unknown", "role"),
        ({"start": "2026-02-30"}, "date-invalid", "start"),
        ({"start": "20261121"}, "date-invalid", "start"),
        ({"start": "2026-11"}, "date-invalid", "start"),
        ({"hpr": "abc"}, "hpr-invalid", "hpr"),
        ({"hpr": "000"}, "hpr-invalid", "hpr"),
        ({"hpr": "1234567890"}, "hpr-invalid", "hpr"),
    ],
)
def test_invalid_content_names_the_parameter(facts: dict[str, Any], code: str, name: str) -> None:
    with pytest.raises(InvalidContent) as caught:
        add(**facts)
    (issue,) = caught.value.issues
    assert (issue.code, issue.expression) == (code, f"Parameters.parameter.where(name='{name}')")


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(InvalidContent) as caught:
        add(unit="nowhere", role="6", start="soon", hpr="x")
    assert len(caught.value.issues) == 4


def test_a_closed_unit_has_no_new_coordinators() -> None:
    closed = directory_of(frozenset({"alpha"}))
    with pytest.raises(InvalidContent) as caught:
        register((), appointment(), YES, closed, trust=TRUST, new_id="p1")
    assert caught.value.issues[0].code == "unit-closed"


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_single_role_has_one_holder(role: str) -> None:
    first = add(role=role)
    second: dict[str, Any] = {"hpr": "8800002", "role": role, "new_id": "p2"}
    if role in SINGLE_ROLES:
        with pytest.raises(Refused) as caught:
            add(first, **second)
        assert caught.value.error == "single-role-taken"
    else:
        assert len(add(first, **second)) == 2
    ended = deregister(first, "p1", end="2026-11-30", reason="replaced", today=TODAY)
    assert len(add(ended, start="2026-12-01", **second)) == 2, "the day after the last day is free"


def test_the_same_person_is_not_registered_twice() -> None:
    with pytest.raises(Refused) as caught:
        add(add(role="17"), role="17", hpr="009900011", new_id="p2")
    assert caught.value.error == "already-registered"


def test_an_end_includes_its_day_and_waits_for_the_ehr() -> None:
    confirmed = with_ehr_state(add(), "p1", EhrState.CONFIRMED)
    (row,) = deregister(confirmed, "p1", end=TODAY, reason="need-ended", today=TODAY)
    assert (row.end, row.end_reason, row.ehr_state) == (TODAY, "need-ended", EhrState.PENDING)
    assert row.active(TODAY)
    assert not row.active("2026-11-22")
    assert not row.active("2026-11-20")


def test_an_end_to_come_can_be_moved_and_one_that_has_been_cannot() -> None:
    later = deregister(add(), "p1", end="2026-12-31", reason="need-ended", today=TODAY)
    (moved,) = deregister(later, "p1", end="2026-12-01", reason="replaced", today=TODAY)
    assert (moved.end, moved.end_reason) == ("2026-12-01", "replaced")
    with pytest.raises(Refused) as caught:
        deregister((moved,), "p1", end="2027-01-31", reason="replaced", today="2026-12-02")
    assert caught.value.error == "already-ended"


@pytest.mark.parametrize(
    ("participant", "end", "reason", "code"),
    [
        ("p9", TODAY, "replaced", "participant-unknown"),
        ("p1", "2026-11-20", "replaced", "end-before-start"),
        ("p1", "tomorrow", "replaced", "date-invalid"),
        ("p1", "2026", "replaced", "date-invalid"),
        ("p1", "0001-01-01", "replaced", "date-invalid"),
        ("p1", "2031-11-22", "replaced", "date-invalid"),
        ("p1", TODAY, "because", "end-reason-unknown"),
    ],
)
def test_a_deregistration_that_is_not_valid(participant: str, end: str, reason: str, code: str) -> None:
    with pytest.raises(InvalidContent) as caught:
        deregister(add(), participant, end=end, reason=reason, today=TODAY)
    assert caught.value.issues[0].code == code


def test_the_same_end_again_is_no_change() -> None:
    ended = deregister(add(), "p1", end=None, reason="replaced", today=TODAY)
    assert ended[0].end == TODAY
    for end, today in ((None, TODAY), (TODAY, TODAY), (None, "2026-12-02"), (TODAY, "2026-12-02")):
        assert deregister(ended, "p1", end=end, reason="replaced", today=today) is ended
    with pytest.raises(Refused):
        deregister(ended, "p1", end=None, reason="need-ended", today="2026-12-02")


def test_a_planned_end_is_brought_forward_when_none_is_said() -> None:
    planned = deregister(add(), "p1", end="2026-12-31", reason="replaced", today=TODAY)
    assert deregister(planned, "p1", end=None, reason="replaced", today=TODAY)[0].end == TODAY


def test_registered_in_error_yesterday_is_the_last_day() -> None:
    first = add(start="2026-11-10")
    assert end_in_error(first, ["p1"], TODAY)[0].end == "2026-11-20"
    assert end_in_error(first, [], TODAY) == first
    over = deregister(first, "p1", end="2026-11-12", reason="replaced", today=TODAY)
    assert end_in_error(over, ["p1"], TODAY) == over
    (today,) = end_in_error(add(start=TODAY), ["p1"], TODAY)
    assert today.end == TODAY
    assert len(add((today,), start=TODAY, hpr="8800002", new_id="p2")) == 2, "the role is free at once"


days = st.integers(0, 60).map(lambda number: (date(2026, 10, 1) + timedelta(days=number)).isoformat())


@st.composite
def stints(draw: st.DrawFn) -> Participant:
    start, end = sorted((draw(days), draw(days)))
    return Participant(
        id=draw(st.uuids().map(str)),
        hpr="1",
        name="N",
        unit="alpha",
        role="17",
        start=start,
        end=draw(st.sampled_from([None, end])),
    )


@given(st.lists(stints(), max_size=6).map(tuple), days)
def test_active_by_periods_is_active_by_changes(rows: Participants, day: str) -> None:
    told = set[str]()
    for _, participant, begins in changes(rows, after="2026-01-01", until=day):
        (told.add if begins else told.discard)(participant)
    assert told == {row.id for row in active(rows, day)}


@given(st.lists(stints(), max_size=6).map(tuple), days, days)
def test_each_change_falls_due_once(rows: Participants, one: str, other: str) -> None:
    first, last = sorted((one, other))
    whole = changes(rows, after="2026-01-01", until=last)
    assert changes(rows, after="2026-01-01", until=first) + changes(rows, after=first, until=last) == whole


@given(stints(), days)
def test_the_due_day_is_the_first_change_to_come(row: Participant, today: str) -> None:
    coming = changes((row,), after=today, until="2027-12-31")
    assert due_day(row, today) == (coming[0][0] if coming else None)
