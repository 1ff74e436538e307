"""What a shipment looks like, given its snapshot and the milestones that were told since."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.fold import changed_at, content_of
from domain.fulfillment import Fulfillment, FulfillmentLine, FulfillmentStatus, MovedQuantity, Package, Progress
from domain.identity import EntityKey, EntityKind
from domain.known import Known, Nature, digest_of, known_of, merge
from domain.observation import Absence, Channel, Occurrence, Retraction, Snapshot
from domain.order import Order, OrderStatus
from domain.shipment import (
    Carrier,
    Classifier,
    Milestone,
    MilestoneCode,
    Shipment,
    ShipmentNumbers,
    ShipmentStatus,
    TransportMode,
)

KEY = EntityKey(tenant="main", source="tms", kind=EntityKind.SHIPMENT, id="S-1")
START = datetime(2026, 11, 23, tzinfo=UTC)
NATURE = Nature()
C, S = MilestoneCode, ShipmentStatus
ACTUAL, ESTIMATED, PLANNED = Classifier.ACTUAL, Classifier.ESTIMATED, Classifier.PLANNED


def at(hour):
    return START + timedelta(hours=hour)


def milestone(code, hour, classifier=ACTUAL, recorded=None, name=None):
    recorded_at = at(hour if recorded is None else recorded)
    content = Milestone(
        code=code,
        classifier=classifier,
        occurred_at=at(hour),
        recorded_at=recorded_at,
        source_code=code.value,
        source="tms",
    )
    return Occurrence(KEY, name or f"{code.value}@{hour}", recorded_at, content)


def snapshot(status, hour):
    return Snapshot(KEY, Shipment(id="S-1", tracking_number="1Z1", status=status), at(hour), at(hour), Channel.EVENT)


def settled(*observations):
    return reduce(lambda one, other: merge(one, other, NATURE), (known_of(each) for each in observations), Known(KEY))


@pytest.mark.parametrize(
    ("history", "status"),
    [
        pytest.param([milestone(C.PICKED_UP, 1)], S.PICKED_UP, id="told of by a milestone alone"),
        pytest.param(
            [milestone(C.DEPARTED, 2), milestone(C.PICKED_UP, 1)], S.IN_TRANSIT, id="the latest to have happened"
        ),
        pytest.param(
            [milestone(C.PICKED_UP, 1), milestone(C.DELIVERED, 9, ESTIMATED)],
            S.PICKED_UP,
            id="an estimate moves nothing",
        ),
        pytest.param(
            [milestone(C.PICKED_UP, 1), milestone(C.DELIVERED, 9, PLANNED)], S.PICKED_UP, id="nor does a plan"
        ),
        pytest.param(
            [milestone(C.PICKED_UP, 1), milestone(C.ARRIVED, 2)], S.PICKED_UP, id="arriving somewhere is no status"
        ),
        pytest.param(
            [milestone(C.PICKED_UP, 1), milestone(C.UNKNOWN, 2)], S.PICKED_UP, id="an unknown code moves nothing"
        ),
        pytest.param([snapshot(S.DELIVERED, 5), milestone(C.DEPARTED, 2)], S.DELIVERED, id="the snapshot knew that"),
        pytest.param(
            [snapshot(S.IN_TRANSIT, 5), milestone(C.DELIVERED, 7)], S.DELIVERED, id="the snapshot could not know that"
        ),
        pytest.param([snapshot(S.DELIVERED, 5), milestone(C.RETURNING, 7)], S.RETURNING, id="going back is legal"),
        pytest.param(
            [milestone(C.PICKED_UP, 1), milestone(C.DELIVERED, 3), Retraction(KEY, "DELIVERED@3", at(4))],
            S.PICKED_UP,
            id="what was retracted did not happen",
        ),
        pytest.param([milestone(C.DELIVERED, 3), milestone(C.OUT_FOR_DELIVERY, 3)], S.DELIVERED, id="rank breaks ties"),
    ],
)
def test_the_status_follows_what_has_happened(history, status):
    for order in (history, history[::-1]):
        assert content_of(settled(*order)).status is status


def test_milestones_are_in_order_and_each_once():
    known = settled(
        snapshot(S.IN_TRANSIT, 5), milestone(C.DELIVERED, 7), milestone(C.PICKED_UP, 1), milestone(C.DELIVERED, 7)
    )
    content = content_of(known)
    assert [each.code for each in content.milestones] == [C.PICKED_UP, C.DELIVERED]
    assert (content.tracking_number, changed_at(known)) == ("1Z1", at(7))


def test_what_is_gone_stays_gone_whatever_happened_before():
    assert content_of(settled(milestone(C.PICKED_UP, 1), Absence(KEY, at(3)))) is None
    assert content_of(Known(KEY)) is None
    assert changed_at(Known(KEY)) is None


def test_entities_of_other_kinds_are_their_snapshots():
    key = EntityKey(tenant="main", source="erp", kind=EntityKind.ORDER, id="SO-1")
    order = Order(number="SO-1", status=OrderStatus.RELEASED)
    assert content_of(known_of(Snapshot(key, order, None, START))) is order


FULFILLMENT = EntityKey(tenant="main", source="wms", kind=EntityKind.FULFILLMENT, id="D-1")
F = FulfillmentStatus


def step(status, hour, *quantities, order="SO-1"):
    content = Progress(
        status=status,
        occurred_at=at(hour),
        recorded_at=at(hour),
        order_number=order,
        quantities=tuple(MovedQuantity(sku=sku, quantity=Decimal(n)) for sku, n in quantities),
        packages=(Package(id=f"P{hour}"),),
        source_code=status.value.lower(),
        source="wms",
    )
    return Occurrence(FULFILLMENT, f"{status.value}@{hour}", at(hour), content)


def warehouse_snapshot(hour, picked):
    line = FulfillmentLine(sku="A", ordered_quantity=Decimal(5), picked_quantity=Decimal(picked))
    content = Fulfillment(id="D-1", order_number="SO-1", status=F.PARTIALLY_PICKED, lines=(line,))
    return Snapshot(FULFILLMENT, content, None, at(hour), Channel.EVENT)


def settled_fulfillment(*history):
    return content_of(reduce(lambda one, other: merge(one, other, NATURE), [known_of(each) for each in history]))


def test_steps_alone_make_a_fulfillment_as_soon_as_one_names_its_order():
    assert settled_fulfillment(step(F.PICKED, 1, order=None)) is None
    content = settled_fulfillment(step(F.SHIPPED, 3), step(F.PICKED, 1, order=None), step(F.UNKNOWN, 4))
    assert (content.order_number, content.status, content.source_status) == ("SO-1", F.SHIPPED, "shipped")
    assert (content.picked_at, content.packed_at, content.shipped_at) == (at(1), None, at(3))
    assert [each.id for each in content.packages] == ["P1", "P3", "P4"]


def test_steps_that_the_snapshot_cannot_know_add_to_its_quantities():
    known = [warehouse_snapshot(2, picked=1), step(F.PICKED, 1, ("A", 1)), step(F.PICKED, 3, ("A", 2), ("B", 1))]
    for history in (known, known[::-1], known * 2):
        content = settled_fulfillment(*history)
        assert [(line.sku, line.picked_quantity) for line in content.lines] == [("A", 3)]
        assert (content.status, content.lines[0].shipped_quantity) == (F.PICKED, None)


def numbers(hour, **told):
    content = ShipmentNumbers(**told)
    return Occurrence(KEY, f"numbers@{hour}", at(hour), content)


def test_numbers_told_beside_milestones_link_the_shipment():
    xpo, rival = Carrier(name="XPO", scac="XPOL"), Carrier(name="Rival")
    history = [
        milestone(C.PICKED_UP, 1),
        numbers(1, order_numbers=("SO-2",), bill_of_lading="B1", carrier=xpo),
        numbers(2, order_numbers=("SO-1", "SO-2"), bill_of_lading="B2", carrier=rival, mode=TransportMode.LTL),
    ]
    for order in (history, history[::-1]):
        content = content_of(settled(*order))
        assert (content.order_numbers, content.bill_of_lading, content.carrier) == (("SO-2", "SO-1"), "B1", xpo)
        assert (content.mode, content.status) == (TransportMode.LTL, S.PICKED_UP)


moves = st.builds(
    milestone,
    st.sampled_from(C),
    st.integers(0, 9),
    st.sampled_from(Classifier),
    st.none() | st.integers(0, 9),
    st.none() | st.sampled_from("ab"),
)
histories = st.lists(
    st.one_of(
        moves,
        st.builds(snapshot, st.sampled_from(S), st.integers(0, 9)),
        st.builds(Retraction, st.just(KEY), st.sampled_from("ab"), st.integers(0, 9).map(at)),
    ),
    min_size=1,
    max_size=8,
)


@given(histories, st.randoms(use_true_random=False))
def test_f1_it_depends_on_what_was_told_and_not_on_the_order(history, random):
    shuffled = history * 2
    random.shuffle(shuffled)
    assert content_of(settled(*shuffled)) == content_of(settled(*history))


def test_what_a_state_looks_like_is_made_once_and_is_no_part_of_it():
    known = settled(snapshot(S.BOOKED, 1), milestone(C.PICKED_UP, 2))
    untouched = settled(snapshot(S.BOOKED, 1), milestone(C.PICKED_UP, 2))
    assert content_of(known) is content_of(known)
    assert known == untouched
    assert digest_of(known) == digest_of(untouched)
    later = merge(known, known_of(milestone(C.DEPARTED, 3)), NATURE)
    assert (content_of(known).status, content_of(later).status) == (S.PICKED_UP, S.IN_TRANSIT)
