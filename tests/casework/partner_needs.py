"""Needs as partners' systems may write them: valid R4, whatever the spelling, the order and the white space."""

import json
from random import Random
from typing import Any

from hypothesis import strategies as st

from app.fhir import codes
from tests.casework.world import FJORDVIK, PATIENT, UNITS, resh

EXTENSION = "https://fjordvik.example/fhir/StructureDefinition/"
SPACES = ("", "", "", " ", "\n", "\t ", "\r\n  ")
LETTERS = st.text("abcÆøå Ω\U0001f600/\\\"'<>&", min_size=1, max_size=14).filter(lambda text: bool(text.strip()))
DECIMALS = st.sampled_from(
    ["1.00", "0.10", "1.1", "1e2", "1.0E-3", "1E+99", "-1e-99", "-0.0", "-0", "0e0", "9007199254740993.0",
     "12345678901234567.125", "18446744073709551615", "3"]
)  # fmt: skip


class Number(str):
    """A number as it is to be written."""

    __slots__ = ()


def written(value: Any, whim: Random) -> str:
    """JSON of a value, with the order of members, spelling and white space of a strange writer."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        names = whim.sample(list(value), len(value))
        members = [f'"{name}"{_space(whim)}:{_space(whim)}{written(value[name], whim)}' for name in names]
        return "{" + _space(whim) + f"{_space(whim)},{_space(whim)}".join(members) + _space(whim) + "}"
    if isinstance(value, list):
        return f"[{_space(whim)}" + f"{_space(whim)},".join(written(item, whim) for item in value) + "]"
    if isinstance(value, str):
        return '"' + "".join(whim.choice(_spellings(character)) for character in value) + '"'
    return json.dumps(value)


def _space(whim: Random) -> str:
    return whim.choice(SPACES)


def _spellings(character: str) -> list[str]:
    plain = json.dumps(character, ensure_ascii=False)[1:-1]
    escaped = json.dumps(character)[1:-1] if ord(character) > 127 else f"\\u{ord(character):04x}"
    return [plain] * 6 + [escaped, escaped.upper().replace("\\U", "\\u")] + ["\\/"] * 4 * (character == "/")


@st.composite
def extensions(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Extensions of a partner's own, with numbers that must not be changed."""
    kinds = {
        "valueDecimal": DECIMALS.map(Number),
        "valueString": LETTERS,
        "valueQuantity": DECIMALS.map(lambda number: {"value": Number(number), "unit": "mg"}),
        "valueBoolean": st.booleans(),
    }
    names = draw(st.lists(st.sampled_from(sorted(kinds)), min_size=1, max_size=3))
    return [{"url": f"{EXTENSION}{index}", name: draw(kinds[name])} for index, name in enumerate(names)]


@st.composite
def numbers(draw: st.DrawFn, number: str) -> list[dict[str, Any]]:
    """Identifiers: the sender's own number among others of other types."""
    own: dict[str, Any] = {"system": "https://fjordvik.example/saker", "value": number}
    if draw(st.booleans()):
        own["type"] = codes.concept(codes.IDENTIFIER_TYPE, "PLAC")
    others = [
        {"type": codes.concept(codes.IDENTIFIER_TYPE, "MR"), "system": "https://fjordvik.example/mr", "value": text}
        for text in draw(st.lists(LETTERS.map(str.strip), max_size=2))
    ]
    return draw(st.permutations([own, *others]))


OPTIONAL: dict[str, st.SearchStrategy[Any]] = {
    "extension": extensions(),
    "_description": extensions().map(lambda found: {"id": "d1", "extension": found}),
    "_status": extensions().map(lambda found: {"extension": found}),
    "_priority": st.just({"extension": [{"url": f"{EXTENSION}p", "valueCode": "a"}]}),
    "note": st.lists(
        LETTERS.map(lambda text: {"text": text, "time": "2026-11-20T10:00:00+01:00"}), min_size=1, max_size=3
    ),
    "contained": extensions().map(
        lambda found: [{"resourceType": "Basic", "id": "b", "code": {"text": "x"}, "extension": found}]
    ),
    "groupIdentifier": LETTERS.map(lambda text: {"system": "https://fjordvik.example/groups", "value": text}),
    "requester": LETTERS.map(
        lambda text: {"identifier": {"system": codes.ORGANISATION, "value": FJORDVIK}, "display": text}
    ),
    "owner": st.sampled_from([resh(unit) for unit in UNITS]),
    "priority": st.sampled_from(["routine", "urgent", "asap"]),
    "authoredOn": st.sampled_from(["2026-11-20", "2026-11-20T10:00:00.10+01:00"]),
    "lastModified": st.just("2026-11-20T10:00:00Z"),
    "language": st.just("nb"),
    "restriction": st.just({"period": {"end": "2026-12-20"}}),
    "executionPeriod": st.just({"start": "2026-01-01", "end": "2026-02-01T10:00:00+01:00"}),
    "text": LETTERS.map(
        lambda _: {"status": "additional", "div": '<div xmlns="http://www.w3.org/1999/xhtml">a&amp;b</div>'}
    ),
    "meta": st.fixed_dictionaries(
        {"profile": st.just(["https://fjordvik.example/fhir/StructureDefinition/x"])},
        optional={
            "tag": LETTERS.map(lambda text: [{"system": "https://fjordvik.example/tags", "display": text}]),
            "source": st.just("https://fjordvik.example/#1"),
            "versionId": st.just("77"),
            "extension": extensions(),
        },
    ),
}


@st.composite
def partner_needs(draw: st.DrawFn, number: str = "2026-17/1") -> bytes:
    """A need under this number."""
    content: dict[str, Any] = {
        "resourceType": "Task",
        "identifier": draw(numbers(number)),
        "status": "requested",
        "intent": "order",
        "code": codes.concept(codes.COORDINATION_TASK, codes.COORDINATOR_NEED) | {"text": draw(LETTERS)},
        "description": draw(LETTERS),
        "for": {
            "identifier": {"system": codes.NATIONAL_NUMBER, "value": PATIENT},
            "display": draw(LETTERS),
            "extension": draw(extensions()),
        },
        "input": [
            {"type": codes.concept(codes.TASK_INPUT, "consent"), "valueBoolean": True},
            {"type": {"text": "dose"}, "valueQuantity": {"value": Number(draw(DECIMALS)), "unit": draw(LETTERS)}},
            *({"type": {"text": "own"}, "extension": [found], "valueString": "x"} for found in draw(extensions())),
        ],
    }
    content |= draw(st.fixed_dictionaries({}, optional=OPTIONAL))
    if "contained" in content:
        content["input"].append({"type": {"text": "file"}, "valueReference": {"reference": "#b"}})
    whim = Random(draw(st.integers(0, 2**32)))  # noqa: S311 - spelling, drawn at once: Hypothesis chooses the seed
    return written(content, whim).encode()
