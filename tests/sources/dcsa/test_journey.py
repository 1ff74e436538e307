"""What all events of a number say together."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.eta import EtaBasis
from domain.fold import content_of
from domain.identity import Reference, Scheme
from domain.known import Nature, known_of, merge
from domain.shipment import Classifier, MilestoneCode, ShipmentStatus, StopKind, TransportMode
from domain.shipment_exception import ExceptionKind, Party
from sources.dcsa import wire
from sources.dcsa.mapping import occurrences_of
from tests.sources.dcsa.recorded import (
    BOOKING,
    BOX,
    DOCUMENT,
    OTHER_BOX,
    VANTAGE,
    call,
    changed,
    event,
    example,
    journey,
    shipment,
    shipments,
)

MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (f"2026-11-{day}T10:00:00Z" for day in (16, 17, 18, 19))


def moment(*parts):
    return datetime(*parts, tzinfo=UTC)


class TestTheComposedJourney:
    def test_its_numbers(self):
        shown = shipment(*journey())
        assert (shown.id, shown.tracking_number, shown.bill_of_lading) == (BOX, BOX, DOCUMENT)
        assert shown.order_numbers == ("SO-1001",)
        assert set(shown.references) == {
            Reference(scheme=Scheme.SHIPMENT_ID, value=BOOKING),
            Reference(scheme=Scheme.PO, value="PO-77"),
        }
        assert shown.mode is TransportMode.OCEAN

    def test_its_milestones_without_the_paper(self):
        shown = shipment(*journey())
        assert len(shown.milestones) == len(journey()) - 1
        assert [each.code for each in shown.milestones[:5]] == [
            MilestoneCode.TENDERED,
            MilestoneCode.BOOKED,
            MilestoneCode.DISPATCHED,
            MilestoneCode.LOADED,
            MilestoneCode.GATE_IN,
        ]
        assert [each.occurred_at for each in shown.milestones] == sorted(each.occurred_at for each in shown.milestones)
        assert shown.milestones[6].location.unlocode == "NLRTM"

    def test_its_stops(self):
        first, second, third, fourth = shipment(*journey()).stops
        assert [each.location.name for each in (first, second, third, fourth)] == [
            "Depot Waalhaven",
            "Rotterdam",
            "Singapore",
            "Sydney",
        ]
        assert [each.kind for each in (second, third, fourth)] == [
            StopKind.TERMINAL,
            StopKind.TRANSSHIPMENT,
            StopKind.TERMINAL,
        ]
        assert second.actual_departure == moment(2026, 9, 7, 2)
        assert third.planned_arrival == moment(2026, 9, 30, 22)
        assert third.estimated_arrival == moment(2026, 10, 1, 22)
        assert third.actual_arrival == moment(2026, 10, 1, 23, 15)
        assert third.actual_departure == moment(2026, 10, 4, 12)
        assert (fourth.actual_arrival, fourth.actual_departure) == (None, None)

    def test_of_several_estimates_the_one_that_was_made_last_counts(self):
        eta = shipment(*journey()).eta
        assert (eta.basis, eta.estimated_at) == (EtaBasis.CARRIER_ESTIMATE, moment(2026, 10, 15, 7))
        assert eta.planned_at == moment(2026, 10, 13, 19)
        assert eta.delay_minutes == 36 * 60
        assert eta.revised_at == moment(2026, 10, 9, 19)

    def test_its_delay_ended_with_the_arrival(self):
        [delay] = shipment(*journey()).exceptions
        assert (delay.kind, delay.party, delay.source_code) == (ExceptionKind.DELAY, Party.UNKNOWN, "WEA")
        assert delay.detail == "Bad weather"
        assert delay.raised_at == moment(2026, 9, 20, 3)
        assert delay.cleared_at == moment(2026, 10, 1, 23, 20)

    @pytest.mark.parametrize(
        ("count", "status", "said"),
        [
            pytest.param(1, ShipmentStatus.TENDERED, "BKG/RECE", id="booked, not confirmed"),
            pytest.param(3, ShipmentStatus.BOOKED, "BKG/CONF", id="confirmed"),
            pytest.param(4, ShipmentStatus.DISPATCHED, "GTOT", id="the empty box on its way"),
            pytest.param(5, ShipmentStatus.LOADED, "STUF", id="packed"),
            pytest.param(6, ShipmentStatus.LOADED, "STUF", id="a gate moves nothing"),
            pytest.param(8, ShipmentStatus.IN_TRANSIT, "DEPA", id="under way"),
            pytest.param(10, ShipmentStatus.IN_TRANSIT, "DEPA", id="an expected arrival moves nothing"),
            pytest.param(12, ShipmentStatus.IN_TRANSIT, "DEPA", id="in the port of transshipment"),
            pytest.param(17, ShipmentStatus.IN_TRANSIT, "DEPA", id="under way again"),
        ],
    )
    def test_its_status_on_the_way(self, count, status, said):
        shown = shipment(*journey()[:count])
        assert (shown.status, shown.source_status) == (status, said)

    def test_the_order_of_the_answer_does_not_matter(self):
        shuffled = journey()
        random.Random(7).shuffle(shuffled)
        assert shipment(*shuffled) == shipment(*journey())

    def test_told_one_by_one_it_ends_in_the_same_status(self):
        records = [wire.event_of(each, wire.Envelope.model_validate(each)) for each in journey()]
        told = [known_of(each) for record in records for each in occurrences_of(record, BOX, VANTAGE)]
        known = told[0]
        for each in told[1:]:
            known = merge(known, each, Nature())
        one_by_one, at_once = content_of(known), shipment(*journey())
        assert (one_by_one.status, one_by_one.source_status) == (at_once.status, at_once.source_status)
        assert one_by_one.milestones == at_once.milestones
        assert (one_by_one.order_numbers, one_by_one.bill_of_lading, one_by_one.references) == (
            at_once.order_numbers,
            at_once.bill_of_lading,
            at_once.references,
        )


@given(st.permutations(journey()), st.lists(st.sampled_from(range(len(journey()))), max_size=5))
def test_neither_order_nor_repetition_matters(records, repeated):
    assert shipment(*records, *(records[place] for place in repeated)) == shipment(*journey())


def test_what_is_planned_or_expected_never_moves_the_status():
    loaded = event("EQUIPMENT", "LOAD", MONDAY)
    for classifier in ("PLN", "EST"):
        shown = shipment(loaded, event("TRANSPORT", "DEPA", TUESDAY, classifier))
        assert shown.status is ShipmentStatus.LOADED


def test_what_happened_last_counts_even_if_it_was_told_first():
    late = event("EQUIPMENT", "LOAD", MONDAY) | {"eventCreatedDateTime": THURSDAY}
    assert shipment(event("TRANSPORT", "DEPA", TUESDAY), late).status is ShipmentStatus.IN_TRANSIT


def test_rank_breaks_ties_of_equal_time_only():
    loaded, left = event("EQUIPMENT", "LOAD", MONDAY), event("TRANSPORT", "DEPA", MONDAY)
    assert shipment(left, loaded).status is shipment(loaded, left).status is ShipmentStatus.IN_TRANSIT
    again = event("EQUIPMENT", "LOAD", TUESDAY)
    assert shipment(left, again).status is ShipmentStatus.LOADED


def test_the_newest_revision_of_an_event_counts():
    first = event("TRANSPORT", "DEPA", TUESDAY)
    revised = first | {"eventDateTime": WEDNESDAY, "eventCreatedDateTime": THURSDAY}
    for records in ((first, revised), (revised, first)):
        [milestone] = shipment(*records).milestones
        assert milestone.occurred_at == datetime.fromisoformat(WEDNESDAY)


def retraction(of, created=THURSDAY):
    metadata = {"eventID": "r-1", "eventType": "TRANSPORT", "eventCreatedDateTime": created, "retractedEventID": of}
    return {"metadata": metadata}


def test_what_is_retracted_did_not_happen():
    loaded, left = event("EQUIPMENT", "LOAD", MONDAY), event("TRANSPORT", "DEPA", TUESDAY)
    shown = shipment(loaded, left, retraction(left["eventID"]))
    assert shown.status is ShipmentStatus.LOADED
    assert [each.source_code for each in shown.milestones] == ["LOAD"]


def test_an_event_that_is_told_again_after_its_retraction_did_happen():
    left = event("TRANSPORT", "DEPA", MONDAY)
    again = left | {"eventCreatedDateTime": THURSDAY}
    assert shipment(again, retraction(left["eventID"], WEDNESDAY)).status is ShipmentStatus.IN_TRANSIT
    assert shipment(left, retraction(left["eventID"], MONDAY)).status is ShipmentStatus.UNKNOWN


def test_a_retracted_estimate_is_no_estimate():
    arrival = event("TRANSPORT", "ARRI", MONDAY, "EST", transportCall=call("TC", "NLRTM"))
    assert shipment(arrival).eta.estimated_at == datetime.fromisoformat(MONDAY)
    shown = shipment(arrival, retraction(arrival["eventID"]))
    assert (shown.eta, shown.stops) == (None, ())


def test_all_that_was_told_is_taken_back():
    left = event("TRANSPORT", "DEPA", MONDAY)
    shown = shipment(left, retraction(left["eventID"]))
    assert (shown.status, shown.milestones) == (ShipmentStatus.UNKNOWN, ())


@pytest.mark.parametrize("back", [("GTIN", "EMPTY"), ("PICK", "EMPTY")], ids=lambda words: words[0])
def test_a_box_that_came_off_laden_and_is_empty_by_now_has_been_unpacked(back):
    word, empty = back
    came_off = event("EQUIPMENT", "DISC", TUESDAY)
    returned = event("EQUIPMENT", word, WEDNESDAY, emptyIndicatorCode=empty)
    shown = shipment(event("TRANSPORT", "DEPA", MONDAY), came_off, returned)
    assert (shown.status, shown.source_status) == (ShipmentStatus.DELIVERED, word)
    assert (shown.eta, shown.proof_of_delivery) == (None, None)


@pytest.mark.parametrize(
    ("records", "status"),
    [
        pytest.param(
            [event("TRANSPORT", "DEPA", MONDAY), event("EQUIPMENT", "GTIN", TUESDAY, emptyIndicatorCode="EMPTY")],
            ShipmentStatus.IN_TRANSIT,
            id="an empty box that never came off laden",
        ),
        pytest.param(
            [
                event("TRANSPORT", "DEPA", MONDAY),
                event("EQUIPMENT", "DISC", TUESDAY),
                event("EQUIPMENT", "GTIN", WEDNESDAY, "EST", emptyIndicatorCode="EMPTY"),
            ],
            ShipmentStatus.IN_TRANSIT,
            id="expected back",
        ),
        pytest.param(
            [event("EQUIPMENT", "DISC", TUESDAY), event("EQUIPMENT", "GTIN", WEDNESDAY)],
            ShipmentStatus.UNKNOWN,
            id="laden through a gate",
        ),
    ],
)
def test_what_does_not_prove_the_unpacking(records, status):
    assert shipment(*records).status is status


def test_a_delivery_ends_the_question_of_when():
    delivered = event("EQUIPMENT", "DROP", WEDNESDAY)
    shown = shipment(event("TRANSPORT", "ARRI", TUESDAY, "EST", transportCall=call("TC", "NLRTM")), delivered)
    assert shown.status is ShipmentStatus.DELIVERED
    assert (shown.eta.basis, shown.eta.estimated_at) == (EtaBasis.ACTUAL, datetime.fromisoformat(WEDNESDAY))


def test_an_expected_delivery_goes_before_an_expected_arrival():
    expected = event("EQUIPMENT", "DROP", WEDNESDAY, "EST")
    arrival = event("TRANSPORT", "ARRI", TUESDAY, "EST", transportCall=call("TC", "NLRTM"))
    assert shipment(arrival, expected).eta.estimated_at == datetime.fromisoformat(WEDNESDAY)


def test_after_the_last_known_arrival_nothing_is_expected():
    at = call("TC", "NLRTM")
    arrivals = [event("TRANSPORT", "ARRI", TUESDAY, each, transportCall=at) for each in ("EST", "ACT")]
    shown = shipment(*arrivals)
    assert shown.eta is None
    assert shown.stops[0].actual_arrival == datetime.fromisoformat(TUESDAY)


def test_a_plan_alone_is_a_plan():
    eta = shipment(event("TRANSPORT", "ARRI", TUESDAY, "PLN", transportCall=call("TC", "NLRTM"))).eta
    assert (eta.basis, eta.planned_at) == (EtaBasis.PLANNED, datetime.fromisoformat(TUESDAY))


def test_a_cancelled_booking_arrives_never():
    planned = event("TRANSPORT", "ARRI", THURSDAY, "PLN", transportCall=call("TC", "NLRTM"))
    shown = shipment(planned, event("SHIPMENT", "CANC", TUESDAY))
    assert (shown.status, shown.eta) == (ShipmentStatus.CANCELLED, None)


def test_a_call_at_a_customers_is_pick_up_first_and_delivery_later():
    customer, consignee = (call(name, code, facilityTypeCode="CLOC") for name, code in (("A", "NLDFT"), ("C", "AUPAR")))
    records = [
        event("EQUIPMENT", "PICK", MONDAY, transportCall=customer),
        event("TRANSPORT", "DEPA", TUESDAY, transportCall=call("B", "NLRTM", facilityTypeCode="POTE")),
        event("TRANSPORT", "ARRI", WEDNESDAY, "EST", transportCall=consignee),
    ]
    assert [each.kind for each in shipment(*records).stops] == [
        StopKind.PICKUP,
        StopKind.TERMINAL,
        StopKind.DELIVERY,
    ]


def test_a_call_without_a_place_is_no_stop():
    [record] = example("truckTransportExample")
    assert shipments(record, number="APZU4812090")["APZU4812090"].stops == ()


def test_several_modes_are_intermodal():
    by_rail = call("R", "DEDUI", modeOfTransport="RAIL")
    by_lorry = call("T", "DEDUI", modeOfTransport="TRUCK")
    legs = [event("TRANSPORT", "DEPA", MONDAY, transportCall=each) for each in (by_lorry, by_rail)]
    assert shipment(legs[0]).mode is TransportMode.UNKNOWN
    assert shipment(legs[1] | {"eventID": "x"}).mode is TransportMode.RAIL
    at_sea = event("TRANSPORT", "DEPA", TUESDAY, transportCall=call("V", "NLRTM"))
    assert shipment(legs[1], at_sea).mode is TransportMode.INTERMODAL


class TestExceptions:
    @pytest.mark.parametrize(
        ("raises", "clears", "kind"),
        [
            (("BKG", "HOLD"), ("BKG", "RELS"), ExceptionKind.HOLD),
            (("BKG", "REJE"), ("BKG", "CONF"), ExceptionKind.TENDER_DECLINED),
            (("CUS", "HOLD"), ("CUS", "RELS"), ExceptionKind.CUSTOMS_HOLD),
            (("CUC", "HOLD"), ("CUC", "RELS"), ExceptionKind.CUSTOMS_HOLD),
        ],
        ids=lambda value: value.value if isinstance(value, ExceptionKind) else "/".join(value),
    )
    def test_each_has_a_beginning_and_an_end(self, raises, clears, kind):
        moved = event("TRANSPORT", "DEPA", MONDAY)
        raised = event("SHIPMENT", raises[1], TUESDAY, documentTypeCode=raises[0], reason="Papers")
        cleared = event("SHIPMENT", clears[1], WEDNESDAY, documentTypeCode=clears[0])
        [still_open] = shipment(moved, raised).exceptions
        assert (still_open.kind, still_open.detail, still_open.cleared_at) == (kind, "Papers", None)
        assert still_open.source_code == "/".join(raises)
        [ended] = shipment(moved, raised, cleared).exceptions
        assert ended.cleared_at == datetime.fromisoformat(WEDNESDAY)

    def test_a_hold_does_not_move_the_status(self):
        held = event("SHIPMENT", "HOLD", TUESDAY, documentTypeCode="CUS")
        assert shipment(event("TRANSPORT", "DEPA", MONDAY), held).status is ShipmentStatus.IN_TRANSIT

    def test_a_planned_hold_is_none(self):
        assert shipment(event("SHIPMENT", "HOLD", TUESDAY, "PLN")).exceptions == ()

    def test_open_ones_come_first(self):
        records = [
            event("SHIPMENT", "HOLD", MONDAY),
            event("SHIPMENT", "RELS", TUESDAY),
            event("SHIPMENT", "HOLD", WEDNESDAY, documentTypeCode="CUS"),
        ]
        assert [each.kind for each in shipment(*records).exceptions] == [ExceptionKind.CUSTOMS_HOLD, ExceptionKind.HOLD]

    def test_a_delay_ends_when_the_thing_is_announced_without_one(self):
        at = call("TC", "NLRTM")
        late = event("TRANSPORT", "ARRI", MONDAY, "EST", transportCall=at, delayReasonCode="POC")
        on_time = event("TRANSPORT", "ARRI", TUESDAY, "EST", transportCall=at)
        elsewhere = event("TRANSPORT", "ARRI", WEDNESDAY, "EST", transportCall=call("T2", "SGSIN"))
        assert [each.cleared_at for each in shipment(late, elsewhere).exceptions] == [None]
        [delay] = shipment(late, on_time).exceptions
        assert delay.cleared_at == datetime.fromisoformat(TUESDAY)

    def test_one_delay_however_often_it_is_said(self):
        at = call("TC", "NLRTM")
        said = [
            event("TRANSPORT", "ARRI", day, "EST", transportCall=at, delayReasonCode="WEA") for day in (MONDAY, TUESDAY)
        ]
        [delay] = shipment(*said).exceptions
        assert delay.raised_at == datetime.fromisoformat(MONDAY)


class TestWhichShipments:
    def asked_by_booking(self, *records):
        return shipments(*records, number=BOOKING, is_box=False)

    def test_one_per_container_and_one_for_the_booking_as_a_whole(self):
        records = [
            event("SHIPMENT", "CONF", MONDAY, box=None),
            event("EQUIPMENT", "LOAD", TUESDAY),
            event("EQUIPMENT", "LOAD", TUESDAY, box=OTHER_BOX),
            event("TRANSPORT", "DEPA", WEDNESDAY, box=OTHER_BOX),
        ]
        shown = self.asked_by_booking(*records)
        assert {name: each.status for name, each in shown.items()} == {
            BOX: ShipmentStatus.LOADED,
            OTHER_BOX: ShipmentStatus.IN_TRANSIT,
            BOOKING: ShipmentStatus.BOOKED,
        }
        assert [each.source_code for each in shown[BOX].milestones] == ["BKG/CONF", "LOAD"]
        assert [each.source_code for each in shown[BOOKING].milestones] == ["BKG/CONF"]
        assert {name: each.tracking_number for name, each in shown.items()} == {
            BOX: BOX,
            OTHER_BOX: OTHER_BOX,
            BOOKING: None,
        }

    def test_a_booking_of_which_nothing_is_said_as_a_whole_is_its_containers(self):
        assert set(self.asked_by_booking(event("EQUIPMENT", "LOAD"))) == {BOX}

    def test_a_booking_without_containers_is_one(self):
        shown = self.asked_by_booking(event("SHIPMENT", "CONF", box=None))
        assert {name: each.status for name, each in shown.items()} == {BOOKING: ShipmentStatus.BOOKED}

    @pytest.mark.parametrize(
        ("last", "status"),
        [("DROP", ShipmentStatus.DELIVERED), ("LOAD", ShipmentStatus.PARTIALLY_DELIVERED)],
        ids=["all", "some"],
    )
    def test_a_booking_is_delivered_when_its_containers_are(self, last, status):
        records = [
            event("SHIPMENT", "CONF", MONDAY, box=None),
            event("EQUIPMENT", "DROP", TUESDAY),
            event("EQUIPMENT", last, TUESDAY, box=OTHER_BOX),
        ]
        assert self.asked_by_booking(*records)[BOOKING].status is status

    def test_asked_for_a_container_it_is_that_one_alone(self):
        both = [{"referenceType": "EQ", "referenceValue": each} for each in (BOX, OTHER_BOX)]
        records = [event("TRANSPORT", "DEPA", references=both), event("TRANSPORT", "ARRI", box=None)]
        shown = shipments(*records)
        assert list(shown) == [BOX]
        assert len(shown[BOX].milestones) == 2

    def test_events_of_other_containers_are_no_shipment_of_this_one(self):
        assert shipments(event("EQUIPMENT", "LOAD", box=OTHER_BOX)) == {}

    def test_either_way_of_asking_shows_the_same_container(self):
        records = [event("SHIPMENT", "CONF", MONDAY, box=None), event("EQUIPMENT", "LOAD", TUESDAY)]
        assert self.asked_by_booking(*records)[BOX] == shipments(*records)[BOX]

    def test_a_container_is_used_again(self):
        old = [
            event("EQUIPMENT", "LOAD", MONDAY, booking="OLD"),
            event("EQUIPMENT", "GTIN", MONDAY, booking=None, emptyIndicatorCode="EMPTY"),
            event("EQUIPMENT", "DISC", TUESDAY, booking="OLD"),
        ]
        new = [event("SHIPMENT", "CONF", WEDNESDAY), event("EQUIPMENT", "GTIN", THURSDAY, booking=None)]
        shown = shipment(*old, *new)
        assert [each.source_code for each in shown.milestones] == ["BKG/CONF", "GTIN"]
        assert shown.status is ShipmentStatus.BOOKED
        assert [each.value for each in shown.references] == [BOOKING]

    def test_of_two_bookings_each_container_has_its_own(self):
        records = [
            event("SHIPMENT", "CONF", MONDAY, box=None),
            event("SHIPMENT", "REJE", TUESDAY, box=None, booking="OTHER"),
            event("EQUIPMENT", "LOAD", WEDNESDAY),
        ]
        shown = shipments(*records, number=DOCUMENT, is_box=False)
        assert set(shown) == {BOX, BOOKING, "OTHER"}
        assert [each.source_code for each in shown[BOX].milestones] == ["BKG/CONF", "LOAD"]

    def test_what_is_known_by_papers_alone_is_a_shipment_of_which_nothing_is_known(self):
        paper = event("SHIPMENT", "RECE", documentTypeCode="VGM", documentID="V-1", box=None, booking=None)
        shown = self.asked_by_booking(paper)
        assert {name: (each.status, each.milestones) for name, each in shown.items()} == {
            BOOKING: (ShipmentStatus.UNKNOWN, ())
        }
        assert list(shipments(paper)) == [BOX]

    def test_no_events_are_no_shipment(self):
        assert shipments() == {}
        assert self.asked_by_booking() == {}

    def test_a_published_answer_about_a_booking(self):
        shown = shipments(*example("bookingExample"), number="ABC123059", is_box=False)
        assert list(shown) == ["APZU4812090"]
        assert [(each.source_code, each.classifier) for each in shown["APZU4812090"].milestones] == [
            ("LOAD", Classifier.ESTIMATED),
            ("TRD/ISSU", Classifier.ACTUAL),
        ]

    def test_one_id_for_events_of_two_containers_as_published(self):
        shown = shipments(*example("dropPickExample"), number="ABC123059", is_box=False)
        assert {name: len(each.milestones) for name, each in shown.items()} == {"APZU4812090": 1, "APNR7744962": 1}


def test_times_are_of_one_zone_and_the_same_moments():
    [milestone] = shipment(event("TRANSPORT", "DEPA", "2026-11-20T12:00:00+02:00")).milestones
    assert milestone.occurred_at == moment(2026, 11, 20, 10)
    assert milestone.occurred_at.utcoffset() == timedelta(0)


def test_an_event_whose_classifier_nobody_knows_moves_nothing():
    odd = changed(event("TRANSPORT", "DEPA", MONDAY), eventClassifierCode="REQ")
    shown = shipment(odd)
    assert (shown.status, shown.milestones) == (ShipmentStatus.UNKNOWN, ())
