"""Rows 2, 15, 28: what is wrong with bytes, before anybody looks at what they mean."""

import asyncio
import gzip
import json
import resource
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
import uvicorn
from uvicorn.server import ServerState
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from app import protocol
from app.http import sockets
from app.protocol import BoundedProtocol, Part
from app.serving import OPTIONS
from domain.clock import SystemClock
from tests.abuse.serving import served
from tests.app.gateway import ask, gateway
from tests.app.identity.issuing import AUDIENCE, ISSUER, RSA, public, token

PROTOCOL = "graphql-transport-ws"
QUERY = json.dumps({"query": "{ sources { id } }"}).encode()
HEAD = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
def door():
    with served(graphql={"origins": ["https://desk.example.com"]}) as door:
        yield door


def chunked(size):
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    return [HEAD + b"transfer-encoding: chunked\r\n\r\n", *[chunk] * (size // 0x10000), b"0\r\n\r\n"]


LENGTH = f"content-length: {len(QUERY)}\r\n".encode()


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        pytest.param(
            [HEAD, LENGTH + b"".join(b"x-%d: 1\r\n" % n for n in range(10_000)) + b"\r\n", QUERY],
            431,
            id="2-10,000 headers",
        ),
        pytest.param([HEAD + LENGTH + b"x: 1\r\n" * 120 + b"\r\n" + QUERY], 431, id="2-120 small headers"),
        pytest.param([HEAD, *[b"x" * 65_536] * 32], 431, id="2-a header's name without end"),
        pytest.param([HEAD, b"x: ", *[b"y" * 65_536] * 32], 431, id="2-a header's value without end"),
        pytest.param([b"GET /" + b"a" * 65_536, *[b"a" * 65_536] * 32], 431, id="2-an address without end"),
        pytest.param([HEAD + b"content-length: 5242880\r\n\r\n"], 413, id="2-5 MB, as it says"),
        pytest.param(chunked(5 * MEGABYTE), 413, id="2-5 MB in chunks, without saying how much"),
        pytest.param(
            [HEAD + b"content-encoding: gzip\r\ncontent-length: 40\r\n\r\n" + gzip.compress(QUERY)[:40]],
            415,
            id="28-gzip",
        ),
    ],
)
async def test_2_too_much_is_refused_before_it_is_read(door, parts, status):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answered = await door.answer(*parts)
    is_cut = not answered and len(parts) > 10  # who goes on sending may be cut off before the answer is read
    assert is_cut or answered.startswith(f"HTTP/1.1 {status} ".encode())
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before <= 8 * 1024  # KiB
    ours = await door.answer(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
    assert ours.startswith(b"HTTP/1.1 200 ")


async def test_2_a_second_request_on_a_connection_may_have_a_head_of_its_own(door):
    head = b"GET /healthz HTTP/1.1\r\nhost: x\r\nx: " + b"y" * 30_000 + b"\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
    for _ in range(4):
        writer.write(head + b"\r\n")
        assert b"200 OK" in await reader.readuntil(b"}")
    writer.close()


WHOLE = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"
BODY = HEAD + LENGTH + b"\r\n" + QUERY
HEAD_SECONDS, BODY_SECONDS = 0.4, 0.8
NEARLY = 0.9
"""Two clocks need not agree to the millisecond."""


@pytest.fixture
def impatient(monkeypatch):
    """A door that waits less than a second for a head, or for a body."""
    monkeypatch.setattr(protocol, "PATIENCE_SECONDS", {Part.HEAD: HEAD_SECONDS, Part.BODY: BODY_SECONDS})
    with served() as door:
        yield door


async def dripped(door, first, rest, every=0.02):
    """What is answered, and after how many seconds the connection was closed, to what comes byte by byte."""
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
    began, reading = asyncio.get_running_loop().time(), asyncio.ensure_future(reader.read())
    writer.write(first)
    for n in range(len(rest)):
        await asyncio.wait({reading}, timeout=every)
        if reading.done():
            break
        with suppress(OSError):
            writer.write(rest[n : n + 1])
    async with asyncio.timeout(5):
        answer = await reading
    writer.close()
    return answer, asyncio.get_running_loop().time() - began


@pytest.mark.parametrize(
    ("first", "rest", "seconds"),
    [
        pytest.param(b"", b"", HEAD_SECONDS, id="nothing"),
        pytest.param(b"", HEAD * 10, HEAD_SECONDS, id="a head that drips in"),
        pytest.param(HEAD, b"", HEAD_SECONDS, id="a head that stops"),
        pytest.param(b"", b"\r\n" * 300, HEAD_SECONDS, id="empty lines before a head"),
        pytest.param(HEAD + b"content-length: 600\r\n\r\n", b" " * 599, BODY_SECONDS, id="a body that drips in"),
        pytest.param(BODY[:-1], b"", BODY_SECONDS, id="a body that stops"),
        pytest.param(
            HEAD + b"transfer-encoding: chunked\r\n\r\n", b"1\r\n \r\n" * 100, BODY_SECONDS, id="chunks that drip in"
        ),
    ],
)
async def test_2_what_comes_too_slowly_is_let_go(impatient, first, rest, seconds):
    answer, took = await dripped(impatient, first, rest)
    assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert answer.count(b"HTTP/1.1") == 1
    assert took >= NEARLY * seconds


@pytest.mark.parametrize("rest", [b"", b"x: y\r\n" * 100], ids=["stops", "drips in"])
async def test_2_so_is_what_comes_after_a_request(impatient, rest):
    answer, took = await dripped(impatient, WHOLE + HEAD, rest)
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b"HTTP/1.1 408 " in answer
    assert took >= NEARLY * HEAD_SECONDS


async def test_2_a_request_that_comes_in_pieces_in_time_is_answered(impatient):
    reader, writer = await asyncio.open_connection("127.0.0.1", impatient.port)
    for _ in range(6):  # longer than one request may take
        for part in (BODY[:30], BODY[30:-10], BODY[-10:]):
            writer.write(part)
            await asyncio.sleep(0.04)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ")
        await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].split()[0]))
    writer.close()


@pytest.mark.usefixtures("impatient")
async def test_2_an_answer_that_was_begun_is_not_mixed_with_another():
    body = json.dumps({"query": 'subscription { caseViewChanged(key: {orderNumber: "SO-1"}) { id } }'}).encode()
    whole = b"POST /graphql/stream HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
    whole += b"accept: text/event-stream\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)
    with served(sources=[SILENT]) as door:
        answer, took = await dripped(door, whole + HEAD, b"")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b" 408 " not in answer
    assert took >= NEARLY * HEAD_SECONDS


async def test_2_who_waits_for_us_is_not_hurried(monkeypatch):
    monkeypatch.setattr(protocol, "PATIENCE_SECONDS", {Part.HEAD: 5.0, Part.BODY: 0.4})

    async def dawdling(_, receive, send):
        await asyncio.sleep(1)
        while (await receive())["more_body"]:
            pass
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    config = uvicorn.Config(dawdling, **OPTIONS)
    config.load()
    loop = asyncio.get_running_loop()
    async with await loop.create_server(lambda: BoundedProtocol(config, ServerState(), {}), "127.0.0.1", 0) as server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(HEAD + b"connection: close\r\ncontent-length: %d\r\n\r\n" % MEGABYTE + b" " * MEGABYTE)
        answer = await reader.read()
        writer.close()
    assert answer.startswith(b"HTTP/1.1 204 ")


async def test_2_what_is_open_on_purpose_stays_open(impatient):
    websocket = await opened(impatient)
    await asyncio.sleep(2 * BODY_SECONDS)
    await websocket.send(subscribe(1, "{ sources { id } }"))
    assert json.loads(await websocket.recv())["payload"]["data"] == {"sources": []}
    await websocket.close()


@pytest.mark.parametrize(
    "path", ["/graphql", "/graphql/stream", "/events", "/webhooks/erp", "/embed/v1/sessions", "/nowhere"]
)
@pytest.mark.parametrize("encoding", ["gzip", "br", "identity, gzip", "GZIP"])
async def test_28_nothing_is_unfolded_for_anybody(path, encoding):
    bomb = gzip.compress(b" " * MEGABYTE)
    status, headers, body = await ask(gateway(), "POST", path, bomb, {"content-encoding": encoding})
    assert (status, headers["content-type"]) == (415, "application/problem+json")
    assert json.loads(body)["detail"] == "content-encoding: allowed: none"


def socket(door, **options):
    return connect(door.socket, **{"subprotocols": [PROTOCOL], **options})


async def opened(door, **options):
    websocket = await socket(door, **options)
    await websocket.send(json.dumps({"type": "connection_init"}))
    assert json.loads(await websocket.recv()) == {"type": "connection_ack"}
    return websocket


async def closed(websocket, within=5.0):
    """The code with which it is closed; what comes before is read."""
    with suppress(ConnectionClosed):
        async with asyncio.timeout(within):
            async for _ in websocket:
                pass
    return websocket.close_code


def subscribe(name, query="subscription { operationalEvents { id } }"):
    return json.dumps({"id": str(name), "type": "subscribe", "payload": {"query": query}})


@pytest.mark.parametrize("protocols", [["graphql-ws"], None], ids=["the legacy one", "none"])
async def test_15_another_protocol_is_refused(door, protocols):
    async with socket(door, subprotocols=protocols) as websocket:
        assert websocket.subprotocol is None
        assert await closed(websocket) == 4406


@pytest.mark.parametrize("origin", ["https://evil.example", "https://desk.example.com.evil.example", "null"])
async def test_15_pages_of_other_origins_are_refused_before_they_are_connected(door, origin):
    with pytest.raises(InvalidStatus) as caught:
        await socket(door, origin=origin)
    assert caught.value.response.status_code == 403


@pytest.mark.parametrize("origin", ["https://desk.example.com", None])
async def test_15_pages_of_a_listed_origin_and_programs_are_connected(door, origin):
    await (await opened(door, origin=origin)).close()


async def test_15_who_does_not_say_who_it_is_is_let_go(monkeypatch):
    monkeypatch.setattr(sockets, "PATIENCE", timedelta(seconds=0.2))
    with served() as door:
        websocket = await socket(door)
        assert await closed(websocket) == 4408


async def test_15_who_asks_before_it_says_who_it_is_is_let_go(door):
    async with socket(door) as websocket:
        await websocket.send(subscribe(1))
        assert await closed(websocket) == 4401


async def test_15_who_proves_nothing_is_let_go():
    with served(anonymous=[], graphql={}) as door:
        websocket = await socket(door)
        await websocket.send(json.dumps({"type": "connection_init", "payload": {"Authorization": "Bearer x"}}))
        assert await closed(websocket) == 4403


@pytest.fixture(scope="module")
def kept(redis):
    """A door behind which there is something to listen to."""
    with served(redis.url) as door:
        yield door


async def test_15_the_hundred_and_first_subscription_is_one_too_many(kept):
    websocket = await opened(kept)
    for name in range(sockets.MOST_OPERATIONS + 50):
        await websocket.send(subscribe(name))
    for name in range(sockets.MOST_OPERATIONS, sockets.MOST_OPERATIONS + 50):
        refused = json.loads(await asyncio.wait_for(websocket.recv(), 5))
        assert (refused["type"], refused["id"]) == ("error", str(name))
    await websocket.close()


async def test_15_an_id_twice_is_refused(kept):
    websocket = await opened(kept)
    await websocket.send(subscribe("1"))
    await websocket.send(subscribe("1"))
    assert await closed(websocket) == 4409


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        pytest.param(" " * MEGABYTE, 1009, id="1 MB"),
        pytest.param("{", 4400, id="no JSON"),
        pytest.param("[]", 4400, id="no message"),
        pytest.param('{"type": "start"}', 4400, id="a message of another protocol"),
        pytest.param(b"\x00\xff", 4400, id="bytes"),
        pytest.param("[" * 100_000, 4400, id="endless nesting"),
        pytest.param('{"type": "subscribe", "id": 1, "payload": {}}', 4400, id="an id that is a number"),
        pytest.param('{"type": "subscribe", "id": "1", "payload": []}', 4400, id="a subscription that is a list"),
        pytest.param('{"type": "subscribe", "id": "1"}', 4400, id="a subscription to nothing"),
        pytest.param('{"type": ["subscribe"]}', 4400, id="a kind that is a list"),
        pytest.param('{"type": "complete"}', 4400, id="the end of nothing"),
    ],
)
async def test_15_a_frame_that_cannot_be_is_the_end(door, frame, code):
    websocket = await opened(door)
    await websocket.send(frame)
    assert await closed(websocket) == code


async def test_15_who_reads_nothing_holds_nobody_up(door):
    slow = await opened(door, max_queue=1)
    for name in range(50):
        await slow.send(subscribe(name, "{ __schema { types { name description fields { name description } } } }"))
    other = await opened(door)
    await other.send(subscribe(1, "{ sources { id } }"))
    async with asyncio.timeout(3):
        assert json.loads(await other.recv())["payload"]["data"] == {"sources": []}
    slow.transport.abort()
    await other.close()


SILENT = {"id": "erp", "adapter": "canonical", "kinds": ["ERP"], "base_url": "http://127.0.0.1:1"}
"""A system that does not answer: nobody can say that there is no such case, and the stream stays open."""


async def test_15_a_connection_ends_with_the_proof_of_who_is_connected():
    issuer = {"issuer": ISSUER, "audience": AUDIENCE, "jwks": public(RSA), "leeway": "PT0S"}
    now = datetime.now(UTC).timestamp()
    proof = token(iat=int(now) - 5, exp=int(now) + 2)
    with served(anonymous=[], graphql={}, issuers=[issuer]) as door:
        websocket = await socket(door)
        await websocket.send(json.dumps({"type": "connection_init", "payload": {"authorization": f"Bearer {proof}"}}))
        assert json.loads(await websocket.recv()) == {"type": "connection_ack"}
        await websocket.send(subscribe(1, 'subscription { caseViewChanged(key: {orderNumber: "SO-1"}) { id } }'))
        assert await closed(websocket) == 4403
        assert SystemClock().now().timestamp() >= int(now) + 2


async def test_15_so_does_a_stream(redis):
    issuer = {"issuer": ISSUER, "audience": AUDIENCE, "jwks": public(RSA), "leeway": "PT0S"}
    now = datetime.now(UTC).timestamp()
    proof = token(iat=int(now) - 5, exp=int(now) + 2, roles=["agent"])
    query = 'subscription { caseViewChanged(key: {orderNumber: "SO-1"}) { id } }'
    body = json.dumps({"query": query}).encode()
    head = (
        b"POST /graphql/stream HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\naccept: text/event-stream\r\n"
    )
    head += b"connection: close\r\nauthorization: Bearer %b\r\ncontent-length: %d\r\n\r\n" % (proof.encode(), len(body))
    with served(redis.url, anonymous=[], graphql={}, issuers=[issuer], sources=[SILENT]) as door:
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        writer.write(head + body)
        async with asyncio.timeout(6):
            told = await reader.read()
        writer.close()
    assert told.startswith(b"HTTP/1.1 200 ")
    assert SystemClock().now().timestamp() >= int(now) + 2
