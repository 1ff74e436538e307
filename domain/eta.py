"""When it arrives: which statement counts, and how exact it is.

Kinds of statement are never mixed: an actual delivery ends the question, a carrier's estimate goes before a plan,
a plan before a promise. A day that a source gives as a day stays a day.
"""

from datetime import date, datetime, timedelta
from enum import Enum
from typing import Annotated

from msgspec import Meta

from domain.model import Day, Instant, Model, Name
from domain.shipment_exception import ExceptionKind


class EtaGranularity(Enum):
    """How exact the statement is."""

    NONE = "NONE"
    DAY = "DAY"
    HOUR = "HOUR"
    MINUTE = "MINUTE"


class EtaBasis(Enum):
    """What kind of statement the answer rests on."""

    ACTUAL = "ACTUAL"
    CARRIER_ESTIMATE = "CARRIER_ESTIMATE"
    PREDICTED = "PREDICTED"
    PLANNED = "PLANNED"
    PROMISED = "PROMISED"
    NONE = "NONE"


class EtaConfidence(Enum):
    """How far the statement can be relied on."""

    CERTAIN = "CERTAIN"
    HIGH = "HIGH"
    MEDIUM = "MEDIUM"
    LOW = "LOW"
    NONE = "NONE"


class Eta(Model):
    """The best statement about delivery that the facts support."""

    estimated_at: (
        Annotated[
            Instant,
            Meta(
                description="Best single instant; null when nothing supports one, or when the source knows only the day"
            ),
        ]
        | None
    ) = None
    earliest: Instant | None = None
    latest: Instant | None = None
    on_date: (
        Annotated[
            Day,
            Meta(
                description="The delivery day in the delivery place's own time zone: "
                "a day that a source gives as a day stays a day"
            ),
        ]
        | None
    ) = None
    granularity: EtaGranularity = EtaGranularity.NONE
    time_zone: Annotated[Name, Meta(description="IANA zone of the place of delivery")] | None = None
    change_reason: (
        Annotated[ExceptionKind, Meta(description="What happened before it was moved to a later time, if that is told")]
        | None
    ) = None
    previous_estimated_at: Annotated[Instant, Meta(description="What it was before the last change")] | None = None
    previous_on_date: Annotated[Day, Meta(description="As previousEstimatedAt, where a day was said")] | None = None
    revised_at: (
        Annotated[Instant, Meta(description="When it was changed, else when it was last said to be otherwise")] | None
    ) = None
    first_estimated_at: Annotated[Instant, Meta(description="What was said first")] | None = None
    first_on_date: Annotated[Day, Meta(description="As firstEstimatedAt, where a day was said")] | None = None
    revisions: (
        Annotated[int, Meta(ge=0, description="How often it was changed, as far as is known; null: nobody says")] | None
    ) = None
    basis: EtaBasis = EtaBasis.NONE
    confidence: EtaConfidence = EtaConfidence.NONE
    coverage: (
        Annotated[float, Meta(ge=0, le=1, description="How many such windows hold, as a fraction; of a prediction")]
        | None
    ) = None
    learned_from: (
        Annotated[int, Meta(ge=0, description="Comparable deliveries that are known, if a prediction was looked for")]
        | None
    ) = None
    learning_needs: (
        Annotated[int, Meta(ge=0, description="How many of these it takes to predict, if there are too few")] | None
    ) = None
    planned_at: Instant | None = None
    delay_minutes: Annotated[int, Meta(description="estimatedAt - plannedAt, in minutes; positive is late")] | None = (
        None
    )


CONFIDENCE = {
    EtaBasis.ACTUAL: EtaConfidence.CERTAIN,
    EtaBasis.CARRIER_ESTIMATE: EtaConfidence.MEDIUM,
    EtaBasis.PLANNED: EtaConfidence.LOW,
    EtaBasis.PROMISED: EtaConfidence.LOW,
}
"""How far each kind of statement is relied on as long as nothing is learned from deliveries."""


def best_eta(
    *,
    actual: datetime | None = None,
    estimate: datetime | date | None = None,
    planned: datetime | date | None = None,
    promised: date | None = None,
    time_zone: str | None = None,
    revised_at: datetime | None = None,
) -> Eta:
    """The statement that counts: actual, else the carrier's estimate, else the plan, else the promise.

    A `datetime` is an instant of delivery, a `date` is "by the end of that day at the destination".
    """
    planned_at = planned if isinstance(planned, datetime) else None
    for basis, statement in (
        (EtaBasis.ACTUAL, actual),
        (EtaBasis.CARRIER_ESTIMATE, estimate),
        (EtaBasis.PLANNED, planned),
        (EtaBasis.PROMISED, promised),
    ):
        if statement is None:
            continue
        instant = statement if isinstance(statement, datetime) else None
        return Eta(
            estimated_at=instant,
            on_date=None if instant else statement,
            granularity=EtaGranularity.MINUTE if instant else EtaGranularity.DAY,
            time_zone=time_zone,
            revised_at=revised_at,
            basis=basis,
            confidence=CONFIDENCE[basis],
            planned_at=planned_at,
            delay_minutes=(instant - planned_at) // timedelta(minutes=1) if instant and planned_at else None,
        )
    return Eta(time_zone=time_zone)
