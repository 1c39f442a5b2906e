"""Every kind of search parameter finds what a filter by hand over the documents finds, on both databases."""

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.casework.rows import date_rows, task_columns, tokens_of
from app.fhir.declared import Kind, SearchParameter
from app.fhir.instants import DateRange, covered
from app.fhir.resources import RESOURCES
from app.fhir.search import Criterion, Query, Token, parse
from app.store.changes import Changes, Viewer, Write
from tests.store.databases import Live
from tests.store.rows import DALHEIM, FJORDVIK, seen

BASE = "https://samband.example/fhir/v1"
DATES = ["2026", "2026-11", "2026-11-21", "2026-11-21T10:00:00+01:00", "2026-11-21T10:00:00.123Z", "2027-01-01"]
SYSTEMS = ["urn:a", "urn:b", ""]
CODES = ["1", "A", "a", "%", "x" * 300]
NAMES = ["Åse Berg", "ase  berg", "ASE", "Ås", "Østre", "ostre", "%", "berg"]
URLS = ["https://a.example/q", "https://a.example/q|1", "https://a.example/Q", "urn:uuid:1"]
TARGETS = ["ServiceRequest/1", "CarePlan/1", f"{BASE}/ServiceRequest/1", "https://b.example/ServiceRequest/1"]
LITERALS = [*TARGETS, "ServiceRequest/2/_history/3", "#c"]
TYPES = ("Task", "CarePlan", "ServiceRequest", "QuestionnaireResponse", "Organization", "Encounter")


def maybe(chance: Random, value: Any) -> Any:
    return value if chance.random() < 0.75 else None


def coding(chance: Random) -> dict[str, Any]:
    system = chance.choice(SYSTEMS)
    return {"code": chance.choice(CODES)} | ({"system": system} if system else {})


def identifier(chance: Random) -> dict[str, Any]:
    one = coding(chance)
    return {"value": one.pop("code")} | one


def concept(chance: Random) -> dict[str, Any]:
    return {"text": "words"} | maybe_member("coding", chance, [coding(chance) for _ in range(chance.randint(1, 2))])


def maybe_member(name: str, chance: Random, value: Any) -> dict[str, Any]:
    return {name: value} if chance.random() < 0.8 else {}


def reference(chance: Random) -> dict[str, Any]:
    found = maybe_member("reference", chance, chance.choice(LITERALS))
    return found | maybe_member("identifier", chance, identifier(chance)) | {"display": "somebody"}


def period(chance: Random) -> dict[str, Any]:
    low = chance.choice(DATES)
    return {"start": low} | maybe_member("end", chance, "2027-05")


def document(type_name: str, chance: Random) -> dict[str, Any]:
    """A resource with all that its type is searched by, or without some of it."""
    made: dict[str, Any] = {
        "Task": {
            "status": chance.choice(["received", "accepted"]),
            "intent": maybe(chance, "order"),
            "priority": maybe(chance, chance.choice(["urgent", "routine"])),
            "authoredOn": maybe(chance, chance.choice(DATES)),
            "lastModified": maybe(chance, chance.choice(DATES)),
            "groupIdentifier": maybe(chance, identifier(chance)),
            "focus": maybe(chance, reference(chance)),
            "basedOn": maybe(chance, [reference(chance), reference(chance)]),
            "code": maybe(chance, concept(chance)),
            "businessStatus": maybe(chance, {"coding": [coding(chance)]}),
        },
        "CarePlan": {
            "category": maybe(chance, [concept(chance)]),
            "period": maybe(chance, period(chance)),
            "activity": maybe(chance, [{"reference": reference(chance)}, {"detail": {}}]),
        },
        "ServiceRequest": {
            "intent": chance.choice(["order", "plan"]),
            "code": maybe(chance, concept(chance)),
            "authoredOn": maybe(chance, chance.choice(DATES)),
        },
        "QuestionnaireResponse": {
            "identifier": maybe(chance, identifier(chance)),
            "questionnaire": maybe(chance, chance.choice(URLS)),
            "authored": maybe(chance, chance.choice(DATES)),
        },
        "Organization": {
            "name": maybe(chance, chance.choice(NAMES)),
            "alias": maybe(chance, [chance.choice(NAMES)]),
            "active": maybe(chance, chance.choice([True, False])),
            "type": maybe(chance, [concept(chance)]),
        },
        "Encounter": {"class": coding(chance), "period": maybe(chance, period(chance))},
    }[type_name]
    made.setdefault("status", chance.choice(["active", "draft"]))
    made.setdefault("identifier", [identifier(chance)])
    return {name: value for name, value in made.items() if value is not None}


def population() -> dict[str, dict[str, dict[str, Any]]]:
    chance = Random(11)  # noqa: S311 - a fixed population
    return {name: {f"{name}-{n:02}": document(name, chance) for n in range(40)} for name in TYPES}


ROWS = population()


def written(type_name: str, key: str, content: dict[str, Any]) -> Write:
    columns: dict[str, Any] = {"status": content["status"], "patient": None, "author": "1", "author_unit": ""}
    if type_name == "Task":
        columns = task_columns(content, None)
    return Write(type=type_name, id=key, version=1, updated=1_000, body=key.encode(), columns=columns)


@pytest.fixture
def filled(live: Live) -> Live:
    for name, rows in ROWS.items():
        changes = Changes(writes=[written(name, key, content) for key, content in rows.items()])
        for key, content in rows.items():
            changes.tokens += tokens_of(name, key, content, BASE)
            changes.dates += date_rows(name, key, content)
            changes.parties += seen(key, FJORDVIK)
        live.run(live.store.commit(changes))
    return live


# -- by hand -----------------------------------------------------------------------------------------------------------


def values(content: Any, steps: list[str]) -> list[Any]:
    if isinstance(content, list):
        return [found for item in content for found in values(item, steps)]
    if not steps:
        return [content]
    return values(content[steps[0]], steps[1:]) if isinstance(content, dict) and steps[0] in content else []


def at(parameter: SearchParameter, content: dict[str, Any]) -> list[Any]:
    return [found for path in parameter.path.split(" | ") for found in values(content, path.split(".")[1:])]


def holds(criterion: Criterion, content: dict[str, Any]) -> bool:
    found = at(criterion.parameter, content)
    if criterion.modifier == "missing":
        (wanted,) = criterion.values
        if criterion.parameter.kind is Kind.CODES:
            found = [one for one in found if one.get("coding")]
        return bool(getattr(wanted, "absent", None) == (not found))
    any_of = any(matches(criterion, wanted, one) for wanted in criterion.values for one in found)
    return any_of != (criterion.modifier == "not")


def matches(criterion: Criterion, wanted: Any, one: Any) -> bool:
    kind = criterion.parameter.kind
    if isinstance(wanted, DateRange):
        low, high = covered(one) or (0, 0)
        return wanted.meets(low, high)
    if kind is Kind.STRING:
        return named(one, criterion.modifier, wanted.text)
    if kind is Kind.URI:
        return wanted.code in (one, one.split("|")[0])
    if kind is Kind.REFERENCE and criterion.modifier != "identifier":
        return to(one.get("reference", "").partition("/_history/")[0].replace(f"{BASE}/", ""), wanted)
    if kind is Kind.REFERENCE:
        one = one.get("identifier") or {}
    return any(coded(entry, wanted) for entry in (one.get("coding") or [one] if isinstance(one, dict) else [one]))


def named(one: str, modifier: str, wanted: str) -> bool:
    plain = " ".join(one.lower().replace("å", "a").split())
    return {"": plain.startswith(wanted), "contains": wanted in plain, "exact": one == wanted}[modifier]


def to(literal: str, wanted: Token) -> bool:
    if ":" in literal:
        return (wanted.system, wanted.code) == ("", literal)
    kind, _, key = literal.partition("/")
    return bool(key) and wanted.code == key and wanted.system in (None, kind)


def coded(entry: Any, wanted: Token) -> bool:
    if not isinstance(entry, dict):
        text = {True: "true", False: "false"}.get(entry, entry) if isinstance(entry, bool) else entry
        return bool(text == wanted.code)
    code = entry.get("code") or entry.get("value")
    system = entry.get("system", "")
    return bool(code) and wanted.code in ("", code) and wanted.system in (None, system)


# -- questions ---------------------------------------------------------------------------------------------------------

PREFIXES = ["", "eq", "ne", "gt", "ge", "lt", "le", "sa", "eb"]
TOKENS = [*(c for c in CODES if c != ""), "urn:a|1", "|1", "urn:b|", f"urn:a|{'x' * 300}"]
ASKED = {
    Kind.TOKENS: TOKENS,
    Kind.TOKEN: TOKENS,
    Kind.CODES: TOKENS,
    Kind.CODE: ["order", "plan", "urgent", "active", "received", "true", "false"],
    Kind.URI: URLS,
    Kind.STRING: ["Ås", "ase b", "øst", "%", "BERG", "ase berg x"],
    Kind.DATE: [f"{prefix}{day}" for prefix in PREFIXES for day in ("2026", "2026-11-21", "2026-11-21T09:00Z")],
}

EXACT = ["Åse Berg", "Ase Berg", "ase  berg", "ase berg", "ERG", "%", "_", "å", "Ås", "Østre,ASE"]


def questions(type_name: str) -> list[tuple[str, str]]:
    """Each parameter of the type with each form and value."""
    asked = []
    for one in RESOURCES[type_name].search:
        if one.kind in (Kind.ID, Kind.LAST_UPDATED, Kind.PATIENT) or one.only_by_identifier:
            continue
        texts = ASKED.get(one.kind) or [
            "1",
            *(t for t in TARGETS if "b.example" in t or t.split("/")[-2] in one.targets),
        ]
        asked += [(one.name, text) for text in texts]
        asked += [(one.name, ",".join(texts[:2]))] if one.kind is not Kind.DATE else []
        asked += [(f"{one.name}:missing", text) for text in ("true", "false")]
        asked += [(f"{one.name}:not", text) for text in texts if "not" in one.modifiers]
        asked += [
            (f"{one.name}:{form}", text) for form in ("exact", "contains") if form in one.modifiers for text in EXACT
        ]
        asked += [(f"{one.name}:identifier", text) for text in TOKENS if "identifier" in one.modifiers]
    return asked


def answered(live: Live, query: Query, viewer: Viewer = FJORDVIK) -> list[str]:
    return [row.id for row in live.run(live.store.search(query, viewer)).rows]


@pytest.mark.parametrize("type_name", TYPES)
def test_every_form_of_every_parameter(filled: Live, type_name: str) -> None:
    found_some = 0
    for pair in questions(type_name):
        query = parse(type_name, [pair, ("_count", "200"), ("_total", "accurate")], base=BASE)
        expected = {key for key, content in ROWS[type_name].items() if holds(query.criteria[0], content)}
        page = filled.run(filled.store.search(query, FJORDVIK))
        assert {row.id for row in page.rows} == expected, pair
        assert page.total == len(expected)
        found_some += bool(expected)
    assert found_some > 10


@settings(max_examples=120, deadline=None)
@given(data=st.data())
def check(live: Live, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(TYPES))
    pairs = data.draw(st.lists(st.sampled_from(questions(name)), min_size=2, max_size=3))
    query = parse(name, [*pairs, ("_count", "200")], base=BASE)
    expected = {key for key, content in ROWS[name].items() if all(holds(one, content) for one in query.criteria)}
    assert set(answered(live, query)) == expected


def test_several_at_once(filled: Live) -> None:
    check(filled)


def test_the_directory_is_read_by_all_and_the_rest_by_its_parties(filled: Live) -> None:
    for name in TYPES:
        found = answered(filled, parse(name, [("_count", "200")]), DALHEIM)
        assert len(found) == (40 if name == "Organization" else 0)
    one = filled.run(filled.store.read("Organization", "Organization-00", DALHEIM))
    assert one is not None
    assert one.author == "1"


def test_a_search_over_types_is_in_one_order_and_of_what_the_viewer_sees(filled: Live) -> None:
    query = parse("", [("_type", "Task,Organization"), ("_count", "0")])
    assert filled.run(filled.store.search(query, FJORDVIK)).total == 80
    assert filled.run(filled.store.count(query, DALHEIM)) == 40
    page = filled.run(filled.store.search(parse("", [("_type", "Task,Organization"), ("_count", "50")]), FJORDVIK))
    assert [row.id for row in page.rows] == sorted([*ROWS["Task"], *ROWS["Organization"]], reverse=True)[:50]
    assert {row.type for row in page.rows} == {"Task", "Organization"}
    assert page.more


def test_many_are_read_at_once(filled: Live) -> None:
    found = filled.run(filled.store.read_many("Task", ["Task-03", "Task-01", "none"], FJORDVIK)).rows
    assert [row.id for row in found] == ["Task-01", "Task-03"]
    assert filled.run(filled.store.read_many("Task", ["Task-01"], DALHEIM)).rows == ()
    assert filled.run(filled.store.read_many("Task", [], FJORDVIK)).rows == ()
