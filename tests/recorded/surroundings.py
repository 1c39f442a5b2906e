"""Tokens, Bundles, coordinators without a case, figures, and what an operator does."""

import asyncio
from typing import Any, Final

import httpx

from app.casework.context import Context
from app.main import load_directory
from app.outbound.worker import Worker
from app.security.outgoing import outgoing_client
from app.store.opening import open_store
from tests.recorded.cases import FJORDVIK, OFFICE
from tests.recorded.recorder import FORM, Recorder

HABILITATION: Final = "clinical-unit:habilitation"
_OPERATOR: Final = "operator"
_SUBSCRIPTION: Final = {
    "organisation": "310471437",
    "topic": "case-changed",
    "endpoint": "http://127.0.0.1:9/notify",
    "header": "Authorization: Bearer your-own-secret",
}


def play_opening(record: Recorder) -> None:
    """What a newcomer does first; the subscription is there before the first need."""
    record.on("2026-11-02T08:00:00+01:00")
    play = record.play
    for name, form in (
        ("token-municipality", {"persona": "municipality", "organisation": "fjordvik"}),
        ("token-unit", {"persona": "clinical-unit", "unit": "neurology-outpatient"}),
        ("token-coordinating-unit", {"persona": "coordinating-unit"}),
        ("token-operator", {"persona": "operator"}),
    ):
        play(name, f"As {form['persona']}", "", "POST", "/sandbox/token", body=form, media=FORM)
    unknown: dict[str, Any] = {"body": {"persona": "mayor"}, "media": FORM, "expect": 400}
    play("token-unknown-persona", "There is no such persona", "", "POST", "/sandbox/token", **unknown)
    play("live", "The process is alive", "", "GET", "/health/live")
    play("ready", "The database answers", "", "GET", "/health/ready")
    record.fhir("metadata", "What is served (the first type only)", "", "GET metadata")
    (rest,) = record.records["metadata"]["answer"]["body"]["rest"]
    rest["resource"] = rest["resource"][:1]
    _subscribe(record)


def _subscribe(record: Recorder) -> None:
    path = "/operator/subscriptions"
    more: dict[str, Any] = {"media": "application/json", "body": _SUBSCRIPTION, "expect": 201}
    record.play("subscribe", "A municipality is notified of its cases", _OPERATOR, "POST", path, **more)
    more |= {"body": _SUBSCRIPTION | {"endpoint": "ftp://fjordvik.example"}, "expect": 422}
    record.play("subscribe-bad-endpoint", "An endpoint of another kind", _OPERATOR, "POST", path, **more)
    record.story.step = "handshake"
    asyncio.run(_deliver(record, httpx.MockTransport(lambda _: httpx.Response(200))))
    record.play("subscriptions", "Who is notified", _OPERATOR, "GET", path)


def play_coordinators(record: Recorder) -> None:
    """A coordinator without a case."""
    say, call = record.fhir, "POST CareTeam/$register-coordinator"
    file = "register-coordinator.json"
    say("register-coordinator", "A coordinator is registered", HABILITATION, call, expect=201, file=file)
    say("register-coordinator-again", "The role is taken", HABILITATION, call, expect=409, file=file)
    nobody = {"resourceType": "Parameters", "parameter": [{"name": "start", "valueDate": "2026-11-02"}]}
    say("register-coordinator-nobody", "Who, and for whom?", HABILITATION, call, expect=422, body=nobody)


def play_bundles(record: Recorder) -> None:
    """Batch, transaction, and what is asked of all types."""
    say = record.fhir
    say("batch", "Three questions at once, the last one wrong", FJORDVIK, "POST", file="batch.json")
    say("transaction", "A need with its referral", FJORDVIK, "POST", file="transaction.json")
    bad = {"method": "POST", "url": "ServiceRequest"}
    entry = {"resource": {"resourceType": "ServiceRequest", "status": "active"}, "request": bad}
    body = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    say("transaction-refused", "One entry is wrong, so nothing is written", FJORDVIK, "POST", body=body, expect=422)
    say("search-all", "How many needs and consents", FJORDVIK, "GET ?_type=Task,Consent&_summary=count")
    form = {"_type": "Task,Consent", "_summary": "count"}
    say("search-all-by-post", "The same in a form", FJORDVIK, "POST _search", body=form, media=FORM)
    say("history-all", "The newest version of all", FJORDVIK, "GET _history?_count=1")


def play_closing(record: Recorder) -> None:
    """Figures, and the deliveries that nobody took."""
    record.play("unit-figures", "Figures of each unit", OFFICE, "GET", "/reports/units")
    record.on("2026-12-10T08:00:00+01:00")
    record.story.step = "deliveries"
    asyncio.run(_deliver(record))
    dead = record.play("deliveries", "Those that were given up", _OPERATOR, "GET", "/operator/deliveries?state=dead")
    rows = [row for row in dead.json()["deliveries"] if row["kind"] == "notification"]
    shown = record.records["deliveries"]["answer"]["body"]
    shown["deliveries"] = [row for row in shown["deliveries"] if row["kind"] == "notification"][:1]
    resend = f"/operator/deliveries/{rows[0]['id']}/resend"
    record.play("resend", "Once more", _OPERATOR, "POST", resend, expect=202)
    unknown = "/operator/deliveries/999999/resend"
    record.play("resend-unknown", "There is none with this number", _OPERATOR, "POST", unknown, expect=404)


async def _deliver(record: Recorder, somebody: httpx.MockTransport | None = None) -> None:
    """One look of the delivery worker; where nobody listens, long after, the rows become dead letters."""
    settings, story = record.settings, record.story
    store = open_store(settings.database_url.get_secret_value(), 1)
    nobody = outgoing_client(settings, settings.endpoint_origins)
    async with httpx.AsyncClient(transport=somebody) if somebody else nobody as client:
        directory = load_directory(settings)
        context = Context(store=store, directory=directory, clock=story.clock, new_id=story.new_id, settings=settings)
        worker = Worker(context, client, client)
        await worker.look()
        await worker.finish()
    await store.close()
