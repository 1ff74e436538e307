"""What a change of what is known tells the outside."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import reduce

import pytest

from domain.billing import CreditState, CreditStatus, Invoice, InvoiceStatus
from domain.claims import Claim, ClaimKind, ClaimStatus
from domain.eta import best_eta
from domain.fulfillment import Fulfillment, FulfillmentStatus
from domain.hold import Hold, HoldKind
from domain.identity import EntityKey, EntityKind
from domain.known import Nature, known_of, merge
from domain.money import Money
from domain.observation import Channel, Occurrence, Retraction, Snapshot
from domain.operational import news_of
from domain.order import Order, OrderStatus
from domain.place import Location
from domain.returns import Return, ReturnStatus
from domain.shipment import Classifier, Milestone, MilestoneCode, Shipment, ShipmentStatus
from domain.shipment_exception import ExceptionKind, Party, ShipmentException

START = datetime(2026, 11, 23, 8, tzinfo=UTC)
NATURE = Nature()
EUR = Money(amount=Decimal(10), currency="EUR")


def at(hour):
    return START + timedelta(hours=hour)


def order(status, *holds):
    return Order(number="SO-1", customer_id="C-1", status=OrderStatus[status], holds=holds)


def delivery(status):
    return Fulfillment(id="D-1", order_number="SO-1", status=FulfillmentStatus[status])


def shipment(status="IN_TRANSIT", **fields):
    return Shipment(id="S-1", order_numbers=("SO-1",), status=ShipmentStatus[status], **fields)


def milestone(code, hour, classifier=Classifier.ACTUAL):
    return Milestone(
        code=MilestoneCode[code],
        classifier=classifier,
        occurred_at=at(hour),
        recorded_at=at(hour),
        location=Location(city="Hamburg"),
        source_code=code,
        source="tms",
    )


def returned(status):
    return Return(number="R-1", order_number="SO-1", status=ReturnStatus[status])


def invoice(status):
    return Invoice(
        number="I-1", order_numbers=("SO-1",), customer_id="C-1", status=InvoiceStatus[status], total=EUR, balance=EUR
    )


def credit(status):
    return CreditStatus(customer_id="C-1", status=CreditState[status])


def claim(status):
    return Claim(
        number="CL-1", shipment_id="S-1", order_number="SO-1", kind=ClaimKind.DAMAGE, status=ClaimStatus[status]
    )


CREDIT_HOLD = Hold(kind=HoldKind.CREDIT, reason="limit")
LATE = ShipmentException(kind=ExceptionKind.DELAY, party=Party.CARRIER, raised_at=at(1))
KINDS = {
    Order: EntityKind.ORDER,
    Fulfillment: EntityKind.FULFILLMENT,
    Shipment: EntityKind.SHIPMENT,
    Return: EntityKind.RETURN,
    Invoice: EntityKind.INVOICE,
    CreditStatus: EntityKind.CREDIT,
    Claim: EntityKind.CLAIM,
}


def key_of(content):
    return EntityKey(tenant="main", source="s", kind=KINDS[type(content)], id="X-1")


def seen(content, hour=0, channel=Channel.EVENT):
    return known_of(Snapshot(key_of(content), content, at(hour), at(hour), channel))


def told(before, after, correlation_id=None):
    then = before and seen(before, 0)
    now = seen(after, 1) if then is None else merge(then, seen(after, 1), NATURE)
    return news_of(then, now, correlation_id)


@pytest.mark.parametrize(
    ("before", "after", "types"),
    [
        pytest.param(order("CONFIRMED"), order("RELEASED"), ["ORDER_RELEASED"], id="released"),
        pytest.param(order("CONFIRMED"), order("SHIPPED"), ["ORDER_RELEASED"], id="released, and more, meanwhile"),
        pytest.param(order("RELEASED"), order("SHIPPED"), [], id="it was released before"),
        pytest.param(None, order("RELEASED"), ["ORDER_RELEASED"], id="an event tells of a new one, just released"),
        pytest.param(None, order("COMPLETED"), [], id="of a new one nobody knows when"),
        pytest.param(order("RELEASED"), order("RELEASED", CREDIT_HOLD), ["ORDER_HELD"], id="held"),
        pytest.param(order("RELEASED", CREDIT_HOLD), order("CONFIRMED", CREDIT_HOLD), [], id="still held"),
        pytest.param(order("RELEASED"), order("ON_HOLD"), ["ORDER_HELD"], id="held, without a reason"),
        pytest.param(delivery("RELEASED"), delivery("PARTIALLY_PICKED"), [], id="partly picked"),
        pytest.param(delivery("PARTIALLY_PICKED"), delivery("PICKED"), ["PICK_CONFIRMED"], id="picked"),
        pytest.param(delivery("RELEASED"), delivery("LOADED"), ["LOAD_CONFIRMED", "PICK_CONFIRMED"], id="loaded"),
        pytest.param(shipment(), shipment("DELIVERED"), ["PROOF_OF_DELIVERY"], id="delivered"),
        pytest.param(shipment("DELIVERED"), shipment("DELIVERED", url="https://x"), [], id="delivered before"),
        pytest.param(
            shipment(), shipment(milestones=(milestone("DEPARTED", 1),)), ["IN_TRANSIT_MILESTONE"], id="on its way"
        ),
        pytest.param(
            shipment(), shipment(milestones=(milestone("ARRIVED", 9, Classifier.ESTIMATED),)), [], id="only expected"
        ),
        pytest.param(
            shipment("TENDERED"),
            shipment("BOOKED", milestones=(milestone("TENDER_ACCEPTED", 1),)),
            ["SHIPMENT_TENDER_ACCEPTED"],
            id="tender accepted",
        ),
        pytest.param(
            None,
            shipment(milestones=tuple(milestone(code, n) for n, code in enumerate(["LOADED", "DEPARTED", "ARRIVED"]))),
            ["IN_TRANSIT_MILESTONE"],
            id="of a new one only the latest is news",
        ),
        pytest.param(shipment(), shipment(exceptions=(LATE,)), ["SHIPMENT_EXCEPTION"], id="late"),
        pytest.param(
            shipment(exceptions=(LATE,)),
            shipment("DELIVERED", exceptions=(LATE,)),
            ["PROOF_OF_DELIVERY"],
            id="late, known",
        ),
        pytest.param(
            shipment(eta=best_eta(estimate=at(5))), shipment(eta=best_eta(estimate=at(9))), ["ETA_CHANGED"], id="later"
        ),
        pytest.param(
            shipment(eta=best_eta(estimate=at(5))),
            shipment("AT_DELIVERY", eta=best_eta(estimate=at(5))),
            [],
            id="no other time",
        ),
        pytest.param(returned("IN_TRANSIT"), returned("RECEIVED"), ["RETURN_RECEIVED"], id="back"),
        pytest.param(invoice("DRAFT"), invoice("OPEN"), ["INVOICE_POSTED"], id="posted"),
        pytest.param(invoice("OPEN"), invoice("PAID"), [], id="posted before"),
        pytest.param(credit("OK"), credit("BLOCKED_ALL"), ["CREDIT_HELD"], id="credit held"),
        pytest.param(credit("BLOCKED_SHIP"), credit("BLOCKED_ALL"), [], id="held before"),
        pytest.param(claim("FILED"), claim("APPROVED"), ["CLAIM_UPDATED"], id="a claim goes on"),
        pytest.param(claim("FILED"), claim("FILED"), [], id="nothing changed"),
    ],
)
def test_what_a_change_tells(before, after, types):
    assert sorted(event.type.value for event in told(before, after)) == types


def test_an_event_says_what_it_is_about():
    [event] = told(invoice("DRAFT"), invoice("OPEN"), "c-12345678")
    assert (event.order_number, event.customer_id, event.shipment_id) == ("SO-1", "C-1", None)
    assert (event.summary, event.correlation_id) == ("Invoice I-1 was posted.", "c-12345678")
    [event] = told(shipment(), shipment(milestones=(milestone("DEPARTED", 1),)))
    assert (event.shipment_id, event.occurred_at) == ("S-1", at(1))
    assert event.summary == "Shipment S-1: departed in Hamburg."


def test_what_is_only_looked_at_is_no_news_but_what_is_found_changed_is():
    looked_at = seen(order("RELEASED"), 0, Channel.API)
    assert news_of(None, looked_at) == ()
    now = merge(looked_at, seen(order("RELEASED", CREDIT_HOLD), 1, Channel.API), NATURE)
    assert [event.type.value for event in news_of(looked_at, now)] == ["ORDER_HELD"]


def test_the_same_change_has_the_same_id_and_another_has_another():
    [one] = told(order("CONFIRMED"), order("RELEASED"), "one")
    [other] = told(order("DRAFT"), order("RELEASED"), "other")
    assert one.id == other.id
    [different] = told(delivery("RELEASED"), delivery("PICKED"))
    assert different.id != one.id


def test_a_milestone_told_alone_is_news_and_taking_it_back_is_none():
    key = key_of(shipment())
    happened = Occurrence(key, "m-1", at(1), milestone("PICKED_UP", 1))
    first = known_of(happened)
    assert [event.type.value for event in news_of(None, first)] == ["IN_TRANSIT_MILESTONE"]
    back = reduce(lambda one, each: merge(one, known_of(each), NATURE), [Retraction(key, "m-1", at(2))], first)
    assert news_of(first, back) == ()
