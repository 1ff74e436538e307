"""What is said of deliveries: sentences by status, with the date that is expected, and what comes next in trouble."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from domain.answers.expected import Expected, delivered_at, expected_of
from domain.eta import EtaBasis
from domain.saying import Saying
from domain.shipment import Shipment, ShipmentStatus
from domain.shipment_exception import ExceptionKind, Party, ShipmentException

S = ShipmentStatus

TROUBLES_UNSAID = frozenset({ExceptionKind.CREDIT_HOLD, ExceptionKind.TENDER_DECLINED, ExceptionKind.OVERAGE})
"""What customers hear nothing of, or only that it is being checked."""

STOPPING = frozenset(
    {
        ExceptionKind.DAMAGE,
        ExceptionKind.LOSS,
        ExceptionKind.REFUSED,
        ExceptionKind.CUSTOMS_HOLD,
        ExceptionKind.CREDIT_HOLD,
    }
)
"""As long as one of these is so, no date is said."""

NEXT_STEPS: Mapping[ExceptionKind, str] = {
    ExceptionKind.ADDRESS_PROBLEM: "headline.step.address",
    ExceptionKind.RECIPIENT_UNAVAILABLE: "headline.step.appointment",
    ExceptionKind.APPOINTMENT: "headline.step.appointment",
    ExceptionKind.REFUSED: "headline.step.refused",
    ExceptionKind.DAMAGE: "headline.step.looked_at",
    ExceptionKind.LOSS: "headline.step.traced",
    ExceptionKind.MISROUTED: "headline.step.redirected",
}
"""What comes next, where that depends on what has happened rather than on who is responsible."""

STEPS_OF: Mapping[Party, str] = {
    Party.CARRIER: "headline.step.carrier",
    Party.SHIPPER: "headline.step.looked_at",
    Party.CONSIGNEE: "headline.step.consignee",
    Party.CUSTOMS: "headline.step.customs",
    Party.FORCE_MAJEURE: "headline.step.force_majeure",
    Party.UNKNOWN: "headline.step.unknown",
}
"""What comes next, by who is responsible."""

PREPARED = frozenset({S.PLANNED, S.TENDERED, S.BOOKED, S.DISPATCHED, S.AT_PICKUP, S.LOADED})
MOVING = frozenset({S.PICKED_UP, S.IN_TRANSIT})
AWAITED = PREPARED | MOVING | {S.OUT_FOR_DELIVERY, S.AT_DELIVERY, S.DELIVERY_ATTEMPTED, S.AVAILABLE_FOR_COLLECTION}
"""Not there yet."""

FOREMOST: Sequence[tuple[Collection[ShipmentStatus], str]] = (
    ({S.DELIVERY_ATTEMPTED}, "headline.attempted"),
    ({S.AVAILABLE_FOR_COLLECTION}, "headline.collection"),
    ({S.AT_DELIVERY}, "headline.at_delivery"),
    ({S.OUT_FOR_DELIVERY}, "headline.out_for_delivery"),
    (MOVING, "headline.on_its_way"),
    (PREPARED, "headline.prepared"),
    ({S.PARTIALLY_DELIVERED}, "headline.found.partly_delivered"),
    ({S.RETURNING}, "headline.returning"),
    ({S.RETURNED}, "headline.returned"),
)
"""What is said of shipments; of several, of that which comes first here."""

WITH_DATE = frozenset({"headline.out_for_delivery", "headline.on_its_way", "headline.prepared"})
"""Sentences that have a second form, with the expected date."""


def arrived(shipments: Sequence[Shipment]) -> Saying:
    """That all of these were delivered, when, and to whom."""
    when = max((at for each in shipments if (at := delivered_at(each)) is not None), default=None)
    if when is None:
        return Saying("headline.delivered", {"count": len(shipments)})
    proof = shipments[0].proof_of_delivery if len(shipments) == 1 else None
    if proof and proof.signed_by:
        return Saying("headline.delivered.signed", {"when": when, "by": proof.signed_by})
    return Saying("headline.delivered.at", {"count": len(shipments), "when": when})


def stopped_by(shipment: Shipment) -> frozenset[ExceptionKind]:
    """What has happened to it and was not put right, so that nobody knows when it comes."""
    return frozenset(each.kind for each in shipment.exceptions if each.cleared_at is None) & STOPPING


def troubled(shipments: Iterable[Shipment]) -> Saying | None:
    """The last thing that went wrong with what is not there yet, and what comes next; null: nothing is to be told."""
    last = max(_troubles(shipments), key=lambda each: each.raised_at, default=None)
    if last is None:
        return None
    return Saying(
        "headline.trouble", {"kind": last.kind, "step": Saying(NEXT_STEPS.get(last.kind, STEPS_OF[last.party]))}
    )


def _troubles(shipments: Iterable[Shipment]) -> Iterator[ShipmentException]:
    for shipment in shipments:
        if shipment.status in AWAITED:
            for each in shipment.exceptions:
                if each.cleared_at is None and each.kind not in TROUBLES_UNSAID:
                    yield each


def on_its_way(shipments: Sequence[Shipment], now: datetime) -> Saying | None:
    """How far they are, and what is expected next; null: nothing is said of shipments like these."""
    moving = [each for each in shipments if each.status in MOVING]
    if len(moving) > 1 and len(moving) == len(shipments):
        return dated("headline.all_on_their_way", next_expected(shipments, now), count=len(moving))
    for statuses, code in FOREMOST:
        some = [each for each in shipments if each.status in statuses]
        if some:
            return dated(code, next_expected(some, now)) if code in WITH_DATE else Saying(code)
    return None


def next_expected(shipments: Iterable[Shipment], now: datetime) -> Expected | None:
    """The first that is still to come, of those that are not there yet."""
    stated = (expected_of(each) for each in shipments if each.status in AWAITED)
    to_come = (each for each in stated if each is not None and each.until >= now)
    return min(to_come, key=lambda each: each.until, default=None)


def dated(code: str, expected: Expected | None, **facts: int) -> Saying:
    """The sentence in its form with a date; a plan or a promise is called planned."""
    if expected is None:
        return Saying(code, facts)
    is_planned = expected.basis in {EtaBasis.PLANNED, EtaBasis.PROMISED}
    form = "headline.planned" if is_planned else "headline.expected"
    return Saying(form, {"said": Saying(code, facts), "when": expected.when})
