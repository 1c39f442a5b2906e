"""Who is calling, as every later stage sees it."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a caller is to the service; from the token."""

    SENDER = "sender"
    UNIT = "unit"
    COORDINATING_UNIT = "coordinating-unit"
    DECISION_GROUP = "decision-group"
    EHR = "ehr"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    SERVICE = "service"
    """Samband itself, acting on time or on the EHR's answer; no token has it."""


EHR_UNIT = "ehr"
"""The reserved unit key under which a trust's EHR is party to its CareTeams."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """One authenticated caller.

    ``organisation`` is the organisation number (nine digits), ``unit`` the key of a unit in ``directory.toml``
    (empty for a sender, ``ehr`` for an EHR), ``person`` an HPR number or empty for a system.
    """

    organisation: str
    role: Role
    unit: str = ""
    person: str = ""
    client: str = ""
    scopes: frozenset[str] = frozenset()
    """SMART scopes; an issuer's own names are translated."""
    scheme: str = "Bearer"
    """The HTTP authentication scheme that the token came by: what a challenge has to name."""
    request: str = ""
    """Id of the request that is being answered; empty where nobody asked."""
    purpose: str = ""
    """What the caller says that it is for: a code of v3-PurposeOfUse."""
