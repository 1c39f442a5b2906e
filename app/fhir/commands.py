"""A Parameters resource → a command of the domain: names become keys of the directory."""

import re
from typing import Any

from app.coordination.command import Appointment, Command
from app.coordination.consent import Consent
from app.coordination.criteria import Assessment, assess
from app.coordination.states import Move, Stage
from app.errors import InvalidContent
from app.fhir import codes
from app.fhir.need import identifier_of
from app.routing.directory import Directory, Unit


class Arguments:
    """The parameters of an operation, by name; each asked for in the type that it must have.

    :raises InvalidContent: on construction, for a name that the operation does not have, or one given twice.
    """

    def __init__(self, parameters: dict[str, Any], names: tuple[str, ...]) -> None:
        self._given: dict[str, dict[str, Any]] = {}
        for index, entry in enumerate(parameters.get("parameter", ())):
            name = entry.get("name")
            if name not in names or name in self._given:
                raise InvalidContent(
                    "This operation does not take this parameter, or takes it once.",
                    code="unknown-parameter",
                    expression=f"Parameters.parameter[{index}].name",
                    allowed=names,
                )
            self._given[name] = entry

    def value(self, name: str, kind: str) -> Any:
        """The value of a parameter in the element ``kind``, None when it is not given."""
        entry = self._given.get(name)
        if entry is None:
            return None
        if kind not in entry:
            raise InvalidContent(
                "This parameter has another type.", code="wrong-type", expression=where(name), allowed=(kind,)
            )
        return entry[kind]

    def text(self, name: str) -> str:
        """A string parameter, empty when it is not given."""
        return str(self.value(name, "valueString") or "")

    def parts(self, name: str, kinds: dict[str, str]) -> dict[str, Any] | None:
        """The values of a parameter's parts by their names; ``kinds`` are the parts and their value elements."""
        entry = self._given.get(name)
        if entry is None:
            return None
        found: dict[str, Any] = {}
        for index, part in enumerate(entry.get("part", ())):
            part_name = str(part.get("name"))
            if part_name not in kinds or part_name in found or kinds[part_name] not in part:
                raise InvalidContent(
                    "A part is unknown, repeated or of another type.",
                    code="part-not-allowed",
                    expression=f"{where(name)}.part[{index}]",
                    allowed=tuple(f"{known} ({kind})" for known, kind in kinds.items()),
                )
            found[part_name] = part[kinds[part_name]]
        return found

    def reference(self, name: str, system: str) -> str:
        """The value of a logical reference of a system, empty when the parameter is not given."""
        given = self.value(name, "valueReference")
        if given is None:
            return ""
        found, value = identifier_of(given)
        if found != system or not value:
            raise InvalidContent(
                "The reference must be by identifier.",
                code="wrong-reference",
                expression=f"{where(name)}.value.identifier",
                allowed=(system,),
            )
        return value


def where(name: str) -> str:
    """The FHIRPath of a parameter."""
    return f"Parameters.parameter.where(name='{name}')"


def unit_of(arguments: Arguments, name: str, directory: Directory) -> Unit | None:
    """The unit that a parameter names by RESH; InvalidContent where the directory has none such."""
    resh = arguments.reference(name, codes.RESH)
    if not resh:
        return None
    unit = directory.unit_by_resh(resh)
    if unit is None:
        raise InvalidContent(
            "No such unit in the directory.",
            code="unit-unknown",
            expression=where(name),
            allowed=tuple(f"{entry.resh} ({entry.name})" for entry in directory.units.values()),
        )
    return unit


def consent_of(arguments: Arguments, today: str) -> Consent | None:
    """The parameter ``consent`` (parts given, date)."""
    parts = arguments.parts("consent", {"given": "valueBoolean", "date": "valueDate"})
    if parts is None:
        return None
    if "given" not in parts:
        raise InvalidContent(
            "The part given is required.",
            code="parameter-missing",
            expression=f"{where('consent')}.part.where(name='given')",
            allowed=("valueBoolean",),
        )
    date = str(parts.get("date", today))
    if date > today:
        raise InvalidContent(
            "A consent is not given on a day to come.",
            code="date-invalid",
            expression=f"{where('consent')}.part.where(name='date')",
        )
    return Consent(given=parts["given"], date=date, source="operation")


def assessment_of(arguments: Arguments) -> Assessment | None:
    """The parameter ``assessment`` (parts a–d, valueBoolean), judged by the criteria in use."""
    parts = arguments.parts("assessment", dict.fromkeys("abcd", "valueBoolean"))
    if parts is None:
        return None
    if not parts:
        raise InvalidContent(
            "Each criterion is answered with a boolean.",
            code="wrong-type",
            expression=f"{where('assessment')}.part",
            allowed=("a", "b", "c", "d"),
        )
    return assess({letter.upper(): bool(answer) for letter, answer in parts.items()})


def appointment_of(arguments: Arguments, unit: str, directory: Directory, today: str) -> Appointment | None:
    """The parameters practitioner, role, telecom and start; the person's facts come from the directory."""
    hpr = arguments.reference("practitioner", codes.HPR)
    if not hpr:
        return None
    person = directory.practitioner(hpr)
    if person is None:
        raise InvalidContent(
            "No such practitioner in the directory.",
            code="practitioner-unknown",
            expression=where("practitioner"),
        )
    role = arguments.value("role", "valueCoding") or {}
    phone = _phone_of(arguments)
    home = directory.unit(unit)
    return Appointment(
        hpr=person.hpr,
        name=person.name,
        category=person.category,
        unit=unit,
        role=_role_of(role),
        start=str(arguments.value("start", "valueDate") or today),
        phone=str(phone or person.phone or (home.phone if home else "")),
    )


def _phone_of(arguments: Arguments) -> str:
    """A telephone number that the municipality can ring, empty when none is given."""
    telecom = arguments.value("telecom", "valueContactPoint")
    if telecom is None:
        return ""
    number = str(telecom.get("value", ""))
    if telecom.get("system") != "phone" or not _TELEPHONE(number):
        raise InvalidContent(
            "A telephone number is required: system phone, and 5 to 20 digits, blanks, + - ( ).",
            code="telecom-invalid",
            expression=f"{where('telecom')}.value",
            allowed=("phone",),
        )
    return number


_TELEPHONE = re.compile(r"[+(]?[0-9][0-9 ()-]{4,22}").fullmatch


def _role_of(coding: dict[str, Any]) -> str:
    """The role's code; without one the statutory coordinator's."""
    code = str(coding.get("code", "18"))
    if coding and codes.role_concept(code)["coding"][0]["system"] != coding.get("system"):
        raise InvalidContent(
            "The role is of another code system.",
            code="role-unknown",
            expression=f"{where('role')}.value",
            allowed=tuple(f"{known['system']}|{known['code']}" for known in _ROLES),
        )
    return code


_ROLES = tuple(codes.role_concept(code)["coding"][0] for code in codes.ROLE_DISPLAY)


def command_of(move: Move, arguments: Arguments, owner: str, directory: Directory, today: str) -> Command:
    """The command that an operation asks for; ``owner`` is the unit that appoints, ``today`` an ISO day."""
    unit = unit_of(arguments, "unit", directory)
    return Command(
        move=move,
        unit=unit.key if unit else None,
        outcome=outcome_of(arguments.value("outcome", "valueCode")),
        reason_code=str(arguments.value("reasonCode", "valueCode") or ""),
        reason=arguments.text("reason") or arguments.text("question") or arguments.text("answer"),
        consent=consent_of(arguments, today),
        assessment=assessment_of(arguments),
        appointment=appointment_of(arguments, owner, directory, today),
    )


def outcome_of(code: object) -> Stage | None:
    """An outcome by its code; None for none; InvalidContent for an unknown one."""
    if code is None:
        return None
    if code not in set(Stage):
        allowed = (
            "coordinator-appointed",
            "contact-physician",
            "team",
            "other-measure",
            "existing-coordinator",
        )
        raise InvalidContent("No such outcome.", code="outcome-unknown", expression=where("outcome"), allowed=allowed)
    return Stage(str(code))
