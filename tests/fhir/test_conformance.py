"""The published definitions: they are R4, they hold together, and they say what the service does."""

import ast
import importlib
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.api.capability import capability_statement
from app.coordination.coordinators import END_REASONS, ROLES
from app.coordination.criteria import CRITERIA, CURRENT
from app.coordination.reasons import DECLINE_REASONS, LAPSE_REASONS
from app.coordination.states import Move, Stage
from app.errors import CANONICAL, TEXTS, SambandError
from app.fhir import codes
from app.fhir.care_team import Stint, render_team
from app.fhir.document import read
from app.fhir.measures import NAMES
from app.fhir.published import TYPES, Published, by_url, codes_in, published
from app.fhir.resources import RESOURCES
from app.fhir.validation import validate
from scripts import compile_ig, error_codes, ig_interfaces, ig_measures, ig_questionnaire, ig_terminology

PROJECT = Path(__file__).parents[2]
ALL = [one for type_name in TYPES for one in published(type_name).values()]
EXAMPLES = sorted((PROJECT / "ig" / "examples").glob("*.json"))
FOREIGN = {codes.ROLE, ig_terminology.VOLVEN_9060}
"""Code systems of others that our value sets take codes from, by name only."""


def name_of(one: Any) -> str:
    return f"{one.type}-{one.id}" if isinstance(one, Published) else str(one.stem)


def body(one: Published) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(one.body)
    return content


def content_of(type_name: str, resource: str) -> dict[str, Any]:
    return body(published(type_name)[resource])


def system_codes(name: str) -> set[str]:
    return {concept["code"] for concept in content_of("CodeSystem", name)["concept"]}


def values(node: Any, name: str) -> Iterator[Any]:
    """Everything that stands in a member of this name, at any depth."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == name:
                yield value
            yield from values(value, name)
    elif isinstance(node, list):
        for value in node:
            yield from values(value, name)


def codings(node: Any) -> Iterator[tuple[str, str]]:
    """(system, code) of every Coding, at any depth."""
    if isinstance(node, dict):
        if isinstance(node.get("system"), str) and isinstance(node.get("code"), str):
            yield node["system"], node["code"]
        for value in node.values():
            yield from codings(value)
    elif isinstance(node, list):
        for value in node:
            yield from codings(value)


# -- they are R4, and hold together ------------------------------------------------------------------------------------


def test_every_kind_is_published() -> None:
    assert {one.type for one in ALL} == set(TYPES)


@pytest.mark.parametrize("one", ALL, ids=name_of)
def test_another_reader_of_r4_accepts_it(one: Published) -> None:
    model = getattr(importlib.import_module(f"fhir.resources.R4B.{one.type.lower()}"), one.type)
    assert model.model_validate(body(one)).id == one.id


@pytest.mark.parametrize("one", ALL, ids=name_of)
def test_its_url_is_where_it_is_served(one: Published) -> None:
    assert one.url == f"{CANONICAL}/{one.type}/{one.id}"
    assert by_url(one.type, one.url) is one
    assert by_url(one.type, f"{one.url}|{one.version}") is one
    assert by_url(one.type, f"{one.url}|0.0.0") is None
    assert one.status == "active"


def test_the_release_has_one_version() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert {one.version for one in ALL if one.type != "Questionnaire"} == {project}
    assert published("Questionnaire")["coordinator-criteria"].version == CURRENT


def test_nothing_is_published_of_another_type() -> None:
    assert not published("Patient")
    assert by_url("Patient", f"{CANONICAL}/Patient/a") is None


@pytest.mark.parametrize("one", published("ValueSet").values(), ids=name_of)
def test_a_value_set_has_codes_that_exist(one: Published) -> None:
    chosen = codes_in(one.url)
    assert chosen
    for system, code in chosen - {pair for pair in chosen if pair[0] in FOREIGN}:
        assert code in system_codes(system.rpartition("/")[2]), f"{system}#{code}"


def test_an_unknown_value_set_is_no_empty_one() -> None:
    with pytest.raises(KeyError):
        codes_in(f"{CANONICAL}/ValueSet/none")


@pytest.mark.parametrize("one", ALL, ids=name_of)
def test_what_it_refers_to_is_published(one: Published) -> None:
    referred = [*values(body(one), "valueSet"), *values(body(one), "profile"), *values(body(one), "targetProfile")]
    flat = [url for entry in referred for url in (entry if isinstance(entry, list) else [entry])]
    for url in (url for url in flat if isinstance(url, str) and url.startswith(CANONICAL)):
        assert by_url(url.removeprefix(f"{CANONICAL}/").partition("/")[0], url), url
    for system, code in codings(body(one)):
        if system.startswith(f"{CANONICAL}/CodeSystem/"):
            assert code in system_codes(system.rpartition("/")[2]), f"{system}#{code}"


@pytest.mark.parametrize("one", published("StructureDefinition").values(), ids=name_of)
def test_a_profile_can_be_used_as_it_is(one: Published) -> None:
    """A validator of a partner needs the whole snapshot, with a definition and cardinality on each element."""
    definition = body(one)
    elements = definition["snapshot"]["element"]
    assert all({"definition", "min", "max", "base"} <= element.keys() for element in elements)
    assert len({element["id"] for element in elements}) == len(elements)
    assert {element["id"] for element in definition["differential"]["element"]} <= {one["id"] for one in elements}
    assert definition["fhirVersion"] == "4.0.1"


# -- they say what the service does ------------------------------------------------------------------------------------


def test_the_committed_source_is_written_from_the_tables() -> None:
    """When it fails: ``python -m scripts.compile_ig``."""
    generated = {
        "terminology.fsh": ig_terminology.terminology(),
        "questionnaire.fsh": ig_questionnaire.questionnaire(),
        "measures.fsh": ig_measures.measures(),
        "operations.fsh": ig_interfaces.operations(),
    }
    for name, text in generated.items():
        assert (compile_ig.GENERATED / name).read_text(encoding="utf-8") == text, name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("coordination-move", set(codes.MOVE_DISPLAY)),
        ("figure", set(NAMES)),
        ("need-kind", set(codes.NEED_KINDS)),
        ("reporter", set(codes.REPORTERS)),
        ("task-input", set(codes.TASK_INPUTS)),
        ("decline-reason", set(DECLINE_REASONS)),
        ("lapse-reason", set(LAPSE_REASONS)),
        ("end-reason", set(END_REASONS)),
        ("coordination-stage", {*map(str, Stage), "ehr-pending", "ehr-confirmed", "ehr-rejected", "ehr-drift"}),
        ("coordination-task", {codes.COORDINATOR_NEED, codes.EHR_REGISTRATION, codes.ABORT}),
        ("error", set(error_codes.error_codes())),
    ],
)
def test_a_compiled_code_system_has_the_codes_of_the_table(name: str, expected: set[str]) -> None:
    assert system_codes(name) == expected


def test_every_role_of_a_coordinator_is_in_the_value_set() -> None:
    assert {code for _, code in codes_in(f"{CANONICAL}/ValueSet/coordinator-role")} == set(ROLES)


def test_every_error_code_has_its_texts() -> None:
    """When it fails: say in ``app/error_texts.toml`` what the new code means, or take the old one out."""
    assert set(TEXTS) == set(error_codes.error_codes())


def test_the_published_texts_of_errors_are_those_that_are_answered() -> None:
    published = {
        row["code"]: (row["display"], [(one["language"], one["value"]) for one in row["designation"]])
        for row in content_of("CodeSystem", "error")["concept"]
    }
    assert published == {code: (texts.en, [("nb", texts.nb)]) for code, texts in TEXTS.items()}


def test_every_error_class_is_in_the_code_system() -> None:
    classes = [SambandError]
    for one in classes:
        classes += one.__subclasses__()
    assert {one.code for one in classes} <= system_codes("error")


def test_every_way_to_write_an_error_code_is_found(tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text(
        "class Late(SambandError):\n"
        '    status, type, code = 409, "x", "late"\n'
        'raise Late("Too late for this.", code="too-late")\n'
        'raise Late("Either of two.", code="one-thing" if x else "another-thing")\n'
        'problems.add("not-good", "Task", "This is not good.")\n'
        'Fault("bad-form", "must be good")\n'
        'def rule(text: str, code: str = "default-code") -> None: ...\n'
        'PAIR = ("said-no", "Somebody said no.")\n'
        'raise _refused(("not-now", text), case)\n'
        'names.add("no-code")\nself.add("no-code-either", "SELECT 1")\nHEADER = ("content-type", "json")\n'
    )
    (tmp_path / "sandbox").mkdir()
    (tmp_path / "sandbox" / "stand_in.py").write_text('raise Late("Theirs.", code="not-ours")\n')
    assert error_codes.error_codes(tmp_path) == [
        "another-thing",
        "bad-form",
        "default-code",
        "late",
        "not-good",
        "not-now",
        "one-thing",
        "said-no",
        "too-late",
    ]


def test_every_input_and_output_is_a_slice_of_the_profile() -> None:
    elements = content_of("StructureDefinition", "coordinator-need-task")["snapshot"]["element"]
    sliced = {
        name: {
            code
            for element in elements
            if re.fullmatch(rf"Task\.{name}:\w+\.type", element["id"])
            for _, code in codings(element["patternCodeableConcept"])
        }
        for name in ("input", "output")
    }
    assert sliced == {"input": system_codes("task-input"), "output": system_codes("task-output")}


def test_every_output_that_the_service_writes_is_published() -> None:
    written = set()
    for path in (PROJECT / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(attr="output"), args=[ast.Constant(value=str(name)), _, _]):
                    written.add(name)
    assert written == system_codes("task-output")


def test_the_operations_of_the_capability_statement_are_published() -> None:
    statement = json.loads(capability_statement(RESOURCES, "http://127.0.0.1", {}))
    named = [url for url in values(statement, "definition") if url.startswith(CANONICAL)]
    assert named
    assert all(by_url("OperationDefinition", url) for url in named)


@pytest.mark.parametrize("one", published("OperationDefinition").values(), ids=name_of)
def test_an_operation_takes_what_the_table_says(one: Published) -> None:
    definition = body(one)
    (kind,) = definition["resource"]
    declared = next(row for row in RESOURCES[kind].operations if row.name == definition["code"])
    taken = tuple(row["name"] for row in definition.get("parameter", ()) if row["use"] == "in")
    assert taken == declared.parameters
    assert definition[declared.level] is True
    assert definition["affectsState"] is not declared.reads


def test_a_restricted_search_parameter_says_so() -> None:
    restricted = {
        f"{kind.name}-{row.name}" for kind in RESOURCES.values() for row in kind.search if ig_interfaces.restricted(row)
    }
    assert restricted <= set(published("SearchParameter"))
    for one in (content_of("SearchParameter", name) for name in restricted):
        assert one["modifier"] == ["identifier"]
        assert one["derivedFrom"].startswith("http://hl7.org/fhir/SearchParameter/")


def test_the_questionnaire_asks_for_the_criteria() -> None:
    asked = {item["linkId"]: item for item in content_of("Questionnaire", "coordinator-criteria")["item"]}
    assert list(asked) == [letter.lower() for letter in CRITERIA[CURRENT].letters]
    for criterion in CRITERIA[CURRENT].criteria:
        item = asked[criterion.letter.lower()]
        assert item["text"] == criterion.nb
        assert criterion.en in values(item["_text"], "valueString")
        assert [part["text"] for part in item.get("item", ())] == [bokmal for _, bokmal, _ in criterion.parts]


def test_the_service_writes_the_published_extensions() -> None:
    stint = Stint(
        id="a", hpr="9900011", name="Ingrid Solvang", role="18", unit_resh="4900101", unit_name="Poliklinikk", phone="",
        start="2026-01-01", end="2026-02-01", end_reason="replaced", ehr_state="ehr-pending", active=False,
    )  # fmt: skip
    subject = {"identifier": {"system": codes.NATIONAL_NUMBER, "value": "10915596784"}}
    team = json.loads(
        render_team(resource="a", version=1, updated=0, subject=subject, trust=("310470007", "HF"), stints=(stint,))
    )
    written = team["participant"][0]["extension"]
    assert len(written) == 2
    for extension in written:
        definition = by_url("StructureDefinition", extension["url"])
        assert definition is not None
        value = next(one for one in body(definition)["snapshot"]["element"] if one["path"] == "Extension.value[x]")
        (kind,) = [one["code"] for one in value["type"]]
        given = extension[f"value{kind.title()}"]
        assert given in {code for _, code in codes_in(value["binding"]["valueSet"])}


@pytest.mark.parametrize("kind", TYPES)
def test_what_is_published_is_valid_by_our_own_tables(kind: str) -> None:
    assert published(kind)
    for one in published(kind).values():
        validate(read(one.body).value, kind)


# -- examples ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", EXAMPLES, ids=name_of)
def test_an_example_is_valid(path: Path) -> None:
    example = json.loads(path.read_text(encoding="utf-8"))
    kind = example["resourceType"]
    model = getattr(importlib.import_module(f"fhir.resources.R4B.{kind.lower()}"), kind)
    assert model.model_validate(example).id == example["id"]
    if kind in RESOURCES:
        validate(example, kind)
    (profile,) = example["meta"]["profile"]
    found = by_url("StructureDefinition", profile)
    assert found is not None
    assert body(found)["type"] == kind
    for system, code in codings(example):
        if system.startswith(f"{CANONICAL}/CodeSystem/"):
            assert code in system_codes(system.rpartition("/")[2])


def test_every_profile_has_an_example() -> None:
    shown = {profile for path in EXAMPLES for profile in json.loads(path.read_bytes())["meta"]["profile"]}
    profiles = {one.url for one in published("StructureDefinition").values() if body(one)["type"] != "Extension"}
    assert shown == profiles


def test_the_answers_of_the_example_are_to_questions() -> None:
    asked = set(values(content_of("Questionnaire", "coordinator-criteria"), "linkId"))
    example = next(path for path in EXAMPLES if path.name.startswith("QuestionnaireResponse"))
    assert set(values(json.loads(example.read_bytes()), "linkId")) <= asked


# -- the compiler's own steps ------------------------------------------------------------------------------------------


def test_a_definition_is_trimmed_to_what_a_validator_reads() -> None:
    element = {
        "id": "Task",
        "mapping": [{"identity": "rim"}],
        "comment": "prose",
        "constraint": [{"key": "a-1", "expression": "true", "xpath": "1"}],
        "binding": {"strength": "required", "extension": [{"url": "name"}]},
        "min": 0,
    }
    found = compile_ig.trimmed(
        {"resourceType": "StructureDefinition", "snapshot": {"element": [element]}, "mapping": []}
    )
    assert found["snapshot"]["element"] == [
        {
            "id": "Task",
            "constraint": [{"key": "a-1", "expression": "true"}],
            "binding": {"strength": "required"},
            "min": 0,
        }
    ]
    assert "mapping" not in found


def test_a_line_for_each_entry() -> None:
    resource = {
        "resourceType": "ValueSet",
        "concept": [{"code": "å"}, {"code": "b"}],
        "snapshot": {"element": [{"id": "a"}]},
    }
    text = compile_ig.as_lines(resource)
    assert json.loads(text) == resource
    assert '\n  {"code": "å"},\n' in text


def test_check_tells_what_is_not_current(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("ROOT", "GENERATED", "TARGET", "TABLES", "EXAMPLES"):
        monkeypatch.setattr(compile_ig, name, tmp_path if name == "ROOT" else tmp_path / name.lower())
    files = {tmp_path / "target" / "a.json": "{}", tmp_path / "examples" / "b.json": "{}"}
    compile_ig.write(files)
    assert compile_ig.compare(files) == 0
    (tmp_path / "target" / "old.json").write_text("{}")
    assert compile_ig.compare(files) == 1
    assert "old.json" in capsys.readouterr().err
    compile_ig.write(files)
    assert compile_ig.compare(files) == 0


def test_a_check_without_its_tools_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert compile_ig.main(["--tools", str(tmp_path), "--check"]) == 2
    assert "is not among the tools" in capsys.readouterr().err


def test_a_parameter_that_nobody_describes_stops_the_compilation() -> None:
    with pytest.raises(ig_interfaces.NotDescribed, match="colour"):
        list(ig_interfaces._parameter(Move.ACCEPT, "colour", "in", 0))
