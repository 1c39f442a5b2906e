"""A commit writes everything or nothing; what was not as the decision assumed is a Conflict."""

import asyncio
from typing import Any

import pytest

from app.errors import SambandError
from app.store.changes import Changes, Conflict, PatientIdentifier, Settled, Submission, Token
from app.store.interface import Intake, Store
from app.store.tables import history, token
from tests.canary import leaks
from tests.store.rows import (
    DALHEIM,
    FJORDVIK,
    NEUROLOGY,
    SENDER,
    all_rows,
    audit,
    counts,
    event,
    everything,
    order,
    seen,
    stint,
    subscribe,
    task,
    team,
)

DAY = "2026-11-21"
NOBODY = ("urn:national", "nobody")


async def test_a_commit_writes_every_part(store: Store) -> None:
    await subscribe(store, "sub-1")
    await store.commit(everything("t1"))
    assert await counts(store) == {
        "task": 1,
        "care_team": 1,
        "token": 1,
        "party": 2,
        "patient_identifier": 1,
        "submission": 1,
        "participant": 1,
        "case_event": 1,
        "audit_event": 1,
        "subscription": 1,
        "subscription_count": 2,
        "outbox": 2,
        "attempt": 1,
    }


async def test_a_double_patient_is_no_word_of_the_database(store: Store) -> None:
    """Its own error would hold the key, and a server writes its errors to its log."""
    row = PatientIdentifier("urn:oid:2.16.578.1.12.4.1.4.1", "10915596784", "somebody")
    await store.commit(Changes(patients=[row]))
    with pytest.raises(Conflict) as refused:
        await store.commit(Changes(patients=[row]))
    cause = refused.value.__cause__
    assert leaks(f"{cause!r} {getattr(cause, 'detail', '')}") == []


BREAKING: dict[str, Changes] = {
    "a version that is there": Changes(writes=[task("old")]),
    "a version after one that is not there": Changes(writes=[task("t1", version=2)]),
    "a stale version": Changes(writes=[task("old", version=3)]),
    "a stale version of the second": Changes(writes=[task("old", version=2), team("team-of-old", version=5)]),
    "a second team of a patient in a trust": Changes(writes=[team("other", patient="patient-of-old")]),
    "a double submission": Changes(submissions=[Submission(SENDER, "Task", "urn:numbers", "number-old", "x", "f")]),
    "a double patient": Changes(patients=[PatientIdentifier("urn:national", "person-old", "y")]),
    "a settled row that nobody has": Changes(settled=[Settled(10**9, 1, "delivered", 1, 1, "")]),
}


@pytest.mark.parametrize("breaking", BREAKING.values(), ids=BREAKING.keys())
async def test_one_part_that_fails_undoes_all_others(store: Store, breaking: Changes) -> None:
    await subscribe(store, "sub-1")
    await store.commit(everything("old"))
    before = await counts(store)
    whole = everything("new")
    whole.untoken.append(Token("Task", "identifier", "number-old", "urn:numbers", "old"))
    whole.writes += breaking.writes
    whole.submissions += breaking.submissions
    whole.patients += breaking.patients
    whole.settled += breaking.settled
    with pytest.raises(Conflict):
        await store.commit(whole)
    assert await counts(store) == before
    assert (stored := await store.load("Task", "old")) is not None
    assert stored.version == 1


NOTHING: Any = None
NULLS: dict[str, Changes] = {
    "tokens": Changes(tokens=[Token("Task", "code", "x", NOTHING, "new")]),
    "parties": Changes(parties=[seen("new", FJORDVIK)[0]._replace(unit=NOTHING)]),
    "participants": Changes(participants=[stint("new")._replace(phone=NOTHING)]),
    "events": Changes(events=[event("new")._replace(move=NOTHING)]),
    "audits": Changes(audits=[audit("new")._replace(role=NOTHING)]),
    "outgoing": Changes(outgoing=[order("new")._replace(topic=NOTHING)]),
}


@pytest.mark.parametrize("broken", NULLS.values(), ids=NULLS.keys())
async def test_a_row_that_cannot_be_written_undoes_all_others(store: Store, broken: Changes) -> None:
    """If the audit row, or any other, cannot be written, nothing is."""
    whole = everything("new")
    for name in NULLS:
        getattr(whole, name).extend(getattr(broken, name))
    with pytest.raises(Exception):  # noqa: B017, PT011 - each driver has its own
        await store.commit(whole)
    assert await counts(store) == {}


async def test_a_later_version_moves_the_one_before_to_the_history(store: Store) -> None:
    await store.commit(Changes(writes=[task("t1", body=b'{"v": 1}')], parties=seen("t1", FJORDVIK)))
    await store.commit(Changes(writes=[task("t1", 2, 2_000, b'{"v": 2}', status="accepted", state=b"case")]))
    current = await store.read("Task", "t1", FJORDVIK)
    assert current is not None
    assert (current.version, current.updated, current.body, current.state) == (2, 2_000, b'{"v": 2}', b"case")
    rows = await all_rows(store, history)
    expected = {"type": "Task", "id": "t1", "version": 1, "updated": 1_000, "body": b'{"v": 1}'}
    assert rows == [expected | {"patient": "patient-1"}]


async def test_a_version_is_committed_once(store: Store) -> None:
    await store.commit(Changes(writes=[task("t1")]))
    await store.commit(Changes(writes=[task("t1", 2)]))
    for stale in (1, 2, 4):
        with pytest.raises(Conflict):
            await store.commit(Changes(writes=[task("t1", stale)]))


async def test_new_and_replaced_resources_go_together(store: Store) -> None:
    await store.commit(Changes(writes=[task("t1"), team("team-1")]))
    await store.commit(Changes(writes=[task("t1", 2), team("team-1", 2), task("t2"), task("t3")]))
    versions = [found.version for key in ("t1", "t2", "t3") if (found := await store.load("Task", key))]
    assert versions == [2, 1, 1]
    found_team = await store.load("CareTeam", "team-1")
    assert found_team is not None
    assert found_team.version == 2


async def test_many_rows_of_one_part(store: Store) -> None:
    writes = [task(f"t{number:03}") for number in range(60)]
    events = [event("t000", version=number) for number in range(200)]
    await store.commit(Changes(writes=writes, events=events, audits=[audit("t000")] * 300))
    assert await counts(store) == {"task": 60, "case_event": 200, "audit_event": 300}


async def test_an_empty_list_of_columns_and_odd_text_are_kept(store: Store) -> None:
    odd = "Ærøskøbing \U0001f600 ' \" \\ {} [] , NULL\n\tåß"
    await store.commit(Changes(writes=[task("t1", body=odd.encode(), owner=None)], events=[event("t1", reason=odd)]))
    assert (stored := await store.load("Task", "t1")) is not None
    assert stored.body == odd.encode()


async def test_parties_change_their_end_and_come_back(store: Store) -> None:
    await store.commit(Changes(writes=[task("t1")], parties=seen("t1", NEUROLOGY)))
    await store.commit(Changes(parties=seen("t1", NEUROLOGY, until=1)))
    assert await store.read("Task", "t1", NEUROLOGY) is None
    await store.commit(Changes(parties=seen("t1", NEUROLOGY)))
    assert await store.read("Task", "t1", NEUROLOGY)


async def test_tokens_come_and_go(store: Store) -> None:
    mine = [Token("Task", "identifier", number, "urn:numbers", "t1") for number in ("old", "kept", "new")]
    other = Token("Task", "identifier", "old", "urn:numbers", "t2")
    await store.commit(Changes(writes=[task("t1"), task("t2")], tokens=[*mine[:2], other]))
    await store.commit(Changes(untoken=[mine[0]], tokens=[mine[1], mine[2], mine[2]]))
    found = {(row["resource"], row["value"]) for row in await all_rows(store, token, ("resource", "value"))}
    assert found == {("t1", "kept"), ("t1", "new"), ("t2", "old")}
    await store.commit(Changes(untoken=mine))
    assert [row["resource"] for row in await all_rows(store, token, ("resource",))] == ["t2"]


async def test_intake_knows_the_number_the_patient_and_the_coordinators(store: Store) -> None:
    empty = await store.intake(SENDER, "Task", ("urn:numbers", "number-t1"), NOBODY, DAY)
    assert empty == Intake()
    await store.commit(everything("t1"))
    stints = [
        stint("s1", patient="patient-of-t1", unit="oncology"),
        stint("s2", patient="patient-of-t1", unit="oncology"),
        stint("s3", patient="patient-of-t1", unit="rehabilitation", end_day=DAY),
        stint("s4", patient="patient-of-t1", unit="habilitation", end_day="2026-11-20"),
        stint("s5", patient="patient-of-t1", unit="paediatrics", start_day="2026-11-22"),
        stint("s6", patient="patient-of-another", unit="neurology-ward"),
    ]
    await store.commit(Changes(participants=stints))
    number, person = ("urn:numbers", "number-t1"), ("urn:national", "person-t1")
    found = await store.intake(SENDER, "Task", number, person, DAY)
    assert (found.resource, found.fingerprint, found.patient) == ("t1", "fingerprint", "patient-of-t1")
    assert sorted(found.coordinator_units) == ["oncology", "rehabilitation"]
    other = await store.intake(DALHEIM.organisation, "Task", number, NOBODY, DAY)
    assert other == Intake()
    assert (await store.intake(SENDER, "CareTeam", number, NOBODY, DAY)).resource == ""


async def test_patients_lead_to_one_key(store: Store) -> None:
    two = [PatientIdentifier("urn:national", "1", "key"), PatientIdentifier("urn:help", "2", "key")]
    await store.commit(Changes(patients=two))
    assert await store.patient_key("urn:help", "2") == "key"
    assert await store.patient_key("urn:national", "2") == ""
    assert await store.patient_identifiers("key") == (("urn:help", "2"), ("urn:national", "1"))
    assert await store.patient_identifiers("other") == ()


async def test_stints_are_kept_ended_and_found(store: Store) -> None:
    await store.commit(
        Changes(
            writes=[team("team-1")],
            participants=[stint("b", start_day="2026-11-02"), stint("a"), stint("c", care_team="team-2")],
        )
    )
    ended = stint("a", end_day=DAY, end_reason="need-ended", ehr_state="ehr-confirmed", work_item="w")
    await store.commit(Changes(participants=[ended]))
    assert [row.id for row in await store.participants("team-1")] == ["a", "b"]
    assert await store.participant("a") == ended
    assert await store.participant("nobody") is None
    assert await store.team_of("patient-1", "helse-fjordvest") == "team-1"
    assert await store.team_of("patient-1", "another") == ""


async def test_thirty_commits_at_once_all_arrive(store: Store) -> None:
    await asyncio.gather(*(store.commit(everything(f"t{number}")) for number in range(30)))
    assert (await counts(store))["task"] == 30


async def test_of_thirty_commits_of_one_version_one_wins(store: Store) -> None:
    await store.commit(Changes(writes=[task("t1")]))

    async def attempt(number: int) -> bool:
        try:
            await store.commit(Changes(writes=[task("t1", 2, body=str(number).encode())], events=[event("t1")]))
        except Conflict:
            return False
        return True

    won = await asyncio.gather(*(attempt(number) for number in range(30)))
    assert sum(won) == 1
    assert (await counts(store))["case_event"] == 1
    assert (stored := await store.load("Task", "t1")) is not None
    assert stored.body == str(won.index(True)).encode()


async def test_conflicts_beside_sound_commits_take_nothing_with_them(store: Store) -> None:
    """On SQLite these share a transaction, on PostgreSQL they wait for the same rows."""
    await store.commit(everything("old"))

    async def attempt(number: int) -> Any:
        twin = task("old" if number % 2 else f"t{number}")
        return await store.commit(Changes(writes=[twin], events=[event(twin.id)]))

    outcomes = await asyncio.gather(*(attempt(number) for number in range(20)), return_exceptions=True)
    assert [isinstance(outcome, Conflict) for outcome in outcomes] == [bool(number % 2) for number in range(20)]
    assert (await counts(store))["case_event"] == 11


async def test_run_is_one_transaction(store: Store) -> None:
    def half(connection: Any) -> None:
        connection.execute(history.insert().values(type="Task", id="x", version=1, updated=1, body=b""))
        raise KeyError("half way")

    with pytest.raises(KeyError):
        await store.run(half)
    assert await counts(store) == {}


async def test_run_answers_what_the_work_answers(store: Store) -> None:
    assert await store.run(lambda connection: connection.exec_driver_sql("SELECT 41 + 1").scalar_one()) == 42


async def test_a_double_in_run_is_a_conflict_or_said_plainly(store: Store) -> None:
    await subscribe(store, "sub-1")
    with pytest.raises((Conflict, SambandError)):
        await subscribe(store, "sub-1")
