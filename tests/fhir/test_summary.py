"""Parts of resources: the table agrees with another reading of R4, and bytes stay."""

from importlib import import_module

import pytest

from app.errors import Unreadable
from app.fhir.resources import STORED
from app.fhir.summary import names_of_elements, names_of_summary, subset


@pytest.mark.parametrize("name", [one.name for one in STORED])
def test_the_summary_is_that_of_another_reading_of_r4(name: str) -> None:
    model = getattr(import_module(f"fhir.resources.R4B.{name.lower()}"), name)
    theirs = {
        (field.alias or key).removesuffix("_fhir")
        for key, field in model.model_fields.items()
        if (field.json_schema_extra or {}).get("summary_element_property")
    }
    ours = names_of_summary(name, "true") or frozenset()
    plain = {one for one in ours if not one.endswith("[x]")}
    choices = tuple(one.removesuffix("[x]") for one in ours if one.endswith("[x]"))
    mandatory = names_of_elements(name, "id")
    assert {one for one in theirs if not (choices and one.startswith(choices))} - plain == set()
    assert plain - theirs - mandatory <= {"id", "meta", "implicitRules"}


def test_members_keep_their_bytes_their_order_and_their_siblings() -> None:
    raw = (
        b'{"resourceType":"Observation","valueQuantity":{"value":1.50},"_status":{"id":"s"},"status":"final",'
        b'"note":[{"text":"x"}],"meta":{"tag":[{"code":"a"}],"versionId":"1"},"valueless":1,"code":{"text":"\\u00f8"}}'
    )
    part = subset(raw, names_of_elements("Observation", "value"))
    assert part.startswith(b'{"resourceType":"Observation","valueQuantity":{"value":1.50},"_status":{"id":"s"},')
    assert b'"code":{"text":"\\u00f8"}' in part
    assert b'{"code":"a"},{"system"' in part
    assert b"note" not in part
    assert b"valueless" not in part


def test_an_element_that_is_none() -> None:
    with pytest.raises(Unreadable):
        names_of_elements("Task", "status,nothing")
    assert names_of_summary("Task", "false") is None
