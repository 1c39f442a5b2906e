"""Code systems and value sets as FSH, written from the tables that the service decides by.

Generated rather than compared, so that no list is written twice: a code added in Python is in the next compilation,
and a test that needs no Node tells when the committed FSH is behind.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from app.coordination import states
from app.coordination.coordinators import END_REASONS, ROLES, EhrState
from app.coordination.health_personnel import HEALTH_PERSONNEL
from app.coordination.reasons import DECLINE_REASONS, LAPSE_REASONS
from app.coordination.states import Stage
from app.errors import CANONICAL, TEXTS
from app.fhir import codes
from app.fhir.measures import FIGURE, NAMES
from scripts.ig_text import as_file, in_words, quoted

VOLVEN_9060: Final = "urn:oid:2.16.578.1.12.4.1.1.9060"
TASK_CODES: Final = {
    codes.COORDINATOR_NEED: ("Behov for koordinator", "Need for a coordinator"),
    codes.EHR_REGISTRATION: ("Registrer rolle overfor pasient i journalsystemet", "Register the role in the EHR"),
    codes.ABORT: ("Be om at saken trekkes", "Request that a case is cancelled"),
}
TASK_OUTPUTS: Final = {
    "question": ("Spørsmål til avsender", "Question to the sender"),
    "answer": ("Svar fra avsender", "The sender's answer"),
    "decision": ("Beslutning", "Decision"),
    "answer-text": ("Svartekst", "Text of the answer"),
    "coordinator": ("Koordinator", "Coordinator"),
    "coordinator-unit": ("Koordinatorens enhet", "The coordinator's unit"),
    "coordinator-phone": ("Koordinatorens telefon", "The coordinator's telephone"),
    "coordinator-start": ("Koordinatorens første dag", "The coordinator's first day"),
    "coordinator-end": ("Koordinatorens siste dag", "The coordinator's last day"),
    "care-team": ("Koordineringsteam", "Coordination care team"),
    "registration": ("Registrering i journalsystemet", "Registration in the EHR"),
    "deregistration": ("Avregistrering i journalsystemet", "Deregistration in the EHR"),
}
"""What the service writes in ``Task.output``; a test holds it against the calls of ``rendering.output``."""
_INPUTS: Final = {
    "consent": ("Samtykke", "Consent"),
    "consent-date": ("Dato for samtykke", "Date of the consent"),
    "involved-unit": ("Involvert enhet", "Unit that is involved"),
    "reporter": ("Hvem som melder", "Who reports"),
    "need-kind": ("Type behov", "Kind of need"),
    "criteria-a": ("Kriterium A", "Criterion A"),
    "criteria-b": ("Kriterium B", "Criterion B"),
    "criteria-c": ("Kriterium C", "Criterion C"),
    "criteria-d": ("Kriterium D", "Criterion D"),
}
_REPORTERS: Final = {
    "patient": ("Pasienten", "Patient"),
    "next-of-kin": ("Pårørende", "Next of kin"),
    "gp": ("Fastlegen", "General practitioner"),
    "municipality": ("Kommunen", "Municipality"),
    "clinical-unit": ("Klinisk enhet", "Clinical unit"),
    "other-hospital": ("Annet sykehus", "Other hospital"),
}
_STAGES: Final = {Stage.RECEIVED: "Mottatt", EhrState.DRIFT: "Avvik fra journalsystemet"}
"""Stages that never stand in a Task, and so have no display there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """A code system of ours and the value set of all its codes; ``rows`` are code → (bokmål, English)."""

    system: str
    name: str
    title: str
    about: str
    rows: Mapping[str, tuple[str, str]]
    whole: bool = True
    """Whether there is a value set of all its codes, of the same id."""

    @property
    def id(self) -> str:
        """The last part of the URL."""
        return self.system.rpartition("/")[2]


def code_systems() -> tuple[Codes, ...]:
    """All of ours but that of errors."""
    local_roles = {code: texts for code, texts in ROLES.items() if not code.isdigit()}
    return (
        Codes(
            system=codes.COORDINATION_TASK,
            name="CoordinationTask",
            title="Coordination task",
            about="What a Task of the care coordination asks for.",
            rows=TASK_CODES,
        ),
        Codes(
            system=codes.STAGE,
            name="CoordinationStage",
            title="Coordination stage",
            about="Where a case, or a registration in the EHR, is: Task.businessStatus.",
            rows=_with_english([*Stage, *EhrState], codes.STAGE_DISPLAY | _STAGES),
        ),
        Codes(
            system=codes.MOVE,
            name="CoordinationMove",
            title="Coordination move",
            about="What happens to a case: Provenance.activity.",
            rows=_with_english(codes.MOVE_DISPLAY, codes.MOVE_DISPLAY),
        ),
        Codes(
            system=FIGURE,
            name="Figure",
            title="Figure",
            about="What the measures count, and what they divide it by.",
            rows=NAMES,
        ),
        Codes(
            system=codes.NEED_KIND,
            name="NeedKind",
            title="Kind of need",
            about="Why a coordinator is asked for.",
            rows=_with_english(codes.NEED_KINDS, codes.NEED_KINDS),
        ),
        Codes(
            system=codes.DECLINE_REASON,
            name="DeclineReason",
            title="Reason for declining",
            about="Why a need is declined. None says «wrong unit»: that is a transfer or an escalation.",
            rows=DECLINE_REASONS,
        ),
        Codes(
            system=codes.LAPSE_REASON,
            name="LapseReason",
            title="Reason for lapsing",
            about="Why there is nothing left to answer in a case. None says «wrong unit»: that is a hand-over.",
            rows=LAPSE_REASONS,
        ),
        Codes(
            system=codes.END_REASON,
            name="EndReason",
            title="Reason of the end",
            about="Why a coordinator is deregistered.",
            rows=END_REASONS,
        ),
        Codes(
            system=codes.TASK_INPUT,
            name="TaskInput",
            title="Task input",
            about="What an input of a coordinator need says.",
            rows={code: _INPUTS[code] for code in codes.TASK_INPUTS},
        ),
        Codes(
            system=codes.TASK_OUTPUT,
            name="TaskOutput",
            title="Task output",
            about="What an output of a coordinator need says.",
            rows=TASK_OUTPUTS,
        ),
        Codes(
            system=codes.REPORTER,
            name="Reporter",
            title="Reporter",
            about="Who reports a need.",
            rows={code: _REPORTERS[code] for code in codes.REPORTERS},
        ),
        Codes(
            system=codes.EHR_STATE,
            name="EhrState",
            title="EHR state",
            about="What the EHR has said about a registration; only a confirmed one is called registered.",
            rows=_with_english(EhrState, codes.STAGE_DISPLAY | _STAGES),
        ),
        Codes(
            system=f"{CANONICAL}/CodeSystem/coordinator-role",
            name="LocalCoordinatorRole",
            title="Coordinator role, local codes",
            about="Roles that Volven 9034 has no code for.",
            rows=local_roles,
            whole=False,
        ),
    )


def terminology() -> str:
    """``terminology.fsh``: the code systems, the value set of each, and value sets that choose among them."""
    systems = code_systems()
    blocks = [block for one in systems for block in (_code_system(one), *_whole(one))]
    stage = codes.STAGE
    stages = tuple(one for one in Stage if one is not Stage.RECEIVED)
    ends = (Stage.COORDINATOR_APPOINTED, *states.OTHER_OUTCOMES)
    roles = {code: texts[0] for code, texts in ROLES.items() if code.isdigit()}
    chosen = (
        ("case-stage", "CaseStage", "Stage of a case", "Where a case can be.", stage, stages),
        ("outcome", "Outcome", "Outcome", "What a need can lead to, other than a no.", stage, ends),
        ("decision", "Decision", "Decision", "What ends a case with an answer.", stage, (*ends, Stage.DECLINED)),
        (
            "placeable-outcome",
            "PlaceableOutcome",
            "Outcome of a placement",
            "What a binding placement can oblige a unit to.",
            stage,
            states.PLACEABLE_OUTCOMES,
        ),
        (
            "other-outcome",
            "OtherOutcome",
            "Other outcome",
            "What answers a need without a newly appointed coordinator.",
            stage,
            states.OTHER_OUTCOMES,
        ),
        (
            "registration-stage",
            "RegistrationStage",
            "Stage of a registration",
            "Where a registration in the EHR is.",
            stage,
            tuple(EhrState),
        ),
        (
            "health-personnel",
            "HealthPersonnel",
            "Health personnel",
            "Categories of Volven 9060 that a coordinator can have.",
            VOLVEN_9060,
            HEALTH_PERSONNEL,
        ),
    )
    blocks += [_value_set(*one) for one in chosen]
    about = "Volven 9034, and a local code where it has none."
    both = _value_set("coordinator-role", "CoordinatorRole", "Coordinator role", about, codes.ROLE, roles)
    blocks += [f"{both}\n* include codes from system LocalCoordinatorRoleCS", _errors()]
    return as_file(blocks)


def _with_english(wanted: Iterable[str], bokmal: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    return {str(code): (bokmal[code], in_words(code)) for code in wanted}


def _code_system(system: Codes) -> str:
    assert system.system == f"{CANONICAL}/CodeSystem/{system.id}"
    lines = [
        f"CodeSystem: {system.name}CS",
        f"Id: {system.id}",
        f"Title: {quoted(system.title)}",
        f"Description: {quoted(system.about)}",
        "* insert Published",
        "* ^language = #nb",
        "* ^caseSensitive = true",
        *([f"* ^valueSet = {quoted(f'{CANONICAL}/ValueSet/{system.id}')}"] if system.whole else []),
    ]
    for code, (bokmal, english) in system.rows.items():
        lines += [
            f"* #{code} {quoted(bokmal)}",
            f"* #{code} ^designation[+].language = #en",
            f"* #{code} ^designation[=].value = {quoted(english)}",
        ]
    return "\n".join(lines)


def _errors() -> str:
    lines = [
        "CodeSystem: ErrorCS",
        "Id: error",
        'Title: "Error"',
        'Description: "The stable codes in OperationOutcome.issue.details; never renamed. Each with its text."',
        "* insert Published",
        "* ^language = #en",
        "* ^caseSensitive = true",
        f"* ^valueSet = {quoted(f'{CANONICAL}/ValueSet/error')}",
    ]
    for code, texts in sorted(TEXTS.items()):
        lines += [
            f"* #{code} {quoted(texts.en)}",
            f"* #{code} ^designation[+].language = #nb",
            f"* #{code} ^designation[=].value = {quoted(texts.nb)}",
        ]
    error = Codes(
        system=f"{CANONICAL}/CodeSystem/error", name="Error", title="Error", about="All error codes.", rows={}
    )
    return "\n\n".join(["\n".join(lines), *_whole(error)])


def _whole(system: Codes) -> Iterator[str]:
    if system.whole:
        lines = _head(system.id, system.name, system.title, system.about)
        yield "\n".join([*lines, f"* include codes from system {system.name}CS"])


def _value_set(
    url: str, name: str, title: str, about: str, system: str, chosen: Mapping[str, str] | tuple[str, ...]
) -> str:
    shown = chosen if isinstance(chosen, Mapping) else {}
    source = "CoordinationStageCS" if system == codes.STAGE else system
    lines = [f"* {source}#{code}" + (f" {quoted(shown[code])}" if code in shown else "") for code in chosen]
    return "\n".join([*_head(url, name, title, about), *lines])


def _head(url: str, name: str, title: str, about: str) -> list[str]:
    return [
        f"ValueSet: {name}VS",
        f"Id: {url}",
        f"Title: {quoted(title)}",
        f"Description: {quoted(about)}",
        "* insert Published",
    ]
