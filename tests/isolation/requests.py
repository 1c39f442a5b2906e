"""Requests of a curious municipality over all routes, parameters, headers and operations.

Values are its own, others' (which only one world has) and nobody's, in every place where a value can stand.
"""

import json
import random
import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote, urlencode
from uuid import UUID

from app.api.routes import FHIR_PATHS, OTHER_PATHS
from app.fhir import codes
from app.fhir.declared import Kind, SearchParameter
from app.fhir.resources import RESOURCES, pairs_leading_to
from tests.api.running import EXAMPLES
from tests.isolation.people import OTHERS, SHARED, WRITABLE, Known, abort, about, created, need
from tests.isolation.worlds import BASE, Sent

_JSON: Final = (("content-type", "application/fhir+json"),)
_FORM: Final = (("content-type", "application/x-www-form-urlencoded"),)
_PATCH: Final = (("content-type", "application/json-patch+json"),)
_PREFIXES: Final = ("", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
_DATES: Final = ("2026", "2026-11", "2026-11-21", "2026-11-21T11:00:00Z", "2026-11-21T11:00:30.000Z", "2027-01-01")
_CODES: Final = (
    "received",
    "draft",
    "requested",
    "accepted",
    "completed",
    "active",
    "rejected",
    "order",
    "true",
    "false",
)
_WORDS: Final = ("Prøve", "prøveenheten", "a", "Fjordvik", "Dalheim")
_OPERATIONS: Final = tuple((one.name, operation) for one in RESOURCES.values() for operation in one.operations)
_EXAMPLES: Final = tuple(
    (re.split("-[0-9a]", path.stem)[0], path.read_bytes())
    for path in sorted(EXAMPLES.glob("*.json"))
    if not path.name.startswith("task-")
)
"""Parameters by the first letters of the operation's name."""
_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class Curious:
    """Makes requests; ``known`` grows with what the municipality is answered."""

    def __init__(self, seed: int, known: Known) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - the same requests for the same seed
        self._known = known
        self._number = 0
        weighted: tuple[tuple[int, Callable[[], Sent]], ...] = (
            (8, self._read),
            (5, self._vread),
            (5, self._history),
            (18, self._search),
            (7, self._search_post),
            (3, self._search_all),
            (4, self._next_page),
            (10, self._create),
            (4, self._conditional_create),
            (7, self._update),
            (3, self._conditional_update),
            (5, self._patch),
            (9, self._operation),
            (6, self._bundle),
            (4, self._validate),
            (3, self._elsewhere),
            (2, self._odd),
        )
        self._makers = [maker for weight, maker in weighted for _ in range(weight)]

    def request(self) -> Sent:
        """The next request."""
        self._number += 1
        return self._chance.choice(self._makers)()

    # ------------------------------------------------------------------------------------------------ values

    def _pick(self, *choices: Any) -> Any:
        return self._chance.choice(choices)

    def _maybe(self, share: float) -> bool:
        return self._chance.random() < share

    def _type(self) -> str:
        return str(self._pick("Task", "Task", "CareTeam", "CarePlan", *(one.name for one in RESOURCES.values())))

    def _type_there(self) -> str:
        """One of which there is something, as often as any."""
        return str(self._pick(*self._known.own)) if self._maybe(0.5) else self._type()

    def _id(self, type_name: str) -> str:
        """An own id, somebody else's, one of another type, nobody's."""
        kept = self._pick(self._known.own, self._known.foreign)
        ids = kept.get(type_name) or self._pick(*kept.values(), ["none"])
        if self._maybe(0.12):
            return str(UUID(int=self._chance.getrandbits(128), version=4))
        return str(self._chance.choice(ids))

    def _reference(self, *targets: str) -> str:
        target = self._pick(*targets) if targets else self._type()
        return f"{target}/{self._id(target)}"

    def _identifier(self) -> str:
        return str(self._pick(*self._known.numbers, "https://numbers.example|none"))

    def _value(self, parameter: SearchParameter, *, in_url: bool) -> str:
        kind = parameter.kind
        if kind is Kind.ID:
            return self._id(self._type())
        if kind in {Kind.DATE, Kind.LAST_UPDATED}:
            return str(self._pick(*_PREFIXES)) + str(self._pick(*_DATES))
        if kind is Kind.PATIENT:
            number = f"{codes.NATIONAL_NUMBER}|{self._pick(*SHARED, *OTHERS)}"
            return self._pick(self._reference("Patient"), self._id("Patient")) if in_url else number
        if kind is Kind.REFERENCE:
            reference = self._reference(*parameter.targets)
            return str(self._pick(reference, f"{BASE}/fhir/v1/{reference}", reference.partition("/")[2]))
        if kind is Kind.CODE:
            return str(self._pick(*_CODES))
        identifier = self._pick(*_WORDS) if kind is Kind.STRING else self._identifier()
        return str(self._pick(identifier, identifier.partition("|")[2], identifier.partition("|")[0] + "|"))

    def _criterion(self, type_name: str, *, in_url: bool) -> tuple[str, str]:
        parameter = self._chance.choice(RESOURCES[type_name].search)
        modifier = self._pick("", "", *parameter.modifiers)
        if modifier == "missing":
            return f"{parameter.name}:missing", str(self._pick("true", "false"))
        if modifier == "identifier" or parameter.only_by_identifier:
            number = f"{codes.NATIONAL_NUMBER}|{self._pick(*SHARED, *OTHERS)}"
            value = number if parameter.kind is Kind.PATIENT and not in_url else self._identifier()
            return f"{parameter.name}:identifier", value
        values = [self._value(parameter, in_url=in_url) for _ in range(self._pick(1, 1, 1, 2))]
        return (f"{parameter.name}:{modifier}" if modifier else parameter.name), ",".join(values)

    def _result(self, type_name: str) -> list[tuple[str, str]]:
        """Parameters about the answer, not about what is looked for."""
        resource = RESOURCES[type_name]
        found = []
        if self._maybe(0.4):
            found.append(("_count", str(self._pick(0, 1, 2, 5, 200))))
        if self._maybe(0.2):
            found.append(("_total", str(self._pick("none", "accurate", "estimate"))))
        if self._maybe(0.2):
            found.append(("_sort", str(self._pick("_lastUpdated", "-_lastUpdated", "_id", "status"))))
        if self._maybe(0.15):
            found.append(("_summary", str(self._pick("count", "true", "data", "text", "false"))))
        if resource.includes and self._maybe(0.35):
            found.append(("_include", f"{type_name}:{self._pick(*resource.includes, '*')}"))
        back = pairs_leading_to(type_name)
        if back and self._maybe(0.35):
            found.append(("_revinclude", ":".join(self._pick(*back))))
        return found

    def _body(self) -> dict[str, Any]:
        """A resource to write, often pointing at something of others."""
        number = str(self._pick(f"A-{self._number}", f"A-{self._pick(*range(8))}", f"B-{self._pick(*range(8))}"))
        name = str(self._pick("Task", *WRITABLE))
        if name == "Task" and self._maybe(0.25):
            return abort(self._pick(number, "A-abort", "A-abort-0"), self._id("Task"), "fjordvik")
        if name == "Task":
            status = "draft" if self._maybe(0.3) else "requested"
            content = need(number, self._pick(*SHARED), "neurology-outpatient", "fjordvik", status=status)
            if self._maybe(0.4):
                content[self._pick("focus", "for")] = {"reference": self._reference()}
            if self._maybe(0.2):
                content["basedOn"] = [{"reference": self._reference()}]
            return content
        content = about(name, number, self._pick(*SHARED, *OTHERS))
        if name == "Subscription":
            status = self._pick("requested", "requested", "off", "active")
            return content | {"status": status, "end": self._pick("2027-01-01T00:00:00Z", "2026-01-01T00:00:00Z")}
        member = "patient" if name in {"Consent", "RelatedPerson"} else "subject"
        if name != "Patient" and self._maybe(0.4):
            content[member] = {"reference": self._reference("Patient")}
        if name in {"CarePlan", "Communication"} and self._maybe(0.4):
            content["partOf"] = [{"reference": self._reference("CarePlan" if name == "CarePlan" else "Task")}]
        if name == "CarePlan" and self._maybe(0.3):
            content["careTeam"] = [{"reference": self._reference("CareTeam")}]
        return content

    def _preferring(self) -> tuple[tuple[str, str], ...]:
        wanted = self._pick("", "", "return=minimal", "return=representation", "return=OperationOutcome")
        return (("prefer", wanted),) if wanted else ()

    # ---------------------------------------------------------------------------------------------- requests

    def _read(self) -> Sent:
        name = self._type_there()
        headers = (("if-none-match", self._pick('W/"1"', 'W/"2"', "*")),) if self._maybe(0.3) else ()
        return Sent("read", self._pick("GET", "GET", "HEAD"), f"/fhir/v1/{name}/{self._id(name)}", headers)

    def _vread(self) -> Sent:
        name = self._type_there()
        return Sent("vread", "GET", f"/fhir/v1/{name}/{self._id(name)}/_history/{self._pick(1, 1, 2, 3, 9)}")

    def _history(self) -> Sent:
        name = self._type_there()
        place = self._pick(f"/{name}/{self._id(name)}", f"/{name}", "")
        given = []
        if self._maybe(0.4):
            given.append(("_count", str(self._pick(1, 3, 50))))
        if self._maybe(0.3):
            given.append(("_since", str(self._pick(*_DATES))))
        return Sent("history", "GET", f"/fhir/v1{place}/_history" + (f"?{urlencode(given)}" if given else ""))

    def _asked(self, name: str, *, in_url: bool) -> str:
        given = [self._criterion(name, in_url=in_url) for _ in range(self._pick(0, 1, 1, 1, 2))]
        return urlencode([*given, *self._result(name)])

    def _search(self) -> Sent:
        name = self._type()
        lenient = (("prefer", "handling=lenient"),) if self._maybe(0.1) else ()
        return Sent(
            "search", self._pick("GET", "GET", "HEAD"), f"/fhir/v1/{name}?{self._asked(name, in_url=True)}", lenient
        )

    def _search_post(self) -> Sent:
        name = self._type()
        return Sent(
            "search by post", "POST", f"/fhir/v1/{name}/_search", _FORM, self._asked(name, in_url=False).encode()
        )

    def _search_all(self) -> Sent:
        types = self._pick("Task", "Task,CareTeam", "CarePlan,Communication,Consent", "Patient,Encounter")
        more = self._pick("", f"&_id={self._id('Task')}", "&_lastUpdated=ge2026", "&_summary=count", "&_count=2")
        return Sent("search of all", "GET", f"/fhir/v1?_type={types}{more}")

    def _next_page(self) -> Sent:
        if not self._known.cursors:
            return self._search()
        return Sent("next page", "GET", str(self._pick(*self._known.cursors[-20:])))

    def _create(self) -> Sent:
        if self._known.posted and self._maybe(0.2):
            return self._chance.choice(self._known.posted)  # the same again
        sent = created(self._body())
        self._known.posted.append(sent)
        return Sent("create", sent.method, sent.path, (*_JSON, *self._preferring()), sent.body)

    def _conditional_create(self) -> Sent:
        content = self._body()
        name = content["resourceType"]
        condition = urlencode([self._criterion(name, in_url=True)])
        sent = created(content)
        if self._maybe(0.3):
            url = f"{sent.path}?{urlencode([('identifier', self._identifier())])}"
            return Sent("conditional create", "POST", url, _JSON, sent.body)
        return Sent("conditional create", "POST", sent.path, (*_JSON, ("if-none-exist", condition)), sent.body)

    def _update(self) -> Sent:
        content = self._body()
        name = content["resourceType"]
        resource = self._id(name)
        content["id"] = resource
        headers: tuple[tuple[str, str], ...] = _JSON
        if self._maybe(0.6):
            headers = (*_JSON, ("if-match", f'W/"{self._pick(1, 1, 2, 3, 7)}"'))
        if self._maybe(0.3):
            content["meta"] = {"versionId": str(self._pick(1, 2))}
        return Sent("update", "PUT", f"/fhir/v1/{name}/{resource}", headers, json.dumps(content).encode())

    def _conditional_update(self) -> Sent:
        content = self._body()
        name = content["resourceType"]
        query = urlencode([self._criterion(name, in_url=True)])
        headers = (*_JSON, ("if-match", 'W/"1"')) if self._maybe(0.5) else _JSON
        return Sent("conditional update", "PUT", f"/fhir/v1/{name}?{query}", headers, json.dumps(content).encode())

    def _patch(self) -> Sent:
        name = self._pick("Task", "Task", "CarePlan", "CareTeam")
        steps = [
            {"op": "add", "path": "/description", "value": f"Mer {self._number}"},
            {
                "op": "replace",
                "path": "/status",
                "value": self._pick("cancelled", "accepted", "completed", "requested"),
            },
            {"op": "test", "path": "/id", "value": self._id(name)},
            {"op": "remove", "path": "/description"},
            {"op": "copy", "from": "/for", "path": "/requester"},
        ]
        headers = (*_PATCH, ("if-match", f'W/"{self._pick(1, 1, 2, 3)}"')) if self._maybe(0.8) else _PATCH
        body = json.dumps([self._chance.choice(steps)]).encode()
        return Sent("patch", "PATCH", f"/fhir/v1/{name}/{self._id(name)}", headers, body)

    def _operation(self) -> Sent:
        name, operation = self._chance.choice(_OPERATIONS)
        instance = f"/{self._id(name)}" if operation.level == "instance" or self._maybe(0.1) else ""
        if name == "Subscription":
            return self._of_subscription(f"/fhir/v1/{name}{instance}/${operation.name}", operation.parameters)
        fitting = [body for stem, body in _EXAMPLES if operation.name.startswith(stem)]
        body = self._pick(b'{"resourceType":"Parameters"}', *(fitting * 4), self._pick(*_EXAMPLES)[1])
        method = "GET" if operation.method == "GET" else "POST"
        path = f"/fhir/v1/{name}{instance}/${operation.name}"
        return Sent("operation", method, path, _JSON if method == "POST" else (), body if method == "POST" else b"")

    def _of_subscription(self, path: str, names: tuple[str, ...]) -> Sent:
        """One of its operations, by either method, with parameters that it has or has not."""
        values = {"id": self._id("Subscription"), "status": self._pick("requested", "active", "off", "none")}
        values |= {"content": self._pick("empty", "id-only", "full-resource", "all")}
        given = [(name, values.get(name, self._pick("1", "2", "9", "x"))) for name in names if self._maybe(0.6)]
        if self._maybe(0.5):
            return Sent("operation", "GET", f"{path}?{urlencode(given)}" if given else path)
        kinds = {"id": "valueId", "status": "valueCode", "content": "valueCode"}
        entries = [{"name": name, kinds.get(name, "valueString"): value} for name, value in given]
        body = {"resourceType": "Parameters"} | ({"parameter": entries} if entries else {})
        return Sent("operation", "POST", path, _JSON, json.dumps(body).encode())

    def _entry(self) -> dict[str, Any]:
        sent = self._pick(
            self._read, self._search, self._create, self._update, self._history, self._conditional_create
        )()
        request = {"method": sent.method, "url": sent.path.removeprefix("/fhir/v1/").removeprefix("/fhir/v1")}
        named = {"if-match": "ifMatch", "if-none-match": "ifNoneMatch", "if-none-exist": "ifNoneExist"}
        request |= {named[name]: value for name, value in sent.headers if name in named}
        entry: dict[str, Any] = {"request": request}
        if sent.body and sent.method in {"POST", "PUT"}:
            entry["resource"] = json.loads(sent.body)
        return entry

    def _bundle(self) -> Sent:
        kind = self._pick("batch", "batch", "transaction")
        entries = [self._entry() for _ in range(self._pick(1, 2, 3))]
        content = {"resourceType": "Bundle", "type": kind, "entry": entries}
        return Sent(kind, "POST", "/fhir/v1", _JSON, json.dumps(content).encode())

    def _validate(self) -> Sent:
        content = self._body()
        name = content["resourceType"]
        place = f"/{self._id(name)}" if self._maybe(0.5) else ""
        return Sent("validate", "POST", f"/fhir/v1/{name}{place}/$validate", _JSON, json.dumps(content).encode())

    def _elsewhere(self) -> Sent:
        """The paths that are not of the resource table."""
        template, offers = self._chance.choice(OTHER_PATHS)
        path = template.replace("{id:logical_id}", self._id("Task")).replace("{delivery}", str(self._pick(1, 2, 99)))
        return Sent("elsewhere", self._pick(*offers), path, _JSON)

    def _odd(self) -> Sent:
        """Any method at any path of the base, an id of others in it."""
        template, _ = self._chance.choice(FHIR_PATHS)
        name = self._type()
        path = template.replace("{type}", name).replace("{id:logical_id}", self._id(name))
        path = path.replace("{version}", "1").replace("{operation}", "accept")
        return Sent("odd", self._pick(*_METHODS), f"/fhir/v1{quote(path, safe='/$')}", _JSON, b"{}")
