"""The service as an operator starts it: a process of its own, whose links name the address that it listens on."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tests.api.running import PROJECT, Running


@contextmanager
def served(database: str) -> Iterator[Running]:
    """``serve --sandbox`` on an empty database, a URL."""
    arguments = ("app.cli", "serve", "--sandbox", "--database", database)
    with running_apart(*arguments, variables={"PATH": os.environ["PATH"]}) as client:
        yield Running(str(client.base_url).rstrip("/"), client)


@contextmanager
def running_apart(*arguments: str, variables: dict[str, str]) -> Iterator[httpx.Client]:
    """A module that serves, as a process on a free port and without deliveries; ended afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments, "--no-worker", "--port", "0"],
        cwd=PROJECT,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout
        said = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert said, "the service did not start"
        with httpx.Client(base_url=said.group(), timeout=20, trust_env=False) as client:
            yield client
    finally:
        process.terminate()
        process.communicate(timeout=30)
