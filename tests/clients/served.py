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
    """``serve --sandbox`` on a free port and an empty database, a URL; ended afterwards."""
    arguments = ["serve", "--sandbox", "--no-worker", "--port", "0", "--database", database]
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli", *arguments],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"]},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout
        said = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert said, "the service did not start"
        with httpx.Client(base_url=said.group(), timeout=20) as client:
            yield Running(said.group(), client)
    finally:
        process.terminate()
        process.communicate(timeout=30)
