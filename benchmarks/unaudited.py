"""The service without the audit rows of reads and searches: to measure what they cost, and for nothing else."""

import sys

from app.cli import main
from app.store import looks


def _nobody(type_name: str) -> bool:  # noqa: ARG001
    return False


if __name__ == "__main__":
    looks.about_patients = _nobody
    sys.exit(main())
