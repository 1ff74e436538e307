"""Each rule: when it speaks, when it does not, how bad it is, and that it is not sure while something is missing."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from domain.billing import CreditNote, CreditState, CreditStatus, Invoice, InvoiceStatus
from domain.case_view import Answered, Failed, Part, Withdrawn, section_of
from domain.claims import Claim, ClaimDeadlines, ClaimKind, ClaimStatus
from domain.contradictions import NEEDED, RULES, judgement_of
from domain.customer import Customer
from domain.discrepancy import DiscrepancyState, Severity, Tolerances
from domain.errors import ProblemCode
from domain.eta import best_eta
from domain.freshness import FreshnessState, Origin, SourceProblem
from domain.fulfillment import Fulfillment, FulfillmentLine, FulfillmentStatus, Package
from domain.identity import EntityKey, EntityKind
from domain.inventory import InventoryPosition
from domain.money import Money
from domain.order import Order, OrderLine, OrderStatus
from domain.place import Location
from domain.returns import Return, ReturnStatus
from domain.service_case import CaseKind, ServiceCase, ServiceCaseStatus, ShownShipment
from domain.shipment import (
    Carrier,
    Classifier,
    Milestone,
    MilestoneCode,
    ProofOfDelivery,
    Shipment,
    ShipmentStatus,
    Stop,
    StopKind,
    TransportMode,
)
from domain.shipment_exception import ExceptionKind, Party, ShipmentException

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
    Customer: EntityKind.CUSTOMER,
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


def case(kind="LOSS", status="OPEN", due=None, shown=()):
    return ServiceCase(
        number="CS-1",
        subject="Where are my brakes?",
        kind=CaseKind[kind],
        status=ServiceCaseStatus[status],
        opened_at=NOW - OLD,
        resolution_due_at=None if due is None else NOW + timedelta(hours=due),
        shown=shown,
    )


def claim(status="APPROVED", filed=None, file_by=None, resolve_by=None, updated=None, amount=None):
    def in_days(days):
        return None if days is None else (NOW + timedelta(days=days)).date()

    return Claim(
        number="CL-1",
        shipment_id="S-1",
        kind=ClaimKind.DAMAGE,
        status=ClaimStatus[status],
        filed_on=None if filed is None else in_days(-filed),
        deadlines=ClaimDeadlines(file_by=in_days(file_by), resolve_by=in_days(resolve_by)),
        updated_at=None if updated is None else NOW - timedelta(days=updated),
        amount=amount,
    )


def place(country, postcode):
    return Location(country_code=country, postal_code=postcode)


def stop(location, kind="DELIVERY", **times):
    return Stop(sequence=1, kind=StopKind[kind], location=location, **times)


def pickup(in_hours):
    return stop(Location(), "PICKUP", planned_arrival=NOW + timedelta(hours=in_hours))


def stock(available):
    return InventoryPosition(
        sku="A", warehouse="W", on_hand=Decimal(5), allocated=Decimal(8), available=Decimal(available)
    )


def proof(hour, source="tms", name="S-1"):
    at = datetime(2026, 11, 20, hour, tzinfo=UTC)
    about = shipment("DELIVERED", name, tracking_number="1Z1", proof_of_delivery=ProofOfDelivery(delivered_at=at))
    return (about, source)


def answered(entity, source, ago, state, **more):
    key = EntityKey(tenant="main", source=source, kind=KINDS[type(entity)], id=getattr(entity, "id", "x"))
    part = Part(
        key, entity, as_of=None if ago is None else NOW - ago, verified_at=NOW, origin=Origin.API, state=state, **more
    )
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


def found(*told, now=NOW, tolerances=None, **how):
    return list(judgement_of(view(*told, **how), now, tolerances).found)


EXAMPLES = [
    pytest.param([shipment(), delivery("PARTIALLY_PICKED", picked=4)], {"dispatched-not-picked": "HIGH"}, id="D1"),
    pytest.param([shipment(), delivery("PICKED", picked=10)], {}, id="D1: it is picked"),
    pytest.param([shipment("BOOKED"), delivery("PARTIALLY_PICKED", picked=4)], {}, id="D1: nobody has it yet"),
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
    pytest.param([order(shipped=10, invoiced=8), invoice()], {"invoiced-quantity-differs": "LOW"}, id="D7: too little"),
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
    pytest.param(
        [case("WISMO", shown=(ShownShipment(shipment="S-1", status=ShipmentStatus.BOOKED),)), shipment()],
        {"shown-otherwise": "MEDIUM"},
        id="D3",
    ),
    pytest.param(
        [case("WISMO", shown=(ShownShipment(shipment="S-1", status=ShipmentStatus.IN_TRANSIT),)), shipment()],
        {},
        id="D3: it shows what is",
    ),
    pytest.param([shipment("BOOKED"), delivery("SHIPPED")], {"shipped-not-scanned": "MEDIUM"}, id="D5"),
    pytest.param(
        [delivery("SHIPPED", packages=[Package(id="P", tracking_number="1Z1")])],
        {"shipped-not-scanned": "MEDIUM"},
        id="D5: a parcel that nobody knows",
    ),
    pytest.param([delivery("SHIPPED")], {}, id="D5: the customer may have fetched it"),
    pytest.param(
        [shipment("BOOKED"), replace(delivery("SHIPPED"), shipped_at=NOW - timedelta(hours=71))],
        {},
        id="D5: over the weekend",
    ),
    pytest.param(
        [shipment("BOOKED"), replace(delivery("SHIPPED"), shipped_at=NOW - timedelta(hours=73))],
        {"shipped-not-scanned": "MEDIUM"},
        id="D5: after the weekend",
    ),
    pytest.param([shipment("BOOKED", milestones=(scan(1, "PICKED_UP"),)), delivery("SHIPPED")], {}, id="D5: it has"),
    pytest.param(
        [shipment("DELIVERED", exceptions=(trouble("SHORTAGE"),)), claim(), invoice()],
        {"partly-delivered": "HIGH"},
        id="D8: not all of it",
    ),
    pytest.param(
        [
            order(promised_delivery_on=date(2026, 11, 24)),
            shipment(eta=best_eta(estimate=date(2026, 11, 25))),
            Customer(id="C-1", name="Acme", service_level="gold"),
        ],
        {"late-for-its-promise": "HIGH"},
        id="D13: with a service level",
    ),
    pytest.param(
        [
            order(promised_delivery_on=date(2026, 11, 24)),
            shipment(eta=best_eta(estimate=datetime(2026, 11, 25, 1, 59, tzinfo=UTC))),
        ],
        {},
        id="D13: two hours are no breach",
    ),
    pytest.param(
        [
            order(promised_delivery_on=date(2026, 11, 24)),
            shipment(eta=best_eta(estimate=datetime(2026, 11, 25, 5, tzinfo=UTC), time_zone="America/Los_Angeles")),
        ],
        {},
        id="D13: the day is the destination's",
    ),
    pytest.param([shipment("TENDERED", milestones=(scan(5, "TENDERED"),))], {"tender-unanswered": "MEDIUM"}, id="D14"),
    pytest.param([shipment("TENDERED", milestones=(scan(3, "TENDERED"),))], {}, id="D14: there is time"),
    pytest.param(
        [shipment("TENDERED", stops=(pickup(20),), milestones=(scan(5, "TENDERED"),))],
        {"tender-unanswered": "HIGH"},
        id="D14: it should be fetched tomorrow",
    ),
    pytest.param(
        [order(), shipment("PLANNED", milestones=(scan(5, "TENDERED"), scan(1, "TENDER_DECLINED")))],
        {"tender-unanswered": "MEDIUM"},
        id="D14: declined",
    ),
    pytest.param(
        [order("ON_HOLD"), shipment("PLANNED", milestones=(scan(1, "TENDER_DECLINED"),))],
        {},
        id="D14: declined, and nobody waits",
    ),
    pytest.param(
        [
            order(),
            shipment("TENDERED", milestones=(scan(9, "TENDER_DECLINED"), scan(1, "TENDERED"))),
        ],
        {},
        id="D14: tendered again",
    ),
    pytest.param(
        [shipment(exceptions=(trouble("DAMAGE", timedelta(days=250)),))],
        {"damaged-not-claimed": "HIGH"},
        id="D15: not to be claimed for long",
    ),
    pytest.param([claim("DRAFT", file_by=29)], {"claim-deadline-near": "HIGH"}, id="D15: to be filed"),
    pytest.param([claim("DRAFT", file_by=32)], {}, id="D15: not soon"),
    pytest.param([claim("FILED", filed=32)], {"carrier-owes-answer": "MEDIUM"}, id="D15: not acknowledged"),
    pytest.param([claim("FILED", filed=29)], {}, id="D15: the carrier has time"),
    pytest.param([claim("IN_REVIEW", filed=122)], {"carrier-owes-answer": "MEDIUM"}, id="D15: not answered"),
    pytest.param([claim("IN_REVIEW", filed=119)], {}, id="D15: the carrier has 120 days"),
    pytest.param([claim("IN_REVIEW", filed=200, updated=59)], {}, id="D15: a status letter came"),
    pytest.param([claim("IN_REVIEW", filed=200, updated=61)], {"carrier-owes-answer": "MEDIUM"}, id="D15: no letter"),
    pytest.param([shipment(source_status="Expired")], {"silent-on-its-way": "MEDIUM"}, id="D16: given up"),
    pytest.param(
        [claim("PAID", amount=eur(60)), order(), invoice(credits=(CreditNote(number="C", amount=eur(50)),))],
        {"compensated-twice": "MEDIUM"},
        id="D17: twice",
    ),
    pytest.param(
        [claim("PAID", amount=eur(50)), order(), invoice(credits=(CreditNote(number="C", amount=eur(50)),))],
        {},
        id="D17: once",
    ),
    pytest.param(
        [
            claim("PAID", amount=Money(amount=Decimal(90), currency="USD")),
            order(),
            invoice(credits=(CreditNote(number="C", amount=eur(50)),)),
        ],
        {},
        id="D17: amounts that cannot be compared",
    ),
    pytest.param([claim("PAID"), order(), invoice()], {"claim-paid-not-credited": "MEDIUM"}, id="D17: not passed on"),
    pytest.param(
        [order(ship_to=place("DE", "20095")), shipment(stops=(stop(place("DE", "20097")),))],
        {"address-differs": "HIGH"},
        id="D18",
    ),
    pytest.param(
        [order(ship_to=place("GB", "EC1A 1BB")), shipment(stops=(stop(place("GB", "ec1a1bb")),))],
        {},
        id="D18: written in another way",
    ),
    pytest.param(
        [order(ship_to=place("DE", None)), shipment(stops=(stop(place("AT", None)),))],
        {"address-differs": "HIGH"},
        id="D18: another country",
    ),
    pytest.param(
        [order(ship_to=place("DE", "20095")), shipment(stops=(stop(place(None, None)),))],
        {},
        id="D18: nobody says where",
    ),
    pytest.param(
        [order(ship_to=place("DE", "1")), shipment("DELIVERED", stops=(stop(place("DE", "2")),)), invoice()],
        {},
        id="D18: too late to correct",
    ),
    pytest.param(
        [proof(8), proof(14, "portal", "S-2"), invoice(), claim()],
        {"delivered-at-two-times": "HIGH"},
        id="D19: claimed",
    ),
    pytest.param(
        [shipment(milestones=(scan(9, "DELIVERED"), scan(1)))], {"status-went-back": "HIGH"}, id="D21: a scan later"
    ),
    pytest.param(
        [shipment("DELIVERED", milestones=(scan(9, "DELIVERED"),)), invoice()], {}, id="D21: it stays delivered"
    ),
    pytest.param(
        [shipment("RETURNING", milestones=(scan(9, "DELIVERED"), scan(1)))],
        {},
        id="D21: to come back is no step back",
    ),
    pytest.param(
        [
            shipment(tracking_number="1Z1", carrier=Carrier(name="UPS", scac="UPSN")),
            shipment(name="S-2", tracking_number="1Z1", carrier=Carrier(name="FedEx", scac="FXFE")),
        ],
        {"number-used-twice": "MEDIUM"},
        id="D23: another carrier",
    ),
    pytest.param(
        [
            shipment(tracking_number="1Z1"),
            Shipment(id="S-2", order_numbers=("SO-9",), status=ShipmentStatus.IN_TRANSIT, tracking_number="1Z1"),
        ],
        {"number-used-twice": "MEDIUM"},
        id="D23: another order",
    ),
    pytest.param(
        [shipment(tracking_number="1Z1"), shipment(name="S-2", tracking_number="1Z1")],
        {},
        id="D23: two systems about one parcel",
    ),
    pytest.param(
        [case("WISMO", due=10), shipment(eta=best_eta(estimate=NOW + timedelta(hours=11)))],
        {"due-before-expected": "MEDIUM"},
        id="D24",
    ),
    pytest.param(
        [case("WISMO", due=12), shipment(eta=best_eta(estimate=NOW + timedelta(hours=11)))], {}, id="D24: in time"
    ),
    pytest.param(
        [case("DAMAGE", due=10), claim("IN_REVIEW", filed=1, resolve_by=20)],
        {"due-before-expected": "MEDIUM"},
        id="D24: the carrier answers later",
    ),
    pytest.param([], {}, id="nothing at all"),
]


@pytest.mark.parametrize(("told", "expected"), EXAMPLES)
def test_each_rule(told, expected):
    assert {each.rule: each.severity.name for each in found(*told)} == expected


@pytest.mark.parametrize(
    ("now", "earlier", "expected"),
    [
        pytest.param(shipment(), shipment("DELIVERED"), "was delivered, and is in transit now", id="shipment"),
        pytest.param(order("CANCELLED"), order("SHIPPED"), "was shipped, and is cancelled now", id="order"),
        pytest.param(delivery("PICKED"), delivery("SHIPPED"), "was shipped, and is picked now", id="fulfillment"),
        pytest.param(invoice("OPEN"), invoice("PAID"), "was paid, and is open now", id="invoice"),
        pytest.param(shipment("DELIVERED"), shipment(), None, id="on and not back"),
        pytest.param(invoice("PAID"), invoice("OPEN"), None, id="paid at last"),
    ],
)
def test_d21_what_went_back_by_the_snapshot_before(now, earlier, expected):
    kind = KINDS[type(now)]
    sections = {kind: section_of(kind, [answered(now, "x", OLD, FreshnessState.FRESH, earlier=earlier)], now=NOW)}
    told = [each for each in judgement_of(sections, NOW).found if each.rule == "status-went-back"]
    assert [expected in each.summary for each in told] == ([True] if expected else [])


def test_d21_what_was_taken_back():
    withdrawn = (Withdrawn(scan(2, "DELIVERED"), NOW - timedelta(hours=1)),)
    outcome = answered(shipment(), "x", OLD, FreshnessState.FRESH, withdrawn=withdrawn)
    sections = {EntityKind.SHIPMENT: section_of(EntityKind.SHIPMENT, [outcome], now=NOW)}
    [told] = judgement_of(sections, NOW).found
    assert (told.rule, told.state) == ("status-went-back", DiscrepancyState.INCONCLUSIVE), "orders were not read"
    assert "was delivered" in told.summary


def test_what_will_be_one_is_known_beforehand():
    heard = shipment(milestones=(scan(47),))
    judged = judgement_of(view(heard), NOW)
    assert judged.found == ()
    [waiting] = judged.pending
    assert (waiting.rule, waiting.raised_at) == ("silent-on-its-way", NOW + timedelta(hours=1))
    assert judgement_of(view(heard), waiting.raised_at - timedelta(seconds=1)).found == ()
    assert [each.id for each in judgement_of(view(heard), waiting.raised_at).found] == [waiting.id]


def test_who_cannot_be_sure_says_so():
    assert "damaged-not-claimed" in judgement_of(view(missing={EntityKind.CLAIM}), NOW).unsure
    assert judgement_of(view(), NOW).unsure == frozenset()


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
    an_hour = Tolerances(graces={"dispatched-not-picked": timedelta(hours=1)})
    [told] = found(*contradiction, ago=timedelta(minutes=31))
    assert told.raised_at == NOW - timedelta(minutes=1)
    assert found(*contradiction, ago=timedelta(minutes=31), tolerances=an_hour) == []
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
    later = judgement_of(view(*told), NOW + timedelta(hours=1)).found
    assert {each.id for each in later} == {each.id for each in expected}, "the same one keeps its id"


def test_every_rule_is_in_the_table_above_once():
    assert len({rule.id for rule in RULES}) == len(RULES) == 28
