"""What is held back for the short way is answered as without it, however it comes."""

import asyncio
import json
from contextlib import asynccontextmanager, suppress

import pytest

from app.serving import OPTIONS
from app.short_protocol import ShortProtocol
from tests.abuse.serving import served
from tests.faults.rigs import CanonicalSystem
from tests.waiting import wait_until

QUESTION = (
    "query($key: CaseKey!) { caseView(key: $key) { orders { nodes { number status } freshness { ageSeconds } } } }"
)
BODY = json.dumps({"query": QUESTION, "variables": {"key": {"orderNumber": "SO-1"}}}).encode()
OTHER = json.dumps({"query": "{ __typename }"}).encode()


KEEP_ALIVE = 1
"""Seconds after which a connection is closed on which nothing comes."""


def request(body=BODY, *lines, version="1.1", path="/graphql"):
    fields = ["host: x", "content-type: application/json", f"content-length: {len(body)}", *lines]
    return "\r\n".join([f"POST {path} HTTP/{version}", *fields, "", ""]).encode() + body


class Wire:
    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    async def send(self, *pieces):
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            await asyncio.sleep(0.02)

    async def answer(self):
        head = (await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 5)).decode()
        fields = dict(line.lower().split(": ", 1) for line in head.splitlines()[1:] if line)
        body = await self.reader.readexactly(int(fields["content-length"]))
        return int(head.split()[1]), fields, json.loads(body)

    async def asked(self, *pieces):
        await self.send(*pieces)
        return await self.answer()

    async def is_closed(self):
        return await asyncio.wait_for(self.reader.read(), 5) == b""


@pytest.fixture
async def door(redis, client, monkeypatch):  # noqa: ARG001  # the client empties it
    monkeypatch.setitem(OPTIONS, "timeout_keep_alive", KEEP_ALIVE)
    async with CanonicalSystem().open() as system:
        source = {"id": "erp", "adapter": "canonical", "kinds": ["ERP"], "base_url": system.url}
        with served(redis.url, sources=[source]) as door:
            yield door


@asynccontextmanager
async def connected(door):
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
    yield Wire(reader, writer)
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


@pytest.fixture
async def wire(door):
    async with connected(door) as wire:
        for _ in range(20):
            await wire.asked(request())
            if door.wired.gateway.kept:
                break
        assert door.wired.gateway.kept
        yield wire


@pytest.fixture
def shortened(monkeypatch):
    """The answers that were given in short."""
    given, kept_answer = [], ShortProtocol._kept_answer

    def noted(self):
        answer = kept_answer(self)
        given.extend([answer] if answer else [])
        return answer

    monkeypatch.setattr(ShortProtocol, "_kept_answer", noted)
    return given


def shown(answer):
    return answer[0], answer[2]["data"]["caseView"]["orders"]["nodes"]


async def test_it_is_the_same_answer_with_the_same_headers(wire, door, shortened):
    short = await wire.asked(request())
    assert len(shortened) == 1
    door.wired.gateway.kept.drop_all()
    long = await wire.asked(request())
    assert len(shortened) == 1
    assert shown(short) == shown(long) == (200, [{"number": "SO-1", "status": "RELEASED"}])
    assert set(short[1]) == set(long[1])
    own = {"date", "content-length", "x-correlation-id", "ratelimit"}
    assert {name: short[1][name] for name in set(short[1]) - own} == {
        name: long[1][name] for name in set(long[1]) - own
    }


@pytest.mark.parametrize(
    "at",
    [
        pytest.param(-1, id="the last byte"),
        pytest.param(-len(BODY), id="after the head"),
        pytest.param(30, id="in the head"),
    ],
)
async def test_in_pieces_it_is_answered_too(wire, at):
    whole = request()
    assert shown(await wire.asked(whole[:at], whole[at:]))[0] == 200
    assert shown(await wire.asked(whole))[0] == 200


async def test_several_at_once_are_answered_in_order(wire, shortened):
    ids = [f"c-1234567{n}" for n in range(6)]
    bodies = [OTHER if n in {1, 4} else BODY for n in range(6)]
    await wire.send(
        b"".join(request(body, f"x-correlation-id: {name}") for body, name in zip(bodies, ids, strict=True))
    )
    answers = [await wire.answer() for _ in ids]
    assert [fields["x-correlation-id"] for _, fields, _ in answers] == ids
    assert ["__typename" in body["data"] for _, _, body in answers] == [body == OTHER for body in bodies]
    assert shortened


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(request(BODY, "connection: close"), id="the last one"),
        pytest.param(request(version="1.0"), id="an old client"),
    ],
)
async def test_who_asks_no_more_is_let_go(wire, asked, shortened):
    assert shown(await wire.asked(asked))[0] == 200
    assert await wire.is_closed()
    assert not shortened


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(request(BODY, "x-forwarded-for: 10.0.0.1"), id="on behalf of somebody"),
        pytest.param(request(OTHER), id="another question"),
        pytest.param(request(path="/graphql?x=1"), id="another address"),
        pytest.param(request(BODY, "expect: 100-continue"), id="who waits to be told to go on"),
    ],
)
async def test_all_else_goes_on_as_always(wire, asked, shortened):
    await wire.send(asked)
    if b"100-continue" in asked:
        assert b"100 Continue" in await wire.reader.readuntil(b"\r\n\r\n")
    assert (await wire.answer())[0] == 200
    assert not shortened


async def test_who_does_not_read_is_not_written_to_without_end(wire, door, shortened):
    """The server stops reading when nobody takes its answers, and goes on when somebody does."""
    many = 3_000
    sending = asyncio.create_task(wire.send(request() * many))
    await asyncio.sleep(0.5)
    answers = [shown(await wire.answer())[0] for _ in range(many)]
    await sending
    assert answers == [200] * many
    assert len(shortened) > 0
    await wait_until(lambda: not door.wired.gateway.reader.flights._flights)


async def test_a_connection_on_which_nothing_comes_is_closed(wire, shortened):
    clock = asyncio.get_running_loop().time
    for _ in range(4):  # as long as something comes, it stays
        await asyncio.sleep(KEEP_ALIVE / 2)
        await wire.asked(request())
    answered_at = clock()
    assert await wire.is_closed()
    assert clock() - answered_at > KEEP_ALIVE * 0.9
    assert len(shortened) == 4


async def test_after_the_long_way_it_is_closed_as_uvicorn_does(wire):
    await wire.asked(request())
    await wire.asked(request(OTHER))
    await asyncio.sleep(KEEP_ALIVE / 2)
    await wire.asked(request())
    await wire.asked(request(OTHER))
    assert await wire.is_closed()
