"""Each way of misbehaving, over real TCP."""

import asyncio
from time import monotonic

import httpx
import pytest

from sandbox.server import create_sandbox
from tests.sandbox.looking import ANCHOR

ERP = {"Authorization": "Bearer sandbox-erp-key"}
WMS = {"Authorization": "Bearer sandbox-wms-key"}


async def health(client: httpx.AsyncClient, timeout: float = 5.0) -> httpx.Response:  # noqa: ASYNC109  # httpx measures it
    return await client.get("/erp/v1/health", headers=ERP, timeout=timeout)


async def read(client: httpx.AsyncClient, *orders: str, timeout: float = 5.0) -> httpx.Response:  # noqa: ASYNC109  # as above
    body = {"lookups": [{"entity": "ORDER", "scheme": "SO", "values": orders}]}
    return await client.post("/erp/v1/read", json=body, headers=ERP, timeout=timeout)


async def test_a_delay_is_kept(wire):
    await wire.put("/control/erp", json={"delayMs": 120})
    started = monotonic()
    answer = await health(wire)
    assert answer.json() == {"status": "ok"}
    assert 0.12 <= monotonic() - started < 1


@pytest.mark.parametrize(
    ("status", "retry_after"), [(500, None), (502, None), (403, None), (429, "7"), (503, "7")], ids=str
)
async def test_a_status_comes_instead_of_data(wire, status, retry_after):
    await wire.put("/control/erp", json={"status": status, "retryAfter": 7})
    answer = await read(wire, "SO-1001")
    assert (answer.status_code, answer.headers.get("retry-after")) == (status, retry_after)
    assert b"SO-1001" not in answer.content


async def test_half_of_the_json_comes_as_if_it_were_whole(wire):
    whole = await read(wire, "SO-1001")
    await wire.put("/control/erp", json={"malformed": True})
    half = await read(wire, "SO-1001")
    assert (half.status_code, half.headers["content-type"]) == (200, "application/json")
    assert half.content == whole.content[: len(whole.content) // 2]


async def test_a_page_for_people_comes_instead_of_json(wire):
    await wire.put("/control/erp", json={"malformed": "html"})
    answer = await read(wire, "SO-1001")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html")
    assert answer.content.startswith(b"<!doctype html>")


async def test_an_answer_drips(wire):
    await wire.put("/control/erp", json={"drip": True})
    started, drops = monotonic(), bytearray()
    async with wire.stream("GET", "/erp/v1/health", headers=ERP) as answer:
        async for drop in answer.aiter_raw():
            drops += drop
            if monotonic() - started > 0.5:
                break
    assert b'{"status":"ok"}'.startswith(drops)
    assert 2 <= len(drops) <= 4


async def test_a_hanging_system_answers_when_it_is_released(wire):
    await wire.put("/control/erp", json={"hang": True})
    hanging = asyncio.create_task(health(wire))
    await asyncio.sleep(0.15)
    assert not hanging.done()
    await wire.put("/control/erp", json={})
    assert (await asyncio.wait_for(hanging, 1)).json() == {"status": "ok"}


async def test_a_hanging_system_that_breaks_otherwise_answers_in_the_new_way(wire):
    await wire.put("/control/erp", json={"hang": True})
    hanging = asyncio.create_task(health(wire))
    await asyncio.sleep(0.05)
    await wire.put("/control/erp", json={"status": 503})
    assert (await asyncio.wait_for(hanging, 1)).status_code == 503


async def test_a_hanging_system_notices_that_the_caller_has_left():
    """Seen from inside, as ASGI: the call ends without an answer."""
    app = create_sandbox(anchor=ANCHOR)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox") as client:
        await client.put("/control/erp", json={"hang": True})
    scope = {"type": "http", "method": "GET", "path": "/erp/v1/health", "query_string": b"", "headers": []}
    received = iter([{"type": "http.request", "body": b"", "more_body": False}, {"type": "http.disconnect"}])
    sent = []

    async def receive():
        return next(received)

    async def send(message):
        sent.append(message)

    await asyncio.wait_for(app(scope, receive, send), 1)
    await asyncio.sleep(0)
    assert sent == []
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_one_broken_system_leaves_the_others_well(wire):
    await wire.put("/control/erp", json={"hang": True})
    answer = await wire.get("/wms/v1/health", headers=WMS, timeout=1)
    assert answer.json() == {"status": "ok"}
    with pytest.raises(httpx.ReadTimeout):
        await health(wire, timeout=0.1)


@pytest.mark.parametrize("orders", [("SO-1005",), ("SO-1001", "SO-1005")], ids=["alone", "among others"])
async def test_the_erp_is_too_slow_about_so_1005(wire, orders):
    with pytest.raises(httpx.ReadTimeout):
        await read(wire, *orders, timeout=0.2)


async def test_the_slow_order_does_not_slow_other_calls(wire):
    slow = asyncio.create_task(read(wire, "SO-1005"))
    await asyncio.sleep(0.05)
    answer = await read(wire, "SO-1001", timeout=0.5)
    assert b'"id":"SO-1001"' in answer.content
    assert not slow.done()
    slow.cancel()


async def test_the_tms_and_the_claims_desk_break_apart_although_both_are_easypost(wire):
    await wire.put("/control/tms", json={"status": 500})
    auth = httpx.BasicAuth("sandbox-easypost-key", "")
    answers = [await wire.get(f"/easypost/v2/{name}", auth=auth) for name in ("trackers", "claims")]
    assert [answer.status_code for answer in answers] == [500, 200]
