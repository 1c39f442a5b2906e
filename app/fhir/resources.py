"""The resource table: what is served, by which interactions, searched by what.

Routes, CapabilityStatement, OpenAPI, tables and search columns are made from it.
"""

from typing import Final

from app.fhir.declared import COMMON, Interaction, Kind, Operation, ResourceType, SearchParameter, Sight
from app.fhir.derived import AUDIT_EVENT, MEASURE_REPORT, PROVENANCE
from app.fhir.operations import CARE_TEAM_OPERATIONS, SUBSCRIPTION_OPERATIONS, TASK_OPERATIONS

__all__ = [
    "CARE_TEAM",
    "COMMON",
    "PROVENANCE",
    "RESOURCES",
    "SHIPPED",
    "STORED",
    "TASK",
    "Interaction",
    "Kind",
    "Operation",
    "ResourceType",
    "SearchParameter",
    "Sight",
    "pairs_leading_to",
]

_ALL: Final = frozenset(Interaction)
_WITHOUT_PATCH: Final = _ALL - {Interaction.PATCH}
_HOSPITAL: Final = frozenset({"unit", "coordinating-unit", "decision-group"})
_PARTNERS: Final = _HOSPITAL | {"sender", "ehr"}
_MISSING: Final = ("missing",)
_CODED: Final = ("not", "missing")
_TEXT: Final = ("exact", "contains")


def _reference(name: str, path: str, *targets: str) -> SearchParameter:
    return SearchParameter(name, Kind.REFERENCE, path, "", ("identifier", "missing"), targets)


def _tokens(name: str, path: str) -> SearchParameter:
    return SearchParameter(name, Kind.TOKENS, path, "", _CODED)


def _code(name: str, path: str, column: str = "") -> SearchParameter:
    return SearchParameter(name, Kind.CODE, path, column, _CODED)


def _date(name: str, path: str, column: str = "") -> SearchParameter:
    return SearchParameter(name, Kind.DATE, path, column, _MISSING)


def _name(path: str) -> SearchParameter:
    return SearchParameter("name", Kind.STRING, path, "", (*_TEXT, "missing"))


def _patient(path: str) -> SearchParameter:
    return SearchParameter("patient", Kind.PATIENT, path, "patient", ("identifier", "missing"), ("Patient",))


_ANY: Final = ("Task", "CareTeam", "CarePlan", "ServiceRequest", "QuestionnaireResponse", "Communication", "Encounter")

TASK: Final = ResourceType(
    name="Task",
    table="task",
    interactions=_ALL,
    writers=_PARTNERS,
    versioned_update=True,
    includes=("focus", "patient", "based-on"),
    search=(
        *COMMON,
        _tokens("identifier", "Task.identifier"),
        _patient("Task.for"),
        _code("status", "Task.status", "status"),
        SearchParameter("business-status", Kind.TOKEN, "Task.businessStatus", "business_status", _CODED),
        SearchParameter("owner", Kind.TOKEN, "Task.owner", "owner", ("identifier",)),
        SearchParameter("requester", Kind.TOKEN, "Task.requester", "requester", ("identifier",)),
        SearchParameter("code", Kind.CODES, "Task.code", "codes", _CODED),
        _code("intent", "Task.intent", "intent"),
        _code("priority", "Task.priority", "priority"),
        _date("authored-on", "Task.authoredOn", "authored"),
        _date("modified", "Task.lastModified", "modified"),
        SearchParameter("group-identifier", Kind.TOKEN, "Task.groupIdentifier", "group_identifier", _CODED),
        _reference("focus", "Task.focus", *_ANY, "Consent"),
        _reference("based-on", "Task.basedOn", *_ANY),
    ),
    operations=TASK_OPERATIONS,
)

CARE_TEAM: Final = ResourceType(
    name="CareTeam",
    table="care_team",
    interactions=_ALL,
    writers=_HOSPITAL | {"ehr"},
    versioned_update=True,
    includes=("patient", "participant"),
    search=(
        *COMMON,
        _tokens("identifier", "CareTeam.identifier"),
        _patient("CareTeam.subject"),
        _code("status", "CareTeam.status", "status"),
        _tokens("category", "CareTeam.category"),
        _reference(
            "participant",
            "CareTeam.participant.member",
            "Practitioner",
            "PractitionerRole",
            "RelatedPerson",
            "Patient",
            "Organization",
            "CareTeam",
        ),
    ),
    operations=CARE_TEAM_OPERATIONS,
)

_CARE_PLAN: Final = ResourceType(
    name="CarePlan",
    table="care_plan",
    interactions=_ALL,
    writers=_PARTNERS,
    versioned_update=True,
    includes=("patient", "care-team", "activity-reference", "part-of"),
    search=(
        *COMMON,
        _tokens("identifier", "CarePlan.identifier"),
        _patient("CarePlan.subject"),
        _code("status", "CarePlan.status", "status"),
        _tokens("category", "CarePlan.category"),
        _date("date", "CarePlan.period"),
        _reference("care-team", "CarePlan.careTeam", "CareTeam"),
        _reference("part-of", "CarePlan.partOf", "CarePlan"),
        _reference("activity-reference", "CarePlan.activity.reference", "Task", "ServiceRequest"),
    ),
)


def _partners(
    name: str,
    table: str,
    *search: SearchParameter,
    includes: tuple[str, ...] = ("patient",),
    writers: frozenset[str] = _PARTNERS,
) -> ResourceType:
    """A type that partners write and its author changes; the parties of a case that references it read it."""
    identifier = _tokens("identifier", f"{name}.identifier")
    return ResourceType(name, table, _WITHOUT_PATCH, (*COMMON, identifier, *search), (), writers, includes=includes)


def _directory(name: str, table: str, *search: SearchParameter, includes: tuple[str, ...] = ()) -> ResourceType:
    """A type of the directory: the hospital's administrators and its EHR write it, every caller reads it."""
    identifier = _tokens("identifier", f"{name}.identifier")
    return ResourceType(
        name,
        table,
        _WITHOUT_PATCH,
        (*COMMON, identifier, *search),
        writers=frozenset({"coordinating-unit", "ehr"}),
        sight=Sight.EVERYBODY,
        includes=includes,
    )


def _shipped(name: str) -> ResourceType:
    """A type whose resources are part of the release."""
    return ResourceType(
        name,
        "",
        frozenset({Interaction.READ, Interaction.SEARCH}),
        (
            COMMON[0],
            SearchParameter("url", Kind.URI, f"{name}.url"),
            SearchParameter("name", Kind.STRING, f"{name}.name", "", _TEXT),
            SearchParameter("status", Kind.CODE, f"{name}.status"),
        ),
        sight=Sight.SHIPPED,
    )


_TYPES: Final = (
    TASK,
    CARE_TEAM,
    _CARE_PLAN,
    _partners(
        "ServiceRequest",
        "service_request",
        _patient("ServiceRequest.subject"),
        _code("status", "ServiceRequest.status", "status"),
        _code("intent", "ServiceRequest.intent"),
        _tokens("code", "ServiceRequest.code"),
        _date("authored", "ServiceRequest.authoredOn"),
        _reference(
            "requester",
            "ServiceRequest.requester",
            "Organization",
            "Practitioner",
            "PractitionerRole",
            "Patient",
            "RelatedPerson",
        ),
        includes=("patient", "requester"),
    ),
    _partners(
        "QuestionnaireResponse",
        "questionnaire_response",
        _patient("QuestionnaireResponse.subject"),
        _code("status", "QuestionnaireResponse.status", "status"),
        SearchParameter("questionnaire", Kind.URI, "QuestionnaireResponse.questionnaire", "", _MISSING),
        _date("authored", "QuestionnaireResponse.authored"),
        _reference("based-on", "QuestionnaireResponse.basedOn", "ServiceRequest", "CarePlan"),
        includes=("patient", "based-on"),
    ),
    _partners(
        "Consent",
        "consent",
        _patient("Consent.patient"),
        _code("status", "Consent.status", "status"),
        _date("date", "Consent.dateTime"),
        _tokens("category", "Consent.category"),
    ),
    _partners(
        "Communication",
        "communication",
        _patient("Communication.subject"),
        _code("status", "Communication.status", "status"),
        _date("sent", "Communication.sent"),
        _reference("based-on", "Communication.basedOn", *_ANY),
        _reference("part-of", "Communication.partOf", *_ANY),
        includes=("patient", "based-on", "part-of"),
    ),
    _partners(
        "Encounter",
        "encounter",
        _patient("Encounter.subject"),
        _code("status", "Encounter.status", "status"),
        _tokens("class", "Encounter.class"),
        _date("date", "Encounter.period"),
        _reference("service-provider", "Encounter.serviceProvider", "Organization"),
        includes=("patient", "service-provider"),
        writers=_HOSPITAL | {"ehr"},
    ),
    _partners(
        "Patient",
        "patient",
        SearchParameter("birthdate", Kind.DATE, "Patient.birthDate", "", _MISSING, personal=True),
        includes=(),
    ),
    _partners("RelatedPerson", "related_person", _patient("RelatedPerson.patient")),
    _directory(
        "Organization",
        "organization",
        _name("Organization.name | Organization.alias"),
        _code("active", "Organization.active"),
        _tokens("type", "Organization.type"),
        _reference("partof", "Organization.partOf", "Organization"),
        includes=("partof",),
    ),
    _directory(
        "HealthcareService",
        "healthcare_service",
        _name("HealthcareService.name"),
        _code("active", "HealthcareService.active"),
        _reference("organization", "HealthcareService.providedBy", "Organization"),
        includes=("organization",),
    ),
    _directory("Practitioner", "practitioner", _name("Practitioner.name")),
    _directory(
        "PractitionerRole",
        "practitioner_role",
        _reference("practitioner", "PractitionerRole.practitioner", "Practitioner"),
        _reference("organization", "PractitionerRole.organization", "Organization"),
        _code("active", "PractitionerRole.active"),
        _tokens("role", "PractitionerRole.code"),
        includes=("practitioner", "organization"),
    ),
    _directory(
        "Endpoint",
        "endpoint",
        _code("status", "Endpoint.status", "status"),
        _reference("organization", "Endpoint.managingOrganization", "Organization"),
        includes=("organization",),
    ),
    ResourceType(
        name="Subscription",
        table="subscription",
        interactions=_WITHOUT_PATCH,
        writers=_HOSPITAL | {"sender"},
        search=(
            *COMMON,
            _code("status", "Subscription.status", "status"),
            SearchParameter("criteria", Kind.STRING, "Subscription.criteria", "", (*_TEXT, "missing")),
            SearchParameter("url", Kind.URI, "Subscription.channel.endpoint", "", _MISSING),
            _code("payload", "Subscription.channel.payload"),
            _code("type", "Subscription.channel.type"),
        ),
        operations=SUBSCRIPTION_OPERATIONS,
    ),
    PROVENANCE,
    AUDIT_EVENT,
    MEASURE_REPORT,
    *(
        _shipped(name)
        for name in (
            "Questionnaire",
            "StructureDefinition",
            "ValueSet",
            "CodeSystem",
            "SearchParameter",
            "OperationDefinition",
            "Measure",
        )
    ),
)

RESOURCES: Final[dict[str, ResourceType]] = {one.name: one for one in _TYPES}
STORED: Final = tuple(one for one in _TYPES if one.sight not in {Sight.SHIPPED, Sight.DERIVED})
SHIPPED: Final = tuple(one for one in _TYPES if one.sight is Sight.SHIPPED)


def pairs_leading_to(type_name: str) -> tuple[tuple[str, str], ...]:
    """(type, parameter) of every reference that ``_revinclude`` follows back to a type.

    A patient is referenced by identifier as a rule, so ``patient`` is not followed back.
    """
    return tuple(
        (source.name, name)
        for source in _TYPES
        for name in source.includes
        if source.parameter(name).kind is Kind.REFERENCE and type_name in source.parameter(name).targets
    )
