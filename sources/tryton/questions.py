"""What Tryton is asked. Pure.

Everything that hangs on a sale comes with the sale, a whole batch in one answer. What points to it from outside is
asked for next, by id: Tryton follows references when it searches, but not when it reads.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.identity import EntityKind, Reference, Scheme
from domain.lookup import Lookup
from sources.tryton import wire
from sources.tryton.codes import CREDIT_CHECKED_METHOD, CREDIT_CHECKED_STATE
from sources.tryton.dossier import SUBJECTS, Json
from sources.tryton.findings import RECIPES
from sources.tryton.search import PARTY_RECORDS, SALE_NUMBERS, SALE_RECORDS, Domain, at, changed_since, known_as

POINTED_AT = frozenset({EntityKind.CLAIM, EntityKind.RETURN, EntityKind.INVOICE})
"""Kinds that take complaints into account: claims are complaints, returns and credit notes may be made for one."""

PARTIES: Mapping[EntityKind, type[wire.Record]] = {EntityKind.CUSTOMER: wire.Party, EntityKind.CREDIT: wire.Debtor}
"""What a party is read with where no sale leads to it."""

ACTIVE_OR_NOT: Domain = ["active", "in", [True, False]]
"""Tryton leaves out what is inactive unless the domain says so."""


@dataclass(frozen=True, slots=True)
class Question:
    """One search.

    Attributes:
        model: what is searched.
        domain: the condition.
        fields: dotted names of what is read.
        context: in addition to the company; some fields depend on it.
    """

    model: str
    domain: Domain
    fields: Sequence[str]
    context: Mapping[str, object] = field(default_factory=dict)


def sale_question(lookups: Iterable[Lookup], company: int) -> Question:
    """The sales that the lookups are about."""
    kinds = {lookup.kind: None for lookup in lookups}
    numbers = [lookup.by for lookup in lookups]
    fields = dict.fromkeys(_sale_fields(kinds, numbers))
    return Question("sale.sale", [["company", "=", company], known_as(numbers)], list(fields))


def change_question(since: datetime, company: int) -> Question:
    """The sales of which anything was made or written since a moment, with every number that leads to them."""
    return _numbers_of([["company", "=", company], changed_since(since, SALE_RECORDS)])


def party_change_question(since: datetime) -> Question:
    """The parties that were made or written since a moment, inactive ones as well; most of them never bought."""
    return Question("party.party", [changed_since(since, PARTY_RECORDS), ACTIVE_OR_NOT], ["code"])


def credit_question(company: int) -> Question:
    """The sales that may be on credit hold, with every number that leads to them.

    Who may buy on credit hangs on all that the customer ordered and paid, and on the rates of the day: no record of the
    sale is written when it changes.
    """
    held = [["state", "=", CREDIT_CHECKED_STATE], ["shipment_method", "=", CREDIT_CHECKED_METHOD]]
    return _numbers_of([["company", "=", company], *held])


def _numbers_of(domain: Domain) -> Question:
    fields = dict.fromkeys(path for paths in SALE_NUMBERS.values() for path in paths)
    return Question("sale.sale", domain, list(fields))


def _sale_fields(kinds: Collection[EntityKind], numbers: Iterable[Reference]) -> Iterator[str]:
    """What the kinds are made of, and what it takes to tell which sale is meant and what points to it."""
    schemes = dict.fromkeys(number.scheme for number in numbers)
    yield "number"
    for kind in kinds:
        if kind is not EntityKind.CLAIM:
            yield from wire.paths(RECIPES[kind].record)
    for scheme in schemes:
        yield from SALE_NUMBERS[scheme]
    if Scheme.PO in schemes:
        yield "party.code"
    if not POINTED_AT.isdisjoint(kinds):
        yield from (f"{subject}.id" for subject in SUBJECTS if subject)


def pointer_questions(lookups: Iterable[Lookup], sales: Sequence[Json]) -> Mapping[str, Question]:
    """What may point to the sales, as far as the lookups need it; by the name under which `dossiers` takes it."""
    kinds = {lookup.kind for lookup in lookups}
    ids, invoices = list(at(sales, "id")), list(at(sales, "invoices.id"))
    questions = {}
    if ids and not POINTED_AT.isdisjoint(kinds):
        questions["complaints"] = _complaints(ids, invoices)
    if ids and EntityKind.RETURN in kinds:
        questions["return_sales"] = _return_sales(ids)
    if invoices and EntityKind.INVOICE in kinds:
        questions["corrections"] = _corrections(invoices)
    return questions


def _complaints(sales: Sequence[object], invoices: Sequence[object]) -> Question:
    """A complaint is about a sale, an invoice, or a line of either."""
    domain = [
        "OR",
        ["origin.id", "in", sales, "sale.sale"],
        ["origin.sale", "in", sales, "sale.line"],
        ["origin.id", "in", invoices, "account.invoice"],
        ["origin.invoice", "in", invoices, "account.invoice.line"],
    ]
    return Question("sale.complaint", domain, list(wire.paths(wire.Complaint)))


def _return_sales(sales: Sequence[object]) -> Question:
    """A return sale takes a sale back directly, or settles a complaint about it or a line of it."""
    domain = [
        "OR",
        ["origin.id", "in", sales, "sale.sale"],
        ["origin.origin.id", "in", sales, "sale.complaint", "sale.sale"],
        ["origin.origin.sale", "in", sales, "sale.complaint", "sale.line"],
    ]
    return Question("sale.sale", domain, ["number", "origin", *wire.paths(wire.ReturnsOfSale)])


def _corrections(invoices: Sequence[object]) -> Question:
    """A credit note corrects lines of an invoice directly, or settles a complaint about it or a line of it."""
    domain = [
        "OR",
        ["lines.origin.invoice", "in", invoices, "account.invoice.line"],
        ["lines.origin.origin.id", "in", invoices, "sale.complaint", "account.invoice"],
        ["lines.origin.origin.invoice", "in", invoices, "sale.complaint", "account.invoice.line"],
    ]
    return Question("account.invoice", domain, list(wire.paths(wire.Correction)))


def party_question(lookups: Collection[Lookup]) -> Question:
    """The parties that the lookups name, inactive ones as well."""
    codes = list(dict.fromkeys(lookup.by.value for lookup in lookups))
    kinds = dict.fromkeys(lookup.kind for lookup in lookups)
    fields = dict.fromkeys(path for kind in kinds for path in wire.paths(PARTIES[kind]))
    return Question("party.party", [["code", "in", codes], ACTIVE_OR_NOT], list(fields))


def company_question(company: int) -> Question:
    """The company itself."""
    return Question("company.company", [["id", "=", company]], ["currency.code"])


def warehouse_question(codes: Sequence[str]) -> Question:
    """The warehouses with these codes, or all."""
    chosen = [["code", "in", list(codes)]] if codes else []
    return Question("stock.location", [["type", "=", "warehouse"], *chosen], list(wire.paths(wire.Coded)))


def stock_question(lookups: Iterable[Lookup], warehouse: object, *, is_free: bool) -> Question:
    """How much of the items is in a warehouse's storage, all of it or what is free to be set aside.

    Goods that are picked have left the storage, although Tryton counts them to the warehouse until they arrive at
    the customer's.
    """
    skus = list(dict.fromkeys(lookup.by.value for lookup in lookups))
    return Question(
        "product.product",
        [["code", "in", skus], ["type", "!=", "service"]],
        list(wire.paths(wire.Stock)),
        {"locations": [warehouse], "stock_skip_warehouse": True, "stock_assign": is_free},
    )
