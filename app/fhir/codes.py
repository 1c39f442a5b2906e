"""Names of systems and codes that we read and write (DESIGN: canonical, Volven, HL7 Norway, LOINC)."""

from typing import Any, Final

from app.errors import CANONICAL

NATIONAL_NUMBER: Final = "urn:oid:2.16.578.1.12.4.1.4.1"
D_NUMBER: Final = "urn:oid:2.16.578.1.12.4.1.4.2"
HELP_NUMBER: Final = "urn:oid:2.16.578.1.12.4.1.4.3"
HPR: Final = "urn:oid:2.16.578.1.12.4.1.4.4"
ORGANISATION: Final = "urn:oid:2.16.578.1.12.4.1.4.101"
RESH: Final = "urn:oid:2.16.578.1.12.4.1.4.102"
ROLE: Final = "urn:oid:2.16.578.1.12.4.1.1.9034"
IDENTIFIER_TYPE: Final = "http://terminology.hl7.org/CodeSystem/v2-0203"

COORDINATION_TASK: Final = f"{CANONICAL}/CodeSystem/coordination-task"
STAGE: Final = f"{CANONICAL}/CodeSystem/coordination-stage"
NEED_KIND: Final = f"{CANONICAL}/CodeSystem/need-kind"
DECLINE_REASON: Final = f"{CANONICAL}/CodeSystem/decline-reason"
LAPSE_REASON: Final = f"{CANONICAL}/CodeSystem/lapse-reason"
END_REASON: Final = f"{CANONICAL}/CodeSystem/end-reason"
TASK_INPUT: Final = f"{CANONICAL}/CodeSystem/task-input"
TASK_OUTPUT: Final = f"{CANONICAL}/CodeSystem/task-output"
REPORTER: Final = f"{CANONICAL}/CodeSystem/reporter"
EHR_STATE: Final = f"{CANONICAL}/CodeSystem/ehr-state"
CASE_NUMBER: Final = f"{CANONICAL}/NamingSystem/case-number"
PARTICIPANT: Final = f"{CANONICAL}/NamingSystem/participant"
DATA_ABSENT_REASON: Final = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
EHR_STATE_EXTENSION: Final = f"{CANONICAL}/StructureDefinition/ehr-state"
END_REASON_EXTENSION: Final = f"{CANONICAL}/StructureDefinition/end-reason"

COORDINATOR_NEED: Final = "coordinator-need"
EHR_REGISTRATION: Final = "ehr-registration"
ABORT: Final = "abort"

LONGITUDINAL_CARE: Final = {
    "system": "http://loinc.org",
    "code": "LA28865-6",
    "display": "Longitudinal care-coordination focused care team",
}

NEED_KINDS: Final = {
    "close-follow-up": "Behov for tett oppfølging",
    "appointment-coordination": "Samordning av timer",
    "several-units": "Flere enheter involvert",
    "transition-child-to-adult": "Overgang fra barn til voksen",
    "transition-home": "Overgang til hjemmet",
    "individual-plan": "Individuell plan",
    "child-coordinator": "Barnekoordinator",
}
TASK_INPUTS: Final = (
    "consent",
    "consent-date",
    "involved-unit",
    "reporter",
    "need-kind",
    "criteria-a",
    "criteria-b",
    "criteria-c",
    "criteria-d",
)
REPORTERS: Final = (
    "patient",
    "next-of-kin",
    "gp",
    "municipality",
    "clinical-unit",
    "other-hospital",
)
STAGE_DISPLAY: Final = {
    "draft": "Kladd",
    "in-queue": "I kø hos enheten",
    "awaiting-information": "Venter på opplysninger",
    "assessing": "Under vurdering",
    "awaiting-consent": "Venter på samtykke",
    "at-coordinating-unit": "Hos koordinerende enhet",
    "at-decision-group": "Hos beslutningsgruppen",
    "placed": "Plassert",
    "coordinator-appointed": "Koordinator oppnevnt",
    "contact-physician": "Kontaktlege",
    "team": "Team",
    "other-measure": "Annet tiltak",
    "existing-coordinator": "Har allerede koordinator",
    "declined": "Avslått",
    "withdrawn": "Trukket",
    "lapsed": "Bortfalt",
    "entered-in-error": "Feilregistrert",
    "ehr-pending": "Venter på registrering i journalsystemet",
    "ehr-confirmed": "Registrert i journalsystemet",
    "ehr-rejected": "Avvist av journalsystemet",
}
MOVE: Final = f"{CANONICAL}/CodeSystem/coordination-move"
"""What happens to a case: ``Provenance.activity``."""
MOVE_DISPLAY: Final = {
    "submit": "Melde behov",
    "route": "Fordele til enhet",
    "accept": "Ta imot",
    "request-information": "Be om opplysninger",
    "answer": "Svare på spørsmål",
    "resume": "Gjenoppta uten svar",
    "transfer": "Overføre til annen enhet",
    "escalate": "Løfte saken",
    "place": "Plassere",
    "appeal": "Komme med innsigelse mot plasseringen",
    "await-consent": "Vente på samtykke",
    "appoint": "Oppnevne koordinator",
    "conclude": "Avslutte med annet utfall",
    "decline": "Avslå",
    "withdraw": "Trekke",
    "lapse": "La saken bortfalle",
    "enter-in-error": "Merke som feilregistrert",
    "request-abort": "Be om at saken trekkes",
    "abort": "Trekke etter avsenderens ønske",
    "abort-rejected": "Si nei til å trekke saken",
    "abort-cancelled": "Ta tilbake ønsket om at saken trekkes",
    "overdue": "Fristen er ute",
    "unit-closed": "Enheten er nedlagt",
    "information-overdue": "Fristen for svar er ute",
    "appeal-time-over": "Fristen for innsigelse er ute",
    "assess": "Vurdere kriteriene",
    "registration-confirmed": "Registrering bekreftet av journalsystemet",
    "registration-rejected": "Registrering avvist av journalsystemet",
    "deregistration-confirmed": "Avregistrering bekreftet av journalsystemet",
    "deregistration-rejected": "Avregistrering avvist av journalsystemet",
    "coordinator-began": "Koordinatorens første dag",
    "coordinator-ended": "Koordinatorens siste dag er over",
}
LOCAL_ROLE: Final = f"{CANONICAL}/CodeSystem/coordinator-role"
"""Roles of ours, where Volven 9034 has none."""
ROLE_DISPLAY: Final = {
    "18": "Koordinator (spesialisthelsetjenesteloven)",
    "8": "Koordinator Individuell plan",
    "17": "Forløpskoordinator kreft",
    "19": "Kontaktlege",
    "20": "Kontaktpsykolog",
    "child-coordinator": "Barnekoordinator",
}


REASON_SYSTEM: Final = {"decline": DECLINE_REASON, "lapse": LAPSE_REASON}
"""Move → the system of its reason codes."""


def coding(system: str, code: str, display: str = "") -> dict[str, str]:
    """A Coding."""
    return {"system": system, "code": code} | ({"display": display} if display else {})


def concept(system: str, code: str, display: str = "", text: str = "") -> dict[str, Any]:
    """A CodeableConcept with one coding."""
    return {"coding": [coding(system, code, display)]} | ({"text": text} if text else {})


def role_concept(code: str) -> dict[str, Any]:
    """A coordinator's role, of Volven 9034 or of ours."""
    system = ROLE if code.isdigit() else LOCAL_ROLE
    return concept(system, code, ROLE_DISPLAY.get(code, ""))


def codings(value: object) -> list[dict[str, Any]]:
    """The codings of a CodeableConcept, or of a list of them; nothing where there is none."""
    concepts = value if isinstance(value, list) else [value]
    return [
        entry for one in concepts if isinstance(one, dict) for entry in one.get("coding", ()) if isinstance(entry, dict)
    ]


def code_in(value: object, system: str) -> str:
    """The first code of a system in a CodeableConcept, empty when there is none."""
    for entry in codings(value):
        if entry.get("system") == system:
            return str(entry.get("code", ""))
    return ""
