"""Requests to cancel a case, as its sender makes them and its owner answers them."""

from typing import Any

import pytest

from app.casework.context import Result
from app.errors import SambandError
from app.fhir import codes
from app.security.caller import Caller
from tests.casework.chains import put_body
from tests.casework.world import World, at, need

UNIT, ONCOLOGY = at("neurology-outpatient"), at("oncology")
WHY = "Pasienten har fått fast kontakt i kommunen."


def abort(case: str, number: str = "avbryt-1", **members: Any) -> dict[str, Any]:
    """A request to cancel a case; a member given as None is left out."""
    content: dict[str, Any] = {
        "resourceType": "Task",
        "identifier": [{"system": "https://fjordvik.example/saker", "value": number}],
        "status": "requested",
        "intent": "order",
        "code": codes.concept(codes.COORDINATION_TASK, codes.ABORT),
        "description": WHY,
        "focus": {"reference": f"Task/{case}"},
    } | {name.rstrip("_"): value for name, value in members.items()}
    return {name: value for name, value in content.items() if value is not None}


async def accepted(world: World, **members: Any) -> str:
    """The id of a case that its unit assesses: it is not withdrawn without asking."""
    case = (await world.post(need(**members))).id
    await world.act(UNIT, case, "accept")
    return case


async def asked(world: World) -> tuple[str, str]:
    """The ids of a case and of the open request to cancel it."""
    case = await accepted(world)
    return case, (await world.post(abort(case))).id


async def say(world: World, caller: Caller, request: str, **members: Any) -> Result:
    """An answer by PUT of the request as it stands."""
    stored = await world.load(request)
    return await world.put(caller, request, put_body(stored.body, members), stored.version)


async def error_of(attempt: Any) -> SambandError:
    """What an attempt is refused with."""
    with pytest.raises(SambandError) as caught:
        await attempt
    return caught.value


def stage_of(body: dict[str, Any]) -> str:
    """``businessStatus``."""
    return str(body["businessStatus"]["coding"][0]["code"])
