"""fhirclient, the SMART on FHIR client for Python: strict models of R4 both ways."""

from importlib.metadata import version
from typing import Any

import pytest
from fhirclient.auth import FHIRAuth
from fhirclient.client import FHIRClient
from fhirclient.models.bundle import Bundle
from fhirclient.models.operationoutcome import OperationOutcome
from fhirclient.models.provenance import Provenance
from fhirclient.models.task import Task
from fhirclient.server import FHIRNotFoundException, FHIRServer, FHIRUnauthorizedException
from requests import PreparedRequest

from tests.api.running import CANARY, Running
from tests.clients.cases import NATIONAL, PROFILE, Sent, as_binary, bundle, entry, json_patch, number


@pytest.fixture(autouse=True)
def _named(request: pytest.FixtureRequest, record_property: Any) -> None:
    record_property("client", f"fhirclient {version('fhirclient')} (Python)")
    record_property("step", request.function.__name__.removeprefix("test_").replace("_", " "))


@pytest.fixture
def server(service: Running, bearer: str) -> FHIRServer:
    """The client's server, after the token was fetched elsewhere: it knows no client credentials."""
    settings = {"app_id": "sandbox", "api_base": f"{service.origin}/fhir/v1"}
    server = FHIRClient(settings=settings).server
    server.auth = FHIRAuth.create("oauth2", state={"access_token": bearer})
    return server


@pytest.fixture
def made(server: FHIRServer, sent: Sent) -> Any:
    """A need that this client created."""
    return Task(Task(sent.need()).create(server))


def _execute(server: FHIRServer, content: dict[str, Any]) -> Any:
    """The answer to a bundle, read by the client's strict model."""
    return Bundle(Bundle(content).create(server))


def test_capabilities(service: Running) -> None:
    client = FHIRClient(settings={"app_id": "sandbox", "api_base": f"{service.origin}/fhir/v1"})
    client.prepare()
    statement = client.server.capabilityStatement
    assert statement.fhirVersion == "4.0.1"
    assert "Task" in {one.type for one in statement.rest[0].resource}
    with pytest.raises(FHIRUnauthorizedException):
        Task.read("1", client.server)


def test_create(server: FHIRServer, sent: Sent) -> None:
    content = sent.need()
    made = Task(Task(content).create(server))
    assert (made.status, made.meta.versionId) == ("received", "1")
    assert made.as_json()["input"] == content["input"]
    assert made.authoredOn.isostring == content["authoredOn"]


def test_read(server: FHIRServer, made: Any) -> None:
    assert Task.read(made.id, server).as_json() == made.as_json()
    with pytest.raises(FHIRNotFoundException):
        Task.read("no-such-case", server)


def test_vread(server: FHIRServer, made: Any) -> None:
    made.description = "Lengre"
    made.update(server)
    first, second = (Task.read_from(f"Task/{made.id}/_history/{one}", server) for one in (1, 2))
    assert first.description != second.description == "Lengre"


def test_update(server: FHIRServer, made: Any) -> None:
    read, stale = (Task.read(made.id, server) for _ in range(2))
    read.description = "Lengre"
    changed = Task(read.update())
    assert (changed.meta.versionId, changed.description) == ("2", "Lengre")
    stale.description = "Kortere"
    with pytest.raises(Exception, match="412"):
        stale.update()


def test_search(server: FHIRServer, made: Any, sent: Sent) -> None:
    def found(**struct: Any) -> list[Any]:
        where = {"group-identifier": sent.token} | {name.replace("_", "-"): one for name, one in struct.items()}
        return list(Task.where(where).perform_resources_iter(server))

    assert [one.id for one in found()] == [made.id]
    assert [one.id for one in found(status={"$or": ["received", "accepted"]})] == [made.id]
    assert found(status="accepted") == []
    assert [one.id for one in found(authored_on={"$and": ["ge2026-11-02", "lt2026-11-03"]})] == [made.id]


def test_sort(server: FHIRServer, sent: Sent) -> None:
    days = [f"2026-11-0{day}T09:15:00+01:00" for day in (2, 1, 3)]
    ids = [Task(sent.need(authoredOn=day)).create(server)["id"] for day in days]
    search = Task.where({"group-identifier": sent.token, "_sort": "-authored-on", "_count": "2"})
    assert [one.id for one in search.perform_resources_iter(server)] == [ids[2], ids[0], ids[1]]


def test_search_by_post(service: Running, server: FHIRServer, bearer: str, made: Any) -> None:
    def bearing(request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = f"Bearer {bearer}"
        return request

    form = {"identifier": number(made.as_json()), "patient:identifier": f"{NATIONAL}|{CANARY}"}
    answer = server.post_as_form(f"{service.origin}/fhir/v1/Task/_search", form, auth=bearing)
    assert [one.resource.id for one in Bundle(answer.json()).entry] == [made.id]


def test_provenance(server: FHIRServer, made: Any) -> None:
    found = list(Provenance.where({"target": f"Task/{made.id}"}).perform_resources_iter(server))
    assert {one.target[0].reference for one in found} == {f"Task/{made.id}/_history/1"}
    assert Provenance.read(found[0].id, server).as_json() == found[0].as_json()


def test_include(server: FHIRServer, sent: Sent) -> None:
    _execute(server, sent.transaction())
    search = Task.where({"group-identifier": sent.token}).include("focus")
    types = [one.resource_type for one in search.perform_resources_iter(server)]
    assert sorted(types) == ["ServiceRequest", "Task"]


def test_paging(server: FHIRServer, sent: Sent) -> None:
    ids = {Task(sent.need()).create(server)["id"] for _ in range(5)}
    pages = list(Task.where({"group-identifier": sent.token, "_count": "2"}).perform_iter(server))
    found = [one.resource.id for page in pages for one in page.entry]
    assert ([len(page.entry) for page in pages], set(found)) == ([2, 2, 1], ids)


def test_history(server: FHIRServer, made: Any) -> None:
    made.description = "Lengre"
    made.update(server)
    for path in (f"Task/{made.id}/_history", "Task/_history?_count=3", "_history?_count=3"):
        history = Bundle.read_from(path, server)
        assert history.type == "history"
        assert [one.resource.meta.versionId for one in history.entry][:2] == ["2", "1"]
        assert {one.request.method for one in history.entry} <= {"POST", "PUT"}


def test_conditional_create(server: FHIRServer, made: Any, sent: Sent) -> None:
    there = number(made.as_json())
    again = server.post_json(f"Task?identifier={there}", sent.need())
    assert (again.status_code, again.json()["id"]) == (200, made.id)
    answer = _execute(server, bundle("batch", entry("POST", "Task", sent.need(), ifNoneExist=f"identifier={there}")))
    assert answer.entry[0].resource.id == made.id


def test_conditional_update(server: FHIRServer, made: Any) -> None:
    there = f"Task?identifier={number(made.as_json())}"
    made.description = "Lengre"
    answer = server.put_json(there, made.as_json())
    assert (answer.status_code, answer.json()["id"], answer.json()["description"]) == (200, made.id, "Lengre")


def test_patch(server: FHIRServer, made: Any) -> None:
    patch = as_binary(json_patch("/description", "Kort"))
    answer = _execute(server, bundle("transaction", entry("PATCH", f"Task/{made.id}", patch, ifMatch='W/"1"')))
    assert answer.entry[0].response.status.startswith("200")
    assert Task.read(made.id, server).description == "Kort"


def test_batch(server: FHIRServer, made: Any, sent: Sent) -> None:
    answer = _execute(
        server, bundle("batch", entry("GET", f"Task/{made.id}"), entry("POST", "Task", sent.need(for_=None)))
    )
    assert answer.type == "batch-response"
    assert [one.response.status[:3] for one in answer.entry] == ["200", "422"]
    assert answer.entry[1].response.outcome.issue[0].expression == ["Task.for"]


def test_transaction(server: FHIRServer, sent: Sent) -> None:
    case, order = (one.resource for one in _execute(server, sent.transaction()).entry)
    assert case.focus.reference == f"ServiceRequest/{order.id}"
    read = Task.read(case.id, server)
    assert read.focus.resolved(type(order)).id == order.id


def test_validate(server: FHIRServer, sent: Sent) -> None:
    def severities(content: dict[str, Any]) -> set[str]:
        outcome = OperationOutcome(server.post_json("Task/$validate", content).json())
        return {issue.severity for issue in outcome.issue}

    assert severities(Task(sent.need()).as_json()) == {"information"}
    assert "error" in severities(sent.need(intent="wish"))


def test_validate_with_profile(server: FHIRServer, sent: Sent) -> None:
    path = f"Task/$validate?profile={PROFILE}"
    assert not {one.severity for one in OperationOutcome(server.post_json(path, sent.need()).json()).issue} & {"error"}
    found = OperationOutcome(server.post_json(path, sent.need(for_=None)).json())
    assert "Task.for" in {path for one in found.issue for path in one.expression or []}
