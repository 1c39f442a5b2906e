"""kill -9 at the worst moments: nothing is lost, nothing is doubled, and a repeat can be told from news."""

from typing import Any

from tests.story.programs import eventually
from tests.story.town import SENDER, UNIT, Town, behave, counts, example, outputs, patient_of, stored


def test_killed_between_the_receipt_and_the_delivery(town: Town) -> None:
    behave(town.municipalities["fjordvik"], "down")
    needs = [town.need() for _ in range(3)]
    cases = [_receipt(town, content) for content in needs]
    town.service.kill()
    assert not any(town.seen(case) for case in cases)
    behave(town.municipalities["fjordvik"], "up")
    town.start()
    eventually("each case is seen and read", lambda: all(_read(town, case) for case in cases))
    assert not town.journal()["gaps"]
    for case, content in zip(cases, needs, strict=True):
        assert len({event["number"] for event in town.seen(case)}) == 1
        again = town.call(SENDER, "POST", "Task", content)
        assert (again.status_code, again.json()["id"]) == (200, case)
        assert town.cases_of(content) == [case]


def test_killed_between_the_receivers_answer_and_our_record(town: Town) -> None:
    behave(town.municipalities["fjordvik"], "late-answer", delay=60, times=1)
    content = town.need()
    case = _receipt(town, content)
    eventually("the municipality has it", lambda: town.seen(case))
    town.service.kill()
    town.start()
    eventually("it is sent once more", lambda: len(town.seen(case)) == 2)
    accepted = town.operate(UNIT, case, "accept")
    assert accepted.status_code == 200
    first, repeat, news = eventually("the next event", lambda: town.seen(case)[2:] and town.seen(case))
    assert (first["repeat"], repeat["repeat"], news["repeat"]) == (False, True, False)
    assert (repeat["number"], repeat["bundle"]) == (first["number"], first["bundle"])
    assert news["number"] == first["number"] + 1
    assert not town.journal()["gaps"]
    assert town.cases_of(content) == [case]
    eventually("nothing waits", lambda: not town.waiting())


def test_killed_between_the_ehrs_answer_and_our_record(town: Town) -> None:
    before = counts(town.ehr)
    behave(town.ehr, "late-answer", delay=60, times=1)
    case = town.appointed()
    patient = patient_of(town.task(case))
    eventually("the EHR holds it", lambda: stored(town.ehr, patient))
    assert outputs(town.task(case), "registration") == ["ehr-pending"]
    town.service.kill()
    town.start()
    eventually("confirmed", lambda: outputs(town.task(case), "registration")[-1] == "ehr-confirmed")
    held = stored(town.ehr, patient)
    assert [(team["meta"]["versionId"], team["status"]) for team in held] == [("1", "active")]
    after = counts(town.ehr)
    assert after["created"] - before.get("created", 0) == 1
    assert after["matched"] - before.get("matched", 0) == 1
    assert [event["move"] for event in town.events(case)].count("registration-confirmed") == 1


def test_killed_between_the_ehrs_end_and_our_record(town: Town) -> None:
    case = town.appointed()
    task = town.task(case)
    eventually("confirmed", lambda: outputs(town.task(case), "registration")[-1] == "ehr-confirmed")
    behave(town.ehr, "late-answer", delay=60, times=1)
    (team,) = outputs(town.task(case), "care-team")
    ended = town.call(UNIT, "POST", f"{team['reference']}/$deregister-coordinator", example("deregister"))
    assert ended.status_code == 200, ended.text
    eventually("the EHR has ended it", lambda: stored(town.ehr, patient_of(task))[0]["status"] == "inactive")
    town.service.kill()
    town.start()
    eventually("confirmed", lambda: outputs(town.task(case), "deregistration")[-1:] == ["ehr-confirmed"])
    (held,) = stored(town.ehr, patient_of(task))
    assert held["period"]["end"] == held["participant"][0]["period"]["end"] == "2026-11-20"
    eventually("every version is told", lambda: len({e["number"] for e in town.seen(case)}) == len(town.versions(case)))


def test_lost_answers_of_both_neighbours(town: Town) -> None:
    for neighbour in (town.ehr, town.municipalities["fjordvik"]):
        behave(neighbour, "lost-answer", times=2)
    case = town.appointed()
    eventually("confirmed", lambda: outputs(town.task(case), "registration")[-1] == "ehr-confirmed")
    assert len(stored(town.ehr, patient_of(town.task(case)))) == 1
    eventually("nothing waits", lambda: not town.waiting())
    assert len({event["number"] for event in town.seen(case)}) == len(town.versions(case))
    assert sum(event["repeat"] for event in town.seen(case)) == 2
    assert not town.journal()["gaps"]


def _receipt(town: Town, content: dict[str, Any]) -> str:
    answer = town.call(SENDER, "POST", "Task", content)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def _read(town: Town, case: str) -> bool:
    """Whether the municipality has got the news and read the Task."""
    return any((event["read"] or {}).get("http") == 200 for event in town.seen(case))
