"""Narrative (R4 2.4.0): safe XHTML by an allow-list. Nothing that a browser would run or fetch passes.

R4 allows HTML 4.0 chapters 7–11 (without 9.4) and 15, links, images and style attributes. Narrower than R4 on
purpose: no image maps and no images from another host, because showing a case must not tell a stranger that it is
being read; no comments and no CDATA, because HTML and XML parsers disagree about where they end.
"""

import re
from typing import Final
from xml.parsers import expat

_NAMESPACE: Final = "http://www.w3.org/1999/xhtml"
_ELEMENTS: Final = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "address",
        "b",
        "bdo",
        "big",
        "blockquote",
        "br",
        "caption",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "dfn",
        "div",
        "dl",
        "dt",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "kbd",
        "li",
        "ol",
        "p",
        "pre",
        "q",
        "samp",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "tt",
        "ul",
        "var",
    ]
)
_ATTRIBUTES: Final = frozenset(
    [
        "abbr",
        "align",
        "alt",
        "axis",
        "border",
        "cellpadding",
        "cellspacing",
        "char",
        "charoff",
        "class",
        "colspan",
        "dir",
        "frame",
        "headers",
        "height",
        "id",
        "lang",
        "name",
        "nowrap",
        "rowspan",
        "rules",
        "scope",
        "span",
        "style",
        "summary",
        "title",
        "valign",
        "width",
    ]
)
_LANGUAGE: Final = "http://www.w3.org/XML/1998/namespace lang"
_SAFE_LINK = re.compile(r"(?:https?:|mailto:|tel:|#|[^:\s]*(?:$|[/?#]))", re.IGNORECASE)
_SAFE_IMAGE = re.compile(
    r"#|data:image/(?:png|jpeg|gif);base64,[A-Za-z0-9+/=\s]*$|(?:\w[\w.-]*/)*\w[\w-]*\.(?:png|jpe?g|gif)$", re.ASCII
)
_UNSAFE_STYLE = re.compile(
    r"(?:url|src|image(?:-set)?|cross-fade|element)\s*\(|expression|javascript|behaviou?r|binding|@|\\|<|/\*",
    re.IGNORECASE,
)
_INVISIBLE = re.compile(r"[\x00-\x20\x7f-\xa0]")


def fault_in_narrative(text: str) -> str:
    """The rule that a ``div`` breaks, in English; empty where it is safe."""
    if "<!" in text or "<?" in text:
        return "must hold no comment, CDATA, DOCTYPE or processing instruction"
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = reader.start
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(text, True)  # noqa: FBT003 (positional by its C signature)
    except expat.ExpatError as broken:
        return f"must be well-formed XHTML without named entities; broken at line {broken.lineno}"
    if not reader.fault and not reader.has_content:
        return "must have some text or an image"
    return reader.fault


class _Reader:
    """Collects the first broken rule while the parser walks."""

    def __init__(self) -> None:
        self.fault = ""
        self.has_content = False
        self._is_root = True

    def start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, element = name.rpartition(" ")
        if self._is_root and name != f"{_NAMESPACE} div":
            self.fault = f'must be one div with xmlns="{_NAMESPACE}"'
        self._is_root = False
        if namespace != _NAMESPACE or element not in _ELEMENTS:
            self.fault = self.fault or "holds an element that is not allowed in a narrative"
        self.has_content |= element == "img"
        for attribute, value in attributes.items():
            if not _is_safe(element, attribute, value):
                self.fault = self.fault or "holds an attribute that is not allowed in a narrative"

    def text(self, data: str) -> None:
        self.has_content = self.has_content or not data.isspace()


def _is_safe(element: str, attribute: str, value: str) -> bool:
    if attribute == "style":
        return not _UNSAFE_STYLE.search(value)
    if attribute in ("href", "cite"):
        allowed = ("a",) if attribute == "href" else ("blockquote", "q")
        return element in allowed and _SAFE_LINK.match(_INVISIBLE.sub("", value)) is not None
    if attribute == "src":
        return element == "img" and _SAFE_IMAGE.match(value) is not None
    return attribute in _ATTRIBUTES or attribute == _LANGUAGE
