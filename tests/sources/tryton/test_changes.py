"""Which questions a changed sale makes worth asking again."""

from datetime import UTC, datetime, timedelta, timezone

import httpx
import pytest

from domain.errors import UnusableAnswer
from domain.identity import EntityKind, Reference, Scheme
from domain.lookup import Lookup
from sources.tryton.client import COVERED, LONGEST_TRANSACTION
from sources.tryton.questions import change_question
from sources.tryton.search import CHANGING
from tests.sources.tryton.recorded import payload
from tests.sources.tryton.test_client import Upstream

SINCE = datetime(2026, 11, 23, 19, 30, tzinfo=timezone(timedelta(hours=2)))


def test_one_search_looks_at_every_record_of_a_sale_by_tryton_own_clock():
    question = change_question(SINCE, 1)
    [company, [how, *conditions]] = question.domain
    assert (question.model, company, how) == ("sale.sale", ["company", "=", 1], "OR")
    assert len(conditions) == 2 * len(CHANGING)
    [path, operator, stamp] = conditions[0]
    assert (path, operator) == ("write_date", ">=")
    assert (stamp["__class__"], stamp["hour"], stamp["minute"]) == ("datetime", 17, 30)


async def test_every_number_of_a_changed_sale_is_named_for_every_kind_that_is_covered():
    upstream, sale = Upstream(), payload("sale-claim-return")
    upstream.answers("sale.sale", httpx.Response(200, json=[sale], headers={"Date": "Mon, 23 Nov 2026 17:00:00 GMT"}))
    changes = await upstream.client.changes(SINCE, upstream.call)
    number = Reference(scheme=Scheme.SO, value=sale["number"])
    assert {Lookup(kind, number) for kind in COVERED} <= set(changes.lookups)
    assert {lookup.kind for lookup in changes.lookups} == set(COVERED)
    assert EntityKind.INVOICE not in COVERED
    assert changes.until == datetime(2026, 11, 23, 17, tzinfo=UTC) - LONGEST_TRANSACTION


@pytest.mark.parametrize("body", [{"error": 1}, "no", [1]], ids=["an error", "a word", "a number"])
async def test_nonsense_is_no_answer(body):
    upstream = Upstream()
    upstream.answers("sale.sale", httpx.Response(200, json=body))
    with pytest.raises(UnusableAnswer):
        await upstream.client.changes(SINCE, upstream.call)
