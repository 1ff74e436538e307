"""Keys that an issuer publishes, fetched from a real server, which counts."""

import asyncio
import json
from datetime import timedelta

import pytest

from domain.clock import ManualClock
from domain.errors import Unauthenticated
from tests.app.identity.issuing import EC, NOW, RSA, ask, opened, published, rsa, token
from tests.waiting import wait_until
from tests.wire.raw_server import RawServer, answer, hang

MINUTE = timedelta(minutes=1)
NEW = rsa("rsa-2")


@pytest.fixture
def clock():
    return ManualClock(NOW)


async def refused(authentication, proof):
    with pytest.raises(Unauthenticated) as caught:
        await ask(authentication, proof)
    return str(caught.value)


@pytest.fixture
async def open_(clock):
    made = []

    def make(server, **settings):
        made.append(opened(clock, issuer={"jwks_url": f"{server.url}/keys", **settings}))
        return made[-1]

    yield make
    for each in made:
        await each.aclose()


async def test_they_are_fetched_once_for_all_who_come_together(open_):
    async with RawServer(published(RSA)) as server:
        authentication = open_(server)
        assert server.requests == []
        await asyncio.gather(*(ask(authentication, token(jti=str(each))) for each in range(20)))
        assert len(server.requests) == 1
        assert server.requests[0].startswith(b"GET /keys ")


async def test_a_flood_of_unknown_keys_fetches_once_a_minute(open_, clock):
    async with RawServer(published(RSA)) as server:
        authentication = open_(server)
        await ask(authentication, token())
        flood = [token(header={"kid": f"unknown-{each}"}) for each in range(20)]
        for proof in flood:
            assert "does not publish" in await refused(authentication, proof)
        assert len(server.requests) == 1  # they are from just now
        clock.advance(MINUTE)
        await asyncio.gather(*(refused(authentication, proof) for proof in flood))
        assert len(server.requests) == 2
        clock.advance(MINUTE)
        await refused(authentication, flood[0])
        await refused(authentication, flood[0])
        assert len(server.requests) == 3


async def test_a_token_that_could_never_be_good_fetches_nothing(open_):
    async with RawServer(published(RSA)) as server:
        authentication = open_(server)
        await refused(authentication, token(EC, alg="ES256", iss="https://evil.example"))
        await refused(authentication, token(alg="RS512"))
        assert server.requests == []


async def test_a_new_key_counts_as_soon_as_a_token_names_it(open_, clock):
    async with RawServer([published(RSA), published(RSA, NEW)]) as server:
        authentication = open_(server)
        await ask(authentication, token())
        clock.advance(MINUTE)
        await asyncio.gather(*(ask(authentication, token(NEW, jti=str(each))) for each in range(5)))
        await ask(authentication, token())
        assert len(server.requests) == 2


async def test_who_was_proved_by_a_key_that_is_gone_has_to_prove_it_again(open_, clock):
    async with RawServer([published(RSA), published(NEW)]) as server:
        authentication = open_(server)
        clock.advance(MINUTE)
        await ask(authentication, token())
        clock.advance(MINUTE)
        old = token(jti="just now")
        await ask(authentication, old)
        await ask(authentication, token(NEW))
        assert "does not publish" in await refused(authentication, old)


async def test_keys_are_fetched_again_in_time(open_, clock):
    async with RawServer([published(RSA), published(NEW)]) as server:
        authentication = open_(server)
        await ask(authentication, token())
        clock.advance(timedelta(minutes=9))
        await ask(authentication, token())
        assert len(server.requests) == 1
        clock.advance(timedelta(minutes=1))
        assert "does not publish" in await refused(authentication, token(jti="anew"))


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(answer(503), id="it fails"),
        pytest.param(answer(404), id="it is gone"),
        pytest.param(answer(body=b"<html>"), id="it talks nonsense"),
        pytest.param(answer(body=b'{"keys": []}'), id="it has no keys"),
        pytest.param(answer(body=b'{"keys": [{"kty": "RSA"}, 7, {"kty": "oct", "k": "AAAA"}]}'), id="none of use"),
        pytest.param(answer(302, location="https://evil.example/keys"), id="it sends us elsewhere"),
        pytest.param(answer(body=b" " * 300_000), id="it does not end"),
    ],
)
async def test_what_was_fetched_is_used_on_while_there_is_nothing_newer(open_, clock, behaviour):
    async with RawServer([published(RSA), behaviour]) as server:
        authentication = open_(server)
        await ask(authentication, token())
        clock.advance(timedelta(minutes=9, seconds=50))
        later = token(exp=int(NOW.timestamp()) + 9_000)
        clock.advance(timedelta(seconds=10))
        await ask(authentication, later)
        calls = len(server.requests)
        assert calls > 1
        for each in range(20):
            await ask(authentication, token(exp=int(NOW.timestamp()) + 9_000 + each))
        assert len(server.requests) == calls


async def test_without_any_keys_tokens_are_refused_and_soon_tried_again(open_, clock):
    async with RawServer([answer(404), published(RSA)]) as server:
        authentication = open_(server)
        assert "cannot be had just now" in await refused(authentication, token())
        assert "cannot be had just now" in await refused(authentication, token())
        assert len(server.requests) == 1
        clock.advance(timedelta(seconds=5))
        await ask(authentication, token())


async def test_while_one_waits_for_new_keys_the_others_go_on_with_the_old_ones(open_, clock):
    async with RawServer([published(RSA), hang]) as server:
        authentication = open_(server)
        await ask(authentication, token())
        clock.advance(timedelta(minutes=10))
        waiting = asyncio.create_task(ask(authentication, token(exp=int(NOW.timestamp()) + 9_000)))
        await wait_until(lambda: len(server.requests) == 2)
        other = token(exp=int(NOW.timestamp()) + 9_001)
        await asyncio.wait_for(ask(authentication, other), 0.5)
        assert not waiting.done()
        waiting.cancel()


async def test_one_broken_key_does_not_spoil_its_neighbours(open_):
    body = (
        b'{"keys": [{"kty": "EC", "crv": "P-256", "x": "?"}, {"kty": "XY"}, '
        + json.dumps(RSA.as_dict(private=False)).encode()
        + b"]}"
    )
    async with RawServer(answer(body=body)) as server:
        await ask(open_(server), token())
