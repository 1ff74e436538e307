"""Addresses and words that systems give."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.claims import Claim
from domain.customer import Customer
from domain.entities import MODELS
from domain.entity import LONGEST_URL
from domain.foreign import NO_LINKS, Links, Mended, Repair, addresses_in, as_it_stands, cut, mended
from domain.order import Order
from domain.shipment import Shipment

LINKS = Links(frozenset({"erp.example.com", "10.0.0.7", "::1"}))
PLAIN = Links(LINKS.hosts, has_plain=True)
GOOD = "https://erp.example.com/orders/1?a=b%20c&d=(e)#f"


@pytest.mark.parametrize(
    "address",
    [
        GOOD,
        "https://erp.example.com",
        "HTTPS://ERP.example.COM/",
        "https://erp.example.com:8443/x",
        "https://web.erp.example.com/x",
        "https://10.0.0.7/x",
        "https://[::1]:8000/x",
    ],
)
def test_what_is_passed_on_is_as_it_came(address):
    assert LINKS.passed(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "http://erp.example.com/x",
        "javascript:alert(1)",
        "javascript://erp.example.com/%0aalert(1)",
        "data:text/html,<script>",
        "//erp.example.com/x",
        "https:erp.example.com",
        "https:/erp.example.com",
        "https:///erp.example.com",
        "https://evil.example.com/",
        "https://example.com/",
        "https://noterp.example.com/",
        "https://erp.example.com.evil.com/",
        "https://evil.com/erp.example.com",
        "https://evil.com?erp.example.com",
        "https://evil.com#.erp.example.com",
        "https://erp.example.com@evil.com/",
        "https://evil.com@erp.example.com/",
        "https://erp.example.com\\@evil.com/",
        "https://evil.com\\.erp.example.com/",
        "https://evil.com\t.erp.example.com/",
        " https://erp.example.com/",
        "https://erp.example.com/\n",
        "https://erp.example.com/a b",
        "https://erp.example.com/\x00",
        "https://erp.example.com/\u202egnp.exe",
        'https://erp.example.com/"onmouseover="x',
        "https://erp.example.com/<script>",
        "https://\u0435rp.example.com/",
        "https://[::1/",
        "https://10.0.0.8/",
        "https://167772167/",
        "",
        None,
        7,
        [GOOD],
    ],
)
def test_what_leads_elsewhere_or_is_no_address_is_not_passed_on(address):
    assert LINKS.passed(address) is None


def test_an_address_has_a_longest_length():
    longest = GOOD.partition("#")[0] + "x" * (LONGEST_URL - len(GOOD.partition("#")[0]))
    assert LINKS.passed(longest) == longest
    assert LINKS.passed(longest + "x") is None


def test_without_tls_only_where_that_is_said_and_only_to_the_same_hosts():
    assert PLAIN.passed("http://erp.example.com/x") == "http://erp.example.com/x"
    assert PLAIN.passed(GOOD) == GOOD
    assert PLAIN.passed("http://evil.example.com/x") is None
    assert PLAIN.passed("ftp://erp.example.com/x") is None


def test_without_hosts_nothing_is_passed_on():
    assert NO_LINKS.passed(GOOD) is None


@given(st.text(), st.sampled_from(["https://erp.example.com", "https://", "http://", ""]))
def test_whatever_is_passed_on_begins_with_a_host_that_may_be(text, start):
    passed = PLAIN.passed(start + text)
    assert (
        passed is None
        or passed.lower().partition("://")[2].startswith(("erp.example.com", "10.0.0.7", "[::1]"))
        or (".erp.example.com" in passed.lower())
    )


@given(st.text(), st.integers(1, 50))
def test_words_are_cut_visibly_and_only_if_they_have_to_be(words, most):
    short = cut(words, most)
    assert len(short) <= most
    assert short == words or (len(words) > most and short == words[: most - 1] + "\u2026")


def encoded(**data):
    return json.dumps(data).encode()


def test_what_fits_stands_and_what_has_a_foreign_address_does_not():
    good = encoded(id="C-1", name="Acme", url=GOOD)
    assert as_it_stands(Customer, good, LINKS) == Customer(id="C-1", name="Acme", url=GOOD)
    assert as_it_stands(Customer, good, NO_LINKS) is None
    assert as_it_stands(Customer, encoded(id="C-1", name="x" * 201), LINKS) is None
    with pytest.raises(msgspec.DecodeError):
        as_it_stands(Customer, b"{", LINKS)


def test_what_is_mended_says_where_and_how_but_not_what():
    data = {"id": "C-1", "name": "x" * 1_000_000, "url": "javascript:alert(1)", "more": 1}
    told, done = mended(Customer, data, LINKS)
    assert told == {"id": "C-1", "name": "x" * 199 + "\u2026", "url": None, "more": 1}
    assert done == (Mended("Customer.name", Repair.CUT), Mended("Customer.url", Repair.DROPPED))
    assert data["url"] == "javascript:alert(1)"


def test_what_is_inside_is_mended_as_well():
    hold = {"kind": "CREDIT", "reason": "r" * 3_000, "url": "https://evil.example.com/"}
    told, done = mended(Order, {"number": "SO-1", "holds": [hold, {"kind": "OTHER", "url": GOOD}]}, LINKS)
    assert told["holds"] == [
        {"kind": "CREDIT", "reason": "r" * 1_999 + "\u2026", "url": None},
        {"kind": "OTHER", "url": GOOD},
    ]
    assert {each.field for each in done} == {"Hold.url", "Hold.reason"}
    told, _ = mended(Shipment, {"proofOfDelivery": {"url": "x", "signedBy": "y"}}, LINKS)
    assert told["proofOfDelivery"] == {"url": None, "signedBy": "y"}
    told, _ = mended(Claim, {"documents": [{"kind": "k", "url": "x"}, 7], "url": 7}, LINKS)
    assert told == {"documents": [{"kind": "k", "url": None}, 7], "url": None}


def test_no_identifier_and_no_code_is_ever_cut():
    long = {"id": "x" * 300, "email": "y" * 300, "phone": "z" * 300}
    assert mended(Customer, long, LINKS) == (long, ())


@pytest.mark.parametrize("data", [None, 7, "x", [], [[]], {"holds": 7}, {"holds": [7, None]}, {"holds": {"url": "x"}}])
def test_what_is_not_shaped_like_the_model_is_left_to_whoever_decodes_it(data):
    mended(Order, data, LINKS)


def _fields_of(schema, schemas):
    """Every property of a JSON schema and of those that it refers to, by the path of definitions."""
    for name, each in schema.get("properties", {}).items():
        yield name, json.dumps(each)
        yield from (inside for ref in _refs(each) for inside in _fields_of(schemas[ref], schemas))


def _refs(schema):
    match schema:
        case {"$ref": ref}:
            yield ref.rpartition("/")[2]
        case dict():
            yield from (each for value in schema.values() for each in _refs(value))
        case list():
            yield from (each for value in schema for each in _refs(value))


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model.__name__)
def test_every_address_that_a_model_may_hold_is_looked_at(model):
    """Held against the JSON schema, which knows addresses by their pattern."""
    [ref], schemas = msgspec.json.schema_components([model])
    own = schemas[ref["$ref"].rpartition("/")[2]]
    addresses = [name for name, each in _fields_of(own, schemas) if "^https?://" in each]
    _, done = mended(model, _full(own, schemas), LINKS)
    assert len(addresses) == sum(each.repair is Repair.DROPPED for each in done)


def _full(schema, schemas):
    """An object with a foreign address in every place that there is for one, and one object in every place for some."""
    made = {}
    for name, each in schema.get("properties", {}).items():
        refs = [ref for ref in _refs(each) if "properties" in schemas[ref]]
        if "^https?://" in json.dumps(each):
            made[name] = "https://evil.example.com/"
        elif refs:
            inside = [_full(schemas[ref], schemas) for ref in refs]
            made[name] = inside if '"array"' in json.dumps(each) else inside[0]
    return made


def test_every_address_of_a_value_is_found():
    claim = {"number": "CL-1", "kind": "LOSS", "status": "FILED", "url": GOOD, "documents": [{"kind": "a", "isPresent": True, "url": GOOD + "1"}, {"kind": "b", "isPresent": False}]}  # fmt: skip
    assert list(addresses_in(msgspec.convert(claim, Claim))) == [GOOD, GOOD + "1"]
    pod = {"deliveredAt": "2026-11-23T08:30:00Z", "url": GOOD}
    shipment = {"id": "S", "status": "DELIVERED", "trackingUrl": GOOD + "2", "proofOfDelivery": pod}
    assert sorted(addresses_in(msgspec.convert(shipment, Shipment))) == [GOOD, GOOD + "2"]
