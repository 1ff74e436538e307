"""What the store could not take is not forgotten, is told meanwhile, and is settled when it can."""

from datetime import UTC, datetime, timedelta

import pytest

from cache.unsettled import Unsettled
from domain.identity import EntityKey, EntityKind, Reference, Scheme
from domain.known import Nature, known_of, merge
from domain.listing import Listing
from domain.lookup import Lookup, Question
from domain.observation import Snapshot
from domain.order import Order, OrderStatus

START = datetime(2026, 11, 23, tzinfo=UTC)
NATURE = Nature()


def order(second, status, number="SO-1"):
    key = EntityKey(tenant="main", source="erp", kind=EntityKind.ORDER, id=number)
    return known_of(Snapshot(key, Order(number=number, status=status), None, START + timedelta(seconds=second)))


def listing(second, *ids):
    return Listing(START + timedelta(seconds=second), START, ids)


def question(number="SO-1"):
    return Question("erp", Lookup(EntityKind.ORDER, Reference(scheme=Scheme.SO, value=number)))


OLD, NEW = order(1, OrderStatus.DRAFT), order(2, OrderStatus.SHIPPED)


async def test_it_is_told_over_what_the_store_says_and_never_older(store):
    unsettled = Unsettled(store)
    name = store.entity(OLD.key).name
    assert not unsettled
    assert unsettled.over(name, OLD) is OLD
    unsettled.add([(NEW, NATURE)], {question(): listing(2, "SO-1")})
    assert unsettled
    assert unsettled.over(name, OLD) == merge(OLD, NEW, NATURE)
    assert unsettled.over(name, None) == NEW
    listed = store.listing(question()).name
    assert unsettled.over(listed, None) == unsettled.over(listed, listing(1)) == listing(2, "SO-1")
    assert unsettled.over(listed, listing(3)) == listing(3)


async def test_it_is_settled_once_and_then_forgotten(store):
    unsettled = Unsettled(store)
    await store.settle([(OLD, NATURE)])
    unsettled.add([(NEW, NATURE)], {question(): listing(2, "SO-1")})
    await unsettled.settle()
    assert not unsettled
    assert await store.known([OLD.key]) == [merge(OLD, NEW, NATURE)]
    assert (await store.read([store.listing(question())]))[0][0] == listing(2, "SO-1")


@pytest.mark.parametrize("count", [1, 5])
async def test_f9_it_is_bounded_and_says_so(store, monkeypatch, count):
    monkeypatch.setattr("cache.unsettled.MOST", 3)
    unsettled = Unsettled(store)
    for n in range(count):
        unsettled.add([(order(1, OrderStatus.DRAFT, f"SO-{n}"), NATURE)], {question(f"SO-{n}"): listing(1)})
    assert len(unsettled._known) == len(unsettled._listings) == min(count, 3)
    assert unsettled.dropped == max(count - 3, 0) * 2
