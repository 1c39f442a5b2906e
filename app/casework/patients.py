"""Whom a resource is about: references by identifier or to a Patient of ours → the internal patient key."""

from dataclasses import dataclass
from typing import Any

from app.casework.context import Context
from app.errors import InvalidContent
from app.fhir.commands import Arguments, where
from app.fhir.declared import Kind
from app.fhir.identifiers import Mode, check_identifier
from app.fhir.indexing import own_reference
from app.fhir.need import PATIENT_SYSTEMS, identifier_of
from app.fhir.rendering import parsed
from app.fhir.resources import RESOURCES
from app.fhir.search import PatientId, Query, Token
from app.store.changes import Changes, PatientIdentifier, Viewer
from app.store.interface import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A patient as a resource names one; both empty where it names none.

    ``identifier`` is (system, value) of a national system. ``literal`` is ``Patient/id``: the key of a patient
    without such an identifier, and of one that this caller does not see or that is not there, which look the same.
    """

    identifier: tuple[str, str] = ("", "")
    literal: str = ""
    found: bool = True
    """Whether ``literal`` is a Patient that the caller sees."""


async def subject_of(context: Context, viewer: Viewer, type_name: str, content: dict[str, Any]) -> Subject:
    """The patient of a resource; a Patient is its own, its ``literal`` is for the caller to fill in."""
    if type_name == "Patient":
        return Subject(identifier=national_identifier(content))
    element = _element(type_name)
    return await subject_at(context, viewer, content.get(element)) if element else Subject()


async def subject_at(context: Context, viewer: Viewer, reference: object) -> Subject:
    """The patient that a reference names."""
    identifier = identifier_of(reference)
    if identifier[0] in PATIENT_SYSTEMS and identifier[1]:
        return Subject(identifier=identifier)
    target = own_reference(reference, context.base)
    if target is None or target[0] != "Patient":
        return Subject()
    stored = await context.store.read(*target, viewer)
    identifier = national_identifier(parsed(stored.body)) if stored else ("", "")
    return Subject(identifier=identifier, literal="/".join(target), found=stored is not None)


def named_subject(type_name: str, content: dict[str, Any], base: str) -> Subject:
    """The patient of content that may be anything; of Parameters the one in ``patient``."""
    if content.get("resourceType") == "Parameters":
        listed = content.get("parameter")
        given = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        named = next((one.get("valueIdentifier") for one in given if one.get("name") == "patient"), None)
        reference: object = {"identifier": named}
    elif type_name == "Patient":
        listed = content.get("identifier")
        given = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        reference = {"identifier": next((one for one in given if one.get("system") in PATIENT_SYSTEMS), None)}
    else:
        reference = content.get(_element(type_name))
    identifier = identifier_of(reference)
    if identifier[0] in PATIENT_SYSTEMS and identifier[1]:
        return Subject(identifier=identifier)
    target = own_reference(reference, base)
    return Subject(literal="/".join(target)) if target and target[0] == "Patient" else Subject()


def national_identifier(patient: dict[str, Any]) -> tuple[str, str]:
    """The first identifier of a Patient that the whole country knows.

    Only that one leads to the internal key: that two numbers are one person's is not for a partner to say.
    """
    identifiers = [(one.get("system", ""), one.get("value", "")) for one in patient.get("identifier", ())]
    ours = (pair for system in PATIENT_SYSTEMS for pair in identifiers if pair[0] == system and pair[1])
    return next(ours, ("", ""))


def patient_key(context: Context, subject: Subject, known: str, changes: Changes) -> str | None:
    """The internal key: the known one, or for a new identifier a fresh one that ``changes`` then remember."""
    if not all(subject.identifier):
        return subject.literal or None
    if known:
        return known
    fresh = context.new_id()
    changes.patients.append(PatientIdentifier(*subject.identifier, fresh))
    return fresh


def patient_argument(context: Context, arguments: Arguments) -> tuple[str, str]:
    """The national identifier in the parameter ``patient``. Raises InvalidContent."""
    identifier = arguments.value("patient", "valueIdentifier") or {}
    system, value = str(identifier.get("system", "")), str(identifier.get("value", ""))
    if system not in PATIENT_SYSTEMS or not value:
        raise InvalidContent(
            "The patient is required, by an identifier of a national system.",
            code="parameter-missing",
            expression=f"{where('patient')}.value",
            allowed=PATIENT_SYSTEMS,
        )
    if problem := check_identifier(system, value, Mode(context.settings.identity_numbers)):
        raise InvalidContent(problem, code="wrong-identifier", expression=f"{where('patient')}.value.value")
    return system, value


async def resolve_patients(store: Store, viewer: Viewer, query: Query) -> Query:
    """A query by internal patient keys, as far as the viewer sees the Patients that it names."""
    if not query.patients:
        return query
    keys: dict[PatientId | Token, str] = {}
    for patient in query.patients:
        if isinstance(patient, Token):
            keys[patient] = await store.patient_key(patient.system or "", patient.code)
            continue
        if query.type == "AuditEvent":
            # An auditor sees no Patient, and is to find who has seen this one.
            keys[patient] = await store.patient_of("Patient", patient.id)
            continue
        stored = await store.read("Patient", patient.id, viewer)
        identifier = national_identifier(parsed(stored.body)) if stored else ("", "")
        known = await store.patient_key(*identifier) if all(identifier) else ""
        keys[patient] = known or f"Patient/{patient.id}"
    return query.resolve_patients(keys)


def _element(type_name: str) -> str:
    for parameter in RESOURCES[type_name].search:
        if parameter.kind is Kind.PATIENT:
            return parameter.path.partition(".")[2]
    return ""
