"""The stand-in municipal case system: ``python -m app.sandbox.municipality --help``, a separate process.

``POST /notify`` takes notification Bundles with ``Authorization: Bearer <secret>``, journals them and answers
at once; a thread then reads the focus with the municipality's own token. ``GET /_journal`` shows everything
received, repeats and gaps; ``GET|PUT /_control`` is :mod:`app.sandbox.control`.
"""

import argparse
import hmac
import queue
import threading
from pathlib import Path
from typing import Final

from app.sandbox.control import Control, Mode
from app.sandbox.journal import Journal, Notice
from app.sandbox.listener import DROPPED, Answer, Listener, Request, run
from app.sandbox.notification import NotANotification, notices
from app.sandbox.samband_client import SambandClient, Unanswered

_MODES: Final = (Mode.UP, Mode.SLOW, Mode.DOWN, Mode.REFUSING, Mode.LOST_ANSWER, Mode.LATE_ANSWER)
_LONGEST_WAIT: Final = 5.0


class Municipality:
    """One municipality: receives notices, keeps them, and asks what the news is."""

    def __init__(self, journal: Journal, client: SambandClient, organisation: str, secret: str) -> None:
        self._journal = journal
        self._client = client
        self._organisation = organisation
        self._authorization = f"Bearer {secret}".encode()
        self._control = Control(modes=_MODES)
        self._unread: queue.SimpleQueue[Notice] = queue.SimpleQueue()
        for notice in journal.unread():
            self._unread.put(notice)

    def answer(self, request: Request) -> Answer:
        """The answer to any request, in the present mode."""
        match (request.method, *request.parts):
            case (_, "_control"):
                return self._control.answer(request)
            case ("GET", "_journal"):
                return Answer(200, {"organisation": self._organisation, **self._journal.shown()})
            case ("POST", "notify"):
                return self._notify(request)
        return Answer(404, {"error": "there are POST /notify, GET /_journal and GET|PUT /_control"})

    def read_for_ever(self) -> None:
        """Read the focus of each new notice, in order; wait and try again while Samband does not answer."""
        stopped = threading.Event()
        while True:
            notice, pause = self._unread.get(), 0.1
            while not self._read(notice):
                stopped.wait(pause)
                pause = min(2 * pause, _LONGEST_WAIT)

    def _read(self, notice: Notice) -> bool:
        try:
            answer = self._client.read(notice.focus)
        except Unanswered:
            return False
        self._journal.read(notice.subscription, notice.number, answer)
        return True

    def _notify(self, request: Request) -> Answer:
        mode = self._control.take(request, write=True)
        if mode is Mode.DOWN:
            return Answer(503, {"error": "the case system is down"}, {"Retry-After": "1"})
        if not hmac.compare_digest(request.headers.get("authorization", "").encode(), self._authorization):
            return Answer(401, {"error": "wrong or missing Authorization"}, {"WWW-Authenticate": "Bearer"})
        if mode is Mode.REFUSING:
            return Answer(422, {"error": "the case system does not take this notification"})
        try:
            received = notices(request.json())
        except NotANotification as error:
            return Answer(422, {"error": str(error)})
        except ValueError as error:
            return Answer(400, {"error": str(error)})
        for notice in received:
            repeat = self._journal.receive(notice)
            if notice.focus and not repeat:
                self._unread.put(notice)
        self._control.linger(mode)
        return DROPPED if mode is Mode.LOST_ANSWER else Answer(200)


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(
        prog="python -m app.sandbox.municipality", description="The stand-in municipal case system."
    )
    parser.add_argument("--port", type=int, required=True, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--journal", type=Path, required=True, help="its own append-only file")
    parser.add_argument("--samband", required=True, help="origin of the service, http://127.0.0.1:8080")
    parser.add_argument("--organisation", required=True, help="its organisation number")
    parser.add_argument("--secret", default="municipality-secret", help="what a notification must carry")
    arguments = parser.parse_args()
    client = SambandClient(arguments.samband, arguments.organisation)
    municipality = Municipality(Journal(arguments.journal), client, arguments.organisation, arguments.secret)
    threading.Thread(target=municipality.read_for_ever, daemon=True).start()
    run(Listener(arguments.port), municipality.answer, f"Stand-in municipality {arguments.organisation}")


if __name__ == "__main__":
    main()
