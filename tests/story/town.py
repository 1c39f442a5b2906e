"""A service with its neighbours: the stand-in EHR, two stand-in municipalities, and people who call it."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from benchmarks.needs import patients
from tests.api.running import FHIR, need
from tests.sandbox.processes import StandIn, stand_in
from tests.story.programs import PROJECT, Program, eventually, free_port

SECRET = "a-secret-of-the-municipality"
EHR_TOKEN = "the-token-of-the-ehr"
MUNICIPALITIES = {"fjordvik": "310471437", "dalheim": "310471569"}
UNIT = ("clinical-unit", "neurology-outpatient")
"""Where the example need is routed: the only unit that treats the patient."""
SENDER = ("municipality", "fjordvik")
OPERATOR = ("operator", "")
SETTINGS = {
    "SAMBAND_LEASE_SECONDS": "1",
    "SAMBAND_RETRY_BASE": "0.2",
    "SAMBAND_BREAKER_SECONDS": "0.5",
    "SAMBAND_SEND_TIMEOUT": "5",
}
Persona = tuple[str, str]


@dataclass(slots=True)
class Town:
    """``settings`` are those of the service; ``told`` is what must never be in a log: patients and tokens."""

    folder: Path
    database: str
    port: int
    ehr: StandIn
    municipalities: dict[str, StandIn]
    service: Program
    http: httpx.Client
    told: set[str] = field(default_factory=set)
    tokens: dict[Persona, str] = field(default_factory=dict)
    numbers: Iterator[str] = field(default_factory=lambda: patients(uuid4().int))

    @property
    def origin(self) -> str:
        """Where the service is."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the service and wait until it is ready; its issuer has new keys then."""
        self.tokens.clear()
        self.service.start()
        self.service.wait_for(f"{self.origin}/health/ready")

    def headers(self, who: Persona) -> dict[str, str]:
        """The headers of a caller; its token is asked for once."""
        if who not in self.tokens:
            persona, place = who
            field_name = "organisation" if persona == "municipality" else "unit"
            form = {"persona": persona} | ({field_name: place} if place else {})
            answer = self.http.post("/sandbox/token", data=form)
            assert answer.status_code == 200, answer.text
            self.tokens[who] = answer.json()["access_token"]
            self.told.add(self.tokens[who])
        return FHIR | {"Authorization": f"Bearer {self.tokens[who]}"}

    def call(self, who: Persona, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """One request to the FHIR base; ``If_Match`` and the like become headers."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        content = None if body is None else json.dumps(body)
        return self.http.request(method, f"/fhir/v1/{path}", content=content, headers=self.headers(who) | named)

    def need(self, sender: str = "fjordvik", **changes: Any) -> dict[str, Any]:
        """The example need, for a patient and under a number of its own."""
        patient = next(self.numbers)
        self.told.add(patient)
        content = need(**changes)
        content["for"]["identifier"]["value"] = patient
        content["requester"]["identifier"]["value"] = MUNICIPALITIES[sender]
        content["requester"].pop("display", None)
        return content

    def posted(self, sender: str = "fjordvik") -> str:
        """The id of a new case in the unit's queue."""
        answer = self.call(("municipality", sender), "POST", "Task", self.need(sender))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def operate(self, who: Persona, case: str, operation: str, body: Any = None, **headers: str) -> httpx.Response:
        """``POST Task/{case}/${operation}``."""
        return self.call(who, "POST", f"Task/{case}/${operation}", body, **headers)

    def appointed(self) -> str:
        """The id of a new case that the unit has accepted and appointed a coordinator in."""
        case = self.posted()
        for operation, body in (("accept", None), ("appoint", example("appoint"))):
            answer = self.operate(UNIT, case, operation, body)
            assert answer.status_code == 200, answer.text
        return case

    def task(self, case: str, who: Persona = UNIT) -> dict[str, Any]:
        """A Task as it stands."""
        answer = self.call(who, "GET", f"Task/{case}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def versions(self, case: str, who: Persona = ("coordinating-unit", "")) -> list[dict[str, Any]]:
        """All versions of a Task, oldest first."""
        answer = self.call(who, "GET", f"Task/{case}/_history")
        assert answer.status_code == 200, answer.text
        return [entry["resource"] for entry in reversed(answer.json()["entry"])]

    def events(self, case: str) -> list[dict[str, Any]]:
        """The case's trace, oldest first."""
        answer = self.http.get(f"/reports/cases/{case}/events", headers=self.headers(("coordinating-unit", "")))
        assert answer.status_code == 200, answer.text
        return list(answer.json()["events"])

    def cases_of(self, content: dict[str, Any], sender: str = "fjordvik") -> list[str]:
        """The ids of all cases under the sender's number of ``content``."""
        number = content["identifier"][0]
        query = f"Task?identifier={number['system']}|{number['value']}"
        answer = self.call(("municipality", sender), "GET", query)
        assert answer.status_code == 200, answer.text
        return [entry["resource"]["id"] for entry in answer.json().get("entry", ())]

    def waiting(self) -> list[dict[str, Any]]:
        """Deliveries that are not settled."""
        answer = self.http.get("/operator/deliveries?state=waiting", headers=self.headers(OPERATOR))
        assert answer.status_code == 200, answer.text
        return list(answer.json()["deliveries"])

    def journal(self, key: str = "fjordvik") -> dict[str, Any]:
        """The journal of a municipality."""
        return dict(self.municipalities[key].client.get("/_journal").json())

    def seen(self, case: str, key: str = "fjordvik") -> list[dict[str, Any]]:
        """The journal's events about a case, in the order of their arrival."""
        return [event for event in self.journal(key)["events"] if event["focus"].endswith(f"Task/{case}")]

    def subscribe(self, key: str) -> None:
        """What an operator does once for each municipality."""
        content = {
            "organisation": MUNICIPALITIES[key],
            "topic": "case-changed",
            "endpoint": f"{self.municipalities[key].origin}/notify",
            "header": f"Authorization: Bearer {SECRET}",
        }
        headers = self.headers(OPERATOR) | {"Content-Type": "application/json"}
        answer = self.http.post("/operator/subscriptions", json=content, headers=headers)
        assert answer.status_code == 201, answer.text

    def all_well(self) -> None:
        """Neighbours in good order, the service running, nothing left of an earlier test."""
        for neighbour in (self.ehr, *self.municipalities.values()):
            behave(neighbour, "up")
        if not self.service.running:
            self.start()
        eventually("nothing waits", lambda: not self.waiting())


def behave(neighbour: StandIn, mode: str, **more: float) -> None:
    """Tell a stand-in how to behave from now on."""
    answer = neighbour.client.put("/_control", json={"mode": mode, **more})
    assert answer.status_code == 200, answer.text


def counts(neighbour: StandIn) -> dict[str, int]:
    """What a stand-in has counted."""
    return dict(neighbour.client.get("/_control").json()["counts"])


def stored(ehr: StandIn, patient: str) -> list[dict[str, Any]]:
    """What the EHR holds about a patient."""
    teams = ehr.client.get("/_stored").json()["careTeams"]
    return [team for team in teams if team["subject"]["identifier"]["value"] == patient]


def example(name: str) -> dict[str, Any]:
    """A request of ``examples/``."""
    content: dict[str, Any] = json.loads((PROJECT / "examples" / f"{name}.json").read_text(encoding="utf-8"))
    return content


def patient_of(task: dict[str, Any]) -> str:
    """The patient's identity number."""
    return str(task["for"]["identifier"]["value"])


def outputs(task: dict[str, Any], name: str) -> list[Any]:
    """The values of all outputs of one kind."""
    found = [entry for entry in task.get("output", ()) if entry["type"]["coding"][0]["code"] == name]
    return [next(value for key, value in entry.items() if key.startswith("value")) for entry in found]


def service_program(folder: Path, database: str, port: int, *options: str, **settings: str) -> Program:
    """``serve --sandbox`` with short times."""
    arguments = ("app.cli", "serve", "--sandbox", "--port", str(port), "--database", database, *options)
    return Program(arguments, folder / f"service-{port}.log", SETTINGS | settings)


@contextmanager
def running_town(folder: Path, database: str, *options: str, ehr_url: str = "") -> Iterator[Town]:
    """A running town; its logs are read at the end.

    ``options`` are further arguments of ``serve``, ``ehr_url`` is another EHR than the stand-in.
    """
    port = free_port()
    with ExitStack() as stack:
        ehr = stack.enter_context(stand_in("ehr", "--database", str(folder / "ehr.sqlite"), "--token", EHR_TOKEN))
        municipalities = {
            key: stack.enter_context(_municipality(folder, key, number, port)) for key, number in MUNICIPALITIES.items()
        }
        neighbours = {"SAMBAND_EHR_URL": ehr_url or f"{ehr.origin}/fhir", "SAMBAND_EHR_TOKEN": EHR_TOKEN}
        service = service_program(folder, database, port, *options, **neighbours)
        # A connection of its own for each request: an idle one would die with a killed service.
        limits = httpx.Limits(max_keepalive_connections=0)
        http = stack.enter_context(
            httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30, limits=limits)
        )
        built = Town(folder, database, port, ehr, municipalities, service, http, told={SECRET, EHR_TOKEN})
        stack.callback(service.stop)
        built.start()
        for key in MUNICIPALITIES:
            built.subscribe(key)
        yield built
        service.stop()
        for log in folder.glob("*.log"):
            assert_discreet(log.read_text(encoding="utf-8", errors="replace"), built.told)


def assert_discreet(log: str, told: set[str]) -> None:
    """No identity number and no token in a log, and no failure that nobody expected."""
    leaked = [index for index, secret in enumerate(sorted(told)) if secret in log]
    assert not leaked, f"{len(leaked)} of {len(told)} patients and tokens are in a log"
    assert "Traceback" not in log, log[-4000:]
    assert "unhandled" not in log, log[-4000:]


def _municipality(folder: Path, key: str, number: str, port: int) -> Any:
    journal = str(folder / f"{key}.journal")
    samband = f"http://127.0.0.1:{port}"
    return stand_in(
        "municipality", "--journal", journal, "--samband", samband, "--organisation", number, "--secret", SECRET
    )
