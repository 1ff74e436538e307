"""What was said of a delivery before it happened: the first words, and the latest ones.

A join, as everything that is known: of one and the same statement the first and the last time are kept at which it was
said, of those that began earliest and those that ended latest. So neither order nor repetition matters, and a carrier
that changes its mind every quarter of an hour does not grow without end.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby

from msgspec.structs import replace

from domain.eta import Eta, EtaBasis
from domain.model import Model
from domain.shipment import Classifier, Milestone, MilestoneCode, Shipment
from domain.shipment_exception import ExceptionKind

KEPT_STATEMENTS = 20
"""Different statements of one basis of which it is kept when they were said first, and when last."""

BEFOREHAND = frozenset({EtaBasis.CARRIER_ESTIMATE, EtaBasis.PLANNED})
"""What a system of record says before it happens; what happened is none of it."""

OF_DELIVERY = frozenset({MilestoneCode.ETA_CHANGED, MilestoneCode.DELIVERED})
"""Milestones that, as long as they are only expected, say when it is delivered."""

LATELY = timedelta(days=1)
"""A carrier may be told of a trouble before it says again what it said before, and think about it then."""

_BASIS_OF = {Classifier.ESTIMATED: EtaBasis.CARRIER_ESTIMATE, Classifier.PLANNED: EtaBasis.PLANNED}


@dataclass(frozen=True, slots=True)
class Statement:
    """That a delivery is expected.

    Attributes:
        basis: what kind of statement it is.
        value: when; a day is meant to its end at the place of delivery.
        said_at: the source's time at which it was said.
    """

    basis: EtaBasis
    value: datetime | date
    said_at: datetime

    @property
    def order(self) -> tuple[datetime, str, str]:
        """Which of two was said later; total over different statements."""
        return (self.said_at, self.basis.value, self.value.isoformat())


def statements_in(content: Model | None, said_at: datetime) -> Iterator[Statement]:
    """What a state, or something that is told beside it, says of the delivery."""
    if isinstance(content, Milestone):
        basis = _BASIS_OF.get(content.classifier)
        if basis and content.code in OF_DELIVERY:
            yield Statement(basis, content.occurred_at.astimezone(UTC), said_at)
    elif isinstance(content, Shipment) and content.eta and content.eta.basis in BEFOREHAND:
        value = value_of(content.eta)
        if value is not None:
            yield Statement(content.eta.basis, value, said_at)


def value_of(eta: Eta) -> datetime | date | None:
    """What it says, as one value: the instant, the end of its window, both in UTC, or the day."""
    instant = eta.estimated_at or eta.latest
    return instant.astimezone(UTC) if instant else eta.on_date


def joined(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """The statements that are kept of these, in the order in which they were said."""
    in_order = sorted(set(statements), key=lambda each: each.order)
    if len(in_order) == 1 and in_order[0].basis in BEFOREHAND:
        return tuple(in_order)
    kept = {each for basis in BEFOREHAND for each in _ends(of_basis(in_order, basis))}
    return tuple(each for each in in_order if each in kept)


def both(one: tuple[Statement, ...], other: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """What is kept of all of them, given what is kept of these and what is kept of those."""
    if not one or not other:
        return one or other
    if len(other) == 1 and _is_said_again(one, other[0]):
        return (*one[:-1], *other)
    return joined((*one, *other))


def _is_said_again(said: Sequence[Statement], now: Statement) -> bool:
    """Whether the last that was said is said once more, and when it was said first is kept besides."""
    last = said[-1]
    return now.said_at > last.said_at and any(_is_same(each, now) for each in said[:-1]) and _is_same(last, now)


def _is_same(one: Statement, other: Statement) -> bool:
    return one.value == other.value and one.basis is other.basis


def _ends(in_order: Sequence[Statement]) -> Iterator[Statement]:
    """The first of each that began earliest, and the last of each that ended latest."""
    last = {each.value: each for each in in_order}
    first = {each.value: each for each in reversed(in_order)}
    yield from sorted(first.values(), key=lambda each: each.order)[:KEPT_STATEMENTS]
    yield from sorted(last.values(), key=lambda each: each.order)[-KEPT_STATEMENTS:]


def of_basis(statements: Iterable[Statement], basis: EtaBasis) -> tuple[Statement, ...]:
    """Those of one kind; kinds are never compared with each other."""
    return tuple(each for each in statements if each.basis is basis)


def values_in_turn(statements: Sequence[Statement]) -> list[datetime | date]:
    """What was said one after another; what was only said again is no change."""
    return [value for value, _ in groupby(each.value for each in statements)]


def with_history(shipment: Shipment, statements: Sequence[Statement]) -> Shipment:
    """The shipment with what its estimate was first and before, how often it was changed, and why.

    What the source itself says of that goes first. Of a delivery that has happened, it is the carrier's estimate that
    is told of.
    """
    eta = shipment.eta
    if eta is None:
        return shipment
    said = of_basis(statements, eta.basis if eta.basis in BEFOREHAND else EtaBasis.CARRIER_ESTIMATE)
    if not said:
        return shipment
    values = values_in_turn(said)
    told = {**_spelled("first", values[0]), "revisions": len(values) - 1}
    before = [each for each in said if each.value != values[-1]][-1:]
    for each in before:
        now = next(one for one in said if one.order > each.order)
        told |= _spelled("previous", each.value)
        told |= {"revised_at": now.said_at, "change_reason": _reason(shipment, each, now)}
    news = {name: value for name, value in told.items() if getattr(eta, name) is None}
    return replace(shipment, eta=replace(eta, **news))


def _spelled(which: str, value: datetime | date) -> dict[str, datetime | date]:
    return {f"{which}_estimated_at": value} if isinstance(value, datetime) else {f"{which}_on_date": value}


def _reason(shipment: Shipment, before: Statement, now: Statement) -> ExceptionKind | None:
    """The last thing that went wrong since shortly before it was last said otherwise; being early needs no reason."""
    if _end(now.value) <= _end(before.value):
        return None
    raised = [each for each in shipment.exceptions if each.raised_at > before.said_at - LATELY]
    return max(raised, key=lambda each: each.raised_at).kind if raised else None


def _end(value: datetime | date) -> datetime:
    return value if isinstance(value, datetime) else datetime.combine(value, time.max, UTC)
