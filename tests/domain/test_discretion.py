"""What is left of an entity for who may not see credit."""

from datetime import UTC, datetime

import pytest

from domain.discretion import without_credit
from domain.fulfillment import Fulfillment, FulfillmentStatus
from domain.hold import Hold, HoldKind
from domain.order import Order, OrderStatus

THEN = datetime(2026, 11, 20, 9, tzinfo=UTC)
WORD = "CHECK CREDIT"
TELLING = {
    "reason": "credit limit exceeded",
    "owner": "credit control",
    "releases_when": "credit is given",
    "url": "https://erp.example/credit",
}

NOTHING, ONLY_KIND, ALL = "nothing", "kind and time", "all of it"
LEFT = {
    HoldKind.CREDIT: NOTHING,
    HoldKind.QUALITY: ALL,
    HoldKind.INVENTORY: ALL,
    HoldKind.COMPLIANCE: ALL,
    HoldKind.MANUAL: ONLY_KIND,
    HoldKind.OTHER: ONLY_KIND,
}


def order(*holds):
    return Order(number="SO-1", status=OrderStatus.RELEASED, source_status=WORD, holds=holds)


def fulfillment(*holds):
    return Fulfillment(
        id="F-1", order_number="SO-1", status=FulfillmentStatus.ALLOCATED, source_status=WORD, holds=holds
    )


@pytest.mark.parametrize("kind", HoldKind)
@pytest.mark.parametrize("held", [order, fulfillment])
def test_of_a_hold_no_more_is_told_than_its_kind_lets_be_told(kind, held):
    hold = Hold(kind=kind, placed_at=THEN, **TELLING)
    left = {NOTHING: (), ONLY_KIND: (Hold(kind=kind, placed_at=THEN),), ALL: (hold,)}[LEFT[kind]]
    told = without_credit(held(hold))
    assert told.holds == left
    assert told.source_status == (WORD if LEFT[kind] == ALL else None)


def test_a_hold_of_which_nothing_can_be_told_takes_nothing_from_the_others():
    credit, manual, quality = (
        Hold(kind=kind, **TELLING) for kind in (HoldKind.CREDIT, HoldKind.MANUAL, HoldKind.QUALITY)
    )
    assert without_credit(order(credit, quality, manual)).holds == (quality, Hold(kind=HoldKind.MANUAL))


def test_what_is_not_held_is_left_alone():
    free = order()
    assert without_credit(free) is free
