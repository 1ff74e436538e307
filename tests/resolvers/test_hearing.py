"""Who hears which operational event, type by type and role by role, and that nobody hears a word that is not for them."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import fields as fields_of
from msgspec.structs import replace as replace_in

from domain.billing import CreditState
from domain.conclusions import Conclusions
from domain.conclusions import news_of as news_of_conclusions
from domain.discrepancy import Discrepancy, DiscrepancyState, Evidence, Severity
from domain.hold import HoldKind
from domain.identity import EntityKey, EntityKind
from domain.known import Nature, known_of, merge
from domain.observation import Channel, Snapshot
from domain.operational import OperationalEvent, OperationalEventType, news_of
from domain.order import OrderStatus
from domain.shipment import MilestoneCode
from resolvers.permissions import SECTIONS, hears, sight_of
from tests.callers import calling
from tests.resolvers.canaries import (
    AGENT,
    BOT,
    FINANCE,
    OPS,
    PANEL,
    SEEN_BY,
    THEN,
    canary_desk,
    entities,
    told_by_carrier,
)
from tests.resolvers.listening import listened

COLUMNS = (AGENT, PANEL, BOT, FINANCE, OPS)
TABLE = {
    "ORDER_RELEASED": "yes yes no yes no",
    "ORDER_HELD": "yes no no yes no",
    "PICK_CONFIRMED": "yes yes no no no",
    "SHIPMENT_TENDER_ACCEPTED": "yes yes no yes no",
    "LOAD_CONFIRMED": "yes yes no no no",
    "IN_TRANSIT_MILESTONE": "yes yes no yes no",
    "ETA_CHANGED": "yes yes no yes no",
    "PROOF_OF_DELIVERY": "yes yes no yes no",
    "SHIPMENT_EXCEPTION": "yes no no yes no",
    "RETURN_RECEIVED": "yes yes no yes no",
    "INVOICE_POSTED": "yes no no yes no",
    "CREDIT_HELD": "yes no no yes no",
    "CLAIM_UPDATED": "yes yes no yes no",
    "DISCREPANCY_FOUND": "yes no no no no",
    "DISCREPANCY_CLEARED": "yes no no no no",
}
"""Written out here once more, so that a slip in the table of the gateway is noticed."""

TYPES = tuple(OperationalEventType)
FIELDS = tuple(each.encode_name for each in fields_of(OperationalEvent))
HEARD = f"subscription($of: ID) {{ operationalEvents(customerId: $of) {{ {' '.join(FIELDS)} cursor }} }}"


def heard_by(kind):
    return {role for role, told in zip(COLUMNS, TABLE[kind.name].split(), strict=True) if told == "yes"}


@dataclass
class Script:
    """Everything that happens, to whoever listens."""

    events: list[OperationalEvent]

    async def listen(self, _):
        for place, event in enumerate(self.events):
            yield Heard(event, str(place))


@dataclass
class Heard:
    event: OperationalEvent
    cursor: str


async def heard(role, events, of=None, **bound):
    """What somebody of a role hears of what happens, as it is sent."""
    desk = canary_desk(role, caller=calling(role, **bound))
    gateway = replace(desk.gateway, operational_events=Script(list(events)))
    return [answer.body async for answer in listened(gateway, HEARD, desk.caller, of=of)]


def told(answers):
    return [each["data"]["operationalEvents"] for each in answers if each.get("data")]


def laden(kind, customer="C-1"):
    """An event whose every text is a word that is found again."""
    words = {
        name: f"canary-{kind.name}-{name}"
        for name in ("id", "order_number", "shipment_id", "summary", "correlation_id")
    }
    return OperationalEvent(type=kind, occurred_at=THEN, customer_id=customer, **words)


def test_every_type_has_a_row():
    assert list(TABLE) == [kind.name for kind in TYPES]


def test_every_text_of_an_event_is_a_canary():
    event = laden(TYPES[0], "canary-customer")
    plain = {"type", "occurred_at"}
    assert {name for name in event.__struct_fields__ if "canary" in str(getattr(event, name))} | plain == set(
        event.__struct_fields__
    )


@pytest.mark.parametrize("role", COLUMNS)
async def test_who_hears_which(role):
    answers = await heard(role, [laden(kind, f"canary-{kind.name}-customer") for kind in TYPES])
    mine = [kind for kind in TYPES if role in heard_by(kind)]
    assert [each["type"] for each in told(answers)] == [kind.name for kind in mine]
    said = json.dumps(answers)
    words = ("id", "order_number", "shipment_id", "summary", "correlation_id", "customer")
    for kind in TYPES:
        assert {f"canary-{kind.name}-{word}" in said for word in words} == {kind in mine}
    assert (mine == []) is ("FORBIDDEN" in said)


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("role", COLUMNS)
def test_the_table_of_the_gateway(role, kind):
    assert hears(sight_of(frozenset({role})), kind) is (role in heard_by(kind))


@pytest.mark.parametrize("role", [AGENT, PANEL, FINANCE])
async def test_who_asks_for_what_is_not_for_them_hears_nothing_of_it(role):
    desk = canary_desk(role)
    document = "subscription($types: [OperationalEventType!]) { operationalEvents(types: $types) { type summary } }"
    gateway = replace(desk.gateway, operational_events=Script([laden(kind) for kind in TYPES]))
    for kind in TYPES:
        answers = [each.body async for each in listened(gateway, document, desk.caller, types=[kind.name])]
        assert [each["type"] for each in told(answers)] == ([kind.name] if role in heard_by(kind) else [])


@pytest.mark.parametrize("of", [None, "C-1", "C-2"])
@pytest.mark.parametrize("role", [AGENT, PANEL, FINANCE])
async def test_who_is_bound_to_a_customer_hears_of_no_other_and_of_nobodys(role, of):
    events = [laden(kind, customer) for kind in TYPES for customer in ("C-1", "C-2", None)]
    answers = told(await heard(role, events, of=of, customer="C-1"))
    mine = [kind.name for kind in TYPES if role in heard_by(kind)]
    assert [each["type"] for each in answers] == (mine if of != "C-2" else [])
    assert {each["customerId"] for each in answers} <= {"C-1"}


# What events say is made of entities every text of which is a canary: whoever hears one finds no word that is not for them.

NATURE = Nature()
LATER = THEN + timedelta(days=1)


def seen(kind, content, at):
    key = EntityKey(tenant="main", source="source-canary", kind=kind, id="X-1")
    return known_of(Snapshot(key, content, at, at, Channel.EVENT))


def change(kind, then, now):
    before = seen(kind, then, THEN)
    return news_of(before, merge(before, seen(kind, now, LATER), NATURE), "c-1")


def changes_of(kind, status, **changed):
    """The entity of the canaries, as it becomes so."""
    entity = entities(is_delivered=changed.pop("is_delivered", False))[kind]
    before, after = (type(entity.status)[each] for each in status)
    return change(kind, replace_in(entity, status=before), replace_in(entity, status=after, **changed))


K = EntityKind


def milestones(code):
    shipment = entities(is_delivered=False)[K.SHIPMENT]
    told = told_by_carrier(MilestoneCode[code], LATER, "canary-milestone-credit")
    return change(
        K.SHIPMENT,
        replace_in(shipment, exceptions=()),
        replace_in(shipment, milestones=(*shipment.milestones, told), exceptions=()),
    )


def held(kind):
    order = replace_in(entities(is_delivered=False)[K.ORDER], status=OrderStatus.RELEASED)
    holds = tuple(each for each in order.holds if each.kind is kind)
    return change(K.ORDER, replace_in(order, holds=()), replace_in(order, holds=holds))


def excepted():
    shipment = entities(is_delivered=False)[K.SHIPMENT]
    lasting = tuple(replace_in(each, cleared_at=None) for each in shipment.exceptions)
    bare = replace_in(shipment, milestones=())
    return change(K.SHIPMENT, replace_in(bare, exceptions=()), replace_in(bare, exceptions=lasting))


def moved():
    shipment = entities(is_delivered=False)[K.SHIPMENT]
    return change(
        K.SHIPMENT,
        shipment,
        replace_in(shipment, eta=replace_in(shipment.eta, estimated_at=datetime(2026, 12, 3, tzinfo=UTC))),
    )


def credit_held():
    credit = entities(is_delivered=False)[K.CREDIT]
    return change(K.CREDIT, replace_in(credit, status=CreditState.OK), credit)


def contradiction(*, is_over):
    found = Discrepancy(
        id="d-1",
        rule="canary-rule",
        state=DiscrepancyState.OPEN,
        severity=Severity.HIGH,
        summary="canary-hold-reason, 50001.23, 1234.56, canary-warehouse, source-wms",
        evidence=(Evidence("source-wms", "Order SO-1", "canary-credit-reason", THEN),),
        suggested_action="canary-action",
        raised_at=THEN,
    )
    none, some = Conclusions("SO-1"), Conclusions("SO-1", findings=(found,))
    over = Conclusions("SO-1", findings=(replace_in(found, state=DiscrepancyState.CLEARED, cleared_at=LATER),))
    return news_of_conclusions(some, over, "C-1") if is_over else news_of_conclusions(none, some, "C-1")


CHANGES = {
    "an order is released": (K.ORDER, changes_of(K.ORDER, ("CONFIRMED", "RELEASED"), holds=())),
    **{f"an order is held: {kind.name}": (K.ORDER, held(kind)) for kind in (HoldKind.CREDIT, HoldKind.MANUAL, HoldKind.OTHER, HoldKind.QUALITY)},
    "an order is on hold": (K.ORDER, changes_of(K.ORDER, ("RELEASED", "ON_HOLD"), holds=())),
    "a delivery is picked": (K.FULFILLMENT, changes_of(K.FULFILLMENT, ("PARTIALLY_PICKED", "PICKED"))),
    "a delivery is loaded": (K.FULFILLMENT, changes_of(K.FULFILLMENT, ("PICKED", "LOADED"))),
    **{f"a milestone: {code}": (K.SHIPMENT, milestones(code)) for code in ("TENDER_ACCEPTED", "LOADED", "ARRIVED", "CUSTOMS_HOLD", "EXCEPTION_RAISED")},
    "another time": (K.SHIPMENT, moved()),
    "an exception": (K.SHIPMENT, excepted()),
    "delivered": (K.SHIPMENT, changes_of(K.SHIPMENT, ("IN_TRANSIT", "DELIVERED"), is_delivered=True)),
    "a return is there": (K.RETURN, changes_of(K.RETURN, ("IN_TRANSIT", "RECEIVED"))),
    "an invoice is posted": (K.INVOICE, changes_of(K.INVOICE, ("DRAFT", "OPEN"))),
    "credit is held": (K.CREDIT, credit_held()),
    "a claim goes on": (K.CLAIM, changes_of(K.CLAIM, ("FILED", "APPROVED"))),
    "contradicted": (None, contradiction(is_over=False)),
    "contradicted no more": (None, contradiction(is_over=True)),
}  # fmt: skip
"""What an entity full of canaries tells when it changes, and of which kind it is; a contradiction is about any."""


def test_every_type_is_told_of_by_some_change():
    assert {event.type for _, events in CHANGES.values() for event in events} == set(TYPES)
    assert not [name for name, (_, events) in CHANGES.items() if not events]


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("role", COLUMNS)
async def test_no_word_that_is_not_for_them_is_in_what_anybody_hears(role, name):
    _, events = CHANGES[name]
    said = json.dumps(await heard(role, events))
    assert [word for word, seen_by in SEEN_BY.items() if role not in seen_by and word in said] == []


@pytest.mark.parametrize("name", [name for name, (kind, _) in CHANGES.items() if kind])
@pytest.mark.parametrize("role", COLUMNS)
async def test_nobody_hears_of_what_is_in_a_section_that_they_may_not_see(role, name):
    kind, events = CHANGES[name]
    assert role in SECTIONS[kind] or told(await heard(role, events)) == []


@pytest.mark.parametrize("role", [AGENT, PANEL, FINANCE])
async def test_who_may_not_see_credit_hears_nothing_of_it(role):
    said = json.dumps([await heard(role, events) for _, events in CHANGES.values()]).lower()
    assert ("credit" in said) is (role is not PANEL)
