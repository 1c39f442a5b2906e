"""The compiled tables and the script that makes them."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.fhir.shapes import definitions, table
from scripts import compile_definitions
from scripts.terminology import Terminology


def _element(name: str, **more: Any) -> dict[str, Any]:
    return {"path": name, "min": 0, "max": "1", **more}


def _definition(name: str, kind: str, elements: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "resourceType": "StructureDefinition",
        "name": name,
        "kind": kind,
        "abstract": False,
        "fhirVersion": "4.0.1",
        "snapshot": {"element": elements},
    }


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A very small edition of the official files."""
    url = "http://hl7.org/fhirpath/System.String"
    types = [
        _definition("string", "primitive-type", [_element("string")]),
        _definition("Meta", "complex-type", [
            _element("Meta"),
            _element("Meta.source", type=[{"code": "string"}]),
            _element("Meta.project", type=[{"code": "string"}]),
        ]),
        _definition("Extension", "complex-type", [
            _element("Extension", constraint=[{"key": "ext-1", "severity": "error"}]),
            _element("Extension.url", min=1, type=[{"code": url}]),
            _element("Extension.value[x]", type=[{"code": "string"}, {"code": "Meta"}]),
        ]),
    ]  # fmt: skip
    binding = {"strength": "required", "valueSet": "http://a.example/ValueSet/colour|4.0.1"}
    reference = {"code": "Reference", "targetProfile": ["http://a.example/Task", "http://a.example/CareTeam"]}
    resources = [
        _definition(name, "resource", [
            _element(name),
            _element(f"{name}.id", type=[{"code": url}]),
            _element(f"{name}.status", min=1, type=[{"code": "code"}], binding=binding, short="red | blue"),
            _element(f"{name}.part", max="*", type=[{"code": "BackboneElement"}]),
            _element(f"{name}.part.owner", type=[reference]),
            _element(f"{name}.part.part", max="*", contentReference=f"#{name}.part"),
        ])
        for name in compile_definitions.RESOURCES
    ]  # fmt: skip
    codes = {
        "resourceType": "CodeSystem",
        "url": "http://a.example/colours",
        "content": "complete",
        "concept": [{"code": "red", "concept": [{"code": "pink"}]}, {"code": "blue"}],
    }
    colour = {
        "resourceType": "ValueSet",
        "url": "http://a.example/ValueSet/colour",
        "compose": {"include": [{"system": "http://a.example/colours"}]},
    }
    files: dict[str, list[dict[str, Any]]] = {
        "profiles-types.json": types,
        "profiles-resources.json": resources,
        "valuesets.json": [codes, colour],
        "v3-codesystems.json": [],
        "v2-tables.json": [],
    }
    for name, content in files.items():
        (tmp_path / name).write_text(json.dumps({"entry": [{"resource": one} for one in content]}))
    return tmp_path


def test_a_definition_becomes_rows(source: Path) -> None:
    tables = compile_definitions.compile_tables(source)
    rows = json.loads(tables["Task.json"])
    assert rows["Task"]["elements"][1] == {
        "name": "status", "min": 1, "types": ["code"], "codes": "colour", "short": "red | blue",
    }  # fmt: skip
    assert rows["Task"]["elements"][2]["types"] == ["#Task.part"]
    assert [row["types"] for row in rows["Task.part"]["elements"]] == [
        ["Reference(CareTeam|Task)"],
        ["#Task.part"],
    ]
    assert json.loads(tables["codes.json"]) == {"colour": ["red", "pink", "blue"]}
    meta = json.loads(tables["datatypes.json"])["Meta"]
    assert [row["name"] for row in meta["elements"]] == ["source"]


def test_check_tells_what_is_not_current(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(compile_definitions, "TARGET", tmp_path / "tables")
    arguments = ["--source", str(source)]
    assert compile_definitions.main([*arguments, "--check"]) == 1
    assert compile_definitions.main(arguments) == 0
    assert compile_definitions.main([*arguments, "--check"]) == 0
    (tmp_path / "tables" / "Task.json").write_text("{}")
    assert compile_definitions.main([*arguments, "--check"]) == 1
    assert "Task.json" in capsys.readouterr().err


def test_a_check_without_its_source_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert compile_definitions.main(["--source", str(tmp_path), "--check"]) == 2
    monkeypatch.setenv("PATH", str(tmp_path))
    assert compile_definitions.main(["--check"]) == 2


def test_the_tables_are_those_of_r4() -> None:
    tables = definitions()
    assert table("index")["fhirVersion"] == "4.0.1"
    assert len(tables.resource_types) == 146
    assert {"Task", "Patient", "Binary"} <= tables.resource_types
    assert not {"Resource", "DomainResource", "Subscription" + "Topic"} & tables.resource_types
    task = tables.shapes["Task"]
    assert task.members["requester"].targets == frozenset({
        "Device", "Organization", "Patient", "Practitioner", "PractitionerRole", "RelatedPerson",
    })  # fmt: skip
    assert "valueMeta" in tables.shapes["Extension"].members
    assert "valueCodeableReference" not in tables.shapes["Extension"].members
    assert "project" not in tables.shapes["Meta"].members


def test_a_required_binding_becomes_a_list_or_a_format(source: Path) -> None:
    known = Terminology(source)
    colour = "http://a.example/ValueSet/colour|4.0.1"
    assert known.binding(colour, "Task.x", ["CodeableConcept"]) == {"concepts": "colour"}
    assert known.used["colour"][0] == "http://a.example/colours|red"
    assert known.binding("http://hl7.org/fhir/ValueSet/mimetypes|4.0.1", "Task.y", ["code"]) == {"format": "mimeType"}
    with pytest.raises(ValueError, match="two value sets"):
        known.binding(colour, "Task.z", ["code"])
    with pytest.raises(ValueError, match="has no list"):
        known.binding("http://a.example/ValueSet/unknown", "Task.z", ["code"])
    with pytest.raises(ValueError, match="required binding on"):
        known.binding(colour, "Task.z", ["Quantity"])


def test_shapes_share_their_base() -> None:
    path = Path(compile_definitions.TARGET) / "Patient.json"
    committed = json.loads(path.read_text(encoding="utf-8"))
    assert committed["Patient"]["base"] == "DomainResource"
    names = [element["name"] for element in table("Patient")["Patient"]["elements"]]
    assert names[:9] == [
        "id", "meta", "implicitRules", "language", "text", "contained", "extension", "modifierExtension", "identifier",
    ]  # fmt: skip


def test_additions_of_the_package_are_left_out() -> None:
    shapes = definitions().shapes
    targets = shapes["AuditEvent.source"].members["observer"].targets
    assert targets is not None
    assert targets <= definitions().resource_types
    assert "Organization" not in (shapes["MeasureReport"].members["subject"].targets or ())
