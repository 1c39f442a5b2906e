"""Our profiles: the guide's examples pass, each rule that is broken is told at its element, all at once."""

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import fhirpathpy
import msgspec
import pytest
from fhirpathpy.models import models

from app.errors import InvalidContent, Problems
from app.fhir.element_rules import ElementRule, profiles
from app.fhir.invariants import INVARIANTS
from app.fhir.profiles import check_profile
from app.fhir.published import published
from app.fhir.validation import validate
from scripts.ig_profiles import CannotBeChecked, profile_tables
from tests.fhir.made import places
from tests.fhir.profile_cases import Case, broken, cases, example
from tests.fhir.test_conformance import body, content_of

TABLES = Path(__file__).parents[2] / "app" / "fhir" / "profile_tables"
IDS = sorted(one.id for one in profiles().values())
BY_ID = {one.id: one for one in profiles().values()}


def found(value: Any, profile: str, *, is_r4: bool = True) -> list[tuple[str, str, str]]:
    problems = Problems()
    check_profile(value, BY_ID[profile], problems, is_r4=is_r4)
    return [(one.code, one.expression, f"{one.diagnostics} {', '.join(one.allowed)}") for one in problems.found]


def name_of(case: Case) -> str:
    return f"{case.profile} {case.rule} {case.code}"


@pytest.mark.parametrize("profile", IDS)
def test_the_example_of_the_guide_passes(profile: str) -> None:
    assert found(example(profile), profile) == []


@pytest.mark.parametrize("case", list(cases()), ids=name_of)
def test_a_broken_rule_is_told_at_its_element(case: Case) -> None:
    issues = found(broken(case), case.profile)
    told = {(code, at): text for code, at, text in issues}
    assert (case.code, case.expression) in told, issues
    text = told[case.code, case.expression]
    assert case.allowed in text
    if case.code == "invariant":
        assert f"breaks {case.rule}:" in text


def _slices(rule: ElementRule, path: str = "") -> Iterator[str]:
    for child in rule.children.values():
        where = f"{path}.{child.name}".lstrip(".")
        yield from (f"{where}:{name}" for name in child.slices)
        yield from _slices(child, where)


def _constraints(rule: ElementRule) -> Iterator[str]:
    yield from (one.key for one in rule.constraints)
    for child in (*rule.children.values(), *rule.slices.values()):
        yield from _constraints(child)


@pytest.mark.parametrize("profile", IDS)
def test_every_slice_and_constraint_is_broken_once(profile: str) -> None:
    root = BY_ID[profile].root
    wanted = {*_slices(root), *_constraints(root)}
    assert wanted == {case.rule for case in cases() if case.profile == profile} - {""}


def test_what_the_definitions_say_is_what_is_run() -> None:
    """Slices and constraints are counted in the published definitions, not in the tables made from them."""
    for profile in IDS:
        elements = content_of("StructureDefinition", profile)["differential"]["element"]
        slices = {one["id"].partition(".")[2] for one in elements if one.get("sliceName")}
        assert set(_slices(BY_ID[profile].root)) == slices
        keys = {each["key"] for one in elements for each in one.get("constraint", ())}
        assert set(_constraints(BY_ID[profile].root)) == keys
        assert keys <= INVARIANTS.keys()


def test_a_draft_may_lack_what_it_is_about() -> None:
    value = example("coordinator-need-task")
    for name in ("description", "reasonCode", "note", "focus", "input"):
        value.pop(name, None)
    assert [issue[0] for issue in found(value, "coordinator-need-task")] == ["invariant"]
    assert found(value | {"status": "draft"}, "coordinator-need-task") == []


def test_problems_come_at_once() -> None:
    value = example("coordinator-need-task")
    value |= {"intent": "plan", "status": "on-hold"}
    value["input"] += deepcopy(value["input"][:1])
    del value["identifier"][0]["system"], value["for"]
    told = {(code, at) for code, at, _ in found(value, "coordinator-need-task")}
    assert told >= {
        ("wrong-value", "Task.intent"),
        ("invariant", "Task"),
        ("too-many", "Task.input[8]"),
        ("missing-element", "Task.identifier[0].system"),
        ("missing-element", "Task.for"),
    }


def test_a_contained_resource_is_no_way_around_a_target() -> None:
    value = example("ehr-registration-task") | {
        "contained": [{"resourceType": "Task", "id": "x", "status": "draft", "intent": "order"}],
        "focus": {"reference": "#x"},
    }
    assert [one[:2] for one in found(value, "ehr-registration-task")] == [
        ("wrong-reference-target", "Task.focus.reference")
    ]
    value["contained"] = [{"resourceType": "CareTeam", "id": "x"}]
    assert found(value, "ehr-registration-task") == []


def test_an_element_with_only_an_extension_is_there() -> None:
    value = example("coordinator-consent")
    unknown = [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]
    del value["dateTime"]
    value["_dateTime"] = {"extension": unknown}
    assert found(value, "coordinator-consent") == []


@pytest.mark.parametrize("profile", IDS)
def test_any_json_is_looked_at_without_falling(profile: str) -> None:
    strange: list[Any] = [None, [], {}, "", [None], [{}], [[1]], {"a": [{}]}, True, 1, {"coding": {"code": []}}]
    name = BY_ID[profile].type
    for index in range(len(places(example(profile), name))):
        for one in strange:
            value = example(profile)
            holder, key, _ = places(value, name)[index]
            holder[key] = one
            found(value, profile, is_r4=False)


# -- the rules of constraints against their FHIRPath -------------------------------------------------------------------


def _expressions(profile: str) -> Iterator[tuple[str, str, str]]:
    """(path, key, FHIRPath) as published."""
    for element in content_of("StructureDefinition", profile)["differential"]["element"]:
        for one in element.get("constraint", ()):
            yield element["path"], one["key"], one["expression"]


def _contexts(value: Any, path: list[str]) -> Iterator[Any]:
    if not path:
        yield value
        return
    inner = value.get(path[0]) if isinstance(value, dict) else None
    for one in inner if isinstance(inner, list) else [inner] if inner is not None else []:
        yield from _contexts(one, path[1:])


def _variants(profile: str) -> Iterator[Any]:
    """The example, what breaks it, and it without each of its parts; only what is valid R4."""
    yield example(profile)
    yield from (broken(case) for case in cases() if case.profile == profile)
    for index in range(len(places(example(profile), BY_ID[profile].type))):
        value = example(profile)
        holder, key, _ = places(value, BY_ID[profile].type)[index]
        del holder[key]
        yield value


def _is_r4(value: Any) -> bool:
    try:
        validate(value, value["resourceType"])
    except InvalidContent:
        return False
    return True


@pytest.mark.parametrize("profile", IDS)
def test_a_rule_says_what_its_fhirpath_says(profile: str) -> None:
    compared = set()
    for path, key, expression in _expressions(profile):
        for value in filter(_is_r4, _variants(profile)):
            for context in _contexts(value, path.split(".")[1:]):
                told = fhirpathpy.evaluate(context, {"base": path, "expression": expression}, {}, models["r4"])
                holds = told == [True]
                assert INVARIANTS[key].holds(context) == holds, (key, msgspec.json.encode(context))
                compared.add((key, holds))
    assert {key for key, _ in compared} == {key for _, key, _ in _expressions(profile)}
    assert {holds for _, holds in compared} >= {True, False}


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-01-01", "2026-01-01"),
        ("2026-01-02", "2026-01-01"),
        ("2026-01", "2026-01-05"),
        ("2026-02", "2026-03-01"),
        ("2026", "2026"),
        ("2026", "2025-12"),
        ("2026-01-01T10:00:00+01:00", "2026-01-01T09:30:00Z"),
        ("2026-01-01T10:00:00+01:00", "2026-01-01T08:30:00Z"),
    ],
)
def test_a_stint_is_ordered_as_in_fhirpath(start: str, end: str) -> None:
    """With literals: the library compares the dates of elements as texts."""
    told = fhirpathpy.evaluate({}, f"@{start} <= @{end}", {}, models["r4"])
    assert INVARIANTS["samband-team-1"].holds({"period": {"start": start, "end": end}}) == (told == [True])


# -- the script --------------------------------------------------------------------------------------------------------


STRANGER = "https://a.example/x"
OPEN: dict[str, Any] = {"discriminator": [{"type": "value", "path": "a"}], "rules": "open"}


@pytest.mark.parametrize(
    ("name", "members"),
    [
        ("input", {"slicing": OPEN | {"discriminator": [{"type": "exists", "path": "a"}]}}),
        ("input", {"slicing": OPEN | {"rules": "closed"}}),
        ("input", {"slicing": OPEN | {"ordered": True}}),
        ("description", {"maxLength": 5}),
        ("for", {"type": [{"code": "Reference", "targetProfile": [STRANGER]}]}),
        ("extension:a", {"type": [{"code": "Extension", "profile": [STRANGER]}]}),
    ],
)
def test_what_would_not_be_run_is_not_compiled(name: str, members: dict[str, Any]) -> None:
    element = {"id": f"Task.{name}", "path": "Task.x"} | members
    definition = {"id": "a", "url": "u", "version": "1", "type": "Task", "differential": {"element": [element]}}
    with pytest.raises(CannotBeChecked):
        profile_tables([definition])


def test_the_tables_are_those_of_the_published_definitions() -> None:
    tables = profile_tables(body(one) for one in published("StructureDefinition").values())
    assert tables.keys() == set(IDS)
    for name, table in tables.items():
        raw = (TABLES / f"{name}.json").read_bytes()
        assert msgspec.json.decode(raw) == table
