"""What an agent reads to each question: what every system says, with numbers, and what to do."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import chain, islice
from typing import TypeVar

from domain.answers.customer import CLAIMED
from domain.answers.deliveries import stopped_by
from domain.answers.expected import delivered_at, expected_of
from domain.billing import Invoice
from domain.claims import Claim
from domain.discrepancy import Discrepancy, DiscrepancyState, Fact, Facts
from domain.fulfillment import Fulfillment, FulfillmentLine
from domain.hold import Hold, explanation_of
from domain.identity import EntityKind
from domain.inventory import InventoryPosition
from domain.order import Order, OrderLine
from domain.returns import Return
from domain.saying import Audience, Saying
from domain.saying import Fact as Told
from domain.service_case import CaseKind
from domain.shipment import Shipment, ShipmentStatus
from domain.shipment_exception import ExceptionKind

MOST = 5
"""Of how many of a kind an answer speaks; the sections have them all."""

E = TypeVar("E")


def told(kind: CaseKind, facts: Facts, found: Iterable[Discrepancy]) -> tuple[Saying, ...]:
    """What the agent reads to a question.

    Args:
        kind: the question.
        facts: the view.
        found: the contradictions that matter to it, worst first.
    """
    said = chain.from_iterable(tell(facts) for tell in TOLD[kind])
    actions = dict.fromkeys(each.suggested_action for each in found if each.state is DiscrepancyState.OPEN)
    to_do = (Saying("answer.agent.do", {"action": action}) for action in actions)
    return (*said, *to_do) or (Saying("answer.agent.nothing"),)


def _some(told: Sequence[E], tell: Callable[[E], Iterator[Saying]]) -> Iterator[Saying]:
    """Each of the first, and how many more there are."""
    yield from chain.from_iterable(map(tell, islice(told, MOST)))
    if len(told) > MOST:
        yield Saying("answer.agent.more", {"count": len(told) - MOST})


def _of_orders(facts: Facts) -> Iterator[Saying]:
    return _some(facts.orders, _of_order)


def _of_order(fact: Fact[Order]) -> Iterator[Saying]:
    order = fact.entity
    yield Saying("answer.agent.order", {"order": order.number, "status": order.status})
    if order.promised_delivery_on:
        yield Saying("answer.agent.promised", {"when": order.promised_delivery_on})
    yield from _of_holds(order.holds)


def _of_holds(holds: Iterable[Hold]) -> Iterator[Saying]:
    return chain.from_iterable(explanation_of(hold, Audience.AGENT) for hold in holds)


def _of_shipments(facts: Facts) -> Iterator[Saying]:
    return _some([each for each in facts.shipments if each.entity.status is not ShipmentStatus.CANCELLED], _of_shipment)


def _of_shipment(fact: Fact[Shipment]) -> Iterator[Saying]:
    shipment = fact.entity
    about: dict[str, Told] = {"shipment": shipment.tracking_number or shipment.id, "status": shipment.status}
    if shipment.carrier:
        yield Saying("answer.agent.shipment.carrier", about | {"carrier": shipment.carrier.name})
    else:
        yield Saying("answer.agent.shipment", about)
    yield from _of_delivery(shipment)
    for each in shipment.exceptions:
        if each.cleared_at is None:
            yield Saying("answer.agent.exception", {"kind": each.kind, "party": each.party, "since": each.raised_at})


def _of_delivery(shipment: Shipment) -> Iterator[Saying]:
    expected, delivered = expected_of(shipment), delivered_at(shipment)
    if shipment.status is not ShipmentStatus.DELIVERED:
        if expected and not stopped_by(shipment):
            basis = Saying(f"answer.basis.{expected.basis.value}")
            yield Saying("answer.agent.expected", {"when": expected.when, "basis": basis})
    elif delivered:
        proof = shipment.proof_of_delivery
        by = proof.signed_by if proof else None
        signed = Saying("answer.agent.signed", {"when": delivered, "by": by}) if by else None
        yield signed or Saying("answer.agent.unsigned", {"when": delivered})


def _of_fulfillments(facts: Facts) -> Iterator[Saying]:
    return _some(facts.fulfillments, _of_fulfillment)


def _of_fulfillment(fact: Fact[Fulfillment]) -> Iterator[Saying]:
    fulfillment = fact.entity
    about: dict[str, Told] = {"fulfillment": fulfillment.id, "status": fulfillment.status}
    if fulfillment.warehouse:
        yield Saying("answer.agent.fulfillment.warehouse", about | {"warehouse": fulfillment.warehouse})
    else:
        yield Saying("answer.agent.fulfillment", about)
    picked = sum((each.picked_quantity for each in fulfillment.lines), Decimal(0))
    ordered = sum((each.ordered_quantity for each in fulfillment.lines), Decimal(0))
    if picked < ordered:
        yield Saying("answer.agent.picked", {"picked": picked, "ordered": ordered})
    yield from _of_holds(fulfillment.holds)


def _of_damage(facts: Facts) -> Iterator[Saying]:
    return _of_exceptions(facts, {ExceptionKind.DAMAGE, ExceptionKind.QUALITY})


def _of_exceptions(facts: Facts, kinds: Iterable[ExceptionKind]) -> Iterator[Saying]:
    """What the carrier says went wrong, whether it still is, and what was noted when it was signed for."""
    chosen = set(kinds)
    for fact in facts.shipments:
        name = fact.entity.tracking_number or fact.entity.id
        for each in fact.entity.exceptions:
            if each.kind in chosen:
                about: dict[str, Told] = {"shipment": name, "kind": each.kind, "since": each.raised_at}
                yield Saying("answer.agent.reported", about)
        proof = fact.entity.proof_of_delivery
        if proof and proof.exceptions_noted:
            yield Saying("answer.agent.noted", {"shipment": name, "noted": proof.exceptions_noted})


def _of_short_lines(facts: Facts) -> Iterator[Saying]:
    """By the warehouse; by the order where no warehouse says anything."""
    lines: list[FulfillmentLine | OrderLine] = [line for each in facts.fulfillments for line in each.entity.lines]
    lines = lines or [line for each in facts.orders for line in each.entity.lines]
    return _some([each for each in lines if (each.shipped_quantity or 0) < each.ordered_quantity], _of_short_line)


def _of_short_line(line: FulfillmentLine | OrderLine) -> Iterator[Saying]:
    shipped = line.shipped_quantity or Decimal(0)
    yield Saying("answer.agent.short", {"sku": line.sku, "shipped": shipped, "ordered": line.ordered_quantity})


def _of_stock(facts: Facts) -> Iterator[Saying]:
    return _some(facts.stock, _of_position)


def _of_position(fact: Fact[InventoryPosition]) -> Iterator[Saying]:
    position = fact.entity
    about: dict[str, Told] = {"sku": position.sku, "warehouse": position.warehouse, "available": position.available}
    yield Saying("answer.agent.stock", about)
    if position.next_receipt_on:
        yield Saying("answer.agent.receipt", {"sku": position.sku, "when": position.next_receipt_on})


def _claims_about(kind: CaseKind) -> Callable[[Facts], Iterator[Saying]]:
    def of_claims(facts: Facts) -> Iterator[Saying]:
        claims = [each for each in facts.claims if each.entity.kind in CLAIMED[kind]]
        if not claims and facts.is_sure({EntityKind.CLAIM}):
            yield Saying("answer.agent.unclaimed")
        yield from _some(claims, _of_claim)

    return of_claims


def _of_claim(fact: Fact[Claim]) -> Iterator[Saying]:
    claim = fact.entity
    about: dict[str, Told] = {"number": claim.number, "status": claim.status}
    if claim.amount:
        yield Saying("answer.agent.claim.amount", about | {"amount": claim.amount})
    else:
        yield Saying("answer.agent.claim", about)
    if claim.filed_on is None and claim.deadlines and claim.deadlines.file_by:
        yield Saying("answer.agent.file_by", {"when": claim.deadlines.file_by})
    missing = tuple(each.kind for each in claim.documents if not each.is_present)
    if missing:
        yield Saying("answer.agent.documents", {"documents": missing})


def _of_invoices(facts: Facts) -> Iterator[Saying]:
    if not facts.invoices and facts.is_sure({EntityKind.INVOICE}):
        yield Saying("answer.agent.not_invoiced")
    yield from _some(facts.invoices, _of_invoice)


def _of_invoice(fact: Fact[Invoice]) -> Iterator[Saying]:
    invoice = fact.entity
    about: dict[str, Told] = {"number": invoice.number, "status": invoice.status}
    yield Saying("answer.agent.invoice", about | {"balance": invoice.balance, "total": invoice.total})
    if invoice.due_on:
        yield Saying("answer.agent.due", {"when": invoice.due_on})
    if invoice.days_overdue > 0:
        yield Saying("answer.agent.overdue", {"count": invoice.days_overdue})
    yield from _of_dispute(invoice)
    for note in invoice.credits:
        yield Saying("answer.agent.credit_note", {"number": note.number, "amount": note.amount})


def _of_dispute(invoice: Invoice) -> Iterator[Saying]:
    if not invoice.is_disputed:
        return
    reason = invoice.dispute.reason if invoice.dispute else None
    yield Saying("answer.agent.disputed.reason", {"reason": reason}) if reason else Saying("answer.agent.disputed")


def _of_returns(facts: Facts) -> Iterator[Saying]:
    if not facts.returns and facts.is_sure({EntityKind.RETURN}):
        yield Saying("answer.agent.no_return")
    yield from _some(facts.returns, _of_return)


def _of_return(fact: Fact[Return]) -> Iterator[Saying]:
    returned = fact.entity
    yield Saying("answer.agent.return", {"number": returned.number, "status": returned.status})
    if returned.received_at:
        yield Saying("answer.agent.received", {"when": returned.received_at})
    if returned.reason:
        yield Saying("answer.agent.return.reason", {"reason": returned.reason})


def _of_credits(facts: Facts) -> Iterator[Saying]:
    for each in facts.credits:
        credit = each.entity
        yield Saying("answer.agent.credit", {"customer": credit.customer_id, "status": credit.status})
        if credit.exposure and credit.limit:
            yield Saying("answer.agent.exposure", {"exposure": credit.exposure, "limit": credit.limit})
        if credit.overdue and credit.overdue.amount > 0:
            yield Saying("answer.agent.overdue_amount", {"amount": credit.overdue})
        if credit.hold_reason:
            yield Saying("answer.agent.hold_reason", {"reason": credit.hold_reason})


def _of_losses(facts: Facts) -> Iterator[Saying]:
    return _of_exceptions(facts, {ExceptionKind.LOSS, ExceptionKind.MISROUTED})


TOLD: Mapping[CaseKind, Sequence[Callable[[Facts], Iterator[Saying]]]] = {
    CaseKind.WISMO: (_of_orders, _of_shipments, _of_fulfillments),
    CaseKind.DAMAGE: (_of_damage, _claims_about(CaseKind.DAMAGE)),
    CaseKind.LOSS: (_of_shipments, _of_losses, _claims_about(CaseKind.LOSS)),
    CaseKind.SHORTAGE: (_of_short_lines, _of_stock, _claims_about(CaseKind.SHORTAGE)),
    CaseKind.BILLING: (_of_invoices,),
    CaseKind.RETURN: (_of_returns,),
    CaseKind.CREDIT: (_of_credits, _of_orders),
}
"""What is told to each question, in this order."""
