"""Which entities belong to a number, and how far that can be relied on."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.feed import Coverage
from domain.freshness import Held, Holding
from domain.identity import EntityKey, EntityKind, Reference, Scheme
from domain.known import Nature, known_of, merge
from domain.listing import LOOKED_UP_BY, Listing, Shelf, held_under, linked_to, members, missing
from domain.lookup import Lookup
from domain.observation import Absence, Channel, Hint, Snapshot
from domain.order import Order, OrderStatus

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
NATURE = Nature()
PO_1 = Lookup(EntityKind.ORDER, Reference(scheme=Scheme.PO, value="PO-1"))
SO_1 = Lookup(EntityKind.ORDER, Reference(scheme=Scheme.SO, value="SO-1"))


def ago(seconds):
    return NOW - timedelta(seconds=seconds)


def key(number="SO-1"):
    return EntityKey(tenant="main", source="erp", kind=EntityKind.ORDER, id=number)


def order(age, number="SO-1", purchase_order="PO-1", channel=Channel.API):
    content = Order(number=number, status=OrderStatus.RELEASED, purchase_order_number=purchase_order)
    verified_at = ago(age) if channel is Channel.API else None
    return known_of(Snapshot(key(number), content, None, ago(age), channel, verified_at))


def gone(age, number="SO-1"):
    return known_of(Absence(key(number), ago(age)))


def listing(age, *ids):
    return Listing(ago(age), ago(age), ids)


def shelf(listed, *known):
    return Shelf(listed, {each.key.id: each for each in known})


EVENT = Channel.EVENT


@pytest.mark.parametrize(
    ("kept", "belong"),
    [
        pytest.param(shelf(None), [], id="nothing is kept"),
        pytest.param(shelf(None, order(5)), ["SO-1"], id="it names the number itself"),
        pytest.param(shelf(listing(5, "SO-1"), order(5)), ["SO-1"], id="it was listed"),
        pytest.param(
            shelf(listing(5, "SO-1"), order(5, purchase_order=None)), ["SO-1"], id="listed, it need not name it"
        ),
        pytest.param(shelf(listing(5), order(9)), [], id="the source does not list it any more"),
        pytest.param(shelf(listing(5), order(1)), ["SO-1"], id="it was told after the listing"),
        pytest.param(shelf(listing(5), order(9, channel=EVENT)), ["SO-1"], id="one listing does not undo an event"),
        pytest.param(
            shelf(listing(5, "SO-1"), order(1, purchase_order="PO-2")), [], id="by now it names another number"
        ),
        pytest.param(shelf(listing(5, "SO-1"), gone(1)), [], id="it is gone"),
        pytest.param(shelf(listing(5, "SO-2", "SO-1"), order(5), order(5, "SO-2")), ["SO-1", "SO-2"], id="several"),
    ],
)
def test_who_belongs_to_a_number(kept, belong):
    assert [known.key.id for known in members(kept, PO_1)] == belong


def covered(since):
    return Coverage(watermark=NOW, continuous_since=ago(since))


@pytest.mark.parametrize(
    ("kept", "lookup", "heard", "held"),
    [
        pytest.param(shelf(None), PO_1, None, Held(), id="nothing"),
        pytest.param(shelf(listing(7)), PO_1, None, Held(Holding.ABSENCE, ago(7)), id="there is none"),
        pytest.param(shelf(listing(7)), PO_1, covered(9), Held(Holding.ABSENCE, NOW), id="none, and none was told of"),
        pytest.param(shelf(listing(7)), PO_1, covered(5), Held(Holding.ABSENCE, ago(7)), id="the feed began later"),
        pytest.param(
            shelf(listing(7, "SO-1"), order(3)), PO_1, None, Held(Holding.STATE, ago(7)), id="the listing is older"
        ),
        pytest.param(
            shelf(listing(3, "SO-1"), order(7)), PO_1, None, Held(Holding.STATE, ago(7)), id="the entity is older"
        ),
        pytest.param(
            shelf(listing(7, "SO-1"), order(7)), PO_1, covered(9), Held(Holding.STATE, NOW), id="both are covered"
        ),
        pytest.param(
            shelf(None, order(3)), SO_1, None, Held(Holding.STATE, ago(3)), id="a number that names one entity"
        ),
        pytest.param(
            shelf(None, order(3)), PO_1, None, Held(Holding.STATE, ago(3), is_suspect=True), id="others may name it"
        ),
        pytest.param(shelf(None, gone(3)), SO_1, None, Held(Holding.ABSENCE, ago(3)), id="the one entity is gone"),
    ],
)
def test_a_number_is_known_as_far_as_its_weakest_part(kept, lookup, heard, held):
    assert held_under(kept, lookup, NATURE, heard, NOW) == held


def test_who_only_sends_is_not_asked_for_more():
    held = held_under(shelf(None, order(3)), PO_1, NATURE, None, NOW, can_be_asked=False)
    assert held == Held(Holding.STATE, ago(3))


@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 20))
def test_nothing_is_verified_later_than_its_parts_were(listed, first, second):
    kept = shelf(listing(listed, "SO-1", "SO-2"), order(first), order(second, "SO-2"))
    assert held_under(kept, PO_1, NATURE, None, NOW).verified_at == ago(max(listed, first, second))


def test_an_answer_that_leaves_out_what_an_event_told_of_is_a_hint_and_the_next_one_a_deletion():
    told = order(9, channel=EVENT)
    [hint] = missing(shelf(None, told), (), SO_1, ago(5))
    assert hint == Hint(key(), ago(5))
    hinted = merge(told, known_of(hint), NATURE)
    assert missing(shelf(listing(5), hinted), (), SO_1, ago(1)) == (Absence(key(), ago(1)),)
    assert missing(shelf(None, told), ("SO-1",), SO_1, ago(5)) == ()
    assert missing(shelf(None, order(9)), (), SO_1, ago(5)) == ()


def test_links_follow_the_newest_snapshot():
    assert {each.value for each in linked_to(order(5))} == {"SO-1", "PO-1"}
    moved = merge(order(5), order(1, purchase_order="PO-2"), NATURE)
    assert {each.value for each in linked_to(moved)} == {"SO-1", "PO-2"}
    assert linked_to(merge(order(5), gone(1), NATURE)) == linked_to(None) == frozenset()


def test_every_kind_can_be_looked_up():
    assert set(LOOKED_UP_BY) == set(EntityKind)
