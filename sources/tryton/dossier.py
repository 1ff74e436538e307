"""All that the answers of one moment say about one sale, put together by what points to what.

Complaints, return sales and credit notes point to a sale and not the other way, as `sale.sale,28` in a field
`origin`. All of it is still JSON: a record that cannot be read must not spoil others.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.identity import Reference, Scheme
from sources.tryton.search import SALE_NUMBERS, at

Json = Mapping[str, Any]

SUBJECTS = ("", "lines", "invoices", "invoices.lines")
"""What of a sale other records point to."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A credit note, and the records that its lines are about."""

    row: Json
    about: frozenset[str]


@dataclass(frozen=True, slots=True)
class Dossier:
    """One sale with all that points to it.

    Attributes:
        sale: its own record.
        return_sales: sales that take goods of it back.
        complaints: complaints about it, its invoices or their lines.
        corrections: credit notes for its invoices.
    """

    sale: Json
    return_sales: tuple[Json, ...] = ()
    complaints: tuple[Json, ...] = ()
    corrections: tuple[Correction, ...] = ()

    @property
    def order_number(self) -> str:
        """The sale's number; one that was never quoted has none and goes by its id."""
        return self.sale.get("number") or f"draft-{self.sale.get('id')}"

    def is_known_as(self, reference: Reference) -> bool:
        """Whether the sale is the one, or one of those, that somebody asked for."""
        numbers = (number for path in SALE_NUMBERS[reference.scheme] for number in at(self.sale, path))
        return reference.value in numbers and self._may_issue(reference)

    def _may_issue(self, reference: Reference) -> bool:
        """Customers number their own orders: two of them may use the same number."""
        is_customers = reference.scheme is Scheme.PO and reference.issuer is not None
        return not is_customers or reference.issuer in at(self.sale, "party.code")


def dossiers(
    sales: Iterable[Json],
    *,
    return_sales: Sequence[Json] = (),
    complaints: Sequence[Json] = (),
    corrections: Sequence[Json] = (),
) -> tuple[Dossier, ...]:
    """One dossier per sale, with whatever of the rest is about it."""
    about = {f"sale.complaint,{row.get('id')}": row.get("origin") for row in complaints}
    corrected = [Correction(row, frozenset(_about(at(row, "lines.origin"), about))) for row in corrections]
    return tuple(_dossier(sale, return_sales, complaints, corrected, about) for sale in sales)


def _dossier(
    sale: Json,
    return_sales: Iterable[Json],
    complaints: Iterable[Json],
    corrections: Iterable[Correction],
    about: Mapping[str, object],
) -> Dossier:
    subjects = {f"{row.get('__name__')},{row.get('id')}" for path in SUBJECTS for row in _rows(sale, path)}
    return Dossier(
        sale=sale,
        return_sales=tuple(row for row in return_sales if subjects.intersection(_about(at(row, "origin"), about))),
        complaints=tuple(row for row in complaints if _may_be_about(_about(at(row, "origin"), {}), subjects)),
        corrections=tuple(each for each in corrections if _may_be_about(each.about, subjects)),
    )


def _may_be_about(about: Iterable[str], subjects: Collection[str]) -> bool:
    """A record was found because it is about one of the sales; if it does not say which, it may be any."""
    origins = frozenset(about)
    return not origins or not origins.isdisjoint(subjects)


def _about(origins: Iterable[object], about: Mapping[str, object]) -> Iterator[str]:
    """What the origins are about in the end: a complaint stands for what it complains about."""
    for origin in origins:
        subject = about.get(origin, origin) if isinstance(origin, str) else None
        if isinstance(subject, str):
            yield subject


def _rows(sale: Json, path: str) -> Iterator[Json]:
    return (row for row in at(sale, path) if isinstance(row, dict))
