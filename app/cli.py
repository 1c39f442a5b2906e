"""The commands: ``python -m app.cli serve | worker | demo | migrate | openapi | diagram``."""

import argparse
import asyncio
import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from pydantic_settings import SettingsError

from app.config import Database, IdentityMode, LogFormat, Settings
from app.logs import log_to_stderr

ARCHITECTURE: Final = Path(__file__).resolve().parents[1] / "docs" / "architecture.md"

Arguments = argparse.Namespace


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and answer its exit code; 2 when it could not be started."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given[:1] == ["demo"]:
        from app.sandbox.demo import main as demo

        return demo(given[1:])
    parsed = _parser().parse_args(given)
    os.umask(0o077)  # a SQLite database holds patients: what we make is for this user only
    command: Callable[[Arguments], int] = parsed.command
    try:
        return command(parsed)
    except ValidationError as wrong:
        for error in wrong.errors(include_input=False, include_url=False, include_context=False):
            where = ".".join(str(part) for part in error["loc"])
            print(f"Setting {where}: {error['msg']}" if where else f"Settings: {error['msg']}", file=sys.stderr)
        return 2
    except (CannotStart, SettingsError) as reason:
        print(reason, file=sys.stderr)
        return 2
    except Exception:  # the words of what nobody foresaw may hold a password: the log has the places
        log_to_stderr(as_json=False)
        logging.getLogger("samband").critical("This command failed.", exc_info=True)
        return 1


class CannotStart(Exception):
    """Something outside is not as a command needs it; the text says what, and what to do."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="samband", description="Care coordination over FHIR.")
    commands = parser.add_subparsers(required=True, metavar="command")
    serve = _command(commands, "serve", _serve, "the service")
    serve.add_argument("--sandbox", action="store_true", help="own token issuer, synthetic people, loopback only")
    serve.add_argument("--host", help="address to bind (127.0.0.1)")
    serve.add_argument("--port", type=int, help="port to bind (8400); 0 finds a free one")
    serve.add_argument("--no-worker", action="store_true", help="leave deliveries to `worker`")
    worker = _command(commands, "worker", _worker, "a delivery worker of its own, PostgreSQL only")
    migrate = _command(commands, "migrate", _migrate, "bring the database to the newest schema")
    for one in (serve, worker, migrate):
        one.add_argument("--database", metavar="URL", help="sqlite:///path or postgresql://…")
    migrate.add_argument("--grant-to", metavar="ROLE", help="a PostgreSQL role that the service then runs as")
    openapi = _command(commands, "openapi", _openapi, "write openapi/openapi.json")
    diagram = _command(commands, "diagram", _diagram, "print the state diagram")
    for one in (openapi, diagram):
        one.add_argument("--check", action="store_true", help="only say whether the committed one is current")
    commands.add_parser("demo", help="play the main job (demo --help)")
    return parser


def _command(commands: Any, name: str, run: Callable[[Arguments], int], summary: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=summary, description=summary)
    parser.set_defaults(command=run)
    return parser


def _settings(arguments: Arguments, **more: object) -> Settings:
    given: dict[str, Any] = dict(more)
    if arguments.database:
        given["database_url"] = arguments.database
    return Settings(**given)


def _serve(arguments: Arguments) -> int:
    chosen = {name: getattr(arguments, name) for name in ("host", "port")}
    chosen = {name: value for name, value in chosen.items() if value is not None}
    if arguments.sandbox:
        chosen |= {"sandbox": True, "identity_numbers": IdentityMode.TEST}
    settings = _settings(arguments, **chosen)  # before the imports that take a second: a wrong one is told at once
    from app.api.connections import allow_open_files, server_of
    from app.main import create_app
    from app.routing.faults import DirectoryFaults
    from app.store.schema import migrate

    log_to_stderr(as_json=settings.log is LogFormat.JSON)
    listener = _listen(settings)
    if "base_url" not in settings.model_fields_set:
        host, port = listener.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        settings = settings.model_copy(update={"port": port, "base_url": f"http://{shown}:{port}"})
    if settings.sandbox:
        migrate(settings.database_url.get_secret_value())
    else:
        _require_head(settings)
    try:
        app = create_app(settings, deliver=not arguments.no_worker)
    except DirectoryFaults as faults:
        raise CannotStart(f"{settings.directory}:\n{faults}") from None
    except (OSError, ValueError) as unreadable:
        raise CannotStart(f"A setting, or a file that one names, cannot be used: {unreadable}") from None
    allow_open_files(settings.connections)
    server = server_of(app, connections=settings.connections)
    # What is here now stays: the collector need not look through it again at every full round.
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    print(f"Samband: {settings.base_url}/fhir/v1{_documentation(settings)}", flush=True)
    server.run(sockets=[listener])
    return 0


def _documentation(settings: Settings) -> str:
    return f", documentation {settings.base_url}/docs" if settings.docs or settings.sandbox else ""


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(2048)  # whoever reads the address below may connect at once
    except OSError as taken:
        raise CannotStart(f"Cannot listen on {settings.host}:{settings.port}: {taken.strerror}.") from None
    return listener


def _worker(arguments: Arguments) -> int:
    settings = _settings(arguments)
    log_to_stderr(as_json=settings.log is LogFormat.JSON)
    if settings.database_url.get_secret_value().startswith("sqlite:"):
        raise CannotStart("A worker of its own needs PostgreSQL; with SQLite, `serve` delivers by itself.")
    from uuid import uuid4

    from app.casework.context import Context
    from app.clock import system_clock
    from app.main import load_directory
    from app.outbound import worker
    from app.store.opening import open_store

    _require_head(settings)

    async def deliver() -> None:
        stop = asyncio.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
        store = open_store(settings.database_url.get_secret_value(), settings.database_pool)
        try:
            context = Context(
                store=store,
                directory=load_directory(settings),
                clock=system_clock,
                new_id=lambda: str(uuid4()),
                settings=settings,
            )
            await worker.run(context, stop)
        finally:
            await store.close()

    asyncio.run(deliver())
    return 0


def _require_head(settings: Settings) -> None:
    from app.errors import Unavailable
    from app.store.opening import open_store
    from app.store.schema import is_all_powerful, is_at_head

    async def look() -> tuple[bool, bool]:
        store = open_store(settings.database_url.get_secret_value(), 1)
        try:
            return await store.run(is_at_head), await store.run(is_all_powerful)
        finally:
            await store.close()

    try:
        is_current, is_superuser = asyncio.run(look())
    except Unavailable:
        raise CannotStart("The database does not answer.") from None
    if not is_current:
        raise CannotStart(
            "The database does not have the schema of this release; run `python -m app.cli migrate` with the "
            "same settings first."
        )
    if is_superuser and not settings.sandbox:
        raise CannotStart(
            "The database role is a superuser, or may bypass row-level security: give the service a role of its own."
        )


def _migrate(arguments: Arguments) -> int:
    from app.store.schema import grant, migrate

    # Only the address matters here: a migration job needs no token issuer.
    given: dict[str, Any] = {"database_url": arguments.database} if arguments.database else {}
    url = Database(**given).database_url.get_secret_value()
    try:
        migrate(url)
    except OSError:
        raise CannotStart("The database does not answer.") from None
    print("The schema is current.")
    if arguments.grant_to:
        grant(url, arguments.grant_to)
        print(f"{arguments.grant_to} may do what the service does.")
    return 0


def _openapi(arguments: Arguments) -> int:
    from app.api.openapi import COMMITTED, rendered

    text = rendered(sandbox=True)
    if not arguments.check:
        COMMITTED.parent.mkdir(exist_ok=True)
        COMMITTED.write_text(text, encoding="utf-8")
        return 0
    return _compare(COMMITTED, COMMITTED.exists() and COMMITTED.read_text(encoding="utf-8") == text, "openapi")


def _diagram(arguments: Arguments) -> int:
    from app.coordination.diagram import mermaid

    text = mermaid()
    if not arguments.check:
        print(text)
        return 0
    current = ARCHITECTURE.exists() and text.strip() in ARCHITECTURE.read_text(encoding="utf-8")
    return _compare(ARCHITECTURE, current, "diagram")


def _compare(path: Path, current: object, command: str) -> int:
    if current:
        return 0
    print(f"{path.name} is not current; run `python -m app.cli {command}`.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
