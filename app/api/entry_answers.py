"""The answers to the entries of a Bundle, as a Bundle; and the failure of a transaction."""

from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final

import msgspec
from starlette.responses import Response

from app.api.answers import VersionResponse
from app.api.entries import Entry
from app.clock import instant
from app.errors import Issue, SambandError

_KEPT: Final = ("Retry-After", "WWW-Authenticate")
"""Headers of an entry's failure that hold for the whole answer."""


class _Resource(msgspec.Struct):
    resource_type: str = msgspec.field(name="resourceType")
    id: str = ""


def answered(kind: str, base: str, entries: Sequence[Entry], answers: Sequence[Response]) -> bytes:
    """A ``batch-response`` or ``transaction-response``: one entry for each, in their order."""
    listed = [_entry(base, entry, answer) for entry, answer in zip(entries, answers, strict=True)]
    content: dict[str, Any] = {"resourceType": "Bundle", "type": kind}
    return msgspec.json.encode(content | ({"entry": listed} if listed else {}))


def _entry(base: str, entry: Entry, answer: Response) -> dict[str, Any]:
    headers, body = answer.headers, bytes(answer.body)
    told: dict[str, Any] = {"status": str(answer.status_code)}
    told |= {name: headers[name] for name in ("location", "etag") if name in headers}
    found = msgspec.json.decode(body, type=_Resource) if body and entry.method != "HEAD" else None
    if isinstance(answer, VersionResponse):
        told["lastModified"] = instant(answer.updated)
    if found is None:
        return {"response": told}
    if found.resource_type == "OperationOutcome" and not _is_asked_for(entry, answer):
        return {"response": told | {"outcome": msgspec.Raw(body)}}
    address = {"fullUrl": f"{base}/{found.resource_type}/{found.id}"} if found.id else {}
    return address | {"resource": msgspec.Raw(body), "response": told}


def _is_asked_for(entry: Entry, answer: Response) -> bool:
    """Whether an OperationOutcome is the answer itself: in ``response.outcome`` R4 has only what is said beside one."""
    return answer.status_code == HTTPStatus.OK and entry.url.partition("?")[0].endswith("/$validate")


def failed(error: SambandError, entry: Entry) -> SambandError:
    """The failure of an entry as that of the transaction: it names the entry."""
    issues = tuple(
        replace(one, diagnostics=f"Entry {entry.number}: {one.diagnostics}", expression=_in_bundle(one, entry))
        for one in error.issues
    )
    headers = {name: value for name, value in error.headers.items() if name in _KEPT}
    return type(error)(code=error.error, headers=headers, issues=issues)


def _in_bundle(issue: Issue, entry: Entry) -> str:
    where = f"Bundle.entry[{entry.number}]"
    name, _, rest = issue.expression.partition(".")
    if not issue.expression or name == "Bundle":
        return where
    if name == entry.type_name:
        return f"{where}.resource.{rest}" if rest else f"{where}.resource"
    return f"{where}.resource.{issue.expression}" if name in {"id", "resourceType"} else where
