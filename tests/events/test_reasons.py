"""Why a letter could not be used: the field, what kind of thing was found, what is allowed; never what somebody sent."""

import json
from copy import deepcopy
from datetime import UTC, datetime

import msgspec
import pytest

from app.settings import configure
from app.wiring import build
from bench.work import entities
from cache.inbox import Letter
from domain.dead_letter import LONGEST_REASON, kept_reason, kind_of, without_values
from domain.event import Delivery, Unreadable
from domain.identity import EntityKind
from domain.model import misfit
from domain.order import Order
from events.brokers import Broker, BrokerInbox
from events.envelope import KINDS
from sources.registry import SOURCES
from tests.app.gateway import ask
from tests.events.test_doors import TOKEN, Running, event
from tests.sources.dcsa.recorded import event as dcsa_event
from tests.sources.easypost.recorded import claim
from tests.sources.easypost.recorded import event as easypost_event
from tests.sources.epcis.captured import captured
from tests.sources.x12.test_x12 import payload

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
CANARY = "canary@example.com' - at `$.x`, allowed: Canary Street 1\n"
STRANGE = [CANARY, CANARY * 100, [CANARY], {CANARY: CANARY}, None, -7.5, "NaN"]
SETTINGS = {
    "base_url": "https://system.example.com",
    "token": "t",
    "time_zone": "UTC",
    "webhook_secret": "c2VjcmV0" * 8,
}
STEP = {
    "status": "PICKED",
    "occurredAt": "2026-11-23T08:00:00Z",
    "recordedAt": "2026-11-23T08:00:00Z",
    "sourceCode": "picking",
    "source": "wms",
    "orderNumber": "SO-1",
    "quantities": [{"sku": "A", "quantity": "1"}],
}
SENT = {
    "dcsa": [[dcsa_event("TRANSPORT", "DEPA")], [{"eventID": "e", "eventType": "TRANSPORT", "retractedEventID": "f"}]],
    "easypost": [easypost_event(), easypost_event("claim.updated", result=claim())],
    "epcis": [[captured("ObjectEvent")], [captured("AggregationEvent")]],
}


def places(value, path=()):
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from places(child, (*path, key))


def spoilt(value):
    """The value with something strange in every place there is, one at a time."""
    for path in places(value):
        for strange in STRANGE:
            if not path:
                yield strange
                continue
            copy = inside = deepcopy(value)
            for key in path[:-1]:
                inside = inside[key]
            inside[path[-1]] = strange
            yield copy


def reasons_of(decoded):
    return [each.reason for each in decoded if isinstance(each, Unreadable)]


def inbox(adapter):
    [source] = [each for each in SOURCES if each.adapter == adapter]
    known = {name: value for name, value in SETTINGS.items() if name in source.settings.model_fields}
    return source.open_inbox(source.settings.model_validate({"id": "here", "adapter": adapter} | known))


def assert_silent(reasons):
    assert len(reasons) > 5
    told = [kept_reason([each]) for each in reasons]
    assert [each for each in told if "canary" in each.lower() or "7.5" in each] == []
    assert max(map(len, told)) <= LONGEST_REASON
    assert all(told)


def test_every_adapter_that_is_sent_messages_is_tried():
    assert {each.adapter for each in SOURCES if each.open_inbox} == {*SENT, "x12"}


@pytest.mark.parametrize("adapter", [*SENT])
def test_no_adapter_repeats_what_somebody_sent(adapter):
    decode = inbox(adapter).decode
    messages = [each for good in SENT[adapter] for each in spoilt(good)]
    told = [decode(Delivery(json.dumps(each).encode(), {}, NOW)) for each in messages]
    assert_silent([reason for each in told for reason in reasons_of(each)])


@pytest.mark.parametrize("name", ["214_happy_path", "990_accept"])
def test_no_element_of_an_interchange_is_repeated(name):
    decode, text = inbox("x12").decode, payload(name).decode()
    segments = text.split("~")
    told = []
    for number, segment in enumerate(segments[1:], start=1):
        for place in range(1, len(segment.split("*"))):
            elements = segment.split("*")
            elements[place] = "canary 7.5"
            body = "~".join([*segments[:number], "*".join(elements), *segments[number + 1 :]])
            told += reasons_of(decode(Delivery(body.encode(), {}, NOW)))
    told += [
        each
        for body in (b"canary", text[:50].encode() + b"canary")
        for each in reasons_of(decode(Delivery(body, {}, NOW)))
    ]
    assert_silent(told)


class Settled:
    """What settling says of letters, without a store."""

    def __init__(self):
        table = [{"id": "all", "adapter": "canonical", "base_url": "http://127.0.0.1:1"}]
        self._settling = build(configure({"sources": table}, {}), "unix:///dev/null").main.settling

    def reasons(self, kind, data, **changes):
        about = {
            "specversion": "1.0",
            "id": "e",
            "source": "all",
            "type": kind,
            "time": NOW.isoformat(),
            "subject": "S",
        }
        body = json.dumps(about | {"data": data} | changes).encode()
        return reasons_of(self._settling._decode(Letter("event", "all", "e", body, NOW, "c")))


@pytest.mark.parametrize("name", [*KINDS])
def test_no_field_of_a_canonical_entity_is_repeated(name):
    settled, kind = Settled(), KINDS[name]
    found = entities(kind, "SO-1") or entities(EntityKind.ORDER, "SO-1")
    good = json.loads(msgspec.json.encode(found[0][1]))
    assert_silent([why for each in spoilt(good) for why in settled.reasons(f"casefold.{name}.state.v1", each)])


def test_no_field_of_a_step_and_no_attribute_is_repeated():
    settled = Settled()
    told = [why for each in spoilt(STEP) for why in settled.reasons("casefold.fulfillment.progress.v1", each)]
    told += settled.reasons("casefold.canary.state.v1", {})
    told += settled.reasons("casefold.order.milestone.v1", {}) + settled.reasons(
        "casefold.order.state.v1", {}, subject=None
    )
    told += settled.reasons("casefold.order.retracted.v1", {"retractedId": [CANARY]})
    told += settled.reasons("casefold.order.state.v1", None, data_base64="Y2FuYXJ5")
    assert_silent(told)


async def test_what_is_parked_says_it_in_few_words_again_and_again(redis, client):  # noqa: ARG001  # the client empties it
    async with Running(redis.url) as running:
        poison = event(1, data={"number": "SO-1", "status": CANARY, "total": {"amount": CANARY, "currency": CANARY}})
        await ask(
            running.app, "POST", "/events", [poison], TOKEN | {"content-type": "application/cloudevents-batch+json"}
        )
        await running.settled()
        letters = running.wired.main.dead_letters
        [letter] = (await letters.page(10)).letters
        [outcome] = await letters.retry([letter.id])
        assert "canary@example.com" in letter.payload
        for said in (letter.reason, outcome.message, (await letters.named(letter.id)).reason):
            assert "status" in said
            assert "anary" not in said
            assert len(said) <= LONGEST_REASON


async def test_what_a_broker_kept_that_is_no_event_is_parked_without_what_it_says(redis, client):  # noqa: ARG001  # the client empties it
    async with Running(redis.url) as running:
        tenancy = running.wired.main
        broker = Broker("bus", "nats", "nats://127.0.0.1:1", "events", "events", ("erp",))
        taken = BrokerInbox(broker, tenancy.inbox, tenancy.dead_letters._parking, running.wired.clock)
        for sent in (
            event(kind=CANARY),
            event(specversion=CANARY),
            event(source=CANARY),
            event(time=CANARY),
            event(id=[CANARY]),
        ):
            await taken.take(json.dumps(sent).encode(), {"content-type": "application/cloudevents+json"})
        await taken.take(b"{}", {"content-type": CANARY})
        reasons = [each.reason for each in (await tenancy.dead_letters.page(10)).letters]
    assert len(reasons) == 6
    assert [each for each in reasons if "anary" in each or len(each) > LONGEST_REASON] == []


@pytest.mark.parametrize(
    ("value", "kind"),
    [(None, "nothing"), ("", "nothing"), ("abc", "a text of 3 characters"), (7, "int"), ([], "list"), ({}, "dict")],
)
def test_what_kind_of_thing_it_is(value, kind):
    assert kind_of(value) == kind


def test_several_reasons_are_one_that_ends_visibly():
    assert kept_reason(["a", "b"]) == "a; b"
    long = kept_reason(["x" * 150, "y" * 150])
    assert (len(long), long[-1]) == (LONGEST_REASON, "\u2026")


def test_what_somebody_sent_is_taken_out_of_a_reason_whatever_it_says():
    assert without_values(f"type: found {CANARY}, allowed: one of a, b", "x") == "type: found x, allowed: one of a, b"


@pytest.mark.parametrize("word", ["plain", CANARY, "'", '"', "\"' - at `$.x"])
def test_a_word_that_is_none_is_taken_out_of_msgspecs_words(word):
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.json.decode(msgspec.json.encode({"status": word, "number": "1"}), type=Order)
    assert word in str(caught.value) or repr(word)[1:-1] in str(caught.value)
    assert misfit(caught.value) == "Invalid enum value - at `$.status`"
    assert without_values(str(caught.value), "x") == "Invalid enum value x - at `$.status`"
