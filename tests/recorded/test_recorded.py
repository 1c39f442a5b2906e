"""The examples of the OpenAPI document are what the service answers today, and the document tells of all of it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from app.api.openapi import document
from app.api.recorded import EXAMPLES
from tests.recorded.played import played
from tests.recorded.recorder import TOKEN

Json = dict[str, Any]
DOCUMENT: Json = document(sandbox=True)
RECORDED: dict[str, Json] = json.loads(EXAMPLES.read_text(encoding="utf-8"))
COMPONENTS: Json = DOCUMENT["components"]
TYPICAL = {400, 401, 403, 404, 405, 406, 409, 412, 415, 422, 428}


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Json]:
    """The story, played again."""
    return played(tmp_path_factory.mktemp("recorded"))


def test_the_service_still_answers_so(replayed: dict[str, Json]) -> None:
    stale = [name for name in replayed if replayed[name] != RECORDED.get(name)]
    assert (stale, set(RECORDED) - set(replayed)) == ([], set()), "run `python -m tests.recorded`"


def test_every_operation_has_an_answered_example() -> None:
    answered = {(one["path"], one["request"]["method"].lower()) for one in RECORDED.values() if _went_well(one)}
    documented = {(path, method) for path, methods in DOCUMENT["paths"].items() for method in methods}
    assert documented - answered == set()


def test_every_typical_error_has_an_example_that_is_shown() -> None:
    told = {one["answer"]["status"] for one in RECORDED.values()}
    assert told >= TYPICAL
    for name, one in RECORDED.items():
        if one["answer"]["status"] >= 400 and one["path"] != "/sandbox/token":
            assert COMPONENTS["examples"][name]["value"]["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize("name", list(RECORDED))
def test_an_answer_is_documented(name: str) -> None:
    one = RECORDED[name]
    operation = DOCUMENT["paths"].get(one["path"], {}).get(one["request"]["method"].lower())
    if operation is None:
        assert name in {"error-no-delete", "error-unknown-type"}
        return
    response = _resolved(operation["responses"][str(one["answer"]["status"])])
    headers = dict(one["answer"]["headers"])
    media = headers.pop("content-type", "").partition(";")[0]
    assert {header.lower() for header in response["headers"]} >= set(headers)
    if "body" in one["answer"]:
        assert media in response["content"]
    else:
        assert media == ""


def test_headers_that_a_request_sends_are_documented() -> None:
    spoken_of = {"Authorization", "Content-Type", "Accept"}
    for one in RECORDED.values():
        operation = DOCUMENT["paths"].get(one["path"], {}).get(one["request"]["method"].lower(), {"parameters": []})
        if one["path"] == "/sandbox/token" or not operation["parameters"]:
            continue
        known = {_resolved(parameter)["name"] for parameter in operation["parameters"]}
        assert set(one["request"]["headers"]) <= known | spoken_of


def test_no_real_token_is_recorded() -> None:
    text = EXAMPLES.read_text(encoding="utf-8")
    assert TOKEN in text
    assert "eyJ" not in text.replace(TOKEN, "")


def _went_well(one: Json) -> bool:
    return bool(one["answer"]["status"] < 400)


def _resolved(value: Json) -> Json:
    while "$ref" in value:
        _, _, section, name = value["$ref"].split("/")
        value = COMPONENTS[section][name]
    return value


def _values(value: Any) -> Iterator[Any]:
    yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _values(one)


def test_an_example_is_stored_once() -> None:
    inlined = [one for one in _values(DOCUMENT["paths"]) if isinstance(one, dict) and "examples" in one]
    for media in inlined:
        if isinstance(media["examples"], dict):
            assert all(set(example) == {"$ref"} for example in media["examples"].values())
