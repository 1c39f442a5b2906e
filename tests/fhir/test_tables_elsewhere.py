"""The compiled tables against fhir.resources' R4B models: the same elements, required ones and reference targets.

The source of the tables is a package with additions of its own; what slips through is found here.
"""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from app.fhir.shapes import table

INDEX = table("index")
ANY_TYPE = (
    ("Extension", "value"),
    ("ElementDefinition.example", "value"),
    *(("ElementDefinition", name) for name in ("defaultValue", "fixed", "pattern")),
)
"""Elements that take every data type."""
NOT_IN_R4 = {
    *((shape, f"{name}{kind}") for shape, name in ANY_TYPE for kind in ("CodeableReference", "RatioRange")),
    ("Group.member", "entity → RelatedPerson"),
    *(
        ("Observation", f"subject → {name}")
        for name in ("Medication", "Organization", "Practitioner", "Procedure", "Substance")
    ),
}
"""What R4B added to R4 4.0.1."""
NOT_IN_R4B = {(shape, f"{name}Meta") for shape, name in ANY_TYPE}
"""What that package forgot."""
PROFILES = {"SimpleQuantity", "MoneyQuantity"}


def ours(row: dict[str, Any]) -> Iterator[str]:
    """Elements, ``name!`` where required and ``name → Type`` for each target."""
    for element in row["elements"]:
        is_choice = element["name"].endswith("[x]")
        for kind in INDEX["openTypes"] if element["types"] == ["*"] else element["types"]:
            code, _, targets = kind.partition("(")
            base = code.partition(":")[0]
            name = element["name"].removesuffix("[x]") + (base[0].upper() + base[1:] if is_choice else "")
            yield name
            if element.get("min") and not is_choice:
                yield f"{name}!"
            if base == "Reference":
                yield from (f"{name} → {one}" for one in targets.removesuffix(")").split("|") if one)


def theirs(shape: str) -> Iterator[str]:
    root = shape.partition(".")[0]
    name = "".join(part[0].upper() + part[1:] for part in shape.split("."))
    model = getattr(import_module(f"fhir.resources.R4B.{root.lower()}"), name)
    for field, about in model.model_fields.items():
        alias = about.alias or field
        if field in ("resource_type", "fhir_comments") or field.endswith("__ext"):
            continue
        more = about.json_schema_extra or {}
        yield alias
        if more.get("element_required") or about.is_required():
            yield f"{alias}!"
        targets = more.get("enum_reference_types", [])
        if "Reference" in str(about.annotation) and "Resource" not in targets:
            yield from (f"{alias} → {one}" for one in targets)


@pytest.mark.parametrize("name", [*INDEX["resources"], *INDEX["contained"], "datatypes"])
def test_a_table_says_what_the_models_say(name: str) -> None:
    rows = table(name)
    mine = {(shape, one) for shape, row in rows.items() if shape not in PROFILES for one in ours(row)}
    other = {(shape, one) for shape in rows if shape not in PROFILES for one in theirs(shape)}
    assert mine - other <= NOT_IN_R4B
    assert other - mine <= NOT_IN_R4
