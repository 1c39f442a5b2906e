"""Which clients a run drove, and through which steps."""

from collections import defaultdict
from collections.abc import Iterable

import pytest


def driven(reports: Iterable[pytest.TestReport]) -> list[str]:
    """One line for each client: its version and the steps that it took."""
    steps: dict[str, list[str]] = defaultdict(list)
    for report in reports:
        told = dict(report.user_properties)
        if report.when == "call" and "client" in told:
            steps[str(told["client"])].append(f"{told['step']}{'' if report.passed else ' (FAILED)'}")
    # Each step is taken on each database, and told once.
    return [f"{client}: {', '.join(dict.fromkeys(taken))}" for client, taken in sorted(steps.items())]
