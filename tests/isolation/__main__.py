"""``python -m tests.isolation --pairs 10000``: the long form, on both stores, with a table of what was asked."""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack

from app.store.schema import migrate
from tests.isolation.lockstep import Run, compare
from tests.isolation.timing import Timing, timing
from tests.postgres import create_database, drop_database, in_database, ordinary_role, postgres_server


def main() -> int:
    """1 when a pair differs, or the service failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.isolation", description=__doc__)
    parser.add_argument("--pairs", type=int, default=10_000, help="on each store (10000)")
    parser.add_argument("--seed", type=int, default=1, help="another one makes other requests (1)")
    parser.add_argument("--timing", type=int, default=0, metavar="N", help="instead: N looks at each of two ids")
    given = parser.parse_args()
    clean = True
    with ExitStack() as stack:
        for name, urls in stores(stack):
            seen: Run | Timing
            if given.timing:
                seen = asyncio.run(timing(urls[1], given.timing))
            else:
                seen = asyncio.run(compare(*urls, given.pairs, given.seed))
            print(f"{name}: {seen}\n", flush=True)
            clean &= seen.clean
    return 0 if clean else 1


def stores(stack: ExitStack) -> Iterator[tuple[str, tuple[str, str]]]:
    """Two migrated databases of each kind; PostgreSQL as a role that row-level security binds."""
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    files = (f"sqlite:///{folder}/first.db", f"sqlite:///{folder}/second.db")
    for url in files:
        migrate(url)
    yield "SQLite", files
    server = stack.enter_context(postgres_server({"synchronous_commit": "off"}))
    made = [create_database(server, f"isolation_{one}") for one in ("first", "second")]
    for url in made:
        migrate(url)
    with ordinary_role(*made) as role:
        yield "PostgreSQL", (role, in_database(role, made[1]))
    for url in made:
        drop_database(server, url.rpartition("/")[2])


if __name__ == "__main__":
    sys.exit(main())
