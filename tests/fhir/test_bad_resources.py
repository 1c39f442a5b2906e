"""At least 100 wrong resources over all served types, one fault each: all refused, each at its element."""

from collections import Counter

import pytest

from app.errors import InvalidContent
from app.fhir.shapes import definitions
from app.fhir.validation import validate
from tests.fhir.bad_cases import INVARIANTS
from tests.fhir.bad_resources import Bad, all_bad
from tests.fhir.served import SERVED, sample

FAULTS = {
    "missing", "too many", "no list", "wrong type", "wrong format", "unknown element", "unknown code",
    "wrong reference target", "bad reference", "two value[x]", "bad date", "bad id", "script in narrative",
    "empty object or list", "null", "invariant",
}  # fmt: skip


def places(bad: Bad) -> set[str]:
    try:
        validate(bad.value, bad.type)
    except InvalidContent as invalid:
        return {issue.expression for issue in invalid.issues}
    return set()


def test_all_are_refused_at_their_element(capsys: pytest.CaptureFixture[str]) -> None:
    made, refused, placed = Counter[str](), Counter[str](), Counter[str]()
    wrong: list[tuple[str, str, set[str]]] = []
    for bad in all_bad():
        found = places(bad)
        made[bad.fault] += 1
        refused[bad.fault] += bool(found)
        is_placed = bad.expression in found and all(one.startswith(bad.expression) for one in found)
        placed[bad.fault] += is_placed
        if not is_placed:
            wrong.append((bad.fault, bad.expression, found))
    with capsys.disabled():
        print("\nfault                     made  refused  at its element")
        for fault in sorted(made):
            print(f"{fault:24} {made[fault]:5} {refused[fault]:8} {placed[fault]:8}")
        print(f"{'all':24} {made.total():5} {refused.total():8} {placed.total():8}")
    assert set(made) == FAULTS
    assert made.total() >= 100
    assert refused == made
    assert wrong == []


def test_most_faults_are_one_issue() -> None:
    alone = [places(bad) == {bad.expression} for bad in all_bad() if bad.fault != "empty object or list"]
    assert all(alone)


def test_every_type_has_its_faults() -> None:
    found = {(bad.type, bad.fault) for bad in all_bad()}
    for name in definitions().served:
        kinds = {fault for kind, fault in found if kind == name}
        assert {"wrong type", "unknown element", "unknown code", "bad id", "bad date", "invariant"} <= kinds, name


@pytest.mark.parametrize("name", SERVED)
def test_the_resource_that_they_are_made_from_is_valid(name: str) -> None:
    validate(sample(name), name)


def test_an_invariant_is_named_by_its_key() -> None:
    for key, name, members, _ in INVARIANTS:
        value = {n: item for n, item in (sample(name) | members).items() if item is not None}
        with pytest.raises(InvalidContent) as refused:
            validate(value, name)
        assert f"{key}" in refused.value.issues[0].diagnostics
