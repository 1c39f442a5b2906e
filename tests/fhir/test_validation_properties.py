"""Resources built from the tables themselves: what is made valid passes, one change is found where it is."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import InvalidContent
from app.fhir.validation import validate
from tests.fhir.made import SERVED, SHORT, places, resources
from tests.fhir.served import sample


def _faults(value: dict[str, Any]) -> list[tuple[str, str]]:
    try:
        validate(value, value["resourceType"])
    except InvalidContent as invalid:
        return [(issue.code, issue.expression) for issue in invalid.issues]
    return []


TOO_BOUND = {"StructureDefinition"}
"""Elements, ids and paths hang together by so many rules that chance makes none: one change of the sample."""


@pytest.mark.parametrize("name", SERVED)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_the_tables_allow_passes_and_one_change_is_found(name: str, data: st.DataObject) -> None:
    value = sample(name) if name in TOO_BOUND else data.draw(resources(name))
    assert _faults(value) == []
    holder, key, where = data.draw(st.sampled_from(places(value, name)))
    changes: list[Any] = [None, [], {}, "", [[]], {"unknownElement": 1}, {"deep": [None]}, "\x00", [None]]
    holder[key] = data.draw(st.sampled_from(changes))
    found = [expression for _, expression in _faults(value)]
    # What may be a form of a choice or an element by itself has two names.
    named = {where, ".".join(SHORT.get(step, step) for step in where.split("."))}
    assert any(_is_at(one, place) for one in found for place in named), (where, found)


def _is_at(found: str, place: str) -> bool:
    """There, further down, in what holds it, or a choice that has become nothing and is missing by its short name."""
    return found.startswith(place) or found == place.rpartition(".")[0] or _is_choice(found, place)


def _is_choice(element: str, place: str) -> bool:
    """Whether ``place`` is a type of the choice ``element``: the short name with a capital behind it."""
    return place.startswith(element) and place[len(element) : len(element) + 1].isupper()


@settings(max_examples=200, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=3),
        lambda inner: st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["status", "contained", "id", "reference", "input", "_status", "valueString", "valuePeriod",
                 "start", "end", "text", "div", "extension", "note", "type", "resourceType", "given", "_given"]
            ),
            inner,
            max_size=4,
        ),
        max_leaves=15,
    )
)  # fmt: skip
def test_no_shape_of_content_is_more_than_refused(inner: Any) -> None:
    members = inner if isinstance(inner, dict) else {"contained": [inner], "owner": inner, "input": inner}
    for name in SERVED:
        assert _faults({**members, "resourceType": name}) is not None
