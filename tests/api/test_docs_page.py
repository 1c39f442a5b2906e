"""The docs page: nothing from another address, and «Try it out» works.

With Chromium on the machine a real browser shows it; without one the files are searched for foreign addresses.
"""

import re
import shutil
from pathlib import Path

import pytest

from app.api.docs import STATIC
from tests.api.running import Running

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SWITCHES = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-software-rasterizer",
    "--disable-smooth-scrolling",
    "--disable-features=Translate,BackForwardCache",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NAMESPACES = re.compile(
    r"http://www\.w3\.org/[0-9A-Za-z/#-]*|https?://(?:json-schema\.org|spec\.openapis\.org)[^\"'`\s)]*"
)


def test_the_page_in_a_browser(service: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if BROWSER is None:
        with capsys.disabled():
            print("\ndocs page: no Chromium on this machine, so only the files were searched")
        _search_files(service)
        return
    with capsys.disabled():
        print(f"\ndocs page: shown by {BROWSER}")
    _look(service, BROWSER, tmp_path / "docs.png")


def test_files_load_nothing_from_elsewhere(service: Running) -> None:
    _search_files(service)


def _search_files(service: Running) -> None:
    page = service.client.get("/docs")
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert all(link.startswith(("/docs/", "/openapi.json", "data:")) for link in loaded)
    assert not re.findall(r"https?:", page.text)
    for name in ("docs.js", "docs.css"):
        assert not re.findall(r"https?:|//[a-z]+\.", service.client.get(f"/docs/{name}").text)
    style = service.client.get("/docs/swagger-ui.css").text
    assert all(link.lstrip("\"'").startswith("data:") for link in re.findall(r"url\(([^)]{5,12})", style))
    assert "@import" not in style
    assert "validatorUrl: null" in service.client.get("/docs/docs.js").text
    assert "connect-src 'self'" in page.headers["content-security-policy"]
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_static_files_may_be_kept_and_are_checked_again(service: Running) -> None:
    first = service.client.get("/docs/swagger-ui-bundle.js")
    assert "max-age" in first.headers["cache-control"]
    again = service.client.get("/docs/swagger-ui-bundle.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_licence_of_what_is_shipped_is_shipped() -> None:
    assert "Apache License" in (STATIC / "LICENSE-swagger-ui").read_text(encoding="utf-8")
    assert "SmartBear" in (STATIC / "NOTICE-swagger-ui").read_text(encoding="utf-8")


def _look(service: Running, browser: str, picture: Path) -> None:
    from playwright.sync_api import sync_playwright

    asked: list[str] = []
    faults: list[str] = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=SWITCHES)
        page = chromium.new_page(viewport={"width": 1280, "height": 1200}, reduced_motion="reduce")
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
        page.goto(f"{service.origin}/docs")
        page.click('#personas button:text-is("Fjordvik")')
        page.wait_for_selector("text=Requests are now sent as")
        create = page.locator("#operations-Task-createTask")
        create.locator(".opblock-summary-control").click()
        create.locator(".execute").click()
        status = create.locator(".live-responses-table .response .response-col_status").first
        status.wait_for()
        shown = status.inner_text().strip()
        page.screenshot(path=picture)
        chromium.close()
    assert shown[:3] in {"200", "201"}
    assert faults == []
    assert asked
    assert [url for url in asked if not url.startswith((f"{service.origin}/", "data:"))] == []
