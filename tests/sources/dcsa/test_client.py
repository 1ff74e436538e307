"""How a DCSA API is asked."""

import httpx
import pytest
from pydantic import ValidationError

from domain.errors import Missing, Refused, UnusableAnswer
from domain.identity import EntityKind
from domain.observation import UnmappedCode
from domain.shipment import ShipmentStatus
from sources.base import ChangesClient
from sources.dcsa import SOURCE
from sources.dcsa.client import params_of
from tests.sources.calling import URL, Calling, lookup
from tests.sources.dcsa.recorded import BOOKING, BOX, DOCUMENT, OTHER_BOX, changed, event, example, journey

EVENTS = f"{URL}/v2/events"


@pytest.fixture
async def carrier():
    async with Calling(SOURCE, token="T-1", pages=3) as calling:
        yield calling


def by(scheme, value):
    return lookup("SHIPMENT", scheme, value)


def params(route):
    return [dict(call.request.url.params) for call in route.calls]


def answering(carrier, **answers):
    """Answers each filter with its events; all others with none."""

    def respond(request):
        asked = request.url.params
        found = next((events for name, events in answers.items() if name in asked), [])
        return httpx.Response(200, json=found)

    return carrier.router.get(EVENTS).mock(side_effect=respond)


@pytest.mark.parametrize("scheme", ["TRACKING", "SHIPMENT_ID"])
async def test_a_container_is_asked_for_by_its_number(carrier, scheme):
    route = answering(carrier, equipmentReference=journey())
    asked = by(scheme, BOX)
    findings = await carrier.fetch("events", asked)
    assert params(route) == [{"equipmentReference": BOX, "limit": "100"}]
    assert route.calls[0].request.headers["authorization"] == "Bearer T-1"
    [snapshot] = findings.found[asked]
    assert (snapshot.key.kind, snapshot.key.id, snapshot.key.source) == (EntityKind.SHIPMENT, BOX, "here")
    assert snapshot.content.status is ShipmentStatus.IN_TRANSIT
    assert snapshot.as_of == max(each.recorded_at for each in snapshot.content.milestones)
    assert (findings.unusable, findings.unmapped) == ({}, ())


@pytest.mark.parametrize("scheme", ["TRACKING", "SHIPMENT_ID"])
async def test_what_is_no_container_number_is_asked_for_as_both(carrier, scheme):
    route = answering(carrier, carrierBookingReference=[event("EQUIPMENT", "LOAD")])
    asked = by(scheme, BOOKING)
    findings = await carrier.fetch("events", asked)
    assert {name for each in params(route) for name in each} == {
        "carrierBookingReference",
        "equipmentReference",
        "limit",
    }
    assert [each.key.id for each in findings.found[asked]] == [BOX]


async def test_a_box_of_a_shipper_is_found_under_its_own_number(carrier):
    answering(carrier, equipmentReference=[event("EQUIPMENT", "LOAD", box="OWN-7")])
    asked = by("TRACKING", "OWN-7")
    assert [each.key.id for each in (await carrier.fetch("events", asked)).found[asked]] == ["OWN-7"]


async def test_what_is_too_long_for_a_container_is_a_booking(carrier):
    route = answering(carrier)
    await carrier.fetch("events", by("TRACKING", "B" * 16))
    assert params(route) == [{"carrierBookingReference": "B" * 16, "limit": "100"}]


async def test_a_bill_of_lading_is_a_transport_document(carrier):
    route = answering(carrier, transportDocumentReference=journey())
    asked = by("BOL", DOCUMENT)
    findings = await carrier.fetch("events", asked)
    assert params(route) == [{"transportDocumentReference": DOCUMENT, "limit": "100"}]
    assert [each.key.id for each in findings.found[asked]] == [BOX, BOOKING]


async def test_several_numbers_are_asked_for_one_by_one(carrier):
    route = answering(carrier, equipmentReference=[event("EQUIPMENT", "LOAD", box=None, equipmentReference=BOX)])
    one, other = by("TRACKING", BOX), by("TRACKING", OTHER_BOX)
    await carrier.fetch("events", one, other)
    assert sorted(each["equipmentReference"] for each in params(route)) == [BOX, OTHER_BOX]


async def test_an_empty_list_is_nothing_there(carrier):
    answering(carrier)
    findings = await carrier.fetch("events", by("TRACKING", BOX))
    assert (findings.found, findings.unusable) == ({}, {})


async def test_a_wrong_address_is_said(carrier):
    carrier.router.get(EVENTS).respond(404, json={"statusCode": 404, "errors": []})
    with pytest.raises(Missing):
        await carrier.fetch("events", by("TRACKING", BOX))
    assert carrier.http.health().errors_last_minute == 1


@pytest.mark.parametrize(
    "answer",
    [b'{"errors": [{"reason": "invalidQuery"}]}', b'{"events": []}', b"null", b'"[]"'],
    ids=["an error", "a dict", "null", "text"],
)
async def test_a_good_status_with_something_else_inside_is_never_data(carrier, answer):
    carrier.router.get(EVENTS).respond(content=answer)
    with pytest.raises(UnusableAnswer, match="no list of events"):
        await carrier.fetch("events", by("TRACKING", BOX))


async def test_an_event_that_cannot_be_read_spoils_its_own_history_alone(carrier):
    local = event("TRANSPORT", "DEPA") | {"eventDateTime": "2026-11-20T10:00:00"}

    def respond(request):
        is_bad = request.url.params["equipmentReference"] == BOX
        return httpx.Response(200, json=[local] if is_bad else [event("EQUIPMENT", "LOAD", box=OTHER_BOX)])

    carrier.router.get(EVENTS).mock(side_effect=respond)
    bad, good = by("TRACKING", BOX), by("TRACKING", OTHER_BOX)
    findings = await carrier.fetch("events", bad, good)
    assert list(findings.found) == [good]
    assert findings.unusable == {bad: "eventDateTime: found str, allowed: Input should have timezone info"}


async def test_a_word_that_no_table_knows_is_reported_once(carrier):
    answering(
        carrier, equipmentReference=[event("TRANSPORT", "SANK"), event("TRANSPORT", "SANK", "2026-11-21T10:00:00Z")]
    )
    asked = by("TRACKING", BOX)
    findings = await carrier.fetch("events", asked)
    assert findings.unmapped == (UnmappedCode("transportEventTypeCode", "SANK"),)
    assert findings.found[asked][0].content.status is ShipmentStatus.UNKNOWN


async def test_events_of_other_standards_are_left_out(carrier):
    answering(carrier, equipmentReference=[event("REEFER", "TEMP", eventDateTime="warm"), event("TRANSPORT", "DEPA")])
    asked = by("TRACKING", BOX)
    findings = await carrier.fetch("events", asked)
    [snapshot] = findings.found[asked]
    assert [each.source_code for each in snapshot.content.milestones] == ["DEPA"]
    assert findings.unmapped == ()


async def test_the_published_form_of_3_0_is_read_as_well(carrier):
    answering(carrier, equipmentReference=example("bookingExample"))
    asked = by("TRACKING", "APZU4812090")
    [snapshot] = (await carrier.fetch("events", asked)).found[asked]
    assert snapshot.content.carrier is not None
    assert snapshot.content.bill_of_lading is not None


class TestPages:
    def pages(self, carrier, *pages):
        """Each page: its events, and what it says is next."""
        answers = [
            httpx.Response(200, json=events, headers={} if link is None else {"Next-Page": link})
            for events, link in pages
        ]
        return carrier.router.get(EVENTS).mock(side_effect=answers)

    @pytest.mark.parametrize(
        ("link", "asked"),
        [
            pytest.param("fE9mZnNldHw9NSZsaW1pdD01", {"cursor": "fE9mZnNldHw9NSZsaW1pdD01"}, id="a bare cursor"),
            pytest.param("fE9m+/8=", {"cursor": "fE9m+/8="}, id="base64"),
            pytest.param(f"{URL}/v2/events?cursor=c-2", {"cursor": "c-2"}, id="a link"),
            pytest.param("/v2/events?cursor=c-2&limit=7", {"cursor": "c-2", "limit": "7"}, id="a relative link"),
            pytest.param(
                "https://evil.example.com/?cursor=c-2", {"cursor": "c-2"}, id="a link elsewhere is not followed"
            ),
        ],
    )
    async def test_the_next_one_is_followed(self, carrier, link, asked):
        first, second = event("EQUIPMENT", "LOAD"), event("TRANSPORT", "DEPA", "2026-11-21T10:00:00Z")
        route = self.pages(carrier, ([first], link), ([second], None))
        [snapshot] = (await carrier.fetch("events", by("TRACKING", BOX))).found[by("TRACKING", BOX)]
        assert params(route)[1] == asked
        assert route.calls[1].request.url.host == httpx.URL(URL).host
        assert route.calls[1].request.headers["authorization"] == "Bearer T-1"
        assert [each.source_code for each in snapshot.content.milestones] == ["LOAD", "DEPA"]

    @pytest.mark.parametrize(
        "link",
        ["", "  ", f"{URL}/v2/events", "http://[", f"{URL}/v2/events?"],
        ids=["empty", "blank", "no query", "no URL", "empty query"],
    )
    async def test_a_link_that_names_no_page_is_refused(self, carrier, link):
        assert params_of(link) == ()
        self.pages(carrier, ([event("EQUIPMENT", "LOAD")], link))
        with pytest.raises(UnusableAnswer, match="names no page"):
            await carrier.fetch("events", by("TRACKING", BOX))

    async def test_a_cursor_that_leads_back_is_refused(self, carrier):
        self.pages(carrier, ([], "c-2"), ([], "c-2"))
        with pytest.raises(UnusableAnswer, match="leads back"):
            await carrier.fetch("events", by("TRACKING", BOX))
        assert carrier.http.health().errors_last_minute == 1

    async def test_a_part_of_a_history_is_never_shown(self, carrier):
        self.pages(carrier, ([], "c-2"), ([], "c-3"), ([], "c-4"))
        with pytest.raises(UnusableAnswer, match="more than 3 pages"):
            await carrier.fetch("events", by("TRACKING", BOX))

    async def test_the_answer_is_as_old_as_its_first_page(self, carrier):
        dates = ["Mon, 23 Nov 2015 08:00:00 GMT", "Mon, 23 Nov 2015 09:00:00 GMT"]
        answers = [
            httpx.Response(200, json=[event("EQUIPMENT", "LOAD")], headers={"Date": date} | link)
            for date, link in zip(dates, ({"Next-Page": "c-2"}, {}), strict=True)
        ]
        carrier.router.get(EVENTS).mock(side_effect=answers)
        [snapshot] = (await carrier.fetch("events", by("TRACKING", BOX))).found[by("TRACKING", BOX)]
        assert (snapshot.moment.year, snapshot.moment.hour) == (2015, 7)


class TestCredentials:
    async def test_a_key_may_go_into_a_header_of_its_own(self):
        async with Calling(SOURCE, token="K-1", token_header="Consumer-Key") as calling:
            route = calling.router.get(EVENTS).respond(json=[])
            await calling.client.check(calling.call)
        assert params(route) == [{"limit": "1"}]
        assert route.calls[0].request.headers["consumer-key"] == "K-1"
        assert "authorization" not in route.calls[0].request.headers

    async def test_a_check_proves_them(self, carrier):
        carrier.router.get(EVENTS).respond(401)
        with pytest.raises(Refused):
            await carrier.client.check(carrier.call)

    async def test_a_check_proves_the_address(self, carrier):
        carrier.router.get(EVENTS).respond(json={"hello": "world"})
        with pytest.raises(UnusableAnswer):
            await carrier.client.check(carrier.call)

    @pytest.mark.parametrize("header", ["", "X Key", "X-Key:", "X\nKey"])
    def test_a_header_must_be_one(self, header):
        with pytest.raises(ValidationError, match="token_header"):
            SOURCE.settings.model_validate(
                {"id": "here", "adapter": "dcsa", "base_url": URL, "token": "t", "token_header": header}
            )


async def test_references_are_what_the_settings_say():
    async with Calling(SOURCE, token="t", reference_schemes={"SI": "SO"}) as calling:
        calling.router.get(EVENTS).respond(json=journey())
        [snapshot] = (await calling.fetch("events", by("TRACKING", BOX))).found[by("TRACKING", BOX)]
    assert snapshot.content.order_numbers == ("SO-1001",)
    assert [each.scheme.value for each in snapshot.content.references] == ["SHIPMENT_ID"]


def test_it_says_that_an_answer_lists_all_that_happened(carrier):
    assert SOURCE.natures[EntityKind.SHIPMENT].lists_occurrences
    assert SOURCE.feed_covers == {EntityKind.SHIPMENT}
    assert isinstance(carrier.client, ChangesClient)


async def test_one_event_without_an_id_is_read(carrier):
    answering(carrier, equipmentReference=[changed(event("TRANSPORT", "DEPA"), eventID=None)])
    asked = by("TRACKING", BOX)
    [snapshot] = (await carrier.fetch("events", asked)).found[asked]
    assert [each.event_id for each in snapshot.content.milestones] == [None]
