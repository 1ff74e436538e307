from datetime import timedelta
from decimal import Decimal
from itertools import chain

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.billing import CreditState, CreditStatus, Invoice, InvoiceStatus
from domain.clock import ManualClock
from domain.fulfillment import Fulfillment, FulfillmentStatus
from domain.identity import EntityKind, Scheme
from domain.inventory import InventoryPosition
from domain.order import Order, OrderStatus
from domain.service_case import ServiceCase, ServiceCaseStatus, SlaState
from sandbox.catalog import CUSTOMERS, ITEMS
from sandbox.erp import customer_views
from sandbox.facts import Fact, Script
from sandbox.orders import OrderState
from sandbox.wms import Stock, stock_views
from sandbox.world import ORDER_VIEWS, World, WorldClock
from tests.sandbox.looking import ANCHOR, KINDS, WORLD, entities, trackers, unhurried

ORDERS = [f"SO-{number}" for number in (*range(1001, 1007), *range(2001, 2201))]

AGAIN = World(7, ANCHOR)

orders = st.sampled_from(ORDERS)
moments = st.integers(-10 * 24 * 60, 15 * 24 * 60).map(lambda minutes: ANCHOR + timedelta(minutes=minutes))


def everything(world: World, order: str, moment) -> list[bytes]:
    by_order = (world.find(kind, (Scheme.SO, order), moment) for kind in EntityKind)
    parcels = (msgspec.json.encode(tracker) for tracker in trackers(world, order, moment))
    return [*chain.from_iterable(by_order), *parcels]


def test_there_are_the_named_orders_and_two_hundred_more():
    assert [script.plan.number for script in WORLD.scripts] == ORDERS


@unhurried
@given(order=orders, moment=moments)
def test_the_same_seed_and_moment_give_the_same_bytes(order, moment):
    assert everything(AGAIN, order, moment) == everything(WORLD, order, moment)


def test_another_seed_tells_other_stories_of_the_crowd_and_the_same_of_the_named():
    other = World(8, ANCHOR)
    assert other.scripts[:6] == WORLD.scripts[:6]
    assert other.scripts[6:] != WORLD.scripts[6:]


def test_another_anchor_moves_everything_with_it():
    by = timedelta(days=40)
    later = World(7, ANCHOR + by)
    assert [step - by for step in later.steps] == WORLD.steps


@unhurried
@given(order=orders, moment=moments)
def test_no_number_leads_to_what_does_not_carry_it(order, moment):
    assert all(found.order_number == order for found in entities(WORLD, Fulfillment, order, moment))
    assert all(found.order_numbers == (order,) for found in entities(WORLD, Invoice, order, moment))


@unhurried
@given(order=orders, moment=moments)
def test_lines_and_invoices_add_up_to_the_cent(order, moment):
    for found in entities(WORLD, Order, order, moment):
        prices = {line.sku: ITEMS[line.sku].price for line in found.lines}
        billed = sum((prices[line.sku] * (line.invoiced_quantity or 0) for line in found.lines), Decimal(0))
        invoices = entities(WORLD, Invoice, order, moment)
        assert found.total is not None
        assert found.total.amount == sum(prices[line.sku] * line.ordered_quantity for line in found.lines)
        assert billed == sum((invoice.total.amount for invoice in invoices), Decimal(0)) <= found.total.amount


@unhurried
@given(order=orders, moment=moments)
def test_an_invoice_is_open_overdue_or_paid_as_its_balance_and_due_day_say(order, moment):
    for invoice in entities(WORLD, Invoice, order, moment):
        assert 0 <= invoice.balance.amount <= invoice.total.amount
        assert (invoice.status is InvoiceStatus.PAID) == (invoice.balance.amount == 0)
        assert (invoice.status is InvoiceStatus.OVERDUE) == (invoice.days_overdue > 0)
        assert (invoice.status is not InvoiceStatus.OVERDUE) or invoice.due_on < moment.date()


@unhurried
@given(order=orders, moment=moments)
def test_the_warehouse_never_ships_what_it_did_not_pack_or_packs_what_it_did_not_pick(order, moment):
    for line in chain.from_iterable(found.lines for found in entities(WORLD, Fulfillment, order, moment)):
        assert line.packed_quantity is not None
        assert line.shipped_quantity is not None
        assert 0 <= line.shipped_quantity <= line.packed_quantity <= line.picked_quantity <= line.ordered_quantity


@unhurried
@given(order=orders, moment=moments)
def test_the_erp_counts_as_shipped_what_the_warehouse_has_shipped(order, moment):
    fulfilled = [line for found in entities(WORLD, Fulfillment, order, moment) for line in found.lines]
    for line in chain.from_iterable(found.lines for found in entities(WORLD, Order, order, moment)):
        shipped = sum(each.shipped_quantity or 0 for each in fulfilled if each.sku == line.sku)
        assert line.shipped_quantity == shipped <= line.ordered_quantity


@unhurried
@given(order=orders, moment=moments)
def test_a_fulfillment_has_the_dates_of_its_status(order, moment):
    for found in entities(WORLD, Fulfillment, order, moment):
        dates = [found.released_at, found.picked_at, found.packed_at, found.shipped_at]
        known = [date for date in dates if date is not None]
        assert known == dates[: len(known)] == sorted(known)
        assert (found.status is FulfillmentStatus.SHIPPED) == (found.shipped_at is not None)


@unhurried
@given(order=orders, moment=moments)
def test_a_parcel_is_where_its_last_scan_says(order, moment):
    for tracker in trackers(WORLD, order, moment):
        scans = tracker["tracking_details"]
        assert (tracker["status"], tracker["status_detail"]) == (scans[-1]["status"], scans[-1]["status_detail"])
        assert [scan["datetime"] for scan in scans] == sorted(scan["datetime"] for scan in scans)
        assert tracker["created_at"] <= tracker["updated_at"] == scans[-1]["datetime"] <= f"{moment:%Y-%m-%dT%H:%M:%SZ}"
        assert (tracker["signed_by"] is not None) == (tracker["status"] == "delivered")


@unhurried
@given(order=orders, moment=moments)
def test_stock_is_never_negative(order, moment):
    for position in entities(WORLD, InventoryPosition, order, moment):
        assert position.available == position.on_hand - position.allocated
        assert min(position.available, position.allocated) >= 0


@unhurried
@given(order=orders, moment=moments)
def test_credit_is_what_the_orders_leave_of_it(order, moment):
    (credit,) = entities(WORLD, CreditStatus, order, moment)
    of_customer = [script.plan.number for script in WORLD.scripts if script.plan.customer.number == credit.customer_id]
    owed = [invoice for each in of_customer for invoice in entities(WORLD, Invoice, each, moment)]
    overdue = sum((invoice.balance.amount for invoice in owed if invoice.status is InvoiceStatus.OVERDUE), Decimal(0))
    assert credit.limit is not None
    assert credit.exposure is not None
    assert credit.overdue is not None
    assert credit.available is not None
    assert credit.exposure.amount >= sum(invoice.balance.amount for invoice in owed)
    assert credit.overdue.amount == overdue + CUSTOMERS[credit.customer_id].carried_overdue
    assert credit.available.amount == max(credit.limit.amount - credit.exposure.amount, 0)


SLA_OF = {
    ServiceCaseStatus.NEW: SlaState.RUNNING,
    ServiceCaseStatus.OPEN: SlaState.RUNNING,
    ServiceCaseStatus.PENDING_CUSTOMER: SlaState.PAUSED,
    ServiceCaseStatus.RESOLVED: SlaState.MET,
    ServiceCaseStatus.CLOSED: SlaState.MET,
}


@unhurried
@given(order=orders, moment=moments)
def test_a_case_stands_against_its_service_level_as_its_status_says(order, moment):
    for case in entities(WORLD, ServiceCase, order, moment):
        assert case.sla_state is SLA_OF[case.status]
        assert (case.closed_at is not None) == (case.status is ServiceCaseStatus.CLOSED)


@pytest.mark.parametrize("model", KINDS)
def test_every_kind_of_entity_is_in_the_world(model):
    assert any(entities(WORLD, model, order) for order in ORDERS)


def test_orders_are_in_every_stage():
    seen = {found.status for order in ORDERS for found in entities(WORLD, Order, order)}
    assert seen == set(OrderStatus) - {OrderStatus.DRAFT, OrderStatus.UNKNOWN}


def test_the_crowd_moves_and_comes_to_rest():
    def completed(days: int) -> int:
        states = (entities(WORLD, Order, order, ANCHOR + timedelta(days=days))[0].status for order in ORDERS)
        return sum(status is OrderStatus.COMPLETED for status in states)

    assert completed(0) < completed(1) < completed(3) < completed(20)
    assert WORLD.steps_done(ANCHOR + timedelta(days=20)) == len(WORLD.steps)


def test_in_the_end_the_crowd_has_paid_and_nothing_is_overdue():
    end = WORLD.steps[-1]
    invoices = [invoice for order in ORDERS[6:] for invoice in entities(WORLD, Invoice, order, end)]
    assert {(invoice.status, invoice.days_overdue) for invoice in invoices} == {(InvoiceStatus.PAID, 0)}


def test_a_fact_touches_all_that_looks_different_afterwards():
    """Histories look again only at what a fact says that it touches."""
    untold = {fact.__name__ for fact in Fact.__subclasses__()}
    for script in WORLD.scripts:
        order = OrderState(script.plan)
        views = {**ORDER_VIEWS, **customer_views(script.plan.customer, ()), **_stock_views(script)}
        for step in script.steps:
            before = {kind: list(view([order])) for kind, view in views.items() if kind not in step.fact.touches}
            step.fact.happen(order, step.at)
            assert before == {kind: list(views[kind]([order])) for kind in before}, step
            untold.discard(type(step.fact).__name__)
        if not untold:
            break
    assert not untold


def _stock_views(script: Script):
    line = script.plan.lines[0]
    return stock_views(Stock(line.item.sku, script.plan.customer.warehouse.code, 1_000), ())


@pytest.mark.parametrize("rate", [1.0, 5.0, 50.0])
def test_the_clock_runs_so_fast_that_the_rate_is_kept(rate: float):
    real = ManualClock(ANCHOR)
    clock = WorldClock(ANCHOR, WORLD.speed(rate), real)
    before = WORLD.steps_done(clock.now())
    real.advance(timedelta(seconds=400 / rate))
    assert WORLD.steps_done(clock.now()) - before == pytest.approx(400, rel=0.35)


def test_a_world_without_a_rate_stands_still_until_it_is_advanced():
    real = ManualClock(ANCHOR)
    clock = WorldClock(ANCHOR, WORLD.speed(0), real)
    real.advance(timedelta(days=1))
    assert clock.now() == ANCHOR
    clock.advance(timedelta(hours=2))
    assert clock.now() == ANCHOR + timedelta(hours=2)


def test_customers_have_credit_enough_or_hardly_or_not():
    credit = {found.status for order in ORDERS for found in entities(WORLD, CreditStatus, order)}
    assert credit == {CreditState.OK, CreditState.NEAR_LIMIT, CreditState.OVER_LIMIT}
