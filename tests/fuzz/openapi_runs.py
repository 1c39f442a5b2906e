"""Runs of schemathesis on the committed OpenAPI document, each as one persona of the sandbox."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.api.openapi import COMMITTED
from app.fhir.resources import RESOURCES, STORED
from tests.api.running import FHIR, Running
from tests.api.smallest import smallest

SEED = 7
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "discreet",
)
_MUNICIPALITY = "Task|CarePlan|ServiceRequest|QuestionnaireResponse|Consent|Communication|Patient|RelatedPerson"
_RESEND = "^/operator/deliveries/[{]delivery[}]/resend$"
"""Needs a delivery that was sent before; ``tests/api/test_operator.py`` has one."""


@dataclass(frozen=True, slots=True)
class Run:
    """Who asks, how, for how many parts of the time, and which paths: those that this persona has the rights for."""

    persona: str
    phases: str
    share: int
    only: str = "^/"
    without: str = "^/(operator|sandbox|fhir/v1/AuditEvent)"


_SENDER = Run("municipality", "fuzzing,stateful", 6, only=f"^/fhir/v1/({_MUNICIPALITY})")
_OPERATOR = Run("operator", "examples,coverage,fuzzing", 1, only="^/operator", without=_RESEND)
_AUDITOR = Run("auditor", "examples,coverage", 1, only="^/fhir/v1/AuditEvent", without="^/operator")
LONG = (
    Run("coordinating-unit", "examples,coverage", 6),
    _SENDER,
    Run("clinical-unit", "fuzzing,stateful", 6, only="^/fhir/v1/(Task|CareTeam)"),
    _OPERATOR,
    _AUDITOR,
)
SHORT = (
    Run(
        "coordinating-unit",
        "examples,coverage",
        10,
        only="^/(reports|health|fhir/v1(/(metadata|_history|Task|CareTeam|CarePlan|Organization|ValueSet))?(/|$))",
    ),
    _SENDER,
    _OPERATOR,
    _AUDITOR,
)
"""One type of each kind for the phases that walk through all operations, so that they come to the end."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run found: number of cases, failures by title, operations that never got past 401, 403 or 404."""

    run: Run
    cases: int
    failures: dict[str, list[str]]
    stuck: list[str]
    text: str

    @property
    def clean(self) -> bool:
        """Something was asked, everything was answered as documented, and nothing was out of reach."""
        return bool(self.cases) and not self.failures and not self.stuck

    def __str__(self) -> str:
        found = ", ".join(f"{title}: {len(places)}" for title, places in self.failures.items()) or "no failures"
        return (
            f"{self.run.persona:18} {self.run.phases:26} {self.cases:7} cases, {found}, {len(self.stuck)} out of reach"
        )


def fuzz(service: Running, folder: Path, runs: tuple[Run, ...], seconds: int, seed: int = SEED) -> Iterator[Outcome]:
    """The runs, ``seconds`` together; reports stay in ``folder``."""
    parts = sum(run.share for run in runs)
    for run in runs:
        yield _outcome(service, folder, run, max(3, seconds * run.share // parts), seed)


def _outcome(service: Running, folder: Path, run: Run, seconds: int, seed: int) -> Outcome:
    headers = service.token(run.persona)
    settings, report = folder / f"{run.persona}.toml", folder / f"{run.persona}.json"
    settings.write_text("\n".join(_settings(service, headers, run)), encoding="utf-8")
    options = {
        "url": service.origin,
        "header": f"Authorization: {headers['Authorization']}",
        "max-time": str(seconds),
        "phases": run.phases,
        "seed": str(seed),
        "checks": ",".join(CHECKS),
        "include-path-regex": run.only,
        "exclude-path-regex": run.without,
        "generation-database": "none",
        "generation-with-security-parameters": "false",
        "report": "json",
        "report-json-path": str(report),
    }
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(settings), "run", str(COMMITTED)]
    given = [word for name, value in options.items() for word in (f"--{name}", value)]
    flags = ["--continue-on-failure", "--no-shrink", "--no-color"]
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        [*command, *given, *flags], capture_output=True, text=True, check=False, cwd=folder, env=environment
    )
    if not report.exists():
        return Outcome(run, 0, {"did not run": [""]}, [], done.stdout + done.stderr)
    found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    failures = {one["title"]: one["operations"] for one in (*found["failures"], *found["errors"])}
    # Made-up ids are 404 and foreign moves are 403 by design; the walks through all operations say what is reached.
    kinds = ("missing_auth", "missing_test_data") if "coverage" in run.phases else ()
    stuck = [name for kind in kinds for name in found["warnings"][kind]]
    return Outcome(run, found["test_cases"]["generated"], failures, stuck, done.stdout + done.stderr)


def _settings(service: Running, headers: dict[str, str], run: Run) -> Iterator[str]:
    """Ids that exist: one of each type for the phases that go by the book, else several among made-up ones."""
    yield f"hooks = {json.dumps(str(Path(__file__).with_name('discreet.py')))}\n"
    operations: list[str] = []
    for name in RESOURCES:
        if not re.match(run.only, f"/fhir/v1/{name}") or not (ids := _ids(service, headers, name)):
            continue
        yield f"[dictionaries.{name}]\nvalues = {json.dumps(ids)}\n"
        several = f'{{ dictionary = "{name}", probability = 0.9 }}'
        chosen = several if "fuzzing" in run.phases else json.dumps(ids[0])
        paths = f"^/fhir/v1/{name}/[{{]id[}}]" + ("|^/reports/cases/" if name == "Task" else "")
        operations.append(
            f'[[operations]]\ninclude-path-regex = "{paths}"\n'
            f'parameters = {{ "path.id" = {chosen}, "path.version" = 1 }}\n'
        )
    yield from operations


def _ids(service: Running, headers: dict[str, str], name: str) -> list[str]:
    client, base = service.client, f"/fhir/v1/{name}"
    if name in {one.name for one in STORED}:
        for _ in range(3):
            answer = client.post(base, content=json.dumps(smallest(name)), headers=headers | FHIR)
            assert answer.status_code == 201, answer.text
    page = client.get(base, params={"_count": 5}, headers=headers).json()
    return [entry["resource"]["id"] for entry in page.get("entry", [])]
