"""OperationDefinitions and SearchParameters as FSH, written from the resource table."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from app.coordination.arguments import REQUIRED
from app.coordination.states import Move
from app.errors import CANONICAL
from app.fhir.resources import RESOURCES, Kind, Operation, ResourceType, SearchParameter
from scripts.ig_text import as_file, in_words, quoted

BY_HL7: Final = frozenset({"validate", "everything", "meta"})
"""Operations that HL7 defines."""
_BACKPORT: Final = "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription"
_BASES: Final = {
    ("Subscription", "status"): f"{_BACKPORT}-status",
    ("Subscription", "events"): f"{_BACKPORT}-events",
    # Of the guide's continuous build: not in a release yet.
    ("Subscription", "resend"): f"{_BACKPORT}-resend",
}
"""What another guide has defined, and ours is after."""
_PROFILE: Final = "http://hl7.org/fhir/StructureDefinition"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A parameter: its data type and what may stand in it; an empty ``type`` has ``parts``."""

    about: str
    type: str = ""
    target: str = ""
    values: str = ""
    max: str = "1"
    parts: tuple[tuple[str, str, str], ...] = ()
    """(name, cardinality, data type)."""


SHAPES: Final = {
    "unit": Shape(about="The receiving unit, by its RESH id.", type="Reference", target="Organization"),
    "practitioner": Shape(about="The person, by HPR number.", type="Reference", target="Practitioner"),
    "patient": Shape(about="The patient's national number.", type="Identifier"),
    "participant": Shape(about="The id of the participant.", type="string"),
    "role": Shape(about="The role; 18 when it is not given.", type="Coding", values="coordinator-role"),
    "telecom": Shape(about="Where the coordinator is reached; else the person's or the unit's.", type="ContactPoint"),
    "start": Shape(about="The first day; today when it is not given.", type="date"),
    "end": Shape(about="The last day; today when it is not given.", type="date"),
    "reason": Shape(about="The reason in words, without the patient's name or number.", type="string"),
    "question": Shape(about="What the sender is asked.", type="string"),
    "answer": Shape(about="What the sender answers.", type="string"),
    "reasonCode": Shape(about="The reason as a code.", type="code"),
    "outcome": Shape(about="What the need leads to.", type="code", values="outcome"),
    "consent": Shape(
        about="The patient's consent; needed where the case records none.",
        parts=(("given", "1..1", "boolean"), ("date", "0..1", "date")),
    ),
    "assessment": Shape(
        about="The criteria A to D; at least one is answered.",
        parts=tuple((letter, "0..1", "boolean") for letter in "abcd"),
    ),
    "action": Shape(
        about="A move that the caller has now, by operation or by a Task, and what it may lead to, needs and may name.",
        max="*",
        parts=(
            ("operation", "0..1", "string"),
            ("task", "0..1", "code"),
            ("reference", "0..1", "Reference"),
            ("status", "0..1", "code"),
            ("target", "0..*", "code"),
            ("requires", "0..*", "string"),
            ("unit", "0..*", "string"),
            ("reasonCode", "0..*", "code"),
        ),
    ),
    "id": Shape(
        about="Which Subscription; without it all of the caller's own. At type level only.", type="id", max="*"
    ),
    "status": Shape(about="Only those of this status. At type level only.", type="code", max="*"),
    "eventsSinceNumber": Shape(about="The first event number; 1 when $events is not given it.", type="string"),
    "eventsUntilNumber": Shape(about="The last event number; the last of all when it is not given.", type="string"),
    "content": Shape(about="empty, id-only or full-resource; as the Subscription says when not given.", type="code"),
    "period": Shape(about="From and to when; both are part of it.", type="Period"),
    "count": Shape(about="Rows of a page; 50 when it is not given.", type="positiveInt"),
    "cursor": Shape(about="What next said; the other parameters stay the same.", type="string"),
    "next": Shape(about="Another page follows: ask again with this as cursor.", type="string"),
    "entry": Shape(
        about="Somebody looked at something about the patient, wrote it, or was refused it.",
        max="*",
        parts=(
            ("when", "1..1", "instant"),
            ("organization", "0..1", "Reference"),
            ("unit", "0..1", "Reference"),
            ("practitioner", "0..1", "Reference"),
            ("role", "1..1", "Coding"),
            ("kind", "1..1", "Coding"),
            ("about", "0..1", "Coding"),
            ("purpose", "0..1", "Coding"),
        ),
    ),
}
_VALUES: Final = {
    ("place", "outcome"): "placeable-outcome",
    ("conclude", "outcome"): "other-outcome",
    ("decline", "reasonCode"): "decline-reason",
    ("lapse", "reasonCode"): "lapse-reason",
    ("deregister-coordinator", "reasonCode"): "end-reason",
}
_NEEDED: Final = {
    "register-coordinator": ("patient", "practitioner", "consent"),
    "deregister-coordinator": ("reasonCode",),
    "assess": ("assessment",),
    "patient-log": ("patient",),
    "resend": ("eventsSinceNumber",),
}
_RETURNED: Final = {
    "status": ("Bundle", "A searchset of Parameters, one for each subscription."),
    "events": ("Bundle", "A history: the status, then what the events are about."),
    "resend": ("OperationOutcome", "How many are sent once more."),
}
"""Operations that answer with another resource than that which they are asked of."""
_ANSWERED: Final = {"available-actions": ("action",), "patient-log": ("entry", "next")}
"""Operations that answer with Parameters; the others with the resource."""
_MAY_BE_ON_RECORD: Final = "consent"


class NotDescribed(Exception):
    """A parameter in the resource table that ``SHAPES`` does not know."""


def operations() -> str:
    """``operations.fsh``: one OperationDefinition for each operation of the resource table that is ours."""
    ours = {
        (kind.name, one.name): (kind, one)
        for kind in RESOURCES.values()
        for one in kind.operations
        if one.name not in BY_HL7
    }
    return as_file("\n".join(_operation(kind, one)) for kind, one in ours.values())


def search_parameters(standard: Mapping[tuple[str, str], str]) -> str:
    """``search.fsh``: parameters that R4 does not have, and those that we offer in one form only.

    ``standard`` is R4's own: (type, code) → URL; without one for a restricted parameter, R4 is read as it names them.
    """
    found = [
        "\n".join(_search_parameter(kind.name, one, standard.get((kind.name, one.name), "")))
        for kind in RESOURCES.values()
        for one in kind.search
        if not one.name.startswith("_") and (restricted(one) or (kind.name, one.name) not in standard)
    ]
    return as_file(found)


def restricted(parameter: SearchParameter) -> bool:
    """Whether only the ``:identifier`` form of a reference is offered."""
    return (
        parameter.fhir_type == "reference"
        and parameter.modifiers == ("identifier",)
        and parameter.kind is not Kind.PATIENT
    )


def _operation(kind: ResourceType, operation: Operation) -> Iterator[str]:
    identity = f"{kind.name}-{operation.name}"
    reading = operation.reads
    levels = {one.level for one in kind.operations if one.name == operation.name}
    yield from (
        f"Instance: {identity}",
        "InstanceOf: OperationDefinition",
        "Usage: #definition",
        f'* url = "{CANONICAL}/OperationDefinition/{identity}"',
        f'* name = "{_camel(kind.name, operation.name)}"',
        f"* title = {quoted(in_words(operation.name))}",
        "* insert Released",
        "* status = #active",
        "* kind = #operation",
        "* insert PublishedInstance",
        f"* description = {quoted(operation.summary)}",
        f"* affectsState = {str(not reading).lower()}",
        f"* code = #{operation.name}",
        f"* resource = #{kind.name}",
        f"* system = {str('system' in levels).lower()}",
        f"* type = {str('type' in levels).lower()}",
        f"* instance = {str('instance' in levels).lower()}",
    )
    if base := _BASES.get((kind.name, operation.name)):
        yield f'* base = "{base}"'
    for name in operation.parameters:
        yield from _parameter(operation.name, name, "in", int(name in _needed(operation.name)))
    answered = _ANSWERED.get(operation.name, ())
    for name in answered:
        yield from _parameter(operation.name, name, "out", 0)
    if not answered:
        returned, about = _RETURNED.get(operation.name, (kind.name, f"The {kind.name} as it is after the operation."))
        yield from (
            "* parameter[+].name = #return",
            "* parameter[=].use = #out",
            "* parameter[=].min = 1",
            '* parameter[=].max = "1"',
            f"* parameter[=].documentation = {quoted(about)}",
            f"* parameter[=].type = #{returned}",
        )


def _needed(operation: str) -> tuple[str, ...]:
    if operation not in set(Move):
        return _NEEDED.get(operation, ())
    return tuple(name for name in REQUIRED.get(Move(operation), ()) if name != _MAY_BE_ON_RECORD)


def _parameter(operation: str, name: str, use: str, least: int) -> Iterator[str]:
    shape = SHAPES.get(name)
    if shape is None:
        raise NotDescribed(f"scripts/ig_interfaces.py: describe the parameter {name} of ${operation} in SHAPES")
    yield from (
        f"* parameter[+].name = #{name}",
        f"* parameter[=].use = #{use}",
        f"* parameter[=].min = {least}",
        f'* parameter[=].max = "{shape.max}"',
        f"* parameter[=].documentation = {quoted(shape.about)}",
    )
    if shape.type:
        yield f"* parameter[=].type = #{shape.type}"
    if shape.target:
        yield f'* parameter[=].targetProfile = "{_PROFILE}/{shape.target}"'
    if values := _VALUES.get((operation, name), shape.values):
        yield "* parameter[=].binding.strength = #required"
        yield f'* parameter[=].binding.valueSet = "{CANONICAL}/ValueSet/{values}"'
    for part, cardinality, data_type in shape.parts:
        minimum, _, maximum = cardinality.partition("..")
        yield from (
            f"* parameter[=].part[+].name = #{part}",
            f"* parameter[=].part[=].use = #{use}",
            f"* parameter[=].part[=].min = {minimum}",
            f'* parameter[=].part[=].max = "{maximum}"',
            f"* parameter[=].part[=].type = #{data_type}",
        )


def _search_parameter(kind: str, parameter: SearchParameter, standard: str) -> Iterator[str]:
    about = (
        f"{parameter.path}, as R4 defines it, but in the form :identifier only." if standard else f"{parameter.path}."
    )
    yield from (
        f"Instance: {kind}-{parameter.name}",
        "InstanceOf: SearchParameter",
        "Usage: #definition",
        f'* url = "{CANONICAL}/SearchParameter/{kind}-{parameter.name}"',
        f'* name = "{_camel(kind, parameter.name)}"',
        "* insert Released",
        "* status = #active",
        "* insert PublishedInstance",
        f"* description = {quoted(about)}",
        f"* code = #{parameter.name}",
        f"* base = #{kind}",
        f"* type = #{parameter.fhir_type}",
        f'* expression = "{parameter.path}"',
        "* xpathUsage = #normal",
    )
    if standard:
        yield f'* derivedFrom = "{standard}"'
    yield from (f"* modifier[+] = #{modifier}" for modifier in parameter.modifiers)


def _camel(*names: str) -> str:
    return "".join(part[:1].upper() + part[1:] for name in names for part in name.split("-"))
