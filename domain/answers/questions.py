"""Which questions a case raises, and what the answer to each rests on."""

from collections.abc import Callable, Iterator, Mapping

from domain.billing import CreditState, InvoiceStatus
from domain.discrepancy import Fact, Facts
from domain.identity import EntityKind
from domain.order import OrderStatus
from domain.returns import ReturnStatus
from domain.service_case import CaseKind, ServiceCaseStatus
from domain.shipment import Shipment, ShipmentStatus
from domain.shipment_exception import ExceptionKind

K = EntityKind

RESTS_ON: Mapping[CaseKind, frozenset[EntityKind]] = {
    CaseKind.WISMO: frozenset({K.ORDER, K.SHIPMENT, K.FULFILLMENT}),
    CaseKind.DAMAGE: frozenset({K.SHIPMENT, K.CLAIM}),
    CaseKind.LOSS: frozenset({K.SHIPMENT, K.CLAIM}),
    CaseKind.SHORTAGE: frozenset({K.ORDER, K.SHIPMENT, K.FULFILLMENT, K.INVENTORY, K.CLAIM}),
    CaseKind.BILLING: frozenset({K.ORDER, K.SHIPMENT, K.FULFILLMENT, K.INVOICE}),
    CaseKind.RETURN: frozenset({K.RETURN, K.INVOICE}),
    CaseKind.CREDIT: frozenset({K.CREDIT, K.ORDER, K.SHIPMENT, K.INVOICE}),
}
"""What has to be known to answer each question."""

ASKED_ABOUT = frozenset({K.SERVICE_CASE, K.CUSTOMER}).union(*RESTS_ON.values())
"""Kinds of entity that have to be read to answer every question of the customer whose case it is."""

OVER = frozenset({ServiceCaseStatus.RESOLVED, ServiceCaseStatus.CLOSED, ServiceCaseStatus.CANCELLED})
RETURN_IS_OVER = frozenset({ReturnStatus.CREDITED, ReturnStatus.REJECTED, ReturnStatus.CANCELLED})
BLOCKED = frozenset({CreditState.BLOCKED_SHIP, CreditState.BLOCKED_INVOICE, CreditState.BLOCKED_ALL})


def asked_by_case(facts: Facts) -> CaseKind | None:
    """What the customer asks, as the service desk has put it; null if nobody has, or the case is over."""
    kinds = (each.entity.kind for each in facts.cases if each.entity.status not in OVER)
    return next((kind for kind in kinds if kind in RESTS_ON), None)


def questions_of(facts: Facts) -> tuple[CaseKind, ...]:
    """The case's own question, else those that the facts raise; and always where the order is, once there is one."""
    asked = asked_by_case(facts)
    raised = (asked,) if asked else tuple(kind for kind, is_raised in _RAISED.items() if is_raised(facts))
    where = (CaseKind.WISMO,) if facts.orders or facts.shipments else ()
    return tuple(dict.fromkeys((*raised, *where)))


def matters(needs: frozenset[EntityKind], kind: CaseKind) -> bool:
    """Whether a rule that looks at these kinds is about nothing but what the answer rests on, and the case itself."""
    looked_at = needs - {K.SERVICE_CASE}
    return bool(looked_at) and looked_at <= RESTS_ON[kind]


def _has(kind: ExceptionKind) -> Callable[[Facts], bool]:
    return lambda facts: any(each is kind for shipment in facts.shipments for each in _troubles(shipment))


def _troubles(shipment: Fact[Shipment]) -> Iterator[ExceptionKind]:
    return (each.kind for each in shipment.entity.exceptions if each.cleared_at is None)


def _is(status: ShipmentStatus) -> Callable[[Facts], bool]:
    return lambda facts: any(each.entity.status is status for each in facts.shipments)


def _either(*holds: Callable[[Facts], bool]) -> Callable[[Facts], bool]:
    return lambda facts: any(each(facts) for each in holds)


def _is_billing_raised(facts: Facts) -> bool:
    return any(each.entity.is_disputed or each.entity.status is InvoiceStatus.OVERDUE for each in facts.invoices)


def _is_return_raised(facts: Facts) -> bool:
    return any(each.entity.status not in RETURN_IS_OVER for each in facts.returns)


def _is_credit_raised(facts: Facts) -> bool:
    is_held = any(each.entity.status is OrderStatus.ON_HOLD for each in facts.orders)
    return is_held and any(each.entity.status in BLOCKED for each in facts.credits)


_RAISED: Mapping[CaseKind, Callable[[Facts], bool]] = {
    CaseKind.DAMAGE: _has(ExceptionKind.DAMAGE),
    CaseKind.LOSS: _either(_has(ExceptionKind.LOSS), _is(ShipmentStatus.LOST)),
    CaseKind.SHORTAGE: _either(_has(ExceptionKind.SHORTAGE), _is(ShipmentStatus.PARTIALLY_DELIVERED)),
    CaseKind.BILLING: _is_billing_raised,
    CaseKind.RETURN: _is_return_raised,
    CaseKind.CREDIT: _is_credit_raised,
}
"""What raises a question that nobody has asked yet."""
