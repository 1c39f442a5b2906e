"""A real PostgreSQL for tests and benchmark: started on loopback, stopped and removed afterwards.

``SAMBAND_TEST_POSTGRES_URL`` names a running server instead (its user must be allowed to create databases).
PostgreSQL refuses to run as root, so root starts it as ``nobody``; the data lies in a temporary folder that
only that user can enter, which also holds a copy of the binaries if ``nobody`` cannot reach them.
"""

import asyncio
import contextlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from app.store.schema import grant
from tests.ports import free_port
from tests.postgres_binaries import OLDEST, Binaries, NoPostgres, find_binaries

URL = "SAMBAND_TEST_POSTGRES_URL"
PREFIX = "samband-pg-"
PROC = Path("/proc")
START_SECONDS = 60
LOGS: dict[str, Path] = {}
"""URL → log, of the servers that this process has started."""
STOP_SECONDS = 15
SWEEP_UNOWNED_AFTER = 600


@contextlib.contextmanager
def postgres_server(settings: dict[str, str] | None = None) -> Iterator[str]:
    """A server for the time of the context: its URL, ``postgresql://user:password@127.0.0.1:port/postgres``.

    ``settings`` are configuration parameters of a server that is started here. SIGTERM ends the context as
    Ctrl-C does. Raises NoPostgres when there is nothing to start, or when it does not start.
    """
    given = os.environ.get(URL)
    if given:
        _require_version(given)
        yield given
        return
    sweep()
    with _sigterm_as_interrupt(), contextlib.ExitStack() as stack:
        server = _Server(find_binaries(), settings or {})
        stack.callback(server.remove)
        server.initialise()
        server.start()
        LOGS[server.url] = server.home / "log"
        yield server.url


def describe() -> str:
    """Which PostgreSQL a run uses, without starting it: ``PostgreSQL 17.10 from …``."""
    given = os.environ.get(URL)
    if given:
        return f"PostgreSQL {_require_version(given)} from {URL}"
    return str(find_binaries())


# ------------------------------------------------------------------------------------------------ databases


def create_database(server: str, name: str) -> str:
    """Create an empty database on a server and answer its URL. Names: lower case letters, digits, ``_``."""
    execute(server, f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'")
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


@contextlib.contextmanager
def ordinary_role(*databases: str) -> Iterator[str]:
    """The first of these migrated databases' URL, by a role that owns nothing and has what the service needs in all."""
    name, password = f"samband_ordinary_{secrets.token_hex(4)}", secrets.token_hex(16)
    execute(databases[0], f"CREATE ROLE {name} LOGIN PASSWORD '{password}'")
    parts = urlsplit(databases[0])
    try:
        for database in databases:
            grant(database, name)
        yield urlunsplit(parts._replace(netloc=f"{name}:{password}@{parts.hostname}:{parts.port}"))
    finally:
        for database in databases:
            execute(database, f"DROP OWNED BY {name}")
        execute(databases[0], f"DROP ROLE {name}")


def in_database(url: str, database: str) -> str:
    """The URL of the same role in another database of the server."""
    return urlunsplit(urlsplit(url)._replace(path=urlsplit(database).path))


def drop_database(server: str, name: str) -> None:
    """Drop a database, whoever is still connected."""
    execute(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def execute(url: str, statement: str) -> Any:
    """Run one statement and answer its first value, if it has any."""

    async def execute() -> Any:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return _finish(execute())


def _require_version(url: str) -> str:
    try:
        found = str(execute(url, "SHOW server_version")).split()[0]
    except (OSError, asyncpg.PostgresError) as failure:
        raise NoPostgres(f"{URL} does not answer: {failure}") from failure
    if int(found.split(".")[0]) < OLDEST:
        raise NoPostgres(f"{URL} is PostgreSQL {found}; {OLDEST} or newer is needed.")
    return found


def _finish(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine to its end, also for a caller that is inside an event loop."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, work).result()


# ------------------------------------------------------------------------------------------------ the server


@dataclass(slots=True)
class _Server:
    """One server in one temporary folder: ``owner`` (who started it), ``data``, ``log``, ``pg`` if copied."""

    binaries: Binaries
    settings: dict[str, str]
    home: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix=PREFIX)))
    password: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    port: int = 0
    process: subprocess.Popen[Any] | None = None

    @property
    def url(self) -> str:
        return f"postgresql://postgres:{self.password}@127.0.0.1:{self.port}/postgres"

    def initialise(self) -> None:
        """Make the data folder, protected by a password."""
        (self.home / "owner").write_text(_identity(os.getpid()), encoding="utf-8")
        password = self.home / "password"
        password.touch(mode=0o600)
        password.write_text(self.password, encoding="utf-8")
        self._hand_over()
        options = ["--auth=scram-sha-256", f"--pwfile={password}", "--locale=C.UTF-8", "--encoding=UTF8"]
        command = [self._program("initdb"), "-D", str(self.home / "data"), "-U", "postgres", *options]
        made = subprocess.run(command, capture_output=True, text=True, check=False, **self._as_user())
        password.unlink()
        if made.returncode:
            raise NoPostgres(f"initdb of {self.binaries} failed: {made.stderr.strip()}")

    def start(self) -> None:
        """Start ``postgres`` on a free port; another try when somebody else took the port meanwhile."""
        for _ in range(3):
            self.port = free_port()
            if self._answers():
                return
        log = (self.home / "log").read_text(encoding="utf-8", errors="replace")
        raise NoPostgres(f"{self.binaries} did not start:\n{log[-2000:]}")

    def remove(self) -> None:
        """Stop the server (fast, then hard) and remove its folder."""
        if self.process:
            _end(self.process.pid, self.process)
        shutil.rmtree(self.home, ignore_errors=True)

    def _answers(self) -> bool:
        parameters = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",  # loopback only; a path may be too long for a socket
            **self.settings,
        }
        options = [part for name, value in parameters.items() for part in ("-c", f"{name}={value}")]
        command = [self._program("postgres"), "-D", str(self.home / "data"), *options]
        with (self.home / "log").open("wb") as log:
            process: subprocess.Popen[Any] = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self._as_user(),
            )
        self.process = process
        deadline = time.monotonic() + START_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            if _says_ready(self.home / "data" / "postmaster.pid"):
                return True
            time.sleep(0.02)
        _end(process.pid, process)
        return False

    def _program(self, name: str) -> str:
        copy = self.home / "pg" / "bin"
        return str((copy if copy.exists() else self.binaries.folder) / name)

    def _hand_over(self) -> None:
        """Give the folder to the server's user, with a copy of the binaries if that user cannot run them."""
        if os.geteuid():
            return
        try:
            command = [self._program("initdb"), "--version"]
            reachable = not subprocess.run(command, capture_output=True, check=False, **self._as_user()).returncode
        except PermissionError:
            reachable = False
        if not reachable:
            shutil.copytree(self.binaries.folder.parent, self.home / "pg", symlinks=True)
        user = self._as_user()
        for path in (self.home, self.home / "password"):
            os.chown(path, user["user"], user["group"])

    def _as_user(self) -> dict[str, Any]:
        """Arguments of ``subprocess``: the ordinary user's own, for root those of ``nobody``."""
        environment = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        plain: dict[str, Any] = {"env": environment, "cwd": self.home, "umask": 0o077}
        if os.geteuid():
            return plain
        nobody = pwd.getpwnam("nobody")
        return {**plain, "user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _says_ready(file: Path) -> bool:
    """The eighth line of ``postmaster.pid`` is the server's own word that it takes connections."""
    with contextlib.suppress(OSError):
        return file.read_text(encoding="utf-8").rstrip().endswith("\nready")
    return False


@contextlib.contextmanager
def _sigterm_as_interrupt() -> Iterator[None]:
    """Let SIGTERM unwind the program as Ctrl-C does, so that the server is stopped."""
    ours = threading.current_thread() is threading.main_thread()
    if not ours or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


# --------------------------------------------------------------------------------------- after a killed run


def sweep() -> None:
    """Stop and remove the servers of earlier runs whose starter was killed."""
    trusted = {os.geteuid()} | ({pwd.getpwnam("nobody").pw_uid} if os.geteuid() == 0 else set())
    for home in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if home.stat().st_uid in trusted and _orphaned(home):
                _end_server_of(home)
                shutil.rmtree(home, ignore_errors=True)


def _orphaned(home: Path) -> bool:
    try:
        owner = (home / "owner").read_text(encoding="utf-8")
    except FileNotFoundError:
        return time.time() - home.stat().st_mtime > SWEEP_UNOWNED_AFTER
    return not owner or owner != _identity(int(owner.split()[0]))


def _end_server_of(home: Path) -> None:
    """End the server of a folder, if its command line says so: the process number may be another's now."""
    try:
        server = int((home / "data" / "postmaster.pid").read_text(encoding="utf-8").split()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return
    if str(home / "data") in _told(server, "cmdline", "args="):
        _end(server)


def _identity(process: int) -> str:
    """Process number and start time, as a number may be given out again; empty when the process is gone."""
    told = _told(process, "stat", "stat=,lstart=")
    if not (PROC / "self").exists():
        return "" if not told or told[0] == "Z" else f"{process} {told.split(maxsplit=1)[1]}"
    fields = told.rpartition(")")[2].split()  # the state is the third field, the start time the 22nd
    return "" if not fields or fields[0] in "ZX" else f"{process} {fields[19]}"


def _told(process: int, file: str, column: str) -> str:
    """What ``/proc``, or ``ps`` where there is none, tells about a process; empty when it is gone."""
    if (PROC / "self").exists():
        try:
            return (PROC / str(process) / file).read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    command = ["ps", "-o", column, "-p", str(process)]
    environment = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment).stdout.strip()


def _end(server: int, child: subprocess.Popen[Any] | None = None) -> None:
    """Fast shutdown; what is still there after a while is ended at once, and at last killed."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        deadline = time.monotonic() + STOP_SECONDS
        with contextlib.suppress(ProcessLookupError):
            os.kill(server, number)
        while time.monotonic() < deadline:
            if child.poll() is not None if child else not _identity(server):
                return
            time.sleep(0.02)
