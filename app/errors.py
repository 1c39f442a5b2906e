"""Expected failures: a class each, with its HTTP status, FHIR issue code and a stable error code.

``SambandError``
    ``Unreadable`` 400 · ``InvalidContent`` 422 · ``Unauthenticated`` 401 · ``Forbidden`` 403 · ``NotFound`` 404
    ``MethodNotAllowed`` 405 · ``NotAcceptable`` 406 · ``Refused`` 409 · ``Stale`` 412 · ``TooLarge`` 413
    ``UriTooLong`` 414 · ``UnsupportedMediaType`` 415 · ``PreconditionMissing`` 428 · ``TooManyRequests`` 429
    ``RequestTimeout`` 408 · ``HeadersTooLarge`` 431 · ``Unavailable`` 503

Status: 400 cannot be read, 422 is not valid, 409 the case says no, 412 stale, 428 precondition missing,
502/503 somebody else. A diagnostic names the element (else the position, limit or header) and the allowed
values and never repeats what was sent: that may hold a patient. ``error_texts.toml`` has what each code says to people.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Final, NamedTuple

CANONICAL: Final = "https://samband.example/fhir"
"""The one base of every canonical URL of ours."""
_TABLE: Final = Path(__file__).with_name("error_texts.toml")


class Texts(NamedTuple):
    """What a code says to people: English and bokmål."""

    en: str
    nb: str


TEXTS: Final[Mapping[str, Texts]] = {
    code: Texts(**row) for code, row in tomllib.loads(_TABLE.read_text(encoding="utf-8")).items()
}
"""Error code → its texts; a test proves that every code of the source is here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One entry of an OperationOutcome (R4 2.28)."""

    code: str
    """Stable error code in kebab-case, of ``{canonical}/CodeSystem/error``."""
    diagnostics: str
    """English, for the engineer: the element, limit or header, and the rule. Never the input."""
    type: str = "invalid"
    """FHIR issue-type code."""
    severity: str = "error"
    expression: str = ""
    """FHIRPath of the element, e.g. ``Task.input[0].type``."""
    allowed: tuple[str, ...] = ()


class SambandError(Exception):
    """The base: something that a caller did or met, and what it can do about it."""

    status: ClassVar[int] = 500
    type: ClassVar[str] = "exception"
    code: ClassVar[str] = "internal-error"

    def __init__(
        self,
        diagnostics: str = "",
        *,
        code: str = "",
        expression: str = "",
        allowed: tuple[str, ...] = (),
        headers: dict[str, str] | None = None,
        issues: tuple[Issue, ...] = (),
    ) -> None:
        self.error = code or self.code
        self.headers = headers or {}
        self.issues = issues or (
            Issue(
                code=self.error,
                type=self.type,
                diagnostics=diagnostics or TEXTS[self.error].en,
                expression=expression,
                allowed=allowed,
            ),
        )
        super().__init__(self.error)


class Unreadable(SambandError):
    """400: the bytes, a parameter or a header cannot be read."""

    status, type, code = 400, "structure", "unreadable"


class InvalidContent(SambandError):
    """422: readable, but not valid by R4, our profiles or the directory."""

    status, type, code = 422, "invalid", "invalid-content"


class Unauthenticated(SambandError):
    """401: no access token, or one that does not hold."""

    status, type, code = 401, "login", "unauthenticated"


class Forbidden(SambandError):
    """403: known caller, but this is not for its role or scopes."""

    status, type, code = 403, "forbidden", "forbidden"


class NotFound(SambandError):
    """404: does not exist, or not for this caller: the answer is the same."""

    status, type, code = 404, "not-found", "not-found"


class MethodNotAllowed(SambandError):
    """405: the path exists, this interaction is not offered there."""

    status, type, code = 405, "not-supported", "method-not-allowed"


class NotAcceptable(SambandError):
    """406: we speak ``application/fhir+json`` only."""

    status, type, code = 406, "not-supported", "not-acceptable"


class RequestTimeout(SambandError):
    """408: the request did not arrive in time."""

    status, type, code = 408, "timeout", "request-timeout"


class Refused(SambandError):
    """409: the case, as it stands, says no."""

    status, type, code = 409, "business-rule", "refused"


class Stale(SambandError):
    """412: the resource has a newer version than the one that the caller read."""

    status, type, code = 412, "conflict", "stale-version"


class TooLarge(SambandError):
    """413: the body passes the size limit."""

    status, type, code = 413, "too-long", "too-large"


class UriTooLong(SambandError):
    """414: the URL passes the size limit."""

    status, type, code = 414, "too-long", "uri-too-long"


class UnsupportedMediaType(SambandError):
    """415: the body's content type is not one that we read."""

    status, type, code = 415, "not-supported", "unsupported-media-type"


class PreconditionMissing(SambandError):
    """428: an update needs If-Match, or the meta.versionId that was read."""

    status, type, code = 428, "required", "precondition-missing"


class TooManyRequests(SambandError):
    """429: more requests than this caller may send in this time; Retry-After says when to come back."""

    status, type, code = 429, "throttled", "too-many-requests"


class HeadersTooLarge(SambandError):
    """431: too many headers, or too long ones."""

    status, type, code = 431, "too-long", "headers-too-large"


class Unavailable(SambandError):
    """503: the database or a neighbour does not answer; try again later."""

    status, type, code = 503, "transient", "unavailable"


@dataclass(slots=True)
class Problems:
    """Collects issues so that a caller gets all of them at once, up to a limit."""

    limit: int = 50
    found: list[Issue] = field(default_factory=list)

    def add(self, code: str, expression: str, diagnostics: str, allowed: tuple[str, ...] = ()) -> None:
        """One more problem with the content; beyond the limit only the count would grow, so it is dropped."""
        if len(self.found) < self.limit:
            self.found.append(Issue(code=code, diagnostics=diagnostics, expression=expression, allowed=allowed))

    def raise_if_any(self) -> None:
        """Raise InvalidContent with everything found."""
        if self.found:
            raise InvalidContent(issues=tuple(self.found))
