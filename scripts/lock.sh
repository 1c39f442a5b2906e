#!/bin/sh
# Makes both lock files from pyproject.toml again. Needs uv (https://docs.astral.sh/uv/). `-U` upgrades everything.
set -eu
cd "$(dirname "$0")/.."
upgrade="${1:-}"
lock() {
    # shellcheck disable=SC2086  # no argument, not an empty one, when nothing is upgraded
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
        --no-emit-find-links --no-annotate --custom-compile-command "sh scripts/lock.sh" $upgrade "$@"
}
lock pyproject.toml --output-file requirements.lock
# The dev lock holds the run lock's versions, so that one environment serves both.
lock pyproject.toml --group dev --constraints requirements.lock --output-file requirements-dev.lock
