"""``serve`` for these tests: the issuer listens on this machine, which the service never calls outside the sandbox.

That rule of ``app/addresses.py`` alone is off, at start and at the call; the name in the certificate, origin, size and
time are checked as ever.
"""

import sys

from app import config
from app.cli import main
from app.security import outgoing


def _anybody(*_: object, local: bool) -> None:
    """No address is refused."""


config.check_host = _anybody  # type: ignore[attr-defined,assignment]
outgoing.check_ip = _anybody  # type: ignore[attr-defined,assignment]
sys.exit(main())
