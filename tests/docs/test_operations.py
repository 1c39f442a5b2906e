"""What an operator reads is what the service does: every setting, and the commands for dead letters."""

import ast
import json
from typing import Any

import httpx
import pytest

from app.config import Settings
from app.sandbox.demo.calls import Stop
from app.sandbox.demo.processes import House
from tests.docs.pages import PROJECT, Played, differences, play, section

PAGE = "docs/operations.md"


def settings_table() -> str:
    """The table of all settings, made from ``app/config.py``: name, default, the line that documents it."""
    tree = ast.parse((PROJECT / "app" / "config.py").read_text(encoding="utf-8"))
    (settings,) = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Settings")
    documented = {
        field.target.id: ast.literal_eval(text.value)
        for field, text in zip(settings.body, settings.body[1:], strict=False)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, ast.Expr)
    }
    rows = ["| setting | default | what |", "| --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        what = documented[name].replace("``", "`")
        rows.append(f"| `SAMBAND_{name.upper()}` | {_shown(field.default)} | {what} |")
    return "\n".join(rows)


def _shown(default: Any) -> str:
    plain = default.get_secret_value() if hasattr(default, "get_secret_value") else default
    if not plain and not isinstance(plain, bool | int | float):
        return ""
    return f"`{str(plain).lower() if isinstance(plain, bool) else plain}`"


def test_every_setting_is_in_the_table_with_its_default_and_meaning() -> None:
    wanted = settings_table()
    assert wanted in (PROJECT / PAGE).read_text(encoding="utf-8"), f"the table is not current; it must be:\n{wanted}"


@pytest.fixture(scope="module")
def played(house: House) -> list[Played]:
    """The dead-letter commands, after a municipality has refused one notification and is up again."""
    database = f"sqlite:///{house.folder / 'samband.db'}"
    origin = house.start("samband", "app.cli", "serve", "--sandbox", "--port", "0", "--database", database)
    named = ("--samband", origin, "--organisation", "310471437", "--journal", str(house.folder / "journal.jsonl"))
    system = house.start("fjordvik", "app.sandbox.municipality", "--port", "0", *named)
    with httpx.Client(trust_env=False, timeout=30) as client:

        def bearer(persona: str) -> dict[str, str]:
            answer = client.post(f"{origin}/sandbox/token", data={"persona": persona}).json()
            return {"Authorization": f"Bearer {answer['access_token']}"}

        wanted = {
            "organisation": "310471437",
            "topic": "case-changed",
            "endpoint": f"{system}/notify",
            "header": "Authorization: Bearer municipality-secret",
        }
        listed = f"{origin}/operator/subscriptions"
        client.post(listed, json=wanted, headers=bearer("operator")).raise_for_status()
        Stop().until(lambda: '"active"' in client.get(listed, headers=bearer("operator")).text or None, "the handshake")
        client.put(f"{system}/_control", json={"mode": "refusing"}).raise_for_status()
        need = (PROJECT / "examples" / "task-need.json").read_bytes()
        headers = bearer("municipality") | {"Content-Type": "application/fhir+json"}
        client.post(f"{origin}/fhir/v1/Task", content=need, headers=headers).raise_for_status()
        dead = f"{origin}/operator/deliveries?state=dead"
        Stop().until(
            lambda: client.get(dead, headers=bearer("operator")).json()["deliveries"] or None, "the dead letter"
        )
        client.put(f"{system}/_control", json={"mode": "up"}).raise_for_status()
        token = bearer("operator")["Authorization"].removeprefix("Bearer ")
    return list(play(section(PAGE, "## Dead letters"), {"http://127.0.0.1:8400": origin}, {"TOKEN": token}))


def test_a_dead_letter_is_found_and_sent_again_as_the_page_says(played: list[Played]) -> None:
    assert [differences(block) for block in played] == [[]] * len(played)
    settled, handshake = json.loads(played[-1].output)["deliveries"]
    assert (settled["kind"], settled["number"]) == ("notification", 1)
    assert (handshake["kind"], handshake["state"]) == ("handshake", "delivered")
