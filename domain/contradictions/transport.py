"""Where carriers contradict the order, each other, or themselves."""

from collections.abc import Iterator
from datetime import date, datetime
from itertools import combinations

from domain.contradictions.kin import (
    MOVING,
    NO_GRACE,
    ON_THE_WAY,
    OVER,
    day_of,
    end_of,
    expected_by,
    has_happened,
    has_service_level,
    is_of,
    latest,
    open_exceptions,
    rule,
)
from domain.discrepancy import Fact, Facts, Finding, Severity
from domain.eta import Eta
from domain.identity import EntityKind as K
from domain.order import OrderStatus
from domain.place import Location
from domain.shipment import Milestone, MilestoneCode, Shipment, ShipmentStatus, StopKind
from domain.shipment_exception import ExceptionKind

S = ShipmentStatus
TENDER_NEWS = frozenset({MilestoneCode.TENDERED, MilestoneCode.TENDER_ACCEPTED, MilestoneCode.TENDER_DECLINED})
RELEASED = frozenset({OrderStatus.RELEASED, OrderStatus.PARTIALLY_SHIPPED})
GIVEN_UP = "expired"
"""What trackers are called that a carrier has not spoken of for a long time (AfterShip: Expired)."""


def partly_delivered(facts: Facts) -> Iterator[Finding]:
    """D8: not all of it has come."""
    short = {id(each) for each, exception in open_exceptions(facts) if exception.kind is ExceptionKind.SHORTAGE}
    for shipment in facts.shipments:
        is_short = shipment.entity.status is S.DELIVERED and id(shipment) in short
        if shipment.entity.status is S.PARTIALLY_DELIVERED or is_short:
            yield Finding(
                about=shipment.entity.id,
                severity=Severity.HIGH,
                summary=f"Only a part of shipment {shipment.name} was delivered.",
                evidence=(shipment.stands(),),
                action="Start a claim for the shortage; see whether the rest can be sent.",
                since=shipment.freshness.as_of,
            )


def cancelled_but_moving(facts: Facts) -> Iterator[Finding]:
    """D9: nobody wants it any more, and it is on its way."""
    for order in facts.orders:
        if order.entity.status is not OrderStatus.CANCELLED:
            continue
        for shipment in facts.shipments:
            if shipment.entity.status in MOVING and is_of(shipment.entity, order.entity):
                yield Finding(
                    about=f"{order.name} {shipment.entity.id}",
                    severity=Severity.CRITICAL,
                    summary=f"Order {order.name} is cancelled, but shipment {shipment.name} is on its way.",
                    evidence=(order.stands(), shipment.stands()),
                    action="Ask the carrier to stop or return it; warn of the charges.",
                    since=latest(order, shipment),
                )


def late_for_its_promise(facts: Facts) -> Iterator[Finding]:
    """D13: it is expected later than it was promised, or should have been there."""
    severity = Severity.HIGH if has_service_level(facts) else Severity.MEDIUM
    for shipment in facts.shipments:
        eta = shipment.entity.eta
        if eta is None or shipment.entity.status in OVER:
            continue
        expected, day = expected_by(eta), day_of(eta)
        for order in facts.orders:
            promised = order.entity.promised_delivery_on
            if promised and is_of(shipment.entity, order.entity) and _misses(eta, promised, facts):
                yield Finding(
                    about=f"{shipment.entity.id} {order.name}",
                    severity=severity,
                    summary=f"Order {order.name} was promised for {promised}, and is expected on {day}.",
                    evidence=(order.says(f"promised for {promised}"), shipment.says(f"expected on {day}")),
                    action="Tell the customer before the customer asks.",
                    since=latest(shipment, order),
                )
        if expected and shipment.entity.status is not S.AT_DELIVERY:
            yield Finding(
                about=f"{shipment.entity.id} past",
                severity=severity,
                summary=f"Shipment {shipment.name} should have been there by now, and nobody says that it is.",
                evidence=(shipment.says(f"{shipment.status}, expected {expected.isoformat(timespec='minutes')}"),),
                action="Ask the carrier for a new estimate.",
                since=expected + facts.tolerances.estimate_past,
            )


def tender_unanswered(facts: Facts) -> Iterator[Finding]:
    """D14: no carrier has taken it."""
    for shipment in facts.shipments:
        if shipment.entity.status not in {S.TENDERED, S.PLANNED, S.UNKNOWN}:
            continue
        news = [each for each in shipment.entity.milestones if each.code in TENDER_NEWS and has_happened(each)]
        last = news[-1] if news else None
        since, words = _unanswered_since(shipment, last, facts)
        if since is None:
            continue
        pickup = min((each.planned_arrival for each in shipment.entity.stops if each.planned_arrival), default=None)
        is_near = pickup is not None and pickup - facts.now < facts.tolerances.pickup_near
        yield Finding(
            about=shipment.entity.id,
            severity=Severity.HIGH if is_near else Severity.MEDIUM,
            summary=f"Shipment {shipment.name} {words}, and no carrier has taken it.",
            evidence=(shipment.stands(), *(each.stands() for each in facts.orders if each.entity.status in RELEASED)),
            action="Have transport planning tender it again.",
            since=since,
        )


def silent(facts: Facts) -> Iterator[Finding]:
    """D16: what is under way is heard of; how often depends on the means."""
    for shipment in facts.shipments:
        if shipment.entity.status in OVER:
            continue
        if (shipment.entity.source_status or "").casefold() == GIVEN_UP:
            since, heard = shipment.freshness.as_of, "for long"
        else:
            last = max((each.occurred_at for each in shipment.entity.milestones if has_happened(each)), default=None)
            if shipment.entity.status not in ON_THE_WAY or last is None:
                continue
            limit = facts.tolerances.silences.get(shipment.entity.mode, facts.tolerances.silence)
            since, heard = last + limit, f"since {last:%Y-%m-%d %H:%M %Z}"
        yield Finding(
            about=shipment.entity.id,
            severity=Severity.MEDIUM,
            summary=f"Nothing was heard of shipment {shipment.name} {heard}.",
            evidence=(shipment.stands(),),
            action="Ask the carrier now; if it stays silent, have it traced.",
            since=since,
        )


def address_differs(facts: Facts) -> Iterator[Finding]:
    """D18: it goes to another place than was ordered."""
    for shipment in facts.shipments:
        stops = [each for each in shipment.entity.stops if each.kind is StopKind.DELIVERY]
        if not stops or shipment.entity.status in OVER:
            continue
        going_to = stops[-1].location
        for order in facts.orders:
            ordered = order.entity.ship_to
            if ordered and is_of(shipment.entity, order.entity) and _is_elsewhere(ordered, going_to):
                yield Finding(
                    about=f"{shipment.entity.id} {order.name}",
                    severity=Severity.HIGH,
                    summary=f"Shipment {shipment.name} goes to another place than order {order.name} says.",
                    evidence=(order.says(_spelled(ordered)), shipment.says(_spelled(going_to))),
                    action="Have the carrier correct the address.",
                    since=latest(shipment, order),
                )


def delivered_at_two_times(facts: Facts) -> Iterator[Finding]:
    """D19: of one tracking number, by two sources."""
    is_serious = bool(facts.claims) or has_service_level(facts)
    delivered = [each for each in facts.shipments if each.entity.proof_of_delivery and each.entity.tracking_number]
    for one, other in combinations(delivered, 2):
        first, second = one.entity.proof_of_delivery, other.entity.proof_of_delivery
        is_same = one.entity.tracking_number == other.entity.tracking_number
        if first is None or second is None or not is_same or one.freshness.source == other.freshness.source:
            continue
        apart = abs(first.delivered_at - second.delivered_at)
        if apart > facts.tolerances.deliveries_apart:
            yield Finding(
                about=" ".join(sorted((one.entity.id, other.entity.id))),
                severity=Severity.HIGH if is_serious else Severity.LOW,
                summary=f"Two systems say different times of delivery of {one.entity.tracking_number}.",
                evidence=(
                    one.says(f"delivered {first.delivered_at.isoformat()}"),
                    other.says(f"delivered {second.delivered_at.isoformat()}"),
                ),
                action="Show both; the carrier's proof of delivery counts.",
                since=latest(one, other),
            )


def number_used_twice(facts: Facts) -> Iterator[Finding]:
    """D23: carriers use numbers again; what is told under one may be about somebody else's goods."""
    numbered = [
        each for each in facts.shipments if each.entity.tracking_number and each.entity.status is not S.CANCELLED
    ]
    for one, other in combinations(numbered, 2):
        is_same = one.entity.tracking_number == other.entity.tracking_number
        if is_same and (_has_other_carrier(one.entity, other.entity) or _has_other_orders(one.entity, other.entity)):
            yield Finding(
                about=" ".join(sorted((one.entity.id, other.entity.id))),
                severity=Severity.MEDIUM,
                summary=f"Tracking number {one.entity.tracking_number} is of two different shipments.",
                evidence=(one.says(_whose(one)), other.says(_whose(other))),
                action="Tell nothing of it until carrier and day of shipping say which of them is this order's.",
                since=latest(one, other),
            )


def _misses(eta: Eta, promised: date, facts: Facts) -> bool:
    """Whether it is expected later than on the day promised; days are compared as days."""
    if eta.on_date or eta.estimated_at is None:
        return eta.on_date is not None and eta.on_date > promised
    return eta.estimated_at > end_of(promised, eta.time_zone or "UTC") + facts.tolerances.promise_missed_by


def _unanswered_since(shipment: Fact[Shipment], last: Milestone | None, facts: Facts) -> tuple[datetime | None, str]:
    """Since when a carrier is missing, and what became of the tender."""
    if last is not None and last.code is MilestoneCode.TENDER_DECLINED:
        is_waited_for = any(each.entity.status in RELEASED for each in facts.orders)
        return (last.occurred_at if is_waited_for else None), "was declined"
    if shipment.entity.status is not S.TENDERED:
        return None, ""
    tendered_at = last.occurred_at if last else shipment.freshness.as_of
    return (tendered_at and tendered_at + facts.tolerances.tender_answer), "was offered"


def _is_elsewhere(one: Location, other: Location) -> bool:
    if one.country_code and other.country_code and one.country_code != other.country_code:
        return True
    mine, yours = _postcode(one), _postcode(other)
    return bool(mine and yours and mine != yours)


def _postcode(place: Location) -> str:
    """Without what is written in different ways."""
    return "".join(each for each in place.postal_code or "" if each.isalnum()).upper()


def _spelled(place: Location) -> str:
    return " ".join(filter(None, (place.country_code, place.postal_code, place.city))) or "somewhere"


def _has_other_carrier(one: Shipment, other: Shipment) -> bool:
    mine, yours = one.carrier and one.carrier.scac, other.carrier and other.carrier.scac
    return bool(mine and yours and mine != yours)


def _has_other_orders(one: Shipment, other: Shipment) -> bool:
    mine, yours = set(one.order_numbers), set(other.order_numbers)
    return bool(mine and yours and not mine & yours)


def _whose(shipment: Fact[Shipment]) -> str:
    carrier = shipment.entity.carrier.name if shipment.entity.carrier else "a carrier"
    return f"{carrier}, orders {', '.join(shipment.entity.order_numbers) or 'unknown'}"


RULES = (
    rule("partly-delivered", partly_delivered, NO_GRACE, K.SHIPMENT),
    rule("cancelled-but-moving", cancelled_but_moving, NO_GRACE, K.ORDER, K.SHIPMENT),
    rule("late-for-its-promise", late_for_its_promise, NO_GRACE, K.SHIPMENT, K.ORDER),
    rule("tender-unanswered", tender_unanswered, NO_GRACE, K.SHIPMENT, K.ORDER),
    rule("silent-on-its-way", silent, NO_GRACE, K.SHIPMENT),
    rule("address-differs", address_differs, NO_GRACE, K.SHIPMENT, K.ORDER),
    rule("delivered-at-two-times", delivered_at_two_times, NO_GRACE, K.SHIPMENT),
    rule("number-used-twice", number_used_twice, NO_GRACE, K.SHIPMENT),
)
