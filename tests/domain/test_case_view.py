import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.case_view import (
    Answered,
    CaseView,
    CaseViewStatus,
    Failed,
    Part,
    key_of_view,
    section_of,
    status_of,
    view_id,
)
from domain.errors import ProblemCode
from domain.freshness import FreshnessState, Origin, SourceProblem
from domain.fulfillment import Fulfillment, FulfillmentLine, FulfillmentStatus
from domain.identity import CASE_KEY_SCHEMES, CaseKey, EntityKey, EntityKind, Scheme
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


KEYS = st.builds(
    CaseKey,
    scheme=st.sampled_from(list(CASE_KEY_SCHEMES.values())),
    value=st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=100),
)


@given(KEYS)
def test_an_id_says_to_its_tenant_alone_what_it_stands_for(key):
    name = view_id("main", key)
    assert re.fullmatch(r"cv_[\w-]+", name, re.ASCII)
    assert key_of_view("main", name) == key
    assert key_of_view("acme", name) is None


@given(KEYS, st.data())
def test_an_id_has_one_spelling(key, data):
    name = view_id("main", key)
    place = data.draw(st.integers(0, len(name) - 1))
    other = name[:place] + data.draw(st.characters()) + name[place + data.draw(st.integers(0, 1)) :]
    found = key_of_view("main", other)
    assert found is None or view_id("main", found) == other


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("", id="nothing"),
        pytest.param("cv_", id="nothing after the beginning"),
        pytest.param("SO-1", id="a number"),
        pytest.param("cv_3f1b2c", id="other bytes"),
        pytest.param("cv_" + "A" * 100_000, id="very long"),
        pytest.param(view_id("main", CaseKey(scheme=Scheme.CUSTOMER, value="C-1")), id="what no view can be asked by"),
        pytest.param(
            view_id("main", CaseKey(scheme=Scheme.SO, value=" SO-1")), id="a number that is not as it is read"
        ),
        pytest.param(view_id("main", CaseKey(scheme=Scheme.SO, value="a\nb")), id="a number that nobody may quote"),
    ],
)
def test_what_is_no_id_stands_for_nothing(name):
    assert key_of_view("main", name) is None
