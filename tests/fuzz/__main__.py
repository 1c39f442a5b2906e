"""``python -m tests.fuzz --minutes 30``: the long form; prints each run and, where it failed, how to repeat it."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.api.running import running, sandbox_settings
from tests.fuzz.openapi_runs import LONG, SEED, fuzz


def main() -> int:
    """1 when a run found something."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="of all runs together (10)")
    parser.add_argument("--seed", type=int, default=SEED, help=f"another one makes other requests ({SEED})")
    arguments = parser.parse_args()
    clean = True
    with tempfile.TemporaryDirectory() as name, running(sandbox_settings(Path(name))) as service:
        for outcome in fuzz(service, Path(name), LONG, int(arguments.minutes * 60), arguments.seed):
            print(outcome, flush=True)
            if not outcome.clean:
                print(outcome.text, *outcome.stuck, sep="\n")
            clean &= outcome.clean
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
