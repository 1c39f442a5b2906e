"""What the OpenAPI document requires of a new Task is what the service requires."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from jsonschema_rs import Draft202012Validator

from app.api.openapi import document
from app.fhir.shapes import table
from tests.api.running import FHIR, Running, need
from tests.casework.abort_requests import WHY, abort

Json = dict[str, Any]
COMPONENTS: Json = document(sandbox=True)["components"]
NEW_TASK = Draft202012Validator({"$ref": "#/components/schemas/NewTask", "components": COMPONENTS})


def other() -> Json:
    """A Task of another code."""
    return {"resourceType": "Task", "status": "requested", "intent": "order", "code": {"text": "annet"}}


def changed(whole: Json) -> Iterator[Json]:
    """Without each member, with each status and intent, without a system or a value of the number."""
    for name in whole:
        yield {member: value for member, value in whole.items() if member != name}
    for name in ("status", "intent"):
        for code in [*table("codes")[f"task-{name}"], "none-of-these"]:
            yield whole | {name: code}
    yield from (whole | {"identifier": [{name: "urn:x"}]} for name in ("system", "value"))


@pytest.mark.parametrize("kind", ["CoordinatorNeed", "AbortRequest", "OtherTask"])
def test_the_service_takes_what_the_schema_takes(
    service: Running, municipality: dict[str, str], unit: dict[str, str], kind: str
) -> None:
    taken = []
    # Its reason twice: the schema does not say that one of them is enough.
    request = abort("1", reasonCode={"text": WHY})
    whole = {"CoordinatorNeed": need(), "AbortRequest": request, "OtherTask": other()}[kind]
    for body in [whole, *changed(whole)]:
        if kind == "AbortRequest" and "focus" in body:
            case = service.post_need(municipality).json()["id"]
            service.client.post(f"/fhir/v1/Task/{case}/$accept", headers=unit)
            body["focus"] = {"reference": f"Task/{case}"}
        for number in body.get("identifier", []):
            number.update({"value": uuid4().hex} if "value" in number else {})
        answer = service.client.post("/fhir/v1/Task", content=json.dumps(body), headers=municipality | FHIR)
        assert answer.is_success == NEW_TASK.is_valid(body), (answer.text, body)
        taken.append(answer.is_success)
    assert taken[0]
    assert False in taken
