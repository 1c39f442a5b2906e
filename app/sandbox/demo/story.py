"""The main job from its beginning to its end, as numbered steps; every answer is checked as it comes."""

import json
from dataclasses import dataclass

from app.sandbox.demo.calls import Reply, Web
from app.sandbox.demo.cast import FHIR, Cast, content_of
from app.sandbox.demo.closing import deregister_the_coordinator, show_deliveries, show_figures
from app.sandbox.demo.first_case import appoint_a_coordinator
from app.sandbox.demo.narration import Narration, expect
from app.sandbox.demo.other_cases import decline_a_case, withdraw_a_case
from app.sandbox.demo.processes import SECRET, House
from app.sandbox.demo.second_case import place_a_disputed_case
from app.sandbox.personas import MUNICIPALITIES


@dataclass(frozen=True, slots=True)
class Told:
    """What is left to look at afterwards."""

    case: str
    """The first case's Task id."""


def play(house: House, web: Web, tell: Narration) -> Told:
    """Tell the whole story. WentWrong at the first answer that is not the story's."""
    cast = Cast(web, house, tell)
    _open(cast)
    case, team = appoint_a_coordinator(cast)
    place_a_disputed_case(cast)
    decline_a_case(cast)
    withdraw_a_case(cast)
    deregister_the_coordinator(cast, case, team)
    show_deliveries(cast)
    show_figures(cast)
    return Told(str(case.task["id"]))


def _open(cast: Cast) -> None:
    tell, origins = cast.tell, cast.house.origins
    tell.chapter("The house")
    tell.step("Samband, a stand-in EHR and two stand-in municipal systems are up, each a process of its own.")
    ready = cast.web.ask("GET", f"{origins['samband']}/health/ready")
    tell.shows(*(f"{name}: {origin}" for name, origin in origins.items()), ready)
    _subscribe(cast)


def _subscribe(cast: Cast) -> None:
    tell = cast.tell
    tell.step("Two municipalities subscribe to what happens to their cases.")
    for municipality in MUNICIPALITIES[:2]:
        content = _subscription(f"{cast.house.origins[municipality.key]}/notify")
        reply = cast.senders[municipality.key].post(f"{FHIR}/Subscription", content, expect=201)
        expect(reply.body["status"], "requested", "the subscription's status")
        expect(set(reply.body["channel"]) & {"header"}, set(), "the secret in the answer")
        cast.subscriptions[municipality.key] = reply.body["id"]
        tell.shows(reply, f"Subscription/{reply.body['id']} for {municipality.key}: requested")
    tell.step("Samband calls each endpoint; the handshake is answered, and the subscription is active.")
    for key in cast.subscriptions:
        tell.shows(_handshake(cast, key), f"{key}: active")


def _subscription(endpoint: str) -> bytes:
    """``examples/subscription.json`` for an endpoint of this house."""
    wanted = json.loads(content_of("subscription.json"))
    wanted["channel"] |= {"endpoint": endpoint, "header": [f"Authorization: Bearer {SECRET}"]}
    return json.dumps(wanted).encode()


def _handshake(cast: Cast, municipality: str) -> str:
    """What the stand-in has received, once the Subscription is active."""
    path = f"{FHIR}/Subscription/{cast.subscriptions[municipality]}"

    def look() -> Reply | None:
        reply = cast.senders[municipality].get(path)
        return reply if reply.body["status"] == "active" else None

    reply = cast.web.stop.until(look, "the handshake")
    journal = cast.web.ask("GET", f"{cast.house.origins[municipality]}/_journal").body
    expect([event["type"] for event in journal["events"]], ["handshake"], "what the municipality has received")
    return f"POST /notify → 200, handshake; {reply}, version {reply.body['meta']['versionId']}"
