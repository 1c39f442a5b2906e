"""A newcomer with nothing but the page: clicks, and what the page itself fills in."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.running import Running, running, sandbox_settings
from tests.api.test_docs_page import BROWSER, SWITCHES

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A sandbox that nobody has used yet."""
    with running(sandbox_settings(tmp_path_factory.mktemp("newcomer"))) as started:
        yield started


class Newcomer:
    """Somebody at the page."""

    def __init__(self, page: Any) -> None:
        self._page = page

    def becomes(self, persona: str, label: str) -> None:
        """Click a persona, and wait for its token."""
        self._page.click(f'#personas button:text-is("{persona}")')
        self._page.wait_for_selector(f"text=Requests are now sent as {label}")

    def follows(self, link: str) -> None:
        """Click a link of the introduction, or what leads to another part of the page."""
        self._page.locator(f'.info a[href="#/{link}"]').first.click()
        self._page.wait_for_selector(f"#operations-{link.replace('/', '-')} .execute")

    def executes(self, tag: str, operation: str, **typed: str) -> tuple[str, dict[str, Any]]:
        """Open an operation as the page shows it, type into its fields, press Execute; status and body."""
        block = self._page.locator(f"#operations-{tag}-{operation}")
        if not block.locator(".execute").count():
            block.locator(".opblock-summary-control").click()
        for name, value in typed.items():
            block.locator(f'tr[data-param-name="{name}"] input').fill(value)
        with self._page.expect_response(lambda answer: "/fhir/" in answer.url or "/reports/" in answer.url) as told:
            block.locator(".execute").click()
        block.locator(".live-responses-table .response-col_status").first.wait_for()
        block.locator(".opblock-summary-control").click()
        return str(told.value.status), told.value.json()


@pytest.fixture
def newcomer(service: Running) -> Iterator[Newcomer]:
    """At the freshly opened page; afterwards nothing may have gone wrong or been fetched from elsewhere."""
    from playwright.sync_api import sync_playwright

    asked: list[str] = []
    faults: list[str] = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=BROWSER, args=SWITCHES)
        page = chromium.new_page(viewport={"width": 1280, "height": 1200}, reduced_motion="reduce")
        page.set_default_timeout(60_000)
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
        page.goto(f"{service.origin}/docs")
        page.wait_for_selector("#operations-Task-createTask")
        yield Newcomer(page)
        chromium.close()
    assert faults == []
    assert [url for url in asked if not url.startswith((f"{service.origin}/", "data:"))] == []


def _outputs(task: dict[str, Any]) -> dict[str, Any]:
    return {one["type"]["coding"][0]["code"]: one for one in task["output"]}


@pytest.mark.timeout(300)
def test_from_the_need_to_the_end_of_the_coordinator(newcomer: Newcomer) -> None:
    newcomer.becomes("Fjordvik", "Municipality (Fjordvik)")
    newcomer.follows("Task/createTask")
    status, need = newcomer.executes("Task", "createTask")
    assert (status, need["status"]) == ("201", "received")
    assert newcomer.executes("Task", "readTask")[1]["id"] == need["id"]

    newcomer.becomes("Neurology outpatient", "Neurology outpatient")
    newcomer.follows("Task/taskAvailableActions")
    assert newcomer.executes("Task", "taskAvailableActions")[0] == "200"
    assert newcomer.executes("Task", "taskAccept")[0] == "200"
    assert newcomer.executes("Task", "taskAssess")[0] == "200"
    assert newcomer.executes("Task", "taskAppoint")[0] == "200"

    newcomer.becomes("Fjordvik", "Municipality (Fjordvik)")
    status, answer = newcomer.executes("Task", "readTask", id=need["id"])
    assert (status, answer["status"]) == ("200", "completed")
    told = _outputs(answer)
    assert told["coordinator"]["valueReference"]["display"] == "Ingrid Solvang"

    newcomer.becomes("Neurology outpatient", "Neurology outpatient")
    status, team = newcomer.executes("CareTeam", "careteamDeregisterCoordinator")
    assert (status, team["participant"][0]["period"]["end"]) == ("200", "2026-11-20")
    assert told["care-team"]["valueReference"]["reference"] == f"CareTeam/{team['id']}"


@pytest.mark.timeout(300)
def test_a_coordinator_without_a_case(newcomer: Newcomer) -> None:
    newcomer.becomes("Habilitation", "Habilitation")
    newcomer.follows("CareTeam/careteamRegisterCoordinator")
    status, team = newcomer.executes("CareTeam", "careteamRegisterCoordinator")
    assert (status, team["participant"][0]["member"]["display"]) == ("201", "Hanne Myrdal")
    assert newcomer.executes("CareTeam", "readCareTeam")[1]["id"] == team["id"]


@pytest.mark.timeout(300)
def test_searching_with_the_form_as_it_stands(newcomer: Newcomer) -> None:
    newcomer.becomes("Fjordvik", "Municipality (Fjordvik)")
    status, found = newcomer.executes("Task", "searchTaskByPost")
    assert (status, found["type"]) == ("200", "searchset")


@pytest.mark.timeout(300)
def test_a_link_leads_to_another_part_of_the_page(newcomer: Newcomer) -> None:
    newcomer._page.click('#parts button:text-is("Service and operator")')
    newcomer._page.wait_for_selector("#operations-Operator-deliveries")
    assert not newcomer._page.locator("#operations-Task-createTask").count()
    newcomer.becomes("Operator", "Operator")
    newcomer.follows("Task/createTask")
