"""The wiring: settings → store, directory, keys, routes, worker. Nothing else puts parts together."""

import asyncio
import json
import logging
import tomllib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from secrets import token_bytes
from typing import Any
from uuid import uuid4

import httpx
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Route
from starlette.types import ASGIApp

from app.api.answers import BASE
from app.api.call import Service
from app.api.capability import capability_statement
from app.api.dispatch import Dispatch
from app.api.docs import docs_routes
from app.api.errors import on_failure
from app.api.guard import Guard
from app.api.limits import Limits
from app.api.routes import routes
from app.api.smart import security
from app.casework.context import Context
from app.clock import Clock, system_clock
from app.config import Scheme, Settings
from app.errors import SambandError
from app.fhir.resources import RESOURCES
from app.outbound import worker
from app.routing.directory import Directory, read_directory
from app.sandbox.issuer import AUDIENCE, ISSUER, Issuer, issuer_router
from app.security.access import Access
from app.security.callers import caller_of
from app.security.dpop import Nonces, Proofs
from app.security.jwks import from_file, from_issuer
from app.security.keys import Fetch, Keys, public_keys
from app.security.outgoing import outgoing_client
from app.security.presets import Profile, profile_of
from app.security.tokens import Tokens
from app.store import proofs
from app.store.interface import Store
from app.store.opening import open_store

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[dict[str, Service]]]


def create_app(
    settings: Settings,
    *,
    store: Store | None = None,
    clock: Clock = system_clock,
    new_id: Callable[[], str] = lambda: str(uuid4()),
    deliver: bool = True,
) -> FastAPI:
    """The HTTP service.

    A given ``store`` stays open afterwards; without one the settings' database is opened and closed with the
    application. ``deliver`` False leaves the outbox to another process.

    :raises DirectoryFaults: the directory file does not hold
    :raises ValueError: a setting about tokens, or the file of the issuer's keys, does not
    :raises OSError: a file cannot be read
    """
    directory = load_directory(settings)
    issuer = Issuer(clock) if settings.sandbox else None
    profile = profile_of(settings)
    if settings.token_jwks_file is not None:
        public_keys(json.loads(settings.token_jwks_file.read_text(encoding="utf-8")))  # a wrong file stops the start

    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Service]]:
        opened = store or open_store(settings.database_url.get_secret_value(), settings.database_pool)
        context = Context(store=opened, directory=directory, clock=clock, new_id=new_id, settings=settings)
        try:
            async with issuer_keys(settings, issuer, clock) as keys, delivering(context, deliver=deliver):
                yield {"service": _service(context, profile, keys)}
        finally:
            if store is None:
                await opened.close()

    return _application(settings, issuer, asynccontextmanager(lifespan))


def load_directory(settings: Settings) -> Directory:
    """Trusts, units, municipalities and practitioners from the settings' file.

    :raises DirectoryFaults: with all problems at once
    """
    return read_directory(tomllib.loads(settings.directory.read_text(encoding="utf-8")))


@asynccontextmanager
async def delivering(context: Context, *, deliver: bool) -> AsyncIterator[None]:
    """Run the delivery worker beside whatever is inside; it finishes what it sends before this ends.

    Without one this process still forgets the proofs that it was shown.
    """
    stop = asyncio.Event()
    work = worker.run(context, stop) if deliver else proofs.forget(context.store, context.clock, stop)
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        stop.set()
        with suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def issuer_keys(settings: Settings, issuer: Issuer | None, clock: Clock) -> AsyncIterator[Keys]:
    """The token issuer's keys; the first fetch is under way, and the service starts without waiting for it."""
    origins = {one for one in (settings.token_issuer, settings.token_jwks_uri) if one}
    async with outgoing_client(settings, origins) as client:
        keys = Keys(
            _source(settings, issuer, client),
            clock,
            refresh=settings.token_jwks_refresh,
            keep=settings.token_jwks_keep,
        )
        keys.tend()
        try:
            yield keys
        finally:
            await keys.close()


def _source(settings: Settings, issuer: Issuer | None, client: httpx.AsyncClient) -> Fetch:
    if issuer is not None:
        return issuer.published
    if settings.token_jwks_file is not None:
        return from_file(settings.token_jwks_file)
    return from_issuer(client, settings.token_issuer, settings.token_jwks_uri)


def _service(context: Context, profile: Profile, keys: Keys) -> Service:
    settings = context.settings
    origin = settings.base_url.rstrip("/")
    cursor_key = _cursor_key(settings)
    tokens = Tokens(
        keys,
        profile,
        lambda claims: caller_of(claims, profile, context.directory),
        issuer=ISSUER if settings.sandbox else settings.token_issuer,
        audience=AUDIENCE if settings.sandbox else settings.token_audience,
        skew=settings.token_skew,
        clock=context.clock,
    )
    checked = Proofs(
        context.store.spend,
        context.clock,
        address=origin,
        lifetime=settings.dpop_lifetime,
        skew=settings.token_skew,
        nonces=Nonces(cursor_key, context.clock) if settings.dpop_nonce else None,
    )
    access = Access(tokens, checked if profile.fhir is Scheme.DPOP else None)
    return Service(
        context=context,
        access=access,
        operator_access=Access(tokens, checked if profile.operator is Scheme.DPOP else None),
        base=f"{origin}{BASE}",
        capability=capability_statement(RESOURCES, origin, security(access.scheme, settings.token_endpoint)),
        limits=Limits(settings),
        cursor_key=cursor_key,
    )


def _cursor_key(settings: Settings) -> bytes:
    # One process alone may make its own; with several, a next link would only work where it was made.
    return settings.cursor_key.get_secret_value().encode() or token_bytes(32)


class _Guarded(FastAPI):
    """The framework behind our own two doors: its stack is for what none of our routes answers."""

    def __init__(self, settings: Settings, ours: Sequence[Route], **framework: Any) -> None:
        super().__init__(**framework)
        self._https = settings.base_url.startswith("https:")
        self._max_body = settings.max_body
        self._ours = ours
        self.router.routes.extend(ours)

    def build_middleware_stack(self) -> ASGIApp:
        """The guard is outermost: no failure passes it, so nothing stands around it."""
        inner = Dispatch(super().build_middleware_stack(), self._ours)
        return Guard(inner, max_body=self._max_body, https=self._https)


def _application(settings: Settings, issuer: Issuer | None, lifespan: Lifespan) -> FastAPI:
    app = _Guarded(
        settings,
        tuple(routes()),
        title="Samband",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # Looked up anew at every request, for providers that are not there.
        telemetry={"tracing": False, "metrics": False, "logs": False},
        lifespan=lifespan,
    )
    if settings.docs or settings.sandbox:
        app.router.routes.extend(docs_routes(sandbox=settings.sandbox))
    if issuer is not None:
        app.include_router(issuer_router(issuer))
    for failure in (SambandError, HTTPException, RequestValidationError):
        app.add_exception_handler(failure, on_failure)
    # It would write paths and queries, to any handler that somebody gives it.
    logging.getLogger("uvicorn.access").disabled = True
    return app
