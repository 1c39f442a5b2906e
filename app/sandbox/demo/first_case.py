"""The first case: a need, a coordinator, a registration in the EHR, and the answer at the municipality."""

from typing import Any

from app.sandbox.demo.cast import FHIR, Case, Cast, content_of, outputs
from app.sandbox.demo.narration import expect


def appoint_a_coordinator(cast: Cast) -> tuple[Case, str]:
    """Plays it; answers the case and the id of the patient's CareTeam."""
    cast.tell.chapter("First case: a coordinator, registered in the EHR")
    case = cast.post_need("fjordvik", "task-need.json")
    _send_again(cast, case)
    _decide(cast, case)
    team = confirm_registration(cast, case)
    show_ehr_copy(cast, case, team)
    read_answer(cast, case, "fjordvik")
    return case, team


def _send_again(cast: Cast, case: Case) -> None:
    sender, tell = case.sender, cast.tell
    tell.step(f"{sender.name} did not get the answer and posts the same file again: still one case.")
    reply = sender.post(f"{FHIR}/Task", content_of("task-need.json"), expect=200)
    expect(reply.body["id"], case.task["id"], "the repeated Task's id")
    tell.shows(reply, f"Task/{reply.body['id']}")


def _decide(cast: Cast, case: Case) -> None:
    tell, owner = cast.tell, case.owner_name
    tell.step(f"{owner} accepts.")
    reply = cast.move(case, "$accept")
    expect((case.task["status"], case.stage), ("accepted", "assessing"), "the accepted Task's status")
    tell.shows(reply, str(case))

    tell.step(f"{owner} assesses: criteria A, B and D. The answers stay in the hospital.")
    reply = cast.move(case, "$assess", "assess.json")
    trace = cast.events(case)
    assessed = trace.body["events"][-1]
    answers = {letter: yes for letter, yes in assessed["assessment"]["answers"] if yes}
    expect((assessed["reason_code"], "".join(sorted(answers))), ("met", "ABD"), "the assessment")
    expect(outputs(case.task), {}, "what the municipality is told of it")
    version = assessed["assessment"]["version"]
    tell.shows(reply, trace, f"met: A and at least two of B–D (criteria of {version})")

    tell.step(f"{owner} appoints the coordinator, with the patient's consent. The EHR has not answered yet.")
    reply = cast.move(case, "$appoint", "appoint.json")
    expect((case.task["status"], case.stage), ("completed", "coordinator-appointed"), "the Task's status")
    expect(outputs(case.task)["registration"], "ehr-pending", "the registration in the EHR")
    tell.shows(reply, str(case), f"answer: {answer_of(case.task)}, ehr-pending")


def confirm_registration(cast: Cast, case: Case) -> str:
    """Wait until the EHR's confirmation is told in the Task and the CareTeam; answers the CareTeam's id."""
    cast.tell.step("The EHR has it: Samband wrote it there, read it back, and only now calls it registered.")
    owner = cast.hospital[case.owner]
    _wait_for_output(cast, case, "registration")
    team = str(outputs(case.task)["care-team"]["reference"]).removeprefix("CareTeam/")
    first, now = owner.get(f"{FHIR}/CareTeam/{team}/_history/1"), owner.get(f"{FHIR}/CareTeam/{team}")
    states = (ehr_state(first.body["participant"][0]), ehr_state(now.body["participant"][-1]))
    expect(states, ("ehr-pending", "ehr-confirmed"), "the CareTeam's EHR states")
    cast.tell.shows(first, f"participant {first.body['participant'][0]['id']}: ehr-pending")
    cast.tell.shows(now, "the same participant: ehr-confirmed", str(case))
    cast.tally[case.owner]["registered"] += 1
    return team


def _wait_for_output(cast: Cast, case: Case, name: str) -> None:
    """The EHR answers by itself; the Task then has a new version that says so."""
    owner = cast.hospital[case.owner]

    def look() -> dict[str, Any] | None:
        task = owner.get(case.path).body
        return task if outputs(task).get(name) == "ehr-confirmed" else None

    case.task = cast.web.stop.until(look, f"the EHR's confirmation ({name})")


def show_ehr_copy(cast: Cast, case: Case, team: str) -> None:
    """The EHR's own record of the stint: its id, its version, the same person and start."""
    cast.tell.step("The EHR's own copy, under its own id.")
    ours = cast.hospital[case.owner].get(f"{FHIR}/CareTeam/{team}").body["participant"][-1]
    reply = cast.web.ask("GET", f"{cast.house.origins['ehr']}/_stored")
    held = held_by_ehr(reply.body, ours["id"])
    theirs = held["participant"][0]
    hpr = ours["member"]["identifier"]["value"]
    expect((theirs["member"]["identifier"]["value"], theirs["period"]), (hpr, ours["period"]), "the EHR's copy")
    expect(held["status"], "active", "the EHR's status")
    who = f"{theirs['member']['display']} (HPR {hpr})"
    cast.tell.shows(reply, f"CareTeam/{held['id']}, version {held['meta']['versionId']}: {who}")
    cast.tell.shows(f"role {theirs['role'][0]['coding'][0]['display']}, from {theirs['period']['start']}, active")


def read_answer(cast: Cast, case: Case, municipality: str) -> None:
    """The notification arrived, and the municipality's own system read what it points to."""
    cast.tell.step(f"{case.sender.name} was notified by itself, id only, and its system read the answer.")
    url = f"{cast.house.origins[municipality]}/_journal"
    focus, version = f"Task/{case.task['id']}", case.task["meta"]["versionId"]

    def look() -> dict[str, Any] | None:
        journal = cast.web.ask("GET", url).body
        mine = [event for event in journal["events"] if event["focus"] == focus and event["read"]]
        told = [event for event in mine if event["read"].get("version") == version]
        return told[0] if told else None

    event = cast.web.stop.until(look, f"the answer at {case.sender.name}")
    expect(event["read"]["http"], 200, "the municipality's own read")
    said = {entry["type"]: entry["value"] for entry in event["read"]["outputs"]}
    expect(said, outputs(case.task), "what the municipality read")
    cast.tell.shows(f"POST /notify → 200, event number {event['number']}, Bundle/{event['bundle']}")
    cast.tell.shows(f"GET {FHIR}/{focus} → {event['read']['http']}, version {version}: {answer_of(case.task)}")


def answer_of(task: dict[str, Any]) -> str:
    """The coordinator as the answer names her or him: person, unit, telephone."""
    told = outputs(task)
    return ", ".join(
        (told["coordinator"]["display"], told["coordinator-unit"]["display"], told["coordinator-phone"]["value"])
    )


def ehr_state(participant: dict[str, Any]) -> str:
    """The EHR state of a CareTeam's participant: an extension of ours."""
    urls = {extension["url"].rpartition("/")[2]: extension for extension in participant["extension"]}
    return str(urls["ehr-state"]["valueCode"])


def held_by_ehr(stored: dict[str, Any], participant: str) -> dict[str, Any]:
    """The EHR's CareTeam for a participant of ours; there must be exactly one."""
    found = [team for team in stored["careTeams"] if team["identifier"][0]["value"] == participant]
    expect(len(found), 1, "the number of copies in the EHR")
    held: dict[str, Any] = found[0]
    return held
