"""What a canonical system says has changed."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Missing, UnusableAnswer
from domain.lookup import Changes
from sources.base import ChangesClient
from sources.canonical import SOURCE
from tests.sources.calling import URL, Calling, lookup

SINCE = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
UNTIL = datetime(2026, 11, 23, 8, 31, tzinfo=UTC)


@pytest.fixture
async def system():
    async with Calling(SOURCE, token="t-1", lists_changes=True) as calling:
        yield calling


def change(kind, scheme, value):
    return {"entity": kind, "scheme": scheme, "value": value}


async def test_every_question_whose_answer_may_be_different_once(system):
    changes = [change("ORDER", "SO", "SO-1"), change("INVOICE", "SO", "SO-1"), change("ORDER", "SO", "SO-1")]
    body = {"changes": changes, "until": "2026-11-23T09:31:00+01:00", "isWhole": False, "more": "later"}
    route = system.router.get(f"{URL}/v1/changes").respond(json=body)
    found = await system.client.changes(SINCE, system.call)
    assert found == Changes((lookup("ORDER", "SO", "SO-1"), lookup("INVOICE", "SO", "SO-1")), UNTIL, is_whole=False)
    [call] = route.calls
    assert call.request.url.params["since"] == SINCE.isoformat()
    assert call.request.headers["authorization"] == "Bearer t-1"


async def test_nothing_new(system):
    system.router.get(f"{URL}/v1/changes").respond(json={"changes": [], "until": "2026-11-23T08:31:00Z"})
    assert await system.client.changes(SINCE, system.call) == Changes((), UNTIL)


async def test_only_a_system_that_says_so_is_asked_what_has_changed(system):
    assert isinstance(system.client, ChangesClient)
    async with Calling(SOURCE) as other:
        assert not isinstance(other.client, ChangesClient)


async def test_a_system_without_the_address_says_so(system):
    system.router.get(f"{URL}/v1/changes").respond(404)
    with pytest.raises(Missing):
        await system.client.changes(SINCE, system.call)


NONSENSE = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=9), lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["changes", "until", "isWhole", "entity", "scheme", "value"]), inner))  # fmt: skip


@given(NONSENSE)
async def test_nonsense_is_an_unusable_answer_and_nothing_else(nonsense):
    async with Calling(SOURCE, lists_changes=True) as system:
        system.router.get(f"{URL}/v1/changes").respond(content=json.dumps(nonsense).encode())
        with pytest.raises(UnusableAnswer):
            await system.client.changes(SINCE, system.call)
