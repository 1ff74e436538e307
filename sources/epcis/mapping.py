"""From EPCIS events to steps of fulfillments. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from domain.fulfillment import FulfillmentStatus, MovedQuantity, Package, Progress
from domain.identity import EntityKey, EntityKind, Scheme
from domain.observation import Occurrence, Retraction, UnmappedCode
from sources.epcis import codes, wire
from sources.epcis.documents import Document, belonging_to, deliveries_of, documents_of, unknown_types
from sources.epcis.identifiers import gln, gtin, sscc
from sources.epcis.settings import EpcisSettings
from sources.epcis.vocabulary import Vocabulary, word

MAX_CODE = 200
"""Longest code that a step holds."""


def observations_of(event: wire.Event, identity: str, settings: EpcisSettings) -> tuple[Occurrence | Retraction, ...]:
    """The same step of each fulfillment that the event names; or, of an error declaration, that it was none.

    Args:
        event: one that is not ignored.
        identity: names the event; an error declaration has the one of the event that it declares.
        settings: whose event it is, and which documents name fulfillments.

    Raises:
        msgspec.ValidationError: a name or a number is longer than any that is held.
        OverflowError: a time lies outside all that can be held.
    """
    documents = documents_of(event, settings)
    deliveries = deliveries_of(documents, settings)
    if event.error_declaration:
        declared_at = _declared_at(event, event.error_declaration)
        return tuple(Retraction(_key(each, settings), identity, declared_at) for each in deliveries)
    is_alone = len(deliveries) == 1
    own = {each: belonging_to(each, deliveries, documents) for each in deliveries}
    return tuple(
        Occurrence(
            _key(each, settings), identity, recorded_at(event), _progress(event, own[each], settings, is_alone=is_alone)
        )
        for each in deliveries
    )


def ignored_as(event: wire.Event, settings: EpcisSettings) -> str | None:
    """What makes an event of no use here, in words; null if it is of use."""
    if not deliveries_of(documents_of(event, settings), settings):
        return f"{event.type} that names no fulfillment"
    step, disposition = _step(event), _disposition(event)
    if step is None:
        return f"{event.type} without a step"
    is_ignored = step in codes.STEP_IGNORED or disposition in codes.DISPOSITION_IGNORED
    return f"{event.type} {_code(step, disposition)}" if is_ignored else None


def unmapped_of(event: wire.Event, settings: EpcisSettings) -> Iterator[UnmappedCode]:
    """The codes of an event that no table knows."""
    step, disposition = _step(event), _disposition(event)
    if event.biz_step and step not in {*codes.STATUS, *codes.SETBACK, *codes.STEP_IGNORED}:
        yield UnmappedCode("bizStep", event.biz_step)
    known = codes.DISPOSITION | codes.DISPOSITION_STOPS | codes.DISPOSITION_IGNORED
    if event.disposition and disposition not in known:
        yield UnmappedCode("disposition", event.disposition)
    for type_ in unknown_types(event, settings):
        yield UnmappedCode("bizTransaction.type", type_)


def recorded_at(event: wire.Event) -> datetime:
    """When the repository wrote it down; an event that is captured for the first time has only its own time."""
    return (event.record_time or event.event_time).astimezone(UTC)


def _key(delivery: Document, settings: EpcisSettings) -> EntityKey:
    return EntityKey(tenant=settings.tenant, source=settings.id, kind=EntityKind.FULFILLMENT, id=delivery.name)


def _declared_at(event: wire.Event, declaration: wire.ErrorDeclaration) -> datetime:
    """The later of both times: a declaration that is sent before it is recorded has only its own."""
    return max(recorded_at(event), declaration.declaration_time.astimezone(UTC))


def _progress(event: wire.Event, documents: Sequence[Document], settings: EpcisSettings, *, is_alone: bool) -> Progress:
    """The step of one fulfillment; of an event about several nobody knows which goods are whose."""
    status = _status(event)
    has_goods = is_alone and not _is_undone(event)
    return Progress(
        status=status,
        occurred_at=_occurred_at(event),
        recorded_at=recorded_at(event),
        order_number=next((each.number for each in documents if each.scheme is Scheme.SO), None),
        warehouse=None if status is FulfillmentStatus.UNKNOWN else _warehouse(event),
        quantities=tuple(_quantities(event)) if has_goods else (),
        packages=tuple(_packages(event)) if has_goods else (),
        references=tuple(each.reference for each in documents),
        source_code=_code(event.biz_step or "", event.disposition),
        source=settings.id,
        event_id=event.event_id,
    )


def _status(event: wire.Event) -> FulfillmentStatus:
    """How far the step brings the fulfillment, if its goods can go on and it is not undone."""
    step, disposition = _step(event) or "", _disposition(event)
    if step in codes.SETBACK:
        return codes.SETBACK[step]
    can_go_on = disposition is None or disposition in codes.DISPOSITION
    is_onward = can_go_on and not _is_undone(event)
    return codes.STATUS.get(step, FulfillmentStatus.UNKNOWN) if is_onward else FulfillmentStatus.UNKNOWN


def _is_undone(event: wire.Event) -> bool:
    """Whether the objects are no longer what the step made of them: in the container, or under the documents."""
    is_taken_out = event.type == "AggregationEvent" and _step(event) in codes.TAKES_OUT
    return event.action == "DELETE" and not is_taken_out


def _occurred_at(event: wire.Event) -> datetime:
    """The event's time on the clock of the place where it happened, as far as that is said."""
    if event.event_time_zone_offset is None:
        return event.event_time
    zone = datetime.strptime(event.event_time_zone_offset, "%z").tzinfo
    return event.event_time.astimezone(zone)


def _warehouse(event: wire.Event) -> str | None:
    """Where it happened, else where the goods are since: of goods that have left, only the former is the warehouse."""
    place = event.read_point or event.biz_location
    return (gln(place.id) or place.id) if place else None


def _quantities(event: wire.Event) -> Iterator[MovedQuantity]:
    """Pieces of each article."""
    pieces: defaultdict[str, Decimal] = defaultdict(Decimal)
    for identifier, number in _counted(event):
        if article := gtin(identifier):
            pieces[article] += number
    return (MovedQuantity(sku=article, quantity=pieces[article]) for article in sorted(pieces))


def _counted(event: wire.Event) -> Iterator[tuple[str, Decimal]]:
    """Single objects, and those of a class that are counted: what is weighed or measured is no number of pieces."""
    yield from ((epc, Decimal(1)) for epc in event.epcs)
    for each in event.quantities:
        if each.quantity is not None and each.uom is None:
            yield each.epc_class, each.quantity


def _packages(event: wire.Event) -> Iterator[Package]:
    """Handling units among the objects, and the one that they are in; what they are taken out of is none."""
    parents = (event.parent_id,) if event.parent_id and event.action != "DELETE" else ()
    units = {unit for identifier in (*event.epcs, *parents) if (unit := sscc(identifier))}
    return (Package(id=unit, sscc=unit) for unit in sorted(units))


def _step(event: wire.Event) -> str | None:
    return word(event.biz_step, Vocabulary.STEP) if event.biz_step else None


def _disposition(event: wire.Event) -> str | None:
    return word(event.disposition, Vocabulary.DISPOSITION) if event.disposition else None


def _code(step: str, disposition: str | None) -> str:
    return (f"{step} {disposition}" if disposition else step)[:MAX_CODE]
