"""Constraints of the resources about a patient and those who care for them."""

from typing import Final

from app.fhir.invariants.rules import (
    Invariant,
    Rule,
    Value,
    has,
    has_choice,
    has_coding,
    invariants,
    needs,
    not_both,
    objects,
    ordered,
    some,
)

_CONSENT_SCOPE: Final = "http://terminology.hl7.org/CodeSystem/consentscope"
_CLINICAL: Final = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_VERIFICATION: Final = "http://terminology.hl7.org/CodeSystem/condition-ver-status"


def _on_behalf_of(value: Value) -> bool:
    """By the type that the member names; one in ``contained`` is looked up in ``validation``."""
    member = value.get("member", {})
    path = str(member.get("reference", "")).split("/_history/")[0].split("/")
    kind = path[-2] if len(path) > 1 else str(member.get("type", ""))
    return not has(value, "onBehalfOf") or kind in ("", "Practitioner")


def _patient_in_scope(code: str) -> Rule:
    """R4's expression has the placeholder system 'something'; this is what its text asks for."""
    return lambda value: has(value, "patient") or not has_coding(value, "scope", _CONSENT_SCOPE, (code,))


def _never_home(value: Value) -> bool:
    return value.get("use") != "home"


def _abated(value: Value) -> bool:
    ended = ("resolved", "remission", "inactive")
    return not has_choice(value, "abatement") or has_coding(value, "clinicalStatus", _CLINICAL, ended)


def _no_status_in_error(value: Value) -> bool:
    is_error = has_coding(value, "verificationStatus", _VERIFICATION, ("entered-in-error",))
    return not (is_error and has(value, "clinicalStatus"))


def _codings(value: Value) -> set[tuple[str, str]]:
    rows = objects(value.get("code", {}), "coding")
    return {(one.get("system", ""), one.get("code", "")) for one in rows}


def _component(value: Value) -> bool:
    own = _codings(value)
    is_twice = any(own & _codings(one) for one in objects(value, "component"))
    return not (has_choice(value, "value") and is_twice)


def _times(value: Value) -> bool:
    return (has(value, "start") and has(value, "end")) or value.get("status") in ("proposed", "cancelled", "waitlist")


CARE: Final[dict[str, Invariant]] = invariants(
    ("Task inv-1", "lastModified must not be before authoredOn", ordered("authoredOn", "lastModified")),
    ("ctm-1", "onBehalfOf only where the member is a Practitioner", _on_behalf_of),
    ("cpl-3", "a reference or detail, not both", not_both("detail", "reference")),
    ("prr-1", "orderDetail only with code", needs("orderDetail", "code")),
    ("ppc-1", "a policy or policyRule", some("policy", "policyRule")),
    ("ppc-2", "scope patient-privacy needs a patient", _patient_in_scope("patient-privacy")),
    ("ppc-3", "scope research needs a patient", _patient_in_scope("research")),
    ("ppc-4", "scope adr needs a patient", _patient_in_scope("adr")),
    ("ppc-5", "scope treatment needs a patient", _patient_in_scope("treatment")),
    (
        "pat-1",
        "a contact has a name, telecom, address or organization",
        some("name", "telecom", "address", "organization"),
    ),
    ("org-1", "a name or an identifier", some("identifier", "name")),
    ("org-2", "no address of an organization is of use home", _never_home),
    ("org-3", "no telecom of an organization is of use home", _never_home),
    ("con-1", "a stage has a summary or an assessment", some("summary", "assessment")),
    ("con-2", "evidence has a code or details", some("code", "detail")),
    ("con-4", "abatement needs clinicalStatus inactive, resolved or remission", _abated),
    ("con-5", "no clinicalStatus where verificationStatus is entered-in-error", _no_status_in_error),
    (
        "gol-1",
        "a target's detail needs its measure",
        lambda value: not has_choice(value, "detail") or has(value, "measure"),
    ),
    (
        "grp-1",
        "only an actual group has members",
        lambda value: not has(value, "member") or value.get("actual") is True,
    ),
    ("obs-3", "a reference range has low, high or text", some("low", "high", "text")),
    (
        "obs-6",
        "dataAbsentReason only without a value",
        lambda value: not (has(value, "dataAbsentReason") and has_choice(value, "value")),
    ),
    ("obs-7", "no value where a component has the same code", _component),
    ("app-1", "a participant has a type or an actor", some("type", "actor")),
    ("app-2", "start and end, both or none", lambda value: has(value, "start") == has(value, "end")),
    ("app-3", "start and end unless proposed, cancelled or waitlist", _times),
    (
        "app-4",
        "cancelationReason only where cancelled or noshow",
        lambda value: not has(value, "cancelationReason") or value.get("status") in ("noshow", "cancelled"),
    ),
)
