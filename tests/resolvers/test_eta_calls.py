"""What the answer of a bot costs the systems of record: counted by kind, and nothing that is kept from it is asked for."""

import json
from collections import Counter
from datetime import timedelta

import pytest
from msgspec.structs import replace

from domain.identity import CaseKey, Scheme
from resolvers.permissions import sight_of
from tests.callers import calling
from tests.resolvers.canaries import AGENT, BOT, FINANCE, PANEL, POSTAL_CODE, ROLES_OF_SOURCES, K, entities
from tests.resolvers.systems import Desk, System
from tests.resolvers.test_canaries import ETA, VIEW, Asking, asked_by_rest

OWN = {
    K.SERVICE_CASE: (Scheme.CASE, "CS-1"),
    K.ORDER: (Scheme.PO, "PO-1"),
    K.SHIPMENT: (Scheme.TRACKING, "T-1"),
    K.INVOICE: (Scheme.INVOICE, "INV-1"),
    K.CUSTOMER: (Scheme.CUSTOMER, "C-1"),
    K.CREDIT: (Scheme.CUSTOMER, "C-1"),
    K.INVENTORY: (Scheme.SKU, "canary-sku"),
}
"""By what else than the order each system can be asked; each kind is in a system of its own."""

ASKED = {
    "orderNumber": ("SO-1", {K.ORDER: 1, K.SHIPMENT: 1}),
    "purchaseOrderNumber": ("PO-1", {K.ORDER: 1, K.SHIPMENT: 1}),
    "trackingNumber": ("T-1", {K.ORDER: 1, K.SHIPMENT: 2}),  # which order it is of, and what else is under way for that
    "invoiceNumber": ("INV-1", {K.ORDER: 1, K.SHIPMENT: 1, K.INVOICE: 1}),
    "caseNumber": ("CS-1", {K.ORDER: 1, K.SHIPMENT: 1, K.SERVICE_CASE: 1}),
}
"""What is asked about which number; beside order and shipment only what tells which order that is, and that once."""


GUESSED = "query($key: CaseKey!, $code: String) { eta(key: $key, postalCode: $code) { kind } }"


def known_entities(*, is_delivered):
    known = entities(is_delivered=is_delivered)
    return known | {K.ORDER: replace(known[K.ORDER], purchase_order_number="PO-1")}


def desk_of(role, *, is_delivered=False, seconds=5.0, **bound):
    systems = []
    for kind, entity in known_entities(is_delivered=is_delivered).items():
        own = OWN.get(kind)
        schemes = (*(() if kind in {K.CUSTOMER, K.CREDIT, K.INVENTORY} else (Scheme.SO,)), *((own[0],) if own else ()))
        knows = {(kind, Scheme.SO, "SO-1"): [entity]} | ({(kind, *own): [entity]} if own else {})
        systems.append(System("source-" + kind.value.lower(), {kind: schemes}, knows))
    caller = calling(role, **bound)
    return Desk(systems, caller=caller, served_as=ROLES_OF_SOURCES, longest=timedelta(seconds=seconds))


def counted(desk):
    """How often each kind was asked for, over all calls."""
    return Counter(lookup.kind for system in desk.systems for call in system.asked for lookup in call)


BOUND = {
    "not bound": {},
    "bound to the customer": {"customer": "C-1"},
    "bound to the case": {"keys": frozenset(CaseKey.quoted(field, number) for field, (number, _) in ASKED.items())},
}


@pytest.mark.parametrize("is_delivered", [False, True])
@pytest.mark.parametrize("bound", BOUND)
@pytest.mark.parametrize("field", ASKED)
async def test_a_bot_has_only_that_asked_which_its_answer_needs(field, bound, is_delivered):
    number, needed = ASKED[field]
    desk = desk_of(BOT, is_delivered=is_delivered, **BOUND[bound])
    heard = await Asking(desk).all_of("EtaAnswer", ETA, key={field: number})
    assert json.loads(heard[-1])["data"]["eta"]["message"]
    assert counted(desk) == needed


@pytest.mark.parametrize("field", ASKED)
async def test_so_has_its_door(field):
    number, needed = ASKED[field]
    desk = desk_of(BOT)
    status, _ = await asked_by_rest(desk, f"{field}={number}&postalCode={POSTAL_CODE}")
    assert (status, counted(desk)) == (200, needed)


@pytest.mark.parametrize("field", ASKED)
async def test_who_guesses_has_no_more_asked_than_who_knows(field):
    number, needed = ASKED[field]
    for asked, code in ((number, "99999"), ("X-1", POSTAL_CODE)):
        desk = desk_of(BOT, seconds=0.5)
        assert (await desk.execute(GUESSED, key={field: asked}, code=code)).data == {"eta": None}
        told_by = {K.FULFILLMENT} if field == "orderNumber" else set()  # whether there is such an order at all
        assert counted(desk).keys() <= needed.keys() | told_by


@pytest.mark.parametrize("role", [BOT, PANEL, FINANCE, AGENT])
@pytest.mark.parametrize("field", ASKED)
async def test_whoever_asks_has_nothing_asked_that_they_may_not_conclude_from(field, role):
    number, needed = ASKED[field]
    desk = desk_of(role)
    await Asking(desk).all_of("EtaAnswer", ETA, key={field: number})
    sight = sight_of(frozenset({role}))
    assert needed.keys() <= counted(desk).keys() <= sight.concluding | needed.keys()
    assert K.CREDIT not in counted(desk)


async def test_a_view_of_who_may_see_more_asks_for_what_a_bot_has_not_asked():
    """Otherwise nothing would follow from what is not counted."""
    desk = desk_of(AGENT)
    await Asking(desk).all_of("CaseView", VIEW, key={"orderNumber": "SO-1"})
    assert counted(desk).keys() == set(K)
