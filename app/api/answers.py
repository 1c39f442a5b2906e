"""A resource version → HTTP response: ETag, Last-Modified, Location (R4 3.1.0.5 and 3.1.0.8)."""

from email.utils import formatdate
from typing import Final

from starlette.responses import Response

from app.api.errors import FHIR_JSON
from app.casework.context import Result
from app.fhir.outcome import information

BASE: Final = "/fhir/v1"


def etag(version: int) -> str:
    """The weak validator of a version."""
    return f'W/"{version}"'


def version_headers(version: int, updated: int) -> dict[str, str]:
    """ETag and Last-Modified; ``updated`` in milliseconds UTC."""
    return {"etag": etag(version), "last-modified": formatdate(updated // 1000, usegmt=True)}


def of_version(version: int, updated: int, body: bytes, *, status: int = 200, location: str = "") -> Response:
    """One resource version as it is stored."""
    headers = version_headers(version, updated)
    if location:
        headers["location"] = location
    return Response(body, status, headers, media_type=FHIR_JSON)


def written(result: Result, location: str, returns: str, language: str) -> Response:
    """A write as ``Prefer: return=`` wants it told; the representation where it does not say."""
    headers = version_headers(result.version, result.updated)
    if location:
        headers["location"] = location
    if returns:
        headers["preference-applied"] = f"return={returns}"
    if returns == "minimal":
        return Response(b"", result.status, headers)
    body = result.body
    if returns == "OperationOutcome":
        text = "Opprettet." if result.status == 201 else "Lagret."
        body = information(text if language == "nb" else _SAID[text], language)
    return Response(body, result.status, headers, media_type=FHIR_JSON)


_SAID: Final = {"Opprettet.": "Created.", "Lagret.": "Stored."}


def not_modified(version: int, updated: int) -> Response:
    """304: the client has this version already."""
    return Response(b"", 304, version_headers(version, updated))


def fhir(body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A resource that is not stored: a Bundle, Parameters, the CapabilityStatement."""
    return Response(body, status, headers, media_type=FHIR_JSON)
