"""Which records answer which questions. Pure.

A record that cannot be read spoils the lookups that it answers, and no others.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from msgspec import ValidationError as MisfitError
from pydantic import ValidationError as WireError

from domain.identity import EntityKind, Reference, Scheme
from domain.links import references_of
from domain.lookup import Findings, Lookup
from domain.observation import Snapshot, UnmappedCode
from sources.tryton import codes, mapping, wire
from sources.tryton.dossier import Dossier, Json
from sources.tryton.mapping import MAX_NAME, Vantage
from sources.tryton.search import SALE_NUMBERS, at

MAX_REASON = 300
MAX_CODE = 200


@dataclass(frozen=True, slots=True)
class Recipe:
    """How entities of one kind are made.

    Attributes:
        record: what is read.
        rows: where it is read from.
        parts: the records in there that become entities.
        make: from record to snapshot.
    """

    record: type[wire.Record]
    rows: Callable[[Dossier], Iterable[Json]]
    parts: Callable[[Any], Iterable[wire.Record]]
    make: Callable[[Any, Dossier, Vantage], Snapshot]


def _sale(dossier: Dossier) -> Iterable[Json]:
    return (dossier.sale,)


def _return_sales(dossier: Dossier) -> Iterable[Json]:
    """A sale of negative quantities has returns of its own."""
    return (dossier.sale, *dossier.return_sales)


def _complaints(dossier: Dossier) -> Iterable[Json]:
    return dossier.complaints


RECIPES: Mapping[EntityKind, Recipe] = {
    EntityKind.ORDER: Recipe(wire.Sale, _sale, lambda sale: (sale,), mapping.order),
    EntityKind.CUSTOMER: Recipe(wire.CustomerOfSale, _sale, lambda sale: (sale.party,), mapping.customer),
    EntityKind.CREDIT: Recipe(
        wire.DebtorOfSale, _sale, lambda sale: (sale.invoice_party or sale.party,), mapping.credit
    ),
    EntityKind.INVOICE: Recipe(wire.InvoicesOfSale, _sale, lambda sale: sale.invoices, mapping.invoice),
    EntityKind.FULFILLMENT: Recipe(wire.ShipmentsOfSale, _sale, lambda sale: sale.shipments, mapping.fulfillment),
    EntityKind.RETURN: Recipe(wire.ReturnsOfSale, _return_sales, lambda sale: sale.shipment_returns, mapping.returned),
    EntityKind.CLAIM: Recipe(wire.Complaint, _complaints, lambda complaint: (complaint,), mapping.claim),
}


@dataclass(frozen=True, slots=True)
class Shelf:
    """What a warehouse's storage holds: all of it, and what of it nobody has set aside; both as JSON."""

    warehouse: Json
    on_hand: Sequence[Json]
    free: Sequence[Json]


def findings(
    lookups: Iterable[Lookup],
    known: Sequence[Dossier],
    is_about: Callable[[Dossier, Reference], bool],
    vantage: Vantage,
) -> Findings:
    """What is known, question by question.

    Args:
        lookups: the questions.
        known: what was answered.
        is_about: whether a dossier belongs to a number.
        vantage: whose answer it is, and when it was true.
    """
    unmapped: list[UnmappedCode] = []

    def answer(lookup: Lookup) -> Iterable[Snapshot]:
        dossiers = [dossier for dossier in known if is_about(dossier, lookup.by)]
        return _bearing(lookup.by, _snapshots(RECIPES[lookup.kind], dossiers, vantage, unmapped))

    found, unusable = _settled(lookups, answer)
    return Findings(found=found, unusable=unusable, unmapped=tuple(dict.fromkeys(unmapped)))


def stock_findings(lookups: Iterable[Lookup], shelves: Sequence[Shelf], vantage: Vantage) -> Findings:
    """What each warehouse holds of each item."""

    def answer(lookup: Lookup) -> Iterable[Snapshot]:
        for shelf in shelves:
            warehouse = wire.Coded.model_validate(shelf.warehouse)
            on_hand, free = (_levels(rows, lookup.by.value) for rows in (shelf.on_hand, shelf.free))
            yield from mapping.positions(warehouse, on_hand, free, vantage)

    found, unusable = _settled(lookups, answer)
    return Findings(found=found, unusable=unusable)


def merged(parts: Collection[Findings]) -> Findings:
    """The findings of several calls as one."""
    return Findings(
        found={lookup: snapshots for part in parts for lookup, snapshots in part.found.items()},
        unusable={lookup: reason for part in parts for lookup, reason in part.unusable.items()},
        unmapped=tuple(dict.fromkeys(code for part in parts for code in part.unmapped)),
    )


def _settled(
    lookups: Iterable[Lookup], answer: Callable[[Lookup], Iterable[Snapshot]]
) -> tuple[Mapping[Lookup, tuple[Snapshot, ...]], Mapping[Lookup, str]]:
    found: dict[Lookup, tuple[Snapshot, ...]] = {}
    unusable: dict[Lookup, str] = {}
    for lookup in lookups:
        try:
            found[lookup] = tuple(answer(lookup))
        except (WireError, MisfitError) as error:
            unusable[lookup] = _reason(lookup.kind, error)
    return found, unusable


def _snapshots(
    recipe: Recipe, known: Iterable[Dossier], vantage: Vantage, unmapped: list[UnmappedCode]
) -> Iterator[Snapshot]:
    for dossier in known:
        records = [recipe.record.model_validate(row) for row in recipe.rows(dossier)]
        unmapped += _unmapped(records, vantage.settings.complaint_kinds)
        yield from (recipe.make(part, dossier, vantage) for record in records for part in recipe.parts(record))


def _bearing(number: Reference, snapshots: Iterable[Snapshot]) -> Iterable[Snapshot]:
    """Those that bear the number themselves, if it is theirs; else all, because it is their order's."""
    everything = list(snapshots)
    bearing = [each for each in everything if any(number.may_be(name) for name in references_of(each.content))]
    return bearing or everything


def _levels(rows: Iterable[Json], sku: str) -> Mapping[int, wire.Stock]:
    stocks = [wire.Stock.model_validate(row) for row in rows if row.get("code") == sku]
    return {stock.id: stock for stock in stocks}


def _unmapped(records: Iterable[wire.Record], complaint_kinds: Collection[str]) -> Iterator[UnmappedCode]:
    """Values that no table has, wherever they stand in the records."""
    known = {**codes.KNOWN, "sale.complaint.type.name": complaint_kinds}
    for record in chain.from_iterable(map(wire.walk, records)):
        for name in type(record).model_fields:
            values = known.get(f"{record.model}.{name}")
            value = getattr(record, name)
            if values is not None and isinstance(value, str) and value not in values:
                yield UnmappedCode(f"{record.model}.{name}", value[:MAX_CODE])


def _reason(kind: EntityKind, error: WireError | MisfitError) -> str:
    """What was wrong where, without the value itself."""
    if isinstance(error, MisfitError):
        return f"{kind.value}: {error}"[:MAX_REASON]
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(map(str, first["loc"]))
    return f"{kind.value}: {place}: {first['msg']}"[:MAX_REASON]


def questions_about(sales: Sequence[Json], kinds: Iterable[EntityKind]) -> Iterator[Lookup]:
    """Every question of these kinds by a number of these sales; some may come twice."""
    numbers = [
        Reference(scheme=scheme, value=value)
        for scheme, paths in SALE_NUMBERS.items()
        for path in paths
        for value in _names(sales, path)
    ]
    return (Lookup(kind, number) for kind in kinds for number in numbers)


def questions_about_customers(parties: Sequence[Json]) -> Iterator[Lookup]:
    """Who each of these parties is."""
    codes_ = (Reference(scheme=Scheme.CUSTOMER, value=code) for code in _names(parties, "code"))
    return (Lookup(EntityKind.CUSTOMER, code) for code in codes_)


def _names(records: Sequence[Json], path: str) -> Iterator[str]:
    """The numbers at a path; nobody can ask by one that is no text, or too long."""
    return (value for value in at(records, path) if isinstance(value, str) and 0 < len(value) <= MAX_NAME)
