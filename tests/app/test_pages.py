"""What browsers are told about pages of other origins."""

import pytest

from tests.app.gateway import ask, gateway

PAGE = "https://desk.example.com"
PREFLIGHT = {"origin": PAGE, "access-control-request-method": "POST"}
SENT = {"access-control-request-headers": "authorization,content-type,x-correlation-id"}
DOORS = ("/graphql", "/graphql/stream")
QUERY = {"query": "{ sources { id } }"}


@pytest.fixture(scope="module")
def app():
    return gateway(graphql={"origins": [PAGE]})


def told(headers):
    return {name: value for name, value in headers.items() if name.startswith("access-control-")}


@pytest.mark.parametrize("path", DOORS)
async def test_a_page_of_a_listed_origin_may_ask_without_cookies(app, path):
    status, headers, _ = await ask(app, "OPTIONS", path, headers=PREFLIGHT | SENT)
    assert status == 200
    assert headers["access-control-allow-origin"] == PAGE
    assert set(headers["access-control-allow-methods"].split(", ")) == {"GET", "POST"}
    assert {"Authorization", "Content-Type", "X-Correlation-ID"} <= set(
        headers["access-control-allow-headers"].split(", ")
    )
    assert "access-control-allow-credentials" not in headers
    assert "Origin" in headers["vary"]


async def test_it_reads_the_answer_and_what_is_said_beside_it(app):
    status, headers, _ = await ask(app, "POST", "/graphql", QUERY, {"origin": PAGE})
    assert (status, headers["access-control-allow-origin"]) == (200, PAGE)
    assert {"X-Correlation-ID", "Retry-After"} <= set(headers["access-control-expose-headers"].split(", "))
    assert {"Accept", "Authorization", "Origin"} <= set(headers["vary"].split(", "))


@pytest.mark.parametrize(
    "origin",
    [
        "https://desk.example.com.evil.example",
        "https://evil.example",
        "http://desk.example.com",
        "https://desk.example.com:8443",
        "null",
        "",
    ],
)
@pytest.mark.parametrize("path", DOORS)
async def test_a_page_of_another_origin_may_not(app, path, origin):
    status, headers, _ = await ask(app, "OPTIONS", path, headers=PREFLIGHT | SENT | {"origin": origin})
    assert status == 400
    assert "access-control-allow-origin" not in headers
    _, headers, _ = await ask(app, "POST", path, QUERY, {"origin": origin, "accept": "*/*"})
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    "changes", [{"access-control-request-method": "DELETE"}, {"access-control-request-headers": "cookie2"}]
)
async def test_nor_may_it_send_anything_else(app, changes):
    assert (await ask(app, "OPTIONS", "/graphql", headers=PREFLIGHT | SENT | changes))[0] == 400


@pytest.mark.parametrize("path", ["/events", "/v1/eta", "/embed/v1/sessions", "/healthz", "/readyz"])
async def test_other_doors_are_not_for_pages(app, path):
    for method in ("OPTIONS", "GET", "POST"):
        _, headers, _ = await ask(app, method, path, headers=PREFLIGHT)
        assert told(headers) == {}


async def test_where_no_origin_is_listed_no_page_may_ask():
    status, headers, _ = await ask(gateway(), "OPTIONS", "/graphql", headers=PREFLIGHT)
    assert (status, told(headers)) == (405, {})
