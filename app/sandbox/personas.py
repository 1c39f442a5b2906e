"""Who the sandbox's tokens are for. The organisations, units and people are those of ``directory.toml``."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeVar


@dataclass(frozen=True, slots=True)
class Organisation:
    """A municipality or a trust: key and organisation number."""

    key: str
    number: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of the trust, and who works there: key, RESH id, HPR number."""

    key: str
    resh: str
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """One caller: ``organisation`` a number, ``unit`` a key or empty, ``person`` an HPR number or empty."""

    role: str
    organisation: str
    unit: str
    person: str
    scope: str
    client: str


_Place = TypeVar("_Place", Organisation, Unit)


class UnknownPersona(Exception):
    """``organisation`` or ``unit`` is none of those that this persona can have."""

    def __init__(self, field: str, allowed: Iterable[str]) -> None:
        super().__init__(field)
        self.field = field
        self.allowed = tuple(allowed)


TRUST: Final = Organisation("helse-fjordvest", "310470007")
MUNICIPALITIES: Final = (
    Organisation("fjordvik", "310471437"),
    Organisation("dalheim", "310471569"),
    Organisation("oyvaer", "310471690"),
    Organisation("nordbygd", "310471828"),
)
CLINICAL_UNITS: Final = (
    Unit("neurology-outpatient", "4900101", "9900011"),
    Unit("neurology-ward", "4900102", "9900038"),
    Unit("rehabilitation", "4900103", "9900046"),
    Unit("paediatrics", "4900201", "9900062"),
    Unit("habilitation", "4900202", "9900070"),
    Unit("oncology", "4900301", "9900089"),
    Unit("internal-medicine", "4900302", "9900097"),
)
COORDINATING_UNIT: Final = Unit("coordinating-unit", "4900901", "")
DECISION_GROUP: Final = Unit("decision-group", "4900902", "")
EHR_UNIT: Final = "ehr"
"""The unit under which a trust's EHR is party to its CareTeams."""


def _scopes(letters: str, *types: str) -> str:
    return " ".join(f"system/{name}.{letters}" for name in types)


_DIRECTORY: Final = ("Organization", "HealthcareService", "Practitioner", "PractitionerRole", "Endpoint")
_EXCHANGED: Final = (
    "CarePlan",
    "ServiceRequest",
    "QuestionnaireResponse",
    "Consent",
    "Communication",
    "Patient",
    "RelatedPerson",
)
_SHIPPED: Final = (
    "Questionnaire",
    "StructureDefinition",
    "ValueSet",
    "CodeSystem",
    "SearchParameter",
    "OperationDefinition",
    "Measure",
)
_DIRECTORY_SCOPES: Final = _scopes("rs", *_DIRECTORY, *_SHIPPED)
_CASE_SCOPES: Final = (
    f"{_scopes('crus', 'Task', 'CareTeam', 'Encounter', 'Subscription', *_EXCHANGED)} {_scopes('rs', 'Provenance')}"
)
_FIGURES: Final = _scopes("rs", "MeasureReport")
_HOSPITAL_SCOPES: Final = f"{_CASE_SCOPES} {_FIGURES} {_DIRECTORY_SCOPES}"
_ADMINISTRATOR_SCOPES: Final = f"{_CASE_SCOPES} {_FIGURES} {_scopes('crus', *_DIRECTORY)} {_scopes('rs', *_SHIPPED)}"


@dataclass(frozen=True, slots=True)
class _Kind:
    role: str
    organisations: tuple[Organisation, ...]
    units: tuple[Unit, ...]
    scope: str


PERSONAS: Final = {
    "municipality": _Kind(
        "sender",
        MUNICIPALITIES,
        (),
        f"{_scopes('crus', 'Task', 'Subscription', *_EXCHANGED)} "
        f"{_scopes('rs', 'CareTeam', 'Encounter', 'Provenance')} "
        f"{_DIRECTORY_SCOPES}",
    ),
    "clinical-unit": _Kind("unit", (TRUST,), CLINICAL_UNITS, _HOSPITAL_SCOPES),
    "coordinating-unit": _Kind("coordinating-unit", (TRUST,), (COORDINATING_UNIT,), _ADMINISTRATOR_SCOPES),
    "decision-group": _Kind("decision-group", (TRUST,), (DECISION_GROUP,), _HOSPITAL_SCOPES),
    "ehr": _Kind(
        "ehr",
        (TRUST,),
        (Unit(EHR_UNIT, "", ""),),
        f"{_scopes('crus', 'CareTeam', 'Encounter', *_EXCHANGED, *_DIRECTORY)} {_scopes('rus', 'Task')} "
        f"{_scopes('rs', *_SHIPPED)}",
    ),
    "auditor": _Kind("auditor", (TRUST,), (), f"{_scopes('rs', 'AuditEvent', 'Provenance', 'Measure')} {_FIGURES}"),
    "operator": _Kind("operator", (TRUST,), (), f"system/Subscription.rs {_FIGURES} {_DIRECTORY_SCOPES}"),
}
"""Persona: role, what ``organisation`` and ``unit`` choose among (first: unless told), SMART v2 scopes."""


def persona(name: str, organisation: str = "", unit: str = "") -> Persona:
    """The persona called ``name``, at an organisation (key or number) and a unit (key or RESH id).

    Raises KeyError for an unknown name and UnknownPersona for an organisation or unit that it cannot have.
    """
    kind = PERSONAS[name]
    place = _chosen("organisation", organisation, {(one.key, one.number): one for one in kind.organisations})
    seat = _chosen("unit", unit, {(one.key, one.resh): one for one in kind.units}) if kind.units else None
    if unit and seat is None:
        raise UnknownPersona("unit", ("(none: leave it out)",))
    return Persona(
        role=kind.role,
        organisation=place.number,
        unit=seat.key if seat else "",
        person=seat.person if seat else "",
        scope=kind.scope,
        client=f"sandbox-{seat.key if seat else place.key}-{name}",
    )


def _chosen(field: str, wanted: str, among: dict[tuple[str, str], _Place]) -> _Place:
    if not wanted:
        return next(iter(among.values()))
    for names, place in among.items():
        if wanted in names:
            return place
    raise UnknownPersona(field, (name for names in among for name in names if name))
