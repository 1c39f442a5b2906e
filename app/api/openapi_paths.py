"""The operations of the OpenAPI document that belong to no resource type."""

from typing import Any, Final

from app.api.openapi_parts import body, bundle, json_body, operation, plain
from app.api.schemas import STRING, Schema

Json = dict[str, Any]


def _plain_operation(
    tag: str,
    name: str,
    summary: str,
    description: str,
    *,
    open_: bool = False,
    status: str = "200",
    errors: tuple[str, ...] = (),
) -> Json:
    problems = errors if open_ else ("401", "403", *errors)
    found = operation(
        tag,
        name,
        summary,
        description,
        answers={status: plain("Done", {"type": "object"}, "application/json")},
        errors=problems,
    )
    return found | ({"security": []} if open_ else {})


METADATA: Final = operation(
    "Service",
    "metadata",
    "CapabilityStatement",
    "What this service offers, open to all.",
    answers={"200": plain("The CapabilityStatement", {"type": "object"})},
    errors=("400", "406"),
) | {"security": []}

SMART_CONFIGURATION: Final = operation(
    "Service",
    "smartConfiguration",
    "Where tokens are had",
    "SMART's document, open to all; there, where the operator has named a token endpoint.",
    answers={"200": plain("The configuration", {"type": "object"}, "application/json")},
    errors=("400", "404"),
) | {"security": []}

BUNDLE_POST: Final = operation(
    "Bundle",
    "batchOrTransaction",
    "Several requests at once",
    "A batch answers each entry for itself. A transaction is all or nothing: creates, updates, patches and reads, with "
    "urn:uuid: references between them; operations go into a batch. The URL of an entry may hold a national number.",
    parameters=("Prefer",),
    body=json_body("Bundle"),
    answers={"200": bundle()},
    errors=("400", "401", "403", "404", "405", "406", "409", "412", "413", "415", "422", "428"),
)
OF_ALL: Final = ("_id", "_lastUpdated", "_sort", "_count", "_total", "_summary", "_cursor")
"""What a search of several types takes beside ``_type``."""
SEARCH_OF_ALL: Final = operation(
    "Bundle",
    "searchOfAll",
    "Search several types at once",
    "By what they have in common: _id and _lastUpdated; _sort takes these too.",
    parameters=("Types", "LastUpdated", "Sort", "Count", "Cursor", "Summary"),
    answers={"200": bundle()},
    errors=("400", "401", "403", "406"),
)
SEARCH_OF_ALL_BY_POST: Final = operation(
    "Bundle",
    "searchOfAllByPost",
    "Search several types at once, parameters in the body",
    "The same as with the parameters in the URL.",
    body=body(
        "application/x-www-form-urlencoded",
        {"type": "object", "properties": dict.fromkeys(("_type", *OF_ALL), STRING)},
    ),
    answers={"200": bundle()},
    errors=("400", "401", "403", "406", "413", "415"),
)
HISTORY_OF_ALL: Final = operation(
    "Bundle",
    "historyOfAll",
    "Versions of everything that you may see",
    "Newest first, of the types that the token's scopes cover.",
    parameters=("Count", "Since", "Cursor", "Summary"),
    answers={"200": bundle()},
    errors=("400", "401", "403", "406"),
)

SANDBOX_TOKEN: Final[Json] = {
    "tags": ["Sandbox"],
    "operationId": "sandboxToken",
    "summary": "Get an access token for a made-up person or system",
    "description": "The buttons at the top of this page do the same. persona says who; a municipality may choose its "
    "organisation (fjordvik, dalheim, oyvaer, nordbygd), a clinical unit its unit (neurology-outpatient, …). An hour.",
    "security": [],
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["persona"],
                    "properties": {
                        "persona": {
                            "type": "string",
                            "enum": [
                                "municipality",
                                "clinical-unit",
                                "coordinating-unit",
                                "decision-group",
                                "ehr",
                                "auditor",
                                "operator",
                            ],
                        },
                        "organisation": STRING,
                        "unit": STRING,
                    },
                }
            }
        },
    },
    "responses": {
        "200": plain("An OAuth 2 token response", {"type": "object"}, "application/json", ("Pragma",)),
        "400": plain("invalid_request (RFC 6749 5.2)", {"type": "object"}, "application/json", ("Pragma",)),
        "413": plain("The form is larger than 64 KiB", {"type": "object"}, "application/json", ("Pragma",)),
    },
}

_DELIVERY: Final = {"name": "delivery", "in": "path", "required": True, "schema": {"type": "integer"}}
_STATE: Final = {
    "name": "state",
    "in": "query",
    "schema": {"type": "string", "enum": ["waiting", "delivered", "dead"]},
}
_SUBSCRIPTION: Final[Schema] = {
    "type": "object",
    "required": ["organisation", "topic", "endpoint"],
    "properties": dict.fromkeys(("organisation", "topic", "endpoint", "header"), STRING),
}


def _with(parameter: Json) -> Json:
    shared = ({"$ref": f"#/components/parameters/{one}"} for one in ("AcceptLanguage", "RequestId"))
    return {"parameters": [parameter, *shared]}


OTHER_PATHS: Final[dict[str, Json]] = {
    "/operator/deliveries": {
        "get": _plain_operation(
            "Operator", "deliveries", "List deliveries", "Newest first, with the last try.", errors=("400",)
        )
        | _with(_STATE)
    },
    "/operator/deliveries/{delivery}/resend": {
        "post": _plain_operation(
            "Operator", "resend", "Send once more", "Under the same event number.", status="202", errors=("404",)
        )
        | _with(_DELIVERY)
    },
    "/operator/subscriptions": {
        "get": _plain_operation(
            "Operator", "subscriptions", "List subscriptions", "Without their headers.", errors=("400",)
        ),
        "post": _plain_operation(
            "Operator",
            "subscribe",
            "Add a subscription",
            "header, as Name: value, is write-only.",
            status="201",
            errors=("400", "413", "415", "422"),
        )
        | {"requestBody": body("application/json", _SUBSCRIPTION)},
    },
    "/reports/units": {
        "get": _plain_operation(
            "Service", "unitFigures", "Figures per unit", "Counted from the events of cases.", errors=("400",)
        )
    },
    "/reports/cases/{id}/events": {
        "get": _plain_operation(
            "Service",
            "caseEvents",
            "Every move of a case",
            "With its reason, for the hospital that sees the case.",
            errors=("404",),
        )
        | _with({"$ref": "#/components/parameters/Id"})
    },
    "/health/live": {"get": _plain_operation("Service", "live", "Is the process alive", "No I/O.", open_=True)},
    "/health/ready": {"get": _plain_operation("Service", "ready", "Can it work", "The database answers.", open_=True)},
}
