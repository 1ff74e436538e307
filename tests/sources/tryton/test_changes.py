"""Which questions a change in Tryton makes worth asking again."""

from datetime import UTC, datetime, timedelta, timezone

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import UnusableAnswer
from domain.identity import EntityKind, Reference, Scheme
from domain.lookup import Lookup
from sources.base import ChangesClient
from sources.tryton import SOURCE, wire
from sources.tryton.client import COVERED, LONGEST_TRANSACTION, PAGE
from sources.tryton.questions import change_question, credit_question, party_change_question
from sources.tryton.search import SALE_NUMBERS, SALE_RECORDS
from tests.sources.tryton.recorded import SALES, payload
from tests.sources.tryton.test_client import Upstream, domain

SINCE = datetime(2026, 11, 23, 19, 30, tzinfo=timezone(timedelta(hours=2)))
SALE = "sale-claim-return"


class Changing(Upstream):
    """A Tryton in which these have changed, and these may be on credit hold."""

    def __init__(self, changed=(), held=(), parties=(), **headers):
        super().__init__()
        self.changed, self.held, self.headers = changed, held, headers
        self.router.get(url__regex=".*/sale.sale").mock(side_effect=self._sales)
        self.answers("party.party", httpx.Response(200, json=list(parties), headers=headers))

    def _sales(self, request):
        is_change = domain(request) == change_question(SINCE, 1).domain
        rows = self.changed if is_change else self.held
        offset = int(request.url.params["p"])
        return httpx.Response(200, json=rows[offset : offset + PAGE] if isinstance(rows, list) else rows)

    async def changes(self):
        return await self.client.changes(SINCE, self.call)


def about(number, *kinds):
    return {Lookup(kind, Reference(scheme=Scheme.SO, value=number)) for kind in kinds}


def test_it_lists_changes():
    assert SOURCE.can_list_changes
    assert isinstance(Upstream().client, ChangesClient)
    assert SOURCE.feed_covers == set(COVERED)


def test_one_search_looks_at_every_record_of_a_sale_by_tryton_own_clock():
    question = change_question(SINCE, 1)
    [company, [how, *conditions]] = question.domain
    assert (question.model, company, how) == ("sale.sale", ["company", "=", 1], "OR")
    assert len(conditions) == 2 * len(SALE_RECORDS)
    assert {path.rpartition(".")[2] for path, *_ in conditions} == {"write_date", "create_date"}
    [path, operator, stamp] = conditions[0]
    assert (path, operator) == ("write_date", ">=")
    assert (stamp["__class__"], stamp["hour"], stamp["minute"]) == ("datetime", 17, 30)


CODE_LISTS = ("unit", "currency", "company")
"""Relations to what nobody changes once it is in use."""

ELSEWHERE = {
    "lines.invoice_lines": "invoices.lines",
    "lines.invoice_lines.invoice": "invoices",
    "shipments.outgoing_moves": "shipments.moves",
    "shipments.outgoing_moves.product": "shipments.moves.product",
    "shipments.outgoing_moves.product.template": "shipments.moves.product.template",
    "shipments.inventory_moves": "shipments.moves",
}
"""The same records by a shorter way."""

CREDIT = {"invoice_party"}
"""Read for its credit alone; see `credit_question`."""


@pytest.mark.parametrize(
    "record", [wire.Sale, wire.CustomerOfSale, wire.ShipmentsOfSale], ids=lambda each: each.__name__
)
def test_no_record_that_a_covered_answer_is_made_of_is_left_out(record):
    relations = {path.rpartition(".")[0] for path in wire.paths(record)} - {""}
    read = {path for path in relations if path.rpartition(".")[2] not in CODE_LISTS} - CREDIT
    searched = {path.removesuffix(".") for path in SALE_RECORDS}
    assert {ELSEWHERE.get(path, path) for path in read} <= searched


def test_contact_mechanisms_are_a_part_of_a_customer():
    [conditions, active] = party_change_question(SINCE).domain
    assert "contact_mechanisms.write_date" in {path for path, *_ in conditions[1:]}
    assert active == ["active", "in", [True, False]]


async def test_every_number_of_a_changed_sale_is_named_for_every_kind_that_is_covered():
    sale = payload(SALE)
    named = (await Changing(changed=[sale]).changes()).lookups
    assert about(sale["number"], *COVERED) <= set(named)
    assert {lookup.kind for lookup in named} == set(COVERED)
    assert {lookup.by.scheme for lookup in named} == set(SALE_NUMBERS)
    assert len(set(named)) == len(named)


@pytest.mark.parametrize("label", SALES)
async def test_every_recorded_sale_can_be_asked_for_by_all_that_is_named(label):
    sale = payload(label)
    named = (await Changing(changed=[sale]).changes()).lookups
    upstream = Upstream()
    upstream.router.get(url__regex=".*/sale.sale").respond(json=[sale])
    findings = await upstream.fetch(*(each for each in named if each.kind is EntityKind.ORDER))
    assert set(findings.found) == {each for each in named if each.kind is EntityKind.ORDER}


async def test_an_order_that_may_be_on_credit_hold_is_named_although_nothing_of_it_was_written():
    sale = payload(SALE)
    named = (await Changing(held=[sale]).changes()).lookups
    assert about(sale["number"], EntityKind.ORDER) <= set(named)
    assert {lookup.kind for lookup in named} == {EntityKind.ORDER}
    assert ["state", "=", "quotation"] in credit_question(1).domain


async def test_a_changed_customer_is_named_with_or_without_orders():
    upstream = Changing(parties=[{"code": "C-NORTH"}, {"code": None}, {"code": ""}])
    assert (await upstream.changes()).lookups == (
        Lookup(EntityKind.CUSTOMER, Reference(scheme=Scheme.CUSTOMER, value="C-NORTH")),
    )


async def test_more_than_a_page_has_changed():
    sales = [{"number": f"SO{n:05}"} for n in range(PAGE + 1)]
    named = (await Changing(changed=sales).changes()).lookups
    assert about(f"SO{PAGE:05}", *COVERED) <= set(named)


async def test_the_next_poll_looks_back_by_the_longest_transaction():
    changes = await Changing(Date="Mon, 23 Nov 2026 17:00:00 GMT").changes()
    assert changes.until == datetime(2026, 11, 23, 17, tzinfo=UTC) - LONGEST_TRANSACTION
    assert changes.is_whole


@pytest.mark.parametrize("body", [{"error": 1}, "no", [1]], ids=["an error", "a word", "a number"])
@pytest.mark.parametrize("part", ["changed", "held"])
async def test_nonsense_is_no_answer(part, body):
    with pytest.raises(UnusableAnswer):
        await Changing(**{part: body}).changes()


NUMBERS = st.none() | st.integers() | st.text(max_size=3) | st.just("x" * 201) | st.lists(st.text(max_size=3))


@given(st.lists(st.fixed_dictionaries({}, optional={"number": NUMBERS, "reference": NUMBERS, "invoices.": NUMBERS})))
async def test_no_record_breaks_it(sales):
    named = (await Changing(changed=sales).changes()).lookups
    texts = {value for sale in sales for value in sale.values() if isinstance(value, str)}
    lists = {value for sale in sales for values in sale.values() if isinstance(values, list) for value in values}
    assert {lookup.by.value for lookup in named} <= {value for value in texts | lists if 0 < len(value) <= 200}
