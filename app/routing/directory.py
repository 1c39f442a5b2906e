"""The directory: trusts, clinics, units, municipalities and practitioners, as an immutable snapshot.

``read_directory`` makes it from the tables of ``directory.toml``; ``faults`` checks it first. Keys are slugs:
``neurology-outpatient``. Organisation numbers have nine digits with a mod-11 check digit, a RESH id is an
integer as text, an HPR number has at most nine digits and is compared without leading zeros.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from types import MappingProxyType
from typing import Any, TypeVar

from app.routing.faults import DirectoryFaults, faults_of

__all__ = [
    "Client",
    "Clinic",
    "Directory",
    "DirectoryFaults",
    "Municipality",
    "Practitioner",
    "Trust",
    "Unit",
    "UnitKind",
    "read_directory",
]

_Thing = TypeVar("_Thing")


class UnitKind(StrEnum):
    """What a unit is in the coordinator scheme; ``ward`` is any clinical unit, an outpatient clinic too."""

    WARD = "ward"
    COORDINATING_UNIT = "coordinating-unit"
    DECISION_GROUP = "decision-group"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """A hospital trust (helseforetak)."""

    key: str
    name: str
    organisation_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clinic:
    """A clinic of a trust: the level between trust and unit."""

    key: str
    name: str
    trust: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit that can own a case. ``clinic`` is empty for the coordinating unit and the decision group."""

    key: str
    name: str
    resh: str
    organisation_number: str
    kind: UnitKind
    trust: str
    clinic: str = ""
    phone: str = ""
    open: bool = True

    @property
    def takes_cases(self) -> bool:
        """An open clinical unit: the only kind that a case can be sent to or placed at."""
        return self.open and self.kind is UnitKind.WARD


@dataclass(frozen=True, slots=True, kw_only=True)
class Municipality:
    """A municipality; ``number`` is its four digits, ``catchment`` the key of the trust that serves it."""

    key: str
    name: str
    organisation_number: str
    number: str
    catchment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Practitioner:
    """A person at a unit; ``category`` is a code of Volven 9060, empty when not health personnel."""

    hpr: str
    name: str
    category: str
    unit: str
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A system that calls, by its OAuth ``client_id``; for issuers whose tokens do not say what a caller is to us.

    ``unit``: a clinical unit's key, for role ``unit`` where the token does not name one. ``organisation``: a number,
    where the token has none, or the only one that the client may act for.
    """

    id: str
    role: str
    unit: str = ""
    organisation: str = ""


class Directory:
    """The snapshot that decisions are made on. Every mapping is in the order of the document."""

    def __init__(
        self,
        *,
        trusts: Iterable[Trust],
        clinics: Iterable[Clinic],
        units: Iterable[Unit],
        municipalities: Iterable[Municipality],
        practitioners: Iterable[Practitioner],
        clients: Iterable[Client] = (),
        version: str,
    ) -> None:
        self.version = version
        """Changes when anything in the document changes."""
        self.trusts = _by(trusts, lambda trust: trust.key)
        self.clinics = _by(clinics, lambda clinic: clinic.key)
        self.units = _by(units, lambda unit: unit.key)
        self.municipalities = _by(municipalities, lambda municipality: municipality.key)
        self.practitioners = _by(practitioners, lambda practitioner: practitioner.hpr)
        self.clients = _by(clients, lambda client: client.id)
        self._resh = _by(self.units.values(), lambda unit: unit.resh)
        self._unit_numbers = _by(self.units.values(), lambda unit: unit.organisation_number)
        self._trust_numbers = _by(self.trusts.values(), lambda trust: trust.organisation_number)
        self._municipality_numbers = _by(self.municipalities.values(), lambda m: m.organisation_number)
        houses = [(one.name, one.organisation_number) for one in self.trusts.values()]
        houses += [(one.name, one.organisation_number) for one in self.municipalities.values()]
        houses += [(one.name, self.trusts[one.trust].organisation_number) for one in self.units.values()]
        self._names: dict[str, set[str]] = {}
        for name, number in houses:
            self._names.setdefault(name.casefold(), set()).add(number)
        self._special = {
            (unit.trust, unit.kind): unit for unit in self.units.values() if unit.kind is not UnitKind.WARD
        }

    def unit(self, key: str) -> Unit | None:
        """The unit with this key."""
        return self.units.get(key)

    def unit_by_resh(self, resh: str) -> Unit | None:
        """The unit with this RESH id."""
        return self._resh.get(resh)

    def unit_by_organisation_number(self, number: str) -> Unit | None:
        """The unit with this organisation number."""
        return self._unit_numbers.get(number)

    def called(self, name: str) -> AbstractSet[str]:
        """Numbers of the organisations that have this name, or a unit of it."""
        return self._names.get(" ".join(name.split()).casefold(), frozenset())

    def trust(self, key: str) -> Trust | None:
        """The trust with this key."""
        return self.trusts.get(key)

    def trust_by_organisation_number(self, number: str) -> Trust | None:
        """The trust with this organisation number."""
        return self._trust_numbers.get(number)

    def coordinating_unit(self, trust: str) -> Unit:
        """The coordinating unit of a trust; every trust has one. KeyError for an unknown trust."""
        return self._special[trust, UnitKind.COORDINATING_UNIT]

    def decision_group(self, trust: str) -> Unit:
        """The decision group of a trust; every trust has one. KeyError for an unknown trust."""
        return self._special[trust, UnitKind.DECISION_GROUP]

    def clinical_units(self, trust: str) -> tuple[Unit, ...]:
        """The open clinical units of a trust."""
        return tuple(unit for unit in self.units.values() if unit.trust == trust and unit.takes_cases)

    def municipality_by_organisation_number(self, number: str) -> Municipality | None:
        """The municipality with this organisation number."""
        return self._municipality_numbers.get(number)

    def client(self, client_id: str) -> Client | None:
        """The client with this ``client_id``."""
        return self.clients.get(client_id)

    def practitioner(self, hpr: str) -> Practitioner | None:
        """The person with this HPR number, however many leading zeros it is written with."""
        return self.practitioners.get(hpr.lstrip("0"))


def read_directory(document: Mapping[str, Any]) -> Directory:
    """Read the tables of ``directory.toml``. Raises DirectoryFaults with all that is wrong."""
    if found := faults_of(document):
        raise DirectoryFaults(found)
    clinics = [Clinic(key=key, **row) for key, row in document.get("clinics", {}).items()]
    trusts_of = {clinic.key: clinic.trust for clinic in clinics}
    return Directory(
        trusts=[Trust(key=key, **row) for key, row in document["trusts"].items()],
        clinics=clinics,
        units=[_unit(key, row, trusts_of) for key, row in document["units"].items()],
        municipalities=[Municipality(key=key, **row) for key, row in document["municipalities"].items()],
        practitioners=[_practitioner(row) for row in document.get("practitioners", [])],
        clients=[Client(**row) for row in document.get("clients", [])],
        version=sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:16],
    )


def _unit(key: str, row: Mapping[str, Any], trust_of_clinic: Mapping[str, str]) -> Unit:
    trust = row.get("trust") or trust_of_clinic[row["clinic"]]
    return Unit(key=key, **{**row, "trust": trust, "kind": UnitKind(row["kind"])})


def _practitioner(row: Mapping[str, Any]) -> Practitioner:
    return Practitioner(**{**row, "hpr": row["hpr"].lstrip("0")})


def _by(things: Iterable[_Thing], key: Callable[[_Thing], str]) -> Mapping[str, _Thing]:
    return MappingProxyType({key(thing): thing for thing in things})
