"""Case numbers: the year, eight random characters and a check character; nothing sequential to learn from."""

import secrets
from typing import Final

from app.clock import oslo_day

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, so that it survives a telephone call."""
_CHECK: Final = ALPHABET + "*~$=U"


def case_number(now: int, draw: str | None = None) -> str:
    """A fresh number such as ``2026-7K3M9QXA-4``; ``draw`` gives the eight characters instead of chance."""
    drawn = draw or "".join(ALPHABET[byte % 32] for byte in secrets.token_bytes(8))
    return f"{oslo_day(now).year}-{drawn}-{check_character(drawn)}"


def check_character(drawn: str) -> str:
    """Crockford's check symbol: the value modulo 37."""
    value = 0
    for character in drawn:
        value = value * 32 + ALPHABET.index(character)
    return _CHECK[value % 37]
