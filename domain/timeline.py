"""Everything that happened, from every system, in one list."""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from domain.billing import CreditStatus, Invoice
from domain.case_view import Section, Withdrawn
from domain.claims import Claim
from domain.entity import Entity
from domain.errors import InvalidRequest
from domain.freshness import Freshness
from domain.fulfillment import Fulfillment, Progress
from domain.identity import EntityKind, SourceKind
from domain.order import Order
from domain.place import Location
from domain.returns import Return
from domain.service_case import ServiceCase
from domain.shipment import Classifier, Milestone, Shipment


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One thing that happened; `recordedAt` is when its system wrote it down, as far as it says."""

    occurred_at: datetime
    recorded_at: datetime
    source: str
    source_kind: SourceKind
    title: str
    detail: str | None
    entity: str
    event_id: str | None = None

    @property
    def cursor(self) -> str:
        """Names it in its list; what happens later, or turns up in between, does not change it."""
        parts = (self.source, self.entity, self.title, self.detail or "", self.event_id or "")
        digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
        return urlsafe_b64encode(f"{self.occurred_at.timestamp():020.6f} {digest}".encode()).decode()


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """A part of the list; `total` counts all of it."""

    entries: Sequence[TimelineEntry]
    has_more: bool
    total: int


Said = tuple[datetime | None, str, str | None]
"""When, what, and in more words."""

Roles = Mapping[tuple[str, EntityKind], SourceKind]
"""In which role each source serves each kind of entity."""


def timeline_of(
    sections: Mapping[EntityKind, Section], roles: Roles, *, has_amounts: bool = True
) -> list[TimelineEntry]:
    """Everything that happened in a view, newest first; the same view gives the same list.

    Args:
        sections: the view.
        roles: of its sources; what comes from any other is left out.
        has_amounts: whether it is told what invoices ask for.
    """
    tellers = _TELLERS if has_amounts else _UNPRICED
    told = (entry for kind, section in sections.items() for entry in _of_section(kind, section, roles, tellers))
    entries = {entry.cursor: entry for entry in told}
    return [entries[cursor] for cursor in sorted(entries, key=_place, reverse=True)]


def page_of(
    entries: Sequence[TimelineEntry], first: int, after: str | None, sources: Collection[SourceKind] | None
) -> TimelinePage:
    """A part of a list, newest first.

    Args:
        entries: the list.
        first: how many.
        after: only what is older than the entry of this cursor, whether it is still there or not.
        sources: only of sources in these roles.

    Raises:
        InvalidRequest: `after` is no cursor.
    """
    chosen = [entry for entry in entries if sources is None or entry.source_kind in sources]
    place = None if after is None else _read(after)
    older = [entry for entry in chosen if place is None or _place(entry.cursor) < place]
    return TimelinePage(older[:first], has_more=len(older) > first, total=len(chosen))


def _place(cursor: str) -> tuple[float, str]:
    moment, digest = urlsafe_b64decode(cursor).decode().split(" ")
    return float(moment), digest


def _read(cursor: str) -> tuple[float, str]:
    try:
        return _place(cursor)
    except (ValueError, Base64Error) as error:
        raise InvalidRequest(field="after", found=cursor[:40], allowed="the cursor of a page") from error


def _of_section(kind: EntityKind, section: Section, roles: Roles, tellers: "Tellers") -> Iterator[TimelineEntry]:
    for node, freshness, withdrawn in zip(section.nodes, section.node_freshness, section.withdrawn, strict=True):
        role = roles.get((freshness.source or "", kind))
        if role is not None:
            yield from _of_entity(node, freshness, role, tellers)
            yield from _taken_back(node, freshness, role, withdrawn)


def _of_entity(node: Entity, freshness: Freshness, role: SourceKind, tellers: "Tellers") -> Iterator[TimelineEntry]:
    name = f"{type(node).__name__} {_name(node)}"
    source = freshness.source or "unknown"
    if isinstance(node, Shipment):
        for milestone in node.milestones:
            if milestone.classifier is Classifier.ACTUAL:
                yield _of_milestone(milestone, source, role, name)
    for occurred_at, title, detail in tellers[type(node)](node, freshness) if type(node) in tellers else ():
        if occurred_at is not None:
            yield TimelineEntry(occurred_at, freshness.as_of or occurred_at, source, role, title, detail, name)


def _of_milestone(milestone: Milestone, source: str, role: SourceKind, name: str) -> TimelineEntry:
    told = (milestone.description, _where(milestone.location))
    return TimelineEntry(
        occurred_at=milestone.occurred_at,
        recorded_at=milestone.recorded_at,
        source=source,
        source_kind=role,
        title=_words(milestone.code.value),
        detail=", ".join(each for each in told if each) or None,
        entity=name,
        event_id=milestone.event_id,
    )


def _taken_back(
    node: Entity, freshness: Freshness, role: SourceKind, withdrawn: Iterable[Withdrawn]
) -> Iterator[TimelineEntry]:
    """What a system said, and said later that it had not happened: placed where it was taken back."""
    for each in withdrawn:
        said = each.content
        if isinstance(said, Milestone | Progress):
            word = said.code if isinstance(said, Milestone) else said.status
            yield TimelineEntry(
                occurred_at=each.recorded_at,
                recorded_at=each.recorded_at,
                source=freshness.source or "unknown",
                source_kind=role,
                title="Taken back",
                detail=f"{_words(word.value)} of {said.occurred_at.isoformat(timespec='minutes')} did not happen",
                entity=f"{type(node).__name__} {_name(node)}",
                event_id=said.event_id,
            )


def _of_order(order: Order, _: Freshness) -> Iterable[Said]:
    yield order.ordered_at, "Ordered", f"Order {order.number}"
    for hold in order.holds:
        yield hold.placed_at, f"On {_words(hold.kind.value).lower()} hold", hold.reason


def _of_shipment(shipment: Shipment, _: Freshness) -> Iterable[Said]:
    for each in shipment.exceptions:
        yield each.raised_at, f"Exception: {_words(each.kind.value).lower()}", each.detail
        yield each.cleared_at, f"Exception over: {_words(each.kind.value).lower()}", each.detail
    proof = shipment.proof_of_delivery
    if proof:
        yield proof.delivered_at, "Proof of delivery", proof.signed_by and f"signed by {proof.signed_by}"


def _of_fulfillment(fulfillment: Fulfillment, _: Freshness) -> Iterable[Said]:
    about = f"Delivery {fulfillment.id}"
    yield fulfillment.released_at, "Released to the warehouse", about
    yield fulfillment.picked_at, "Picked", about
    yield fulfillment.packed_at, "Packed", about
    yield fulfillment.shipped_at, "Left the warehouse", about


def _of_invoice(invoice: Invoice, freshness: Freshness) -> Iterable[Said]:
    total = f"{invoice.total.amount} {invoice.total.currency}"
    for when, status, name in _of_unpriced(invoice, freshness):
        yield when, status, f"{name}, {total}"


def _of_unpriced(invoice: Invoice, freshness: Freshness) -> Iterable[Said]:
    yield freshness.as_of, f"Invoice {_words(invoice.status.value).lower()}", f"Invoice {invoice.number}"


def _of_credit(credit: CreditStatus, freshness: Freshness) -> Iterable[Said]:
    yield freshness.as_of, f"Credit: {_words(credit.status.value).lower()}", credit.hold_reason


def _of_return(returned: Return, _: Freshness) -> Iterable[Said]:
    yield returned.requested_at, "Return asked for", returned.reason
    yield returned.received_at, "Return arrived", f"Return {returned.number}"


def _of_claim(claim: Claim, _: Freshness) -> Iterable[Said]:
    yield claim.updated_at, f"Claim {_words(claim.status.value).lower()}", f"Claim {claim.number}"


def _of_case(case: ServiceCase, _: Freshness) -> Iterable[Said]:
    yield case.opened_at, "Case opened", case.subject
    yield case.closed_at, "Case closed", f"Case {case.number}"


Tellers: TypeAlias = Mapping[type[Entity], Callable[..., Iterable[Said]]]
"""What tells of each kind of entity what happened to it."""

_TELLERS: Tellers = {
    Order: _of_order,
    Shipment: _of_shipment,
    Fulfillment: _of_fulfillment,
    Invoice: _of_invoice,
    CreditStatus: _of_credit,
    Return: _of_return,
    Claim: _of_claim,
    ServiceCase: _of_case,
}
_UNPRICED: Tellers = {**_TELLERS, Invoice: _of_unpriced}

TOLD = frozenset(
    {
        EntityKind.ORDER,
        EntityKind.SHIPMENT,
        EntityKind.FULFILLMENT,
        EntityKind.INVOICE,
        EntityKind.CREDIT,
        EntityKind.RETURN,
        EntityKind.CLAIM,
        EntityKind.SERVICE_CASE,
    }
)
"""Kinds of entity that something happens to."""


def _name(entity: Entity) -> str:
    for field in ("number", "id", "customer_id"):
        if name := getattr(entity, field, None):
            return str(name)
    return "without a name"


def _words(code: str) -> str:
    return code.replace("_", " ").capitalize()


def _where(place: Location | None) -> str | None:
    if place is None:
        return None
    return ", ".join(each for each in (place.city or place.name, place.region, place.country_code) if each) or None
