"""A request on its way in: who calls, which type and interaction, which parameters."""

from dataclasses import dataclass, field, replace
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.requests import Request

from app.api.limits import Limits
from app.api.negotiate import READ_TYPES, Pairs, Preferences, pairs, preferences, require_json, require_type
from app.casework.context import Context
from app.errors import Forbidden, NotFound, Unauthenticated, Unreadable
from app.fhir.document import Document, read
from app.fhir.identifiers import Mode, validate_identifiers
from app.fhir.outcome import language
from app.fhir.resources import RESOURCES, ResourceType
from app.fhir.search import Query
from app.fhir.validation import validate
from app.security.access import Access
from app.security.caller import Caller, Role
from app.security.scopes import is_granted, require
from app.store.changes import Look
from app.store.looks import look_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What every route may use; made once, when the application starts."""

    context: Context
    access: Access
    """How callers of the FHIR base are known."""
    operator_access: Access
    """How those of ``/operator`` and ``/reports`` are."""
    base: str
    """Absolute address of the FHIR base, without a slash at its end."""
    capability: bytes
    """The CapabilityStatement."""
    limits: Limits
    """What each caller may ask in a time."""
    cursor_key: bytes
    """Seals the cursors of paging links."""


@dataclass(slots=True)
class Attempt:
    """What is known of a request so far: should it be refused, the audit row of the refusal is made from this."""

    interaction: str
    caller: Caller | None = None
    content: dict[str, Any] | None = None
    """The body, once it could be read."""
    condition: Query | None = None
    """Of a conditional write."""
    touched: set[str] = field(default_factory=set)
    """Internal keys of the patients of whom something was read for a page that may still be refused."""
    is_recorded: bool = False
    """Whether the rows of its refusal are written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """An authenticated request to a type that we serve."""

    service: Service
    request: Request
    caller: Caller
    resource: ResourceType
    query: Pairs

    @property
    def headers(self) -> Headers:
        """Request headers."""
        return self.request.headers

    @property
    def preferences(self) -> Preferences:
        """What the client prefers."""
        return preferences(self.headers)

    @property
    def language(self) -> str:
        """``nb`` or ``en``, for texts to people."""
        return language(self.headers.get("accept-language"))

    @property
    def context(self) -> Context:
        """What casework needs."""
        return self.service.context

    @property
    def id(self) -> str:
        """The logical id in the path, or empty."""
        return str(self.request.path_params.get("id", ""))

    @property
    def attempt(self) -> Attempt:
        """What is known of the request so far."""
        return attempt_of(self.request)

    @property
    def look(self) -> Look:
        """Who reads, for the audit rows of a read."""
        return look_of(self.caller, self.context.clock(), self.attempt.interaction)

    def url(self, resource_id: str, version: int) -> str:
        """The absolute address of a version, for Location."""
        return f"{self.service.base}/{self.resource.name}/{resource_id}/_history/{version}"

    @property
    def may_read(self) -> bool:
        """Whether the token's scopes let it read this type."""
        return is_granted(self.caller, self.resource.name, "r")

    def require_scope(self, letters: str) -> None:
        """Check the token's scopes on this type. Raises Forbidden."""
        require(self.caller, self.resource.name, letters)

    def require_writer(self) -> None:
        """Check that the caller's role may write this type. Raises Forbidden."""
        if self.caller.role not in self.resource.writers:
            raise Forbidden(
                f"This role does not write {self.resource.name}.",
                code="role-not-allowed",
                allowed=tuple(sorted(self.resource.writers)),
            )

    async def body(self, allowed: tuple[str, ...]) -> bytes:
        """The request's body, after its content type. Raises UnsupportedMediaType, TooLarge."""
        require_type(self.headers, allowed)
        return await self.request.body()

    async def document(self, allowed: tuple[str, ...]) -> Document:
        """The body as a valid resource of this type.

        :raises Unreadable: broken JSON, or wrong-resource-type
        :raises InvalidContent: against R4's tables, or an identifier that cannot be
        """
        document = read(await self.body(allowed))
        self.attempt.content = document.value
        require_resource_type(document, self.resource.name)
        validate(document.value, self.resource.name)
        validate_identifiers(document.value, Mode(self.context.settings.identity_numbers))
        return document

    async def parameters(self) -> dict[str, Any]:
        """The Parameters resource of an operation; no body is the same as no parameter.

        :raises Unreadable: broken JSON, or wrong-resource-type
        :raises InvalidContent: against R4's tables
        """
        body = await self.request.body()
        if not body:
            return _NO_PARAMETERS
        require_type(self.headers, READ_TYPES)
        document = read(body)
        self.attempt.content = document.value
        require_resource_type(document, "Parameters")
        validate(document.value, "Parameters")
        return document.value


_NO_PARAMETERS: Final[dict[str, Any]] = {"resourceType": "Parameters"}


def require_resource_type(document: Document, name: str) -> None:
    """The type in the body is the type that this path takes. Raises Unreadable."""
    if document.value.get("resourceType") != name:
        raise Unreadable(
            "The body's resourceType is not the one that this path takes.",
            code="wrong-resource-type",
            expression="resourceType",
            allowed=(name,),
        )


async def open_call(service: Service, request: Request) -> Call:
    """Authenticate, find the type, and check that we can answer in a wanted format.

    :raises Unauthenticated: no valid token
    :raises NotFound: unknown-type
    :raises NotAcceptable: only JSON is spoken
    """
    caller = await authenticate(service, request)
    resource = RESOURCES.get(request.path_params["type"])
    if resource is None:
        raise NotFound("This resource type is not served.", code="unknown-type", allowed=tuple(RESOURCES))
    query = require_json(request.headers, pairs(request.scope["query_string"], "URL"))
    return Call(service=service, request=request, caller=caller, resource=resource, query=query)


def attempt_of(request: Request) -> Attempt:
    """What is known of a request so far."""
    found: Attempt = request.scope["attempt"]
    return found


def _in_this(request: Request, caller: Caller) -> Caller:
    """The caller in this request; from now on its refusal has an audit row."""
    attempt = attempt_of(request)
    attempt.caller = replace(caller, request=request.scope["request_id"])
    return attempt.caller


async def authenticate(service: Service, request: Request) -> Caller:
    """The caller of a request to the FHIR base; an entry of a Bundle is the Bundle's caller's.

    :raises Unauthenticated: no valid token, or no proof
    :raises Forbidden: client-unknown, caller-unit-unknown
    :raises TooManyRequests: more than its rate
    :raises Unavailable: issuer-unavailable
    """
    known: Caller | None = request.scope["state"].get("caller")
    return _in_this(request, known or await _admitted(service, service.access, request))


async def authenticate_role(service: Service, request: Request, roles: frozenset[Role]) -> Caller:
    """The caller of a request to an operator's endpoints; one of the roles.

    :raises Forbidden: role-not-allowed
    """
    caller = _in_this(request, await _admitted(service, service.operator_access, request))
    if caller.role not in roles:
        raise Forbidden("This is not for your role.", code="role-not-allowed", allowed=tuple(sorted(roles)))
    return caller


async def _admitted(service: Service, access: Access, request: Request) -> Caller:
    """The caller, within its rate. Raises TooManyRequests, and what Access raises."""
    try:
        caller = await access.caller(request.headers, request.method, request.scope["path"])
    except Unauthenticated as refusal:
        if refusal.error != "proof-nonce":  # the token and its key hold: that is how a client gets its nonce
            service.limits.refused(request)
        raise
    request.scope["caller"] = caller  # for the log
    service.limits.admit(caller)
    return caller
