"""A resource version → HTTP response: ETag, Last-Modified, Location (R4 3.1.0.5 and 3.1.0.8)."""

from email.utils import formatdate
from typing import Final

from starlette.responses import Response

from app.api.errors import FHIR_JSON

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


def not_modified(version: int, updated: int) -> Response:
    """304: the client has this version already."""
    return Response(b"", 304, version_headers(version, updated))


def fhir(body: bytes, status: int = 200) -> Response:
    """A resource that is not stored: a Bundle, Parameters, the CapabilityStatement."""
    return Response(body, status, media_type=FHIR_JSON)
