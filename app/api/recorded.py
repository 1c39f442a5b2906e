"""The recorded examples of the OpenAPI document: requests that were really sent, with what was answered.

``openapi/examples.json`` is written by ``python -m tests.recorded`` and compared with a replay by a test. A record::

    {"path": "/fhir/v1/Task", "summary": "…", "as": "municipality:fjordvik",
     "request": {"method": "POST", "url": "…", "headers": {…}, "file": "task-need.json" or "body": …},
     "answer": {"status": 201, "headers": {…}, "body": {…}}}
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

Json = dict[str, Any]
ROOT: Final = Path(__file__).resolve().parents[2]
EXAMPLES: Final = ROOT / "openapi" / "examples.json"
REQUESTS: Final = ROOT / "examples"
EVERYWHERE: Final = "error-"
"""Names of refusals that are shown at every operation that can answer so begin with this."""


@cache
def records() -> dict[str, Json]:
    """All records by name, in the order in which they were played; none before the first recording."""
    found: dict[str, Json] = json.loads(EXAMPLES.read_text(encoding="utf-8")) if EXAMPLES.exists() else {}
    return found


def put_into(paths: Json, responses: Json) -> Json:
    """Write references to the examples into the operations and the shared error responses; the components they need.

    :param paths: the document's paths, changed in place
    :param responses: the shared responses, changed in place
    """
    shown: Json = {}
    for name, record in records().items():
        operation = paths.get(record["path"], {}).get(record["request"]["method"].lower())
        if operation:
            _show_request(operation, name, record, shown)
            _show_answer(operation, name, record, shown, responses)
        if name.startswith(EVERYWHERE):
            shared = responses[f"Error{record['answer']['status']}"]
            _add(shared["content"], name, _answered(record), shown)
    return shown


def _show_request(operation: Json, name: str, record: Json, shown: Json) -> None:
    """The body under the name of its file, or of the record."""
    request, content = record["request"], operation.get("requestBody", {}).get("content", {})
    if "file" in request:
        text = (REQUESTS / request["file"]).read_text(encoding="utf-8")
        value, name = json.loads(text), request["file"].removesuffix(".json")
    elif isinstance(request.get("body"), dict | list):
        value = request["body"]
    else:
        return
    summary = record["summary"] + ("" if record["answer"]["status"] < 400 else ": refused")
    _add(content, name, {"summary": summary, "value": value}, shown, suffix="-sent")


def _show_answer(operation: Json, name: str, record: Json, shown: Json, responses: Json) -> None:
    status, value = str(record["answer"]["status"]), record["answer"].get("body")
    if value is None or name.startswith(EVERYWHERE):
        return
    response = operation["responses"][status]
    if "$ref" in response:
        shared = responses[response["$ref"].rpartition("/")[2]]
        response = shared | {"content": {media: {"schema": one["schema"]} for media, one in shared["content"].items()}}
        operation["responses"][status] = response
    _add(response["content"], name, _answered(record), shown)


def _answered(record: Json) -> Json:
    request = record["request"]
    told = [f"`{request['method']} {request['url']}`"]
    told += [f"`{name}: {value}`" for name, value in request["headers"].items() if name in _TOLD]
    who = f" as {record['as'].replace(':', ', ')}" if record["as"] else ""
    return {
        "summary": record["summary"],
        "description": f"{', '.join(told)}{who}",
        "value": record["answer"]["body"],
    }


_TOLD: Final = ("If-Match", "If-None-Match", "If-None-Exist", "Prefer", "Accept", "Accept-Language")


def _add(content: Json, name: str, example: Json, shown: Json, suffix: str = "") -> None:
    """One example at every media type of a body; the same name is the same example."""
    component = f"{name}{suffix}"
    for media in content.values():
        media.setdefault("examples", {}).setdefault(name, {"$ref": f"#/components/examples/{component}"})
        shown.setdefault(component, example)


def files_shown() -> Iterator[str]:
    """The files under ``examples/`` that some record sends."""
    yield from (record["request"]["file"] for record in records().values() if "file" in record["request"])
