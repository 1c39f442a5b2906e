"""``python -m tests.fuzz --minutes 30``: the long form; prints each run and, where it failed, how to repeat it."""

import argparse
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.fuzz.openapi_runs import LONG, SEED, fuzz, short
from tests.fuzz.seeds import STORES, database_of, fuzzed


def main() -> int:
    """1 when a run found something."""
    arguments = _arguments()
    runs = LONG if arguments.short is None else short(arguments.short)
    runs = tuple(run for run in runs if arguments.persona in (None, run.persona))
    stores, clean = arguments.store or list(STORES), True
    for store in stores:
        print(store, flush=True)
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            service = stack.enter_context(fuzzed(folder, stack.enter_context(database_of(store, folder))))
            for outcome in fuzz(service, folder, runs, int(arguments.minutes * 60 / len(stores)), arguments.seed):
                print(outcome, flush=True)
                if not outcome.clean:
                    print(outcome.text, *outcome.stuck, sep="\n", flush=True)
                clean &= outcome.clean
    return 0 if clean else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="of all runs together (10)")
    parser.add_argument("--store", action="append", choices=STORES, help="one of them (both)")
    parser.add_argument("--persona", choices=sorted({run.persona for run in LONG}), help="one of them (all)")
    parser.add_argument("--short", type=int, metavar="TURN", help="the runs of the tests of that turn")
    parser.add_argument("--seed", type=int, default=SEED, help=f"another one makes other requests ({SEED})")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
