"""What a customer hears to each question but where the order is: sentences chosen from tables by status.

The first sentence stands alone; it is the headline of a case that asks this. Nothing here names a system, a warehouse
or what credit control says, and nothing is promised.
"""

from collections.abc import Callable, Collection, Iterator, Mapping

from domain.answers.expected import delivered_at
from domain.billing import Invoice, InvoiceStatus
from domain.claims import Claim, ClaimKind, ClaimStatus
from domain.discrepancy import Fact, Facts
from domain.fulfillment import FulfillmentStatus
from domain.identity import EntityKind
from domain.returns import Return, ReturnStatus
from domain.saying import Fact as Told
from domain.saying import Saying
from domain.service_case import CaseKind
from domain.shipment import Shipment, ShipmentStatus
from domain.shipment_exception import ExceptionKind

CLAIMED: Mapping[CaseKind, Collection[ClaimKind]] = {
    CaseKind.DAMAGE: (ClaimKind.DAMAGE,),
    CaseKind.LOSS: (ClaimKind.LOSS, ClaimKind.THEFT),
    CaseKind.SHORTAGE: (ClaimKind.SHORTAGE,),
}
"""Which claims are about which question."""

GIVEN_UP = frozenset({ClaimStatus.WITHDRAWN, ClaimStatus.UNKNOWN})
ARRIVED = frozenset({ShipmentStatus.DELIVERED})
UNDER_WAY = frozenset(
    {
        ShipmentStatus.PICKED_UP,
        ShipmentStatus.IN_TRANSIT,
        ShipmentStatus.OUT_FOR_DELIVERY,
        ShipmentStatus.AT_DELIVERY,
        ShipmentStatus.DELIVERY_ATTEMPTED,
        ShipmentStatus.AVAILABLE_FOR_COLLECTION,
    }
)
STILL_TO_COME = frozenset(
    {
        FulfillmentStatus.WAITING_STOCK,
        FulfillmentStatus.ALLOCATED,
        FulfillmentStatus.PARTIALLY_PICKED,
        FulfillmentStatus.PICKED,
        FulfillmentStatus.PACKED,
        FulfillmentStatus.STAGED,
        FulfillmentStatus.PARTIALLY_SHIPPED,
    }
)

INVOICES: Mapping[InvoiceStatus, str] = {
    InvoiceStatus.NOT_INVOICED: "answer.invoice.none",
    InvoiceStatus.DRAFT: "answer.invoice.none",
    InvoiceStatus.PENDING_APPROVAL: "answer.invoice.none",
    InvoiceStatus.OPEN: "answer.invoice.open",
    InvoiceStatus.PARTIALLY_PAID: "answer.invoice.partly_paid",
    InvoiceStatus.IN_PAYMENT: "answer.invoice.in_payment",
    InvoiceStatus.PAID: "answer.invoice.paid",
    InvoiceStatus.OVERDUE: "answer.invoice.open",
    InvoiceStatus.CREDITED: "answer.invoice.credited",
    InvoiceStatus.REVERSED: "answer.invoice.reversed",
    InvoiceStatus.CANCELLED: "answer.invoice.reversed",
    InvoiceStatus.UNKNOWN: "answer.invoice.unknown",
}
"""What is said of an invoice; one that has not been issued has no number that a customer could know."""

TO_BE_PAID = frozenset({InvoiceStatus.OPEN, InvoiceStatus.PARTIALLY_PAID, InvoiceStatus.OVERDUE})

RETURNS: Mapping[ReturnStatus, str] = {
    ReturnStatus.REQUESTED: "answer.return.requested",
    ReturnStatus.AUTHORIZED: "answer.return.authorized",
    ReturnStatus.IN_TRANSIT: "answer.return.in_transit",
    ReturnStatus.RECEIVED: "answer.return.received",
    ReturnStatus.INSPECTED: "answer.return.inspected",
    ReturnStatus.RESTOCKED: "answer.return.inspected",
    ReturnStatus.DISPOSED: "answer.return.inspected",
    ReturnStatus.CREDITED: "answer.return.credited",
    ReturnStatus.REJECTED: "answer.return.rejected",
    ReturnStatus.CANCELLED: "answer.return.cancelled",
    ReturnStatus.UNKNOWN: "answer.return.unknown",
}
"""What is said of a return."""


def _of_damage(facts: Facts) -> Iterator[Saying]:
    claim = claim_about(CaseKind.DAMAGE, facts)
    if claim:
        yield _claimed("answer.damage.claimed", claim)
    else:
        yield Saying("answer.damage.photos" if facts.is_sure({EntityKind.CLAIM}) else "answer.damage.looked_at")
    yield from _of_claim(claim)


def _of_loss(facts: Facts) -> Iterator[Saying]:
    claim = claim_about(CaseKind.LOSS, facts)
    yield _claimed("answer.loss.claimed", claim) if claim else _missed(facts)
    yield from _of_claim(claim)


def _of_shortage(facts: Facts) -> Iterator[Saying]:
    claim = claim_about(CaseKind.SHORTAGE, facts)
    is_to_come = any(each.entity.status in STILL_TO_COME for each in facts.fulfillments)
    if claim:
        yield _claimed("answer.shortage.claimed", claim)
    else:
        yield Saying("answer.shortage.to_come" if is_to_come else "answer.shortage.which")
    yield from _of_claim(claim)


def _of_billing(facts: Facts) -> Iterator[Saying]:
    invoices = [each.entity for each in facts.invoices]
    if not invoices:
        yield _none("answer.invoice.none", EntityKind.INVOICE, facts)
    for invoice in sorted(invoices, key=_most_open_first):
        yield from _of_invoice(invoice)


def _of_return(facts: Facts) -> Iterator[Saying]:
    if not facts.returns:
        yield _none("answer.return.none", EntityKind.RETURN, facts)
    for each in facts.returns:
        yield Saying(RETURNS[each.entity.status], {"number": each.entity.number})
        yield from _arrival(each.entity)


def _of_credit(_: Facts) -> Iterator[Saying]:
    """The same, whatever credit control says: not even that all is well is for everybody who writes in."""
    yield Saying("answer.account.looked_at")


HEARD: Mapping[CaseKind, Callable[[Facts], Iterator[Saying]]] = {
    CaseKind.DAMAGE: _of_damage,
    CaseKind.LOSS: _of_loss,
    CaseKind.SHORTAGE: _of_shortage,
    CaseKind.BILLING: _of_billing,
    CaseKind.RETURN: _of_return,
    CaseKind.CREDIT: _of_credit,
}
"""What is said to each question; where the order is, `domain.eta_answer` says."""


HEARD_FROM: Mapping[CaseKind, frozenset[EntityKind]] = {
    CaseKind.DAMAGE: frozenset({EntityKind.CLAIM}),
    CaseKind.LOSS: frozenset({EntityKind.SHIPMENT, EntityKind.CLAIM}),
    CaseKind.SHORTAGE: frozenset({EntityKind.FULFILLMENT, EntityKind.CLAIM}),
    CaseKind.BILLING: frozenset({EntityKind.INVOICE}),
    CaseKind.RETURN: frozenset({EntityKind.RETURN}),
    CaseKind.CREDIT: frozenset(),
}
"""What those sentences rest on, which is less than an agent reads."""

UNSEEN = "answer.unseen"
"""The sentence that says of itself that nothing can be seen."""


def claim_about(kind: CaseKind, facts: Facts) -> Claim | None:
    """The claim about a question that is pursued; the latest that was filed."""
    claims = [
        each.entity for each in facts.claims if each.entity.kind in CLAIMED[kind] and each.entity.status not in GIVEN_UP
    ]
    return max(claims, key=lambda each: (str(each.filed_on or ""), each.number), default=None)


def is_gone(shipment: Fact[Shipment]) -> bool:
    """Whether its carrier says that it is lost."""
    return shipment.entity.status is ShipmentStatus.LOST or any(
        each.kind is ExceptionKind.LOSS and each.cleared_at is None for each in shipment.entity.exceptions
    )


def _none(code: str, kind: EntityKind, facts: Facts) -> Saying:
    """That there is none is said only where that is sure."""
    return Saying(code if facts.is_sure({kind}) else UNSEEN)


def _claimed(code: str, claim: Claim) -> Saying:
    return Saying(code, {"status": claim.status})


def _of_claim(claim: Claim | None) -> Iterator[Saying]:
    if claim is None:
        return
    yield Saying("answer.claim.number", {"number": claim.number})
    if claim.status is ClaimStatus.INFO_NEEDED:
        yield Saying("answer.claim.documents")


def _missed(facts: Facts) -> Saying:
    """What is said of a delivery that the customer misses."""
    delivered = [delivered_at(each.entity) for each in facts.shipments if each.entity.status in ARRIVED]
    if any(is_gone(each) for each in facts.shipments):
        return Saying("answer.loss.lost")
    if delivered:
        last = max((each for each in delivered if each is not None), default=None)
        return Saying("answer.loss.delivered_at", {"when": last}) if last else Saying("answer.loss.delivered")
    is_under_way = any(each.entity.status in UNDER_WAY for each in facts.shipments)
    return Saying("answer.loss.under_way" if is_under_way else "answer.loss.traced")


_EAGERNESS = (InvoiceStatus.OVERDUE, InvoiceStatus.OPEN, InvoiceStatus.PARTIALLY_PAID, InvoiceStatus.IN_PAYMENT)


def _most_open_first(invoice: Invoice) -> tuple[bool, int, str]:
    place = _EAGERNESS.index(invoice.status) if invoice.status in _EAGERNESS else len(_EAGERNESS)
    return (not invoice.is_disputed, place, invoice.number)


def _of_invoice(invoice: Invoice) -> Iterator[Saying]:
    """An invoice that asks for nothing is a credit, of which nothing is due."""
    facts: dict[str, Told] = {"number": invoice.number, "balance": invoice.balance, "total": invoice.total}
    if invoice.is_disputed:
        yield Saying("answer.invoice.disputed", facts)
        return
    yield Saying(INVOICES[invoice.status], facts)
    if invoice.status in TO_BE_PAID and invoice.balance.amount > 0 and invoice.due_on is not None:
        is_over = invoice.status is InvoiceStatus.OVERDUE
        yield Saying("answer.invoice.was_due" if is_over else "answer.invoice.due", {"due": invoice.due_on})
    for note in invoice.credits:
        yield Saying("answer.invoice.credit", {"amount": note.amount})


def _arrival(returned: Return) -> Iterator[Saying]:
    if returned.received_at is not None:
        yield Saying("answer.return.arrived", {"when": returned.received_at})


def heard(kind: CaseKind, facts: Facts) -> tuple[Saying, ...]:
    """What the customer hears to a question that `HEARD` has."""
    return tuple(HEARD[kind](facts))
