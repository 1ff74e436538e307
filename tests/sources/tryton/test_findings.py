from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.identity import EntityKind, Reference, Scheme
from domain.lookup import Lookup
from sources.tryton import OF_A_SALE
from sources.tryton.dossier import Dossier, dossiers
from sources.tryton.findings import Shelf, findings, merged, stock_findings
from sources.tryton.search import at, known_as
from tests.sources.tryton.recorded import POINTERS, SALES, asked, found, payload, pointers, vantage


def look(kind, scheme, value, issuer=None):
    return Lookup(kind=kind, by=Reference(scheme=scheme, value=value, issuer=issuer))


def test_a_record_that_cannot_be_read_spoils_no_other():
    bad, good = payload("sale-packed"), payload("sale-picked")
    bad["total_amount"] = "a lot"
    both = found(EntityKind.ORDER, [bad, good])
    assert both.unusable == {
        asked(EntityKind.ORDER, bad): "ORDER: total_amount: Value error, not a decimal as Tryton writes it"
    }
    assert set(both.found) == {asked(EntityKind.ORDER, good)}


def test_a_part_that_cannot_be_read_spoils_only_what_is_made_of_it():
    sale = payload("sale-in-transit")
    sale["invoices"][0]["amount_to_pay"] = None
    assert found(EntityKind.INVOICE, [sale]).unusable
    assert found(EntityKind.ORDER, [sale]).unusable == {}
    assert found(EntityKind.FULFILLMENT, [sale]).unusable == {}


@pytest.mark.parametrize(
    ("kind", "part", "field"),
    [
        pytest.param(EntityKind.CREDIT, lambda sale: sale["party"], "credit_limit_amount", id="a limit"),
        pytest.param(EntityKind.INVOICE, lambda sale: sale, "invoices", id="all invoices"),
        pytest.param(EntityKind.FULFILLMENT, lambda sale: sale, "shipments", id="all deliveries"),
        pytest.param(EntityKind.RETURN, lambda sale: sale, "shipment_returns", id="all returns"),
        pytest.param(EntityKind.CUSTOMER, lambda sale: sale, "party", id="the customer"),
    ],
)
def test_what_the_user_may_not_see_is_missed_and_not_taken_for_nothing(kind, part, field):
    sale = payload("sale-in-transit")
    del part(sale)[field]
    [reason] = found(kind, [sale]).unusable.values()
    assert reason.endswith(f"{field}: Field required")


def test_no_reason_repeats_what_was_sent():
    sale = payload("sale-in-transit")
    sale["number"] = sale["invoices"][0]["number"] = "secret" * 50
    reasons = [found(kind, [sale | {"number": "SO1", "state": ["secret"]}]).unusable for kind in OF_A_SALE]
    assert reasons
    assert not any("secret" in reason for reasons_ in reasons for reason in reasons_.values())


@pytest.mark.parametrize("pointer", ["complaints", "corrections"])
def test_a_record_that_does_not_say_what_it_is_about_may_be_about_any_order(pointer):
    told = pointers()
    told[pointer] = [{"id": 1, "__name__": "sale.complaint", "origin": 7, "lines": None}]
    sale = payload("sale-paid-1")
    [dossier] = dossiers([sale], **told)
    assert len(getattr(dossier, pointer)) == 1


@pytest.mark.parametrize(
    ("kind", "scheme", "value", "ids"),
    [
        pytest.param(EntityKind.ORDER, Scheme.SO, "SO00018", ["SO00018"], id="an order by its number"),
        pytest.param(EntityKind.ORDER, Scheme.TRACKING, "FF0000000019-1", ["SO00018"], id="an order by a package"),
        pytest.param(EntityKind.FULFILLMENT, Scheme.PO, "PO-7018", ["SHP00019", "SHP00020"], id="all its deliveries"),
        pytest.param(EntityKind.FULFILLMENT, Scheme.TRACKING, "FF0000000019-1", ["SHP00019"], id="one by its package"),
        pytest.param(EntityKind.FULFILLMENT, Scheme.TRACKING, "FF0000000019", ["SHP00019"], id="one by its tracking"),
        pytest.param(EntityKind.FULFILLMENT, Scheme.DELIVERY, "SHP00020", ["SHP00020"], id="one by its number"),
        pytest.param(EntityKind.FULFILLMENT, Scheme.SHIPMENT_ID, "SHP00020", ["SHP00020"], id="one by shipment id"),
        pytest.param(EntityKind.ORDER, Scheme.SO, "SO99999", [], id="nothing by an unknown number"),
    ],
)
def test_who_asks_for_one_gets_one_and_who_asks_for_the_order_gets_all(kind, scheme, value, ids):
    lookup = look(kind, scheme, value)
    known = dossiers([payload("sale-split-shipment"), payload("sale-packed")], **pointers())
    answered = findings([lookup], known, Dossier.is_known_as, vantage()).found[lookup]
    names = [getattr(each.content, "number", None) or each.content.id for each in answered]
    assert names == ids


@pytest.mark.parametrize(
    ("issuer", "customers"),
    [
        pytest.param(None, ["C-NORTH", "C-SCHOOL"], id="nobody says whose"),
        pytest.param("C-SCHOOL", ["C-SCHOOL"], id="one customer's"),
        pytest.param("C-OTHER", [], id="another customer's"),
    ],
)
def test_two_customers_may_use_the_same_number(issuer, customers):
    ours, theirs = payload("sale-split-shipment"), payload("sale-packed")
    theirs["reference"] = ours["reference"]
    lookup = look(EntityKind.ORDER, Scheme.PO, ours["reference"], issuer)
    answered = findings([lookup], dossiers([ours, theirs]), Dossier.is_known_as, vantage()).found[lookup]
    assert [each.content.customer_id for each in answered] == customers


def test_every_number_is_searched_once_and_where_it_stands():
    numbers = [look(kind, Scheme.SO, "SO1").by for kind in OF_A_SALE]
    numbers += [Reference(scheme=Scheme.TRACKING, value=value, issuer="FastFreight") for value in ("T1", "T2")]
    assert known_as(numbers) == [
        "OR",
        ["number", "in", ["SO1"]],
        ["shipments.shipping_reference", "in", ["T1", "T2"]],
        ["shipments.packages.shipping_reference", "in", ["T1", "T2"]],
    ]


def test_a_path_leads_through_lists_and_past_nulls():
    record = {"lines": [{"product": {"code": "A"}}, {"product": None}, {}, 7, {"product": {"code": "B"}}]}
    assert list(at(record, "lines.product.code")) == ["A", "B"]


def stocked(**changes):
    stock = payload("stock")
    return Shelf(**(stock | changes))


def test_stock_is_what_is_there_less_what_is_set_aside():
    chairs = look(EntityKind.INVENTORY, Scheme.SKU, "CHR-100")
    [position] = stock_findings([chairs], [stocked()], vantage()).found[chairs]
    assert (position.content.warehouse, position.content.on_hand) == ("WH", 126)
    assert position.content.on_hand == position.content.allocated + position.content.available
    assert position.as_of is None


def test_an_item_that_no_warehouse_keeps_has_no_position():
    transport = look(EntityKind.INVENTORY, Scheme.SKU, "SHIP")
    assert stock_findings([transport], [stocked()], vantage()).found == {transport: ()}


def test_stock_that_cannot_be_read_spoils_only_its_item():
    stock = payload("stock")
    stock["free"][0]["quantity"] = "many"
    spoiled, fine = (look(EntityKind.INVENTORY, Scheme.SKU, row["code"]) for row in stock["free"])
    answered = stock_findings([spoiled, fine], [Shelf(**stock)], vantage())
    assert set(answered.unusable) == {spoiled}
    assert len(answered.found[fine]) == 1


def test_findings_of_several_calls_are_one():
    first, second = (found(EntityKind.CLAIM, [payload(f"sale-{label}")]) for label in ("claim-line", "claim-return"))
    both = merged([first, second, first])
    assert len(both.found) == 2
    assert len(both.unmapped) == 1


def places(value, path=()):
    """Every place in a JSON value."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield (*path, key)
        yield from places(child, (*path, key))


def inside_records(name):
    """The places inside the records of an answer; that it is a list of records has been seen to by the client."""
    depth = {"complaints": 1, "return_sales": 1, "corrections": 1, "stock": 2}.get(name, 0)
    return [(name, place) for place in places(EVERYTHING[name]) if len(place) > depth]


EVERYTHING = {name: payload(name) for name in (*SALES, *POINTERS, "stock")}
PLACES = [place for name in (*SALES, *POINTERS) for place in inside_records(name)]
MISSING = object()
ODDITIES = st.one_of(
    st.sampled_from([MISSING, None, "", "new", [], {}, [None], True, -1, 10**30, 1e308]),
    st.builds(lambda digits: {"__class__": "Decimal", "decimal": digits}, st.text("0123456789.-eNainfty", max_size=6)),
    st.text(max_size=5),
    st.floats(allow_nan=False),
    st.integers(),
)


def mutated(name, place, oddity):
    recorded = deepcopy(EVERYTHING)
    *way, last = place
    parent = recorded[name]
    for step in way:
        parent = parent[step]
    if oddity is MISSING:
        del parent[last]
    else:
        parent[last] = oddity
    return recorded


@settings(max_examples=200)
@given(st.sampled_from(PLACES), ODDITIES)
def test_nothing_that_is_sent_raises(where, oddity):
    name, place = where
    recorded = mutated(name, place, oddity)
    sales = [recorded[name]] if name in SALES else [recorded["sale-claim-return"], recorded["sale-claim-credit-note"]]
    lookups = [asked(kind, EVERYTHING[each]) for each in SALES for kind in OF_A_SALE]
    known = dossiers(sales, **{pointer: recorded[pointer] for pointer in POINTERS})
    answered = findings(lookups, known, Dossier.is_known_as, vantage())
    assert set(answered.found) | set(answered.unusable) == set(lookups)


@given(st.sampled_from(inside_records("stock")), ODDITIES)
def test_no_stock_that_is_sent_raises(where, oddity):
    stock = mutated(*where, oddity)["stock"]
    lookups = [look(EntityKind.INVENTORY, Scheme.SKU, sku) for sku in ("CHR-100", "CAB-500", "SHIP")]
    answered = stock_findings(lookups, [Shelf(**stock)], vantage())
    assert set(answered.found) | set(answered.unusable) == set(lookups)
