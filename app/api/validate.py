"""``$validate`` (R4 3.2.0.1 of Resource): all that is wrong with a resource, and nothing written.

Without a mode the content is checked: R4's rules, the identifiers', those of the profile that is named and of ours that
the resource claims. With ``create`` or ``update`` the write is decided as it would be, and
forgotten: it meets every rule, also those of the case and of who may do what.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec
from starlette.responses import Response

from app.api.answers import fhir
from app.api.call import Call
from app.api.negotiate import READ_TYPES, no_more, require_type
from app.api.sources import row_of
from app.casework import create as creating
from app.casework import update as updating
from app.casework.context import viewer_of
from app.errors import (
    CANONICAL,
    Forbidden,
    InvalidContent,
    Issue,
    MethodNotAllowed,
    NotFound,
    Problems,
    SambandError,
    Unreadable,
)
from app.fhir import need
from app.fhir.document import Document, read
from app.fhir.element_rules import Profile
from app.fhir.identifiers import Mode, validate_identifiers
from app.fhir.outcome import report
from app.fhir.profiles import NEED, check_profile, is_r4s_own, profile_of, profiles_of
from app.fhir.resources import Interaction, Operation
from app.fhir.validation import validate
from app.security.scopes import require_any
from app.store.staged import StagedStore

MODES: Final = ("create", "update", "delete", "profile")
_OF_INSTANCE: Final = frozenset({"update", "delete", "profile"})
_OF_TYPE: Final = ("create",)
_PARAMETERS: Final = ("resource", "mode", "profile")
_SUMMARY: Final = "Check a resource; nothing is written."
OPERATIONS: Final = (
    Operation("validate", "type", _SUMMARY, _PARAMETERS, reads=True),
    Operation("validate", "instance", _SUMMARY, _PARAMETERS, reads=True),
)
"""Offered by every type, by R4's own OperationDefinition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What is to be checked, and how: R4's parameters of the operation."""

    mode: str = ""
    profile: str = ""
    resource: bytes | None = None
    """The very bytes; None where the request brings no resource."""


async def validated(call: Call) -> Response:
    """An OperationOutcome with all issues, 200 also where there are some.

    :raises Unreadable: the request itself cannot be read, or asks for a mode or profile that is not offered here
    :raises NotFound: an instance that the caller does not see
    :raises Forbidden: insufficient-scope
    """
    _check_scope(call)
    asked = await _asked(call)
    current = await _current(call) if call.id else None
    _check_mode(call, asked)
    _check_profile(call, asked)
    if asked.mode == "delete":
        return fhir(report(_NEVER_DELETED.issues, call.language))
    content = asked.resource if asked.resource is not None else current
    if content is None and await call.request.body():
        at = "Parameters.parameter.where(name='resource')"
        raise Unreadable("The parameter resource is missing.", code="parameter-missing", expression=at)
    if content is None:
        raise Unreadable("The resource is missing.", code="empty-body", allowed=("Parameters", call.resource.name))
    document = read(content)
    issues = _content(call, document, asked.profile)
    if not issues:
        issues = await _write(call, document, asked.mode)
    return fhir(report(issues, call.language))


_NEVER_DELETED: Final = MethodNotAllowed("Nothing is deleted through the API.", code="method-not-allowed")


def _check_scope(call: Call) -> None:
    """An instance is read; a type needs any scope on it."""
    if call.id:
        call.require_scope("r")
    else:
        require_any(call.caller, call.resource.name)


async def _current(call: Call) -> bytes:
    stored = await row_of(call)
    if stored is None:
        raise NotFound
    return stored.body


async def _asked(call: Call) -> _Asked:
    """The parameters of the URL and the body; those of a body in Parameters come before the URL's."""
    given = no_more(call.query, ("mode", "profile"))
    asked = _Asked(mode=given.get("mode", ""), profile=given.get("profile", ""))
    body = await call.request.body()
    if not body:
        return asked
    require_type(call.headers, READ_TYPES)
    document = read(body)
    if document.value.get("resourceType") != "Parameters":
        return replace(asked, resource=body)
    return replace(asked, **_named(document))


class _Parameter(msgspec.Struct):
    name: str = ""
    resource: msgspec.Raw = msgspec.Raw(b"")
    code: str = msgspec.field(name="valueCode", default="")
    uri: str = msgspec.field(name="valueUri", default="")
    canonical: str = msgspec.field(name="valueCanonical", default="")
    string: str = msgspec.field(name="valueString", default="")


class _Parameters(msgspec.Struct):
    parameter: list[_Parameter] = []


def _named(document: Document) -> dict[str, Any]:
    """The parameters in a body. Raises Unreadable."""
    try:
        listed = msgspec.json.decode(document.raw, type=_Parameters).parameter
    except msgspec.ValidationError:
        raise Unreadable("The Parameters cannot be read.", code="wrong-type", expression="Parameters") from None
    found: dict[str, Any] = {}
    for index, one in enumerate(listed):
        where = f"Parameters.parameter[{index}]"
        if one.name not in _PARAMETERS:
            raise Unreadable(
                "$validate has no such parameter.", code="unknown-parameter", expression=where, allowed=_PARAMETERS
            )
        if one.name in found:
            raise Unreadable("The parameter is given twice.", code="too-many", expression=where)
        found[one.name] = bytes(one.resource) if one.name == "resource" else _text(one)
        if not found[one.name]:
            kinds = {"resource": ("resource",), "mode": ("valueCode",), "profile": ("valueUri",)}[one.name]
            raise Unreadable("The parameter has no value.", code="parameter-missing", expression=where, allowed=kinds)
    return found


def _text(one: _Parameter) -> str:
    return one.code or one.string if one.name == "mode" else one.uri or one.canonical or one.string


def _check_mode(call: Call, asked: _Asked) -> None:
    """R4: update, delete and profile are about a resource that is there, and profile checks that very one."""
    if asked.mode and asked.mode not in MODES:
        raise Unreadable("mode has another value than those offered.", code="bad-value", allowed=MODES)
    if asked.mode in _OF_INSTANCE and not call.id:
        raise Unreadable(
            "This mode is about an instance: [type]/[id]/$validate.", code="mode-needs-instance", allowed=_OF_TYPE
        )
    if asked.mode == "profile" and not asked.profile:
        raise Unreadable(
            "The mode profile needs a profile.", code="parameter-missing", allowed=profiles_of(call.resource.name)
        )
    if asked.mode == "profile" and asked.resource is not None:
        raise Unreadable("The mode profile checks what is stored.", code="unknown-parameter", allowed=("profile",))


def _check_profile(call: Call, asked: _Asked) -> None:
    """R4: what cannot be checked is an error of the request, never an answer about the resource."""
    name = call.resource.name
    if asked.profile and not is_r4s_own(name, asked.profile) and profile_of(name, asked.profile) is None:
        raise Unreadable(
            "No profile of this type has this URL.", code="unknown-profile", allowed=profiles_of(call.resource.name)
        )


def _content(call: Call, document: Document, named: str) -> tuple[Issue, ...]:
    """R4's rules, the identifiers', the profiles' and those of a need; what several find is told once."""
    value, name = document.value, call.resource.name
    issues = list(_broken(lambda: validate(value, name)))
    if value.get("resourceType") != name:
        return tuple(issues)
    is_r4 = not issues
    problems = Problems()
    followed = _followed(value, name, named, problems)
    for one in followed:
        check_profile(value, one, problems, is_r4=is_r4)
    if is_r4:
        issues += _broken(lambda: validate_identifiers(value, Mode(call.context.settings.identity_numbers)))
        if name == "Task" and (need.is_need(value) or NEED in {one.id for one in followed}):
            check = need.check_changed if call.id else need.check_need
            issues += _broken(lambda: check(value, document.raw))
    return tuple({(issue.code, issue.expression): issue for issue in (*problems.found, *issues)}.values())


def _broken(check: Callable[[], None]) -> tuple[Issue, ...]:
    try:
        check()
    except InvalidContent as invalid:
        return invalid.issues
    return ()


def _followed(value: dict[str, Any], name: str, named: str, problems: Problems) -> list[Profile]:
    """The profile that was named, and those of ours that the resource claims."""
    meta = value.get("meta")
    claimed = meta.get("profile") if isinstance(meta, dict) else None
    found = {named: profile_of(name, named)} if named else {}
    for index, one in enumerate(claimed if isinstance(claimed, list) else ()):
        if isinstance(one, str) and one.startswith(_OURS):
            found[one] = profile_of(name, one)
            if found[one] is None:
                at = f"{name}.meta.profile[{index}]"
                problems.add("unknown-profile", at, "No profile of this type has this URL.", profiles_of(name))
    return list({one.url: one for one in found.values() if one}.values())


_OURS: Final = f"{CANONICAL}/StructureDefinition/"


async def _write(call: Call, document: Document, mode: str) -> tuple[Issue, ...]:
    """What a create or update of this would be refused with."""
    if mode not in {"create", "update"}:
        return ()
    store = StagedStore(call.context.store)
    context = replace(call.context, store=store)
    name = call.resource.name
    try:
        _check_offered(call, mode)
        if mode == "create":
            await creating.create(context, call.caller, name, document)
        else:
            stored = await call.context.store.read(name, call.id, viewer_of(call.caller))
            await updating.update(context, call.caller, name, call.id, document, stored.version if stored else None)
    except SambandError as refused:
        return refused.issues
    return ()


def _check_offered(call: Call, mode: str) -> None:
    interaction = {"create": Interaction.CREATE, "update": Interaction.UPDATE}[mode]
    if interaction not in call.resource.interactions:
        raise Forbidden("This type is not written through the API.", code="method-not-allowed")
    call.require_scope(mode[0])
    call.require_writer()
