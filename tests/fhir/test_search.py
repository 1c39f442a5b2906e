"""The search grammar, dates and cursors."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clock import OSLO
from app.errors import Unreadable
from app.fhir.cursor import decode_cursor, encode_cursor
from app.fhir.instants import Span, covered, date_range, span
from app.fhir.search import NOBODY, PatientId, PatientKey, Query, Token, parse
from tests.fhir.samples import SYNTHETIC

NATIONAL = "urn:oid:2.16.578.1.12.4.1.4.1"
KEY = b"a key of the deployment"


def values(name: str, text: str) -> tuple[object, ...]:
    (criterion,) = parse("Task", [(name, text)]).criteria
    return criterion.values


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("_id", "a-1,b.2", (Token(None, "a-1"), Token(None, "b.2"))),
        ("status", "requested", (Token(None, "requested"),)),
        ("status", "http://hl7.org/fhir/task-status|requested", (Token(None, "requested"),)),
        ("identifier", "https://a.example/x|1", (Token("https://a.example/x", "1"),)),
        ("identifier", "|1", (Token("", "1"),)),
        ("identifier", "https://a.example/x|", (Token("https://a.example/x", ""),)),
        ("identifier", r"a\,b\|c\\d,e", (Token(None, r"a,b|c\d"), Token(None, "e"))),
        ("identifier", "s|a|b", (Token("s", "a|b"),)),
        ("code", "a,b", (Token(None, "a"), Token(None, "b"))),
        ("owner:identifier", "s|1", (Token("s", "1"),)),
        ("owner.identifier", "s|1", (Token("s", "1"),)),
        ("patient:identifier", "s|1", (Token("s", "1"),)),
        ("patient.identifier", "s|1", (Token("s", "1"),)),
        ("patient", "Patient/x,x", (PatientId("x"), PatientId("x"))),
        ("patient", "https://a.example/fhir/Patient/x/_history/2", (PatientId("x"),)),
        ("patient:Patient", "x", (PatientId("x"),)),
        ("business-status", "in-queue", (Token(None, "in-queue"),)),
    ],
)
def test_values_are_read_by_the_kind_of_the_parameter(name: str, text: str, expected: object) -> None:
    assert values(name, text) == expected


def test_repeated_parameters_are_all_asked_and_the_defaults_hold() -> None:
    query = parse("Task", [("code", "a"), ("code", "b")])
    assert [criterion.values for criterion in query.criteria] == [(Token(None, "a"),), (Token(None, "b"),)]
    assert (query.count, query.descending, query.position) == (50, True, None)


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("_include", "Task:owner", "bad-value"),
        ("status:above", "x", "bad-modifier"),
        ("status:", "x", "bad-modifier"),
        ("owner", "Organization/1", "bad-modifier"),
        ("patient:Group", "1", "bad-modifier"),
        ("code:identifier", "1", "bad-modifier"),
        ("status", "", "empty-value"),
        ("status", "a,", "empty-value"),
        ("status", ",a", "empty-value"),
        ("status", "a,,b", "empty-value"),
        ("status", " ", "empty-value"),
        ("status", "http://other.example|x", "bad-value"),
        ("identifier", "|", "bad-value"),
        ("_id", "a b", "bad-value"),
        ("patient", "Group/1", "bad-value"),
        ("patient", "a|b", "bad-value"),
        ("_lastUpdated", "ap2024", "bad-prefix"),
        ("_lastUpdated", "2024-02-30", "bad-date"),
        ("_lastUpdated", "ge", "bad-date"),
        ("_lastUpdated", "2024-01-01T24:00", "bad-date"),
        ("_lastUpdated", "2024-01-01Z", "bad-date"),
        ("_count", "-1", "bad-count"),
        ("_count", "x", "bad-count"),
        ("_count", "\uff11", "bad-count"),
        ("_sort", "code", "bad-sort"),
        ("_sort", "status,_id", "bad-sort"),
        ("_sort", "--status", "bad-sort"),
        ("_sort", "-", "bad-sort"),
        ("_sort", "owner", "bad-sort"),
        ("status", "a" * 17_000, "too-many-values"),
    ],
)
def test_what_cannot_be_asked_is_400_by_name(name: str, text: str, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        parse("Task", [(name, text)])
    issue = refused.value.issues[0]
    assert refused.value.error == code
    assert name.partition(":")[0].partition(".")[0] in issue.diagnostics
    assert not text.strip(" ,|") or text not in issue.diagnostics or text in "x12"


def test_a_sort_key_that_is_not_offered_is_answered_with_those_that_are() -> None:
    with pytest.raises(Unreadable) as refused:
        parse("Task", [("_sort", "colour")])
    wanted = ("_lastUpdated", "_id", "status", "intent", "priority", "authored-on", "modified")
    assert refused.value.issues[0].allowed == tuple(sign + name for name in wanted for sign in ("", "-"))
    with pytest.raises(Unreadable) as of_patients:
        parse("Patient", [("_sort", "birthdate")])
    assert of_patients.value.issues[0].allowed == ("_lastUpdated", "-_lastUpdated", "_id", "-_id")


def test_an_unknown_parameter_is_answered_with_those_that_are_known() -> None:
    with pytest.raises(Unreadable) as refused:
        parse("Task", [("foo", "x")])
    assert {"status", "owner:identifier", "patient", "patient:identifier", "_count"} <= set(
        refused.value.issues[0].allowed
    )
    assert "owner" not in refused.value.issues[0].allowed


@pytest.mark.parametrize("name", [SYNTHETIC, "Kari Nordmann", "Status", "<script>", "subject.identifier"])
def test_a_parameter_that_is_not_offered_is_told_by_its_place(name: str) -> None:
    with pytest.raises(Unreadable) as refused:
        parse("Task", [("status", "draft"), (name, "x")])
    assert refused.value.error == "unknown-parameter"
    assert name not in refused.value.issues[0].diagnostics
    assert "2" in refused.value.issues[0].diagnostics
    assert parse("Task", [(name, "x")], lenient=True).ignored == ("parameter 1",)


def test_a_search_has_a_limit_of_values() -> None:
    parse("Task", [("status", ",".join(["draft"] * 50))])
    with pytest.raises(Unreadable) as refused:
        parse("Task", [("status", ",".join(["draft"] * 30)), ("code", ",".join(["x"] * 21))])
    assert refused.value.error == "too-many-values"


def test_a_link_does_not_tell_whether_a_patient_is_known() -> None:
    query = parse("Task", [("patient:identifier", f"{NATIONAL}|{SYNTHETIC}")])
    known = query.resolve_patient("6f9619ff-8b86-4d01-b42d-00cf4fc964ff").after(1, "x", 1)
    unknown = query.resolve_patients({}).after(1, "x", 1)
    assert len(encode_cursor(known, KEY)) == len(encode_cursor(unknown, KEY))


def test_lenient_handling_leaves_unknown_parameters_out_and_says_so() -> None:
    query = parse("Task", [("foo", "x"), ("status", "draft")], lenient=True)
    assert query.ignored == ("parameter 1",)
    assert len(query.criteria) == 1


def test_page_size_and_order() -> None:
    assert parse("Task", [("_count", "0")]).count == 0
    assert parse("Task", [("_count", "99999999999")]).count == 200
    assert not parse("Task", [("_sort", "_lastUpdated")]).descending
    with pytest.raises(Unreadable) as refused:
        parse("Task", [("_count", "1"), ("_count", "2")])
    assert refused.value.error == "repeated-parameter"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("patient:identifier", f"{NATIONAL}|{SYNTHETIC}"),
        ("identifier", SYNTHETIC),
        (SYNTHETIC, "x"),
        ("identifier", quote(quote(f"{NATIONAL}|{SYNTHETIC}"))),
    ],
)
def test_a_national_number_is_read_from_a_body_only(name: str, text: str) -> None:
    with pytest.raises(Unreadable) as refused:
        parse("Task", [(name, text)], in_url=True)
    assert refused.value.error == "national-number-in-url"
    assert "_search" in refused.value.issues[0].diagnostics
    assert SYNTHETIC not in refused.value.issues[0].diagnostics
    assert parse("Task", [(name, text)], lenient=True).type == "Task"


PARTS = st.text("ab,|\\$ ", min_size=1, max_size=6).filter(str.strip)


def _escaped(text: str) -> str:
    for mark in "\\,|$":
        text = text.replace(mark, f"\\{mark}")
    return text


@given(st.lists(st.tuples(st.none() | PARTS, PARTS), min_size=1, max_size=4))
def test_any_tokens_survive_being_written_and_read(tokens: list[tuple[str | None, str]]) -> None:
    text = ",".join(
        _escaped(code) if system is None else f"{_escaped(system)}|{_escaped(code)}" for system, code in tokens
    )
    assert values("identifier", text) == tuple(Token(system, code) for system, code in tokens)


MOMENTS = st.datetimes(datetime.fromisoformat("1980-01-01"), datetime.fromisoformat("2080-01-01"))
FORMS = {"%Y": "year", "%Y-%m": "month", "%Y-%m-%d": "day", "%Y-%m-%dT%H:%M": "minute", "%Y-%m-%dT%H:%M:%S": "second"}


def _millis(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


@given(MOMENTS, st.sampled_from(list(FORMS)), MOMENTS, st.booleans())
def test_prefixes_and_precisions_mean_what_the_written_date_means(
    day: datetime, form: str, other: datetime, is_near: bool
) -> None:
    """Compared as texts of the same precision in Oslo, which is what a person would do."""
    if is_near:
        other = day + timedelta(hours=other.hour - 12, minutes=other.minute, milliseconds=other.second * 33)
    if other.replace(tzinfo=OSLO).utcoffset() != (other.replace(tzinfo=OSLO, fold=1)).utcoffset():
        return  # the hour that there is twice, or not at all
    written, here = f"{day:{form}}", f"{other:{form}}"
    moment = _millis(other.replace(tzinfo=OSLO))
    expected = {
        "": here == written, "eq": here == written, "ne": here != written,
        "gt": here > written, "sa": here > written, "ge": here >= written,
        "lt": here < written, "eb": here < written, "le": here <= written,
    }  # fmt: skip
    if day.replace(tzinfo=OSLO).utcoffset() == day.replace(tzinfo=OSLO, fold=1).utcoffset():
        assert {p: span("x", p + written).holds(moment) for p in expected} == expected


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("2026-11-21", "2026-11-20T23:00:00+00:00", "2026-11-21T23:00:00+00:00"),
        ("2026-03-29", "2026-03-28T23:00:00+00:00", "2026-03-29T22:00:00+00:00"),  # 23 hours
        ("2026-12", "2026-11-30T23:00:00+00:00", "2026-12-31T23:00:00+00:00"),
        ("2026-11-21T10:00:00Z", "2026-11-21T10:00:00+00:00", "2026-11-21T10:00:01+00:00"),
        ("2026-11-21T10:00+01:00", "2026-11-21T09:00:00+00:00", "2026-11-21T09:01:00+00:00"),
        ("2026-11-21T10:00:00.5 01:00", "2026-11-21T09:00:00.500+00:00", "2026-11-21T09:00:00.600+00:00"),
        ("2026-11-21T10:00:00.1234567Z", "2026-11-21T10:00:00.123+00:00", "2026-11-21T10:00:00.124+00:00"),
        ("2026-11-21T10:00:00.123456789012Z", "2026-11-21T10:00:00.123+00:00", "2026-11-21T10:00:00.124+00:00"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00+00:00", "2017-01-01T00:00:01+00:00"),  # a leap second
        ("0001-01-02T00:00:00+14:00", "0001-01-01T10:00:00+00:00", "0001-01-01T10:00:01+00:00"),
    ],
)
def test_a_date_is_the_whole_of_what_it_names(text: str, low: str, high: str) -> None:
    first, after = _millis(datetime.fromisoformat(low)), _millis(datetime.fromisoformat(high))
    assert span("_lastUpdated", text) == Span(first, after)


@pytest.mark.parametrize("text", ["9999", "9999-12", "9999-12-31"])
def test_the_last_days_of_the_calendar_have_no_end_and_a_beginning(text: str) -> None:
    found = covered(text)
    assert found is not None
    assert not date_range("date", "lt2026").meets(*found)
    assert not date_range("date", "eq2026").meets(*found)
    assert date_range("date", "ge2026").meets(*found)
    assert date_range("date", text).meets(*found)


@pytest.mark.parametrize(
    "text", ["2026-02-30", "2026-13", "0000", "2026-11-21T24:00", "2026-11-21T10:00:61", "2026-11-21T10:00+24:00"]
)
def test_a_date_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Unreadable) as refused:
        span("_lastUpdated", text)
    assert refused.value.error == "bad-date"


def _resolved() -> Query:
    pairs = [
        ("patient:identifier", f"{NATIONAL}|{SYNTHETIC}"),
        ("identifier", SYNTHETIC),
        ("status", "draft,requested"),
        ("_lastUpdated", "ne2026"),
        ("_count", "7"),
        ("_sort", "_lastUpdated"),
    ]
    return parse("Task", pairs).resolve_patient("k-1").after(1_795_251_600_000, "a-b", 1_795_251_700_000)


def test_a_cursor_brings_the_whole_query_back_and_shows_nothing_of_it() -> None:
    query = _resolved()
    cursor = encode_cursor(query, KEY)
    assert decode_cursor(cursor, KEY, "Task") == query
    assert cursor == quote(cursor, safe="")
    assert SYNTHETIC.encode() not in cursor.encode()
    assert "requested" not in cursor


def test_a_cursor_of_another_key_type_or_form_is_refused() -> None:
    cursor = encode_cursor(_resolved(), KEY)
    for text, key, name in [
        (cursor, b"other", "Task"),
        (cursor, KEY, "CareTeam"),
        (cursor[:-1], KEY, "Task"),
        (cursor + "A", KEY, "Task"),
        (cursor + "=", KEY, "Task"),
        (f" {cursor}", KEY, "Task"),
        ("", KEY, "Task"),
        ("æ", KEY, "Task"),
        ("A" * 10_000, KEY, "Task"),
    ]:
        with pytest.raises(Unreadable) as refused:
            decode_cursor(text, key, name)
        assert refused.value.error == "bad-cursor"


@given(st.integers(0, 200), st.sampled_from("AZaz09-_"))
def test_one_changed_letter_of_a_cursor_is_seen(place: int, letter: str) -> None:
    cursor = encode_cursor(_resolved(), KEY)
    changed = cursor[:place] + letter + cursor[place + 1 :]
    if changed != cursor:
        with pytest.raises(Unreadable):
            decode_cursor(changed, KEY, "Task")


def test_patients_are_resolved_before_the_store_is_asked() -> None:
    query = parse("Task", [("patient", "a,b"), ("patient:identifier", "s|1"), ("status", "draft")])
    assert query.patients == (PatientId("a"), PatientId("b"), Token("s", "1"))
    resolved = query.resolve_patients({PatientId("a"): "k-a", Token("s", "1"): "k-1"})
    assert [criterion.values for criterion in resolved.criteria] == [
        (PatientKey("k-a"), PatientKey(NOBODY)),
        (PatientKey("k-1"),),
        (Token(None, "draft"),),
    ]
    assert resolved.patients == ()
    with pytest.raises(ValueError, match="patients"):
        encode_cursor(query.after(1, "x", 1), KEY)
