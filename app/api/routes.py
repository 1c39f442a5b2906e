"""The paths: generic in type and id, so that a hundred types cost no more than one."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Final, NamedTuple

from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.api import capability, health, histories, interactions, operations, operator, searches, smart, transactions
from app.api.answers import BASE
from app.api.call import Attempt, Service
from app.api.refusals import record_refusal
from app.errors import MethodNotAllowed, SambandError
from app.fhir.resources import RESOURCES, Interaction

Handler = Callable[[Service, Request], Awaitable[Response]]


class Offer(NamedTuple):
    """What answers a method, and the interaction that it is, if it is one of the resource table's."""

    handler: Handler
    interaction: Interaction | None = None
    audited_as: str = "operation"
    """FHIR's code of it, for the audit."""


def _offer(handler: Handler, interaction: Interaction) -> Offer:
    return Offer(handler, interaction, interaction.value)


class _LogicalId(Convertor[str]):
    """R4's ``id``: so ``_history``, ``_search`` and ``$operation`` never pass for one."""

    # No id of ours is a name; this one is a document beside the types, and a path for it first would cost every read.
    regex = r"(?!smart-configuration$)[A-Za-z0-9.\-]{1,64}"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("logical_id", _LogicalId())

_TYPE: Final = "/{type}"
_ONE: Final = "/{type}/{id:logical_id}"

FHIR_PATHS: Final[tuple[tuple[str, Mapping[str, Offer]], ...]] = (
    # The busiest first: paths are tried in this order.
    (
        _ONE,
        {
            "GET": _offer(interactions.read, Interaction.READ),
            "PUT": _offer(interactions.update, Interaction.UPDATE),
            "PATCH": _offer(interactions.patch, Interaction.PATCH),
        },
    ),
    ("/metadata", {"GET": Offer(capability.metadata)}),
    ("/.well-known/smart-configuration", {"GET": Offer(smart.smart_configuration)}),
    ("/_history", {"GET": Offer(histories.history_of_all, audited_as="history-system")}),
    ("/_search", {"POST": Offer(searches.search_of_all_by_post, audited_as="search-system")}),
    (
        _TYPE,
        {
            "GET": _offer(searches.search_by_get, Interaction.SEARCH),
            "POST": _offer(interactions.create, Interaction.CREATE),
            "PUT": _offer(interactions.update_matching, Interaction.UPDATE),
        },
    ),
    (f"{_TYPE}/_search", {"POST": _offer(searches.search_by_post, Interaction.SEARCH)}),
    (f"{_ONE}/${{operation}}", {"GET": Offer(operations.ask), "POST": Offer(operations.invoke)}),
    (f"{_TYPE}/${{operation}}", {"GET": Offer(operations.ask), "POST": Offer(operations.invoke)}),
    (f"{_ONE}/_history/{{version}}", {"GET": _offer(interactions.vread, Interaction.VREAD)}),
    (f"{_ONE}/_history", {"GET": _offer(histories.history, Interaction.HISTORY)}),
    (f"{_TYPE}/_history", {"GET": _offer(histories.history, Interaction.HISTORY_TYPE)}),
    ("", {"GET": Offer(searches.search_of_all, audited_as="search-system"), "POST": Offer(transactions.carry_out)}),
    # With a slash too: some clients write the base so.
    ("/", {"GET": Offer(searches.search_of_all, audited_as="search-system"), "POST": Offer(transactions.carry_out)}),
)

OTHER_PATHS: Final[tuple[tuple[str, Mapping[str, Offer]], ...]] = (
    ("/health/live", {"GET": Offer(health.live)}),
    ("/health/ready", {"GET": Offer(health.ready)}),
    ("/operator/deliveries", {"GET": Offer(operator.deliveries)}),
    ("/operator/deliveries/{delivery}/resend", {"POST": Offer(operator.resend)}),
    (
        "/operator/subscriptions",
        {"GET": Offer(operator.subscriptions), "POST": Offer(operator.subscribe)},
    ),
    ("/reports/units", {"GET": Offer(operator.unit_figures)}),
    ("/reports/cases/{id:logical_id}/events", {"GET": Offer(operator.case_events, audited_as="read")}),
)


def routes() -> Iterator[Route]:
    """Everything that needs the service, ready to be added to an application."""
    for path, offers in (*((BASE + path, offers) for path, offers in FHIR_PATHS), *OTHER_PATHS):
        yield any_method(Route(path, _endpoint(path, offers)))


def any_method(route: Route) -> Route:
    """The route for every method, TRACE and PROPFIND too: its endpoint says which are offered."""
    route.methods = None
    return route


def _endpoint(template: str, offers: Mapping[str, Offer]) -> Callable[[Request], Awaitable[Response]]:
    shown = template.replace(":logical_id", "")

    async def answer(request: Request) -> Response:
        scope = request.scope
        scope["template"] = shown
        offered = _offered(offers, request.path_params.get("type", ""))
        offer = offered.get("GET" if request.method == "HEAD" else request.method)
        if offer is None:
            raise MethodNotAllowed("This method is not offered at this path.", headers={"Allow": _allowed(offered)})
        service: Service = scope["state"]["service"]
        scope["attempt"] = attempt = Attempt(offer.audited_as)
        try:
            return await offer.handler(service, request)
        except SambandError as refusal:
            if isinstance(refusal, MethodNotAllowed) and "type" in request.path_params:
                others = {method: one for method, one in offered.items() if method != request.method}
                refusal.headers.setdefault("Allow", _allowed(others))
            await record_refusal(service, attempt, request.path_params, refusal)
            raise

    return answer


def _allowed(offered: Mapping[str, Offer]) -> str:
    """HEAD is answered where GET is (RFC 9110 9.3.2)."""
    return ", ".join(name for method in offered for name in ((method, "HEAD") if method == "GET" else (method,)))


def _offered(offers: Mapping[str, Offer], type_name: str) -> Mapping[str, Offer]:
    resource = RESOURCES.get(type_name)
    if resource is None:
        return offers
    return {
        method: offer
        for method, offer in offers.items()
        if offer.interaction is None or offer.interaction in resource.interactions
    }
