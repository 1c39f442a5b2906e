"""Commits that wait together are written together; each has the answer that it would have had alone."""

import asyncio
from collections import Counter
from collections.abc import Callable

import asyncpg
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from app.errors import Unavailable
from app.store.changes import Changes, Conflict
from app.store.group_commit import GroupCommit
from app.store.interface import Store
from app.store.opening import open_store
from tests.store.rows import FJORDVIK, audit, counts, seen, task, team

FREE = 1
"""Statements of a kind that are under way at once."""


ANSWERS = {
    # Unavailable: it was to be written by one that went away.
    "good": {type(None), Unavailable},
    "bad": {Conflict, Unavailable},
    "gone": {type(None), asyncio.CancelledError},
}


class Database:
    """Writes when it is let; keeps the ids of each statement."""

    def __init__(self) -> None:
        self.statements: list[list[str]] = []
        self.goes = asyncio.Event()
        self.begun = asyncio.Event()
        self.failure: Callable[[list[str]], Exception | None] = lambda _: None

    async def write(self, changes: Changes) -> None:
        """One statement."""
        names = [one.id for one in changes.writes]
        self.statements.append(names)
        self.begun.set()
        await self.goes.wait()
        if failure := self.failure(names):
            raise failure


def of(*names: str) -> Changes:
    return Changes(writes=[task(name) for name in names], audits=[audit(name) for name in names])


async def passes(times: int) -> None:
    """Others come to their turn."""
    for _ in range(times):
        await asyncio.sleep(0)


async def started(group: GroupCommit, *changes: Changes) -> list["asyncio.Task[None]"]:
    """These commits, as far as they come by themselves."""
    tasks = [asyncio.create_task(group.commit(one)) for one in changes]
    await passes(5)
    return tasks


async def busy(group: GroupCommit) -> list["asyncio.Task[None]"]:
    """One of the kind is under way: whoever comes now has to wait."""
    return await started(group, *(of(f"busy-{number}") for number in range(FREE)))


async def ends(tasks: list["asyncio.Task[None]"]) -> list[BaseException | None]:
    """How each ended."""
    return await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 20)


async def test_a_lone_commit_waits_for_nobody() -> None:
    database = Database()
    database.goes.set()
    group = GroupCommit(database.write, 20)
    await group.commit(of("a"))
    assert database.statements == [["a"]]


async def test_those_that_wait_go_together_by_kind_two_or_four_or_eight() -> None:
    database = Database()
    group = GroupCommit(database.write, 20)
    tasks = await busy(group)
    other = Changes(writes=[team("team")])
    tasks += await started(group, of("a"), other, *(of(name) for name in "bcdefghijklmno"))
    database.goes.set()
    assert await ends(tasks) == [None] * len(tasks)
    assert database.statements[FREE:] == [["team"], list("abcdefgh"), list("ijkl"), list("mn"), ["o"]]


async def test_another_kind_waits_for_nobody() -> None:
    database = Database()
    group = GroupCommit(database.write, 20)
    tasks = await busy(group)
    tasks += await started(group, Changes(writes=[team("team")]), of("a"))
    assert database.statements[FREE:] == [["team"]]
    database.goes.set()
    assert await ends(tasks) == [None] * len(tasks)


async def test_two_versions_of_one_resource_are_no_company() -> None:
    database = Database()
    group = GroupCommit(database.write, 20)
    tasks = await started(group, *(Changes(writes=[task(name, 2)]) for name in "xabac"))
    database.goes.set()
    assert await ends(tasks) == [None] * 5
    assert database.statements == [["x"], ["a", "b"], ["a", "c"]]


async def test_a_large_one_goes_alone_and_holds_up_nobody() -> None:
    database = Database()
    group = GroupCommit(database.write, 20)
    large = [f"large-{number}" for number in range(20)]
    tasks = await started(group, *(of(*large) for _ in range(3)))
    assert database.statements == [large] * 3
    database.goes.set()
    assert await ends(tasks) == [None] * 3


async def test_one_that_stands_holds_up_none_but_its_own_company() -> None:
    database = Database()
    group = GroupCommit(database.write, 20)
    tasks = await busy(group)
    tasks += await started(group, of("a"), of("b"))
    database.begun.clear()
    await asyncio.wait_for(database.begun.wait(), 20)
    assert database.statements[FREE:] == [["a", "b"]]
    assert not any(task.done() for task in tasks)
    database.goes.set()
    assert await ends(tasks) == [None] * 3
    database.statements.clear()
    database.goes.clear()
    tasks = await started(group, of("c"), of("d"))
    assert database.statements == [["c"]]
    database.goes.set()
    assert await ends(tasks) == [None] * 2


async def test_one_that_conflicts_is_told_so_and_takes_no_other_along() -> None:
    database = Database()
    database.failure = lambda names: Conflict() if "b" in names else None
    group = GroupCommit(database.write, 20)
    tasks = await busy(group)
    tasks += await started(group, *(of(name) for name in "abcd"))
    database.goes.set()
    outcomes = await ends(tasks)
    assert [type(outcome) for outcome in outcomes[FREE:]] == [type(None), Conflict, type(None), type(None)]
    assert database.statements[FREE:] == [["a", "b", "c", "d"], ["b"], ["c"], ["d"], ["a"]]


async def test_one_by_one_until_the_database_does_not_answer() -> None:
    database = Database()
    failures = {"abcd": Conflict(), "b": None, "c": Unavailable("")}
    database.failure = lambda names: failures.get("".join(names))
    group = GroupCommit(database.write, 20)
    tasks = await busy(group)
    tasks += await started(group, *(of(name) for name in "abcd"))
    database.goes.set()
    outcomes = await ends(tasks)
    assert [type(outcome) for outcome in outcomes[FREE:]] == [Unavailable, type(None), Unavailable, Unavailable]
    assert database.statements[FREE:] == [list("abcd"), ["b"], ["c"]]


async def test_what_a_database_says_of_the_whole_is_asked_of_each() -> None:
    """Two that change the same row in one statement, for one."""
    database = Database()
    database.failure = lambda names: ValueError() if len(names) > 1 else None
    group = GroupCommit(database.write, 20)
    tasks = await busy(group)
    tasks += await started(group, *(of(name) for name in "abc"))
    database.goes.set()
    assert await ends(tasks) == [None] * (FREE + 3)


async def test_an_outage_is_told_to_all_and_nothing_is_written_again() -> None:
    database = Database()
    database.failure = lambda _: Unavailable("")
    group = GroupCommit(database.write, 20)
    tasks = await busy(group)
    tasks += await started(group, *(of(name) for name in "abcd"))
    database.goes.set()
    assert {type(outcome) for outcome in await ends(tasks)} == {Unavailable}
    assert database.statements[FREE:] == [["a", "b", "c", "d"]]


async def test_a_turn_that_does_not_come_is_given_up_and_not_written() -> None:
    database = Database()
    group = GroupCommit(database.write, 0.01)
    first = await busy(group)
    late = await started(group, of("late"))
    assert [type(outcome) for outcome in await ends(late)] == [Unavailable]
    database.goes.set()
    await ends(first)
    await group.commit(of("next"))
    assert ["late"] not in database.statements


async def test_who_writes_for_others_is_not_late_for_them() -> None:
    database = Database()
    group = GroupCommit(database.write, 0.05)
    tasks = await busy(group)
    tasks += await started(group, *(of(name) for name in "ab"))
    database.goes.set()
    while len(database.statements) == FREE:
        await asyncio.sleep(0)
        database.goes.clear()
    await asyncio.sleep(0.1)
    database.goes.set()
    assert await ends(tasks) == [None] * (FREE + 2)


async def test_who_goes_away_is_not_written_and_takes_no_turn_along() -> None:
    database = Database()
    group = GroupCommit(database.write, 20)
    tasks = await busy(group)
    gone, stays = await started(group, of("gone"), of("stays"))
    gone.cancel()
    await asyncio.sleep(0)
    database.goes.set()
    assert await ends([*tasks, stays]) == [None] * (FREE + 1)
    assert database.statements[FREE:] == [["stays"]]


async def test_who_goes_away_when_it_has_just_been_written_gives_no_turn_back() -> None:
    database = Database()
    group = GroupCommit(database.write, 20)
    tasks = await busy(group)
    first, second = await started(group, of("a"), of("b"))

    def goes_away(names: list[str]) -> None:
        if names == ["a", "b"]:
            asyncio.get_running_loop().call_soon(second.cancel)

    database.failure = goes_away
    database.goes.set()
    assert [type(outcome) for outcome in await ends([*tasks, first, second])][FREE:] == [
        type(None),
        asyncio.CancelledError,
    ]
    database.goes.clear()
    database.statements.clear()
    tasks = await started(group, *(of(name) for name in "cdef"))
    assert len(database.statements) == FREE
    database.goes.set()
    assert await ends(tasks) == [None] * 4


async def test_where_the_one_that_writes_goes_away_the_others_are_told_to_come_again() -> None:
    database = Database()
    group = GroupCommit(database.write, 20)
    tasks = await busy(group)
    first, second = await started(group, of("a"), of("b"))
    database.goes.set()
    while len(database.statements) == FREE:
        await asyncio.sleep(0)
        database.goes.clear()
    first.cancel()
    assert [type(outcome) for outcome in await ends([first, second])] == [asyncio.CancelledError, Unavailable]
    database.goes.set()
    await ends(tasks)
    await group.commit(of("c"))


@given(st.lists(st.tuples(st.sampled_from(["good", "bad", "gone"]), st.integers(0, 3)), min_size=10, max_size=60))
def test_no_turn_is_lost_and_each_has_its_own_answer(given_commits: list[tuple[str, int]]) -> None:
    asyncio.run(each_has_its_own_answer(given_commits))


async def each_has_its_own_answer(given_commits: list[tuple[str, int]]) -> None:
    written: Counter[str] = Counter()
    under_way: list[str] = []

    async def write(changes: Changes) -> None:
        names = [one.id for one in changes.writes]
        under_way.append(names[0])
        assert len(under_way) <= FREE
        try:
            await passes(len(names) % 3)
        finally:
            under_way.remove(names[0])
        if any(name.startswith("bad") for name in names):
            raise Conflict
        written.update(names)

    group, tasks = GroupCommit(write, 20), {}
    for number, (kind, pause) in enumerate(given_commits):
        name = f"{kind}-{number}"
        tasks[name] = asyncio.create_task(group.commit(of(name)))
        await passes(pause)
        if kind == "gone":
            tasks[name].cancel()
    for name, outcome in zip(tasks, await ends(list(tasks.values())), strict=True):
        assert type(outcome) in ANSWERS[name.partition("-")[0]]
        if type(outcome) in {type(None), Conflict}:
            assert written[name] == (outcome is None)
    assert max(written.values(), default=1) == 1
    after = await started(group, *(of(f"after-{number}") for number in range(10)))
    assert await ends(after) == [None] * 10


async def test_many_at_once_are_all_written_and_doubles_refused(store: Store) -> None:
    names = [*(f"t{number}" for number in range(40)), "t3", "t17"]
    commits = (store.commit(Changes(writes=[task(name)])) for name in names)
    outcomes = await asyncio.gather(*commits, return_exceptions=True)
    assert (await counts(store))["task"] == 40
    assert Counter(type(outcome) for outcome in outcomes) == {type(None): 40, Conflict: 2}


async def test_on_postgresql_in_fewer_transactions(postgres_at_head: str) -> None:
    store = open_store(postgres_at_head, pool=6)
    await asyncio.gather(*(store.commit(of(f"g{number}")) for number in range(40)))
    transactions = await store.run(_transactions)
    await store.close()
    assert 0 < transactions <= 20


async def test_bundles_of_many_arguments_at_once_are_all_written(store: Store) -> None:
    """Eight of these in one statement would have more arguments than PostgreSQL takes."""
    bundles = [[f"{bundle}-{number}" for number in range(100)] for bundle in range(9)]
    await asyncio.gather(*(store.commit(of(*names)) for names in bundles))
    assert (await counts(store))["task"] == 900


async def test_the_same_party_twice_in_one_statement(store: Store) -> None:
    """PostgreSQL refuses to change a row twice; alone each is right."""
    await asyncio.gather(
        *(store.commit(Changes(writes=[task(name)], parties=seen("shared", FJORDVIK))) for name in "abcdefghi")
    )
    assert (await counts(store)) == {"task": 9, "party": 1}


async def test_on_postgresql_a_locked_row_holds_up_no_other(postgres_at_head: str) -> None:
    store = open_store(postgres_at_head, pool=6)
    await store.commit(of("locked"))
    holder = await asyncpg.connect(postgres_at_head)
    async with holder.transaction():
        await holder.execute("SELECT FROM task WHERE id = 'locked' FOR UPDATE")
        held = asyncio.create_task(store.commit(Changes(writes=[task("locked", 2, 2_000)])))
        await passes(50)
        await asyncio.wait_for(asyncio.gather(*(store.commit(of(f"other-{number}")) for number in range(20))), 20)
        assert not held.done()
    await asyncio.wait_for(held, 20)
    await holder.close()
    await store.close()


def _transactions(connection: Connection) -> int:
    found = connection.execute(text("SELECT count(DISTINCT xmin::text) FROM task WHERE id LIKE 'g%'"))
    return int(found.scalar_one())
