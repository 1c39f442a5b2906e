"""How the OpenAPI document is ordered, by what things are for, and how a caller is known."""

from collections.abc import Iterator
from typing import Any, Final

from app.fhir.resources import RESOURCES, Sight

Json = dict[str, Any]

SECURITY_SCHEMES: Final[Json] = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "OAuth 2 access token (RFC 9068) with SMART scopes; each operation names those that it needs.",
    },
    "dpop": {
        "type": "http",
        "scheme": "DPoP",
        "description": "The same token, bound to your key (RFC 9449): `Authorization: DPoP …`, and a proof for each "
        "request in the header `DPoP`. Where the service is set up so, and then instead of Bearer; not in the sandbox.",
    },
}
_SIGHT: Final = {
    Sight.PARTIES: "For those who are party to it.",
    Sight.EVERYBODY: "The directory: every caller reads it.",
    Sight.SHIPPED: "Part of the release.",
    Sight.DERIVED: "Made by the service from what has happened; nobody writes it.",
}


def tags(*, sandbox: bool) -> Iterator[tuple[str, str]]:
    """Name and description, in the order of the page: the main job first."""
    if sandbox:
        yield "Sandbox", "Access tokens for made-up people. Exists only in the sandbox."
    yield "Task", "The need for a coordinator, and the case that it becomes."
    yield "CareTeam", "The coordinators of a patient."
    for resource in RESOURCES.values():
        if resource.name not in {"Task", "CareTeam"}:
            yield resource.name, _SIGHT[resource.sight]
    yield "Bundle", "Batch and transaction; the search and the history of everything."
    yield "Service", "What the service is, how it is, what it counts."
    yield "Operator", "Deliveries and subscriptions, for whoever runs the service."


def tag_groups(*, sandbox: bool) -> Iterator[Json]:
    """``x-tagGroups``: the tags by what they are for; the page shows a group at a time."""
    main = [*(["Sandbox"] if sandbox else []), "Task", "CareTeam"]
    yield {"name": "Needs and coordinators", "tags": main}
    for sight, name in _GROUPS.items():
        of_sight = (one.name for one in RESOURCES.values() if one.sight is sight)
        yield {"name": name, "tags": [name for name in of_sight if name not in main]}
    yield {"name": "Several at once", "tags": ["Bundle"]}
    yield {"name": "Service and operator", "tags": ["Service", "Operator"]}


_GROUPS: Final = {
    Sight.PARTIES: "What goes with a need",
    Sight.EVERYBODY: "Directory",
    Sight.DERIVED: "What has happened",
    Sight.SHIPPED: "Profiles and codes",
}
