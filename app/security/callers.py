"""Verified claims → :class:`Caller`: from the claims themselves, the directory's clients, or the directory alone."""

import logging
from collections.abc import Mapping
from typing import Any, Final

from app.config import Claim
from app.errors import Forbidden, Unauthenticated
from app.routing.directory import Client, Directory, UnitKind
from app.security.attestation import purpose_of
from app.security.caller import EHR_UNIT, Caller, Role
from app.security.presets import Profile
from app.security.scopes import is_granular, translated

logger = logging.getLogger("samband.tokens")

_ROLES: Final = frozenset(Role) - {Role.SERVICE}
_OF_KIND: Final = {
    UnitKind.WARD: Role.UNIT,
    UnitKind.COORDINATING_UNIT: Role.COORDINATING_UNIT,
    UnitKind.DECISION_GROUP: Role.DECISION_GROUP,
}
_ANYWHERE: Final = frozenset({Role.SENDER, Role.AUDITOR, Role.OPERATOR})


def caller_of(claims: Mapping[str, Any], profile: Profile, directory: Directory) -> Caller:
    """Who calls.

    The role is that of the directory's client with this id; else what a claim says, if the directory has such a unit;
    else a municipality is a sender.

    :raises Unauthenticated: token-invalid, a claim is missing or of the wrong form
    :raises Forbidden: client-unknown, caller-unit-unknown: the token holds, and nobody told us who that is
    """
    told: dict[Claim, str] = {
        claim: _text(claims, profile.claims[claim]) for claim in Claim if claim is not Claim.PURPOSE
    }
    person = told[Claim.PERSON]
    if person and profile.level and profile.claims[Claim.LEVEL] and told[Claim.LEVEL] != profile.level:
        raise Unauthenticated(f"The person's security level must be {profile.level}.", code="token-invalid")
    scopes = translated(frozenset(told[Claim.SCOPE].split()), profile.scopes)
    if finer := sum(map(is_granular, scopes)):
        # Never the scope itself: its query may name a patient. Once for each token: a verified one is remembered.
        logger.warning("an access token has %d scopes with a query part, which grant nothing", finer)
    client = directory.client(told[Claim.CLIENT])
    organisation = _organisation(told, profile, client)
    role, unit = _place(told, client, organisation, directory)
    return Caller(
        organisation=organisation,
        role=role,
        unit=unit,
        person=person,
        client=told[Claim.CLIENT],
        scopes=scopes,
        scheme="DPoP" if "cnf" in claims else "Bearer",
        purpose=purpose_of(claims.get(profile.claims[Claim.PURPOSE])),
    )


def _organisation(told: Mapping[Claim, str], profile: Profile, client: Client | None) -> str:
    said = told[Claim.ORGANISATION]
    if not said and profile.claims[Claim.ORGANISATION]:
        raise Unauthenticated("The token needs the caller's organisation number.", code="token-invalid")
    own = client.organisation if client else ""
    if not (said or own) or (said and own and said != own):
        raise _unknown()
    return said or own


def _place(
    told: Mapping[Claim, str], client: Client | None, organisation: str, directory: Directory
) -> tuple[Role, str]:
    """Role, and the key of the unit where the role has one."""
    if client is not None:
        return _in_directory(Role(client.role), client.unit, told[Claim.UNIT_ORGANISATION], organisation, directory)
    if role := told[Claim.ROLE]:
        if role not in _ROLES:
            raise Unauthenticated("The token's role is none that is known here.", code="token-invalid")
        return _claimed(Role(role), told, organisation, directory)
    if directory.municipality_by_organisation_number(organisation) is None:
        raise _unknown()
    return Role.SENDER, ""


def _claimed(role: Role, told: Mapping[Claim, str], organisation: str, directory: Directory) -> tuple[Role, str]:
    """What the issuer says, where the directory has that organisation, and that unit of it with that role."""
    unit = told[Claim.UNIT]
    if role in _ANYWHERE:
        houses = (directory.municipality_by_organisation_number, directory.trust_by_organisation_number)
        if not any(house(organisation) for house in houses):
            raise _unknown()
        known = role, ""
    else:
        own = unit if role is Role.UNIT else ""
        known = _in_directory(role, own, told[Claim.UNIT_ORGANISATION], organisation, directory)
    if (role, unit or known[1]) != known:
        raise _unknown_unit()
    return known


def _in_directory(
    role: Role, unit: str, unit_organisation: str, organisation: str, directory: Directory
) -> tuple[Role, str]:
    if role in _ANYWHERE:
        return role, ""
    trust = directory.trust_by_organisation_number(organisation)
    if trust is None:
        raise _unknown()
    if role is Role.EHR:
        return role, EHR_UNIT
    if role is Role.COORDINATING_UNIT:
        return role, directory.coordinating_unit(trust.key).key
    if role is Role.DECISION_GROUP:
        return role, directory.decision_group(trust.key).key
    found = directory.unit(unit) if unit else directory.unit_by_organisation_number(unit_organisation)
    if found is None or found.trust != trust.key:
        raise _unknown_unit()
    return _OF_KIND[found.kind], found.key


def _unknown_unit() -> Forbidden:
    return Forbidden("The directory does not know the unit that this token is for.", code="caller-unit-unknown")


def _unknown() -> Forbidden:
    return Forbidden("The directory does not know this client and organisation.", code="client-unknown")


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name, "") if name else ""
    if not isinstance(value, str):
        raise Unauthenticated("A claim about the caller is not a text.", code="token-invalid")
    return value
