"""A search equals a filter by hand over everything, on both databases."""

from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import Unreadable
from app.fhir.instants import Span
from app.fhir.resources import Kind
from app.fhir.search import PatientKey, Query, Token, parse
from app.store import changes as parts
from app.store.changes import Changes, Viewer, Write
from app.store.interface import Store
from tests.store.databases import Live
from tests.store.rows import DALHEIM, FJORDVIK, NEUROLOGY, ONCOLOGY, seen, task

SYSTEMS = ["urn:a", "urn:a|b", "urn:A", "urn:%", "urn:_", "urn:!", ""]
CODES = ["1", "10", "A", "a", "%", "_", "!", "a|b", "æ", "a,b", "x\\y", "'"]
STATUSES = ["received", "accepted", "completed"]
VIEWERS = [FJORDVIK, DALHEIM, NEUROLOGY, ONCOLOGY]
INSTANTS = [1_795_200_000_000 + step for step in (0, 1, 999, 1_000, 59_999, 60_000, 3_600_000, 86_400_000)]


@dataclass(frozen=True)
class Row:
    """A Task as the filter by hand knows it."""

    write: Write
    tokens: tuple[parts.Token, ...]
    viewers: tuple[Viewer, ...]


def population(size: int = 120) -> list[Row]:
    """Tasks with all mixtures of columns, always the same."""
    chance = Random(7)  # noqa: S311 - a fixed population
    rows = []
    for number in range(size):
        key = f"t-{number:03}"
        columns: dict[str, Any] = {
            "status": chance.choice(STATUSES),
            "business_status": _joined(chance),
            "owner": _joined(chance),
            "requester": _joined(chance),
            "patient": chance.choice(["p1", "p2", None]),
        }
        codings = [f"{chance.choice(SYSTEMS)}|{chance.choice(CODES)}" for _ in range(chance.randint(0, 2))]
        columns["codes"] = "\n".join(["", *codings, ""]) if codings else ""
        tokens = {
            parts.Token("Task", "identifier", chance.choice(CODES), chance.choice(SYSTEMS), key)
            for _ in range(chance.randint(0, 2))
        }
        write = task(key, updated=chance.choice(INSTANTS), body=key.encode(), **columns)
        rows.append(Row(write, tuple(sorted(tokens)), tuple(chance.sample(VIEWERS, chance.randint(0, 3)))))
    return rows


def _joined(chance: Random) -> str | None:
    return None if chance.random() < 0.1 else f"{chance.choice(SYSTEMS)}|{chance.choice(CODES)}"


ROWS = population()


def by_hand(query: Query, viewer: Viewer) -> list[str]:
    """Ids in the order of the answer."""
    found = [row.write for row in ROWS if viewer in row.viewers and all(_holds(row, one) for one in query.criteria)]
    ordered = sorted(found, key=lambda write: (write.updated, write.id), reverse=query.descending)
    return [write.id for write in ordered]


def _holds(row: Row, criterion: Any) -> bool:
    return any(_is(row, criterion.parameter, value) for value in criterion.values)


def _is(row: Row, parameter: Any, value: Any) -> bool:
    cells = row.write.columns | {"id": row.write.id, "updated": row.write.updated}
    if isinstance(value, PatientKey):
        return bool(cells["patient"] == value.key)
    if isinstance(value, Span):
        return value.holds(row.write.updated)
    assert isinstance(value, Token)
    if parameter.kind is Kind.TOKENS:
        mine = [token for token in row.tokens if token.param == parameter.name]
        return any(_token(token.system, token.value, value) for token in mine)
    cell = cells[parameter.column]
    if parameter.kind in (Kind.ID, Kind.CODE):
        return bool(cell == value.code)
    lines = str(cell or "").split("\n")
    # A line is ``system|code``; with a bar in either, every way to read it counts.
    splits = [(line[:at], line[at + 1 :]) for line in lines for at, sign in enumerate(line) if sign == "|"]
    return any(_token(system, code, value) for system, code in splits)


def _token(system: str, code: str, wanted: Token) -> bool:
    return (wanted.system is None or wanted.system == system) and (not wanted.code or wanted.code == code)


def _escaped(text: str) -> str:
    for special in "\\,|$":
        text = text.replace(special, f"\\{special}")
    return text


def _tokens() -> st.SearchStrategy[str]:
    code, system = st.sampled_from(CODES).map(_escaped), st.sampled_from(SYSTEMS).map(_escaped)
    named = st.sampled_from([name for name in SYSTEMS if name]).map(_escaped)
    return code | st.tuples(system, code).map("|".join) | named.map(lambda text: f"{text}|")


def _listed(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(values, min_size=1, max_size=3).map(",".join)


_DATES = st.sampled_from(
    [
        "2026",
        "2026-11",
        "2026-11-20",
        "2026-11-21",
        "2026-11-20T21:20Z",
        "2026-11-20T21:20:00Z",
        "2026-11-20T21:20:00.999Z",
    ]
)
PAIRS: dict[str, st.SearchStrategy[str]] = {
    "_id": _listed(st.sampled_from([row.write.id for row in ROWS[::9]] + ["t-none", "T-000"])),
    "_lastUpdated": st.tuples(st.sampled_from(["", "eq", "ne", "gt", "ge", "lt", "le", "sa", "eb"]), _DATES).map(
        "".join
    ),
    "identifier": _listed(_tokens()),
    "code": _listed(_tokens()),
    "status": _listed(st.sampled_from([*STATUSES, "rejected", "Received"])),
    "business-status": _listed(_tokens()),
    "owner:identifier": _listed(_tokens()),
    "requester:identifier": _listed(_tokens()),
    "patient": st.sampled_from(["p1", "Patient/p2", "p3"]),
}
QUESTIONS = st.lists(st.sampled_from(sorted(PAIRS)).flatmap(lambda n: st.tuples(st.just(n), PAIRS[n])), max_size=3)


def query_of(pairs: list[tuple[str, str]]) -> Query:
    """A parsed query; a patient's id stands for its internal key."""
    query = parse("Task", pairs)
    return query.resolve_patients({patient: patient.id for patient in query.patients if not isinstance(patient, Token)})


async def fill(store: Store) -> None:
    """Write the population."""
    for at in range(0, len(ROWS), 40):
        some = ROWS[at : at + 40]
        await store.commit(
            Changes(
                writes=[row.write for row in some],
                tokens=[token for row in some for token in row.tokens],
                parties=[party for row in some for party in seen(row.write.id, *row.viewers)],
            )
        )


@pytest.fixture
def filled(live: Live) -> Live:
    live.run(fill(live.store))
    return live


@settings(max_examples=250, deadline=None, suppress_health_check=[])
@given(
    pairs=QUESTIONS,
    viewer=st.sampled_from(VIEWERS),
    count=st.sampled_from(["0", "1", "7", "200"]),
    sort=st.sampled_from(["_lastUpdated", "-_lastUpdated"]),
)
def check(live: Live, pairs: list[tuple[str, str]], viewer: Viewer, count: str, sort: str) -> None:
    """One question."""
    query = query_of([*pairs, ("_count", count), ("_sort", sort)])
    expected = by_hand(query, viewer)
    page = live.run(live.store.search(query, viewer))
    assert [row.id for row in page.rows] == expected[: int(count)]
    assert all(row.body == row.id.encode() and row.type == "Task" for row in page.rows)
    assert page.more == (int(count) > 0 and len(expected) > int(count))
    assert page.total == (len(expected) if count == "0" else None)


def test_any_question_is_answered_as_by_hand(filled: Live) -> None:
    check(filled)


@pytest.mark.parametrize(("name", "text"), [(n, t) for n in ("identifier", "code", "owner:identifier") for t in CODES])
def test_every_odd_token_is_found_and_nothing_beside_it(filled: Live, name: str, text: str) -> None:
    for system in (None, *SYSTEMS):
        value = _escaped(text) if system is None else f"{_escaped(system)}|{_escaped(text)}"
        query = query_of([(name, value), ("_count", "200")])
        page = filled.run(filled.store.search(query, FJORDVIK))
        assert [row.id for row in page.rows] == by_hand(query, FJORDVIK)


@pytest.mark.parametrize("text", ["a\x00b", "\x00", "\ud800"])
@pytest.mark.parametrize("name", ["identifier", "owner:identifier", "code"])
def test_what_no_database_can_hold_does_not_get_to_one(name: str, text: str) -> None:
    with pytest.raises(Unreadable):
        query_of([(name, f"urn:x|{text}")])


def test_pages_hold_every_row_once_in_order(filled: Live) -> None:
    for sort in ("_lastUpdated", "-_lastUpdated"):
        for count in ("1", "3", "50"):
            query = query_of([("_count", count), ("_sort", sort)])
            assert filled.run(all_pages(filled.store, query, FJORDVIK)) == by_hand(query, FJORDVIK)


async def all_pages(store: Store, query: Query, viewer: Viewer, between: Any = None) -> list[str]:
    """Follow the pages to the end, as the ``next`` links do; ``between`` runs before each next page."""
    found: list[str] = []
    bound = 0
    while True:
        page = await store.search(query, viewer)
        found += [row.id for row in page.rows]
        if not page.more:
            return found
        bound = bound or max(row.updated for row in page.rows)
        last = page.rows[-1]
        query = query.after(last.updated, last.id, bound if query.descending else 2**62)
        if between:
            await between(len(found))


def test_pages_are_not_shifted_by_what_others_write(filled: Live) -> None:
    """Newest first: a row that comes or changes while somebody pages is not shown, and shifts nothing."""
    query = query_of([("_count", "5")])
    expected = by_hand(query, FJORDVIK)
    now = max(INSTANTS)

    async def write(count: int) -> None:
        fresh = task(f"new-{count}", updated=now + count)
        moved = task(expected[0], 1 + count // 5, now + count)
        await filled.store.commit(Changes(writes=[fresh, moved], parties=seen(fresh.id, FJORDVIK)))

    assert filled.run(all_pages(filled.store, query, FJORDVIK, write)) == expected
