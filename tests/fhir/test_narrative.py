"""Safe XHTML."""

import pytest

from app.fhir.narrative import fault_in_narrative

NS = 'xmlns="http://www.w3.org/1999/xhtml"'


@pytest.mark.parametrize(
    "inside",
    [
        "text",
        "<p>a <b>b</b><br/></p>",
        '<table class="grid" border="1"><tr><td colspan="2" style="color: red">x</td></tr></table>',
        '<a href="https://helse.example/x?y=1#z">x</a><a href="#p">y</a><a href="Patient/1">z</a>',
        '<a href="mailto:a@b.example">x</a><a href="tel:+4755">y</a><a name="p">z</a>',
        '<img src="#bilde" alt="x"/>',
        '<img src="figur/skjema-1.png" alt="x"/>',
        '<img src="data:image/png;base64,aGVp" alt="x"/>',
        '<p xml:lang="nb" lang="nb" title="x">&lt;script&gt; &amp; &#230;</p>',
    ],
)
def test_what_r4_allows_passes(inside: str) -> None:
    assert fault_in_narrative(f"<div {NS}>{inside}</div>") == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "text",
        "<div>no namespace</div>",
        f"<p {NS}>no div</p>",
        f"<div {NS}></div>",
        f"<div {NS}> <p> </p></div>",
        f"<div {NS}>x",
        f"<div {NS}>x</div><div {NS}>y</div>",
        f"<div {NS}>&nbsp;</div>",
        f"<div {NS}><!-- x -->x</div>",
        f"<div {NS}><![CDATA[<script>]]></div>",
        f"<?xml version='1.0'?><div {NS}>x</div>",
        f'<!DOCTYPE x [<!ENTITY a "b">]><div {NS}>&a;</div>',
        *(
            f"<div {NS}>x{inside}</div>"
            for inside in (
                "<script>x</script>",
                "<style>x</style>",
                "<iframe/>",
                "<form/>",
                "<input/>",
                "<object/>",
                "<svg xmlns='http://www.w3.org/2000/svg'/>",
                "<b xmlns='http://evil.example'/>",
                "<p onclick='x'/>",
                "<p style='background: url(//evil.example)'/>",
                "<p style='width: expression(1)'/>",
                "<p style='color: \\75rl(x)'/>",
                "<a href='javascript:alert(1)'/>",
                "<a href=' java&#10;script:alert(1)'/>",
                "<a href='JaVaScRiPt:x'/>",
                "<a href='data:text/html,x'/>",
                "<a href='vbscript:x'/>",
                "<p href='https://a.example'/>",
                "<img src='https://evil.example/pixel.png'/>",
                "<img src='//evil.example/pixel.png'/>",
                "<img src='/\\\\evil.example/pixel.png'/>",
                "<img src='../logout'/>",
                "<img src='data:image/svg+xml;base64,aGVp'/>",
                "<p src='#x'/>",
                "<p style='background: image-set(&quot;https://evil.example/x.png&quot; 1x)'>a</p>",
                "<p style='background: IMAGE (&quot;https://evil.example/x.png&quot;)'>a</p>",
                "<p style='content: src(&quot;https://evil.example/x.png&quot;)'>a</p>",
                "<a xmlns:l='http://www.w3.org/1999/xlink' l:href='javascript:x'/>",
            )
        ),
    ],
)
def test_what_a_browser_would_run_or_fetch_is_refused(text: str) -> None:
    assert fault_in_narrative(text)
