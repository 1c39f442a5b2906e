"""Which unit a new need goes to, and the reason that is given."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.routing.directory import UnitKind
from app.routing.rules import RULES, RoutingFacts, route
from tests.coordination.situations import SENDER, TRUST, UNITS, directory_of

EXISTING = "existing-coordinator"
CLOSED = frozenset({"delta"})
DIRECTORY = directory_of(CLOSED)


@pytest.mark.parametrize(
    ("facts", "unit", "rule", "why"),
    [
        (
            {"wish_unit": "alpha", "coordinator_units": ("beta",)},
            "alpha",
            "wished-unit",
            "wish is first",
        ),
        ({"wish_unit": "alpha", "trust": TRUST}, "alpha", "wished-unit", "the trust has the unit"),
        (
            {"wish_unit": "delta", "coordinator_units": ("beta",)},
            "beta",
            EXISTING,
            "wish is closed",
        ),
        (
            {"wish_unit": "ke", "coordinator_units": ("beta",)},
            "beta",
            EXISTING,
            "KE is no wish",
        ),
        ({"coordinator_units": ("delta", "gamma")}, "gamma", EXISTING, "the one that is open"),
        (
            {"coordinator_units": ("beta",), "involved_units": ("alpha",)},
            "beta",
            EXISTING,
            "order",
        ),
        ({"involved_units": ("alpha",)}, "alpha", "only-treating-unit", "only one treats"),
        ({"involved_units": ("alpha", "alpha")}, "alpha", "only-treating-unit", "named twice is still one"),
        ({"involved_units": ("alpha", "beta")}, "ke", "catchment", "two treat: not ours to choose"),
        ({"involved_units": ("alpha", "delta")}, "ke", "catchment", "one of two has closed: still two"),
        ({"involved_units": ("delta",)}, "ke", "catchment", "the only one has closed"),
        ({"wish_unit": "nowhere"}, "ke", "catchment", "an unknown wish is no wish"),
        ({}, "ke", "catchment", "nothing but a municipality"),
        ({"municipality_organisation": ""}, "ke", "fallback", "nothing at all"),
        ({"municipality_organisation": "", "trust": TRUST}, "ke", "fallback", "a trust is addressed"),
        (
            {"trust": "elsewhere", "wish_unit": "alpha"},
            "ke",
            "fallback",
            "a wish elsewhere",
        ),
    ],
)
def test_the_first_rule_that_finds_an_open_unit_decides(facts: dict[str, Any], unit: str, rule: str, why: str) -> None:
    placement = route(RoutingFacts(**({"municipality_organisation": SENDER} | facts)), DIRECTORY)
    assert (placement.unit, placement.rule, placement.trust) == (unit, rule, TRUST), why


def test_the_reason_is_a_sentence_that_names_the_unit() -> None:
    assert route(RoutingFacts(involved_units=("alpha",)), DIRECTORY).reason == (
        "Alpha is the only unit known to treat the patient."
    )


keys = st.sampled_from([*UNITS, "ke", "group", "nowhere"])
facts_of_any_kind = st.builds(
    RoutingFacts,
    trust=st.sampled_from([None, TRUST, "elsewhere"]),
    wish_unit=st.none() | keys,
    coordinator_units=st.lists(keys, max_size=3).map(tuple),
    involved_units=st.lists(keys, max_size=3).map(tuple),
    municipality_organisation=st.sampled_from(["", SENDER, "310471569"]),
)


@given(facts_of_any_kind, st.frozensets(st.sampled_from(UNITS)))
def test_there_is_always_one_and_the_same_open_unit(facts: RoutingFacts, closed: frozenset[str]) -> None:
    directory = directory_of(closed)
    placement = route(facts, directory)
    unit = directory.units[placement.unit]
    assert unit.open
    assert unit.kind is not UnitKind.DECISION_GROUP
    assert placement.trust == unit.trust
    assert placement.rule in [name for name, _ in RULES]
    assert placement.reason.endswith(".")
    assert route(facts, directory) == placement
