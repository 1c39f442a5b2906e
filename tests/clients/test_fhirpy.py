"""fhirpy, its synchronous client."""

from importlib.metadata import version
from typing import Any

import pytest
from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import MultipleResourcesFound, OperationOutcome, ResourceNotFound

from tests.api.running import Running
from tests.api.smallest import subscription
from tests.clients.cases import PROFILE, Sent, bundle, entry, json_patch, number


@pytest.fixture(autouse=True)
def _named(request: pytest.FixtureRequest, record_property: Any) -> None:
    record_property("client", f"fhirpy {version('fhirpy')} (Python)")
    record_property("step", request.function.__name__.removeprefix("test_").replace("_", " "))


@pytest.fixture
def client(service: Running, municipality: dict[str, str]) -> SyncFHIRClient:
    """The client as its documentation starts it."""
    return SyncFHIRClient(f"{service.origin}/fhir/v1", authorization=municipality["Authorization"])


@pytest.fixture
def made(client: SyncFHIRClient, sent: Sent) -> Any:
    """A need that this client created."""
    return client.resource("Task", **sent.need()).save()


def _with(client: SyncFHIRClient, **headers: str) -> SyncFHIRClient:
    """The same client, with headers for each request."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return SyncFHIRClient(client.url, authorization=client.authorization, extra_headers=named)


def test_create(client: SyncFHIRClient, sent: Sent) -> None:
    content = sent.need()
    made: Any = client.resource("Task", **content).save()
    assert made["id"]
    assert made["meta"]["versionId"] == "1"
    assert made.serialize()["input"] == content["input"]
    assert made["businessStatus"]["coding"][0]["code"] == "in-queue"


def test_read(client: SyncFHIRClient, made: Any) -> None:
    read: Any = client.reference("Task", made["id"]).to_resource()
    assert read.serialize() == made.serialize()
    with pytest.raises(ResourceNotFound):
        client.get("Task", "no-such-case")


def test_refresh(client: SyncFHIRClient, made: Any) -> None:
    assert made.refresh()["meta"]["versionId"] == "1"
    other = client.reference("Task", made["id"]).to_resource()
    other["description"] = "Lengre"
    other.save()
    assert made.refresh()["description"] == "Lengre"


def test_vread(client: SyncFHIRClient, made: Any) -> None:
    made["description"] = "Lengre"
    made.save()
    first, second = (client.execute(f"Task/{made['id']}/_history/{one}", method="get") for one in (1, 2))
    assert first["description"] != second["description"] == "Lengre"


def test_update(client: SyncFHIRClient, made: Any) -> None:
    stale = client.reference("Task", made["id"]).to_resource()
    made["description"] = "Lengre"
    made.update()
    assert (made["meta"]["versionId"], made["description"]) == ("2", "Lengre")
    stale["description"] = "Kortere"
    with pytest.raises(MultipleResourcesFound, match="stale-version"):  # what fhirpy calls every 412
        stale.update()


def test_search(client: SyncFHIRClient, made: Any, sent: Sent) -> None:
    search: Any = client.resources("Task").search(group_identifier=sent.token, status="received")
    assert [one["id"] for one in search.fetch()] == [made["id"]]
    assert search.first()["id"] == search.get()["id"] == made["id"]
    assert client.resources("Task").search(group_identifier=f"{sent.token}0").fetch() == []
    part = search.elements("status").fetch()[0]  # fhirpy asks for id and resourceType too
    assert (part["status"], part.get("description")) == ("received", None)


def test_sort(client: SyncFHIRClient, sent: Sent) -> None:
    days = [f"2026-11-0{day}T09:15:00+01:00" for day in (2, 1, 3)]
    ids = [client.resource("Task", **sent.need(authoredOn=day)).save()["id"] for day in days]
    found = client.resources("Task").search(group_identifier=sent.token).sort("-authored-on").limit(2).fetch_all()
    assert [one["id"] for one in found] == [ids[2], ids[0], ids[1]]


def test_provenance(client: SyncFHIRClient, made: Any) -> None:
    found = client.resources("Provenance").search(target=f"Task/{made['id']}").fetch_all()
    assert {one["target"][0]["reference"] for one in found} == {f"Task/{made['id']}/_history/1"}
    assert client.get("Provenance", found[0]["id"])["recorded"] == found[0]["recorded"]


def test_count(client: SyncFHIRClient, made: Any, sent: Sent) -> None:
    with pytest.raises(OperationOutcome, match="unknown-parameter"):  # _totalMethod is Aidbox's own
        client.resources("Task").search(group_identifier=sent.token).count()
    lenient = _with(client, Prefer="handling=lenient")
    assert lenient.resources("Task").search(group_identifier=sent.token).count() == 1


def test_include(client: SyncFHIRClient, sent: Sent) -> None:
    client.execute("", data=sent.transaction())
    found = client.resources("Task").search(group_identifier=sent.token).include("Task", "focus").fetch_raw()
    assert sorted(one.resource["resourceType"] for one in found.entry) == ["ServiceRequest", "Task"]


def test_paging(client: SyncFHIRClient, sent: Sent) -> None:
    ids = {client.resource("Task", **sent.need()).save()["id"] for _ in range(5)}
    found = client.resources("Task").search(group_identifier=sent.token).sort("-_lastUpdated").limit(2).fetch_all()
    assert (len(found), {one["id"] for one in found}) == (5, ids)


def test_history(client: SyncFHIRClient, made: Any) -> None:
    made["description"] = "Lengre"
    made.save()
    history = made.execute("_history", method="get")
    assert history["type"] == "history"
    assert [one["resource"]["meta"]["versionId"] for one in history["entry"]] == ["2", "1"]


def test_conditional_create(client: SyncFHIRClient, sent: Sent) -> None:
    content = sent.need()
    search = client.resources("Task").search(identifier=number(content))
    first, new = search.get_or_create(client.resource("Task", **content))
    again, twice = search.get_or_create(client.resource("Task", **sent.need()))
    assert (new, twice, first["id"]) == (True, False, again["id"])
    other: Any = client.resource("Task", **sent.need())
    assert other.create(identifier=number(content))["id"] == first["id"]


def test_conditional_update(client: SyncFHIRClient, made: Any) -> None:
    made["description"] = "Lengre"
    changed, is_new = client.resources("Task").search(identifier=number(made)).update(made)
    assert (changed["id"], changed["description"], is_new) == (made["id"], "Lengre", False)


def test_patch(client: SyncFHIRClient, made: Any) -> None:
    patching: Any = _with(client, Content_Type="application/json-patch+json", If_Match='W/"1"')
    answer = patching.execute(f"Task/{made['id']}", method="patch", data=json_patch("/description", "Kort"))
    assert (answer["description"], answer["meta"]["versionId"]) == ("Kort", "2")
    with pytest.raises(OperationOutcome, match="json-patch"):  # its own patch() merges
        made.patch(description="Lengre")
    assert client.get("Task", made["id"])["description"] == "Kort"


def test_batch(client: SyncFHIRClient, made: Any, sent: Sent) -> None:
    wanted = bundle(
        "batch",
        entry("GET", f"Task/{made['id']}"),
        entry("POST", "Task", sent.need()),
        entry("POST", "Task", sent.need(for_=None)),
    )
    for path in ("", "/"):
        answer = client.execute(path, data=wanted)
        assert answer["type"] == "batch-response"
        statuses = [one["response"]["status"][:3] for one in answer["entry"]]
        assert (statuses[0], statuses[2]) == ("200", "422")
        assert statuses[1] == ("201" if path == "" else "200")  # the same number again is the same case


def test_transaction(client: SyncFHIRClient, sent: Sent) -> None:
    case, order = (one["resource"] for one in client.execute("", data=sent.transaction())["entry"])
    assert case["focus"]["reference"] == f"ServiceRequest/{order['id']}"
    read = client.reference("Task", case["id"]).to_resource()
    assert read["focus"].to_resource()["id"] == order["id"]


def test_validate(client: SyncFHIRClient, sent: Sent) -> None:
    assert client.resource("Task", **sent.need()).is_valid(raise_exception=True)
    wrong = client.resource("Task", **sent.need(intent="wish"))
    assert not wrong.is_valid()
    with pytest.raises(OperationOutcome, match="intent"):
        wrong.is_valid(raise_exception=True)


def test_validate_with_profile(client: SyncFHIRClient, sent: Sent) -> None:
    def severities(content: dict[str, Any]) -> set[str]:
        outcome = client.execute("Task/$validate", data=content, params={"profile": PROFILE})
        return {one["severity"] for one in outcome["issue"]}

    assert severities(sent.need()) == {"information"}
    assert "error" in severities(sent.need(for_=None))


def test_subscribe(client: SyncFHIRClient) -> None:
    made: Any = client.resource("Subscription", **subscription(channel={"header": ["X-Key: secret"]})).save()
    assert made["status"] == "requested"
    assert "header" not in made["channel"]
    made["status"] = "off"
    made.save()
    found = client.resources("Subscription").search(_id=made["id"], status="off").fetch()
    assert [one["meta"]["versionId"] for one in found] == ["2"]
    told = made.execute("$status", method="get")
    assert told["type"] == "searchset"
