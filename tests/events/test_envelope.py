"""CloudEvents in every mode, and what the canonical ones tell."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.event import Event, Unreadable
from domain.foreign import Links, Mended, Repair
from domain.identity import EntityKey, EntityKind
from domain.observation import Absence, Channel, Hint, Occurrence, Retraction, Snapshot
from domain.order import Order, OrderStatus
from events.envelope import BATCH, HEARTBEAT, STRUCTURED, Envelope, Rejected, decode, encode, read

TIME = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
KEY = EntityKey(tenant="main", source="erp", kind=EntityKind.ORDER, id="SO-1")
PARCEL = EntityKey(tenant="main", source="erp", kind=EntityKind.SHIPMENT, id="S-1")
ORDER = {"number": "SO-1", "status": "SHIPPED"}
MILESTONE = {
    "code": "DEPARTED",
    "classifier": "ACTUAL",
    "occurredAt": "2026-11-23T08:00:00Z",
    "recordedAt": "2026-11-23T08:01:00Z",
    "sourceCode": "AF",
    "source": "erp",
}


def event(kind="casefold.order.state.v1", data=ORDER, **changes):
    about = {"specversion": "1.0", "id": "e-1", "source": "erp", "type": kind, "time": "2026-11-23T08:30:00Z"}
    return {
        name: value
        for name, value in (about | {"subject": "SO-1", "data": data} | changes).items()
        if value is not None
    }


def structured(**changes):
    return read({"content-type": f"{STRUCTURED}; charset=utf-8"}, json.dumps(event(**changes)).encode())


def told(**changes):
    [envelope] = structured(**changes)
    assert isinstance(envelope, Envelope), envelope
    return decode("main", encode(envelope))


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://evil.example.com/", 7])
def test_an_address_that_is_not_passed_on_is_dropped(url):
    event = told(data=ORDER | {"url": url})
    [observation] = event.observations
    assert (observation.content.number, observation.content.url) == (ORDER["number"], None)
    assert event.mended == (Mended("Order.url", Repair.DROPPED),)


def test_an_address_that_is_passed_on_stays():
    [envelope] = structured(data=ORDER | {"url": "https://erp.example.com/1"})
    event = decode("main", encode(envelope), Links(frozenset({"erp.example.com"})))
    assert event.observations[0].content.url == "https://erp.example.com/1"
    assert not event.mended


def test_words_without_end_are_cut():
    event = told(kind="casefold.shipment.milestone.v1", data=MILESTONE | {"description": "x" * 9_000})
    assert event.observations[0].content.description == "x" * 1_999 + "\u2026"
    assert event.mended == (Mended("Milestone.description", Repair.CUT),)


def test_the_three_modes_are_one():
    [one] = structured()
    [other] = read({"content-type": BATCH}, json.dumps([event()]).encode())
    attributes = {f"ce-{name}": value for name, value in event().items() if name != "data"}
    [third] = read(attributes | {"content-type": "application/json"}, json.dumps(ORDER).encode())
    assert decode("main", encode(one)) == decode("main", encode(other)) == decode("main", encode(third))


@pytest.mark.parametrize(
    ("changes", "observation"),
    [
        pytest.param(
            {}, Snapshot(KEY, Order(number="SO-1", status=OrderStatus.SHIPPED), TIME, TIME, Channel.EVENT), id="state"
        ),
        pytest.param(
            {"kind": "casefold.order.retracted.v1", "data": None}, Absence(KEY, TIME, Channel.EVENT), id="gone"
        ),
        pytest.param({"kind": "casefold.order.hint.v1", "data": None}, Hint(KEY, TIME), id="hint"),
        pytest.param(
            {"kind": "casefold.shipment.retracted.v1", "subject": "S-1", "data": {"retractedId": "m-1"}},
            Retraction(PARCEL, "m-1", TIME),
            id="retracted",
        ),
    ],
)
def test_what_a_canonical_event_tells(changes, observation):
    assert told(**changes) == Event("e-1", changes.get("kind", "casefold.order.state.v1"), TIME, (observation,))


def test_a_milestone_is_an_occurrence_under_the_id_of_its_event():
    event_ = told(kind="casefold.shipment.milestone.v1", subject="S-1", data=MILESTONE, sequence="17")
    [occurrence] = event_.observations
    assert isinstance(occurrence, Occurrence)
    assert (occurrence.key, occurrence.identity, occurrence.recorded_at.minute) == (PARCEL, "e-1", 1)
    assert event_.sequence == 17


def test_a_heartbeat_tells_nothing_but_that_it_lives():
    assert told(kind=HEARTBEAT, data=None, subject=None) == Event("e-1", HEARTBEAT, TIME, ())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"specversion": "0.3"}, "specversion", id="another edition"),
        pytest.param({"id": None}, "id", id="no id"),
        pytest.param({"id": ""}, "id", id="an empty id"),
        pytest.param({"time": None}, "time", id="no time"),
        pytest.param({"time": "2026-11-23T08:30:00"}, "time", id="a time without offset"),
        pytest.param({"sequence": "-1"}, "sequence", id="a sequence that is no number"),
        pytest.param({"kind": "com.example.else"}, "type", id="a type of others"),
    ],
)
def test_what_is_not_taken_is_said_by_field(changes, reason):
    [rejected] = structured(**changes)
    assert isinstance(rejected, Rejected)
    assert reason in rejected.reason


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"data": {"number": "SO-1"}}, "status", id="a field is missing"),
        pytest.param({"data": {"number": 1, "status": "SHIPPED"}}, "number", id="a field of another type"),
        pytest.param({"kind": "casefold.parrot.state.v1"}, "type", id="an entity that there is not"),
        pytest.param({"subject": None}, "subject", id="about nothing"),
        pytest.param({"kind": "casefold.order.milestone.v1"}, "type", id="a milestone of an order"),
    ],
)
def test_what_cannot_be_understood_is_said_by_field(changes, reason):
    unreadable = told(**changes)
    assert isinstance(unreadable, Unreadable)
    assert (reason in unreadable.reason, unreadable.id) == (True, "e-1")


def test_one_bad_event_does_not_spoil_its_neighbours():
    batch = [event(), event(id="e-2", specversion="2"), event(id="e-3"), 7]
    received = read({"content-type": BATCH}, json.dumps(batch).encode())
    assert [isinstance(each, Envelope) for each in received] == [True, False, True, False]
    assert received[1].id == "e-2"


@given(
    st.binary(max_size=200),
    st.sampled_from([STRUCTURED, BATCH, "application/json", ""]),
    st.dictionaries(
        st.sampled_from(["ce-id", "ce-specversion", "ce-type", "ce-source", "ce-time"]), st.text(max_size=10)
    ),
)
def test_no_bytes_crash_it(body, media_type, headers):
    for received in read({"content-type": media_type} | headers, body):
        assert isinstance(received, Envelope | Rejected)
