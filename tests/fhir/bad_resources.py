"""Wrong resources of all served types with one fault each, made from valid ones: kind of fault, resource, FHIRPath.

Most are made from the tables: each element of each type gets each fault that it can have. The invariants and the
nested choices, of which the tables cannot tell an example, are written out.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any, NamedTuple

from app.fhir.shapes import table
from tests.fhir.bad_cases import CHOICES, INVARIANTS, REFERENCE, TEXT
from tests.fhir.served import SERVED, sample

Json = dict[str, Any]
DATES = {"date": "2024-02-30", "dateTime": "2023-02-29T10:00:00Z", "instant": "2026-04-31T10:00:00Z"}
WRONG_FORMAT = {
    "base64Binary": "a?", "canonical": "a b", "code": " a", "date": "1.2.2026", "dateTime": "2026-01-01 10:00",
    "instant": "2026-01-01", "oid": "2.16.578", "positiveInt": 0, "time": "8:00", "unsignedInt": -1, "uri": "a b",
    "url": "a b", "uuid": "urn:uuid:x",
}  # fmt: skip
WRONG_TYPE = {"boolean": "true", "decimal": "1.0", "integer": "1", "positiveInt": 1.5, "unsignedInt": "1"}
SCRIPTS = (
    "<script>alert(1)</script>", '<p onclick="x()">a</p>', '<a href="javascript:x()">a</a>',
    '<img src="https://a.example/x.png" alt="a"/>', "<iframe>a</iframe>", '<p style="background:url(https://a)">a</p>',
)  # fmt: skip
DIV = '<div xmlns="http://www.w3.org/1999/xhtml">{}</div>'
LOCAL = {"CarePlan": "goal", "CareTeam": "participant", "ServiceRequest": "reasonReference", "Task": "input"}
"""Type → the element of its sample that points to what it contains."""


class Bad(NamedTuple):
    """A resource with one fault."""

    fault: str
    value: Json
    expression: str
    """Where the fault is."""

    @property
    def type(self) -> str:
        """Its resource type."""
        return str(self.value["resourceType"])


def all_bad() -> Iterator[Bad]:
    """Every one."""
    for name in SERVED:
        for element in table(name)[name]["elements"]:
            yield from _of_element(name, element)
        yield from _of_resource(name)
    yield from _choices()
    yield from _invariants()
    yield from _nested()


def _of_element(name: str, element: Json) -> Iterator[Bad]:
    """The faults that this element can have in this type."""
    label, many = element["name"].removesuffix("[x]"), element.get("max") == "*"
    where = f"{name}.{label}"
    kinds = [kind.partition("(")[0].partition(":")[0] for kind in element["types"]]
    if element["name"].endswith("[x]") or kinds == ["Resource"] or label in ("id", "div"):
        return
    one = f"{where}[0]" if many else where
    if element.get("min"):
        yield Bad("missing", _with(name, {label: None}), where)
    if many:
        yield Bad("no list", _with(name, {label: {"text": "x"}}), where)
        yield Bad("empty object or list", _with(name, {label: []}), where)
    else:
        yield Bad("too many", _with(name, {label: ["x", "x"]}), where)
    for fault, wrong in _wrong_values(element, kinds[0]):
        place = f"{one}.reference" if fault in ("wrong reference target", "bad reference") else one
        yield Bad(fault, _with(name, {label: [wrong] if many else wrong}), place)


def _wrong_values(element: Json, kind: str) -> Iterator[tuple[str, Any]]:
    is_primitive = kind[0].islower()
    is_number = kind in WRONG_TYPE and kind != "boolean"
    yield "wrong type", "x" if not is_primitive else WRONG_TYPE.get(kind, 1)
    if not is_primitive:
        yield "empty object or list", {}
    elif not is_number and kind != "boolean":
        yield "empty object or list", ""
    if "codes" in element:
        yield "unknown code", "nonsense"
    if "concepts" in element:
        yield "unknown code", {"coding": [{"system": "https://a.example", "code": "nonsense"}]}
    if kind in DATES:
        yield "bad date", DATES[kind]
    if kind in WRONG_FORMAT and "codes" not in element:
        yield "wrong format", WRONG_FORMAT[kind]
    if kind == "Reference":
        yield "bad reference", {"reference": "no reference"}
        if "(" in element["types"][0]:
            yield "wrong reference target", {"reference": "Slot/1"}


def _of_resource(name: str) -> Iterator[Bad]:
    for fault, members, place in (
        ("unknown element", {"foo": 1}, "foo"),
        ("unknown element", {"Status": "active"}, "Status"),
        ("unknown element", {"_meta": {"id": "a"}}, "_meta"),
        ("bad id", {"id": "a b/c"}, "id"),
        ("bad id", {"id": "x" * 65}, "id"),
        ("bad id", {"id": "å"}, "id"),
        ("bad id", {"id": ""}, "id"),
        ("bad date", {"meta": {"lastUpdated": "2026-02-31T00:00:00Z"}}, "meta.lastUpdated"),
        ("wrong type", {"id": 1}, "id"),
        ("null", {"language": None}, "language"),
    ):
        yield Bad(fault, sample(name) | members, f"{name}.{place}")
    if name not in ("Bundle", "Parameters"):
        for script in SCRIPTS:
            text = {"status": "generated", "div": DIV.format(script)}
            yield Bad("script in narrative", _with(name, {"text": text}), f"{name}.text.div")
        yield from _of_contained(name)


def _of_contained(name: str) -> Iterator[Bad]:
    def holds(one: Json, fault: str, place: str) -> Bad:
        value = _with(name, {"contained": [one], "extension": [_points_to("#c")]})
        return Bad(fault, _without_local(value), f"{name}.contained[0]{place}")

    yield holds({"resourceType": "Patient", "id": "c", "gender": "man"}, "unknown code", ".gender")
    yield holds({"resourceType": "Task", "id": "c", "status": "draft"}, "missing", ".intent")
    nameless = _with(name, {"contained": [{"resourceType": "Patient", "id": "c d"}]})
    yield Bad("bad id", _without_local(nameless), f"{name}.contained[0].id")
    yield holds({"resourceType": "Nonsense", "id": "c"}, "unknown code", ".resourceType")
    yield holds({"resourceType": "Patient", "id": "c", "meta": {"versionId": "1"}}, "invariant", "")
    lost = _with(name, {"contained": [{"resourceType": "Patient", "id": "c"}]})
    yield Bad("invariant", _without_local(lost), f"{name}.contained[0]")


def _points_to(reference: str) -> Json:
    return {"url": "https://a.example/x", "valueReference": {"reference": reference}}


def _without_local(value: Json) -> Json:
    """Without the elements that point to what the sample contained."""
    return {name: item for name, item in value.items() if name != LOCAL.get(value["resourceType"])}


def _with(name: str, members: Json) -> Json:
    """The sample with these members and what goes with them; None takes one out."""
    merged: Json = sample(name)
    for member in members:
        merged.pop(f"_{member}", None)
        if member == LOCAL.get(name):
            merged.pop("contained", None)
    merged |= deepcopy(members)
    return {key: item for key, item in merged.items() if item is not None}


def _choices() -> Iterator[Bad]:
    for expression, (name, members) in CHOICES.items():
        yield Bad("two value[x]", _with(name, members), expression)


def _invariants() -> Iterator[Bad]:
    for _, name, members, place in INVARIANTS:
        yield Bad("invariant", _with(name, members), name + place)
    team = {
        "resourceType": "CareTeam",
        "id": "c",
        "participant": [{"member": {"reference": "#o"}, "onBehalfOf": REFERENCE}],
    }
    organization = {"resourceType": "Organization", "id": "o", "name": "a"}
    plan = _with("CarePlan", {"contained": [team, organization], "careTeam": [{"reference": "#c"}]})
    yield Bad("invariant", _without_local(plan), "CarePlan.contained[0].participant[0]")


def _nested() -> Iterator[Bad]:
    """Faults deeper down, one for each nested element that has a rule of its own."""

    def changed(fault: str, name: str, expression: str, change: Callable[[Json], Any]) -> Bad:
        value = sample(name)
        change(value)
        return Bad(fault, value, expression)

    yield changed("missing", "Task", "Task.input[1].type", lambda v: v["input"][1].pop("type"))
    yield changed(
        "missing", "Encounter", "Encounter.statusHistory[0].period", lambda v: v["statusHistory"][0].pop("period")
    )
    yield changed("missing", "Patient", "Patient.link[0].other", lambda v: v["link"][0].pop("other"))
    yield changed(
        "missing", "Consent", "Consent.provision.actor[0].role", lambda v: v["provision"]["actor"][0].pop("role")
    )
    yield changed("missing", "Bundle", "Bundle.entry[1].request.url", lambda v: v["entry"][1]["request"].pop("url"))
    yield changed(
        "missing", "Bundle", "Bundle.entry[1].resource.status", lambda v: v["entry"][1]["resource"].pop("status")
    )
    yield changed("missing", "Subscription", "Subscription.channel.type", lambda v: v["channel"].pop("type"))
    yield changed("unknown code", "Patient", "Patient.link[0].type", lambda v: v["link"][0].update(type="x"))
    yield changed(
        "unknown code",
        "Consent",
        "Consent.provision.provision[0].type",
        lambda v: v["provision"]["provision"][0].update(type="x"),
    )
    yield changed(
        "unknown code", "Encounter", "Encounter.location[0].status", lambda v: v["location"][0].update(status="x")
    )
    yield changed(
        "unknown code",
        "HealthcareService",
        "HealthcareService.availableTime[0].daysOfWeek[1]",
        lambda v: v["availableTime"][0].update(daysOfWeek=["mon", "fredag"]),
    )
    yield changed(
        "unknown code",
        "CarePlan",
        "CarePlan.activity[1].detail.kind",
        lambda v: v["activity"][1]["detail"].update(kind="Patient"),
    )
    yield changed(
        "unknown code",
        "ServiceRequest",
        "ServiceRequest.contained[0].clinicalStatus",
        lambda v: v["contained"][0].update(clinicalStatus=TEXT),
    )
    yield changed(
        "unknown code",
        "Task",
        "Task.input[1].value.currency",
        lambda v: v["input"][1]["valueMoney"].update(currency="KRO"),
    )
    yield changed("unknown code", "Provenance", "Provenance.entity[0].role", lambda v: v["entity"][0].update(role="x"))
    yield changed(
        "unknown code",
        "AuditEvent",
        "AuditEvent.agent[0].network.type",
        lambda v: v["agent"][0]["network"].update(type="9"),
    )
    yield changed(
        "wrong format",
        "Communication",
        "Communication.payload[1].content.contentType",
        lambda v: v["payload"][1]["contentAttachment"].update(contentType="pdf"),
    )
    yield changed(
        "wrong format", "Subscription", "Subscription.channel.payload", lambda v: v["channel"].update(payload="json")
    )
    yield changed(
        "wrong format",
        "PractitionerRole",
        "PractitionerRole.availableTime[0].availableStartTime",
        lambda v: v["availableTime"][0].update(availableStartTime="25:00:00"),
    )
    yield changed(
        "wrong reference target",
        "CareTeam",
        "CareTeam.participant[1].member.reference",
        lambda v: v["participant"][1].update(member={"reference": "Location/1"}),
    )
    yield changed(
        "wrong reference target",
        "Consent",
        "Consent.provision.actor[0].reference.reference",
        lambda v: v["provision"]["actor"][0].update(reference={"reference": "Task/1"}),
    )
    yield changed(
        "wrong reference target",
        "CarePlan",
        "CarePlan.goal[0].reference",
        lambda v: (
            v["contained"][0].update({"resourceType": "Group", "type": "person", "actual": True})
            or [v["contained"][0].pop(n) for n in ("lifecycleStatus", "description", "subject", "target")]
        ),
    )
    yield changed(
        "wrong reference target",
        "Patient",
        "Patient.link[0].other.reference",
        lambda v: v["link"][0].update(other={"reference": "Practitioner/1"}),
    )
    yield changed(
        "unknown code",
        "Parameters",
        "Parameters.parameter[2].resource.resourceType",
        lambda v: v["parameter"][2].update(resource={"resourceType": "Pasient"}),
    )
    yield changed("bad id", "CareTeam", "CareTeam.participant[0].id", lambda v: v["participant"][0].update(id="a b"))
    yield changed(
        "bad date",
        "QuestionnaireResponse",
        "QuestionnaireResponse.item[0].item[0].answer[0].value",
        lambda v: (
            v["item"][0]["item"][0]["answer"][0].update(valueDate="2026-13-01")
            or v["item"][0]["item"][0]["answer"][0].pop("valueBoolean")
        ),
    )
    yield changed(
        "script in narrative",
        "Bundle",
        "Bundle.entry[0].resource.text.div",
        lambda v: v["entry"][0]["resource"].update(text={"status": "generated", "div": DIV.format(SCRIPTS[0])}),
    )
    yield changed(
        "script in narrative",
        "Parameters",
        "Parameters.parameter[2].resource.text.div",
        lambda v: v["parameter"][2]["resource"].update(text={"status": "generated", "div": DIV.format(SCRIPTS[0])}),
    )
