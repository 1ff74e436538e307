"""What the demo and the documentation promise of each named order, at the moment at which the world starts."""

from datetime import timedelta
from decimal import Decimal

import pytest

from domain.billing import NEAR_LIMIT_SHARE, CreditState, CreditStatus, Invoice, InvoiceStatus
from domain.fulfillment import Fulfillment, FulfillmentStatus
from domain.hold import HoldKind
from domain.identity import EntityKind, Reference, Scheme
from domain.order import Order, OrderStatus
from domain.returns import Return, ReturnStatus
from domain.service_case import CaseKind, ServiceCase, SlaState
from tests.sandbox.looking import ANCHOR, WORLD, claims, entities, trackers


def test_one_parcel_of_so_1001_has_arrived_and_one_is_on_the_road_with_an_estimate():
    first, second = trackers(WORLD, "SO-1001")
    assert (first["status"], second["status"]) == ("delivered", "in_transit")
    assert f"{ANCHOR:%Y-%m-%d}" < second["est_delivery_date"] < f"{ANCHOR + timedelta(days=3):%Y-%m-%d}"
    assert len(second["tracking_details"]) >= 5


def test_so_1001_is_on_the_road_although_the_warehouse_has_not_picked_all_of_it():
    first, second = entities(WORLD, Fulfillment, "SO-1001")
    (line,) = second.lines
    assert (first.status, second.status) == (FulfillmentStatus.SHIPPED, FulfillmentStatus.PARTIALLY_PICKED)
    assert 0 < line.picked_quantity < line.ordered_quantity


def test_so_1001_is_billed_for_more_than_has_left():
    (order,), (invoice,) = entities(WORLD, Order, "SO-1001"), entities(WORLD, Invoice, "SO-1001")
    last = order.lines[-1]
    assert (last.shipped_quantity, last.invoiced_quantity) == (0, last.ordered_quantity)
    assert (invoice.status, invoice.balance) == (InvoiceStatus.OPEN, order.total)


def test_the_customer_of_so_1001_is_near_its_limit():
    (credit,) = entities(WORLD, CreditStatus, "SO-1001")
    assert credit.exposure is not None
    assert credit.limit is not None
    assert credit.status is CreditState.NEAR_LIMIT
    assert NEAR_LIMIT_SHARE <= credit.exposure.amount / credit.limit.amount < 1


def test_so_1001_leads_to_everything_even_without_the_warehouse():
    (order,) = entities(WORLD, Order, "SO-1001")
    first, second = trackers(WORLD, "SO-1001")
    assert order.purchase_order_number == "PO-7781"
    assert set(order.references) == {
        Reference(scheme=Scheme.TRACKING, value=first["tracking_code"], issuer=first["carrier"]),
        Reference(scheme=Scheme.TRACKING, value=second["tracking_code"], issuer=second["carrier"]),
        Reference(scheme=Scheme.INVOICE, value="INV-1001"),
        Reference(scheme=Scheme.CASE, value="CS-1001"),
    }


def test_so_1002_is_delivered_and_paid():
    (order,), (invoice,) = entities(WORLD, Order, "SO-1002"), entities(WORLD, Invoice, "SO-1002")
    assert order.status is OrderStatus.COMPLETED
    assert (invoice.status, invoice.balance.amount) == (InvoiceStatus.PAID, 0)
    assert [tracker["status"] for tracker in trackers(WORLD, "SO-1002")] == ["delivered"]


def test_so_1003_is_on_credit_hold_and_nothing_has_left():
    (order,), (credit,) = entities(WORLD, Order, "SO-1003"), entities(WORLD, CreditStatus, "SO-1003")
    (hold,) = order.holds
    assert (order.status, hold.kind) == (OrderStatus.ON_HOLD, HoldKind.CREDIT)
    assert hold.owner
    assert hold.releases_when
    assert credit.status is CreditState.OVER_LIMIT
    assert not entities(WORLD, Fulfillment, "SO-1003")
    assert not entities(WORLD, Invoice, "SO-1003")


def test_so_1004_is_damaged_and_its_claim_is_open():
    (tracker,) = trackers(WORLD, "SO-1004")
    (claim,) = claims(WORLD, tracker["tracking_code"])
    (case,) = entities(WORLD, ServiceCase, "SO-1004")
    assert (tracker["status"], tracker["status_detail"]) == ("failure", "damaged")
    assert (claim["type"], claim["status"], claim["shipment_id"]) == ("damage", "in_review", tracker["shipment_id"])
    assert (case.number, case.kind) == ("CS-1004", CaseKind.DAMAGE)


def test_what_is_claimed_for_so_1004_is_what_was_in_the_parcel():
    (tracker,), (order,) = trackers(WORLD, "SO-1004"), entities(WORLD, Order, "SO-1004")
    (claim,) = claims(WORLD, tracker["tracking_code"])
    assert order.total is not None
    assert Decimal(claim["requested_amount"]) == order.total.amount


@pytest.mark.parametrize(
    ("number", "delay"),
    [
        pytest.param((Scheme.SO, "SO-1005"), 10, id="its own number"),
        pytest.param((Scheme.PO, "PO-5518"), 10, id="the customer's number"),
        pytest.param((Scheme.INVOICE, "INV-1005"), 10, id="its invoice"),
        pytest.param((Scheme.SO, "SO-1001"), 0, id="another order"),
        pytest.param((Scheme.CUSTOMER, "C-1005"), 0, id="its customer"),
    ],
)
def test_the_erp_thinks_long_about_so_1005_only(number, delay):
    assert WORLD.erp_delay_seconds([(Scheme.SO, "SO-1002"), number]) == delay


def test_two_helmets_of_so_1006_are_back():
    (goods,), (case,) = entities(WORLD, Return, "SO-1006"), entities(WORLD, ServiceCase, "SO-1006")
    (line,) = goods.lines
    assert (goods.number, goods.status, line.quantity) == ("RMA-1006", ReturnStatus.RECEIVED, 2)
    assert (case.number, case.kind) == ("CS-1006", CaseKind.RETURN)


@pytest.mark.parametrize("script", WORLD.scripts[:6], ids=lambda script: script.plan.number)
def test_a_named_order_stays_as_it_is(script):
    assert all(step.at <= ANCHOR for step in script.steps)


@pytest.mark.parametrize("script", WORLD.scripts[:6], ids=lambda script: script.plan.number)
def test_a_running_service_level_of_a_named_order_is_not_over(script):
    for case in entities(WORLD, ServiceCase, script.plan.number):
        assert case.resolution_due_at is not None
        assert case.sla_state is not SlaState.RUNNING or case.resolution_due_at > ANCHOR


def test_a_case_is_found_by_its_number():
    (found,) = WORLD.find(EntityKind.SERVICE_CASE, (Scheme.CASE, "CS-1001"), ANCHOR)
    assert b'"orderNumbers":["SO-1001"]' in found
