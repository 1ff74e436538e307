import json
from base64 import urlsafe_b64decode
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import respx

from domain.call import Call
from domain.clock import ManualClock
from domain.errors import Missing, Refused, UnusableAnswer
from domain.identity import EntityKind, Reference, Scheme
from domain.lookup import Lookup
from sources.http import Http, Limits
from sources.tryton import OF_A_SALE, SOURCE
from sources.tryton.client import MAX_NUMBERS, PAGE
from tests.sources.tryton.recorded import asked, payload, settings

NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)
BASE = "https://erp.example.com/acme"


def decoded(value):
    return json.loads(urlsafe_b64decode(value))


class Upstream:
    """A Tryton that gives the same answers to whatever it is asked, and remembers the requests."""

    def __init__(self, **told):
        self.router = respx.Router(assert_all_called=False)
        clock = ManualClock(NOW)
        settings_ = settings(**told)
        self.http = Http(
            settings_.id,
            settings_.base_url,
            limits=Limits.of(settings_),
            clock=clock,
            transport=httpx.MockTransport(self.router.async_handler),
        )
        self.client = SOURCE.connect(settings_, self.http)
        self.call = Call(deadline=clock.monotonic() + 5, correlation_id="test")

    def answers(self, model, *answers):
        responses = [each if isinstance(each, httpx.Response) else httpx.Response(200, json=each) for each in answers]
        return self.router.get(f"{BASE}/rest/model/{model}").mock(side_effect=responses)

    async def fetch(self, *lookups, read="sales"):
        return await self.client.fetch(read, lookups, self.call)

    @property
    def requests(self):
        return [call.request for call in self.router.calls]

    @property
    def models(self):
        return [request.url.path.rpartition("/")[2] for request in self.requests]


def context(request):
    return decoded(request.headers["X-Tryton-Context"])


def domain(request):
    return decoded(request.url.params["d"])


def look(kind, value, scheme=Scheme.SO):
    return Lookup(kind=kind, by=Reference(scheme=scheme, value=value))


async def test_the_company_and_the_key_are_always_sent():
    upstream = Upstream(company=7)
    sale = payload("sale-claim-return")
    upstream.answers("sale.sale", [sale], payload("return_sales"))
    upstream.answers("sale.complaint", payload("complaints"))
    upstream.answers("account.invoice", [])
    await upstream.fetch(*(asked(kind, sale) for kind in OF_A_SALE))
    assert {context(request)["company"] for request in upstream.requests} == {7}
    assert {request.headers["Authorization"] for request in upstream.requests} == {"Bearer key"}


@pytest.mark.parametrize(
    ("kinds", "models"),
    [
        pytest.param([EntityKind.ORDER], ["sale.sale"], id="an order"),
        pytest.param(
            [EntityKind.ORDER, EntityKind.CUSTOMER, EntityKind.CREDIT, EntityKind.FULFILLMENT],
            ["sale.sale"],
            id="whatever hangs on an order",
        ),
        pytest.param([EntityKind.CLAIM], ["sale.sale", "sale.complaint"], id="claims"),
        pytest.param([EntityKind.RETURN], ["sale.sale", "sale.complaint", "sale.sale"], id="returns"),
        pytest.param([EntityKind.INVOICE], ["sale.sale", "sale.complaint", "account.invoice"], id="invoices"),
        pytest.param(OF_A_SALE, ["sale.sale", "sale.complaint", "sale.sale", "account.invoice"], id="everything"),
    ],
)
async def test_many_orders_take_no_more_calls_than_one(kinds, models):
    upstream = Upstream()
    sales = [payload(f"sale-{label}") for label in ("paid-1", "claim-return", "claim-credit-note")]
    upstream.answers("sale.sale", sales, payload("return_sales"))
    upstream.answers("sale.complaint", payload("complaints"))
    upstream.answers("account.invoice", payload("corrections"))
    findings = await upstream.fetch(*(asked(kind, sale) for kind in kinds for sale in sales))
    assert upstream.models == models
    assert findings.unusable == {}
    assert all(findings.found[asked(kind, sales[1])] for kind in kinds)


async def test_only_what_is_wanted_is_asked_for():
    upstream = Upstream()
    upstream.answers("sale.sale", [])
    await upstream.fetch(look(EntityKind.CUSTOMER, "SO1"))
    [request] = upstream.requests
    assert set(request.url.params.get_list("f")) == {
        "number",
        "party._timestamp",
        "party.name",
        "party.code",
        "party.email",
        "party.phone",
        "party.contact_mechanisms._timestamp",
    }
    assert domain(request) == [["company", "=", 1], ["OR", ["number", "in", ["SO1"]]]]


async def test_an_unknown_number_is_an_empty_answer_and_asks_nothing_more():
    upstream = Upstream()
    upstream.answers("sale.sale", [])
    lookups = [look(kind, "SO99999") for kind in OF_A_SALE]
    findings = await upstream.fetch(*lookups)
    assert upstream.models == ["sale.sale"]
    assert findings.found == dict.fromkeys(lookups, ())


async def test_complaints_are_searched_by_what_they_point_to():
    upstream = Upstream()
    sale = payload("sale-claim-credit-note")
    upstream.answers("sale.sale", [sale])
    upstream.answers("sale.complaint", payload("complaints"))
    await upstream.fetch(asked(EntityKind.CLAIM, sale))
    sales, invoices = [sale["id"]], [invoice["id"] for invoice in sale["invoices"]]
    assert domain(upstream.requests[1]) == [
        "OR",
        ["origin.id", "in", sales, "sale.sale"],
        ["origin.sale", "in", sales, "sale.line"],
        ["origin.id", "in", invoices, "account.invoice"],
        ["origin.invoice", "in", invoices, "account.invoice.line"],
    ]


async def test_more_numbers_than_fit_into_an_address_are_several_calls():
    upstream = Upstream()
    upstream.answers("sale.sale", [], [])
    lookups = [look(EntityKind.ORDER, f"SO{number}") for number in range(MAX_NUMBERS + 1)]
    findings = await upstream.fetch(*lookups)
    assert sorted(len(domain(request)[1][1][2]) for request in upstream.requests) == [1, MAX_NUMBERS]
    assert set(findings.found) == set(lookups)


async def test_the_address_of_a_full_batch_fits_through_common_proxies():
    upstream = Upstream()
    upstream.answers("sale.sale", [])
    await upstream.fetch(*(look(kind, f"SO-2026-{n:06}") for n in range(MAX_NUMBERS) for kind in OF_A_SALE))
    [request] = upstream.requests
    assert len(request.url.raw_path) < 8 * 1024


async def test_a_long_answer_is_read_page_by_page():
    upstream = Upstream()
    sale = payload("sale-packed")
    upstream.answers("sale.sale", [sale | {"id": number} for number in range(PAGE)], [sale | {"id": PAGE}])
    findings = await upstream.fetch(asked(EntityKind.ORDER, sale))
    assert [request.url.params["p"] for request in upstream.requests] == ["0", str(PAGE)]
    assert {decoded(request.url.params["o"])[0][0] for request in upstream.requests} == {"id"}
    assert len(findings.found[asked(EntityKind.ORDER, sale)]) == PAGE + 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param(httpx.Response(500, text="<p>'nope'</p>"), UnusableAnswer, id="an unknown field"),
        pytest.param({"error": ["UserError", ["no", ""]]}, UnusableAnswer, id="an error inside a good status"),
        pytest.param(["SO00001"], UnusableAnswer, id="a list of something else"),
        pytest.param(httpx.Response(200, text="<html>"), UnusableAnswer, id="a page"),
        pytest.param(httpx.Response(404, text="<p>Not Found</p>"), Missing, id="an unknown database"),
        pytest.param(httpx.Response(401, text="<p>Unauthorized</p>"), Refused, id="a wrong key"),
    ],
)
async def test_what_is_no_answer_is_an_error_and_counts(answer, error):
    upstream = Upstream()
    upstream.answers("sale.sale", answer)
    with pytest.raises(error):
        await upstream.fetch(look(EntityKind.ORDER, "SO1"))
    assert upstream.http.health().errors_last_minute == 1


async def test_what_was_put_together_is_as_old_as_the_first_answer():
    upstream = Upstream()
    sale = payload("sale-claim-return")
    date, later = "Mon, 23 Nov 2026 17:59:30 GMT", "Mon, 23 Nov 2026 17:59:58 GMT"
    upstream.answers("sale.sale", httpx.Response(200, json=[sale], headers={"Date": date}))
    upstream.answers("sale.complaint", httpx.Response(200, json=payload("complaints"), headers={"Date": later}))
    findings = await upstream.fetch(asked(EntityKind.CLAIM, sale))
    [claim] = findings.found[asked(EntityKind.CLAIM, sale)]
    assert claim.moment == NOW - timedelta(seconds=30)


async def test_customers_are_found_by_code_even_if_inactive():
    upstream = Upstream()
    upstream.answers("party.party", payload("parties"))
    lookups = [look(kind, "C-MEDIC", Scheme.CUSTOMER) for kind in (EntityKind.CUSTOMER, EntityKind.CREDIT)]
    findings = await upstream.fetch(*lookups, read="parties")
    [customer], [credit] = (findings.found[lookup] for lookup in lookups)
    assert (customer.content.name, credit.content.customer_id) == ("Castell Medical", "C-MEDIC")
    assert domain(upstream.requests[0]) == [["code", "in", ["C-MEDIC"]], ["active", "in", [True, False]]]


async def test_stock_is_read_twice_per_warehouse():
    upstream = Upstream(warehouses=["WH"])
    stock = payload("stock")
    upstream.answers("stock.location", [stock["warehouse"]])
    upstream.answers("product.product", stock["on_hand"], stock["free"])
    chairs = look(EntityKind.INVENTORY, "CHR-100", Scheme.SKU)
    findings = await upstream.fetch(chairs, read="stock")
    warehouses, on_hand, free = upstream.requests
    place = {"company": 1, "locations": [stock["warehouse"]["id"]], "stock_skip_warehouse": True}
    assert domain(warehouses) == [["type", "=", "warehouse"], ["code", "in", ["WH"]]]
    assert context(on_hand) == place | {"stock_assign": False}
    assert context(free) == place | {"stock_assign": True}
    assert [position.content.warehouse for position in findings.found[chairs]] == ["WH"]


async def test_the_check_reads_the_company():
    upstream = Upstream(company=7)
    upstream.answers("company.company", [{"id": 7, "__name__": "company.company", "currency": {"code": "EUR"}}])
    await upstream.client.check(upstream.call)
    assert domain(upstream.requests[0]) == [["id", "=", 7]]


async def test_a_company_that_cannot_be_read_is_found_by_the_check():
    upstream = Upstream(company=7)
    upstream.answers("company.company", [])
    with pytest.raises(UnusableAnswer, match="company 7"):
        await upstream.client.check(upstream.call)


def test_the_key_is_never_shown():
    assert "EZ-7-QX" not in repr(settings(token="EZ-7-QX"))
