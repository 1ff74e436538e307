"""What a warehouse sends: who sent it, and what it tells."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.errors import BadSignature
from domain.event import Delivery, Event, Ignored, Unreadable
from domain.fold import content_of
from domain.fulfillment import FulfillmentStatus
from domain.known import Known, Nature, known_of, merge
from domain.observation import Occurrence, Retraction, UnmappedCode
from sources.epcis import SOURCE
from sources.epcis.inbox import EpcisInbox, identity_of
from sources.signatures import sign
from tests.sources.epcis.captured import (
    DELIVERY,
    DESADV,
    PAYLOADS,
    SECRET,
    captured,
    document,
    settings,
    step,
    transactions,
)
from tests.sources.test_every_source import DRIFTS, changed, places

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
INBOX = EpcisInbox(settings())
SHIPPED = captured("ObjectEvent")["eventID"]


def sent(content, **headers):
    content = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Delivery(content, headers, NOW)


def decoded(content):
    return list(INBOX.decode(sent(content)))


def only(content):
    [one] = decoded(content)
    return one


def document_of(*events):
    return document("ObjectEvent") | {"epcisBody": {"eventList": list(events)}}


def query_document_of(*events):
    results = {"queryName": "SimpleEventQuery", "resultsBody": {"eventList": list(events)}}
    return document("queryDocument") | {"epcisBody": {"queryResults": results}}


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_a_message_with_the_agreed_token_is_taken(scheme):
    INBOX.verify(sent(b"{}", authorization=f"{scheme} {SECRET}"))


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="none"),
        pytest.param({"authorization": ""}, id="empty"),
        pytest.param({"authorization": SECRET}, id="without its scheme"),
        pytest.param({"authorization": f"Basic {SECRET}"}, id="of another scheme"),
        pytest.param({"authorization": f"Bearer {SECRET[:-1]}"}, id="cut short"),
        pytest.param({"authorization": f"Bearer {SECRET}x"}, id="too long"),
        pytest.param({"gs1-signature": SECRET}, id="a signature of no agreed kind"),
    ],
)
def test_a_message_without_it_is_refused(headers):
    with pytest.raises(BadSignature) as caught:
        INBOX.verify(sent(b"{}", **headers))
    assert SECRET not in str(caught.value)


def test_without_a_secret_nothing_is_believed():
    with pytest.raises(BadSignature, match="no webhook_secret"):
        SOURCE.open_inbox(settings(webhook_secret=None)).verify(sent(b"{}", authorization="Bearer "))


SIGNING = "whsec_" + "Q" * 32


@pytest.mark.parametrize(
    ("body", "ago", "said"),
    [
        pytest.param(b'{"type":"ObjectEvent"}', 0, None, id="as signed"),
        pytest.param(b'{"type": "ObjectEvent"}', 0, "No matching signature", id="tampered with"),
        pytest.param(b'{"type":"ObjectEvent"}', 600, "too old", id="late"),
    ],
)
def test_a_message_may_be_signed_instead(body, ago, said):
    signed = sign(SIGNING, "msg_1", datetime.now(UTC) - timedelta(seconds=ago), '{"type":"ObjectEvent"}')
    inbox = SOURCE.open_inbox(settings(webhook_secret=SIGNING))
    if said is None:
        inbox.verify(sent(body, **signed))
    else:
        with pytest.raises(BadSignature, match=said):
            inbox.verify(sent(body, **signed))


def test_no_secret_shows():
    told = settings(webhook_secret="hunter2-canary")
    assert "hunter2" not in f"{told!r} {SOURCE.open_inbox(told)!r}"


@pytest.mark.parametrize("types", [(), ("",), ("x" * 300,)])
def test_something_has_to_name_fulfillments(types):
    with pytest.raises(ValidationError, match="delivery_types"):
        settings(delivery_types=types)


UNNAMED, RECEIVING = "ObjectEvent that names no fulfillment", "ObjectEvent receiving in_progress"
IGNORED = {
    "ObjectEvent": [UNNAMED, RECEIVING],
    "ObjectEvent_with_error_declaration": [UNNAMED, RECEIVING],
    "ObjectEvent_with_digitalLink": [UNNAMED],
    "ObjectEvent_with_persistentDisposition": [RECEIVING, "ObjectEvent inspecting in_progress"],
    "ObjectEvent_with_non_standard_bizStep": [UNNAMED],
    "AggregationEvent": ["AggregationEvent that names no fulfillment"],
    "TransactionEvent": ["TransactionEvent that names no fulfillment"] * 2,
    "Combination_of_different_event": [
        UNNAMED,
        "AggregationEvent that names no fulfillment",
        "TransactionEvent that names no fulfillment",
        "TransformationEvent",
        "AssociationEvent",
        "AssociationEvent",
    ],
    "QueryDocumentWithMultipleEvents": [UNNAMED, RECEIVING],
    "queryDocument": [UNNAMED],
}
PARKED = {
    "ObjectEvent_with_invalid_action": "Event.action: found str, allowed: Input should be 'ADD', 'OBSERVE' or",
    "ObjectEvent_with_invalid_eventTime_format": "Event.eventTime: found str, allowed: Value error, a date-time as",
    "ObjectEvent_without_action_and_eventTime": "Event.eventTime: found nothing, allowed: Field required",
    "SimpleEventQuery": "Event.type: found nothing, allowed: Field required",
}


@pytest.mark.parametrize("name", IGNORED)
def test_the_published_documents_are_about_no_outbound_fulfillment(name):
    told = decoded(document(name))
    assert all(isinstance(each, Ignored) for each in told)
    assert [each.type for each in told] == IGNORED[name]


@pytest.mark.parametrize("name", PARKED)
def test_the_published_invalid_documents_are_parked_with_the_reason(name):
    told = only(document(name))
    assert isinstance(told, Unreadable)
    assert told.reason.startswith(PARKED[name])


def test_every_published_document_is_tested():
    assert {*IGNORED, *PARKED, "cbv-2.0-words"} == {path.stem for path in PAYLOADS.glob("*.json")}


@pytest.mark.parametrize(
    "around",
    [
        pytest.param(lambda event: event, id="alone"),
        pytest.param(lambda event: {"@context": "https://ref.gs1.org/x.jsonld"} | event, id="with its own context"),
        pytest.param(lambda event: [event], id="in a list"),
        pytest.param(document_of, id="in a document"),
        pytest.param(query_document_of, id="in an answer to a query"),
    ],
)
@pytest.mark.parametrize("event_id", [SHIPPED, None])
def test_an_event_tells_the_same_however_it_comes(around, event_id):
    told = only(around(step(eventID=event_id)))
    assert told == only(step(eventID=event_id))
    assert (told.type, told.time) == ("ObjectEvent", datetime(2005, 4, 4, 2, 33, 31, 116_000, tzinfo=UTC))
    [occurrence] = told.observations
    assert isinstance(occurrence, Occurrence)
    assert occurrence.identity == told.id
    assert occurrence.content.status is FulfillmentStatus.SHIPPED
    assert occurrence.content.event_id == event_id


def test_words_that_no_table_knows_are_reported():
    assert only(step("beaming")).unmapped == (UnmappedCode("bizStep", "beaming"),)


def test_an_event_that_cannot_be_read_does_not_spoil_its_neighbours():
    broken = captured("ObjectEvent_with_invalid_action")
    first, second, third, fourth = decoded(document_of(step(), broken, "event", captured("ObjectEvent", 1)))
    assert isinstance(first, Event)
    assert isinstance(second, Unreadable)
    assert third == Unreadable("Event: found str, allowed: an object")
    assert isinstance(fourth, Ignored)


def test_an_event_without_an_id_is_named_by_what_it_says():
    told = step(eventID=None)
    backwards = dict(reversed(list(told.items())))
    assert identity_of(told) == identity_of(backwards) == only(told).id
    assert identity_of(told | {"recordTime": "2005-04-05T00:00:00Z", "@context": []}) == identity_of(told)


@pytest.mark.parametrize(
    "changes",
    [
        {"epcList": []},
        {"eventTime": "2005-04-03T20:33:32-06:00"},
        {"readPoint": {"id": "urn:epc:id:sgln:0614141.00777.0"}},
        {"bizStep": "loading"},
    ],
    ids=["what", "when", "where", "why"],
)
def test_another_event_has_another_name(changes):
    assert identity_of(step(eventID=None) | changes) != identity_of(step(eventID=None))


ERROR = captured("ObjectEvent_with_error_declaration")["errorDeclaration"]


@pytest.mark.parametrize("event_id", [SHIPPED, None])
def test_an_error_declaration_takes_back_the_event_that_it_repeats(event_id):
    event = only(step(eventID=event_id))
    told = only(step(eventID=event_id, errorDeclaration=ERROR))
    [retraction] = told.observations
    assert retraction == Retraction(
        event.observations[0].key, event.id, datetime(2021, 2, 1, 22, 46, 31, 117_000, tzinfo=UTC)
    )
    assert told.id == f"{event.id} errorDeclaration"


def test_an_error_declaration_that_is_recorded_is_as_old_as_its_record():
    told = only(step(errorDeclaration=ERROR, recordTime="2021-02-02T00:00:00Z"))
    assert told.observations[0].recorded_at == datetime(2021, 2, 2, tzinfo=UTC)


def test_a_declaration_takes_back_the_step_of_each_fulfillment():
    several = [*transactions(desadv="D-1"), *transactions(desadv="D-2")]
    told = only(step(bizTransactionList=several, errorDeclaration=ERROR))
    assert [each.key.id for each in told.observations] == ["D-1", "D-2"]


def at(hour, biz_step, **changes):
    """A step of one order's fulfillment on one day."""
    documents = transactions(desadv=DESADV, poc="SO-1")
    moment = f"2026-11-20T{hour:02}:00:00Z"
    given = {
        "eventID": f"urn:uuid:{biz_step}",
        "eventTime": moment,
        "bizTransactionList": documents,
        "disposition": None,
    }
    return step(biz_step, **given | changes)


DAY = [at(8, "picking"), at(9, "packing"), at(11, "staging_outbound"), at(12, "shipping")]
DECLARED = {"errorDeclaration": {"declarationTime": "2026-11-20T13:00:00Z", "reason": "did_not_occur"}}
STORIES = [
    (DAY[:1], FulfillmentStatus.PICKED),
    (DAY, FulfillmentStatus.SHIPPED),
    ([*DAY, at(12, "shipping", **DECLARED)], FulfillmentStatus.STAGED),
    ([*DAY, at(14, "void_shipping")], FulfillmentStatus.STAGED),
    ([*DAY[:2], at(10, "holding", disposition="recalled")], FulfillmentStatus.ON_HOLD),
    ([*DAY[:2], at(10, "staging_outbound", disposition="damaged")], FulfillmentStatus.PACKED),
    ([*DAY, at(15, "receiving")], FulfillmentStatus.SHIPPED),
]


@pytest.mark.parametrize(("events", "status"), STORIES, ids=range(len(STORIES)))
@given(data=st.data())
def test_in_any_order_and_however_often_they_end_in_the_same_state(events, status, data):
    again = data.draw(st.lists(st.sampled_from(events)))
    came = data.draw(st.permutations([*events, *again]))
    seen = [each for event in decoded(came) if isinstance(event, Event) for each in event.observations]
    known = Known(seen[0].key)
    for each in seen:
        known = merge(known, known_of(each), Nature())
    shown = content_of(known)
    assert (shown.id, shown.order_number, shown.status) == (DELIVERY, "SO-1", status)
    assert shown.warehouse == "0614141073467"
    assert shown.picked_at == datetime(2026, 11, 20, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"", "body: found 0 bytes", id="nothing"),
        pytest.param(b"<EPCISDocument/>", "body: found 16 bytes, allowed: JSON", id="XML"),
        pytest.param(b"\xff", "body: found 1 bytes", id="no text"),
        pytest.param(b"[" * 100_000, "body: found 100000 bytes", id="endless nesting"),
        pytest.param(7, "Event: found int, allowed: an object", id="a number"),
        pytest.param({"type": "EPCISDocument"}, "body: found a document without events", id="a document without body"),
        pytest.param(
            document("queryDocument") | {"type": "EPCISDocument"},
            "body: found a document without events, allowed: epcisBody.eventList, or",
            id="a document of another type",
        ),
        pytest.param(
            step(type="TeleportationEvent"),
            "Event.type: found str, allowed: Input should be 'ObjectEvent', 'Aggr",
            id="an unknown type",
        ),
        pytest.param(step(eventID=7), "Event.eventID: found int", id="a number for an id"),
        pytest.param(
            step(quantityList=[{"epcClass": "x", "quantity": -1}]),
            "Event.quantityList.0.quantity: found int",
            id="less than nothing",
        ),
        pytest.param(
            step(bizTransactionList=transactions(desadv="D" * 201)),
            "Event: Expected `str` of length",
            id="a long number",
        ),
        pytest.param(
            step(eventTime="0001-01-01T00:00:00+12:00"), "Event: date value out of range", id="a time before all times"
        ),
    ],
)
def test_what_cannot_be_read_says_what_was_found_where(content, reason):
    told = only(content)
    assert isinstance(told, Unreadable)
    assert told.reason.startswith(reason)


def test_what_cannot_be_read_keeps_its_id():
    assert only(step(action="CREATE")).id == SHIPPED
    assert only(step(action="CREATE", eventID="x" * 300)).id is None


def test_a_reason_repeats_nothing_but_codes():
    told = only(step(readPoint={"id": {"owner": "Jane Doe"}}))
    assert told.reason.startswith("Event.readPoint.id: found dict")
    assert "Jane" not in told.reason


def test_a_list_of_nothing_tells_nothing():
    assert decoded([]) == decoded(query_document_of()) == []


@given(st.binary(max_size=200))
def test_no_bytes_break_it(content):
    assert all(isinstance(each, Unreadable) for each in decoded(content))


MESSAGES = [
    document_of(at(8, "picking")),
    query_document_of(step(errorDeclaration=ERROR)),
    [captured("AggregationEvent")],
]


@given(st.data(), st.sampled_from(MESSAGES))
def test_no_drift_of_the_schema_breaks_it(data, message):
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(list(places(message))))
        how = data.draw(DRIFTS)
        message = changed(message, path, how) if path or how else message
    assert all(isinstance(each, Event | Ignored | Unreadable) for each in decoded(message))


TERMS = st.text(min_size=1, max_size=300) | st.sampled_from(["shipping", "urn:epcglobal:cbv:bizstep:", DESADV, "\x00"])


@given(step=TERMS, disposition=TERMS, type_=TERMS, identifier=TERMS, epc=TERMS, place=TERMS)
def test_no_words_break_it(step, disposition, type_, identifier, epc, place):
    told = captured("ObjectEvent") | {
        "bizStep": step,
        "disposition": disposition,
        "bizTransactionList": [*transactions(desadv=identifier), {"type": type_, "bizTransaction": identifier}],
        "epcList": [epc],
        "readPoint": {"id": place},
    }
    assert isinstance(only(told), Event | Ignored | Unreadable)


@given(st.dictionaries(st.text(max_size=9), st.integers()))
def test_unknown_fields_are_tolerated(more):
    unknown = {f"example:{name}": value for name, value in more.items()}
    assert only(step() | unknown) == only(step())
    assert isinstance(only(step()), Event)
