"""Runs of schemathesis on the committed OpenAPI document, each as one persona of the sandbox."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.api.openapi import COMMITTED
from app.sandbox.personas import PERSONAS
from tests.api.running import Running
from tests.fuzz.discreet import ANSWERS
from tests.fuzz.seeds import ids

SEED = 7
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "discreet",
)
_RESEND = "^/operator/deliveries/[{]delivery[}]/resend$"
"""Needs a delivery that was sent before; ``tests/api/test_operator.py`` has one."""
_EHR = "^/fhir/v1/(CareTeam|Encounter|Task|Patient|Organization)(/|$)"
_NO_WAY_IN = frozenset({"401", "403", "404"})
_AT_THE_DOOR = _NO_WAY_IN | {"400", "405", "406", "415", "429"}
"""What is answered without a look at what there is."""
_WALK, _FUZZ, _MOVES = "examples,coverage", "fuzzing", "fuzzing,stateful"


@dataclass(frozen=True, slots=True)
class Run:
    """Who asks, how, for how many parts of the time, and which paths: those that this persona has the rights for."""

    persona: str
    phases: str
    share: int
    only: str
    without: str = "^/(operator|sandbox|fhir/v1/AuditEvent)"


def _of(persona: str) -> str:
    """The paths of the types that a persona has any scope for."""
    types = re.findall(r"system/([A-Za-z]+)[.]", PERSONAS[persona].scope)
    return f"^/fhir/v1/({'|'.join(types)})(/|$)"


_OPERATOR = Run("operator", f"{_WALK},{_FUZZ}", 1, only="^/operator", without=_RESEND)
_AUDITOR = Run("auditor", _WALK, 1, only="^/fhir/v1/AuditEvent", without="^/operator")
LONG = (
    Run("coordinating-unit", _WALK, 12, only="^/"),
    Run("coordinating-unit", _FUZZ, 3, only=_of("coordinating-unit")),
    Run("municipality", _MOVES, 6, only=_of("municipality")),
    Run("clinical-unit", _MOVES, 6, only="^/fhir/v1/(Task|CareTeam|Encounter)"),
    Run("decision-group", _MOVES, 3, only="^/fhir/v1/(Task|CareTeam|Consent|Provenance)"),
    Run("ehr", _FUZZ, 4, only=_EHR),
    _AUDITOR,
    Run("auditor", _FUZZ, 1, only=_of("auditor"), without="^/operator"),
    _OPERATOR,
    Run("operator", _FUZZ, 1, only=_of("operator")),
)
_KINDS = ("Task|CareTeam", "CarePlan|Organization", "Consent|ValueSet", "Patient|Practitioner", "Encounter|Measure")
_TURNS = (
    Run("municipality", _MOVES, 6, only=_of("municipality")),
    Run("clinical-unit", _MOVES, 6, only="^/fhir/v1/(Task|CareTeam)"),
    Run("decision-group", _MOVES, 6, only="^/fhir/v1/(Task|CareTeam)"),
    Run("ehr", _FUZZ, 6, only=_EHR),
)


def short(turn: int) -> tuple[Run, ...]:
    """What fits into a minute. From ``turn`` to ``turn`` it is another persona's and other types'.

    The phases that walk through all operations are given so few of these that they come to the end.
    """
    here = f"reports|health|fhir/v1(/(metadata|_history|Task|{_KINDS[turn % len(_KINDS)]}))?"
    walk = Run("coordinating-unit", _WALK, 10, only=f"^/({here})(/|$)")
    return (walk, _TURNS[turn % len(_TURNS)], _OPERATOR, _AUDITOR)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run found: cases, answers by status, failures by title, operations that never got past 401, 403 or 404."""

    run: Run
    cases: int
    answers: Counter[int]
    failures: dict[str, list[str]]
    stuck: list[str]
    text: str

    @property
    def clean(self) -> bool:
        """Something was asked, everything was answered as documented, and nothing was out of reach."""
        return any(200 <= status < 300 for status in self.answers) and not self.failures and not self.stuck

    def __str__(self) -> str:
        found = ", ".join(f"{title}: {len(places)}" for title, places in self.failures.items()) or "no failures"
        answers = ", ".join(f"{number}x {status}" for status, number in sorted(self.answers.items()))
        return (
            f"{self.run.persona:17} {self.run.phases:25} {self.cases:6} cases: {answers}; "
            f"{found}; {len(self.stuck)} out of reach"
        )


def fuzz(service: Running, folder: Path, runs: tuple[Run, ...], seconds: int, seed: int = SEED) -> Iterator[Outcome]:
    """The runs, ``seconds`` together; reports stay in ``folder``."""
    parts = sum(run.share for run in runs)
    for run in runs:
        yield _outcome(service, folder, run, max(3, seconds * run.share // parts), seed)


def _outcome(service: Running, folder: Path, run: Run, seconds: int, seed: int) -> Outcome:
    headers = service.token(run.persona)
    settings, report, counts = (folder / f"{run.persona}.{kind}" for kind in ("toml", "json", "counts"))
    for old in (report, counts):
        old.unlink(missing_ok=True)
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
    environment = {**os.environ, "PYTHONWARNINGS": "ignore", ANSWERS: str(counts)}
    done = subprocess.run(
        [*command, *given, *flags], capture_output=True, text=True, check=False, cwd=folder, env=environment
    )
    if not report.exists():
        return Outcome(run, 0, Counter(), {"did not run": [""]}, [], done.stdout + done.stderr)
    found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    failures = {one["title"]: one["operations"] for one in (*found["failures"], *found["errors"])}
    by_operation: dict[str, dict[str, int]] = json.loads(counts.read_text(encoding="utf-8"))
    answers: Counter[int] = Counter()
    for statuses in by_operation.values():
        answers.update({int(status): number for status, number in statuses.items()})
    # Made-up ids are 404 and foreign moves are 403 by design; the walks through all operations say what is reached.
    unreached = sorted(stuck(found["warnings"], by_operation)) if "coverage" in run.phases else []
    return Outcome(run, found["test_cases"]["generated"], answers, failures, unreached, done.stdout + done.stderr)


def stuck(warnings: dict[str, list[str]], by_operation: dict[str, dict[str, int]]) -> set[str]:
    """The operations that schemathesis warns of, and those that its rule of thumb passes over."""
    never = {
        name
        for name, statuses in by_operation.items()
        if _AT_THE_DOOR.issuperset(statuses) and not _NO_WAY_IN.isdisjoint(statuses)
    }
    return never.union(warnings["missing_auth"], warnings["missing_test_data"])


def _settings(service: Running, headers: dict[str, str], run: Run) -> Iterator[str]:
    """Ids that exist: one of each type for the phases that go by the book, else several among made-up ones."""
    yield f"hooks = {json.dumps(str(Path(__file__).with_name('discreet.py')))}\n"
    operations: list[str] = []
    for name, known in ids(service, headers):
        if not re.match(run.only, f"/fhir/v1/{name}"):
            continue
        yield f"[dictionaries.{name}]\nvalues = {json.dumps(known)}\n"
        several = f'{{ dictionary = "{name}", probability = 0.9 }}'
        chosen = several if "fuzzing" in run.phases else json.dumps(known[0])
        paths = f"^/fhir/v1/{name}/[{{]id[}}]" + ("|^/reports/cases/" if name == "Task" else "")
        operations.append(
            f'[[operations]]\ninclude-path-regex = "{paths}"\n'
            f'parameters = {{ "path.id" = {chosen}, "path.version" = 1 }}\n'
        )
    yield from operations
