from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from domain.claims import ClaimKind, ClaimStatus
from domain.eta import EtaBasis, EtaGranularity
from domain.foreign import Mended, Repair
from domain.identity import Reference, Scheme
from domain.shipment import MilestoneCode, ShipmentStatus, StopKind
from domain.shipment_exception import ExceptionKind, Party
from sources.easypost import codes, wire
from sources.easypost.mapping import claim_of, mended_of, shipment_of, unmapped_of, unmapped_of_claim
from sources.easypost.settings import EasyPostSettings
from tests.sources.calling import URL
from tests.sources.easypost.recorded import body, claim, tracker

FRIDAY, SATURDAY, SUNDAY = "2026-11-20T10:00:00Z", "2026-11-21T10:00:00Z", "2026-11-22T10:00:00Z"

LINKS = EasyPostSettings(id="parcels", adapter="easypost", base_url=URL, token="t").links


def shipment(*scans, **changes):
    return shipment_of(wire.Tracker.model_validate(tracker(*scans, **changes)), LINKS)


def test_the_recorded_tracker():
    shown = shipment()
    assert (shown.id, shown.tracking_number, shown.carrier.name) == ("USPS:EZ1000000001", "EZ1000000001", "USPS")
    assert (shown.status, shown.source_status) == (ShipmentStatus.BOOKED, "pre_transit")
    assert [milestone.code for milestone in shown.milestones] == [MilestoneCode.BOOKED, MilestoneCode.BOOKED]
    assert shown.milestones[0].source_code == "pre_transit/status_update"
    assert shown.milestones[1].location.city == "HOUSTON"
    assert shown.stops[0].kind is StopKind.PICKUP
    assert shown.tracking_url.startswith("https://track.easypost.com/")
    assert (
        Reference(scheme=Scheme.SHIPMENT_ID, value="trk_e7e8f143f3eb40d38be9562e3767c36a", issuer="EasyPost")
        in shown.references
    )


@pytest.mark.parametrize("status", [*codes.SHIPMENT_STATUS])
def test_each_status_that_moves(status):
    assert shipment((status, "status_update", FRIDAY)).status is codes.SHIPMENT_STATUS[status]


@pytest.mark.parametrize("status", [*sorted(codes.STATUS_IGNORED), "teleported"])
def test_each_status_that_moves_nothing(status):
    shown = shipment(("in_transit", "arrived_at_facility", FRIDAY), (status, "unknown", SATURDAY))
    assert shown.status is ShipmentStatus.IN_TRANSIT
    assert shown.source_status == status


def test_nothing_that_is_known_is_unknown():
    assert shipment(("unknown", "unknown", FRIDAY)).status is ShipmentStatus.UNKNOWN


@pytest.mark.parametrize("detail", [*codes.EXCEPTION_OF_DETAIL])
def test_each_detail_that_is_an_exception_leaves_the_status_alone(detail):
    shown = shipment(("in_transit", "departed_facility", FRIDAY), ("in_transit", detail, SATURDAY))
    [exception] = shown.exceptions
    assert (exception.kind, exception.party) == codes.EXCEPTION_OF_DETAIL[detail]
    assert exception.cleared_at is None
    assert shown.status is ShipmentStatus.IN_TRANSIT


def test_a_failure_that_says_no_more_is_an_exception_of_unknown_kind():
    [exception] = shipment(("in_transit", None, FRIDAY), ("failure", "failure", SATURDAY)).exceptions
    assert (exception.kind, exception.party) == (ExceptionKind.OTHER, Party.UNKNOWN)


def test_a_delay_ends_when_the_parcel_moves_on_and_damage_does_not():
    scans = [
        ("in_transit", "delayed", FRIDAY),
        ("in_transit", "damaged", FRIDAY),
        ("in_transit", "departed_facility", SATURDAY),
    ]
    damage, delay = shipment(*scans).exceptions
    assert (damage.kind, damage.cleared_at) == (ExceptionKind.DAMAGE, None)
    assert (delay.kind, delay.cleared_at) == (ExceptionKind.DELAY, datetime(2026, 11, 21, 10, tzinfo=UTC))


def test_one_exception_for_many_scans_of_it():
    [delay] = shipment(("in_transit", "delayed", FRIDAY), ("in_transit", "delayed", SATURDAY)).exceptions
    assert delay.raised_at == datetime(2026, 11, 20, 10, tzinfo=UTC)


def test_a_delivery_ends_the_question_of_when():
    shown = shipment(
        ("out_for_delivery", "out_for_delivery", SATURDAY),
        ("delivered", "arrived_at_destination", SUNDAY),
        signed_by="DOCK",
    )
    delivered_at = datetime(2026, 11, 22, 10, tzinfo=UTC)
    assert (shown.eta.basis, shown.eta.estimated_at) == (EtaBasis.ACTUAL, delivered_at)
    assert (shown.proof_of_delivery.delivered_at, shown.proof_of_delivery.signed_by) == (delivered_at, "DOCK")
    assert shown.milestones[-1].code is MilestoneCode.DELIVERED


@pytest.mark.parametrize(
    ("estimate", "local", "on_date", "granularity"),
    [
        pytest.param("2026-11-24T20:00:00Z", None, None, EtaGranularity.MINUTE, id="an instant"),
        pytest.param(
            "2026-11-24T00:00:00Z",
            None,
            date(2026, 11, 24),
            EtaGranularity.DAY,
            id="midnight UTC is a day written as an instant",
        ),
        pytest.param(
            "2026-11-24T20:00:00Z",
            "2026-11-25",
            date(2026, 11, 25),
            EtaGranularity.DAY,
            id="the carrier's local day goes first",
        ),
        pytest.param(None, None, None, EtaGranularity.NONE, id="no estimate"),
    ],
)
def test_a_day_stays_a_day(estimate, local, on_date, granularity):
    detail = body("tracker.retrieve")["carrier_detail"] | {"est_delivery_date_local": local}
    eta = shipment(("in_transit", None, FRIDAY), est_delivery_date=estimate, carrier_detail=detail).eta
    assert (eta.on_date, eta.granularity) == (on_date, granularity)


@pytest.mark.parametrize(
    "url", ["http://track.easypost.com/x", "javascript:alert(1)", "https://evil.example.com/x", 7, ["https://x"]]
)
def test_an_address_that_is_not_passed_on_is_dropped_and_reported(url):
    assert shipment(public_url=url).tracking_url is None
    odd = wire.Tracker.model_validate(tracker(public_url=url))
    assert [*mended_of(odd, LINKS)] == [Mended("Shipment.trackingUrl", Repair.DROPPED)]


def test_the_recorded_addresses_are_passed_on():
    recorded = wire.Claim.model_validate(claim())
    assert [each.url for each in claim_of(recorded, LINKS).documents] == recorded.attachments
    assert not [*mended_of(recorded, LINKS)]
    assert not [*mended_of(wire.Tracker.model_validate(tracker()), LINKS)]


def test_a_document_stays_where_its_address_is_dropped():
    odd = wire.Claim.model_validate(claim(attachments=["javascript:x", "https://easypost.com/a"]))
    assert [(each.is_present, each.url) for each in claim_of(odd, LINKS).documents] == [
        (True, None),
        (True, "https://easypost.com/a"),
    ]
    assert [*mended_of(odd, LINKS)] == [Mended("ClaimDocument.url", Repair.DROPPED)]


def test_words_without_end_are_cut_and_codes_are_not():
    scan = ("in_transit", None, FRIDAY)
    record = tracker(scan, signed_by="x" * 1_000_000)
    record["tracking_details"][0] |= {"message": "y" * 5_000, "tracking_location": {"city": "z" * 300}}
    read = wire.Tracker.model_validate(record)
    assert read.signed_by == "x" * 199 + "\u2026"
    [milestone] = shipment_of(read, LINKS).milestones
    assert milestone.description == "y" * 1_999 + "\u2026"
    assert milestone.location.city == "z" * 199 + "\u2026"
    with pytest.raises(ValidationError):
        wire.Tracker.model_validate(tracker(tracking_code="x" * 201))


def test_unknown_codes_are_reported_and_known_ones_are_not():
    odd = wire.Tracker.model_validate(tracker(("in_transit", "beamed", FRIDAY), ("teleported", None, SATURDAY)))
    assert {(code.code_list, code.code) for code in unmapped_of(odd)} == {
        ("tracker.status", "teleported"),
        ("tracker.status_detail", "beamed"),
    }
    for recorded in body("tracker.list")["trackers"]:
        assert list(unmapped_of(wire.Tracker.model_validate(recorded))) == []


def test_the_recorded_claims():
    shown = [claim_of(wire.Claim.model_validate(record), LINKS) for record in body("claim.list")["claims"]]
    assert {each.kind for each in shown} == {ClaimKind.DAMAGE, ClaimKind.THEFT}
    assert {each.status for each in shown} == {ClaimStatus.FILED}
    assert (str(shown[0].amount.amount), shown[0].amount.currency) == ("100.00", "USD")
    assert shown[0].tracking_number == "9400100208303109500676"
    assert all(document.url.startswith("https://") for document in shown[0].documents)
    assert claim_of(wire.Claim.model_validate(body("claim.cancel")), LINKS).status is ClaimStatus.WITHDRAWN


@pytest.mark.parametrize("status", codes.CLAIM_STATUS)
def test_each_status_of_a_claim(status):
    assert claim_of(wire.Claim.model_validate(claim(status=status)), LINKS).status is codes.CLAIM_STATUS[status]


def test_what_was_approved_goes_before_what_was_asked_for():
    assert str(claim_of(wire.Claim.model_validate(claim(approved_amount="40.00")), LINKS).amount.amount) == "40.00"


def test_unknown_words_of_a_claim_are_kept_and_reported():
    odd = wire.Claim.model_validate(claim(status="pondered", type="envy"))
    assert (claim_of(odd, LINKS).status, claim_of(odd, LINKS).source_status, claim_of(odd, LINKS).kind) == (
        ClaimStatus.UNKNOWN,
        "pondered",
        ClaimKind.OTHER,
    )
    assert {code.code for code in unmapped_of_claim(odd)} == {"pondered", "envy"}
