"""Resources as strange writers may write them, with links to another entry and with what only looks like one."""

from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.api.smallest import smallest
from tests.casework.partner_needs import DECIMALS, Number, written

LINK, HREF, SAME, NUMBER = "%LINK%", "%HREF%", "%SAME%", "%NUMBER%"
"""Marks in the text: a link to another entry, in an element and in the narrative; the same where it is no link; the
sender's number."""
EXTENSION = "https://fjordvik.example/fhir/StructureDefinition/"
_MARKS = "/\\\"'<>&{}[]:,%$|#?\t"
_SIGNS = f"aÆÅA\u030a\u212be\u0301Ω\U0001f600\U0001f469\u200d{_MARKS}\u0085\u2028\u00a0\u202e\ufeff\ufffd\U0010fffd"
TEXTS = st.text(_SIGNS, min_size=1, max_size=12).map("a{}".format)
_LINK, _SAME, _NUMBER = (Number(f'"{mark}"') for mark in (LINK, SAME, NUMBER))
_LOOKALIKES: dict[str, Any] = {
    "valueString": _SAME,
    "valueCanonical": _SAME,
    "valueUuid": _SAME,
    "valueMarkdown": Number(f'"\\"reference\\": \\"{SAME}\\" <a href=\'{SAME}\'>"'),
    "valueIdentifier": {"system": "urn:ietf:rfc:3986", "value": _SAME},
    "valueReference": {"display": _SAME, "identifier": {"value": _SAME}},
}
_LINKS: dict[str, Any] = {
    "valueReference": {"reference": _LINK, "_reference": {"id": "r1"}, "display": "x"},
    "valueUri": _LINK,
    "valueUrl": _LINK,
    "valueAttachment": {"url": _LINK, "title": "reference"},
}
# Primitives that a reader might normalise, and lists whose members have a value or only an extension.
_EXACT: list[dict[str, Any]] = [
    *({"valueDate": text} for text in ("0001", "0001-01", "0001-01-01", "9999-12-31", "2024-02-29")),
    *(
        {"valueDateTime": text}
        for text in ("9999-12-31T23:59:59.999999999Z", "0001-01-01T00:00:00+14:00", "2026-11-22T10:00:60.10-12:00")
    ),
    {"valueInstant": "2026-11-22T10:00:00.1234567890+00:00"},
    {"valueTime": "23:59:59.0"},
    {"valueInteger": -2147483648},
    {"valueInteger": Number("-0")},
    {"valueUnsignedInt": 0},
    {"valueBoolean": False, "_valueBoolean": {"id": "b"}},
    {"valueBase64Binary": "AA=="},
    {"valueId": "-.A"},
    {"valueOid": "urn:oid:2.16.578.1"},
    {"_valueCode": {"extension": [{"url": "https://a.example/absent", "valueCode": "unknown"}]}},
    {
        "valueHumanName": {
            "given": ["a", None, "b"],
            "_given": [
                None,
                {"id": "g", "extension": [{"url": "https://a.example/g", "valueDecimal": Number("0.10")}]},
                None,
            ],
            "_family": {"extension": [{"url": "https://a.example/f", "valueString": "x"}] * 2},
        }
    },
]


def _extension(index: int, value: dict[str, Any]) -> dict[str, Any]:
    return {"url": f"{EXTENSION}{index}"} | value


VALUES = st.one_of(
    DECIMALS.map(lambda text: {"valueDecimal": Number(text)}),
    DECIMALS.map(lambda text: {"valueQuantity": {"value": Number(text), "_value": {"id": "v"}, "unit": "mg"}}),
    TEXTS.map(lambda text: {"valueString": text}),
    st.sampled_from(_EXACT),
    st.sampled_from(sorted(_LOOKALIKES)).map(lambda name: {name: _LOOKALIKES[name]}),
    st.sampled_from(sorted(_LINKS)).map(lambda name: {name: _LINKS[name]}),
    # Names of the root's members, further down.
    TEXTS.map(lambda text: {"extension": [{"url": "id", "valueId": "meta"}, {"url": "status", "valueString": text}]}),
)
EXTENSIONS = st.lists(VALUES, min_size=1, max_size=4).map(
    lambda values: [_extension(index, value) for index, value in enumerate(values)]
)
LONG = VALUES.map(lambda value: [_extension(index, value) for index in range(60)])


def _contained(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    note = {"resourceType": "Communication", "id": "c", "status": "completed", "identifier": [{"value": _SAME}]}
    return [
        {
            "resourceType": "Basic",
            "id": "b",
            "code": {"text": "b"},
            "subject": {"reference": _LINK},
            "extension": found,
        },
        note | {"basedOn": [{"reference": _LINK}], "partOf": [{"reference": "#b"}], "language": "nb"},
    ]


def _narrative(whim: Random, text: str) -> dict[str, Any]:
    safe = text.replace("&", "&amp;").replace("<", "&lt;")
    before = written(f'<div xmlns="http://www.w3.org/1999/xhtml"><p title="{text[0]}">{safe}</p>', whim)[1:-1]
    inside = f"<a title='{SAME}' href=\\\"{HREF}\\\">{SAME}</a>"
    return {"status": "additional", "div": Number(f'"{before}{inside}</div>"')}


OPTIONAL: dict[str, st.SearchStrategy[Any]] = {
    "contained": EXTENSIONS.map(_contained),
    "language": st.just("nb"),
    "_language": EXTENSIONS.map(lambda found: {"extension": found}),
    "meta": st.fixed_dictionaries(
        {"tag": TEXTS.map(lambda text: [{"system": f"{EXTENSION}tags", "display": text}])},
        optional={"source": st.just(_LINK), "versionId": st.just("1"), "extension": EXTENSIONS},
    ),
}


@st.composite
def odd(draw: st.DrawFn, type_name: str, *, contained: bool = True) -> str:
    """The JSON text of a valid resource of this type, with the marks in it."""
    content = _plain(type_name)
    whim = Random(draw(st.integers(0, 2**32)))  # noqa: S311 - spelling: Hypothesis chooses the seed
    optional = {name: OPTIONAL[name] for name in OPTIONAL if contained or name != "contained"}
    content |= draw(st.fixed_dictionaries({}, optional=optional))
    content["extension"] = draw(st.one_of(EXTENSIONS, EXTENSIONS, LONG))
    if "contained" in content:
        content["extension"].append(_extension(99, {"valueReference": {"reference": "#c"}}))
    if draw(st.booleans()):
        content["text"] = _narrative(whim, draw(TEXTS))
    return written(content, whim)


def _plain(type_name: str) -> dict[str, Any]:
    content = smallest(type_name)
    if type_name == "Task":
        content = {"resourceType": "Task", "status": "requested", "intent": "order", "code": {"text": "annet"}}
    number = {"system": "https://fjordvik.example/nummer", "value": _NUMBER}
    return content | {"identifier": number if type_name == "QuestionnaireResponse" else [number]}
