"""What ``$validate`` says of a need is what a POST of it gets; the differences that hang on state are listed."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api.running import FHIR, Running, codes, need

Json = dict[str, Any]
Header = dict[str, str]
BASE = "/fhir/v1"
PROFILE = "https://samband.example/fhir/StructureDefinition/coordinator-need-task"
OF_STATE = {"requester-contradicts-token", "reference-not-found", "number-in-use"}
"""A POST is refused for these too: they are about the token, and about what is stored; mode=create tells them."""
_KINDS = "https://samband.example/fhir/CodeSystem/need-kind"
_NUMBERS = "urn:oid:2.16.578.1.12.4.1.4"
_EXTENSION: Json = {"extension": [{"url": "https://a.example", "valueCode": "a"}]}
_GROUP: Json = {"resourceType": "Group", "id": "a", "type": "person", "actual": False}
_INPUT = "https://samband.example/fhir/CodeSystem/task-input"
_KIND = "http://terminology.hl7.org/CodeSystem/v2-0203"


def _row(code: str, **value: Any) -> Json:
    return {"type": {"coding": [{"system": _INPUT, "code": code}]}} | value


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every member and entry."""
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield (*path, key)
        yield from _places(value[key], (*path, key))


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def _mutated() -> Iterator[tuple[str, Json]]:
    """(What was done, the need): each place removed, doubled, replaced; then what partners get wrong."""
    for path in _places(need()):
        name = ".".join(map(str, path))
        for verb, value in (("without", None), ("text", "x"), ("number", 7), ("empty", {}), ("twice", ...)):
            content = need()
            holder = _at(content, path[:-1])
            if value is None:
                del holder[path[-1]]
            elif value is not ...:
                holder[path[-1]] = value
            elif isinstance(holder, list):
                holder.append(deepcopy(holder[path[-1]]))
            else:
                continue
            yield f"{verb} {name}", content
    yield from _by_hand()


def _by_hand() -> Iterator[tuple[str, Json]]:
    sender = need()["identifier"][0]
    for name, rows in (
        ("PLAC without value", [sender | {"value": uuid4().hex}, {"type": sender["type"], "system": "urn:x"}]),
        ("PLAC without system", [sender | {"value": uuid4().hex}, {"type": sender["type"], "value": "1"}]),
        ("untyped", [{"system": "urn:x", "value": uuid4().hex}]),
        ("other type", [{"type": {"coding": [{"system": _KIND, "code": "MR"}]}, "system": "urn:x", "value": "1"}]),
        ("PLAC of nobody", [{"type": {"coding": [{"code": "PLAC"}]}, "system": "urn:x", "value": "1"}]),
        ("FILL", [sender | {"value": uuid4().hex}, {"type": {"coding": [{"system": _KIND, "code": "FILL"}]}}]),
    ):
        yield f"identifier {name}", need(identifier=rows)
    for name, rows in (
        *((f"{code} twice", [_row(code, valueBoolean=True)] * 2) for code in ("consent", "criteria-a", "criteria-c")),
        ("stranger as unit", [_row("involved-unit", valueReference={"reference": "Device/1"})]),
        ("stranger by type", [_row("involved-unit", valueReference={"type": "Device", "display": "a"})]),
        ("unit by name", [_row("involved-unit", valueReference={"display": "a"})]),
        ("consent by Device", [_row("consent", valueReference={"type": "Device", "reference": "urn:uuid:1"})]),
        ("consent by name", [_row("consent", valueReference={"display": "a"})]),
        ("consent by URL", [_row("consent", valueReference={"reference": "https://a.example/x/Consent/1"})]),
        ("unknown code", [_row("consent-of", valueBoolean=True)]),
        ("other system", [{"type": {"text": "a"}, "valueString": "a"}]),
        ("no coding", [_row("reporter", valueCodeableConcept={"text": "patient"})]),
        ("empty value", [_row("criteria-a", _valueBoolean=_EXTENSION)]),
        ("two reporters", [_row("reporter", valueCodeableConcept={"coding": [
            {"system": "https://samband.example/fhir/CodeSystem/reporter", "code": code} for code in pair]})
            for pair in (("gp", "nobody"), ("nobody", "gp"))]),
    ):  # fmt: skip
        yield f"input {name}", need(input=rows)
    for name, changes in (
        ("businessStatus", {"businessStatus": {"text": "a"}}),
        ("status", {"status": "draft"}),
        ("status in-progress", {"status": "in-progress"}),
        ("for group", {"for_": {"reference": "Group/1"}}),
        ("for type", {"for_": {"type": "Group", "reference": "urn:uuid:1"}}),
        ("for contained", {"for_": {"reference": "#a"}, "contained": [_GROUP]}),
        ("for name", {"for_": {"display": "Kari"}}),
        ("for by help number", {"for_": {"identifier": {"system": f"{_NUMBERS}.3", "value": "1"}}}),
        ("nothing asked", {"description": None, "reasonCode": None, "input": None}),
        ("criteria-z", {"description": None, "reasonCode": None, "input": [_row("criteria-z", valueBoolean=True)]}),
        ("unknown reason", {"reasonCode": {"coding": [{"system": _KINDS, "code": "x"}]}}),
        ("foreign reason", {"reasonCode": {"coding": [{"system": "urn:x", "code": "x"}]}}),
        ("requester", {"requester": {"identifier": {"system": f"{_NUMBERS}.101", "value": "310471569"}}}),
        ("focus", {"focus": {"reference": "ServiceRequest/nothing"}}),
        ("modifier", {"modifierExtension": [{"url": "https://a.example", "valueCode": "a"}]}),
    ):  # fmt: skip
        yield name, need(**changes)


MUTATED = dict(_mutated())


def _issues(answer: httpx.Response) -> set[str]:
    assert answer.status_code == 200, answer.text
    found = answer.json()["issue"]
    return set() if found[0]["severity"] == "information" else set(codes(answer))


def _post(service: Running, headers: Header, content: Json) -> set[str]:
    answer = service.post_need(headers, content)
    assert answer.status_code in {200, 201, 400, 409, 422}, answer.text
    return set() if answer.status_code < 300 else set(codes(answer))


def _is_need(content: Json) -> bool:
    code = content.get("code")
    listed = code.get("coding") if isinstance(code, dict) else None
    return isinstance(listed, list) and any(
        isinstance(one, dict) and (one.get("system"), one.get("code")) == (_TASK, "coordinator-need") for one in listed
    )


@pytest.mark.parametrize("part", range(4))
def test_validate_and_post_agree(service: Running, municipality: Header, part: int) -> None:
    differences, refused, accepted = [], 0, 0
    for name in list(MUTATED)[part::4]:
        content = MUTATED[name]
        path = f"{BASE}/Task/$validate?profile={PROFILE}"
        said = _issues(service.client.post(path, json=content, headers=municipality | FHIR))
        listed = [{"name": "resource", "resource": content}, {"name": "mode", "valueCode": "create"}]
        created: Json = {"resourceType": "Parameters", "parameter": listed}
        decided = _issues(service.client.post(path, json=created, headers=municipality | FHIR))
        met = _post(service, municipality, content)
        refused, accepted = refused + bool(met), accepted + (not met)
        if not _is_need(content):
            assert said, name  # another Task is exchanged by a POST; here it was asked whether this is a need
        elif bool(decided) != bool(met) or bool(said) != bool(met - OF_STATE) or not met <= said | decided | _BY_PATH:
            differences.append((name, said, decided, met))
    assert not differences, "\n".join(map(str, differences))
    assert refused > 20
    assert accepted > 20


_TASK = "https://samband.example/fhir/CodeSystem/coordination-task"
_BY_PATH = {"wrong-resource-type"}
"""How a POST says that the body is for another path."""
