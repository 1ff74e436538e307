"""Rows 9, 12, 13, 14, 27, 29: callers that flood, guess, insist or go beyond their part, at the door of a whole gateway."""

import asyncio
import json
import statistics
import time

import pytest

from app.identity.api_keys import hashed, new_key
from app.main import create_app
from app.settings import configure
from app.wiring import build
from tests.app.gateway import ask
from tests.app.identity.issuing import AUDIENCE, ISSUER, RSA, published, rsa, token
from tests.faults.rigs import CanonicalSystem
from tests.wire.raw_server import RawServer

KEYS = {role: new_key() for role in ("agent", "bot", "ops", "finance")}
VIEW = 'query($key: CaseKey!) { caseView(key: $key, freshness: {maxAge: "PT0S"}) { orders { nodes { number } problem { code } } } }'
OPERATE = {
    "retry": 'mutation { retryDeadLetters(ids: ["1-erp"]) { outcomes { outcome } userErrors { code } } }',
    "discard": 'mutation { discardDeadLetters(ids: ["1-erp"], reason: "seen") { outcomes { outcome } userErrors { code } } }',
    "list": "{ deadLetters(first: 1) { totalCount } }",
}


def opened(system_url="http://127.0.0.1:1", redis_url="unix:///dev/null", **table):
    keys = [{"id": role, "sha256": hashed(key), "roles": [role]} for role, key in KEYS.items()]
    erp = {"id": "erp", "adapter": "canonical", "kinds": ["ERP"], "base_url": system_url}
    return build(configure({"sources": [erp], "api_keys": keys} | table, {}), redis_url)


async def post(app, who, document, **variables):
    headers = {"authorization": f"Bearer {KEYS.get(who, who)}", "accept": "application/graphql-response+json"}
    status, fields, body = await ask(app, "POST", "/graphql", {"query": document, "variables": variables}, headers)
    return status, fields, json.loads(body)


async def test_9_unknown_keys_of_an_issuer_fetch_once_and_are_refused_alike():
    async with RawServer(published(RSA)) as server:
        issuer = {"issuer": ISSUER, "audience": AUDIENCE, "jwks_url": server.url + "/keys"}
        app = create_app(opened(issuers=[issuer]))
        flood = [token(rsa("unknown"), header={"kid": f"unknown-{n}"}) for n in range(20)]
        answers = [await post(app, proof, "{ sources { id } }") for proof in flood]
        assert {status for status, _, _ in answers} == {401}
        assert {fields["www-authenticate"] for _, fields, _ in answers} == {"Bearer"}
        assert len({answer["errors"][0]["message"] for _, _, answer in answers}) == 1
        assert len(server.requests) <= 1


async def test_12_a_bot_that_guesses_hears_the_same_of_each_and_then_has_to_wait():
    async with CanonicalSystem().open() as system:
        app = create_app(opened(system.url, limits={"misses": "5 per minute"}, deadline="PT0.1S"))
        system._found = lambda *_: []
        document = 'query($number: String!) { eta(key: {trackingNumber: $number}, postalCode: "12345") { status } }'
        heard = [await post(app, "bot", document, number=f"1Z{n:04}") for n in range(12)]
        assert [status for status, _, _ in heard[:5]] == [200] * 5
        assert {json.dumps(answer["data"]) for _, _, answer in heard[:5]} == {'{"eta": null}'}
        assert {answer["errors"][0]["extensions"]["code"] for _, _, answer in heard[6:]} == {"RATE_LIMITED"}
        calls = system.calls
        await post(app, "bot", document, number="1Z9999")
        assert system.calls == calls  # nobody is asked for it


async def latencies(app, times):
    took = []
    for _ in range(times):
        began = time.perf_counter()
        assert (await post(app, "agent", "{ sources { id } }"))[0] == 200
        took.append(time.perf_counter() - began)
        await asyncio.sleep(0.02)
    return statistics.median(took)


async def test_13_a_client_that_floods_is_refused_and_the_others_hardly_notice():
    app = create_app(opened(limits={"requests": "60 per second"}))
    await latencies(app, 20)
    alone = await latencies(app, 50)
    refusals = []

    async def flood():
        while True:
            refusals.append((await post(app, "finance", "{ sources { id } }"))[:2])
            await asyncio.sleep(0.001)

    flooding = asyncio.gather(flood(), flood())
    await asyncio.sleep(0.3)
    beside = await latencies(app, 50)
    flooding.cancel()
    refused = [fields for status, fields in refusals if status == 429]
    assert refused
    assert all(int(fields["retry-after"]) >= 1 for fields in refused)
    assert beside <= 2 * alone + 0.005


async def test_14_who_insists_on_now_again_and_again_is_given_what_is_just_known(redis, client):  # noqa: ARG001  # it empties it
    async with CanonicalSystem(delay_seconds=0.02).open() as system:
        wired = opened(system.url, redis.url)
        await wired.open()
        app = create_app(wired)
        key = {"orderNumber": "SO-1"}
        answers = [await asyncio.gather(*(post(app, "agent", VIEW, key=key) for _ in range(20))) for _ in range(4)]
        await wired.aclose()
    assert {status for each in answers for status, _, _ in each} == {200}
    assert system.calls <= 2  # one for all who come together, and none for who comes within the second


@pytest.mark.parametrize("what", OPERATE)
@pytest.mark.parametrize("who", ["agent", "bot", "finance"])
async def test_29_only_operators_operate(what, who):
    status, _, answer = await post(create_app(opened()), who, OPERATE[what])
    assert (status, answer["errors"][0]["extensions"]["code"]) == (403, "FORBIDDEN")
    assert "data" not in answer


async def test_29_an_operator_who_retries_in_a_loop_has_to_wait(redis, client):  # noqa: ARG001  # it empties it
    wired = opened(redis_url=redis.url, limits={"operations": "5 per minute"})
    await wired.open()
    heard = [await post(create_app(wired), "ops", OPERATE["retry"]) for _ in range(8)]
    await wired.aclose()
    told = [answer.get("errors", [{"extensions": {"code": "DONE"}}])[0]["extensions"]["code"] for _, _, answer in heard]
    assert told == ["DONE"] * 5 + ["RATE_LIMITED"] * 3


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
async def test_29_nothing_is_given_up_without_a_reason(reason):
    document = OPERATE["discard"].replace('"seen"', json.dumps(reason))
    _, _, answer = await post(create_app(opened()), "ops", document)
    assert answer["data"]["discardDeadLetters"]["userErrors"] == [{"code": "BAD_USER_INPUT"}]
