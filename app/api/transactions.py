"""``POST [base]``: batch and transaction (R4 3.1.0.11). Each entry is a request of its own to the very same routes.

A batch answers each entry for itself. A transaction's writes are decided one after the other over what was decided
before them, and committed at once; when somebody else was faster, all of it is decided again.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from app.api.answers import fhir
from app.api.call import Service, authenticate, require_resource_type
from app.api.conditional_references import resolved
from app.api.entries import Entry, entries_of, in_order, is_urn, named_by, with_links
from app.api.entry_answers import answered, failed
from app.api.entry_requests import request_of, send
from app.api.entry_scopes import require_read
from app.api.errors import answer_to
from app.api.negotiate import READ_TYPES, condition_pairs, no_more, pairs, require_json, require_type
from app.casework.context import viewer_of
from app.casework.exchange import own_number
from app.casework.patients import resolve_patients
from app.clock import oslo_day
from app.errors import Forbidden, InvalidContent, SambandError, TooLarge, Unavailable, Unreadable
from app.fhir.document import Document, read
from app.fhir.links import Form, Link
from app.fhir.resources import RESOURCES
from app.fhir.search import parse
from app.fhir.validation import validate
from app.security.caller import Caller
from app.store.changes import Changes, Conflict
from app.store.staged import StagedStore

ANSWER_BYTES: Final = 32 * 1024 * 1024
"""Where the answer to a Bundle ends: a hundred pages of large resources would be gigabytes in memory."""
_TRIES: Final = 8
_READS: Final = frozenset({"GET", "HEAD"})
_log = logging.getLogger("samband.error")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """A Bundle that is being carried out."""

    service: Service
    outer: Request
    caller: Caller
    entries: tuple[Entry, ...]

    async def send(self, entry: Entry, service: Service) -> Response:
        """Carry out one entry. Raises what its own request would."""
        return await send(service, request_of(self.outer, entry), self.caller)

    async def tried(self, entry: Entry) -> Response:
        """Carry out one entry, its failure as an answer."""
        try:
            _check_alone(entry, self.entries)
            return await self.send(entry, self.service)
        except Exception as failure:  # noqa: BLE001  # the other entries are answered all the same
            if not isinstance(failure, SambandError):
                _log.error("unhandled %s in an entry of a batch", type(failure).__name__)
            return self._failure(failure)

    async def all_tried(self, entries: Sequence[Entry]) -> list[Response]:
        """Carry out entries one after the other, until their answers are as large as one answer may be."""
        answers: list[Response] = []
        size = 0
        for entry in entries:
            answers.append(await self.tried(entry) if size < ANSWER_BYTES else self._failure(_full()))
            size += len(answers[-1].body)
        return answers

    def _failure(self, failure: Exception) -> Response:
        return answer_to(failure, self.outer.headers.get("accept-language", ""))


def _full() -> TooLarge:
    return TooLarge("The answers before this one fill the Bundle: it was not carried out. Send it by itself.")


def _check_alone(entry: Entry, entries: Sequence[Entry]) -> None:
    full_urls = {one.full_url for one in entries if is_urn(one.full_url)}
    if any(named_by(link, entry, full_urls) for link in entry.links):
        raise Unreadable(
            "Entries of a batch do not refer to each other; a transaction's do.", code="link-between-entries"
        )


async def carry_out(service: Service, request: Request) -> Response:
    """A Bundle of type batch or transaction.

    :raises TooLarge: too-many-entries
    :raises TooManyRequests: each entry counts as one
    :raises InvalidContent: the Bundle itself
    :raises SambandError: whatever the first entry of a transaction that fails would answer by itself
    """
    caller = await authenticate(service, request)
    no_more(require_json(request.headers, pairs(request.scope["query_string"], "URL")))
    require_type(request.headers, READ_TYPES)
    document = read(await request.body())
    require_resource_type(document, "Bundle")
    entries = entries_of(document, service.base)
    service.limits.admit(caller, max(len(entries) - 1, 0))  # the Bundle itself was the first
    work = _Work(service=service, outer=request, caller=caller, entries=entries)
    if document.value["type"] == "batch":
        answers = await work.all_tried(entries)
        return fhir(answered("batch-response", service.base, entries, answers))
    return fhir(answered("transaction-response", service.base, entries, await _transaction(work)))


async def _transaction(work: _Work) -> list[Response]:
    _check(work.entries)
    await _check_reads(work)
    matches = await resolved(work.service, work.caller, work.entries)
    places = await _places(work)
    for _ in range(_TRIES):
        staged = StagedStore(work.service.context.store)
        answers = await _decided(work, staged, places, matches)
        if answers is None:
            continue
        try:
            if _has_any(staged.changes):
                await work.service.context.store.commit(staged.changes)
        except Conflict:
            continue
        # The reads come last and see what was written.
        reads = [entry for entry in work.entries if entry.method in _READS]
        for entry, answer in zip(reads, await work.all_tried(reads), strict=True):
            answers[entry.number] = answer
        return [answers[entry.number] for entry in work.entries]
    raise Unavailable("Too many writers at once.", headers={"Retry-After": "1"})


async def _check_reads(work: _Work) -> None:
    for entry in work.entries:
        if entry.method in _READS:
            try:
                require_read(work.caller, entry, work.service.base)
            except Forbidden as refused:
                raise await _refused_read(work, entry, refused) from refused


async def _refused_read(work: _Work, entry: Entry, refused: SambandError) -> SambandError:
    """The refusal as that of the transaction; the entry's own route refuses it too, and writes the audit row."""
    with suppress(SambandError):
        await work.send(entry, work.service)
    return failed(refused, entry)


def _check(entries: Sequence[Entry]) -> None:
    conditions: set[tuple[str, str]] = set()
    known = {entry.full_url for entry in entries if entry.method not in _READS}
    for entry in entries:
        if "$" in entry.url or (entry.method == "POST" and not entry.creates):
            raise failed(
                Unreadable("Operations are not part of a transaction; a batch takes them.", code="not-in-transaction"),
                entry,
            )
        condition = entry.type_name, entry.headers.get("if-none-exist", "")
        if condition[1] and condition in conditions:
            raise failed(Unreadable("Two entries have the same condition.", code="repeated-condition"), entry)
        conditions.add(condition)
        if any(_is_unresolved(link, known) for link in entry.links):
            raise failed(
                InvalidContent("A urn:uuid: reference names no fullUrl of this Bundle.", code="link-unresolved"), entry
            )


def _is_unresolved(link: Link, full_urls: set[str]) -> bool:
    return link.form is Form.REFERENCE and link.text.startswith("urn:uuid:") and link.text not in full_urls


async def _decided(
    work: _Work, staged: StagedStore, places: dict[str, str], matches: dict[str, str]
) -> dict[int, Response] | None:
    """An answer for each entry, everything staged; None when an entry became another resource than was thought."""
    context = replace(work.service.context, store=staged)
    answers: dict[int, Response] = {}
    for entry in in_order(work.entries):
        linked = with_links(entry, places, matches)
        service = work.service
        place = places.get(entry.full_url, "")
        first = [place.partition("/")[2]] if place and entry.creates else []

        def new_id(first: list[str] = first) -> str:
            return first.pop() if first else work.service.context.new_id()

        service = replace(service, context=replace(context, new_id=new_id))
        try:
            answers[entry.number] = await work.send(linked, service)
        except SambandError as error:
            raise failed(error, entry) from error
        became = _became(answers[entry.number], work.service.base)
        if place and became and became != place:
            places[entry.full_url] = became
            return None
    return answers


def _became(answer: Response, base: str) -> str:
    """``Type/id`` of what a write led to."""
    location = answer.headers.get("location", "")
    return location.removeprefix(f"{base}/").partition("/_history")[0]


async def _places(work: _Work) -> dict[str, str]:
    """Where each fullUrl that others point to leads, as ``Type/id``: what is there already, else a new id."""
    by_url = {entry.full_url: entry for entry in work.entries if entry.full_url and entry.method not in _READS}
    linked = {named_by(link, entry, by_url) for entry in work.entries for link in entry.links}
    found: dict[str, str] = {}
    for url in sorted(linked - {""}):
        entry = by_url[url]
        path = entry.url.partition("?")[0].strip("/")
        if entry.creates or "/" not in path:
            there = await _existing(work, entry)
            found[url] = f"{entry.type_name}/{there or work.service.context.new_id()}"
        elif url != f"{work.service.base}/{path}":
            found[url] = path
    return found


async def _existing(work: _Work, entry: Entry) -> str:
    """The id that a create or a conditional update will lead to, empty where it will be a new one.

    What is wrong with the entry is found when it is carried out.
    """
    store, name = work.service.context.store, entry.type_name
    if name not in RESOURCES:
        return ""
    condition = entry.headers.get("if-none-exist") or entry.url.partition("?")[2]
    try:
        if condition:
            asked = parse(name, condition_pairs(condition, name), base=work.service.base)
            query = await resolve_patients(store, viewer_of(work.caller), asked)
            rows = (await store.search(replace(query, count=2), viewer_of(work.caller))).rows
            return rows[0].id if len(rows) == 1 else ""
        number = _number(read(entry.body), name)
    except (SambandError, UnicodeError):
        return ""
    today = oslo_day(work.service.context.clock()).isoformat()
    return (await store.intake(work.caller.organisation, name, number, ("", ""), today)).resource


def _number(document: Document, type_name: str) -> tuple[str, str]:
    validate(document.value, type_name)
    return own_number(type_name, document.value)


def _has_any(changes: Changes) -> bool:
    return any(getattr(changes, one.name) for one in fields(Changes))
