"""A case of which every kind of entity is in a system of its own, and every field that matters is a word that is found again."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from msgspec.structs import replace

from domain.billing import CreditState, CreditStatus, Dispute, Invoice, InvoiceStatus
from domain.caller import Role
from domain.claims import Claim, ClaimKind, ClaimStatus
from domain.customer import Customer
from domain.eta import best_eta
from domain.fulfillment import Fulfillment, FulfillmentStatus, Package
from domain.hold import Hold, HoldKind
from domain.identity import CaseKey, EntityKind, Scheme, SourceKind
from domain.inventory import InventoryPosition
from domain.money import Money
from domain.order import Order, OrderLine, OrderStatus
from domain.place import Location
from domain.returns import Return, ReturnLine, ReturnStatus
from domain.service_case import CaseKind, ServiceCase, ServiceCaseStatus
from domain.shipment import Classifier, Milestone, MilestoneCode, ProofOfDelivery, Shipment, ShipmentStatus
from domain.shipment_exception import ExceptionKind, Party, ShipmentException
from tests.callers import calling
from tests.resolvers.systems import Desk, System

K = EntityKind
AGENT, PANEL, BOT, FINANCE, OPS = Role.AGENT, Role.PANEL, Role.BOT, Role.FINANCE, Role.OPS

NUMBER = "SO-1"
KEY = CaseKey.quoted("orderNumber", NUMBER)
ASKED = {"orderNumber": NUMBER}
POSTAL_CODE = "10115"
THEN = datetime(2026, 11, 20, 9, tzinfo=UTC)
SECTIONS = {
    "serviceCase": K.SERVICE_CASE,
    "customer": K.CUSTOMER,
    "orders": K.ORDER,
    "shipments": K.SHIPMENT,
    "fulfillments": K.FULFILLMENT,
    "inventory": K.INVENTORY,
    "invoices": K.INVOICE,
    "credit": K.CREDIT,
    "returns": K.RETURN,
    "claims": K.CLAIM,
}

SEEN_BY = {
    "canary-subject": {AGENT},
    "canary-assignee": {AGENT},
    "canary-name": {AGENT, FINANCE, PANEL},
    "canary@example.com": {AGENT},
    "+49 30 canary": {AGENT},
    "canary-level": {AGENT},
    "canary-order-word": {AGENT, FINANCE},
    "canary-credit-reason": {AGENT, FINANCE},
    "canary-credit-owner": {AGENT, FINANCE},
    "canary-manual-reason": {AGENT, FINANCE},
    "canary-manual-owner": {AGENT, FINANCE},
    "canary-manual-release": {AGENT, FINANCE},
    "canary-manual-page": {AGENT, FINANCE},
    "canary-other-reason": {AGENT, FINANCE},
    "canary-quality-reason": {AGENT, FINANCE, PANEL},
    "canary-quality-owner": {AGENT, FINANCE, PANEL},
    "4711.07": {AGENT, FINANCE},
    "canary-sku": {AGENT, FINANCE, PANEL},
    "canary-city": {AGENT, FINANCE, PANEL},
    "canary-carrier-credit": {AGENT, FINANCE},
    "canary-credit-code": {AGENT, FINANCE},
    "canary-milestone-credit": {AGENT, FINANCE},
    "canary-milestone-later": {AGENT, FINANCE},
    "canary-carrier-word": {AGENT, FINANCE},
    "canary-signer": {AGENT, FINANCE},
    "canary-signature": {AGENT, FINANCE},
    "canary-warehouse": {AGENT, PANEL},
    "canary-package": {AGENT, PANEL},
    "canary-wms-credit": {AGENT},
    "canary-wms-manual": {AGENT},
    "canary-wms-word": {AGENT},
    "canary-stockroom": {AGENT},
    "815.25": {AGENT},
    "1234.56": {AGENT, FINANCE},
    "1,234.56": {AGENT, FINANCE},
    "987.65": {AGENT, FINANCE},
    "canary-invoice-word": {AGENT, FINANCE},
    "canary-dispute": {AGENT, FINANCE},
    "INV-1": {AGENT, FINANCE, PANEL},
    "canary-hold-reason": {AGENT, FINANCE},
    "canary-credit-state": {AGENT, FINANCE},
    "50001.23": {AGENT, FINANCE},
    "canary-return-reason": {AGENT, FINANCE, PANEL},
    "canary-returned": {AGENT, FINANCE, PANEL},
    "canary-claim": {AGENT, FINANCE, PANEL},
    "CREDIT_HOLD": {AGENT, FINANCE},
    "redit hold": {AGENT, FINANCE},
    "source-": {AGENT, FINANCE, OPS},
}
"""Who may find which word anywhere in an answer."""


def _eur(amount):
    return Money(amount=Decimal(amount), currency="EUR")


def _order(status):
    held = (
        Hold(
            kind=HoldKind.CREDIT,
            reason="canary-credit-reason",
            owner="canary-credit-owner",
            releases_when="canary-credit-reason is gone",
            placed_at=THEN,
        ),
        Hold(
            kind=HoldKind.MANUAL,
            reason="credit limit exceeded, canary-manual-reason",
            owner="canary-manual-owner",
            releases_when="canary-manual-release",
            url="https://erp.example/canary-manual-page",
            placed_at=THEN,
        ),
        Hold(kind=HoldKind.OTHER, reason="canary-other-reason", placed_at=THEN),
        Hold(kind=HoldKind.QUALITY, reason="canary-quality-reason", owner="canary-quality-owner", placed_at=THEN),
    )
    return Order(
        number=NUMBER,
        customer_id="C-1",
        status=status,
        source_status="canary-order-word",
        ordered_at=THEN,
        holds=held,
        lines=(OrderLine(line_number="1", sku="canary-sku", ordered_quantity=Decimal(2)),),
        ship_to=Location(city="canary-city", postal_code=POSTAL_CODE),
        total=_eur("4711.07"),
    )


def told_by_carrier(code, at, description):
    return Milestone(
        code=code,
        classifier=Classifier.ACTUAL,
        occurred_at=at,
        recorded_at=at,
        description=description,
        source_code="canary-credit-code" if code is MilestoneCode.EXCEPTION_RAISED else "XX",
        source="source-carrier",
    )


def _held():
    """On the way, and stopped because of credit: the carrier says so in four places."""
    later = THEN + timedelta(hours=5)
    return Shipment(
        id="S-1",
        order_numbers=(NUMBER,),
        tracking_number="T-1",
        status=ShipmentStatus.IN_TRANSIT,
        source_status="canary-carrier-word",
        exceptions=(
            ShipmentException(
                kind=ExceptionKind.CREDIT_HOLD,
                party=Party.SHIPPER,
                detail="canary-carrier-credit",
                source_code="canary-credit-code",
                raised_at=THEN,
                cleared_at=later,
            ),
        ),
        milestones=(
            told_by_carrier(MilestoneCode.EXCEPTION_RAISED, THEN, "canary-milestone-credit"),
            told_by_carrier(MilestoneCode.EXCEPTION_CLEARED, later, "canary-milestone-later"),
            told_by_carrier(MilestoneCode.DEPARTED, later, "Departed"),
        ),
        eta=replace(best_eta(estimate=datetime(2026, 12, 1, 10, tzinfo=UTC)), change_reason=ExceptionKind.CREDIT_HOLD),
    )


def _delivered():
    proof = ProofOfDelivery(
        signed_by="canary-signer", delivered_at=THEN, url="https://carrier.example/canary-signature"
    )
    return Shipment(
        id="S-1",
        order_numbers=(NUMBER,),
        tracking_number="T-1",
        status=ShipmentStatus.DELIVERED,
        eta=best_eta(actual=THEN),
        proof_of_delivery=proof,
    )


def entities(*, is_delivered):
    """All that is known of the case, by kind."""
    invoice = Invoice(
        number="INV-1",
        order_numbers=(NUMBER,),
        customer_id="C-1",
        status=InvoiceStatus.OVERDUE,
        source_status="canary-invoice-word",
        total=_eur("1234.56"),
        balance=_eur("987.65"),
        is_disputed=True,
        dispute=Dispute(reason="canary-dispute"),
    )
    fulfillment = Fulfillment(
        id="F-1",
        order_number=NUMBER,
        warehouse="canary-warehouse",
        status=FulfillmentStatus.SHIPPED if is_delivered else FulfillmentStatus.ON_HOLD,
        source_status=None if is_delivered else "canary-wms-word",
        holds=(
            Hold(kind=HoldKind.CREDIT, reason="canary-wms-credit", placed_at=THEN),
            Hold(kind=HoldKind.MANUAL, reason="no credit, canary-wms-manual", placed_at=THEN),
        ),
        packages=(Package(id="canary-package"),),
        released_at=THEN,
    )
    return {
        K.SERVICE_CASE: ServiceCase(
            number="CS-1",
            subject="canary-subject",
            kind=CaseKind.OTHER,
            status=ServiceCaseStatus.OPEN,
            opened_at=THEN,
            assignee="canary-assignee",
            order_numbers=(NUMBER,),
        ),
        K.CUSTOMER: Customer(
            id="C-1",
            name="canary-name",
            email="canary@example.com",
            phone="+49 30 canary",
            service_level="canary-level",
        ),
        K.ORDER: _order(OrderStatus.COMPLETED if is_delivered else OrderStatus.ON_HOLD),
        K.SHIPMENT: _delivered() if is_delivered else _held(),
        K.FULFILLMENT: fulfillment,
        K.INVENTORY: InventoryPosition(
            sku="canary-sku",
            warehouse="canary-stockroom",
            on_hand=Decimal("815.25"),
            allocated=Decimal(0),
            available=Decimal("815.25"),
        ),
        K.INVOICE: invoice,
        K.CREDIT: CreditStatus(
            customer_id="C-1",
            status=CreditState.BLOCKED_ALL,
            source_status="canary-credit-state",
            limit=_eur("50001.23"),
            hold_reason="canary-hold-reason",
        ),
        K.RETURN: Return(
            number="RMA-1",
            order_number=NUMBER,
            status=ReturnStatus.RECEIVED,
            reason="canary-return-reason",
            requested_at=THEN,
            lines=(ReturnLine(sku="canary-returned", quantity=Decimal(1)),),
        ),
        K.CLAIM: Claim(
            number="CL-1",
            order_number=NUMBER,
            kind=ClaimKind.DAMAGE,
            status=ClaimStatus.FILED,
            description="canary-claim",
            updated_at=THEN,
        ),
    }


OWN_NUMBERS = {K.CUSTOMER: (Scheme.CUSTOMER, "C-1"), K.SHIPMENT: (Scheme.SHIPMENT_ID, "S-1")}
"""What else than the order can be asked by."""

ROLES_OF_SOURCES = {("source-" + kind.value.lower(), kind): SourceKind.ERP for kind in EntityKind}


def system_of(kind, entity):
    known = {(kind, Scheme.SO, NUMBER): [entity]}
    own = OWN_NUMBERS.get(kind)
    if own:
        known[kind, *own] = [entity]
    return System("source-" + kind.value.lower(), {kind: (Scheme.SO, *((own[0],) if own else ()))}, known)


def canary_desk(role, *, is_delivered=False, **changes):
    """A gateway over these systems, asked by somebody of one role; a bot is bound to the case."""
    caller = calling(role, keys=frozenset({KEY})) if role is BOT else calling(role)
    systems = [system_of(kind, entity) for kind, entity in entities(is_delivered=is_delivered).items()]
    return Desk(systems, **{"caller": caller, "served_as": ROLES_OF_SOURCES} | changes)


def kinds_asked(desk):
    """The kinds of entity that any system was asked for."""
    return {lookup.kind for system in desk.systems for call in system.asked for lookup in call}
