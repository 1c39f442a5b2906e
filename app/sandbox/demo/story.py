"""The main job from its beginning to its end, as numbered steps; every answer is checked as it comes."""

import json
from dataclasses import dataclass

from app.sandbox.demo.calls import Web
from app.sandbox.demo.cast import Cast
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
    tell.step("The operator lets two municipalities subscribe to what happens to their cases.")
    operator = cast.hospital["operator"]
    for municipality in MUNICIPALITIES[:2]:
        wanted = {
            "organisation": municipality.number,
            "topic": "case-changed",
            "endpoint": f"{origins[municipality.key]}/notify",
            "header": f"Authorization: Bearer {SECRET}",
        }
        content = json.dumps(wanted).encode()
        reply = operator.post("/operator/subscriptions", content, expect=201, media_type="application/json")
        expect(reply.body["status"], "active", "the subscription's status")
        cast.subscriptions[municipality.key] = reply.body["id"]
        tell.shows(reply, f"Subscription/{reply.body['id']} for {municipality.key}")
