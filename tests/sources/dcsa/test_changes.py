"""What a DCSA API says has changed."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from domain.errors import Missing, UnusableAnswer
from sources.dcsa import SOURCE
from sources.dcsa.codes import LISTED_WITHIN
from tests.sources.calling import URL, Calling, lookup
from tests.sources.dcsa.recorded import BOOKING, BOX, DOCUMENT, OTHER_BOX, call, event, journey

EVENTS = f"{URL}/v2/events"
SINCE = datetime(2026, 11, 16, 8, 30, tzinfo=UTC)


@pytest.fixture
async def carrier():
    async with Calling(SOURCE, token="T-1", pages=2) as calling:
        yield calling


def asked(*names, document=None):
    both = [lookup("SHIPMENT", scheme, name) for name in names for scheme in ("TRACKING", "SHIPMENT_ID")]
    return {*both, *([lookup("SHIPMENT", "BOL", document)] if document else [])}


def answering(carrier, changed, **related):
    """Answers a poll with what has changed, and each filter with what is related to it."""

    def respond(request):
        params = request.url.params
        found = (
            changed
            if "eventCreatedDateTime:gte" in params
            else next(related[name] for name in params if name in related)
        )
        return httpx.Response(200, json=found)

    return carrier.router.get(EVENTS).mock(side_effect=respond)


async def test_every_number_of_what_was_created_since(carrier):
    route = answering(carrier, [journey()[7], journey()[8]])
    before = datetime.now(UTC)
    changes = await carrier.client.changes(SINCE, carrier.call)
    assert set(changes.lookups) == asked(BOX, BOOKING, document=DOCUMENT)
    assert len(changes.lookups) == len(set(changes.lookups))
    assert changes.is_whole
    assert before - LISTED_WITHIN <= changes.until <= datetime.now(UTC) - LISTED_WITHIN
    assert [dict(each.request.url.params) for each in route.calls] == [
        {"eventCreatedDateTime:gte": SINCE.isoformat(), "sort": "eventCreatedDateTime:ASC", "limit": "100"}
    ]


async def test_nothing_new(carrier):
    answering(carrier, [])
    changes = await carrier.client.changes(SINCE, carrier.call)
    assert (changes.lookups, changes.is_whole) == ((), True)


async def test_what_is_said_of_a_booking_changes_its_containers(carrier):
    whole = [event("SHIPMENT", "CONF", box=None)]
    both = [event("EQUIPMENT", "LOAD"), event("EQUIPMENT", "LOAD", box=OTHER_BOX)]
    route = answering(carrier, whole, carrierBookingReference=both)
    changes = await carrier.client.changes(SINCE, carrier.call)
    assert set(changes.lookups) == asked(BOOKING, BOX, OTHER_BOX)
    assert dict(route.calls[1].request.url.params) == {"carrierBookingReference": BOOKING, "limit": "100"}


async def test_a_container_that_names_no_booking_changes_its_booking(carrier):
    route = answering(
        carrier, [event("EQUIPMENT", "LOAD", booking=None)], equipmentReference=[event("EQUIPMENT", "DISC")]
    )
    changes = await carrier.client.changes(SINCE, carrier.call)
    assert set(changes.lookups) == asked(BOX, BOOKING)
    assert dict(route.calls[1].request.url.params) == {"equipmentReference": BOX, "limit": "100"}


async def test_a_document_alone_changes_what_it_is_of(carrier):
    of_document = event("SHIPMENT", "ISSU", box=None, booking=None, documentTypeCode="TRD", documentID=DOCUMENT)
    answering(carrier, [of_document], transportDocumentReference=[event("EQUIPMENT", "LOAD")])
    changes = await carrier.client.changes(SINCE, carrier.call)
    assert set(changes.lookups) == asked(BOX, BOOKING, document=DOCUMENT)


def retraction(of, **names):
    metadata = {
        "eventID": "r-1",
        "eventType": "TRANSPORT",
        "eventCreatedDateTime": "2026-11-20T10:00:00Z",
        "retractedEventID": of,
    }
    return {"metadata": metadata, "payload": names}


async def test_a_retraction_changes_what_it_takes_back(carrier):
    answering(carrier, [retraction("e/1")])
    route = carrier.router.get(f"{EVENTS}/e%2F1").respond(json=event("TRANSPORT", "DEPA"))
    changes = await carrier.client.changes(SINCE, carrier.call)
    assert set(changes.lookups) == asked(BOX, BOOKING)
    assert route.called


async def test_a_retraction_that_says_whose_it_was_needs_no_more(carrier):
    about = {"equipmentReference": BOX, "relatedDocumentReferences": [{"type": "BKG", "value": BOOKING}]}
    route = answering(carrier, [retraction("e-1", **about)])
    changes = await carrier.client.changes(SINCE, carrier.call)
    assert set(changes.lookups) == asked(BOX, BOOKING)
    assert route.call_count == 1


async def test_a_retraction_of_which_nobody_knows_whose_it_was_proves_nothing(carrier):
    answering(carrier, [retraction("e-1")])
    carrier.router.get(f"{EVENTS}/e-1").respond(404)
    with pytest.raises(UnusableAnswer, match="retracted"):
        await carrier.client.changes(SINCE, carrier.call)


@pytest.mark.parametrize(
    "broken", [{"eventID": "e-1"}, "text", None, {**event("TRANSPORT", "DEPA"), "references": 7}], ids=repr
)
async def test_an_event_that_cannot_be_read_proves_nothing(carrier, broken):
    answering(carrier, [event("TRANSPORT", "DEPA"), broken])
    with pytest.raises(UnusableAnswer, match="found"):
        await carrier.client.changes(SINCE, carrier.call)


async def test_an_event_is_a_change_however_odd_the_rest_of_it_is(carrier):
    odd = event("TELEPORT", "GONE", eventDateTime="soon", transportCall=7) | {"eventClassifierCode": None}
    answering(carrier, [odd])
    changes = await carrier.client.changes(SINCE, carrier.call)
    assert set(changes.lookups) == asked(BOX, BOOKING)


class TestMoreThanCanBeRead:
    def pages(self, carrier, *moments):
        events = [[event("TRANSPORT", "ARRI", each, transportCall=call("TC", "NLRTM"))] for each in moments]
        answers = [httpx.Response(200, json=page, headers={"Next-Page": f"c-{n}"}) for n, page in enumerate(events)]
        carrier.router.get(EVENTS).mock(side_effect=answers)

    async def test_a_part_reaches_to_its_last_event(self, carrier):
        self.pages(carrier, "2026-11-20T10:00:00Z", "2026-11-20T11:00:00Z")
        changes = await carrier.client.changes(SINCE, carrier.call)
        assert not changes.is_whole
        assert changes.until == datetime(2026, 11, 20, 11, tzinfo=UTC)
        assert set(changes.lookups) == asked(BOX, BOOKING)

    @pytest.mark.parametrize(
        "moments",
        [
            ("2026-11-20T11:00:00Z", "2026-11-20T10:00:00Z"),
            (SINCE.isoformat(), SINCE.isoformat()),
            ((SINCE - timedelta(days=1)).isoformat(), SINCE.isoformat()),
        ],
        ids=["not sorted as asked", "no progress", "older than asked"],
    )
    async def test_a_part_of_which_nobody_knows_how_far_it_reaches_proves_nothing(self, carrier, moments):
        self.pages(carrier, *moments)
        with pytest.raises(UnusableAnswer, match="eventCreatedDateTime"):
            await carrier.client.changes(SINCE, carrier.call)


async def test_a_wrong_address_is_said(carrier):
    carrier.router.get(EVENTS).respond(404)
    with pytest.raises(Missing):
        await carrier.client.changes(SINCE, carrier.call)
