"""The answer to "where is it, when does it arrive": small enough for a bot, and no more than the facts support.

A table of rules, of which the first that speaks is heard. A contradiction that would make the answer wrong hands the
customer over to a person; trouble goes before any date; what has not left has at most a plan.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from domain.answers.caveats import is_missing, oldest, resting_on
from domain.answers.customer import is_gone
from domain.answers.deliveries import (
    AWAITED,
    FOREMOST,
    PREPARED,
    arrived,
    dated,
    next_expected,
    on_its_way,
    stopped_by,
    troubled,
)
from domain.answers.expected import Expected, delivered_at, end_of, expected_of, is_open_ended
from domain.case_view import Section
from domain.delivery import zone_of
from domain.discrepancy import Discrepancy, DiscrepancyState, Fact, Facts, Severity
from domain.eta import Eta, EtaBasis, EtaConfidence, best_eta
from domain.identity import EntityKind
from domain.order import Order, OrderStatus
from domain.saying import Ago, Saying
from domain.shipment import Shipment, ShipmentStatus
from domain.shipment_exception import ExceptionKind

S = ShipmentStatus


class EtaAnswerKind(Enum):
    """What kind of answer may be given; HANDOFF means that a person must look."""

    ETA_WINDOW = "ETA_WINDOW"
    DELIVERED = "DELIVERED"
    EXCEPTION = "EXCEPTION"
    AWAITING_PICKUP = "AWAITING_PICKUP"
    UNKNOWN = "UNKNOWN"
    HANDOFF = "HANDOFF"


@dataclass(frozen=True, slots=True)
class EtaAnswer:
    """What may be said.

    Attributes:
        kind: what kind of answer it is.
        promise_met: whether it came, or can still come, as promised; null: not known yet, or nothing was promised.
        status: of the shipment that is spoken of first.
        eta: of the last one to come; of basis NONE if none may be said.
        message: sentences for the customer.
        shipments: those that are spoken of.
        sections: what the answer rests on.
    """

    kind: EtaAnswerKind
    promise_met: bool | None
    status: ShipmentStatus
    eta: Eta
    message: tuple[Saying, ...]
    shipments: tuple[Fact[Shipment], ...]
    sections: tuple[Section, ...]


RESTS_ON = frozenset({EntityKind.SHIPMENT, EntityKind.ORDER})

WRONG_IF = frozenset(
    {
        "dispatched-not-picked",
        "delivered-not-shipped",
        "cancelled-but-moving",
        "delivered-but-missed",
        "address-differs",
        "status-went-back",
        "number-used-twice",
    }
)
"""Contradictions that would make the answer wrong."""

GRAVE = frozenset({Severity.HIGH, Severity.CRITICAL})

STOPPED = frozenset({S.DELIVERY_ATTEMPTED, S.RETURNING, S.RETURNED, S.LOST, S.PARTIALLY_DELIVERED})

COLLECTED = frozenset({S.AVAILABLE_FOR_COLLECTION, S.AT_DELIVERY})
"""There, but not in the customer's hands: no date is said, because it is there."""

BEFORE_SHIPPING: Mapping[OrderStatus, str] = {
    OrderStatus.DRAFT: "headline.order.received",
    OrderStatus.PENDING_APPROVAL: "headline.order.received",
    OrderStatus.CONFIRMED: "headline.order.received",
    OrderStatus.RELEASED: "headline.order.prepared",
    OrderStatus.PARTIALLY_SHIPPED: "headline.order.prepared",
}


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the rules look at."""

    facts: Facts
    found: Sequence[Discrepancy]
    sections: tuple[Section, ...]

    @property
    def now(self) -> datetime:
        return self.facts.now

    @property
    def shipments(self) -> tuple[Fact[Shipment], ...]:
        """All that was not called off."""
        return tuple(each for each in self.facts.shipments if each.entity.status is not S.CANCELLED)

    @property
    def goods(self) -> Sequence[Shipment]:
        return [each.entity for each in self.shipments]

    @property
    def awaited(self) -> tuple[Fact[Shipment], ...]:
        """What is not there yet."""
        return tuple(each for each in self.shipments if each.entity.status in AWAITED)

    @property
    def stated(self) -> Sequence[tuple[Expected, Fact[Shipment]]]:
        """What is not there yet and when it is expected, the next one first."""
        known = [(expected, each) for each in self.awaited if (expected := expected_of(each.entity)) is not None]
        return sorted(known, key=lambda each: each[0].until)

    @property
    def last_to_come(self) -> Eta:
        """What is stated about the last of it."""
        return (self.stated[-1][1].entity.eta if self.stated else None) or Eta()

    @property
    def orders(self) -> Sequence[Order]:
        return [each.entity for each in self.facts.orders]

    @property
    def promised_on(self) -> date | None:
        """The last day by which all of it was promised."""
        days = (each.promised_delivery_on for each in self.orders if each.status is not OrderStatus.CANCELLED)
        return max((each for each in days if each is not None and not is_open_ended(each)), default=None)


def eta_answer_of(sections: Mapping[EntityKind, Section], found: Sequence[Discrepancy], now: datetime) -> EtaAnswer:
    """What may be said to the customer whose shipments these are.

    Args:
        sections: the customer's own view, with the estimates that count.
        found: its contradictions.
        now: when it is looked at.
    """
    seen = _Seen(Facts(sections, now), found, resting_on(sections, RESTS_ON))
    return next(answer for rule in _RULES if (answer := rule(seen)) is not None)


def _handed_over(seen: _Seen) -> EtaAnswer | None:
    wrong = (each for each in seen.found if each.rule in WRONG_IF and each.severity in GRAVE)
    is_wrong = any(each.state is DiscrepancyState.OPEN for each in wrong)
    return _answer(seen, EtaAnswerKind.HANDOFF, Saying("eta.handoff")) if is_wrong else None


def _nothing_known(seen: _Seen) -> EtaAnswer | None:
    if seen.shipments or seen.orders:
        return None
    code = "headline.unknown" if is_missing(seen.sections) else "headline.nothing"
    return _answer(seen, EtaAnswerKind.UNKNOWN, Saying(code))


def _delivered(seen: _Seen) -> EtaAnswer | None:
    if not seen.shipments or {each.status for each in seen.goods} != {S.DELIVERED}:
        return None
    is_partial = any(each.status is OrderStatus.PARTIALLY_SHIPPED for each in seen.orders)
    if is_partial:
        return _answer(seen, EtaAnswerKind.AWAITING_PICKUP, Saying("headline.partly.rest"))
    last = max(seen.goods, key=lambda each: str(delivered_at(each) or ""))
    return _answer(seen, EtaAnswerKind.DELIVERED, arrived(seen.goods), eta=last.eta)


def _in_trouble(seen: _Seen) -> EtaAnswer | None:
    """Trouble goes before any date."""
    if any(map(is_gone, seen.shipments)):
        return _answer(seen, EtaAnswerKind.EXCEPTION, Saying("headline.lost"))
    stopping = {kind for each in seen.awaited for kind in stopped_by(each.entity)}
    if stopping == {ExceptionKind.CREDIT_HOLD} or _is_held(seen):
        return _answer(seen, EtaAnswerKind.EXCEPTION, Saying("headline.checked"))
    if stopping:
        return _answer(seen, EtaAnswerKind.EXCEPTION, troubled(seen.goods) or Saying("headline.checked"))
    for statuses, code in FOREMOST:
        if any(each.status in statuses and each.status in STOPPED for each in seen.goods):
            return _answer(seen, EtaAnswerKind.EXCEPTION, Saying(code))
    return None


def _is_held(seen: _Seen) -> bool:
    return not seen.shipments and any(each.status is OrderStatus.ON_HOLD for each in seen.orders)


def _cancelled(seen: _Seen) -> EtaAnswer | None:
    is_over = bool(seen.orders) and {each.status for each in seen.orders} == {OrderStatus.CANCELLED}
    if seen.shipments or not is_over:
        return None
    return _answer(seen, EtaAnswerKind.UNKNOWN, Saying("headline.order.cancelled"))


def _there(seen: _Seen) -> EtaAnswer | None:
    """Nothing is expected any more of what only has to be taken."""
    if not seen.awaited or not {each.entity.status for each in seen.awaited} <= COLLECTED:
        return None
    said = on_its_way([each.entity for each in seen.awaited], seen.now) or Saying("headline.unknown")
    return _answer(seen, EtaAnswerKind.ETA_WINDOW, said, *_statement(seen))


def _past(seen: _Seen) -> EtaAnswer | None:
    """What was expected and has not come: no other date is made up."""
    if not seen.stated or seen.stated[-1][0].until >= seen.now:
        return None
    said = Saying("headline.eta.past", {"when": seen.stated[-1][0].when})
    return _answer(seen, EtaAnswerKind.UNKNOWN, said, eta=seen.last_to_come)


def _waiting(seen: _Seen) -> EtaAnswer | None:
    """Nothing has left: a date is at most a plan."""
    if not seen.awaited or not {each.entity.status for each in seen.awaited} <= PREPARED:
        return None
    expected = next_expected([each.entity for each in seen.awaited], seen.now)
    said = Saying("headline.prepared")
    if expected is not None:
        said = Saying("headline.planned", {"said": said, "when": expected.when})
    return _answer(seen, EtaAnswerKind.AWAITING_PICKUP, said, eta=seen.last_to_come)


def _ordered(seen: _Seen) -> EtaAnswer | None:
    """An order of which nothing is known to have left."""
    known = [each for each in seen.orders if each.status in BEFORE_SHIPPING]
    if seen.shipments or not known:
        return None
    day = seen.promised_on
    promised = None if day is None or end_of(day) <= seen.now else Expected(day, end_of(day), EtaBasis.PROMISED)
    said = dated(BEFORE_SHIPPING[known[0].status], promised)
    eta = best_eta(promised=day) if promised else Eta()
    return _answer(seen, EtaAnswerKind.AWAITING_PICKUP, said, eta=eta)


def _expected(seen: _Seen) -> EtaAnswer | None:
    if not seen.stated:
        return None
    said = on_its_way([each.entity for each in seen.awaited], seen.now) or Saying("headline.unknown")
    trouble = troubled(seen.goods)
    sentences = (said,) if trouble is None else (trouble, said)
    return _answer(seen, EtaAnswerKind.ETA_WINDOW, *sentences, *_statement(seen), eta=seen.last_to_come)


def _unknown(seen: _Seen) -> EtaAnswer:
    """On its way, and nobody says when it comes."""
    said = on_its_way(seen.goods, seen.now)
    if said is None:
        code = "headline.order.sent" if seen.orders and not seen.shipments else "headline.unknown"
        return _answer(seen, EtaAnswerKind.UNKNOWN, Saying(code))
    return _answer(seen, EtaAnswerKind.UNKNOWN, said, Saying("eta.no_date"))


_RULES: Sequence[Callable[[_Seen], EtaAnswer | None]] = (
    _handed_over,
    _nothing_known,
    _delivered,
    _in_trouble,
    _cancelled,
    _there,
    _waiting,
    _past,
    _expected,
    _ordered,
    _unknown,
)


def _answer(seen: _Seen, kind: EtaAnswerKind, *said: Saying, eta: Eta | None = None) -> EtaAnswer:
    return EtaAnswer(
        kind=kind,
        promise_met=_promise_met(seen, kind),
        status=_status(seen.goods),
        eta=eta or Eta(),
        message=(*said, *_doubts(seen, kind)),
        shipments=seen.shipments,
        sections=seen.sections,
    )


def _status(goods: Collection[Shipment]) -> ShipmentStatus:
    """That of which is spoken first."""
    there = {each.status for each in goods}
    return next((each for each in _SPOKEN_OF_FIRST if each in there), S.UNKNOWN)


_SPOKEN_OF_FIRST = (*(status for statuses, _ in FOREMOST for status in S if status in statuses), S.LOST, S.DELIVERED)


def _statement(seen: _Seen) -> Iterator[Saying]:
    """What the date rests on: whose statement it is, how old, and how sure."""
    still = [(expected, fact) for expected, fact in seen.stated if expected.until >= seen.now]
    if not still:
        return
    expected, fact = still[0]
    eta, carrier = fact.entity.eta or Eta(), fact.entity.carrier
    told = fact.freshness.verified_at
    if expected.basis is EtaBasis.PREDICTED:
        yield Saying("eta.predicted", {"count": eta.learned_from or 0})
    elif expected.basis is EtaBasis.CARRIER_ESTIMATE and carrier and told:
        age = Ago(max(seen.now - told, timedelta(0)))
        yield Saying("eta.estimated_by", {"carrier": carrier.name, "age": age})
    if eta.confidence is EtaConfidence.LOW and expected.basis is EtaBasis.CARRIER_ESTIMATE:
        yield Saying("eta.may_change")
    if len(still) > 1:
        yield Saying("eta.last", {"when": still[-1][0].when})


def _doubts(seen: _Seen, kind: EtaAnswerKind) -> Iterator[Saying]:
    if kind is EtaAnswerKind.HANDOFF or not (seen.shipments or seen.orders):
        return
    when = oldest(seen.sections)
    if when is not None:
        yield Saying("answer.caveat.as_of", {"when": when})
    if is_missing(seen.sections):
        yield Saying("answer.caveat.not_all")


def _promise_met(seen: _Seen, kind: EtaAnswerKind) -> bool | None:
    """Whether the last of it came by the end of the day that was promised; before that, only that it did not."""
    day = seen.promised_on
    if day is None or kind is EtaAnswerKind.HANDOFF:
        return None
    if kind is not EtaAnswerKind.DELIVERED:
        zones = [zone_of(each) for each in seen.goods]
        return False if end_of(day, next(iter(zones), None)) <= seen.now else None
    moments = [(delivered_at(each), zone_of(each)) for each in seen.goods]
    if any(at is None for at, _ in moments):
        return None
    return all(at < end_of(day, zone) for at, zone in moments if at is not None)
