"""A neighbour that answers, but not what was agreed: a failed attempt like any other, and tried again."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.story.programs import eventually
from tests.story.town import Town, outputs, patient_of, running_town, stored

BODIES = [b"<html>Logg inn</html>", b"[]", b'{"resourceType":"Bundle","entry":[{"resource":7}]}', b"null"]


class _Nonsense(BaseHTTPRequestHandler):
    """200 to everything."""

    answers = 0

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        body = BODIES[_Nonsense.answers % len(BODIES)]
        _Nonsense.answers += self.command == "GET"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = _answer  # noqa: N815  http.server's names

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class names it so
        """Nothing."""


@pytest.fixture
def nonsense() -> Iterator[str]:
    """The address of a server that says yes to everything and means nothing."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Nonsense) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_an_ehr_that_talks_nonsense(tmp_path: Path, nonsense: str) -> None:
    with running_town(tmp_path, f"sqlite:///{tmp_path / 'samband.db'}", ehr_url=nonsense) as town:
        case = town.appointed()
        eventually("it is asked with every kind of nonsense", lambda: _Nonsense.answers > len(BODIES))
        assert outputs(town.task(case), "registration") == ["ehr-pending"]
        (order,) = [row for row in town.waiting() if row["kind"] == "ehr"]
        assert order["last_attempt"]["number"] == order["attempts"] or order["lease_until"]
        assert order["last_attempt"]["problem"]
        assert patient_of(town.task(case)) not in json.dumps(order)
        _back_to_sense(town)
        eventually("confirmed", lambda: outputs(town.task(case), "registration")[-1] == "ehr-confirmed")
        assert len(stored(town.ehr, patient_of(town.task(case)))) == 1


def _back_to_sense(town: Town) -> None:
    """The address is put right and the service restarted."""
    town.service.stop()
    town.service.settings = {**town.service.settings, "SAMBAND_EHR_URL": f"{town.ehr.origin}/fhir"}
    town.start()
