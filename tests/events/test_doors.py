"""From a sender's request to what a reader sees, over a real Redis; and what happens when it is not there."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest

from app.main import create_app
from app.settings import configure
from app.wiring import build
from cache.embedded import EmbeddedRedis
from events.envelope import BATCH, STRUCTURED
from sources.signatures import sign
from tests.app.gateway import ask
from tests.callers import ANYBODY
from tests.waiting import wait_until

SECRET = "whsec_" + "Q" * 32
TOKEN = {"authorization": "Bearer t-1"}
SOURCES = [
    {
        "id": "erp",
        "adapter": "canonical",
        "kinds": ["ERP"],
        "base_url": "http://127.0.0.1:1",
        "events_token": "t-1",
        "events_secret": SECRET,
        "heartbeat": "PT10S",
    },
    {"id": "wms", "adapter": "canonical", "kinds": ["WMS"], "base_url": "http://127.0.0.1:1", "events_token": "t-2"},
    {"id": "tms", "adapter": "canonical", "kinds": ["TMS"], "base_url": "http://127.0.0.1:1", "events_token": "t-3"},
]


class Running:
    def __init__(self, redis_url):
        self.wired = build(configure({**ANYBODY, "sources": SOURCES}, {}), redis_url)
        self.app = create_app(self.wired)

    async def __aenter__(self):
        await self.wired.open()
        return self

    async def __aexit__(self, *_):
        await self.wired.aclose()

    async def send(self, body, media_type=BATCH, **headers):
        status, fields, answer = await ask(
            self.app, "POST", "/events", body, TOKEN | {"content-type": media_type} | headers
        )
        return status, fields, json.loads(answer)

    async def orders(self, number="SO-1", max_age="PT1M"):
        query = f"""{{ caseView(key: {{orderNumber: "{number}"}}, freshness: {{onStale: STATE_ONLY, maxAge: "{max_age}"}}) {{
          orders {{ freshness {{ state origin verifiedAt }} nodes {{ number status }} }} }} }}"""
        _, _, body = await ask(self.app, "POST", "/graphql", {"query": query})
        return json.loads(body)["data"]["caseView"]["orders"]

    async def settled(self):
        inbox = self.wired.main.inbox
        for _ in range(500):
            if await inbox.waiting() == 0:
                return
            await asyncio.sleep(0.01)
        raise AssertionError("the inbox is not worked off")


@pytest.fixture
async def running(redis, client):  # noqa: ARG001  # the client empties it
    async with Running(redis.url) as running:
        yield running


def event(n=1, status="RELEASED", number="SO-1", ago=0.0, kind="casefold.order.state.v1", **changes):
    time = (datetime.now(UTC) - timedelta(seconds=ago)).isoformat()
    about = {"specversion": "1.0", "id": f"e-{n}", "source": "erp", "type": kind, "time": time, "subject": number}
    return about | {"data": {"number": number, "status": status}} | changes


async def test_what_a_source_sends_is_what_a_reader_sees(running):
    status, _, answer = await running.send([event(1, "RELEASED", ago=5), event(2, "SHIPPED", ago=1)])
    assert (status, answer["accepted"]) == (202, 2)
    assert answer["results"] == [{"id": f"e-{n}", "outcome": "ACCEPTED", "reason": None} for n in (1, 2)]
    await running.settled()
    section = await running.orders()
    assert [node["status"] for node in section["nodes"]] == ["SHIPPED"]
    assert (section["freshness"]["state"], section["freshness"]["origin"]) == ("FRESH", "EVENT")


async def test_f1_backwards_and_twice_ends_the_same(running):
    events = [event(n, status, ago=10 - n) for n, status in enumerate(["DRAFT", "CONFIRMED", "RELEASED", "SHIPPED"])]
    for batch in (events[::-1], events):
        await running.send(batch)
    await running.settled()
    assert [node["status"] for node in (await running.orders())["nodes"]] == ["SHIPPED"]


async def test_what_settling_comes_to_is_counted(running):
    first, second = event(1, "RELEASED", ago=9), event(2, "SHIPPED", ago=5)
    for sent in ([second], [first, event(3, ago=7, data={})]):
        await running.send(sent)
        await running.settled()
    facts = running.wired.main.settling.facts
    assert (facts.events, facts.ignored, facts.unusable) == (2, 0, 1)
    assert (facts.changed, facts.outdated) == (2, 0), "an older snapshot is kept as the one before"
    await running.send([event(4, "DRAFT", ago=20)])
    await running.settled()
    assert facts.outdated == 1


async def test_the_same_event_again_is_a_duplicate_and_another_one_of_its_id_is_parked(running):
    first = event(1, "RELEASED", ago=5)
    await running.send([first])
    _, _, again = await running.send([first])
    assert (again["accepted"], again["results"][0]["outcome"]) == (0, "DUPLICATE")
    await running.send([event(1, "CANCELLED", ago=1)])
    await running.settled()
    assert [node["status"] for node in (await running.orders())["nodes"]] == ["RELEASED"]
    [parked] = (await running.wired.main.dead_letters.page(10)).letters
    assert parked.reason == "id: it was used before, for another event"


async def test_milestones_move_a_shipment_that_nobody_has_read_and_a_retraction_moves_it_back(running):
    def milestone(n, code, ago):
        moment = (datetime.now(UTC) - timedelta(seconds=ago)).isoformat()
        data = {
            "code": code,
            "classifier": "ACTUAL",
            "occurredAt": moment,
            "recordedAt": moment,
            "sourceCode": code,
            "source": "tms",
        }
        return event(n, kind="casefold.shipment.milestone.v1", source="tms", subject="S-1", data=data, ago=ago)

    async def shipments():
        query = """{ caseView(key: {shipmentId: "S-1"}, freshness: {onStale: STATE_ONLY}) {
          shipments { freshness { state origin } nodes { id status milestones { code } } } } }"""
        _, _, body = await ask(running.app, "POST", "/graphql", {"query": query})
        return json.loads(body)["data"]["caseView"]["shipments"]

    tms = {"authorization": "Bearer t-3"}
    await running.send([milestone(2, "DELIVERED", 1), milestone(1, "PICKED_UP", 9)], **tms)
    await running.settled()
    [node] = (await shipments())["nodes"]
    assert (node["status"], [each["code"] for each in node["milestones"]]) == ("DELIVERED", ["PICKED_UP", "DELIVERED"])
    await running.send(
        [event(3, kind="casefold.shipment.retracted.v1", source="tms", subject="S-1", data={"retractedId": "e-2"})],
        **tms,
    )
    await running.settled()
    section = await shipments()
    assert [each["status"] for each in section["nodes"]] == ["PICKED_UP"]
    assert (section["freshness"]["state"], section["freshness"]["origin"]) == ("STALE", "EVENT")


async def test_one_poison_event_is_parked_with_its_reason_and_holds_nobody_up(running):
    poison = event(50, number="SO-50", data={"number": "SO-50"})
    await running.send([event(n, number=f"SO-{n}") for n in range(50)] + [poison])
    await running.settled()
    assert [node["number"] for node in (await running.orders("SO-49"))["nodes"]] == ["SO-49"]
    [parked] = (await running.wired.main.dead_letters.page(10)).letters
    assert (parked.event_id, parked.source) == ("e-50", "erp")
    assert "status" in parked.reason
    assert json.loads(parked.payload)["data"] == {"number": "SO-50"}


async def test_a_source_tells_only_of_what_it_is_in_charge_of(running):
    fulfillment = {"id": "F-1", "orderNumber": "SO-1", "status": "PICKED"}
    await running.send([event(1, kind="casefold.fulfillment.state.v1", subject="F-1", data=fulfillment)])
    await running.settled()
    [parked] = (await running.wired.main.dead_letters.page(10)).letters
    assert parked.reason.startswith("entity: found FULFILLMENT, allowed: ")


@pytest.mark.parametrize(
    ("body", "headers", "status", "said"),
    [
        pytest.param([event()], {"authorization": ""}, 401, "no bearer token", id="no token"),
        pytest.param([event()], {"authorization": "Bearer t-9"}, 401, "no source has this token", id="a wrong token"),
        pytest.param([event()], {"authorization": "Basic t-1"}, 401, "no bearer token", id="another scheme"),
        pytest.param([event(source="wms")], {}, 400, "source: found wms, allowed: erp", id="a source of another token"),
        pytest.param([event(specversion="0.3")], {}, 400, "specversion", id="nothing acceptable at all"),
        pytest.param({"no": "event"}, {"content-type": STRUCTURED}, 400, "specversion", id="no event"),
        pytest.param("x" * 2**21, {}, 413, "allowed: 2097152 bytes", id="too large"),
        pytest.param([event()] * 1001, {}, 400, "found 1001 events, allowed: 1000", id="too many"),
    ],
)
async def test_what_is_not_taken(running, body, headers, status, said):
    answered, _, answer = await running.send(body, **headers)
    assert answered == status
    assert said in json.dumps(answer)
    assert await running.wired.main.inbox.waiting() == 0


async def test_signed_events_are_taken_and_tampered_ones_are_not(running):
    body = json.dumps(event(1))
    signature = sign(SECRET, "msg_1", datetime.now(UTC), body)
    headers = signature | {"authorization": ""}
    assert (await running.send(body.encode(), STRUCTURED, **headers))[0] == 202
    await running.settled()
    assert [node["number"] for node in (await running.orders())["nodes"]] == ["SO-1"]
    status, _, problem = await running.send(f"{body} ".encode(), STRUCTURED, **headers)
    assert (status, problem["detail"]) == (
        401,
        "the message is not signed as agreed: webhook-signature: No matching signature found",
    )
    status, _, answer = await running.send(json.dumps(event(2)).encode(), STRUCTURED, **headers)
    assert status == 401
    other = json.dumps(event(3, source="wms"))
    status, _, answer = await running.send(other.encode(), STRUCTURED, **sign(SECRET, "m", datetime.now(UTC), other))
    assert (status, answer["results"][0]["reason"]) == (400, "source: found wms, allowed: erp")


async def test_a_source_without_a_secret_has_no_door(running):
    status, fields, _ = await ask(running.app, "POST", "/webhooks/tms", {})
    assert (status, fields["content-type"]) == (404, "application/problem+json")


def beat(n, ago):
    return event(n, kind="casefold.feed.heartbeat.v1", ago=ago, subject=None, data=None)


async def test_f4_heartbeats_keep_what_was_told_fresh_and_silence_ends_that(running):
    for sent in (beat(1, 6), event(2, ago=5), beat(3, 0)):
        await running.send([sent])
        await running.settled()
    section = await running.orders(max_age="PT3S")
    assert (section["freshness"]["state"], section["freshness"]["origin"]) == ("FRESH", "EVENT")
    [erp] = [each for each in await running.wired.gateway.statuses() if each.id == "erp"]
    assert (erp.feed.gaps, erp.feed.lag_seconds < 3) == (0, True)
    assert (await running.orders(max_age="PT0S"))["freshness"]["state"] == "STALE"


async def test_while_the_store_is_down_nothing_is_taken_and_then_everything_is(tmp_path):
    with EmbeddedRedis(tmp_path) as redis:
        async with Running(redis.url) as running:
            redis.stop()
            status, fields, _ = await running.send([event(1)])
            assert (status, fields["retry-after"]) == (503, "5")
            redis.start()
            await wait_until(lambda: running.wired.gateway.reader.memory.is_up)
            assert (await running.send([event(1)]))[0] == 202
            for _ in range(500):
                if await running.wired.main.inbox.waiting() == 0:
                    break
                await asyncio.sleep(0.01)
            assert [node["number"] for node in (await running.orders())["nodes"]] == ["SO-1"]


async def test_too_much_at_once_is_asked_to_come_later(running, monkeypatch):
    monkeypatch.setattr("cache.inbox.MOST_WAITING", 3)
    await running.wired.main.worker.aclose()
    status, fields, _ = await running.send([event(n) for n in range(5)])
    assert (status, fields["retry-after"]) == (429, "5")
    assert await running.wired.main.inbox.waiting() == 0, "a request is taken as a whole, or not"
    assert (await running.send([event(n) for n in range(3)]))[0] == 202


async def test_when_nearly_everything_would_be_parked_the_worker_stops_and_acknowledges_nothing(running):
    poison = [event(n, number=f"SO-{n}", data={}) for n in range(400)]
    await running.send(poison)
    await wait_until(lambda: running.wired.main.worker.is_stopped)
    assert await running.wired.main.inbox.waiting() >= 200
