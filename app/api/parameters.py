"""JSON schemas of the Parameters resource of each operation, from the resource table's parameter names."""

from typing import Final

from app.api.schemas import BOOLEAN, DATE, STRING, Schema, array, one_of, record, ref
from app.coordination.coordinators import END_REASONS
from app.coordination.reasons import DECLINE_REASONS, LAPSE_REASONS
from app.coordination.states import OTHER_OUTCOMES, PLACEABLE_OUTCOMES
from app.fhir import codes
from app.fhir.resources import Operation
from app.fhir.subscriptions import CONTENTS

_OUTCOMES: Final = {"place": PLACEABLE_OUTCOMES, "conclude": OTHER_OUTCOMES}
_REASONS: Final = {
    "decline": tuple(DECLINE_REASONS),
    "lapse": tuple(LAPSE_REASONS),
    "deregister-coordinator": tuple(END_REASONS),
}


def parameters_schema(operation: Operation) -> Schema:
    """The body of an operation."""
    shapes = [_parameter(operation, name) for name in operation.parameters]
    return record(
        ("resourceType",),
        operation.summary,
        resourceType={"type": "string", "const": "Parameters"},
        parameter=array({"oneOf": shapes} if len(shapes) > 1 else shapes[0]) if shapes else {"type": "array"},
    )


def _parameter(operation: Operation, name: str) -> Schema:
    return record(("name",), _MEANING.get(name, ""), name={"type": "string", "const": name}, **_value(operation, name))


def _value(operation: Operation, name: str) -> dict[str, Schema]:
    if name == "outcome":
        return {"valueCode": one_of(_OUTCOMES.get(operation.name, OTHER_OUTCOMES))}
    if name == "reasonCode":
        return {"valueCode": one_of(_REASONS.get(operation.name, ()))}
    return _VALUES.get(name, {"valueString": STRING})


def _part(name: str, **value: Schema) -> Schema:
    return record(("name",), name={"type": "string", "const": name}, **value)


_VALUES: Final[dict[str, dict[str, Schema]]] = {
    "unit": {"valueReference": ref("Reference")},
    "practitioner": {"valueReference": ref("Reference")},
    "participant": {"valueString": STRING},
    "patient": {"valueIdentifier": ref("Identifier")},
    "role": {"valueCoding": ref("Coding")},
    "telecom": {"valueContactPoint": ref("ContactPoint")},
    "period": {"valuePeriod": ref("Period")},
    "count": {"valuePositiveInt": {"type": "integer"}},
    "start": {"valueDate": DATE},
    "end": {"valueDate": DATE},
    "id": {"valueId": STRING},
    "status": {"valueCode": one_of(("requested", "active", "error", "off"))},
    "eventsSinceNumber": {"valueString": STRING},
    "eventsUntilNumber": {"valueString": STRING},
    "content": {"valueCode": one_of(CONTENTS)},
    "consent": {"part": array({"oneOf": [_part("given", valueBoolean=BOOLEAN), _part("date", valueDate=DATE)]})},
    "assessment": {
        "part": array(record(("name", "valueBoolean"), name=one_of(("a", "b", "c", "d")), valueBoolean=BOOLEAN))
    },
}
_MEANING: Final = {
    "unit": f"By RESH id ({codes.RESH}).",
    "practitioner": f"By HPR number ({codes.HPR}).",
    "patient": f"National identity number ({codes.NATIONAL_NUMBER}) or D-number ({codes.D_NUMBER}).",
    "period": "From and to when; both are part of it.",
    "count": "Rows of a page, 1 to 200; 50 when it is not given.",
    "cursor": "What `next` said; the other parameters stay the same.",
    "role": f"A code of {codes.ROLE}: {', '.join(codes.ROLE_DISPLAY)}.",
    "telecom": "The coordinator's telephone, for the sender.",
    "participant": "The participant's id in the CareTeam.",
    "assessment": "The criteria A–D: A and at least two of B–D mean that a coordinator is needed.",
    "id": "Which Subscription; several times for several. Without it all of the caller's own; at type level only.",
    "status": "Only those of this status; at type level only.",
    "eventsSinceNumber": "The first event number; 1 when $events is not given it.",
    "eventsUntilNumber": "The last event number; the last of all when it is not given.",
    "content": "How much is told of each event; as the Subscription says when it is not given.",
    "consent": "Whether the patient consents, and since when.",
}
