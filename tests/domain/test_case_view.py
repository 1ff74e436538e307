from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from domain.case_view import Answered, CaseView, CaseViewStatus, Failed, Part, section_of, status_of, view_id
from domain.errors import ProblemCode
from domain.freshness import FreshnessState, Origin, SourceProblem
from domain.fulfillment import Fulfillment, FulfillmentLine, FulfillmentStatus
from domain.identity import CaseKey, EntityKey, EntityKind
from domain.observation import Snapshot
from domain.order import Order, OrderStatus
from domain.shipment import Shipment, ShipmentStatus
from domain.shipment_exception import ExceptionKind, Party, ShipmentException

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PROBLEM = SourceProblem(ProblemCode.TIMEOUT, "tms", "tms did not answer in time", "c-1")


def snapshot(kind, id_, content, as_of=None):
    return Snapshot(EntityKey(tenant="main", source="s", kind=kind, id=id_), content, as_of, NOW)


def answered(*snapshots, source="s", age=timedelta(seconds=1), state=FreshnessState.FRESH, problem=None):
    verified_at = NOW - age
    parts = tuple(Part(each.key, each.content, each.as_of, verified_at, Origin.API, state) for each in snapshots)
    return Answered(source, parts, verified_at, Origin.API, state, timedelta(seconds=60), problem)


def order(status=OrderStatus.CONFIRMED, id_="SO-1"):
    return snapshot(EntityKind.ORDER, id_, Order(number=id_, status=status))


def shipment(status, *exceptions, id_="S-1"):
    return snapshot(EntityKind.SHIPMENT, id_, Shipment(id=id_, status=status, exceptions=exceptions))


def fulfillment(status):
    line = FulfillmentLine(sku="A", ordered_quantity=Decimal(1), picked_quantity=Decimal(0))
    return snapshot(
        EntityKind.FULFILLMENT, "F-1", Fulfillment(id="F-1", order_number="SO-1", status=status, lines=(line,))
    )


def sections(orders=(), shipments=(), fulfillments=()):
    parts = {EntityKind.ORDER: orders, EntityKind.SHIPMENT: shipments, EntityKind.FULFILLMENT: fulfillments}
    return {kind: section_of(kind, [answered(*snapshots)], now=NOW) for kind, snapshots in parts.items()}


OPEN_DAMAGE = ShipmentException(kind=ExceptionKind.DAMAGE, party=Party.CARRIER, raised_at=NOW)
CLEARED_DELAY = ShipmentException(kind=ExceptionKind.DELAY, party=Party.CARRIER, raised_at=NOW, cleared_at=NOW)
DELIVERED, IN_TRANSIT = ShipmentStatus.DELIVERED, ShipmentStatus.IN_TRANSIT


@pytest.mark.parametrize(
    ("known", "status"),
    [
        pytest.param(sections(), CaseViewStatus.UNKNOWN, id="nothing is known"),
        pytest.param(sections([order()]), CaseViewStatus.OPEN, id="an order that nobody has touched"),
        pytest.param(sections([order(OrderStatus.CANCELLED)]), CaseViewStatus.CANCELLED, id="a cancelled order"),
        pytest.param(sections([order(OrderStatus.ON_HOLD)]), CaseViewStatus.ON_HOLD, id="a hold"),
        pytest.param(
            sections([order(OrderStatus.RELEASED)]), CaseViewStatus.IN_FULFILLMENT, id="released to the warehouse"
        ),
        pytest.param(
            sections([order()], [], [fulfillment(FulfillmentStatus.PARTIALLY_PICKED)]),
            CaseViewStatus.IN_FULFILLMENT,
            id="partly picked",
        ),
        pytest.param(
            sections([order()], [], [fulfillment(FulfillmentStatus.CREATED)]),
            CaseViewStatus.OPEN,
            id="a fulfillment that only exists",
        ),
        pytest.param(
            sections([order(OrderStatus.SHIPPED)]), CaseViewStatus.IN_TRANSIT, id="shipped, and no carrier says more"
        ),
        pytest.param(sections([order()], [shipment(IN_TRANSIT)]), CaseViewStatus.IN_TRANSIT, id="on the road"),
        pytest.param(
            sections([order()], [shipment(IN_TRANSIT), shipment(DELIVERED, id_="S-2")]),
            CaseViewStatus.IN_TRANSIT,
            id="one of two delivered",
        ),
        pytest.param(
            sections([order(OrderStatus.SHIPPED)], [shipment(DELIVERED)]), CaseViewStatus.DELIVERED, id="all delivered"
        ),
        pytest.param(
            sections([], [shipment(DELIVERED)]), CaseViewStatus.DELIVERED, id="delivered, and the ERP does not answer"
        ),
        pytest.param(
            sections([order(OrderStatus.PARTIALLY_SHIPPED)], [shipment(DELIVERED)]),
            CaseViewStatus.IN_TRANSIT,
            id="the rest has not left",
        ),
        pytest.param(
            sections([order(OrderStatus.SHIPPED)], [shipment(DELIVERED)], [fulfillment(FulfillmentStatus.PICKED)]),
            CaseViewStatus.IN_TRANSIT,
            id="the warehouse has not emptied",
        ),
        pytest.param(
            sections([order(OrderStatus.COMPLETED)], [shipment(DELIVERED)]),
            CaseViewStatus.CLOSED,
            id="delivered and paid",
        ),
        pytest.param(
            sections([order()], [shipment(IN_TRANSIT, OPEN_DAMAGE)]), CaseViewStatus.EXCEPTION, id="damaged on the way"
        ),
        pytest.param(
            sections([order()], [shipment(IN_TRANSIT, CLEARED_DELAY)]),
            CaseViewStatus.IN_TRANSIT,
            id="a delay that is over",
        ),
        pytest.param(sections([order()], [shipment(ShipmentStatus.LOST)]), CaseViewStatus.EXCEPTION, id="lost"),
        pytest.param(
            sections([order()], [shipment(ShipmentStatus.RETURNING)]), CaseViewStatus.RETURNED, id="on the way back"
        ),
        pytest.param(
            sections([order()], [shipment(ShipmentStatus.CANCELLED)]),
            CaseViewStatus.OPEN,
            id="a cancelled shipment is none",
        ),
    ],
)
def test_the_state_of_the_whole(known, status):
    assert status_of(known) is status


def test_a_section_is_as_old_as_its_oldest_part():
    old, new = answered(order(), source="erp-b", age=timedelta(minutes=5)), answered(order(id_="SO-2"), source="erp-a")
    freshness = section_of(EntityKind.ORDER, [new, old], now=NOW).freshness
    assert freshness.verified_at == NOW - timedelta(minutes=5)
    assert (freshness.age_seconds, freshness.max_age_seconds) == (300, 60)


def test_as_of_is_the_newest_change_that_a_source_tells():
    older, newer = NOW - timedelta(days=2), NOW - timedelta(days=1)
    parts = [
        answered(
            snapshot(EntityKind.ORDER, "1", order().content, older),
            snapshot(EntityKind.ORDER, "2", order().content, newer),
        )
    ]
    assert section_of(EntityKind.ORDER, parts, now=NOW).freshness.as_of == newer


@pytest.mark.parametrize(
    ("outcomes", "state", "nodes"),
    [
        pytest.param([answered(order())], FreshnessState.FRESH, 1, id="all answered"),
        pytest.param([answered()], FreshnessState.FRESH, 0, id="nothing there is an answer"),
        pytest.param([answered(order()), Failed(PROBLEM)], FreshnessState.STALE, 1, id="one of two sources is silent"),
        pytest.param([Failed(PROBLEM)], FreshnessState.UNAVAILABLE, 0, id="nobody answered"),
        pytest.param([], FreshnessState.UNAVAILABLE, 0, id="nobody was asked"),
    ],
)
def test_fresh_is_said_only_when_everybody_answered(outcomes, state, nodes):
    section = section_of(EntityKind.ORDER, outcomes, now=NOW)
    assert section.freshness.state is state
    assert len(section.nodes) == nodes
    assert (section.problem is PROBLEM) is any(isinstance(outcome, Failed) for outcome in outcomes)


def test_the_same_entity_under_two_numbers_is_shown_once():
    assert len(section_of(EntityKind.ORDER, [answered(order()), answered(order())], now=NOW).nodes) == 1


def test_age_is_never_below_zero():
    future = answered(order(), age=timedelta(seconds=-5))
    assert section_of(EntityKind.ORDER, [future], now=NOW).freshness.age_seconds == 0


def test_completeness_counts_known_over_asked():
    known = section_of(EntityKind.ORDER, [answered(order())], now=NOW)
    unknown = section_of(EntityKind.SHIPMENT, [Failed(PROBLEM)], now=NOW)
    view = CaseView(
        "cv", CaseKey.quoted("orderNumber", "SO-1"), {EntityKind.ORDER: known, EntityKind.SHIPMENT: unknown}
    )
    assert view.completeness({EntityKind.ORDER, EntityKind.SHIPMENT}) == 0.5
    assert view.completeness({EntityKind.ORDER}) == 1
    assert view.completeness(set()) == 1


def test_the_id_is_stable_and_apart_by_key_and_tenant():
    key, other = CaseKey.quoted("orderNumber", "1"), CaseKey.quoted("invoiceNumber", "1")
    assert view_id("main", key) == view_id("main", key)
    assert len({view_id("main", key), view_id("main", other), view_id("acme", key)}) == 3
