"""Links by the type of their element, replaced in place; what only looks like one is left alone."""

import json
from typing import Any

import pytest

from app.fhir.document import read
from app.fhir.links import expression_of, links_of, with_texts

URN = "urn:uuid:6d0b2f3e-6f52-4c5a-9d0e-0d4f0a4c8a11"
DIV = '<div xmlns="http://www.w3.org/1999/xhtml">'


def _replaced(raw: str, text: str = "Task/1") -> str:
    content = read(raw.encode()).value
    return with_texts(raw.encode(), {link: text for link in links_of(content) if link.text == URN}).decode()


@pytest.mark.parametrize(
    "member",
    [
        '"basedOn":[{"display":"x","reference":"%s"}]',
        '"basedOn" : [ { "reference"\n:\t"%s" } ]',
        '"payload":[{"contentReference":{"reference":"%s"}}]',
        '"payload":[{"contentAttachment":{"url":"%s"}}]',
        '"extension":[{"url":"https://a.example/x","valueUri":"%s"}]',
        '"extension":[{"url":"https://a.example/x","extension":[{"url":"y","valueReference":{"reference":"%s"}}]}]',
        '"_sent":{"extension":[{"url":"https://a.example/x","valueUrl":"%s"}]}',
        '"contained":[{"resourceType":"Basic","id":"b","subject":{"reference":"%s"},"extension":[{"valueString":"x"}]}]',
        '"contained":[{"id":"p","generalPractitioner":[{"reference":"%s"}],"resourceType":"Patient"}]',
    ],
)
def test_a_link_is_found_and_nothing_else_changes(member: str) -> None:
    before = f'{{ "note":[{{"text":"{URN}"}}],"resourceType":"Communication",{member % URN}, "status":"completed"}}'
    assert _replaced(before) == before.replace(member % URN, member % "Task/1")


@pytest.mark.parametrize(
    "member",
    [
        '"identifier":[{"system":"urn:ietf:rfc:3986","value":"%s"}]',
        '"note":[{"text":"see <a href=\'%s\'>"}]',
        '"payload":[{"contentString":"\\"reference\\":\\"%s\\""}]',
        '"instantiatesCanonical":["%s"]',
        '"extension":[{"url":"https://a.example/x","valueCanonical":"%s"}]',
        '"extension":[{"url":"https://a.example/x","valueUuid":"%s"}]',
        '"extension":[{"url":"https://a.example/x","valueString":"%s"}]',
        '"topic":{"text":"%s"}',
        '"basedOn":[{"display":"%s","reference":"Task/2"}]',
        '"basedOn":[{"reference":"%s#x"}]',
        '"unknown":{"reference":"%s"}',
    ],
)
def test_what_is_no_link_stays(member: str) -> None:
    text = f'{{"resourceType":"Communication",{member % URN}}}'
    assert _replaced(text) == text


def test_escapes_are_read_and_kept() -> None:
    before = '{"resourceType":"Communication","basedOn":[{"\\u0072eference":"\\u0075rn:uuid:%s"}],"id":"\\u0061"}'
    assert _replaced(before % URN[9:]) == (
        '{"resourceType":"Communication","basedOn":[{"\\u0072eference":"Task/1"}],"id":"\\u0061"}'
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('<a href="URN">x</a>', '<a href="Task/1">x</a>'),
        ("<a title='a > b' href = 'URN'>x</a>", "<a title='a > b' href = 'Task/1'>x</a>"),
        ('<img alt="URN" src="URN"/>', '<img alt="URN" src="Task/1"/>'),
        ('<p title="URN">URN</p><a name="URN"> href="URN"</a>', None),
        ('<a href="URN#x">x</a>', None),
    ],
)
def test_links_of_a_narrative(before: str, after: str | None) -> None:
    def body(inner: str) -> str:
        """With characters that can be spelled in several ways before the link."""
        div = json.dumps(f"{DIV}æ\U0001f600/{inner.replace('URN', URN)}</div>").replace("/", "\\/")
        return f'{{"resourceType":"Communication","text":{{"status":"generated","div":{div}}}}}'

    expected = body(before if after is None else after).replace("Task\\/1", "Task/1")
    assert _replaced(body(before)) == expected


def test_two_links_of_one_narrative() -> None:
    div = f"<a href='{URN}'>x</a> æ <a href='{URN}'>y</a>"
    raw = json.dumps({"resourceType": "Task", "text": {"div": div}})
    assert json.loads(_replaced(raw))["text"]["div"] == div.replace(URN, "Task/1")


@pytest.mark.parametrize("content", [None, [], "x", {}, {"resourceType": 1}, {"resourceType": "Banana", "url": URN}])
def test_what_is_no_resource_has_no_links(content: Any) -> None:
    assert links_of(content) == ()


def test_a_path_as_an_expression() -> None:
    task = {"resourceType": "Task", "input": [{}, {"valueReference": {"reference": "Task/2"}}]}
    (link,) = links_of(task)
    assert (link.text, expression_of("Task", link.path)) == ("Task/2", "Task.input[1].value.reference")
