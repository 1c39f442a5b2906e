"""The stand-in EHR: ``python -m app.sandbox.ehr --port 8081 --database ehr.sqlite --token ehr-secret``.

FHIR R4 under ``/fhir``: ``metadata``; CareTeam create (``If-None-Exist``), read, history, vread, update with
``If-Match``, and search by ``identifier``, ``status`` and (POST only) ``patient:identifier``. Beside it, for
the story and the tests: ``GET|PUT /_control`` (:mod:`app.sandbox.control`) and ``GET /_stored``.
"""

import argparse
import hmac
import re
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl

from app.sandbox.control import Control, Mode
from app.sandbox.ehr_records import ManyMatch, Outdated, Records, Wanted
from app.sandbox.ehr_rules import faults
from app.sandbox.listener import DROPPED, Answer, Listener, Request, run

_MEDIA_TYPE: Final = "application/fhir+json"
_JSON: Final = (_MEDIA_TYPE, "application/json")
# A participant is searched by a UUID: one in two hundred holds eleven digits in a row.
_NATIONAL_NUMBER: Final = re.compile(r"(?<![0-9A-Za-z-])\d{11}(?![0-9A-Za-z-])", re.ASCII)


class Ehr:
    """One EHR with its records and its present mood."""

    def __init__(self, records: Records, token: str, base: str) -> None:
        self._records = records
        self._base = base
        self._authorization = f"Bearer {token}".encode()
        self._control = Control()

    def answer(self, request: Request) -> Answer:
        """The answer to any request, in the present mode."""
        match request.parts:
            case ("_control",):
                return self._control.answer(request)
            case ("_stored",):
                return Answer(200, self._stored())
            case ("fhir", *rest):
                return self._fhir(request, tuple(rest))
        return _outcome(404, "not-found", "FHIR is under /fhir; there are also /_control and /_stored")

    def _fhir(self, request: Request, path: tuple[str, ...]) -> Answer:
        write = request.method == "PUT" or (request.method == "POST" and path[-1:] != ("_search",))
        mode = self._control.take(request, write=write)
        if mode is Mode.DOWN:
            return _outcome(503, "transient", "The EHR is down.")
        if path == ("metadata",) and request.method == "GET":
            return _fhir(200, _capability_statement())
        if not hmac.compare_digest(request.headers.get("authorization", "").encode(), self._authorization):
            return _outcome(401, "login", "A valid bearer token is required.")
        if mode is Mode.REFUSING:
            return _outcome(422, "business-rule", "The patient's record is closed for changes.")
        answer = self._dispatch(request, path, forget=mode is Mode.FORGETFUL)
        self._control.linger(mode)
        return DROPPED if mode is Mode.LOST_ANSWER else answer

    def _dispatch(self, request: Request, path: tuple[str, ...], *, forget: bool) -> Answer:
        match (request.method, *path):
            case ("POST", "CareTeam"):
                return self._create(request, forget=forget)
            case ("GET", "CareTeam"):
                return self._search(request.query, in_url=True)
            case ("POST", "CareTeam", "_search"):
                return self._search(request.body.decode(errors="replace"), in_url=False)
            case ("GET", "CareTeam", key, *rest):
                return self._read(key, rest)
            case ("PUT", "CareTeam", key):
                return self._update(request, key, forget=forget)
        known = path[:1] == ("CareTeam",)
        return _outcome(405 if known else 404, "not-supported", "Only CareTeam; nothing is deleted or patched.")

    def _read(self, key: str, rest: list[str]) -> Answer:
        versions = self._records.versions(key)
        match rest:
            case []:
                return _found(next(iter(versions), None))
            case ["_history"] if versions:
                return self._bundle("history", versions)
            case ["_history", version]:
                return _found(next((one for one in versions if one["meta"]["versionId"] == version), None))
        return _found(None)

    def _create(self, request: Request, *, forget: bool) -> Answer:
        sent = _care_team(request)
        if isinstance(sent, Answer):
            return sent
        match = None
        if condition := request.headers.get("if-none-exist"):
            match = _wanted(condition).identifier
            if match is None or _wanted(condition) != Wanted(identifier=match):
                return _outcome(400, "invalid", "If-None-Exist must be identifier=system|value.")
        try:
            kept, new = self._records.create(sent, match, forget=forget)
        except ManyMatch:
            return _outcome(412, "multiple-matches", "More than one CareTeam has that identifier.")
        self._count("created" if new else "matched", forget=forget)
        return self._written(201 if new else 200, kept)

    def _update(self, request: Request, key: str, *, forget: bool) -> Answer:
        sent = _care_team(request)
        if isinstance(sent, Answer):
            return sent
        if "if-match" not in request.headers:
            return _outcome(428, "required", 'An update needs If-Match: W/"<version>".')
        named = re.fullmatch(r'(?:W/)?"(\d{1,9})"', request.headers["if-match"].strip(), re.ASCII)
        if sent.get("id") != key:
            return _outcome(400, "invalid", "CareTeam.id must be the id in the URL.")
        try:
            kept = self._records.update(key, sent, int(named[1]) if named else 0, forget=forget)
        except Outdated:
            return _outcome(412, "conflict", "There is a newer version; read it first.")
        if kept is None:
            return _found(None)
        self._count("updated", forget=forget)
        return self._written(200, kept)

    def _search(self, form: str, *, in_url: bool) -> Answer:
        if in_url and any(_NATIONAL_NUMBER.search(value) for _, value in parse_qsl(form)):
            return _outcome(400, "security", "No national identity number in a URL: POST CareTeam/_search.")
        names = {name for name, _ in parse_qsl(form)}
        if not names or names - {"identifier", "status", "patient:identifier"}:
            return _outcome(400, "not-supported", "Search by identifier, status or patient:identifier.")
        return self._bundle("searchset", self._records.search(_wanted(form)))

    def _stored(self) -> dict[str, Any]:
        current = self._records.search(Wanted())
        return {"total": len(current), "careTeams": current}

    def _count(self, what: str, *, forget: bool) -> None:
        self._control.count(f"{what}-and-forgotten" if forget else what)

    def _written(self, status: int, care_team: dict[str, Any]) -> Answer:
        version = care_team["meta"]["versionId"]
        location = f"{self._base}/CareTeam/{care_team['id']}/_history/{version}"
        return _fhir(status, care_team, {"ETag": f'W/"{version}"', "Location": location})

    def _bundle(self, kind: str, care_teams: list[dict[str, Any]]) -> Answer:
        entries = [
            {"fullUrl": f"{self._base}/CareTeam/{one['id']}", "resource": one, **_circumstance(kind, one)}
            for one in care_teams
        ]
        bundle = {"resourceType": "Bundle", "type": kind, "total": len(entries)}
        return _fhir(200, {**bundle, "entry": entries} if entries else bundle)


def _care_team(request: Request) -> dict[str, Any] | Answer:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in _JSON:
        return _outcome(415, "not-supported", f"Content-Type must be {_MEDIA_TYPE}.")
    try:
        sent = request.json()
    except ValueError as error:
        return _outcome(400, "structure", f"Not readable: {error}.")
    found = faults(sent)
    if not found:
        return sent
    issues = [
        {"severity": "error", "code": "invalid", "expression": [path], "diagnostics": f"Must be {rule}."}
        for path, rule in found
    ]
    return _fhir(422, {"resourceType": "OperationOutcome", "issue": issues})


def _wanted(form: str) -> Wanted:
    given = dict(parse_qsl(form))
    return Wanted(
        identifier=_token(given["identifier"]) if "identifier" in given else None,
        subject=_token(given.get("patient:identifier", ""))[1],
        status=given.get("status", ""),
    )


def _token(value: str) -> tuple[str | None, str]:
    system, bar, code = value.rpartition("|")
    return (system if bar else None), code


def _fhir(status: int, body: Any, headers: dict[str, str] | None = None) -> Answer:
    return Answer(status, body, headers or {}, _MEDIA_TYPE)


def _found(care_team: dict[str, Any] | None) -> Answer:
    if care_team is None:
        return _outcome(404, "not-found", "No such CareTeam.")
    return _fhir(200, care_team, {"ETag": f'W/"{care_team["meta"]["versionId"]}"'})


def _outcome(status: int, code: str, text: str) -> Answer:
    issue = {"severity": "error", "code": code, "diagnostics": text}
    return _fhir(status, {"resourceType": "OperationOutcome", "issue": [issue]})


def _circumstance(kind: str, care_team: dict[str, Any]) -> dict[str, Any]:
    """R4 bdl-2 to bdl-4: a history's entry has request and response, a search result's has ``search``."""
    if kind == "searchset":
        return {"search": {"mode": "match"}}
    version = care_team["meta"]["versionId"]
    created = version == "1"
    url = "CareTeam" if created else f"CareTeam/{care_team['id']}"
    return {
        "request": {"method": "POST" if created else "PUT", "url": url},
        "response": {"status": "201" if created else "200", "etag": f'W/"{version}"'},
    }


def _capability_statement() -> dict[str, Any]:
    codes = ("create", "read", "vread", "update", "history-instance", "search-type")
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-11-21",
        "kind": "instance",
        "fhirVersion": "4.0.1",
        "format": [_MEDIA_TYPE],
        "software": {"name": "Stand-in EHR of the Samband sandbox"},
        "implementation": {"description": "A stand-in EHR for tests and demonstrations. No real patients."},
        "rest": [
            {
                "mode": "server",
                "resource": [
                    {
                        "type": "CareTeam",
                        "interaction": [{"code": code} for code in codes],
                        "versioning": "versioned-update",
                        "conditionalCreate": True,
                        "updateCreate": False,
                        "searchParam": [
                            {"name": "identifier", "type": "token"},
                            {"name": "status", "type": "token"},
                            {"name": "patient", "type": "reference"},
                        ],
                    }
                ],
            }
        ],
    }


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m app.sandbox.ehr", description="The stand-in EHR.")
    parser.add_argument("--port", type=int, required=True, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--database", type=Path, required=True, help="its own SQLite file")
    parser.add_argument("--token", default="ehr-secret", help="the bearer token that it accepts")
    arguments = parser.parse_args()
    listener = Listener(arguments.port)
    ehr = Ehr(Records(arguments.database), arguments.token, f"{listener.origin}/fhir")
    run(listener, ehr.answer, "Stand-in EHR")


if __name__ == "__main__":
    main()
