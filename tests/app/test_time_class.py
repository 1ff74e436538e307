"""Row 10: what another tenant has takes no other work than what nobody has: so time does not tell them apart either."""

import asyncio
from collections import Counter
from datetime import UTC, datetime

import pytest

from tests.app.test_callers_of_tenants import WAYS, plain_of, told, two_tenants
from tests.app.working import counted, working  # noqa: F401  # a fixture
from tests.resolvers.test_state import SlowClock

THEIRS = ("SO-11", "SO-12", "SO-13")
NOBODYS = ("SO-91", "SO-92", "SO-93")
FIRST = "SO-50"
"""Whoever asks first has things loaded that all others find."""


@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize("again", [False, True], ids=["asked first", "asked again"])
@pytest.mark.parametrize("way", WAYS)
async def test_r10_takes_the_same_work(way, again, redis, client, tmp_path):  # noqa: ARG001  # the client empties it
    accept = "text/event-stream" if way == "open view" else "application/json"
    clock = SlowClock(datetime(2026, 11, 27, 12, tzinfo=UTC))  # no span of a limit ends meanwhile

    async with two_tenants(redis.url, tmp_path, clock) as (app, system, own):

        async def done(number):
            """What is done for a number, and asked of the system of who asks, which does not know it.

            The id of a view says, to who can read it, whose it is, and not whether there is one: both are of theirs.
            """
            own.asked.clear()
            with working() as work:
                answer = await told(app, "a", WAYS[way](number, "ab"), accept)
            await asyncio.sleep(0.1)  # what is done after the answer is work, too
            assert plain_of(answer) != []
            return work, Counter(each.replace(number, "…") for each in own.asked)

        for number in THEIRS:
            assert f'"{number}' in (await told(app, "ab", WAYS["order"](number, "ab")))[1]
        for number in (FIRST, *(THEIRS + NOBODYS if again else ())):
            await done(number)
        calls = system.calls
        of_theirs, of_nobodys = [[await done(number) for number in each] for each in (THEIRS, NOBODYS)]
        assert system.calls == calls
    for (work, asked), (absent, asked_for_absent) in zip(of_theirs, of_nobodys, strict=True):
        assert work.redis == absent.redis
        assert asked == asked_for_absent
    theirs, nobodys = (set.intersection(*(work.path for work, _ in each)) for each in (of_theirs, of_nobodys))
    assert theirs == nobodys
    assert len(theirs) > 50


@pytest.mark.usefixtures("counted")
async def test_what_there_is_takes_other_work_so_that_something_is_measured(redis, client, tmp_path):  # noqa: ARG001  # as above
    async with two_tenants(redis.url, tmp_path) as (app, system, _):
        works = []
        for knows in (system._found, lambda *_: []):
            system._found = knows
            for number in THEIRS:
                with working() as work:
                    await told(app, "ab", WAYS["order"](number + str(len(works)), "ab"))
                await asyncio.sleep(0.1)
            works.append(work)
    assert works[0].redis != works[1].redis
    assert works[0].path != works[1].path
