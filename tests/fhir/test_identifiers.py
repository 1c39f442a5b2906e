"""Norwegian identifiers, on published and synthetic test data only."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InvalidContent
from app.fhir.identifiers import Mode, check_identifier, holds_national_number, validate_identifiers
from tests.fhir.samples import SYNTHETIC, care_team, task

BASE = "urn:oid:2.16.578.1.12.4.1.4."
NATIONAL, D_NUMBER, HELP, HPR, ORGANISATION, RESH = (f"{BASE}{n}" for n in (1, 2, 3, 4, 101, 102))
HER = "urn:oid:2.16.578.1.12.4.1.2"

# Published test data (Norsk helsenett, Tenor, DIPS, HL7 Norway) and computed synthetic numbers.
# system, number, taken in production, in test
KNOWN = [
    (NATIONAL, "13116900216", True, True),  # Norsk helsenett's static test person
    (NATIONAL, "10915596784", False, True),  # Tenor, 80 added
    (NATIONAL, "15720255178", False, True),  # Norsk helsenett, 65 added
    (NATIONAL, "14502063562", False, False),  # 40 added: local
    (NATIONAL, "15857040039", False, True),  # only by the rule from 2032
    (NATIONAL, "15857040047", False, True),
    (NATIONAL, "15857040055", False, True),
    (NATIONAL, "15857040020", False, True),
    (NATIONAL, "01819030037", False, True),
    (NATIONAL, "01819030045", False, True),
    (D_NUMBER, "41819030020", False, True),  # both added
    (HELP, "80434218415", True, True),
    (NATIONAL, "01048900000", False, False),  # wrong control digits in documentation
    (NATIONAL, "05076600324", False, False),
    (NATIONAL, "13057444850", False, False),
    (NATIONAL, "12094812345", False, False),
    (NATIONAL, "30507300000", False, False),
]


@pytest.mark.parametrize(("system", "number", "production", "test"), KNOWN)
def test_published_numbers(system: str, number: str, production: bool, test: bool) -> None:
    assert (check_identifier(system, number, Mode.PRODUCTION) is None) is production
    assert (check_identifier(system, number, Mode.TEST) is None) is test
    assert check_identifier(system, number, Mode.LENIENT) is None


@pytest.mark.parametrize(
    ("system", "value", "is_right"),
    [
        (ORGANISATION, "999977774", True),
        (ORGANISATION, "310000000", True),
        (ORGANISATION, "313325016", True),
        (ORGANISATION, "999977776", False),
        (ORGANISATION, "314159265", False),
        (ORGANISATION, "000000000", False),
        (ORGANISATION, "31000000", False),
        ("urn:oid:2.16.578.1.12.4.1.2.101", "310000000", True),
        (HPR, "9144897", True),
        (HPR, "009144897", True),
        (HPR, "1", True),
        (HPR, "0", False),
        (HPR, "1234567890", False),
        (HPR, "91x", False),
        (RESH, "4210001", True),
        (RESH, "-1", False),
        (HER, "12", True),
        (HER, "", False),
        (NATIONAL, "1091559678", False),
        (NATIONAL, " 10915596784", False),
        (NATIONAL, "1091559678\uff14", False),
        (NATIONAL, "41819030020", False),
        (D_NUMBER, SYNTHETIC, False),
        (HELP, SYNTHETIC, False),
        ("https://somebody.example/number", "anything", True),
    ],
)
def test_the_format_of_each_system(system: str, value: str, is_right: bool) -> None:
    rule = check_identifier(system, value, Mode.TEST)
    assert (rule is None) is is_right
    assert not rule or not value or value not in rule


def test_lenient_takes_any_eleven_and_nine_digits() -> None:
    assert check_identifier(NATIONAL, "12345678901", Mode.LENIENT) is None
    assert check_identifier(ORGANISATION, "314159265", Mode.LENIENT) is None
    assert check_identifier(NATIONAL, "123", Mode.LENIENT)


def _with_control_digits(nine: str, remainder: int) -> str | None:
    """Nine digits and the two that make remainder and sum right; written here once more, from the weights."""
    for first in range(10):
        for second in range(10):
            digits = [int(d) for d in f"{nine}{first}{second}"]
            left = sum(w * d for w, d in zip((3, 7, 6, 1, 8, 9, 4, 5, 2, 1), digits, strict=False)) % 11
            right = sum(w * d for w, d in zip((5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1), digits, strict=True)) % 11
            if left == remainder and right == 0:
                return f"{nine}{first}{second}"
    return None


SYNTHETICS = st.builds(
    lambda day, month, added, rest, remainder: _with_control_digits(f"{day:02}{month + added:02}{rest:05}", remainder),
    st.integers(1, 28),
    st.integers(1, 12),
    st.sampled_from([65, 80]),
    st.integers(0, 99_999),
    st.integers(0, 3),
).filter(bool)


@given(SYNTHETICS, st.integers(0, 10), st.integers(1, 9))
def test_synthetic_numbers_are_taken_and_one_wrong_digit_is_seen(number: str, place: int, step: int) -> None:
    assert check_identifier(NATIONAL, number, Mode.TEST) is None
    assert check_identifier(NATIONAL, number, Mode.PRODUCTION) is not None
    wrong = number[:place] + str((int(number[place]) + step) % 10) + number[place + 1 :]
    rule = check_identifier(NATIONAL, wrong, Mode.TEST)
    assert rule is not None
    assert wrong not in rule


@given(SYNTHETICS, st.sampled_from(["{}", "urn:oid:2.16.578.1.12.4.1.4.1|{}", "a{}b", "/Task/{}", "{:.6} {:.0}"]))
def test_a_number_is_found_in_any_url(number: str, form: str) -> None:
    text = form.format(number, number) if ":.6" not in form else f"{number[:6]} {number[6:]}"
    for url in (text, quote(text), quote(quote(text, safe=""), safe=""), f"patient:identifier={quote(text)}"):
        assert holds_national_number(url)


@pytest.mark.parametrize(
    "url",
    [
        "identifier=https://fjordvik.example/saker|20260001234",
        "_lastUpdated=ge2026-11-21T10:00:00.000%2B01:00",
        "requester:identifier=urn:oid:2.16.578.1.12.4.1.4.101|310000000",
        "/Task/0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0/_history/2",
        "x=100%25",
        "",
        "/Task/0c3151bd-1cbf-4d64-b04d-a10915596784",
        "identifier=https%3A%2F%2Ffjordvik.example%7C0C3151BD-1CBF-4D64-B04D-A10915596784&_count=1",
        "identifier=https%3A%2F%2Ffjordvik.example%7C0c3151bd1cbf4d6a10915596784a04da",
        "identifier=https://fjordvik.example|0c3151bd1cbf4d6a10915596784a04da,0c3151bd1cbf4d64b04da10915596784",
    ],
)
def test_other_numbers_may_be_in_a_url(url: str) -> None:
    assert not holds_national_number(url)


@pytest.mark.parametrize("url", ["{}/10915596784", "10915596784-{}", "{0}~10915596784~{0}", "{}x10915596784"])
def test_a_number_beside_a_uuid_is_found(url: str) -> None:
    assert holds_national_number(url.format("0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"))
    assert holds_national_number(url.format("0c3151bd1cbf4d64b04dcd9187a4c6e0"))


def test_a_wrong_number_after_its_system_is_found_too() -> None:
    assert holds_national_number("urn:oid:2.16.578.1.12.4.1.4.1%7C12345678901")
    assert holds_national_number("%2525252531")  # wrapped so often that it cannot be looked into


def test_all_identifiers_of_a_resource_are_checked() -> None:
    wrong = {"system": NATIONAL, "value": "12094812345"}
    value = task(
        identifier=[{"system": "https://a.example", "value": "12094812345"}, wrong],
        input=[{"type": {"text": "x"}, "valueReference": {"identifier": {"system": RESH, "value": "x"}}}],
        contained=[{"resourceType": "Patient", "id": "p", "identifier": [wrong]}],
    )
    with pytest.raises(InvalidContent) as refused:
        validate_identifiers(value, Mode.TEST)
    assert {issue.expression for issue in refused.value.issues} == {
        "Task.identifier[1].value",
        "Task.input[0].valueReference.identifier.value",
        "Task.contained[0].identifier[0].value",
    }
    assert all("12094812345" not in issue.diagnostics for issue in refused.value.issues)
    validate_identifiers(task(), Mode.TEST)
    validate_identifiers(care_team(), Mode.PRODUCTION)
