"""Each type that we serve: a rich valid resource passes here and elsewhere, and keeps what gets lost easily."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from app.errors import InvalidContent, Issue
from app.fhir import document
from app.fhir.invariants import IN_VALIDATION, INVARIANTS, NOT_CHECKED, invariants_of
from app.fhir.shapes import definitions, table
from app.fhir.validation import validate
from tests.fhir.made import places
from tests.fhir.served import SERVED, sample
from tests.fhir.test_examples import is_valid_elsewhere


def issues(value: dict[str, Any]) -> list[Issue]:
    try:
        validate(value, value["resourceType"])
    except InvalidContent as invalid:
        return list(invalid.issues)
    return []


def found(value: dict[str, Any]) -> list[tuple[str, str]]:
    return [(issue.code, issue.expression) for issue in issues(value)]


def test_there_is_a_sample_of_each() -> None:
    assert definitions().served == SERVED.keys()


@pytest.mark.parametrize("name", SERVED)
def test_a_rich_resource_passes_here_and_in_fhir_resources(name: str) -> None:
    assert issues(sample(name)) == []
    assert is_valid_elsewhere(SERVED[name])


@pytest.mark.parametrize("name", SERVED)
def test_nothing_strange_anywhere_is_more_than_refused(name: str) -> None:
    strange: list[Any] = [None, [], {}, "", [None], [{}], [[1]], {"a": [{}]}, True, 1, "#", "x" * 70, [{"id": ["a"]}]]
    always_wrong = 6
    for index in range(len(places(sample(name), name))):
        for position, one in enumerate(strange):
            value = sample(name)
            holder, key, where = places(value, name)[index]
            is_filler = one is None and (holder[key] is None or "._" in where)  # beside a value it may be null
            holder[key] = one
            assert found(value) or is_filler or position >= always_wrong, (where, one)


def test_decimals_arrive_as_they_were_written() -> None:
    def texts(value: Any) -> Iterator[str]:
        if isinstance(value, dict | list):
            for one in value.values() if isinstance(value, dict) else value:
                yield from texts(one)
        else:
            yield str(value)

    assert {"1.500", "2.50", "0.250", "100.00"} <= {text for name in SERVED for text in texts(sample(name))}
    kept = document.splice(SERVED["Task"], {"status": b'"received"'})
    assert b'"value":100.00' in kept
    assert b'"valueDecimal":1.500' in kept


def test_every_constraint_of_the_tables_is_held_or_listed_with_its_reason() -> None:
    index = table("index")
    for name in (*index["resources"], *index["contained"], "datatypes"):
        for shape, row in table(name).items():
            for keys in (row["invariants"], *(element.get("invariants", ()) for element in row["elements"])):
                invariants_of(shape, keys)  # raises for a key without a rule
    assert set(index["warnings"]) == NOT_CHECKED.keys()
    assert all(NOT_CHECKED.values())
    assert not NOT_CHECKED.keys() & (INVARIANTS.keys() | IN_VALIDATION)


def test_a_required_binding_of_a_concept_wants_one_of_its_codings() -> None:
    system = "http://terminology.hl7.org/CodeSystem/measure-improvement-notation"
    for concept, is_right in (
        ({"coding": [{"system": "https://a.example", "code": "opp"}, {"system": system, "code": "decrease"}]}, True),
        ({"extension": [{"url": "https://a.example", "valueCode": "a"}]}, True),
        ({"text": "increase"}, False),
        ({"coding": [{"code": "increase"}]}, False),
        ({"coding": [{"system": system, "code": "sideways"}]}, False),
    ):
        problems = found(sample("Measure") | {"improvementNotation": concept})
        assert problems == ([] if is_right else [("unknown-code", "Measure.improvementNotation")])


@pytest.mark.parametrize(
    "text", ["application/fhir+json", "text/plain;charset=utf-8", 'a/b; c="d"; e=f', "image/svg+xml"]
)
def test_a_mime_type_passes(text: str) -> None:
    value = sample("Subscription")
    value["channel"]["payload"] = text
    assert found(value) == []


@pytest.mark.parametrize(
    "text", ["json", "text/", "/plain", "text/plain;", "text/plain; charset", "text /plain", "a/b/c"]
)
def test_what_is_no_mime_type_is_refused(text: str) -> None:
    value = sample("Subscription")
    value["channel"]["payload"] = text
    assert found(value) == [("wrong-format", "Subscription.channel.payload")]


def test_a_currency_is_one_of_iso_4217() -> None:
    value = sample("Task")
    value["input"][1]["valueMoney"]["currency"] = "nok"
    assert found(value) == [("unknown-code", "Task.input[1].value.currency")]


def test_a_contained_member_is_what_its_row_says() -> None:
    team = sample("CareTeam")
    assert found(team) == []
    team["contained"][0] = {"resourceType": "Organization", "id": "p", "name": "a"}
    assert found(team) == [("invariant", "CareTeam.participant[0]")]


def test_a_bundle_blames_the_entry() -> None:
    value = sample("Bundle")
    del value["entry"][1]["request"]
    value["entry"][0]["resource"]["gender"] = "x"
    assert found(value) == [("unknown-code", "Bundle.entry[0].resource.gender")]
    del value["entry"][0]["resource"]["gender"]
    assert found(value) == [("invariant", "Bundle.entry[1]")]


def test_tables_are_read_when_first_needed_by_any_thread() -> None:
    definitions.cache_clear()
    assert "Patient" not in definitions().shapes
    threads = [threading.Thread(target=validate, args=(sample("Patient"), "Patient")) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "Patient.contact" in definitions().shapes
    with pytest.raises(KeyError):
        definitions().shapes["Pasient"]
