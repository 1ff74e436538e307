"""The explorer in a real browser: complete by itself, allowed nothing that it does not need, and it asks."""

import shutil
from http import HTTPStatus
from urllib.request import Request, urlopen

import pytest
from playwright.async_api import async_playwright, expect

from examples.derived import examples

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SECONDS = 1_000.0


@pytest.fixture
async def page():
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page()
        yield page
        await browser.close()


@pytest.fixture
def noticed(page):
    """What the page asks for, and what its browser refuses or complains of."""
    asked, complaints = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return asked, complaints


def address(demo):
    return f"{demo.url}/graphiql/#token={demo.tokens['AGENT']}"


async def test_it_asks_nobody_else_and_is_refused_nothing(demo, page, noticed):
    asked, complaints = noticed
    await page.goto(address(demo))
    await page.get_by_role("button", name="Show Documentation Explorer").click()
    await expect(page.get_by_role("link", name="CaseView", exact=True)).to_be_visible(timeout=20 * SECONDS)
    await page.get_by_role("button", name="Open settings dialog").click()
    await page.get_by_role("button", name="Dark", exact=True).click()
    await expect(page.locator("body.graphiql-dark")).to_be_attached()
    await page.keyboard.press("Escape")
    assert complaints == []
    assert [url for url in asked if not url.startswith((f"{demo.url}/", "data:"))] == []
    assert page.url == f"{demo.url}/graphiql/"  # the token stays neither in the address nor on the disk
    assert demo.tokens["AGENT"] not in await page.evaluate("JSON.stringify(localStorage)")


async def test_every_example_has_its_tab_and_the_first_is_answered(demo, page, noticed):
    await page.goto(address(demo))
    tabs = page.get_by_role("tab")
    await expect(tabs).to_have_count(len(examples()), timeout=20 * SECONDS)
    assert [name.split()[0] for name in await tabs.all_inner_texts()] == [each.name for each in examples()]
    await page.get_by_role("button", name="Execute query").click()
    await expect(page.locator(".result-window")).to_contain_text("caseView", timeout=20 * SECONDS)
    assert noticed[1] == []


async def test_a_subscription_is_listened_to_with_the_token_of_the_headers(demo, page):
    asked = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: asked.append(str(frame))))
    await page.goto(address(demo))
    await page.get_by_role("tab", name="AgentEvents").click()
    await page.wait_for_timeout(SECONDS)  # it finds out which operation that is only when nobody has typed for a moment
    await page.get_by_role("button", name="Execute query").click()
    await expect(page.get_by_role("button", name="Stop query")).to_be_visible(timeout=20 * SECONDS)
    await page.wait_for_timeout(SECONDS)
    assert any("connection_ack" in frame for frame in asked)


@pytest.mark.parametrize("name", ["", "graphiql.js", "graphiql.css", "tabs.json", "LICENSES.txt"])
def test_its_files_say_what_a_page_may_do_and_are_sent_once(demo, name):
    url = f"{demo.url}/graphiql/{name}"
    with urlopen(url, timeout=10) as answer:
        headers = answer.headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-cache"
    with pytest.raises(OSError, match="304"):
        urlopen(Request(url, headers={"If-None-Match": headers["ETag"]}), timeout=10)


@pytest.mark.parametrize("path", ["nothing.js", "../settings.py", "%2e%2e/%2e%2e/%2e%2e/pyproject.toml"])
def test_nothing_else_can_be_had(demo, path):
    with pytest.raises(OSError, match=str(HTTPStatus.NOT_FOUND.value)):
        urlopen(f"{demo.url}/graphiql/{path}", timeout=10)
