"""Programs from npm, where Node is: what a ``package-lock.json`` names, in a folder of its own."""

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest


def installed(source: Path, folder: Path, names: Iterable[str]) -> Path:
    """``folder`` with these files of ``source`` and what its lock names.

    Without Node or a registry the test is skipped and says why. CI has both: there, it fails.
    """
    npm = shutil.which("npm")
    if not npm or not shutil.which("node"):
        _absent("there is no Node on this machine")
    for name in ("package.json", "package-lock.json", *names):
        shutil.copy(source / name, folder)
    command = [str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    made = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100, check=False)
    if made.returncode:
        _absent(f"npm ci ended with {made.returncode}: {made.stderr[-300:]}")
    return folder


def _absent(why: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(f"the npm programs are not driven: {why}")
