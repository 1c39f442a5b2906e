"""``$validate`` (R4 3.2.0.1 of Resource): all that is wrong with a resource, and nothing written.

Without a mode the content is checked. With ``create`` or ``update`` the write is decided as it would be, and
forgotten: it meets every rule, also those of the case and of who may do what.
"""

from dataclasses import replace
from typing import Any, Final

import msgspec
from starlette.responses import Response

from app.api.answers import fhir
from app.api.call import Call
from app.api.negotiate import READ_TYPES, no_more, require_type
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
from app.fhir.identifiers import Mode, validate_identifiers
from app.fhir.outcome import report
from app.fhir.profiles import NEED, check_profile
from app.fhir.resources import Interaction, Operation
from app.fhir.validation import validate
from app.store.staged import StagedStore

MODES: Final = ("create", "update", "delete", "profile")
_PARAMETERS: Final = ("resource", "mode", "profile")
_SUMMARY: Final = "Check a resource; nothing is written."
OPERATIONS: Final = (
    Operation("validate", "type", _SUMMARY, _PARAMETERS),
    Operation("validate", "instance", _SUMMARY, _PARAMETERS),
)
"""Offered by every type that somebody writes, by R4's own OperationDefinition."""


async def validated(call: Call) -> Response:
    """An OperationOutcome with all issues, 200 also where there are some.

    :raises Unreadable: the request itself cannot be read
    :raises NotFound: an instance that the caller does not see
    """
    given = no_more(call.query, ("mode", "profile"))
    if call.id:
        call.require_scope("r")
    current = await _current(call) if call.id else None
    body = await call.request.body()
    if body:
        require_type(call.headers, READ_TYPES)
    document, named = _read(call, body, current)
    mode, profile = named.get("mode", given.get("mode", "")), named.get("profile", given.get("profile", ""))
    if mode and mode not in MODES:
        raise Unreadable("mode has another value than those offered.", code="bad-value", allowed=MODES)
    issues = [*_content(call, document, mode, profile)]
    if not issues:
        issues += await _write(call, document, mode)
    return fhir(report(issues, call.language))


async def _current(call: Call) -> bytes:
    stored = await call.context.store.read(call.resource.name, call.id, viewer_of(call.caller))
    if stored is None:
        raise NotFound
    return stored.body


def _read(call: Call, body: bytes, current: bytes | None) -> tuple[Document, dict[str, str]]:
    """The resource, bare or in Parameters, and the other parameters."""
    document = read(body) if body else None
    if document is None and current is not None:
        return read(current), {}
    if document is None:
        raise Unreadable("The resource is missing.", code="empty-body", allowed=("Parameters", call.resource.name))
    if document.value.get("resourceType") != "Parameters":
        return document, {}
    listed = [one for one in _listed(document.value.get("parameter")) if isinstance(one, dict)]
    texts = {
        one["name"]: str(next((value for key, value in one.items() if key.startswith("value")), ""))
        for one in listed
        if one.get("name") in {"mode", "profile"}
    }
    inner = _resource(document)
    if inner is None and current is None:
        raise Unreadable(
            "The parameter resource is missing.", code="parameter-missing", expression="Parameters.parameter"
        )
    return read(inner if inner is not None else current or b""), texts


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


class _Parameter(msgspec.Struct):
    name: Any = None
    resource: msgspec.Raw = msgspec.Raw(b"")


class _Parameters(msgspec.Struct):
    parameter: list[_Parameter] = []


def _resource(document: Document) -> bytes | None:
    try:
        listed = msgspec.json.decode(document.raw, type=_Parameters).parameter
    except msgspec.ValidationError:
        raise Unreadable("The Parameters cannot be read.", code="wrong-type", expression="Parameters") from None
    return next((bytes(one.resource) for one in listed if one.name == "resource" and bytes(one.resource)), None)


def _content(call: Call, document: Document, mode: str, profile: str) -> tuple[Issue, ...]:
    """R4's rules, the identifiers', then the profiles'; those of profiles only where R4 finds nothing."""
    value, name = document.value, call.resource.name
    try:
        validate(value, name)
        validate_identifiers(value, Mode(call.context.settings.identity_numbers))
    except InvalidContent as invalid:
        return invalid.issues
    problems = Problems()
    claimed = [one for one in value.get("meta", {}).get("profile", ()) if one.startswith(_OURS)]
    wanted = dict.fromkeys([*([profile] if profile else []), *claimed])
    followed = {check_profile(value, one, problems) for one in wanted}
    is_new = not call.id and mode in {"", "create", "profile"}
    if name == "Task" and is_new and (NEED in followed or (need.is_need(value) and not problems.found)):
        try:
            need.check_need(value, document.raw)
        except InvalidContent as invalid:
            problems.found += invalid.issues
    # Two rules may find the same fault of the same element: told once, in the words of the more precise one.
    return tuple({(issue.code, issue.expression): issue for issue in problems.found}.values())


_OURS: Final = f"{CANONICAL}/StructureDefinition/"


async def _write(call: Call, document: Document, mode: str) -> tuple[Issue, ...]:
    """What a create or update of this would be refused with."""
    if mode not in {"create", "update", "delete"}:
        return ()
    store = StagedStore(call.context.store)
    context = replace(call.context, store=store)
    name = call.resource.name
    try:
        if mode == "delete":
            raise MethodNotAllowed("Nothing is deleted through the API.", code="method-not-allowed")
        _check_offered(call, mode)
        if mode == "create":
            await creating.create(context, call.caller, name, document)
        elif call.id:
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
