"""Several processes serve one port: each answers, one that dies is replaced, and all of them end."""

import asyncio
import json
import os
import signal
import socket
import sys
import time
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime

import httpx
import pytest

from tests.faults.family import descendants, has_loaded, is_alive, listeners, served_by
from tests.faults.rigs import CanonicalSystem, ServedGateway
from tests.waiting import wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc to tell processes apart")

PATIENCE_SECONDS = 30
"""A process imports everything anew, beside all other tests."""


@pytest.fixture
async def system():
    async with CanonicalSystem().open() as system:
        yield system


@pytest.fixture
async def gateway(tmp_path, system):
    async with ServedGateway(tmp_path, system.url, events_token="t-1").by(2) as gateway:
        await all_serve(gateway)
        yield gateway


def serving(gateway):
    return listeners(gateway.process.pid, gateway.port)


async def all_serve(gateway, count=2):
    await wait_until(lambda: len(serving(gateway)) == count, PATIENCE_SECONDS)


@asynccontextmanager
async def connected(gateway):
    """A client with one connection, and the process at its other end."""
    limits = httpx.Limits(max_connections=1)
    async with httpx.AsyncClient(base_url=gateway.url, timeout=PATIENCE_SECONDS, limits=limits) as client:
        answer = await client.get("/healthz")
        assert answer.status_code == 200
        address = answer.extensions["network_stream"].get_extra_info("client_addr")
        yield client, served_by(gateway.process.pid, gateway.port, address[1])


async def one_client_each(gateway, stack):
    """A client for each process."""
    clients = {}
    while len(clients) < 2:
        client, pid = await stack.enter_async_context(connected(gateway))
        clients.setdefault(pid, client)
    return clients


async def test_connections_are_spread_over_all(gateway):
    async with AsyncExitStack() as stack:
        found = [(await stack.enter_async_context(connected(gateway)))[1] for _ in range(40)]
        assert set(found) == serving(gateway)
        assert min(found.count(pid) for pid in serving(gateway)) >= 4
    assert all(has_loaded(pid, library) for pid in serving(gateway) for library in ("/uvloop/", "/httptools/"))


async def test_one_that_is_killed_is_replaced_and_meanwhile_the_other_answers(gateway):
    before = serving(gateway)
    killed = min(before)
    os.kill(killed, signal.SIGKILL)
    await wait_until(lambda: not is_alive(killed), PATIENCE_SECONDS)
    until, answers = time.monotonic() + PATIENCE_SECONDS, 0
    while len(serving(gateway)) < 2:
        assert time.monotonic() < until, "it is not replaced"
        async with httpx.AsyncClient(base_url=gateway.url, timeout=PATIENCE_SECONDS) as client:
            assert (await client.get("/readyz")).status_code == 200
            answers += 1
    assert answers > 0
    assert len(serving(gateway) - before) == 1
    async with AsyncExitStack() as stack:
        assert set(await one_client_each(gateway, stack)) == serving(gateway)


QUERY = 'subscription { caseViewChanged(key: {orderNumber: "SO-1"}) { orders { nodes { status } } } }'


@asynccontextmanager
async def listening(client):
    """The statuses that a subscriber is told, as they come."""
    told = []

    async def listen(response):
        async for line in response.aiter_lines():
            if line.startswith("data: ") and '"data"' in line:
                view = json.loads(line.removeprefix("data: "))["data"]["caseViewChanged"]
                told.append([each["status"] for each in view["orders"]["nodes"]])

    headers = {"accept": "text/event-stream"}
    async with client.stream("POST", "/graphql/stream", json={"query": QUERY}, headers=headers) as response:
        assert response.status_code == 200
        task = asyncio.create_task(listen(response))
        try:
            yield told
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def test_what_one_settles_is_heard_at_every_other(system, gateway):
    event = {"specversion": "1.0", "id": "1", "source": "erp", "type": "casefold.order.state.v1", "subject": "SO-1"}
    event |= {"data": {"number": "SO-1", "status": "SHIPPED"}}
    headers = {"authorization": "Bearer t-1", "content-type": "application/cloudevents+json"}
    async with AsyncExitStack() as stack:
        clients = await one_client_each(gateway, stack)
        heard = [await stack.enter_async_context(listening(each)) for each in clients.values()]
        await wait_until(lambda: all(each and each[-1] == ["RELEASED"] for each in heard), PATIENCE_SECONDS)
        sender, _ = await stack.enter_async_context(connected(gateway))
        system.status = "SHIPPED"  # it may be asked once more, to make sure
        event["time"] = datetime.now(UTC).isoformat()  # later than what was read
        assert (await sender.post("/events", content=json.dumps(event), headers=headers)).status_code == 202
        await wait_until(lambda: all(each[-1] == ["SHIPPED"] for each in heard), PATIENCE_SECONDS)


async def test_a_session_that_one_opened_is_good_at_every_other(gateway):
    wanted = {"keys": [{"orderNumber": "SO-1"}], "origin": "https://desk.example.com", "roles": ["panel"]}
    async with AsyncExitStack() as stack:
        one, other = (await one_client_each(gateway, stack)).values()
        opened = (await one.post("/embed/v1/sessions", json=wanted)).json()
        headers = {"authorization": f"Bearer {opened['token']}", "origin": "https://desk.example.com"}
        query = '{ caseView(key: {orderNumber: "SO-1"}) { orders { nodes { number } } } }'
        answer = (await other.post("/graphql", json={"query": query}, headers=headers)).json()
        assert answer["data"]["caseView"]["orders"]["nodes"] == [{"number": "SO-1"}]


def told_by_an_operator(pid):
    os.kill(pid, signal.SIGTERM)


def ended_in_a_terminal(pid):
    for each in (*descendants(pid), pid):
        if os.getpgid(each) == os.getpgid(pid):
            os.kill(each, signal.SIGINT)


@pytest.mark.parametrize("end", [told_by_an_operator, ended_in_a_terminal])
async def test_told_to_end_nothing_is_left_behind(gateway, end):
    family = descendants(gateway.process.pid)
    assert len(family) >= 4, "two gateways, Redis and its keeper"
    end(gateway.process.pid)
    assert await asyncio.to_thread(gateway.process.wait, PATIENCE_SECONDS) == 0
    await wait_until(lambda: not any(map(is_alive, family)), PATIENCE_SECONDS)


async def test_told_to_end_one_that_hangs_is_killed(gateway):
    family = descendants(gateway.process.pid)
    os.kill(min(serving(gateway)), signal.SIGSTOP)
    gateway.process.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(gateway.process.wait, 2 * PATIENCE_SECONDS) == 0
    await wait_until(lambda: not any(map(is_alive, family)), PATIENCE_SECONDS)


async def test_told_to_end_it_answers_who_is_waiting(system, gateway):
    system.delay_seconds = 0.5
    asking = [asyncio.create_task(gateway.orders(f"SO-{n}")) for n in range(20)]
    await wait_until(lambda: system.under_way, PATIENCE_SECONDS)
    await asyncio.sleep(0.2)
    gateway.process.send_signal(signal.SIGTERM)
    assert all(each["nodes"] for each in await asyncio.gather(*asking))


async def test_those_whose_parent_was_killed_end_too(gateway):
    family = descendants(gateway.process.pid)
    gateway.kill()
    await wait_until(lambda: not any(map(is_alive, family)), PATIENCE_SECONDS)
    with pytest.raises(httpx.ConnectError):
        await httpx.AsyncClient().get(f"{gateway.url}/healthz")


async def started_in_vain(gateway):
    """What was said, and with which code it ended."""
    gateway._start()
    said, _ = (await asyncio.to_thread(gateway.process.communicate, timeout=PATIENCE_SECONDS))[::-1]
    assert not descendants(gateway.process.pid)
    return said, gateway.process.returncode


@pytest.mark.parametrize("count", [1, 2])
async def test_a_port_that_is_taken_is_one_line(tmp_path, count):
    gateway = ServedGateway(tmp_path, "http://127.0.0.1:1").by(count)
    with socket.create_server(("127.0.0.1", gateway.port)):
        said, code = await started_in_vain(gateway)
    assert (said.count("\n"), code) == (1, 1), said
    assert f"cannot listen on 127.0.0.1, port {gateway.port}: Address already in use" in said


async def test_a_port_that_another_gateway_serves_is_taken(gateway, tmp_path):
    (tmp_path / "other").mkdir()
    other = ServedGateway(tmp_path / "other", "http://127.0.0.1:1").by(2)
    other._command += ["--port", str(gateway.port)]
    said, code = await started_in_vain(other)
    assert (said.count("\n"), code) == (1, 1), said


@pytest.mark.parametrize("count", [1, 2])
async def test_what_only_a_process_can_find_is_one_line_too(tmp_path, count):
    gateway = with_documents(tmp_path, ServedGateway(tmp_path, "http://127.0.0.1:1").by(count))
    said, code = await started_in_vain(gateway)
    assert (said.count("\n"), code) == (1, 1), said
    assert "documents.json" in said


def with_documents(folder, gateway):
    table = f'\n[graphql]\ndocuments = ["{folder}/documents.json"]\n'
    gateway.config.write_text(gateway.config.read_text() + table)
    return gateway


async def test_one_that_cannot_be_replaced_yet_is_tried_again(tmp_path, system):
    documents = tmp_path / "documents.json"
    documents.write_text("{}")
    async with with_documents(tmp_path, ServedGateway(tmp_path, system.url).by(2)) as gateway:
        await all_serve(gateway)
        documents.unlink()
        os.kill(min(serving(gateway)), signal.SIGKILL)
        line = await asyncio.to_thread(_line_with, gateway.process.stderr, "did not start")
        assert "documents.json" in json.loads(line)["reason"]
        assert (await gateway.orders())["nodes"], "the other goes on"
        documents.write_text("{}")
        await all_serve(gateway)


def _line_with(stream, words):
    return next(line for line in stream if words in line)
