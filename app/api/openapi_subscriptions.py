"""The operations of Subscription in the OpenAPI document: two of them by GET and by POST."""

from typing import Any, Final

from app.api import openapi_parts as parts
from app.api import openapi_texts as texts
from app.api.schemas import STRING, ref
from app.fhir.declared import Operation

Json = dict[str, Any]
_NAME: Final = "Subscription"
_ANSWERS: Final = {
    "status": "A searchset Bundle of Parameters, one for each subscription",
    "events": "A history Bundle: the status, then what the events are about",
    "resend": "An OperationOutcome that says how many are sent once more",
}


def methods_of(operation: Operation) -> Json:
    """What answers at the operation's path."""
    return {method.lower(): _one(operation, method) for method in operation.methods}


def _one(operation: Operation, method: str) -> Json:
    instance = operation.level == "instance"
    name = f"subscription{operation.name.capitalize()}{'' if instance else 'OfSeveral'}"
    letter = "u" if not operation.reads else "r" if instance else "s"
    schema = "OperationOutcome" if operation.name == "resend" else "Bundle"
    errors = ("400", "401", "403", *(("404",) if instance else ()), "406", "422")
    by_post: Json = {}
    if method == "POST":
        by_post = {"body": parts.json_body(f"{_NAME}-{operation.name}") | {"required": False}}
        errors += ("413", "415")
    found = parts.operation(
        _NAME,
        name if method == operation.method else f"{name}ByPost",
        operation.summary,
        texts.of_operation(operation),
        parameters=("Id",) if instance else (),
        answers={"200": parts.plain(_ANSWERS[operation.name], ref(schema))},
        errors=errors if operation.reads else (*errors, "409"),
        scopes=(texts.scope(_NAME, letter),),
        **by_post,
    )
    if method == "GET" and not (instance and operation.name == "status"):
        named = ({"name": one, "in": "query", "schema": STRING} for one in operation.parameters)
        found["parameters"] = [*named, *found["parameters"]]
    return found
