"""JSON schemas of Task, for the OpenAPI document: any that is stored, and what each kind of new one must have."""

from typing import Final

from app.api.schemas import (
    BOOLEAN,
    DATE_TIME,
    PARTIAL_DATE,
    STRING,
    Schema,
    about,
    array,
    one_of,
    record,
    ref,
    resource,
)
from app.coordination.states import STATUS, Stage
from app.fhir import codes
from app.fhir.need import NEW, SET_BY_SERVICE
from app.fhir.shapes import table

_STAGES: Final = [stage.value for stage in Stage if stage in STATUS and stage is not Stage.RECEIVED]
_STATUSES: Final = sorted({"requested", *(str(status) for status in STATUS.values())})
_ANY: Final = ("resourceType", "status", "intent")
"""What every Task of R4 has."""


def task_schemas() -> dict[str, Schema]:
    """Each by the name of its component."""
    return {
        "Task": record(
            _ANY,
            f"As it is stored. A coordinator need has a status of {', '.join(_STATUSES)}, and in businessStatus a "
            f"stage of {', '.join(_STAGES)}; an operation changes them, or an update that equals one.",
            **_members(),
        ),
        "NewTask": {"oneOf": [ref(name) for name in _NEW]} | {"description": "What it must have depends on its code."},
        **_NEW,
    }


def _members() -> dict[str, Schema]:
    """Those that are used; R4 has more, and they are kept as they come."""
    return {
        "resourceType": resource("Task"),
        "id": about(STRING, "Set by the service."),
        "meta": ref("Meta"),
        "language": STRING,
        "identifier": about(array(ref("Identifier"), at_least=1), "Of a case the sender's number and ours (FILL)."),
        "groupIdentifier": ref("Identifier"),
        "status": one_of(table("codes")["task-status"]),
        "statusReason": ref("CodeableConcept"),
        "businessStatus": about(ref("CodeableConcept"), "The stage of a case. Set by the service."),
        "intent": one_of(table("codes")["task-intent"]),
        "priority": one_of(("routine", "urgent", "asap", "stat")),
        "code": ref("CodeableConcept"),
        "description": STRING,
        "focus": ref("Reference"),
        "basedOn": array(ref("Reference")),
        "for": about(ref("Reference"), "The patient, by national identity number or D-number."),
        "requester": ref("Reference"),
        "owner": about(ref("Reference"), "Of a case the unit that answers it. Set by the service."),
        "reasonCode": ref("CodeableConcept"),
        "note": array(ref("Annotation")),
        "authoredOn": DATE_TIME,
        "lastModified": DATE_TIME,
        "restriction": record((), period=ref("Period")),
        "input": array(_value_of_type("Task.input")),
        "output": about(array(_value_of_type("Task.output")), "The answer. Of a case set by the service."),
    }


def _need() -> Schema:
    number = "Your own number (type PLAC, or no type) with its system: the same number again is the same case."
    inputs = f"type: a code of {codes.TASK_INPUT}: {', '.join(codes.TASK_INPUTS)}."
    return _new(
        "Coordinator need",
        (*_ANY, "identifier", "code", "for"),
        "description, note, reasonCode, focus or an input criteria-a to -d says what is needed.",
        SET_BY_SERVICE,
        identifier=_numbered(number),
        status=about(one_of(NEW), "requested: it is a case at once. draft: it is yours alone until $submit."),
        intent=one_of(("order",)),
        code=_coded(codes.COORDINATOR_NEED),
        owner=about(ref("Reference"), "A wish; the service decides."),
        reasonCode=about(ref("CodeableConcept"), f"Kind of need: {', '.join(codes.NEED_KINDS)}."),
        input=about(array(_value_of_type("Task.input")), inputs),
    )


def _abort() -> Schema:
    return _new(
        "Request to cancel a case",
        (*_ANY, "identifier", "code", "focus"),
        "Its owner answers. description, reasonCode.text or statusReason.text says why.",
        ("businessStatus", "output"),
        identifier=_numbered("Your own number of this request, with its system."),
        status=one_of(("requested",)),
        intent=one_of(("order",)),
        code=_coded(codes.ABORT),
        focus=record(("reference",), reference=about(STRING, "Task/ and the id of your case.")),
    )


def _other() -> Schema:
    ours = {"required": ["code"], "properties": {"code": _coded(codes.COORDINATOR_NEED, codes.ABORT)}}
    return _new("Task of another code", _ANY, "It is stored as it comes.", ()) | {"not": ours}


def _new(title: str, required: tuple[str, ...], description: str, refused: tuple[str, ...], /, **own: Schema) -> Schema:
    """What is required comes first."""
    members = {name: schema for name, schema in (_members() | own).items() if name not in refused}
    return {"title": title} | record(required, description, **{name: members[name] for name in (*required, *members)})


def _numbered(description: str) -> Schema:
    return about(array(ref("Identifier")) | {"contains": record(("system", "value"))}, description)


def _coded(*allowed: str) -> Schema:
    """A CodeableConcept with one of our codes of Task."""
    ours = record(("system", "code"), system={"const": codes.COORDINATION_TASK}, code=one_of(allowed))
    return record(("coding",), coding=array(ref("Coding")) | {"contains": ours}, text=STRING)


def _value_of_type(what: str) -> Schema:
    return record(
        ("type",),
        f"{what}: type and one value.",
        type=ref("CodeableConcept"),
        valueBoolean=BOOLEAN,
        valueString=STRING,
        valueDate=PARTIAL_DATE,
        valueCode=STRING,
        valueCodeableConcept=ref("CodeableConcept"),
        valueReference=ref("Reference"),
        valueContactPoint=ref("ContactPoint"),
    )


_NEW: Final = {"CoordinatorNeed": _need(), "AbortRequest": _abort(), "OtherTask": _other()}
