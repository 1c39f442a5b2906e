"""The guide's table of what each may change is the one that decides."""

from app.coordination.states import Actor
from app.fhir.changeable import ABORT, NEED, PLAN_MEMBER, TASK_OWNER, WORK_ITEM, Elements, How, Phase
from tests.docs.pages import section

ACTORS = {
    "sender": Actor.SENDER,
    "owner": Actor.OWNER,
    "coordinating unit": Actor.COORDINATING_UNIT,
    "decision group": Actor.DECISION_GROUP,
}


def shown(elements: Elements) -> str:
    """A cell of the table."""
    return ", ".join(f"`{name}`{' +' if how is How.ADD else ''}" for name, how in sorted(elements.items())) or "–"


def table() -> list[str]:
    """The rows as the page must have them."""
    rows = ["| what | who | may change |", "| --- | --- | --- |"]
    rows.append(f"| need, draft | its author | {shown(NEED[Actor.SENDER][Phase.DRAFT])} |")
    for name, actor in ACTORS.items():
        rows.append(f"| need, open | {name} | {shown(NEED[actor][Phase.OPEN])} |")
    rows += [
        f"| need, ended | nobody | {shown({})} |",
        f"| Task of another code | its owner | {shown(TASK_OWNER)} |",
        f"| CarePlan | member, municipality named | {shown(PLAN_MEMBER)} |",
        f"| `abort` Task, open | sender | {shown(ABORT[Actor.SENDER])} |",
        f"| `abort` Task, open | owner | {shown(ABORT[Actor.OWNER])} |",
        f"| `ehr-registration` Task | its unit, without an EHR | {shown(WORK_ITEM)} |",
    ]
    return rows


def test_the_guide_has_the_table_that_decides() -> None:
    found = [line for line in section("docs/integration.md", "## Who may change what").splitlines() if line[:1] == "|"]
    assert found == table()


def test_what_the_page_says_in_one_row_holds_for_all() -> None:
    for actor, phases in NEED.items():
        assert bool(phases[Phase.DRAFT]) == (actor is Actor.SENDER)
        assert phases[Phase.OPEN] == phases[Phase.WAITING]
        assert phases[Phase.ENDED] == {}
    assert {*ACTORS.values(), Actor.SERVICE} == set(NEED) == set(Actor)
