"""F9: near copies are bounded in bytes; and they are at most one announcement behind."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from cache.near import OVERHEAD, UNFOLDING, NearCopies

names = st.sampled_from(["a", "b", "c", "d"])
sizes = st.integers(0, 400)


class Copies(RuleBasedStateMachine):
    """A store whose values are numbers that only rise, and copies of them."""

    def __init__(self):
        super().__init__()
        self.near = NearCopies(3 * (OVERHEAD + UNFOLDING * 200))
        self.store = dict.fromkeys("abcd", 0)
        self.reading = []

    @rule(name=names, size=sizes)
    def begin_to_read(self, name, size):
        self.reading.append((self.near.begin(), name, self.store[name], size))

    @rule()
    def end_reading(self):
        if self.reading:
            ticket, name, value, size = self.reading.pop(0)
            self.near.end(ticket, [(name, value, size)])

    @rule(name=names)
    def write_and_announce(self, name):
        self.store[name] += 1
        self.near.drop([name])

    @rule()
    def announcements_were_missed(self):
        for name in self.store:
            self.store[name] += 1
        self.near.drop_all()

    @invariant()
    def no_copy_is_older_than_its_announcement(self):
        for name, value in self.store.items():
            if name in self.near:
                assert self.near.copy_of(name) == value

    @invariant()
    def f9_they_stay_within_their_bound(self):
        assert self.near.used_bytes <= self.near.max_bytes
        assert self.near.used_bytes == sum(cost for _, cost in self.near._copies.values())


TestCopies = Copies.TestCase


@given(st.lists(st.tuples(names, sizes)))
def test_f9_the_longest_unused_go_first(kept):
    near = NearCopies(2 * (OVERHEAD + UNFOLDING * 400))
    for name, size in kept:
        near.keep(name, name, size)
    if kept:
        assert kept[-1][0] in near


def test_what_is_too_big_is_not_kept():
    near = NearCopies(1_000)
    near.keep("a", "a", 1_000)
    assert (len(near), near.used_bytes) == (0, 0)


def test_without_room_nothing_is_kept():
    near = NearCopies(0)
    near.keep("a", "a", 1)
    assert len(near) == 0


async def test_it_is_an_aiocache_cache():
    near = NearCopies(10_000)
    await near.set("a", 1)
    assert (await near.get("a"), await near.exists("a"), await near.get("b")) == (1, True, None)
    assert await near.delete("a") == 1
    await near.set("c", 1)
    await near.clear()
    with pytest.raises(KeyError):
        near.copy_of("c")


def test_its_own_objects_are_small():
    assert sys.getsizeof(NearCopies(0).begin()) < 100


def test_copies_that_are_used_stay_the_longest():
    near = NearCopies(3 * OVERHEAD)
    for name in "abc":
        near.keep(name, name.upper(), 0)
    assert near.copies_of(["a", "x", "b"]) == {"a": "A", "b": "B"}
    near.keep("d", "D", 0)
    assert near.copies_of("abcd") == {"a": "A", "b": "B", "d": "D"}
