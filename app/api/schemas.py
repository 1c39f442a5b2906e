"""Hand-cut JSON schemas of what is really used, for the OpenAPI document.

HL7's own schema of R4 is 4 MB and says nothing about our profiles. Validation does not use these but the
tables of ``app.fhir.definitions``. Code lists come from the tables that enforce them.
"""

from typing import Any, Final

from app.fhir import codes

Schema = dict[str, Any]

STRING: Final[Schema] = {"type": "string"}
BOOLEAN: Final[Schema] = {"type": "boolean"}
_DAY: Final = "[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01])"
_CLOCK: Final = "T([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)([.][0-9]+)?(Z|[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
DATE: Final[Schema] = {"type": "string", "format": "date"}
"""A day."""
PARTIAL_DATE: Final[Schema] = {"type": "string", "pattern": f"^{_DAY})?)?$", "examples": ["2026-11-30"]}
"""FHIR's date: a year, a month or a day."""
DATE_TIME: Final[Schema] = {
    "type": "string",
    "pattern": f"^{_DAY}({_CLOCK})?)?)?$",
    "examples": ["2026-11-30T12:00:00+01:00"],
}
"""FHIR's dateTime: a year, a month, a day, or a moment with its zone."""
INSTANT: Final[Schema] = {"type": "string", "format": "date-time"}


def ref(name: str) -> Schema:
    """A reference to a component."""
    return {"$ref": f"#/components/schemas/{name}"}


def array(items: Schema, *, at_least: int = 0) -> Schema:
    """A list of items."""
    return {"type": "array", "items": items} | ({"minItems": at_least} if at_least else {})


def one_of(values: object) -> Schema:
    """A code of a closed list."""
    return {"type": "string", "enum": list(values)}  # type: ignore[call-overload]


def record(required: tuple[str, ...], description: str = "", /, **properties: Schema) -> Schema:
    """An object. A trailing underscore keeps Python's own words out of the way: ``for_``."""
    named = {name.rstrip("_"): schema for name, schema in properties.items()}
    schema: Schema = {"type": "object", "properties": named}
    if description:
        schema["description"] = description
    return schema | ({"required": list(required)} if required else {})


def about(schema: Schema, description: str) -> Schema:
    """The same with words on it."""
    return schema | {"description": description}


def resource(name: str) -> Schema:
    """``resourceType``."""
    return {"type": "string", "const": name}


def data_types() -> dict[str, Schema]:
    """The data types that the resources are made of."""
    coding = {"system": STRING, "code": STRING, "display": STRING}
    return {
        "Meta": record((), versionId=STRING, lastUpdated=INSTANT, profile=array(STRING), tag=array(ref("Coding"))),
        "Coding": record((), **coding),
        "CodeableConcept": record((), coding=array(ref("Coding"), at_least=1), text=STRING),
        "Identifier": record(
            (),
            type=ref("CodeableConcept"),
            system=about(STRING, f"{codes.NATIONAL_NUMBER} is the national identity number."),
            value=STRING,
        ),
        "Reference": record(
            (),
            "By identifier (the normal case) or by a literal reference.",
            reference=STRING,
            type=STRING,
            identifier=ref("Identifier"),
            display=STRING,
        ),
        "Period": record((), start=DATE_TIME, end=DATE_TIME),
        "Extension": record(
            ("url",), url=STRING, valueCode=STRING, valueString=STRING, valueUnsignedInt={"type": "integer"}
        ),
        "Annotation": record(("text",), time=DATE_TIME, text=STRING),
        "ContactPoint": record(
            (), system=one_of(("phone", "fax", "email", "pager", "url", "sms", "other")), value=STRING
        ),
    }


def resources() -> dict[str, Schema]:
    """The resources that travel, by name; Task has ``app.api.task_schemas``."""
    return {
        "CareTeam": _care_team(),
        "OperationOutcome": _outcome(),
        "Bundle": _bundle(),
        "JsonPatch": _json_patch(),
    }


def _care_team() -> Schema:
    participant = record(
        (),
        "One stint of one coordinator. Only period.end ends it.",
        id=about(STRING, "Set by the service."),
        extension=about(array(ref("Extension")), f"{codes.EHR_STATE_EXTENSION}, {codes.END_REASON_EXTENSION}."),
        role=about(array(ref("CodeableConcept")), f"Codes of {codes.ROLE}: {', '.join(codes.ROLE_DISPLAY)}."),
        member=ref("Reference"),
        onBehalfOf=ref("Reference"),
        period=ref("Period"),
    )
    return record(
        ("resourceType",),
        "The coordinators of a patient at a trust; a care team of another category is stored as it comes.",
        resourceType=resource("CareTeam"),
        id=STRING,
        meta=ref("Meta"),
        language=STRING,
        identifier=array(ref("Identifier")),
        status=one_of(("proposed", "active", "suspended", "inactive", "entered-in-error")),
        category=array(ref("CodeableConcept")),
        name=STRING,
        subject=ref("Reference"),
        period=ref("Period"),
        participant=array(participant),
        managingOrganization=array(ref("Reference")),
        note=array(ref("Annotation")),
    )


def _outcome() -> Schema:
    issue = record(
        ("severity", "code"),
        severity=one_of(("fatal", "error", "warning", "information")),
        code=STRING,
        details=about(ref("CodeableConcept"), "A stable error code, and a text in English or bokmål."),
        diagnostics=about(STRING, "The element, position, limit or header, and the allowed values."),
        expression=about(array(STRING), "FHIRPath of the element."),
    )
    return record(
        ("resourceType", "issue"),
        resourceType=resource("OperationOutcome"),
        language=about(STRING, "Of the texts: en or nb."),
        issue=array(issue, at_least=1),
    )


def _bundle() -> Schema:
    entry = record(
        (),
        fullUrl=STRING,
        resource={"type": "object"},
        search=record((), mode=STRING),
        request=record(
            ("method", "url"),
            method=one_of(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")),
            url=STRING,
            ifMatch=STRING,
            ifNoneMatch=STRING,
            ifNoneExist=STRING,
        ),
        response=record(
            (), status=STRING, location=STRING, etag=STRING, lastModified=INSTANT, outcome={"type": "object"}
        ),
    )
    return record(
        ("resourceType", "type"),
        resourceType=resource("Bundle"),
        type=one_of(("searchset", "history", "batch", "transaction", "batch-response", "transaction-response")),
        total={"type": "integer"},
        link=array(record(("relation", "url"), relation=STRING, url=STRING)),
        entry=array(entry),
    )


def _json_patch() -> Schema:
    change = record(
        ("op", "path"),
        op=one_of(("add", "remove", "replace", "move", "copy", "test")),
        path=STRING,
        from_=STRING,
        value={},
    )
    return about(array(change, at_least=1), "JSON Patch, RFC 6902.")
