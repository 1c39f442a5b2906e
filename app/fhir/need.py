"""The coordinator-need Task as a partner writes it: its rules (DESIGN 4.2) and the facts that it states."""

from dataclasses import dataclass
from typing import Any, Final

from app.errors import Problems
from app.fhir import codes
from app.fhir.criteria import indexed
from app.fhir.references import literal
from app.fhir.walk import modifiers

PATIENT_SYSTEMS: Final = (codes.NATIONAL_NUMBER, codes.D_NUMBER, codes.HELP_NUMBER)
DRAFT: Final = "draft"
"""``Task.status`` of a need that its sender has not submitted: it may still lack the words on what is needed."""
NEW: Final = ("requested", DRAFT)
"""``Task.status`` of a need that is created."""
SET_BY_SERVICE: Final = ("businessStatus", "statusReason", "output")
"""Elements that a new need cannot bring: they would be our own words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a coordinator-need Task says, as plain values; empty where it says nothing."""

    number: tuple[str, str]
    """The sender's own number as (system, value)."""
    patient: tuple[str, str]
    wish_resh: str = ""
    wish_organisation: str = ""
    requester_organisation: str = ""
    involved_resh: tuple[str, ...] = ()
    consent_given: bool | None = None
    consent_date: str = ""
    consent_reference: str = ""
    """A literal reference to a Consent, in place of yes or no."""


def is_need(task: dict[str, Any]) -> bool:
    """Whether a Task is a coordinator need, and so a case."""
    return codes.code_in(task.get("code"), codes.COORDINATION_TASK) == codes.COORDINATOR_NEED


def identifier_of(reference: object) -> tuple[str, str]:
    """(system, value) of a logical reference, empty strings where it has none."""
    identifier = reference.get("identifier") if isinstance(reference, dict) else None
    if not isinstance(identifier, dict):
        return "", ""
    return str(identifier.get("system", "")), str(identifier.get("value", ""))


def sender_number(task: dict[str, Any]) -> tuple[str, str]:
    """The identifier that makes a create idempotent: typed PLAC, else the first without a type."""
    identifiers = [entry for entry in task.get("identifier", ()) if entry.get("value")]
    typed = [entry for entry in identifiers if _identifier_type(entry) == "PLAC"]
    untyped = [entry for entry in identifiers if not entry.get("type")]
    chosen: dict[str, Any] = next(iter(typed + untyped), {})
    return indexed(str(chosen.get("system", ""))), indexed(str(chosen.get("value", "")))


def _identifier_type(identifier: dict[str, Any]) -> str:
    return codes.code_in(identifier.get("type"), codes.IDENTIFIER_TYPE)


Inputs = dict[str, list[tuple[int, dict[str, Any]]]]
"""``Task.input`` by its code of ours (empty: another's), each entry with its index."""


def inputs_of(task: dict[str, Any]) -> Inputs:
    """All inputs of a Task, in one pass."""
    found: Inputs = {}
    for index, entry in enumerate(task.get("input", ())):
        code = ""
        for coding in entry["type"].get("coding", ()):
            if coding.get("system") == codes.TASK_INPUT:
                code = coding.get("code", "")
                break
        found.setdefault(code, []).append((index, entry))
    return found


def is_draft(task: dict[str, Any]) -> bool:
    """Whether its sender keeps a need for itself as yet."""
    return task.get("status") == DRAFT


def check_need(task: dict[str, Any], raw: bytes) -> None:
    """Hold a new Task (already valid R4; ``raw`` its bytes) against the rules of 4.2.

    :raises InvalidContent: all that is wrong, each with its FHIRPath and the allowed values.
    """
    problems = Problems()
    _check_fixed(task, problems)
    check_code(task, problems)
    check_number(task, problems)
    check_patient(task, problems)
    _check_content(task, raw, problems, complete=not is_draft(task))
    problems.raise_if_any()


def check_changed(task: dict[str, Any], raw: bytes) -> None:
    """Hold the content of a changed Task against the same rules.

    :raises InvalidContent: all that is wrong.
    """
    problems = Problems()
    _check_content(task, raw, problems, complete=not is_draft(task))
    problems.raise_if_any()


def check_draft(task: dict[str, Any], raw: bytes, *, complete: bool) -> None:
    """Hold the content of a draft, whose patient may change too, against the same rules.

    ``complete``: it is to be submitted.

    :raises InvalidContent: all that is wrong.
    """
    problems = Problems()
    check_patient(task, problems)
    _check_content(task, raw, problems, complete=complete)
    problems.raise_if_any()


def _check_content(task: dict[str, Any], raw: bytes, problems: Problems, *, complete: bool) -> None:
    given = inputs_of(task)
    _check_inputs(task, given, problems)
    _check_kind(task, problems)
    # The walk is for the rare body that has the words in it at all.
    for path in modifiers(task, "Task") if b"modifierExtension" in raw or b"implicitRules" in raw else ():
        problems.add("modifier-not-understood", path, "Nothing here may change the meaning of the rest.")
    asks = ("description", "note", "reasonCode", "focus")
    if not complete:
        return
    if not any(task.get(name) for name in asks) and not any(given.get(f"criteria-{letter}", ()) for letter in "abcd"):
        problems.add("need-missing", "Task", "At least one must say what is needed.", (*asks, "input criteria-a to -d"))


def _check_fixed(task: dict[str, Any], problems: Problems) -> None:
    if task.get("status") not in NEW:
        problems.add("status-not-allowed", "Task.status", "A new need has one of these.", NEW)
    if task.get("intent") != "order":
        problems.add("intent-not-allowed", "Task.intent", "A need has a fixed intent.", ("order",))
    for name in SET_BY_SERVICE:
        if name in task:
            problems.add("service-owned-element", f"Task.{name}", "This element is set by the service.")


def check_code(task: dict[str, Any], problems: Problems) -> None:
    """One code of ours: it says what kind of Task this is."""
    listed = enumerate(codes.codings(task.get("code")))
    for index in [index for index, one in listed if one.get("system") == codes.COORDINATION_TASK][1:]:
        problems.add("too-many", f"Task.code.coding[{index}]", "The code is given once.")


def _check_kind(task: dict[str, Any], problems: Problems) -> None:
    for entry in codes.codings(task.get("reasonCode")):
        if entry.get("system") == codes.NEED_KIND and entry.get("code") not in codes.NEED_KINDS:
            problems.add(
                "unknown-code",
                "Task.reasonCode.coding.code",
                "Unknown kind of need.",
                tuple(codes.NEED_KINDS),
            )


def check_number(task: dict[str, Any], problems: Problems) -> None:
    """The sender's own number is there and whole, and there is none of ours."""
    if not all(sender_number(task)):
        problems.add(
            "sender-number-missing",
            "Task.identifier",
            "The sender's own number is required: system and value, of type PLAC or without a type.",
        )
    for index, entry in enumerate(task.get("identifier", ())):
        kind = _identifier_type(entry)
        for name in ("system", "value") if kind == "PLAC" else ():
            if not entry.get(name):
                path = f"Task.identifier[{index}].{name}"
                problems.add("missing-element", path, "An identifier of type PLAC has a system and a value.")
        if kind == "FILL" or entry.get("system") == codes.CASE_NUMBER:
            problems.add(
                "service-owned-element",
                f"Task.identifier[{index}]",
                "The case number is given by the service.",
            )


def check_patient(task: dict[str, Any], problems: Problems) -> None:
    """``Task.for`` names a patient."""
    patient = task.get("for")
    if not isinstance(patient, dict):
        problems.add("missing-element", "Task.for", "The patient is required, by identifier or reference.")
        return
    check_target(task, patient, "Patient", "Task.for", problems)
    system, value = identifier_of(patient)
    if system and value:
        if system not in PATIENT_SYSTEMS:
            problems.add(
                "patient-system-not-allowed",
                "Task.for.identifier.system",
                "The patient's identifier must be of a national system.",
                PATIENT_SYSTEMS,
            )
    elif patient.get("reference"):
        return  # whether it leads to a patient of the caller's is for casework to find out
    else:
        problems.add("missing-element", "Task.for.identifier", "system and value are required.")


def check_target(task: dict[str, Any], found: dict[str, Any], target: str, path: str, problems: Problems) -> None:
    """A reference, valid by R4, must not lead to another type: by its URL, its ``type`` or what is contained."""
    if "reference" not in found and found.get("type", target) == target:
        return  # by identifier, as nearly all are
    for member, name in (("reference", _type_of(task, str(found.get("reference", "")))), ("type", found.get("type"))):
        if name is not None and name not in {target, f"http://hl7.org/fhir/StructureDefinition/{target}"}:
            text = "The reference leads to another type."
            problems.add("wrong-reference-target", f"{path}.{member}", text, (target,))


def _type_of(task: dict[str, Any], reference: str) -> str | None:
    if reference.startswith("#"):
        local = (one["resourceType"] for one in task.get("contained", ()) if one.get("id") == reference[1:])
        return next(local, None)
    found = literal(reference)
    return found.type if found else None


_INPUT_VALUES: Final = {
    "consent": ("valueBoolean", "valueReference"),
    "consent-date": ("valueDate",),
    "involved-unit": ("valueReference",),
    "reporter": ("valueCodeableConcept",),
    "need-kind": ("valueCodeableConcept",),
    **{f"criteria-{letter}": ("valueBoolean",) for letter in "abcd"},
}


_ONCE: Final = ("consent", "consent-date", *(f"criteria-{letter}" for letter in "abcd"))


def _check_inputs(task: dict[str, Any], given: Inputs, problems: Problems) -> None:
    for name, entries in given.items():
        for index, entry in entries if name else ():
            if name not in _INPUT_VALUES:
                path = f"Task.input[{index}].type.coding.code"
                problems.add("unknown-code", path, "Unknown input.", codes.TASK_INPUTS)
            elif not any(value in entry for value in _INPUT_VALUES[name]):
                path = f"Task.input[{index}].value"
                problems.add("wrong-type", path, "Wrong type of value.", _INPUT_VALUES[name])
    for name in _ONCE:
        for index, _ in given.get(name, ())[1:]:
            problems.add("too-many", f"Task.input[{index}]", f"{name} is given once.")
    _check_consent(given, problems)
    for index, entry in given.get("involved-unit", ()):
        check_target(task, entry.get("valueReference", {}), "Organization", f"Task.input[{index}].value", problems)
    for index, entry in given.get("reporter", ()):
        _check_coded(entry, codes.REPORTER, codes.REPORTERS, index, problems)
    for index, entry in given.get("need-kind", ()):
        _check_coded(entry, codes.NEED_KIND, tuple(codes.NEED_KINDS), index, problems)


def _check_consent(given: Inputs, problems: Problems) -> None:
    for index, entry in given.get("consent", ()):
        reference = entry.get("valueReference")
        if reference is not None and not str(reference.get("reference", "")).rpartition("/")[0].endswith("Consent"):
            path = f"Task.input[{index}].value.reference"
            problems.add("wrong-reference-target", path, "A literal reference to a Consent is required.", ("Consent",))


def _check_coded(entry: dict[str, Any], system: str, allowed: tuple[str, ...], index: int, problems: Problems) -> None:
    if codes.code_in(entry.get("valueCodeableConcept"), system) not in allowed:
        path = f"Task.input[{index}].value.coding.code"
        problems.add("unknown-code", path, f"A code of {system} is required.", allowed)


def read_need(task: dict[str, Any]) -> Need:
    """The facts of a Task that ``check_need`` has passed."""
    wish_system, wish_value = identifier_of(task.get("owner"))
    requester_system, requester_value = identifier_of(task.get("requester"))
    given = inputs_of(task)
    consent = next((entry.get("valueBoolean") for _, entry in given.get("consent", ())), None)
    return Need(
        number=sender_number(task),
        patient=identifier_of(task["for"]),
        wish_resh=wish_value if wish_system == codes.RESH else "",
        wish_organisation=wish_value if wish_system == codes.ORGANISATION else "",
        requester_organisation=requester_value if requester_system == codes.ORGANISATION else "",
        involved_resh=tuple(
            value
            for _, entry in given.get("involved-unit", ())
            for system, value in [identifier_of(entry.get("valueReference"))]
            if system == codes.RESH
        ),
        consent_given=consent,
        consent_reference=next(
            (entry.get("valueReference", {}).get("reference", "") for _, entry in given.get("consent", ())), ""
        ),
        consent_date=next((entry.get("valueDate", "") for _, entry in given.get("consent-date", ())), ""),
    )
