"""The stall board's rows: at which stage work stands, since when, and until when it may."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from domain.billing import CreditNote
from domain.eta import best_eta
from domain.freshness import FreshnessState
from domain.identity import EntityKind
from domain.shipment import Carrier, TransportMode
from domain.stages import ALLOWANCES, ROUND_THE_CLOCK, Allowances, Stage, standings_of
from domain.working_time import OFFICE_HOURS, WorkingTime
from tests.domain.test_contradictions import (
    NOW,
    OLD,
    case,
    delivery,
    eur,
    invoice,
    order,
    pickup,
    proof,
    returned,
    scan,
    shipment,
    view,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SINCE = NOW - OLD
"""When everything changed last, where nothing else says it."""

DELIVERED_AT = datetime(2026, 11, 20, 8, tzinfo=UTC)
"""By the proof of delivery."""


def stood(*told, allowances=None, **how):
    return standings_of("SO-1", view(*told, **how), allowances)


def stages(*told, **how):
    return {(each.stage.name, each.since) for each in stood(*told, **how)}


EXAMPLES = [
    pytest.param([delivery("RELEASED", 0)], {("RELEASED_NOT_PICKED", SINCE)}, id="released"),
    pytest.param(
        [replace(delivery("PARTIALLY_PICKED", 4), released_at=NOW - DAY)],
        {("RELEASED_NOT_PICKED", NOW - DAY)},
        id="released, a part is picked",
    ),
    pytest.param([delivery("ON_HOLD", 0)], {("RELEASED_NOT_PICKED", SINCE)}, id="held in the warehouse"),
    pytest.param(
        [replace(delivery("PICKED"), picked_at=NOW - HOUR)], {("PICKED_NOT_SHIPPED", NOW - HOUR)}, id="picked"
    ),
    pytest.param([delivery("LOADED")], {("PICKED_NOT_SHIPPED", SINCE)}, id="loaded, and still there"),
    pytest.param([delivery("SHIPPED")], set(), id="it has left the warehouse"),
    pytest.param([delivery("CREATED", 0)], set(), id="nobody was told to pick it"),
    pytest.param(
        [shipment("TENDERED", milestones=(scan(5, "TENDERED"),))],
        {("TENDERED_NOT_ACCEPTED", NOW - 5 * HOUR)},
        id="tendered",
    ),
    pytest.param([shipment("BOOKED", stops=(pickup(4),))], set(), id="a carrier has taken it"),
    pytest.param([shipment("DISPATCHED")], {("DISPATCHED_NOT_PICKED_UP", SINCE)}, id="dispatched"),
    pytest.param(
        [shipment("IN_TRANSIT", milestones=(scan(9), scan(2, "UNKNOWN")))],
        {("IN_TRANSIT_SILENT", NOW - 9 * HOUR)},
        id="silent since the last that is understood",
    ),
    pytest.param(
        [shipment("IN_TRANSIT", eta=best_eta(estimate=NOW - HOUR))], {("PAST_ETA", NOW - HOUR)}, id="past its time"
    ),
    pytest.param(
        [shipment("IN_TRANSIT", eta=best_eta(estimate=date(2026, 11, 22), time_zone="America/Los_Angeles"))],
        {("PAST_ETA", datetime(2026, 11, 23, 8, tzinfo=UTC))},
        id="a day is past when it ends where it is delivered",
    ),
    pytest.param([shipment("AT_DELIVERY", eta=best_eta(estimate=NOW - HOUR))], set(), id="it has come"),
    pytest.param(
        [proof(8)[0], order("SHIPPED")],
        {("DELIVERED_NOT_INVOICED", DELIVERED_AT)},
        id="delivered, not billed",
    ),
    pytest.param([proof(8)[0], shipment(name="S-2")], set(), id="not all of it is delivered"),
    pytest.param([proof(8)[0], invoice("OPEN")], set(), id="billed"),
    pytest.param([proof(8)[0], invoice("DRAFT")], {("DELIVERED_NOT_INVOICED", DELIVERED_AT)}, id="a draft is no bill"),
    pytest.param([returned("RECEIVED", received_at=NOW - DAY)], {("RETURN_NOT_CREDITED", NOW - DAY)}, id="returned"),
    pytest.param([returned("IN_TRANSIT")], set(), id="on its way back"),
    pytest.param(
        [returned("RESTOCKED"), invoice(credits=(CreditNote(number="CN", amount=eur(5)),))], set(), id="credited"
    ),
    pytest.param([order("CANCELLED"), delivery("RELEASED", 0)], set(), id="nobody wants it any more"),
    pytest.param([order("DRAFT"), delivery("RELEASED", 0)], set(), id="nobody has ordered it yet"),
]


@pytest.mark.parametrize(("told", "expected"), EXAMPLES)
def test_where_work_stands(told, expected):
    assert stages(*told) == expected


def test_every_stage_is_in_the_table_above():
    told = [expected for _, expected in (each.values for each in EXAMPLES)]
    assert {each[0] for expected in told for each in expected} == {stage.name for stage in Stage}
    assert set(ALLOWANCES) == set(Stage)


def test_not_knowing_the_bills_is_not_being_unbilled():
    assert stages(proof(8)[0], missing={EntityKind.INVOICE}) == set()


def test_a_row_says_whose_work_it_is_and_what_it_is_worth():
    desk = case("WISMO")
    sold = order(customer_id="C-1", total=eur(100))
    moved = shipment("IN_TRANSIT", milestones=(scan(9),), carrier=Carrier(name="UPS", scac="UPSN"))
    [row] = stood(sold, moved, desk)
    assert (row.order_number, row.customer_id, row.value_at_risk, row.case_numbers) == (
        "SO-1",
        "C-1",
        eur(100),
        ("CS-1",),
    )
    assert (row.carrier, row.scac, row.shipment_id, row.last_event) == ("UPS", "UPSN", "S-1", "DEPARTED")
    assert (row.kind, row.entity, row.source) == (EntityKind.SHIPMENT, "S-1", "shipment")
    [row] = stood(delivery("RELEASED", 0))
    assert (row.customer_id, row.value_at_risk, row.kind) == (None, None, EntityKind.FULFILLMENT)


def test_what_waits_for_a_site_waits_while_it_works():
    friday = datetime(2026, 11, 20, 15, tzinfo=UTC)
    berlin = WorkingTime(ZoneInfo("Europe/Berlin"), OFFICE_HOURS)  # 16:00 there, and closed at 17:00
    picked = replace(delivery("PICKED"), picked_at=friday, warehouse="HAM")
    allowances = Allowances(sites={"HAM": berlin})
    [row] = stood(picked, allowances=allowances)
    assert row.expected_by == datetime(2026, 11, 23, 14, tzinfo=UTC), "an hour on Friday, seven on Monday"
    [row] = stood(replace(picked, warehouse="MEM"), allowances=allowances)
    assert row.expected_by == friday + 8 * HOUR, "of that one nobody says when it works"
    [row] = stood(replace(picked, warehouse="MEM"), allowances=Allowances(elsewhere=berlin))
    assert row.expected_by == datetime(2026, 11, 23, 14, tzinfo=UTC)


def test_a_carrier_on_the_road_does_not_wait_for_a_site():
    nine_to_ten = WorkingTime(UTC, {0: ((time(9), time(10)),)})
    moving = shipment("IN_TRANSIT", milestones=(scan(9),), eta=best_eta(estimate=NOW))
    rows = {each.stage: each for each in stood(moving, allowances=Allowances(elsewhere=nine_to_ten))}
    assert set(rows) == ROUND_THE_CLOCK
    assert rows[Stage.PAST_ETA].expected_by == NOW + 4 * HOUR


@pytest.mark.parametrize(
    ("mode", "allowances", "allowed"),
    [
        (TransportMode.PARCEL, Allowances(), 2 * DAY),
        (TransportMode.LTL, Allowances(), DAY),
        (TransportMode.OCEAN, Allowances(), 7 * DAY),
        (TransportMode.OCEAN, Allowances(silences={TransportMode.OCEAN: 3 * DAY}), 3 * DAY),
        (TransportMode.PARCEL, Allowances(stages={Stage.IN_TRANSIT_SILENT: HOUR}), HOUR),
    ],
)
def test_how_long_a_shipment_may_be_silent_depends_on_the_means(mode, allowances, allowed):
    [row] = stood(shipment("IN_TRANSIT", mode=mode, milestones=(scan(9),)), allowances=allowances)
    assert row.expected_by == NOW - 9 * HOUR + allowed


def test_where_it_stands_depends_neither_on_the_time_nor_on_how_fresh_it_is():
    told = [order("SHIPPED"), delivery("PICKED"), shipment("DISPATCHED")]
    assert stood(*told) == stood(*told, state=FreshnessState.STALE) == stood(*reversed(told))


def test_what_nobody_dates_stands_nowhere():
    assert stood(delivery("RELEASED", 0), ago=None) == ()
