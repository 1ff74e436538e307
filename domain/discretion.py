"""What may be told to whom: sections that are kept from a caller, and what others would give away of them."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from domain.billing import Invoice
from domain.case_view import Section
from domain.entity import Entity
from domain.eta import Eta
from domain.freshness import Freshness, FreshnessState
from domain.fulfillment import Fulfillment, FulfillmentStatus
from domain.hold import Hold, HoldKind
from domain.identity import EntityKind
from domain.money import Money
from domain.order import Order, OrderStatus
from domain.saying import Saying
from domain.shipment import Milestone, MilestoneCode, Shipment
from domain.shipment_exception import ExceptionKind, ShipmentException

Silence = Callable[[Entity], Entity]
"""Leaves out of an entity what it would give away."""

HELD = frozenset({OrderStatus.ON_HOLD, FulfillmentStatus.ON_HOLD})
"""Statuses for which systems have words of their own that say why, e.g. "CREDIT HOLD"."""

UNCLEAR = frozenset({HoldKind.MANUAL, HoldKind.OTHER})
"""Kinds of hold that do not say what it is about: credit may be all that their words speak of."""

RAISED_OR_CLEARED = frozenset({MilestoneCode.EXCEPTION_RAISED, MilestoneCode.EXCEPTION_CLEARED})
"""Milestones that tell of an exception."""


def forbidden(kind: EntityKind) -> Section:
    """A section that the caller may not see; nobody was asked for it."""
    return Section(kind, (), (), (), (), Freshness(FreshnessState.FORBIDDEN), None)


def told_to(
    sections: Mapping[EntityKind, Section], kinds: Collection[EntityKind], *, has_signatures: bool = True
) -> Mapping[EntityKind, Section]:
    """The sections of these kinds; of what is in no such section, the others say nothing.

    Args:
        sections: what is known.
        kinds: what may be seen; without credit, nothing says that credit holds something up.
        has_signatures: whether it may be seen who signed for a delivery.
    """
    seen = {kind: section for kind, section in sections.items() if kind in kinds}
    silences: list[Silence] = [] if EntityKind.CREDIT in kinds else [without_credit]
    silences += [] if has_signatures else [without_signature]
    return {kind: _silent(section, silences) for kind, section in seen.items()} if silences else seen


def spoken_of(sections: Mapping[EntityKind, Section], *, has_amounts: bool) -> Mapping[EntityKind, Section]:
    """The sections that sentences and the timeline speak of; without amounts, of an invoice only how far it is."""
    invoices = sections.get(EntityKind.INVOICE)
    if has_amounts or invoices is None:
        return sections
    return {**sections, EntityKind.INVOICE: _silent(invoices, [_bare])}


def _silent(section: Section, silences: Sequence[Silence]) -> Section:
    earlier = tuple(each if each is None else _silenced(each, silences) for each in section.earlier)
    return replace(section, nodes=tuple(_silenced(each, silences) for each in section.nodes), earlier=earlier)


def _silenced(entity: Entity, silences: Sequence[Silence]) -> Entity:
    for silence in silences:
        entity = silence(entity)
    return entity


def without_credit(entity: Entity) -> Entity:
    """The entity, saying nothing of credit that holds it up."""
    match entity:
        case Order() | Fulfillment() if entity.holds or entity.status in HELD:
            holds = tuple(_wordless(each) for each in entity.holds if each.kind is not HoldKind.CREDIT)
            return replace(entity, holds=holds, source_status=_word_of(entity))
        case Shipment():
            return _shipment_without_credit(entity)
        case _:
            return entity


def _wordless(hold: Hold) -> Hold:
    """The hold; if its kind does not say what it is about, only that there is one, and since when."""
    return Hold(kind=hold.kind, placed_at=hold.placed_at) if hold.kind in UNCLEAR else hold


def _word_of(entity: Order | Fulfillment) -> str | None:
    """The system's own word, unless it may be the word for a hold that is about credit."""
    is_held = entity.status in HELD or any(each.kind in {HoldKind.CREDIT, *UNCLEAR} for each in entity.holds)
    return None if is_held else entity.source_status


def _shipment_without_credit(shipment: Shipment) -> Shipment:
    if shipment.eta is not None:
        shipment = replace(shipment, eta=untelling(shipment.eta))
    of_credit = [each for each in shipment.exceptions if each.kind is ExceptionKind.CREDIT_HOLD]
    if not of_credit:
        return shipment
    return replace(
        shipment,
        exceptions=tuple(each for each in shipment.exceptions if each.kind is not ExceptionKind.CREDIT_HOLD),
        milestones=tuple(each for each in shipment.milestones if not _tells_of(each, of_credit)),
        source_status=None,
    )


def untelling(eta: Eta) -> Eta:
    """The statement, not saying that credit was the reason for a change."""
    return eta if eta.change_reason is not ExceptionKind.CREDIT_HOLD else replace(eta, change_reason=None)


def _tells_of(milestone: Milestone, exceptions: Sequence[ShipmentException]) -> bool:
    """Whether it is the milestone of one of these: by the code of its source, or by its time."""
    codes = {each.source_code for each in exceptions}
    moments = {moment for each in exceptions for moment in (each.raised_at, each.cleared_at)}
    is_then = milestone.code in RAISED_OR_CLEARED and milestone.occurred_at in moments
    return is_then or milestone.source_code in codes


def _bare(entity: Entity) -> Entity:
    """An invoice of which its number and status are told; what it asks for has to be there, and is not spoken of."""
    if not isinstance(entity, Invoice):
        return entity
    return replace(entity, source_status=None, due_on=None, days_overdue=0, is_disputed=False, dispute=None, credits=())


UNPRICED: Mapping[str, str] = {
    "answer.invoice.open": "answer.invoice.open.unpriced",
    "answer.invoice.partly_paid": "answer.invoice.partly_paid.unpriced",
}
"""What is said instead of a sentence that names an amount."""


def unpriced(said: Saying) -> Saying:
    """The sentence, saying nothing of what an invoice asks for."""
    facts = {name: each for name, each in said.facts.items() if not isinstance(each, Money)}
    inner = {name: unpriced(each) if isinstance(each, Saying) else each for name, each in facts.items()}
    return Saying(UNPRICED.get(said.code, said.code), inner)


def without_signature(entity: Entity) -> Entity:
    """The entity, saying nothing of who signed for it, nor where the signature can be looked at."""
    if not isinstance(entity, Shipment) or entity.proof_of_delivery is None:
        return entity
    return replace(entity, proof_of_delivery=replace(entity.proof_of_delivery, signed_by=None, url=None))


def redacted(payload: str) -> str:
    """What somebody sent, as far as its shape goes: the keys of JSON, and of each value only its type.

    Of anything else, or of JSON that is nested deeper than anybody means, only the length.
    """
    try:
        return json.dumps(_masked(json.loads(payload)), ensure_ascii=False)
    except (ValueError, RecursionError):
        return f"<{len(payload)} characters that are not JSON>"


def _masked(value: Any) -> Any:  # noqa: ANN401  # JSON in, JSON out
    match value:
        case dict():
            return {key: _masked(each) for key, each in value.items()}
        case list():
            return [_masked(each) for each in value]
        case None:
            return None
        case bool():
            return "<boolean>"
        case int() | float():
            return "<number>"
        case _:
            return "<text>"
