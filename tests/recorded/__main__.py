"""``python -m tests.recorded``: writes ``openapi/examples.json`` anew; then write the OpenAPI document."""

import tempfile
from pathlib import Path

from app.api.recorded import EXAMPLES
from tests.recorded.played import played
from tests.recorded.recorder import rendered

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        records = played(Path(name))
    EXAMPLES.write_text(rendered(records), encoding="utf-8")
    print(f"{len(records)} examples")
