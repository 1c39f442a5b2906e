#!/usr/bin/env python3
"""The front door: installs what a command needs into a local environment, then runs it.

    python3 run.py demo [--once]    plays the main job on SQLite, over real HTTP
    python3 run.py serve [...]      the service; --sandbox for trying out, --help for the rest
    python3 run.py worker [...]     a delivery worker of its own (PostgreSQL)
    python3 run.py test [...]       all tests, on SQLite and PostgreSQL; arguments go to pytest
    python3 run.py check            format, lint, types, import contract, migrations, OpenAPI, tables, docs
    python3 run.py bench [...]      the benchmark (PostgreSQL and wrk)

Needs Python 3.11 or newer with pip, and nothing else: not the venv and ensurepip packages either.
Annotations are quoted so that an old Python can read this file and be told that it is too old.
"""

import contextlib
import hashlib
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Iterator, NoReturn

ROOT = Path(__file__).resolve().parent
STATE = ROOT / ".samband"
VENV = ROOT / ".venv"
SITE = STATE / "site"
LOCKS = {"run": ROOT / "requirements.lock", "dev": ROOT / "requirements-dev.lock"}
COMMANDS = {
    "demo": ("run", ["-m", "app.cli", "demo"]),
    "serve": ("run", ["-m", "app.cli", "serve"]),
    "worker": ("run", ["-m", "app.cli", "worker"]),
    "test": ("dev", ["-m", "pytest", "--durations=10", "-n", "3"]),
    "check": ("dev", ["-m", "scripts.check"]),
    "bench": ("dev", ["-m", "benchmarks"]),
}
PIP_WITH_PYTHON_OPTION = (22, 3)


def main(arguments: "list[str]") -> int:
    """Run one command; the exit code is the command's, or 2 when it could not be started."""
    if sys.version_info < (3, 11):
        return stop(
            "Samband needs Python 3.11 or newer; this is %s (%s)." % (platform.python_version(), sys.executable)
        )
    if not arguments or arguments[0] not in COMMANDS:
        asked_for_help = bool(arguments) and arguments[0] in ("-h", "--help", "help")
        print(__doc__, file=sys.stdout if asked_for_help else sys.stderr)
        return 0 if asked_for_help else 2
    wanted, command = COMMANDS[arguments[0]]
    try:
        python, environment = prepared(wanted)
    except NotPrepared as failure:
        return stop(str(failure))
    except OSError as failure:
        return stop("Could not install into %s: %s (%s)" % (ROOT, failure.strerror, failure.filename))
    return become([python, *command, *arguments[1:]], environment)


class NotPrepared(Exception):
    """Something on this machine hinders the installation; the text says what, and what to do."""


def become(command: "list[str]", environment: "dict[str, str]") -> NoReturn:
    """Go on as the command, in the project folder: signals and the exit code are its own."""
    os.chdir(ROOT)
    sys.stdout.flush()
    os.execve(command[0], command, environment)  # noqa: S606  # no shell is the point


def stop(text: str) -> int:
    """Say why nothing was started; exit code 2."""
    print(text, file=sys.stderr)
    return 2


# ---------------------------------------------------------------------------------------------- what is there


def digest(name: str) -> str:
    """SHA-256 of a lock file: what the environment must agree with."""
    return hashlib.sha256(LOCKS[name].read_bytes()).hexdigest()


def stamps(name: str) -> "list[dict[str, str]]":
    """The stamps that satisfy a set, its own first: the dev lock holds all of the run lock."""
    names = [name] if name == "dev" else [name, "dev"]
    where = {"python": platform.python_version(), "abi": str(sysconfig.get_config_var("SOABI"))}
    return [{"set": each, "lock": digest(each), **where} for each in names]


def stamp_of(folder: Path) -> "dict[str, str] | None":
    """What was completely installed in a folder; nothing when an installation did not come to its end."""
    try:
        stamp: dict[str, str] = json.loads((folder / "samband-stamp.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return stamp


def start_of(folder: Path) -> "tuple[str, dict[str, str]] | None":
    """The Python of a folder and its environment variables; nothing when its Python is gone."""
    environment = dict(os.environ)
    environment.pop("PYTHONHOME", None)
    environment.pop("PYTHONPATH", None)
    environment["PYTHONUNBUFFERED"] = "1"
    if folder == SITE:
        environment["PYTHONPATH"] = str(SITE)
        return sys.executable, environment
    python = VENV / "bin" / "python"
    return (str(python), environment) if python.exists() else None


def ready(name: str) -> "tuple[str, dict[str, str]] | None":
    """A finished installation of the set, if there is one."""
    for folder in (VENV, SITE):
        if stamp_of(folder) in stamps(name):
            return start_of(folder)
    return None


# ----------------------------------------------------------------------------------------------- install it


def prepared(name: str) -> "tuple[str, dict[str, str]]":
    """The Python and environment variables for a set, installed first where they are missing."""
    there = ready(name)
    if there:
        return there
    with locked():
        there = ready(name)  # another start may have done it while this one waited
        if there:
            return there
        folder = install(name)
        started = start_of(folder)
    if not started:
        raise NotPrepared("The new environment in %s has no Python." % folder.name)
    return started


@contextlib.contextmanager
def locked() -> Iterator[None]:
    """One installation at a time in this folder."""
    import fcntl  # noqa: PLC0415  # absent on Windows, where even --help should answer

    try:
        STATE.mkdir(exist_ok=True)
        handle = (STATE / "lock").open("w")
    except OSError as failure:
        raise NotPrepared("%s must be writable: %s" % (ROOT, failure.strerror)) from failure
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            print("Waiting for another installation in this folder ...", file=sys.stderr)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def install(name: str) -> Path:
    """Install a set into ``.venv``, or into ``.samband/site`` where no virtual environment can be made."""
    pip = pip_command()
    with_venv = has_module("venv") and pip_version(pip) >= PIP_WITH_PYTHON_OPTION
    folder = VENV if with_venv else SITE
    extended = name == "dev" and start_of(folder) and stamp_of(folder) == stamps("run")[0]
    (folder / "samband-stamp.json").unlink(missing_ok=True)
    if not extended:
        shutil.rmtree(folder, ignore_errors=True)
    announce(name, folder)
    if with_venv:
        if not extended:
            run([base_python(), "-m", "venv", "--without-pip", str(VENV)])
        pip += ["--python", str(VENV / "bin" / "python")]
        where: list[str] = []
    else:
        shutil.rmtree(SITE, ignore_errors=True)  # --target does not replace what is there
        where = ["--target", str(SITE)]
    options = ["--quiet", "--require-hashes", "--only-binary", ":all:", "--no-deps", *where]
    run([*pip, "install", *options, "-r", str(LOCKS[name])])
    unfinished = folder / "samband-stamp.json.new"
    unfinished.write_text(json.dumps(stamps(name)[0]), encoding="utf-8")
    unfinished.replace(folder / "samband-stamp.json")
    print("Installed.", file=sys.stderr)
    return folder


def announce(name: str, folder: Path) -> None:
    """Say what is about to be installed, where, and how to be rid of it."""
    count = sum(line[:1].isalnum() for line in LOCKS[name].read_text(encoding="utf-8").splitlines())
    print(
        "Installing %d packages of %s into %s (delete that folder to undo). It may take a minute ..."
        % (count, LOCKS[name].name, folder.relative_to(ROOT)),
        file=sys.stderr,
    )


def run(command: "list[str]") -> None:
    """Run one step of an installation; its own messages are shown."""
    environment = {name: value for name, value in os.environ.items() if name not in FOREIGN_SETTINGS}
    environment.update(PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1", PIP_ROOT_USER_ACTION="ignore")
    finished = subprocess.run(command, env=environment, stdout=sys.stderr, check=False)
    if finished.returncode:
        raise NotPrepared(
            "The installation failed (see above); nothing outside this folder was changed. It needs a way to "
            "the Python package registry: pip's own settings (index, proxy, certificates) are respected."
        )


FOREIGN_SETTINGS = (
    "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_REQUIRE_VIRTUALENV", "PIP_PYTHON", "PIP_NO_DEPS",
    "PIP_NO_BINARY", "PIP_REQUIREMENT", "PIP_CONSTRAINT", "PYTHONHOME", "PYTHONPATH",
)  # fmt: skip
"""Settings that would send the installation elsewhere, or make it another one."""


def base_python() -> str:
    """The Python outside of our own environment, also when this file was started from inside of it."""
    if Path(sys.prefix) == VENV:
        return str(getattr(sys, "_base_executable", sys.executable))
    return sys.executable


def has_module(name: str) -> bool:
    """Whether this Python has a module of the standard library that distributions split off."""
    return importlib.util.find_spec(name) is not None


def pip_command() -> "list[str]":
    """The pip of this Python; it is only read, never changed."""
    python = base_python()
    asked = [python, "-m", "pip", "--version"]
    found = subprocess.run(asked, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    if found.returncode == 0:
        return [python, "-m", "pip"]
    raise NotPrepared(
        "%s has no pip. Get it with your system's packages (Debian, Ubuntu: apt install python3-pip; "
        "Fedora: dnf install python3-pip; Alpine: apk add py3-pip) or with: %s -m ensurepip --user" % (python, python)
    )


def pip_version(pip: "list[str]") -> "tuple[int, int]":
    """Major and minor version of pip; (0, 0) when it does not tell."""
    words = subprocess.run([*pip, "--version"], capture_output=True, text=True, check=False).stdout.split()
    try:
        major, minor = words[1].split(".")[:2]
        return int(major), int(minor)
    except (IndexError, ValueError):
        return 0, 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
