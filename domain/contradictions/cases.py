"""Where what customers were told, or are promised by the desk, contradicts what is known."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from domain.billing import Invoice, InvoiceStatus
from domain.claims import Claim, ClaimDeadlines, ClaimStatus
from domain.contradictions.kin import (
    CLAIMABLE,
    DAY,
    MINUTE,
    NO_GRACE,
    OVER,
    end_of,
    expected_by,
    is_claimed,
    latest,
    open_cases,
    open_exceptions,
    rule,
)
from domain.discrepancy import Fact, Facts, Finding, Severity
from domain.fulfillment import Fulfillment, FulfillmentStatus
from domain.identity import EntityKind as K
from domain.order import Order, OrderStatus
from domain.service_case import CaseKind, ServiceCase, SlaState
from domain.shipment import Classifier, Milestone, MilestoneCode, ProofOfDelivery, Shipment, ShipmentStatus

S = ShipmentStatus
MISSED = frozenset({CaseKind.LOSS})
TOLD_CUSTOMERS = frozenset({MilestoneCode.PICKED_UP, MilestoneCode.DELIVERED, MilestoneCode.PROOF_OF_DELIVERY})
"""What customers are told when it happens."""

NOT_FILED = frozenset({ClaimStatus.DRAFT})
NOT_RESOLVED = frozenset({ClaimStatus.ACKNOWLEDGED, ClaimStatus.IN_REVIEW})

BACK: Mapping[type, tuple[frozenset[Any], frozenset[Any]]] = {
    Shipment: (frozenset({S.DELIVERED, S.RETURNED}), frozenset(S) - {S.DELIVERED, S.RETURNING, S.RETURNED, S.UNKNOWN}),
    Order: (
        frozenset({OrderStatus.SHIPPED, OrderStatus.PARTIALLY_SHIPPED, OrderStatus.COMPLETED}),
        frozenset({OrderStatus.CANCELLED, OrderStatus.DRAFT, OrderStatus.CONFIRMED, OrderStatus.RELEASED}),
    ),
    Fulfillment: (
        frozenset({FulfillmentStatus.SHIPPED}),
        frozenset(FulfillmentStatus) - {FulfillmentStatus.SHIPPED, FulfillmentStatus.UNKNOWN},
    ),
    Invoice: (
        frozenset({InvoiceStatus.PAID}),
        frozenset({InvoiceStatus.OPEN, InvoiceStatus.PARTIALLY_PAID, InvoiceStatus.OVERDUE, InvoiceStatus.DRAFT}),
    ),
}
"""From which status to which is back."""


def shown_otherwise(facts: Facts) -> Iterator[Finding]:
    """D3: the desk still shows what was."""
    for case in facts.cases:
        for shown in case.entity.shown:
            for shipment in facts.shipments:
                is_meant = shown.shipment in {shipment.entity.id, shipment.entity.tracking_number}
                if is_meant and shown.status is not shipment.entity.status:
                    yield Finding(
                        about=f"{case.name} {shipment.entity.id}",
                        severity=Severity.MEDIUM,
                        summary=f"Case {case.name} shows shipment {shipment.name} otherwise than its carrier.",
                        evidence=(case.says(_words(shown.status)), shipment.stands()),
                        action="Refresh the panel; answer by the carrier, and say as of when.",
                        since=shipment.freshness.as_of,
                    )


def delivered_but_missed(facts: Facts) -> Iterator[Finding]:
    """D10: it was delivered, and the customer says that it was not."""
    for case in open_cases(facts):
        if case.entity.kind not in MISSED:
            continue
        for shipment in facts.shipments:
            if shipment.entity.status is S.DELIVERED and _may_be_about(case.entity, shipment.entity):
                yield Finding(
                    about=f"{case.name} {shipment.entity.id}",
                    severity=Severity.HIGH,
                    summary=f"The customer misses what shipment {shipment.name} is said to have delivered.",
                    evidence=(
                        case.says(case.entity.subject),
                        shipment.says(f"{shipment.status}, {_proven(shipment.entity.proof_of_delivery)}"),
                    ),
                    action=_next_step(shipment.entity, facts),
                    since=latest(case, shipment),
                )


def damaged_not_claimed(facts: Facts) -> Iterator[Finding]:
    """D15 a: something went wrong, and nobody claims for it; urgent when it cannot be claimed for long any more."""
    tolerances = facts.tolerances
    for shipment, exception in open_exceptions(facts):
        if exception.kind not in CLAIMABLE or is_claimed(facts, shipment.entity):
            continue
        is_urgent = exception.raised_at + tolerances.claim_filing - facts.now < tolerances.claim_deadline_near
        kind = exception.kind.value.lower()
        yield Finding(
            about=f"{shipment.entity.id} {exception.kind.value}",
            severity=Severity.HIGH if is_urgent else Severity.MEDIUM,
            summary=f"Shipment {shipment.name} has a {kind}, and nothing is claimed.",
            evidence=(shipment.says(exception.detail or kind),),
            action="File a claim; add photos and documents.",
            since=exception.raised_at,
        )


def claim_deadline_near(facts: Facts) -> Iterator[Finding]:
    """D15 b: a claim that was begun has to be filed."""
    for claim in facts.claims:
        file_by = claim.entity.deadlines and claim.entity.deadlines.file_by
        if claim.entity.status in NOT_FILED and file_by:
            yield Finding(
                about=claim.entity.number,
                severity=Severity.HIGH,
                summary=f"Claim {claim.name} is not filed, and has to be by {file_by}.",
                evidence=(claim.says(f"{claim.status}, to be filed by {file_by}"),),
                action="File it, with photos and documents.",
                since=end_of(file_by, "UTC") - facts.tolerances.claim_deadline_near,
            )


def carrier_owes_answer(facts: Facts) -> Iterator[Finding]:
    """D15 c: the carrier's own time to answer a claim is over."""
    for claim in facts.claims:
        due, what = _answer_due(claim.entity, facts)
        if due is not None:
            yield Finding(
                about=claim.entity.number,
                severity=Severity.MEDIUM,
                summary=f"The carrier should have {what} claim {claim.name} by now.",
                evidence=(claim.says(f"{claim.status}, filed {claim.entity.filed_on or 'on an unknown day'}"),),
                action="Chase the carrier.",
                since=due,
            )


def status_went_back(facts: Facts) -> Iterator[Finding]:
    """D21: what customers may have been told is not so any more."""
    told: list[Fact[Any]] = [*facts.shipments, *facts.orders, *facts.fulfillments, *facts.invoices]
    for each in told:
        was = _went_back_from(each)
        if was is not None:
            yield Finding(
                about=f"{type(each.entity).__name__} {each.id}",
                severity=Severity.HIGH,
                summary=f"{type(each.entity).__name__} {each.name} was {was}, and is {_words(each.entity.status)} now.",
                evidence=(each.says(f"{each.status}, before that {was}"),),
                action="If the customer was told the old state, tell the new one.",
                since=each.freshness.as_of,
            )


def due_before_expected(facts: Facts) -> Iterator[Finding]:
    """D24: the desk has to have an answer before there can be one."""
    for case in open_cases(facts):
        due = case.entity.resolution_due_at
        if due is None or case.entity.sla_state not in {SlaState.RUNNING, SlaState.NONE}:
            continue
        for each, moment in _awaited(case.entity, facts):
            if due < moment:
                yield Finding(
                    about=f"{case.name} {each.id}",
                    severity=Severity.MEDIUM,
                    summary=f"Case {case.name} is due before {each.name} can be expected to be.",
                    evidence=(
                        case.says(f"due {due.isoformat(timespec='minutes')}"),
                        each.says(f"expected by {moment.isoformat(timespec='minutes')}"),
                    ),
                    action="Tell the customer when to expect it; pause the clock if the service level allows that.",
                    since=latest(case, each),
                )


def _awaited(case: ServiceCase, facts: Facts) -> Iterator[tuple[Fact[Any], datetime]]:
    """What the customer waits for, and until when that is expected."""
    for shipment in facts.shipments:
        eta = shipment.entity.eta
        moment = expected_by(eta) if eta and shipment.entity.status not in OVER else None
        if moment is not None and _may_be_about(case, shipment.entity):
            yield shipment, moment
    for claim in facts.claims:
        answer_by = claim.entity.deadlines and claim.entity.deadlines.resolve_by
        if answer_by and claim.entity.status in NOT_RESOLVED | {ClaimStatus.FILED}:
            yield claim, end_of(answer_by, "UTC")


def _may_be_about(case: ServiceCase, shipment: Shipment) -> bool:
    mine, yours = set(case.order_numbers), set(shipment.order_numbers)
    return not mine or not yours or bool(mine & yours)


def _proven(proof: ProofOfDelivery | None) -> str:
    if proof is None:
        return "without a proof of delivery"
    return f"signed by {proof.signed_by}" if proof.signed_by else "without a signature"


def _next_step(shipment: Shipment, facts: Facts) -> str:
    delivered = [each.occurred_at for each in shipment.milestones if each.code is MilestoneCode.DELIVERED]
    if shipment.proof_of_delivery:
        return "Show the proof of delivery; if it is not the customer's, start a trace, then a claim."
    if delivered and facts.now - max(delivered) > facts.tolerances.proof_of_delivery:
        return "Ask the carrier for the proof of delivery, it is overdue; start a trace, then a claim."
    return "Ask the carrier for the proof of delivery."


def _answer_due(claim: Claim, facts: Facts) -> tuple[datetime | None, str]:
    """By when the carrier owes the next answer, and which."""
    tolerances, deadlines = facts.tolerances, claim.deadlines or ClaimDeadlines()
    filed = None if claim.filed_on is None else end_of(claim.filed_on, "UTC")
    if claim.status is ClaimStatus.FILED:
        return _by(deadlines.acknowledge_by) or (filed and filed + tolerances.claim_acknowledged), "acknowledged"
    if claim.status not in NOT_RESOLVED:
        return None, ""
    resolve_by = _by(deadlines.resolve_by) or (filed and filed + tolerances.claim_resolved)
    if resolve_by is not None and facts.now > resolve_by and claim.updated_at and claim.updated_at > resolve_by:
        return claim.updated_at + tolerances.claim_status_letter, "told how far it is with"
    return resolve_by, "answered"


def _by(day: date | None) -> datetime | None:
    return None if day is None else end_of(day, "UTC")


def _went_back_from(fact: Fact[Any]) -> str | None:
    """What it was before, if that was further, or was taken back; null: it did not go back."""
    told = [each.content for each in fact.withdrawn if isinstance(each.content, Milestone)]
    taken_back = [each for each in told if each.classifier is Classifier.ACTUAL and each.code in TOLD_CUSTOMERS]
    further, behind = BACK[type(fact.entity)]
    if fact.entity.status not in behind:
        return None
    if taken_back:
        return _words(taken_back[-1].code)
    earlier = fact.earlier.status if fact.earlier is not None else None
    if earlier in further:
        return _words(earlier)
    is_delivered = isinstance(fact.entity, Shipment) and any(
        each.code is MilestoneCode.DELIVERED and each.classifier is Classifier.ACTUAL for each in fact.entity.milestones
    )
    return "delivered" if is_delivered and fact.entity.status is not S.PARTIALLY_DELIVERED else None


def _words(status: Any) -> str:  # noqa: ANN401  # any enumeration
    return str(status.value).lower().replace("_", " ")


RULES = (
    rule("shown-otherwise", shown_otherwise, 15 * MINUTE, K.SERVICE_CASE, K.SHIPMENT),
    rule("delivered-but-missed", delivered_but_missed, NO_GRACE, K.SERVICE_CASE, K.SHIPMENT),
    rule("damaged-not-claimed", damaged_not_claimed, 2 * DAY, K.SHIPMENT, K.CLAIM),
    rule("claim-deadline-near", claim_deadline_near, NO_GRACE, K.CLAIM),
    rule("carrier-owes-answer", carrier_owes_answer, NO_GRACE, K.CLAIM),
    rule("status-went-back", status_went_back, NO_GRACE, K.SHIPMENT, K.ORDER, K.FULFILLMENT, K.INVOICE),
    rule("due-before-expected", due_before_expected, NO_GRACE, K.SERVICE_CASE, K.SHIPMENT, K.CLAIM),
)
