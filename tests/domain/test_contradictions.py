"""Each rule: when it speaks, when it does not, how bad it is, and that it is not sure while something is missing."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from domain.billing import CreditNote, CreditState, CreditStatus, Invoice, InvoiceStatus
from domain.case_view import Answered, Failed, Part, section_of
from domain.claims import Claim, ClaimKind, ClaimStatus
from domain.contradictions import NEEDED, RULES, discrepancies_of
from domain.discrepancy import DiscrepancyState, Severity
from domain.errors import ProblemCode
from domain.eta import best_eta
from domain.freshness import FreshnessState, Origin, SourceProblem
from domain.fulfillment import Fulfillment, FulfillmentLine, FulfillmentStatus, Package
from domain.identity import EntityKey, EntityKind
from domain.inventory import InventoryPosition
from domain.money import Money
from domain.order import Order, OrderLine, OrderStatus
from domain.returns import Return, ReturnStatus
from domain.service_case import CaseKind, ServiceCase, ServiceCaseStatus
from domain.shipment import (
    Classifier,
    ExceptionKind,
    Milestone,
    MilestoneCode,
    Party,
    ProofOfDelivery,
    Shipment,
    ShipmentException,
    ShipmentStatus,
    TransportMode,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
OLD = timedelta(days=30)
KINDS = {
    Order: EntityKind.ORDER,
    Shipment: EntityKind.SHIPMENT,
    Fulfillment: EntityKind.FULFILLMENT,
    Invoice: EntityKind.INVOICE,
    CreditStatus: EntityKind.CREDIT,
    Return: EntityKind.RETURN,
    Claim: EntityKind.CLAIM,
    ServiceCase: EntityKind.SERVICE_CASE,
    InventoryPosition: EntityKind.INVENTORY,
}


def eur(amount):
    return Money(amount=Decimal(amount), currency="EUR")


def order(status="RELEASED", shipped=None, invoiced=None, **fields):
    def quantity(told):
        return None if told is None else Decimal(told)

    line = OrderLine(
        line_number="1",
        sku="A",
        ordered_quantity=Decimal(10),
        shipped_quantity=quantity(shipped),
        invoiced_quantity=quantity(invoiced),
    )
    return Order(number="SO-1", status=OrderStatus[status], lines=(line,), **fields)


def scan(hours_ago, code="DEPARTED"):
    moment = NOW - timedelta(hours=hours_ago)
    return Milestone(
        code=MilestoneCode[code],
        classifier=Classifier.ACTUAL,
        occurred_at=moment,
        recorded_at=moment,
        source_code=code,
        source="tms",
    )


def with_freight(sold):
    one = Decimal(1)
    line = OrderLine(line_number="2", sku="FREIGHT", ordered_quantity=one, invoiced_quantity=one)
    return replace(sold, lines=(*sold.lines, line))


def shipment(status="IN_TRANSIT", name="S-1", **fields):
    return Shipment(id=name, order_numbers=("SO-1",), status=ShipmentStatus[status], **fields)


def delivery(status="PICKED", picked=10, shipped=None, packages=(), allocated=None):
    line = FulfillmentLine(
        sku="A",
        ordered_quantity=Decimal(10),
        picked_quantity=Decimal(picked),
        shipped_quantity=None if shipped is None else Decimal(shipped),
        allocated_quantity=None if allocated is None else Decimal(allocated),
    )
    return Fulfillment(
        id="D-1", order_number="SO-1", status=FulfillmentStatus[status], lines=(line,), packages=tuple(packages)
    )


def invoice(status="OPEN", **fields):
    about = {"number": "I-1", "order_numbers": ("SO-1",), "total": eur(100), "balance": eur(100)}
    return Invoice(status=InvoiceStatus[status], **about | fields)


def credit(status):
    return CreditStatus(customer_id="C-1", status=CreditState[status])


def returned(status="RECEIVED", **fields):
    return Return(number="R-1", order_number="SO-1", status=ReturnStatus[status], **fields)


def trouble(kind, ago=OLD, cleared=False):
    raised_at = NOW - ago
    return ShipmentException(
        kind=ExceptionKind[kind], party=Party.CARRIER, raised_at=raised_at, cleared_at=NOW if cleared else None
    )


def case(kind="LOSS", status="OPEN"):
    return ServiceCase(
        number="CS-1",
        subject="Where are my brakes?",
        kind=CaseKind[kind],
        status=ServiceCaseStatus[status],
        opened_at=NOW - OLD,
    )


def claim():
    return Claim(number="CL-1", shipment_id="S-1", kind=ClaimKind.DAMAGE, status=ClaimStatus.FILED)


def stock(available):
    return InventoryPosition(
        sku="A", warehouse="W", on_hand=Decimal(5), allocated=Decimal(8), available=Decimal(available)
    )


def proof(hour, source="tms", name="S-1"):
    at = datetime(2026, 11, 20, hour, tzinfo=UTC)
    about = shipment("DELIVERED", name, tracking_number="1Z1", proof_of_delivery=ProofOfDelivery(delivered_at=at))
    return (about, source)


def answered(entity, source, ago, state):
    key = EntityKey(tenant="main", source=source, kind=KINDS[type(entity)], id="x")
    part = Part(key, entity, as_of=None if ago is None else NOW - ago, verified_at=NOW, origin=Origin.API, state=state)
    return Answered(source, (part,), NOW, Origin.API, state=state)


def view(*told, ago=OLD, state=FreshnessState.FRESH, missing=()):
    told = [each if isinstance(each, tuple) else (each, KINDS[type(each)].value.lower()) for each in told]
    sections = {}
    for kind in NEEDED:
        outcomes = [answered(entity, source, ago, state) for entity, source in told if KINDS[type(entity)] is kind]
        outcomes = outcomes or [Answered("erp", (), NOW, Origin.API)]
        if kind in missing:
            outcomes = [Failed(SourceProblem(ProblemCode.TIMEOUT, "x", "too slow", "c"))]
        sections[kind] = section_of(kind, outcomes, now=NOW)
    return sections


def found(*told, now=NOW, graces=None, **how):
    return discrepancies_of(view(*told, **how), now, graces)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param([shipment(), delivery("PARTIALLY_PICKED", picked=4)], {"dispatched-not-picked": "HIGH"}, id="D1"),
        pytest.param([shipment(), delivery("PICKED", picked=10)], {}, id="D1: it is picked"),
        pytest.param([shipment("TENDERED"), delivery("PARTIALLY_PICKED", picked=4)], {}, id="D1: nobody has it yet"),
        pytest.param(
            [
                shipment(tracking_number="1Z1"),
                delivery("SHIPPED", picked=4, packages=[Package(id="P", tracking_number="1Z1")]),
            ],
            {},
            id="D1: what it carries has left",
        ),
        pytest.param([invoice(), order(shipped=0), delivery()], {"invoiced-not-shipped": "HIGH"}, id="D2"),
        pytest.param(
            [invoice(), order(), delivery("WAITING_STOCK", 0)], {"invoiced-not-shipped": "HIGH"}, id="D2: waiting"
        ),
        pytest.param([invoice("DRAFT"), order(shipped=0), delivery()], {}, id="D2: a draft asks for nothing"),
        pytest.param([invoice(), order(), delivery("SHIPPED", 10, shipped=10)], {}, id="D2: it has left"),
        pytest.param(
            [invoice(), with_freight(order(shipped=10, invoiced=10)), delivery("SHIPPED", 10, shipped=10)],
            {},
            id="D2: freight is invoiced and never leaves a warehouse",
        ),
        pytest.param([invoice(total=eur(-5)), order(shipped=0)], {}, id="D2: a credit"),
        pytest.param(
            [shipment("DELIVERED"), delivery("PICKED"), invoice(order_numbers=("SO-9",))],
            {"delivered-not-shipped": "HIGH"},
            id="D4",
        ),
        pytest.param([shipment("DELIVERED"), order()], {"delivered-not-invoiced": "MEDIUM"}, id="D6, for long"),
        pytest.param([shipment("DELIVERED"), shipment(name="S-2"), order()], {}, id="D6: not everything"),
        pytest.param(
            [order(shipped=8, invoiced=10), invoice(), delivery("SHIPPED", 10, shipped=10)],
            {"invoiced-quantity-differs": "HIGH"},
            id="D7: too much",
        ),
        pytest.param(
            [order(shipped=10, invoiced=8), invoice()], {"invoiced-quantity-differs": "LOW"}, id="D7: too little"
        ),
        pytest.param([order(shipped=10, invoiced=8)], {}, id="D7: no invoice yet"),
        pytest.param([order("CANCELLED"), shipment()], {"cancelled-but-moving": "CRITICAL"}, id="D9"),
        pytest.param([order("CANCELLED"), shipment("RETURNING")], {}, id="D9: it comes back"),
        pytest.param([case(), shipment("DELIVERED")], {"delivered-but-missed": "HIGH"}, id="D10"),
        pytest.param([case(status="CLOSED"), shipment("DELIVERED")], {}, id="D10: settled"),
        pytest.param([case("WISMO"), shipment("DELIVERED")], {}, id="D10: another question"),
        pytest.param([returned()], {"returned-not-credited": "MEDIUM"}, id="D11"),
        pytest.param(
            [returned(), invoice("CREDITED", credits=(CreditNote(number="C", amount=eur(1)),))], {}, id="D11: credited"
        ),
        pytest.param([credit("BLOCKED_ALL"), shipment()], {"credit-blocked-but-moving": "HIGH"}, id="D12a"),
        pytest.param([credit("RELEASED"), shipment()], {}, id="D12a: released"),
        pytest.param(
            [credit("OK"), shipment(exceptions=(trouble("CREDIT_HOLD"),))],
            {"held-though-credit-is-well": "MEDIUM"},
            id="D12b",
        ),
        pytest.param(
            [order(promised_delivery_on=date(2026, 11, 24)), shipment(eta=best_eta(estimate=date(2026, 11, 25)))],
            {"late-for-its-promise": "MEDIUM"},
            id="D13",
        ),
        pytest.param(
            [order(promised_delivery_on=date(2026, 11, 24)), shipment(eta=best_eta(estimate=date(2026, 11, 24)))],
            {},
            id="D13: in time",
        ),
        pytest.param(
            [shipment(eta=best_eta(estimate=NOW - timedelta(hours=5)))],
            {"late-for-its-promise": "MEDIUM"},
            id="D13: past",
        ),
        pytest.param([shipment(eta=best_eta(estimate=NOW - timedelta(hours=3)))], {}, id="D13: not past for long"),
        pytest.param([shipment(exceptions=(trouble("DAMAGE"),))], {"damaged-not-claimed": "MEDIUM"}, id="D15"),
        pytest.param([shipment(exceptions=(trouble("DAMAGE", timedelta(days=1)),))], {}, id="D15: there is time"),
        pytest.param([shipment(exceptions=(trouble("DAMAGE", cleared=True),))], {}, id="D15: cleared"),
        pytest.param([shipment(exceptions=(trouble("DAMAGE"),)), claim()], {}, id="D15: claimed"),
        pytest.param([shipment(exceptions=(trouble("DELAY"),))], {}, id="D15: late is not lost"),
        pytest.param([proof(8), proof(14, "portal", "S-2"), invoice()], {"delivered-at-two-times": "LOW"}, id="D19"),
        pytest.param([proof(8), proof(9, "portal", "S-2"), invoice()], {}, id="D19: about the same"),
        pytest.param([proof(8), proof(14, "tms", "S-2"), invoice()], {}, id="D19: of one system"),
        pytest.param([shipment("PARTIALLY_DELIVERED")], {"partly-delivered": "HIGH"}, id="D8"),
        pytest.param([shipment(milestones=(scan(49),))], {"silent-on-its-way": "MEDIUM"}, id="D16"),
        pytest.param([shipment(milestones=(scan(47),))], {}, id="D16: heard of lately"),
        pytest.param(
            [shipment(mode=TransportMode.LTL, milestones=(scan(25),))], {"silent-on-its-way": "MEDIUM"}, id="D16: road"
        ),
        pytest.param([shipment(mode=TransportMode.OCEAN, milestones=(scan(100),))], {}, id="D16: at sea"),
        pytest.param(
            [shipment(milestones=(scan(60), scan(1, "UNKNOWN")))],
            {"silent-on-its-way": "MEDIUM"},
            id="D16: a word is no news",
        ),
        pytest.param([shipment("DELIVERED", milestones=(scan(90),)), invoice()], {}, id="D16: it is there"),
        pytest.param(
            [invoice("OVERDUE", order_numbers=("SO-9",), customer_id="C-1"), order(customer_id="C-1")],
            {"released-though-owing": "MEDIUM"},
            id="D20",
        ),
        pytest.param(
            [invoice("OVERDUE", order_numbers=("SO-9",), customer_id="C-2"), order(customer_id="C-1")],
            {},
            id="D20: another customer",
        ),
        pytest.param([stock(-3)], {"more-promised-than-there-is": "MEDIUM"}, id="D22"),
        pytest.param(
            [delivery("ALLOCATED", 0, shipped=4, allocated=8)],
            {"more-promised-than-there-is": "MEDIUM"},
            id="D22: a line",
        ),
        pytest.param([delivery("SHIPPED", 10, shipped=10, allocated=10)], {}, id="D22: an allocation that is kept"),
        pytest.param([], {}, id="nothing at all"),
    ],
)
def test_each_rule(told, expected):
    assert {each.rule: each.severity.name for each in found(*told)} == expected


def test_it_says_what_each_system_says_in_its_own_words():
    tms = shipment(source_status="in_transit")
    [told] = found(tms, delivery("PARTIALLY_PICKED", picked=4))
    assert told.summary == "The carrier has shipment S-1; the warehouse has picked 4 of 10."
    assert [(each.source, each.entity, each.says) for each in told.evidence] == [
        ("shipment", "Shipment S-1", "in_transit"),
        ("fulfillment", "Fulfillment D-1", "partially picked, picked 4 of 10"),
    ]
    assert {each.as_of for each in told.evidence} == {NOW - OLD}
    assert told.suggested_action


def test_it_waits_for_its_grace_from_when_both_said_it():
    contradiction = [shipment(), delivery("PARTIALLY_PICKED", picked=4)]
    assert found(*contradiction, ago=timedelta(minutes=29)) == []
    [told] = found(*contradiction, ago=timedelta(minutes=31))
    assert told.raised_at == NOW - timedelta(minutes=1)
    assert found(*contradiction, ago=timedelta(minutes=31), graces={"dispatched-not-picked": timedelta(hours=1)}) == []
    [undated] = found(*contradiction, ago=None)
    assert undated.raised_at == NOW


@pytest.mark.parametrize("state", [FreshnessState.STALE])
def test_while_something_is_stale_it_is_not_sure(state):
    [told] = found(shipment(), delivery("PARTIALLY_PICKED", picked=4), state=state)
    assert told.state is DiscrepancyState.INCONCLUSIVE


def test_while_something_is_missing_it_is_not_sure_either():
    [told] = found(invoice(), order(shipped=0), missing={EntityKind.FULFILLMENT})
    assert (told.rule, told.state) == ("invoiced-not-shipped", DiscrepancyState.INCONCLUSIVE)
    assert found(invoice(), order(shipped=0), missing={EntityKind.CLAIM})[0].state is DiscrepancyState.OPEN


def test_the_worst_comes_first_and_the_order_of_what_is_known_changes_nothing():
    told = [
        order("CANCELLED", shipped=8, invoiced=10),
        shipment(exceptions=(trouble("DAMAGE"),)),
        delivery("PARTIALLY_PICKED", picked=4),
        invoice(),
        credit("BLOCKED_ALL"),
        stock(-1),
    ]
    expected = found(*told)
    severities = [each.severity for each in expected]
    assert severities == sorted(severities, key=list(Severity).index, reverse=True)
    assert severities[0] is Severity.CRITICAL
    assert len({each.id for each in expected}) == len(expected) >= 5
    for seed in range(10):
        random.Random(seed).shuffle(told)
        assert found(*told) == expected
    later = discrepancies_of(view(*told), NOW + timedelta(hours=1))
    assert {each.id for each in later} == {each.id for each in expected}, "the same one keeps its id"


def test_every_rule_is_in_the_table_above_once():
    assert len({rule.id for rule in RULES}) == len(RULES) == 17
