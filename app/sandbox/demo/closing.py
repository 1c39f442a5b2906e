"""The end of the story: the coordinator ends, in the EHR too, and the figures say what happened."""

from typing import Any

from app.sandbox.demo.calls import Reply
from app.sandbox.demo.cast import FHIR, Case, Cast, content_of, outputs
from app.sandbox.demo.first_case import ehr_state, held_by_ehr, read_answer
from app.sandbox.demo.narration import expect

COLUMNS = (
    "received",
    "placed",
    "handed_over",
    "accepted",
    "appointed",
    "registered",
    "deregistered",
    "other_outcome",
    "declined",
    "withdrawn",
)


def deregister_the_coordinator(cast: Cast, case: Case, team: str) -> None:
    """Plays the end of the first case's coordinator."""
    tell, owner = cast.tell, cast.hospital[case.owner]
    tell.chapter("The coordinator ends")
    tell.step(f"{case.owner_name} deregisters the first case's coordinator.")
    reply = owner.post(f"{FHIR}/CareTeam/{team}/$deregister-coordinator", content_of("deregister.json"))
    ended = reply.body["participant"][0]
    expect((ended["period"]["end"], ehr_state(ended)), ("2026-11-20", "ehr-pending"), "the ended participant")
    tell.shows(reply, f"participant {ended['id']}: until {ended['period']['end']}, ehr-pending")
    _wait_for_the_end(cast, case)
    cast.tally[case.owner]["deregistered"] += 1

    tell.step("Ended in the EHR too: no forgotten access to the journal.")
    stored = cast.web.ask("GET", f"{cast.house.origins['ehr']}/_stored")
    held = held_by_ehr(stored.body, ended["id"])
    theirs = held["participant"][0]["period"].get("end")
    expect((held["status"], theirs), ("inactive", ended["period"]["end"]), "the EHR's copy")
    # The unit has no coordinator in the team any more, and does not see how it goes on.
    gone = owner.get(f"{FHIR}/CareTeam/{team}", expect=404)
    now = cast.hospital["coordinating-unit"].get(f"{FHIR}/CareTeam/{team}")
    expect(ehr_state(now.body["participant"][0]), "ehr-confirmed", "the ended participant's EHR state")
    version = held["meta"]["versionId"]
    tell.shows(stored, f"CareTeam/{held['id']}, version {version}: inactive, until {theirs}")
    tell.shows(now, "the same participant: ehr-confirmed")
    tell.shows(gone, f"for {case.owner_name}, who has no part in it any more")
    read_answer(cast, case, "fjordvik")


def _wait_for_the_end(cast: Cast, case: Case) -> None:
    owner = cast.hospital[case.owner]

    def look() -> dict[str, Any] | None:
        task = owner.get(case.path).body
        return task if outputs(task).get("deregistration") == "ehr-confirmed" else None

    case.task = cast.web.stop.until(look, "the EHR's confirmation of the end")


def show_deliveries(cast: Cast) -> None:
    """Nothing waits, nothing is dead; each municipality has every event, and the EHR every order."""
    tell, operator = cast.tell, cast.hospital["operator"]
    tell.chapter("Deliveries and figures")
    tell.step("The operator sees that everything has arrived.")

    def look() -> Reply | None:
        reply = operator.get("/operator/deliveries")
        return None if any(row["state"] == "waiting" for row in reply.body["deliveries"]) else reply

    reply = cast.web.stop.until(look, "the last delivery")
    sent = reply.body["deliveries"]
    expect({row["state"] for row in sent}, {"delivered"}, "the deliveries' state")
    tell.shows(f"{reply}, {len(sent)} delivered")
    orders = [row["topic"] for row in sent if row["kind"] == "ehr"]
    expect(orders[::-1], ["register", "register", "end"], "the EHR's orders")
    tell.shows(f"EHR: {', '.join(orders[::-1])}")
    for municipality, subscription in cast.subscriptions.items():
        journal = cast.web.ask("GET", f"{cast.house.origins[municipality]}/_journal").body
        numbers = sorted({event["number"] for event in journal["events"] if event["type"] == "event-notification"})
        events = [row for row in sent if row["receiver"] == subscription and row["kind"] == "notification"]
        expect(numbers, sorted(row["number"] for row in events), "the event numbers")
        expect(numbers, list(range(1, len(numbers) + 1)), "the event numbers")
        tell.shows(f"{municipality}: events 1–{len(numbers)}, none missing, {journal['repeats']} repeated")


def show_figures(cast: Cast) -> None:
    """The service's figures per unit must be what the story counted while it was played."""
    cast.tell.step("Figures per unit, counted from the events, agree with what this story did.")
    reply = cast.hospital["coordinating-unit"].get("/reports/units")
    figures = {row["unit"]: {name: row.get(name, 0) for name in COLUMNS} for row in reply.body["units"]}
    played = {unit: {name: counts[name] for name in COLUMNS} for unit, counts in cast.tally.items()}
    for unit in sorted(figures.keys() | played.keys()):
        expect(figures.get(unit), played.get(unit), f"the figures of {unit}")
    cast.tell.shows(reply)
    head = ("unit", *(name.replace("_", " ") for name in COLUMNS))
    cast.tell.table([head, *((unit, *(str(row[name]) for name in COLUMNS)) for unit, row in sorted(figures.items()))])
