"""Every failure → OperationOutcome, the framework's own 404 and 405 too. Nothing that was sent comes back."""

from typing import Final

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.errors import InvalidContent, MethodNotAllowed, NotFound, SambandError, Unreadable
from app.fhir.outcome import language, outcome

FHIR_JSON: Final = "application/fhir+json; charset=utf-8"


def answer_to(failure: Exception, accept_language: str = "") -> Response:
    """The response for any exception; one that nobody expected is a bare 500."""
    error = _expected(failure)
    body = outcome(error, language(accept_language))
    headers = dict(error.headers)
    if error.status == 401:
        headers.setdefault("WWW-Authenticate", "Bearer")
    return Response(body, error.status, headers, media_type=FHIR_JSON)


async def on_failure(request: Request, failure: Exception) -> Response:
    """``answer_to`` as an exception handler."""
    return answer_to(failure, request.headers.get("accept-language", ""))


def _expected(failure: Exception) -> SambandError:
    if isinstance(failure, SambandError):
        return failure
    if isinstance(failure, HTTPException):
        return _of_framework(failure)
    if isinstance(failure, RequestValidationError):
        return InvalidContent("A parameter of the request is missing or not valid.")
    return SambandError()


def _of_framework(failure: HTTPException) -> SambandError:
    headers = dict(failure.headers or {})
    if failure.status_code == 404:
        return NotFound("There is nothing at this path.", code="unknown-path")
    if failure.status_code == 405:
        return MethodNotAllowed("This method is not offered at this path.", headers=headers)
    if failure.status_code < 500:
        return Unreadable("The request cannot be read.")
    return SambandError()
