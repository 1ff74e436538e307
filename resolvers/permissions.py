"""Who may see what: one table, printed as docs/who-sees-what.md by `resolvers.who_sees_what`.

Two things follow from it. What a caller may not see is not read (`Sight.kinds`), and not written (`Sight.withholds`):
a section is FORBIDDEN, a field that may be null is null, and an operation that asks for one that may not is refused.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from domain.caller import Role
from domain.identity import EntityKind
from domain.operational import OperationalEventType

A, F, P, B, O = Role.AGENT, Role.FINANCE, Role.PANEL, Role.BOT, Role.OPS  # noqa: E741  # columns of the table

SECTIONS: Mapping[EntityKind, frozenset[Role]] = {
    EntityKind.SERVICE_CASE: frozenset({A}),
    EntityKind.CUSTOMER: frozenset({A, F, P}),
    EntityKind.ORDER: frozenset({A, F, P, B}),
    EntityKind.SHIPMENT: frozenset({A, F, P}),
    EntityKind.FULFILLMENT: frozenset({A, P}),
    EntityKind.INVENTORY: frozenset({A}),
    EntityKind.INVOICE: frozenset({A, F, P}),
    EntityKind.CREDIT: frozenset({A, F}),
    EntityKind.RETURN: frozenset({A, F, P, B}),
    EntityKind.CLAIM: frozenset({A, F, P, B}),
}
"""The sections of a view; who may not see one gets it FORBIDDEN, and no system is asked for it."""

FIELDS: Mapping[str, frozenset[Role]] = {
    "Query.caseView": frozenset({A, F, P, B, O}),
    "Query.caseViews": frozenset({A, F, P, B, O}),
    "Query.eta": frozenset({A, F, P, B}),
    "Query.stalled": frozenset({A}),
    "Query.sources": frozenset({A, F, O}),
    "Query.deadLetters": frozenset({O}),
    "Query.operationalEventsCursor": frozenset({A, F, P}),
    "Mutation.refreshCaseView": frozenset({A, F, P}),
    "Mutation.retryDeadLetters": frozenset({O}),
    "Mutation.discardDeadLetters": frozenset({O}),
    "Subscription.caseViewChanged": frozenset({A, F, P, B}),
    "Subscription.operationalEvents": frozenset({A, F, P}),
    "CaseView.status": frozenset({A, F, P, B}),
    "CaseView.headline": frozenset({A, F, P, B}),
    "CaseView.answers": frozenset({A, F, P}),
    "CaseView.timeline": frozenset({A, F, P}),
    "SuggestedAnswer.basedOn": frozenset({A, F}),
    "TimelineEntry.source": frozenset({A, F}),
    "Customer.*": frozenset({A}),
    "Customer.id": frozenset({A, F, P}),
    "Customer.name": frozenset({A, F, P}),
    "Order.*": frozenset({A, F, P}),
    "Order.number": frozenset({A, F, P, B}),
    "Order.status": frozenset({A, F, P, B}),
    "Order.statusLabel": frozenset({A, F, P, B}),
    "Order.sourceStatus": frozenset({A, F}),
    "Order.total": frozenset({A, F}),
    "Shipment.*": frozenset({A, F, P}),
    "Shipment.id": frozenset({A, F, P, B}),
    "Shipment.trackingNumber": frozenset({A, F, P, B}),
    "Shipment.carrier": frozenset({A, F, P, B}),
    "Shipment.status": frozenset({A, F, P, B}),
    "Shipment.statusLabel": frozenset({A, F, P, B}),
    "Shipment.eta": frozenset({A, F, P, B}),
    "Shipment.freshness": frozenset({A, F, P, B}),
    "Milestone.source": frozenset({A, F}),
    "ProofOfDelivery.signedBy": frozenset({A, F}),
    "ProofOfDelivery.url": frozenset({A, F}),
    "Invoice.*": frozenset({A, F}),
    "Invoice.number": frozenset({A, F, P}),
    "Invoice.status": frozenset({A, F, P}),
    "Invoice.statusLabel": frozenset({A, F, P}),
    "Return.*": frozenset({A, F, P}),
    "Return.number": frozenset({A, F, P, B}),
    "Return.status": frozenset({A, F, P, B}),
    "Claim.*": frozenset({A, F, P}),
    "Claim.number": frozenset({A, F, P, B}),
    "Claim.status": frozenset({A, F, P, B}),
    "Discrepancy.*": frozenset({A, F}),
    "Discrepancy.id": frozenset({A, F, P, B, O}),
    "Discrepancy.state": frozenset({A, F, P, B, O}),
    "Discrepancy.rule": frozenset({A, F, O}),
    "Discrepancy.severity": frozenset({A, F, O}),
    "Discrepancy.raisedAt": frozenset({A, F, O}),
    "Discrepancy.clearedAt": frozenset({A, F, O}),
    "Freshness.source": frozenset({A, F, O}),
    "Section.problem": frozenset({A, F, O}),
    "SourceStatus.feed": frozenset({O}),
}
"""The fields that not everybody may see who gets to them; `Type.*` stands for those of a type that have no own line."""

EVENTS: Mapping[OperationalEventType, frozenset[Role]] = {
    OperationalEventType.ORDER_RELEASED: frozenset({A, F, P}),
    OperationalEventType.ORDER_HELD: frozenset({A, F}),
    OperationalEventType.PICK_CONFIRMED: frozenset({A, P}),
    OperationalEventType.SHIPMENT_TENDER_ACCEPTED: frozenset({A, F, P}),
    OperationalEventType.LOAD_CONFIRMED: frozenset({A, P}),
    OperationalEventType.IN_TRANSIT_MILESTONE: frozenset({A, F, P}),
    OperationalEventType.ETA_CHANGED: frozenset({A, F, P}),
    OperationalEventType.PROOF_OF_DELIVERY: frozenset({A, F, P}),
    OperationalEventType.SHIPMENT_EXCEPTION: frozenset({A, F}),
    OperationalEventType.RETURN_RECEIVED: frozenset({A, F, P}),
    OperationalEventType.INVOICE_POSTED: frozenset({A, F}),
    OperationalEventType.CREDIT_HELD: frozenset({A, F}),
    OperationalEventType.CLAIM_UPDATED: frozenset({A, F, P}),
    OperationalEventType.DISCREPANCY_FOUND: frozenset({A}),
    OperationalEventType.DISCREPANCY_CLEARED: frozenset({A}),
}
"""Who hears which operational events: their sentences may say why an order or a shipment is held up."""

SIGNATURES = frozenset({"ProofOfDelivery.signedBy", "ProofOfDelivery.url"})
"""What a panel may see where the tenant says so."""

AUDITED: Mapping[str, frozenset[str]] = {
    "CaseView.credit": frozenset({"credit"}),
    "CaseView.timeline": frozenset({"credit", "signature"}),
    "CaseView.answers": frozenset({"credit", "signature"}),
    "CaseView.headline": frozenset({"signature"}),
    "EtaAnswer.message": frozenset({"signature"}),
    "Discrepancy.summary": frozenset({"credit"}),
    "Discrepancy.evidence": frozenset({"credit"}),
    "Customer.name": frozenset({"customer"}),
    "Customer.email": frozenset({"customer"}),
    "Customer.phone": frozenset({"customer"}),
    "ProofOfDelivery.signedBy": frozenset({"signature"}),
    "ProofOfDelivery.url": frozenset({"signature"}),
}
"""What is written to the audit log of who is shown these fields; see `audited`."""

CONCLUDES_FROM_ALL = frozenset({A, O})
"""Who is told of every contradiction; others only of those between systems whose sections they may see."""

NAMES_SOURCES = frozenset({A, F, O})
"""Who is told which systems there are."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What a caller may see.

    Attributes:
        roles: what it is here for.
        kinds: the sections.
        concluding: the kinds of entity that may be read to find contradictions for it.
        names_sources: whether it is told which systems there are.
        sees_signatures: whether it is shown who signed for a delivery, though the table says no.
    """

    roles: frozenset[Role]
    kinds: frozenset[EntityKind]
    concluding: frozenset[EntityKind]
    names_sources: bool
    sees_signatures: bool

    def withholds(self, kind: str, field: str) -> bool:
        """Whether a field of a GraphQL type is kept from it."""
        return _withholds(self, kind, field)

    @property
    def has_signatures(self) -> bool:
        """Whether it is told who signed for a delivery."""
        return not self.withholds("ProofOfDelivery", "signedBy")

    @property
    def has_amounts(self) -> bool:
        """Whether it is told what an invoice asks for."""
        return not self.withholds("Invoice", "total")


@lru_cache(maxsize=64)
def sight_of(roles: frozenset[Role], *, panels_see_signatures: bool = False) -> Sight:
    """What anybody with these roles may see.

    Args:
        roles: of the caller; what any of them may see, it may see.
        panels_see_signatures: whether panels may see who signed for a delivery.
    """
    kinds = frozenset(kind for kind, allowed in SECTIONS.items() if allowed & roles)
    return Sight(
        roles=roles,
        kinds=kinds,
        concluding=frozenset(EntityKind) if roles & CONCLUDES_FROM_ALL else kinds,
        names_sources=bool(roles & NAMES_SOURCES),
        sees_signatures=panels_see_signatures and P in roles,
    )


def hears(sight: Sight, event: OperationalEventType) -> bool:
    """Whether a caller is told of such events."""
    return bool(EVENTS[event] & sight.roles)


@lru_cache(maxsize=1_024)
def audited(sight: Sight, asked: frozenset[tuple[str, str]]) -> frozenset[str]:
    """What has to be accounted for, of all that is shown.

    Args:
        sight: of whom it is shown to.
        asked: the types and fields of an operation.

    Returns:
        Some of `credit`, `customer` and `signature`.
    """
    there: frozenset[str] = frozenset().union(*(AUDITED.get(f"{kind}.{field}", frozenset()) for kind, field in asked))
    seen = {
        "credit": EntityKind.CREDIT in sight.kinds,
        "customer": EntityKind.CUSTOMER in sight.kinds,
        "signature": sight.has_signatures,
    }
    return frozenset(what for what in there if seen[what])


def allowed_to(kind: str, field: str, interfaces: Iterable[str] = ()) -> frozenset[Role]:
    """Who may see a field of a GraphQL type; the line of an interface holds for the types that have it."""
    names = (f"{kind}.{field}", *(f"{each}.{field}" for each in interfaces), f"{kind}.*")
    return next((FIELDS[name] for name in names if name in FIELDS), frozenset(Role))


@lru_cache(maxsize=8_192)
def _withholds(sight: Sight, kind: str, field: str) -> bool:
    if field.startswith("__"):
        return False
    if sight.sees_signatures and f"{kind}.{field}" in SIGNATURES:
        return False
    is_section = kind.endswith("Section")
    return not allowed_to(kind, field, ["Section"] if is_section else []) & sight.roles
