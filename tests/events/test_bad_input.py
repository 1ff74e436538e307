"""Whatever is sent: a stated outcome, no 5xx, nothing lost that was taken, nothing half applied."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from app.settings import configure
from app.wiring import build
from cache.inbox import Letter
from domain.event import Delivery, Event, Ignored, Unreadable
from domain.identity import EntityKey, EntityKind
from domain.observation import Hint
from events.envelope import BATCH, KINDS, STRUCTURED, Envelope, Rejected, decode, encode, read
from sources.registry import SOURCES
from tests.app.gateway import ask
from tests.events.test_doors import TOKEN, Running, event

WIRED = build(configure({}, {}), "unix:///dev/null")
NOW = datetime.now(UTC)


@pytest.fixture
async def running(redis, client):  # noqa: ARG001  # the client empties it
    async with Running(redis.url) as running:
        yield running


@pytest.fixture
def lines(monkeypatch):
    """What is logged of what was dropped or cut, whoever has set up logging before."""
    with capture_logs() as captured:
        monkeypatch.setattr("cache.mending.log", structlog.get_logger())
        yield captured


async def post(running, body, media_type=STRUCTURED, path="/events"):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    status, _, answer = await ask(running.app, "POST", path, body, TOKEN | {"content-type": media_type})
    return status, json.loads(answer)


DEEP = b'{"specversion":"1.0","id":"e-1","source":"erp","type":"casefold.order.state.v1","data":' + b"[" * 100_000


@pytest.mark.parametrize(
    ("body", "media_type", "status", "said"),
    [
        pytest.param(b'"' + b"x" * 2**21 + b'"', STRUCTURED, 413, "allowed: 2097152 bytes", id="oversize"),
        pytest.param(json.dumps(event()).encode()[:-9], STRUCTURED, 400, "truncated", id="truncated"),
        pytest.param(json.dumps([event()]).encode()[:-9], BATCH, 400, "truncated", id="a truncated batch"),
        pytest.param(b"\xff\xfe{}", STRUCTURED, 400, "malformed", id="no UTF-8"),
        pytest.param(json.dumps(event()).encode("utf-16"), STRUCTURED, 400, "malformed", id="UTF-16"),
        pytest.param(DEEP, STRUCTURED, 400, "", id="nested deeply"),
        pytest.param(b"", STRUCTURED, 400, "truncated", id="nothing"),
        pytest.param(b"[]", STRUCTURED, 400, "Expected `object`", id="a batch that says it is none"),
        pytest.param(b"[]", BATCH, 400, "", id="an empty batch"),
        pytest.param(event(), "application/json", 400, "content-type: found application/json", id="content type"),
        pytest.param(event(), "text/plain", 400, "content-type: found text/plain", id="text"),
        pytest.param(event(kind="com.example.order"), STRUCTURED, 400, "type: found com.example.order", id="type"),
        pytest.param(
            event(kind="casefold.order.state.v2"), STRUCTURED, 400, "type: found casefold", id="a later version"
        ),
        pytest.param(event(source="unknown"), STRUCTURED, 400, "source: found unknown, allowed: erp", id="source"),
        pytest.param(event(time="yesterday"), STRUCTURED, 400, "RFC3339", id="no time"),
        pytest.param(event(time="2026-11-23T08:00:00"), STRUCTURED, 400, "timezone", id="a time without zone"),
        pytest.param(event(sequence="-1"), STRUCTURED, 400, "sequence", id="no sequence"),
        pytest.param(event(id=""), STRUCTURED, 400, "id", id="no id"),
        pytest.param(event(id="a\nb"), STRUCTURED, 400, "id", id="an id of two lines"),
        pytest.param(event(id="x" * 201), STRUCTURED, 400, "id", id="an endless id"),
        pytest.param(event(id="a\n"), STRUCTURED, 400, "id", id="an id with a line feed at its end"),
        pytest.param(event(id="x" * 10_000), STRUCTURED, 400, "id", id="an id of 10 kB"),
        pytest.param(event(subject="SO\n1"), STRUCTURED, 400, "subject", id="a subject of two lines"),
        pytest.param(event(subject="SO-1\n"), STRUCTURED, 400, "subject", id="a subject with a line feed at its end"),
        pytest.param(event(subject="SO\u00001"), STRUCTURED, 400, "subject", id="a subject with a NUL"),
        pytest.param(event(subject="x" * 10_000), STRUCTURED, 400, "subject", id="a subject of 10 kB"),
        pytest.param(event(sequence=str(2**63)), STRUCTURED, 400, "sequence", id="a sequence that no counter reaches"),
        pytest.param(event(sequence="7\n"), STRUCTURED, 400, "sequence", id="a sequence of two lines"),
        pytest.param(event() | {"data_base64": "%%%"}, STRUCTURED, 400, "base64", id="no base64"),
    ],
)
async def test_what_is_refused_at_the_door(running, body, media_type, status, said):
    answered, answer = await post(running, body, media_type)
    assert answered == status
    assert said in json.dumps(answer)
    assert "Traceback" not in json.dumps(answer)
    assert await running.wired.main.inbox.waiting() == 0
    assert (await running.wired.main.dead_letters.page(1)).total == 0


STEP = {
    "status": "PICKED",
    "occurredAt": "2026-11-23T08:00:00Z",
    "recordedAt": "2026-11-23T08:00:00Z",
    "sourceCode": "picking",
    "source": "wms",
    "orderNumber": "SO-1",
    "quantities": [{"sku": "A", "quantity": "-1"}],
}
MONEY = {"amount": "NaN", "currency": "EUR"}


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        pytest.param(event(data={"number": "SO-1"}), "status", id="a field that is missing"),
        pytest.param(event(data=None), "Expected `object`", id="no data"),
        pytest.param(event(data={"number": "SO-1", "status": "SHIPED"}), "status", id="a word that is none"),
        pytest.param(event(data={"number": "SO-1", "status": "SHIPPED", "total": MONEY}), "amount", id="no number"),
        pytest.param(
            event(kind="casefold.truck.state.v1"),
            "type: found another entity, allowed: one of case, claim",
            id="no such entity",
        ),
        pytest.param(event(subject=None), "subject: found nothing", id="no subject"),
        pytest.param(event(kind="casefold.order.milestone.v1"), "shipment.milestone", id="a milestone of an order"),
        pytest.param(event(kind="casefold.fulfillment.progress.v1", data=STEP), "quantity", id="a negative quantity"),
    ],
)
async def test_what_is_taken_and_then_parked_with_the_reason(running, sent, said):
    assert (await post(running, sent))[0] == 202
    await running.settled()
    [parked] = (await running.wired.main.dead_letters.page(10)).letters
    assert said in parked.reason
    assert (parked.event_id, parked.source) == ("e-1", "erp")
    assert await running.orders() is None or (await running.orders())["nodes"] == []


async def test_20_an_address_that_leads_elsewhere_is_dropped_said_in_the_log_and_parks_nothing(running, lines):
    order = {"number": "SO-1", "status": "SHIPPED", "url": "javascript:alert('canary')"}
    await post(running, event(data=order))
    await running.settled()
    assert [node["status"] for node in (await running.orders())["nodes"]] == ["SHIPPED"]
    assert (await running.wired.main.dead_letters.page(1)).total == 0
    assert [(line["field"], line["count"]) for line in lines if line["event"] == "mended"] == [("Order.url", 1)]
    assert "canary" not in repr(lines)


async def test_a_clock_of_a_mistaken_zone_makes_nothing_fresh_and_hides_nothing_that_is_read(running):
    ahead = (datetime.now(UTC) + timedelta(hours=14)).isoformat()
    assert (await post(running, event(1, "SHIPPED", time=ahead)))[0] == 202
    await running.settled()
    section = await running.orders(max_age="P30D")
    assert section["freshness"]["state"] == "STALE"
    assert [node["status"] for node in section["nodes"]] == ["SHIPPED"]


@pytest.mark.parametrize("kind", ["state", "retracted", "hint"])
async def test_r18_what_is_told_of_next_year_is_parked_and_hides_nothing_that_comes_until_then(running, kind):
    next_year = (datetime.now(UTC) + timedelta(days=365)).isoformat()
    data = {"number": "SO-1", "status": "CANCELLED"} if kind == "state" else None
    await post(running, event(1, kind=f"casefold.order.{kind}.v1", time=next_year, data=data))
    await running.settled()
    [parked] = (await running.wired.main.dead_letters.page(10)).letters
    assert parked.reason.startswith(f"time: found {next_year}, allowed: until ")
    await post(running, event(2, "SHIPPED"))
    await running.settled()
    section = await running.orders()
    assert (section["freshness"]["state"], [node["status"] for node in section["nodes"]]) == ("FRESH", ["SHIPPED"])


async def test_r18_a_heartbeat_of_next_year_leaves_the_feed_where_it_is(running):
    next_year = (datetime.now(UTC) + timedelta(days=365)).isoformat()
    for n, time in ((1, next_year), (2, datetime.now(UTC).isoformat())):
        await post(running, event(n, kind="casefold.feed.heartbeat.v1", time=time, data=None))
    await running.settled()
    [erp] = [each for each in await running.wired.gateway.statuses() if each.id == "erp"]
    assert erp.feed.watermark < datetime.now(UTC)


async def test_r18_a_milestone_that_is_written_down_next_year_is_parked(running):
    next_year = (datetime.now(UTC) + timedelta(days=365)).isoformat()
    step = {"status": "PICKED", "occurredAt": "2026-11-23T08:00:00Z", "recordedAt": next_year}
    step |= {"sourceCode": "picking", "source": "wms", "orderNumber": "SO-1"}
    sent = event(kind="casefold.fulfillment.progress.v1", source="wms", data=step)
    headers = {"authorization": "Bearer t-2", "content-type": STRUCTURED}
    assert (await ask(running.app, "POST", "/events", sent, headers))[0] == 202
    await running.settled()
    [parked] = (await running.wired.main.dead_letters.page(10)).letters
    assert parked.reason.startswith("time: found")


@pytest.mark.parametrize("kind", ["shipment", "fulfillment", "claim", "case"])
async def test_r17_a_source_tells_only_of_what_it_is_the_authority_for(running, kind):
    assert (await post(running, event(kind=f"casefold.{kind}.hint.v1", data=None)))[0] == 202
    await running.settled()
    [parked] = (await running.wired.main.dead_letters.page(10)).letters
    assert parked.reason == f"entity: found {KINDS[kind].value}, allowed: CREDIT, CUSTOMER, INVOICE, ORDER"


@pytest.mark.parametrize("stranger", [{"source": "wms"}, {"tenant": "acme"}])
async def test_r17_what_a_source_says_of_the_entities_of_others_is_not_believed(running, stranger):
    settling = running.wired.main.settling
    key = EntityKey(**{"tenant": "main", "source": "erp", "kind": EntityKind.ORDER, "id": "SO-1"} | stranger)
    told = Event("e-1", "a word of the vendor", NOW, (Hint(key, NOW),))
    settling._inboxes["erp"] = lambda _: [told]
    [settled] = await settling.settle([Letter("message", "erp", "e-1", b"", NOW, "c-1")])
    assert settled.reasons == (f"entity: found one of {key.source}, allowed: those of erp",)


HOSTILE = ["SO-1}", "{main:0}", "casefold:{main:0}:state", "SO:1", "SO%3A1", "*", "'; FLUSHALL", "\u202eSO", "SO/1 2"]


@pytest.mark.parametrize("subject", HOSTILE)
async def test_r18_an_id_that_looks_like_a_key_is_an_id(running, client, subject):
    number = {"number": subject, "status": "SHIPPED"}
    assert (await post(running, event(subject=subject, data=number)))[0] == 202
    await running.settled()
    key = EntityKey(tenant="main", source="erp", kind=EntityKind.ORDER, id=subject)
    [known] = await running.wired.main.settling.store.known([key])
    assert known.current.content.number == subject
    assert all(name.startswith((b"casefold:{main:0}:", b"casefold:main:meta")) for name in await client.keys("*"))


async def test_a_sequence_that_goes_back_is_an_event_that_came_late(running):
    for n, ago in ((7, 2), (6, 3), (5, 1)):
        await post(running, event(n, "RELEASED" if n == 5 else "DRAFT", ago=ago, sequence=str(n)))
    await running.settled()
    assert [node["status"] for node in (await running.orders())["nodes"]] == ["RELEASED"]
    assert (await running.wired.main.dead_letters.page(1)).total == 0


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.binary(max_size=2_000),
    media_type=st.sampled_from([STRUCTURED, BATCH, "application/json", ""]),
    path=st.sampled_from(["/events", "/webhooks/erp", "/webhooks/nobody"]),
)
async def test_no_bytes_make_the_doors_fail(running, body, media_type, path):
    status, _, _ = await ask(running.app, "POST", path, body, TOKEN | {"content-type": media_type})
    assert 400 <= status < 500


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)
ODD = st.dictionaries(
    st.sampled_from(["specversion", "id", "source", "type", "time", "subject", "sequence", "data", "data_base64"]),
    st.sampled_from(["1.0", "erp", "casefold.order.state.v1", "casefold.shipment.milestone.v1", "2026-11-23T08:00:00Z"])
    | JSON,
)


@given(ODD)
def test_no_event_makes_the_decoder_fail(odd):
    for body in (json.dumps(event() | odd), json.dumps(odd)):
        for taken in read({"content-type": STRUCTURED}, body.encode()):
            assert isinstance(taken, Envelope | Rejected)
            if isinstance(taken, Envelope):
                assert isinstance(decode("main", encode(taken)), Event | Unreadable)


SECRETS = {"dcsa": "c2VjcmV0LW9mLXRoaXJ0eS10d28tYnl0ZXMtISEh"}


def inbox(source):
    about = {"id": "s", "adapter": source.adapter, "webhook_secret": SECRETS.get(source.adapter, "s-1")}
    about |= {"time_zone": "UTC"} if source.adapter == "x12" else {}
    about |= {"base_url": "https://x.example.com", "token": "t"} if source.connect else {}
    return source.open_inbox(source.settings.model_validate(about))


INBOXES = {source.adapter: inbox(source) for source in SOURCES if source.open_inbox}


@pytest.mark.parametrize("name", sorted(INBOXES))
@given(body=st.binary(max_size=500) | JSON.map(lambda value: json.dumps(value).encode()))
def test_no_bytes_make_the_decoder_of_a_source_fail(name, body):
    for decoded in INBOXES[name].decode(Delivery(body, {"content-type": "application/json"}, NOW)):
        assert isinstance(decoded, Event | Ignored | Unreadable)
