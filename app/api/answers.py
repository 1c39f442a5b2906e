"""A resource version → HTTP response: ETag, Last-Modified, Location (R4 3.1.0.5 and 3.1.0.8)."""

from email.utils import formatdate
from functools import lru_cache
from typing import Final

from starlette.responses import Response

from app.api.errors import FHIR_JSON
from app.casework.context import Result
from app.fhir.outcome import information

BASE: Final = "/fhir/v1"


class VersionResponse(Response):
    """An answer about one version of a resource: its HTTP headers know whole seconds, a Bundle's entry tells all."""

    def __init__(self, body: bytes, status: int, version: int, updated: int, more: dict[str, str]) -> None:
        headers = {"etag": etag(version), "last-modified": _http_date(updated // 1000)}
        super().__init__(body, status, headers | more, media_type=FHIR_JSON if body else None)
        self.updated: Final = updated
        """In milliseconds UTC."""


def _http_date(second: int) -> str:
    days, rest = divmod(second, 86_400)
    return f"{_http_day(days)} {rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02} GMT"


@lru_cache(maxsize=64)
def _http_day(days: int) -> str:
    return formatdate(days * 86_400, usegmt=True).rpartition(" 00:")[0]


def etag(version: int) -> str:
    """The weak validator of a version."""
    return f'W/"{version}"'


def of_version(version: int, updated: int, body: bytes, *, status: int = 200, location: str = "") -> Response:
    """One resource version as it is stored."""
    return VersionResponse(body, status, version, updated, {"location": location} if location else {})


def written(result: Result, location: str, returns: str, language: str, *, readable: bool) -> Response:
    """A write as ``Prefer: return=`` wants it told; the representation where it does not say.

    Where the token may not read the type, nothing that it did not send is shown: no representation then.
    """
    more = {"location": location} if location else {}
    if returns == "representation" and not readable:
        returns = ""
    if returns:
        more["preference-applied"] = f"return={returns}"
    body = b"" if returns == "minimal" or not readable else result.body
    if returns == "OperationOutcome":
        text = "Opprettet." if result.status == 201 else "Lagret."
        body = information(text if language == "nb" else _SAID[text], language)
    return VersionResponse(body, result.status, result.version, result.updated, more)


_SAID: Final = {"Opprettet.": "Created.", "Lagret.": "Stored."}


def not_modified(version: int, updated: int) -> Response:
    """304: the client has this version already."""
    return VersionResponse(b"", 304, version, updated, {})


def fhir(body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A resource that is not stored: a Bundle, Parameters, the CapabilityStatement."""
    return Response(body, status, headers, media_type=FHIR_JSON)
