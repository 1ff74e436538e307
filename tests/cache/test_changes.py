"""Who waits for a name is woken by it, and nobody else."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from cache.changes import Changes

NAMES = st.frozensets(st.sampled_from("abcde"))


def is_woken(interest):
    woken = interest._woken.is_set()
    interest._woken.clear()
    return woken


@given(st.lists(st.tuples(st.integers(0, 2), NAMES)), st.sampled_from("abcde"))
def test_exactly_those_are_woken_who_wait_for_it_now(turns, name):
    changes = Changes()
    interests, waits_for = [changes.interest() for _ in range(3)], [frozenset()] * 3
    for who, names in turns:
        assert interests[who].turn_to(names) == bool(names - waits_for[who])
        waits_for[who] = names
    changes.heard([name])
    assert [is_woken(each) for each in interests] == [name in names for names in waits_for]
    assert len(changes) == len(frozenset().union(*waits_for))
    changes.missed()
    assert all(is_woken(each) for each in interests)
    for each in interests:
        each.close()
    changes.missed()
    assert not any(is_woken(each) for each in interests)
    assert len(changes) == 0


async def test_what_changes_while_it_is_looked_at_is_looked_at_again():
    interest = Changes().interest()
    interest.wake()
    interest.wake()
    await interest.changed()
    interest.wake()
    await asyncio.wait_for(interest.changed(), 1)
