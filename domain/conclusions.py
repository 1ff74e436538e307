"""What was concluded about an order: contradictions, since when and until when, and where its work stands.

The rules say what is so now; this keeps since when it has been so, so that it can be told that it was found, and
that it is over. What is not sure ends nothing.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from domain.discrepancy import Discrepancy, DiscrepancyState, Judgement
from domain.operational import OperationalEvent, OperationalEventType
from domain.stages import Standing

CLEARED_KEPT = timedelta(days=7)
"""How long a contradiction is remembered after it was cleared."""

LOOK_AGAIN = timedelta(days=1)
"""How long an order may go unlooked at while something of it is wrong, or stands."""

UNSURE_AGAIN = timedelta(hours=1)
"""How long it is waited before what could not be made sure is looked at again."""


@dataclass(frozen=True, slots=True)
class Conclusions:
    """What was concluded about one order.

    Attributes:
        order_number: which.
        findings: contradictions that were sure at some time: open ones, and for a while those that were cleared.
        standings: where its work stands.
        look_at: when it has to be looked at again, even if nothing happens.
    """

    order_number: str
    findings: tuple[Discrepancy, ...] = ()
    standings: tuple[Standing, ...] = ()
    look_at: datetime | None = None


def remembered(judgement: Judgement, kept: Iterable[Discrepancy], now: datetime) -> tuple[Discrepancy, ...]:
    """What is found now together with what is remembered.

    What was found before keeps the moment at which it was raised, through every grace. What is not found any more is
    cleared if that is sure, and inconclusive if it is not.

    Args:
        judgement: what the rules say now.
        kept: what was kept of earlier times.
        now: when.
    """
    before = {each.id: each for each in kept}
    found = {each.id: _kept_on(each, before.get(each.id)) for each in judgement.found}
    waiting = {each.id: _kept_on(each, before[each.id]) for each in judgement.pending if _is_open(before.get(each.id))}
    gone = (each for each in before.values() if each.id not in found and each.id not in waiting)
    ended = (_ended(each, now, is_sure=each.rule not in judgement.unsure) for each in gone)
    return (*found.values(), *waiting.values(), *(each for each in ended if _is_remembered(each, now)))


def concluded(before: Conclusions, judgement: Judgement, standings: tuple[Standing, ...], now: datetime) -> Conclusions:
    """What is to be kept: nothing that was never sure."""
    known = {each.id for each in before.findings}
    findings = tuple(
        sorted(
            (
                each
                for each in remembered(judgement, before.findings, now)
                if each.id in known or each.state is DiscrepancyState.OPEN
            ),
            key=lambda each: each.id,
        )
    )
    return Conclusions(
        order_number=before.order_number,
        findings=findings,
        standings=standings,
        look_at=_look_at(judgement, findings, standings, now),
    )


def news_of(before: Conclusions, after: Conclusions, customer_id: str | None = None) -> tuple[OperationalEvent, ...]:
    """What the outside is told: what was found, and what is over."""
    were_open = {each.id for each in before.findings if _is_open(each)}
    told = []
    for each in after.findings:
        if _is_open(each) and each.id not in were_open:
            kind, moment = OperationalEventType.DISCREPANCY_FOUND, each.raised_at
        elif each.cleared_at is not None and each.id in were_open:
            kind, moment = OperationalEventType.DISCREPANCY_CLEARED, each.cleared_at
        else:
            continue
        told.append(_event(kind, moment, after.order_number, customer_id, each))
    return tuple(sorted(told, key=lambda each: (each.occurred_at, each.id)))


def _event(
    kind: OperationalEventType, moment: datetime, order_number: str, customer_id: str | None, about: Discrepancy
) -> OperationalEvent:
    is_over = kind is OperationalEventType.DISCREPANCY_CLEARED
    parts = (order_number, about.id, kind.value, about.raised_at.isoformat())
    return OperationalEvent(
        id=hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32],
        type=kind,
        occurred_at=moment,
        order_number=order_number,
        customer_id=customer_id,
        summary=f"Over: {about.summary}" if is_over else about.summary,
    )


def _kept_on(found: Discrepancy, before: Discrepancy | None) -> Discrepancy:
    if before is None or not _is_open(before):
        return found
    return replace(found, raised_at=before.raised_at)


def _ended(each: Discrepancy, now: datetime, *, is_sure: bool) -> Discrepancy:
    if each.cleared_at is not None:
        return each
    if is_sure:
        return replace(each, state=DiscrepancyState.CLEARED, cleared_at=now)
    return replace(each, state=DiscrepancyState.INCONCLUSIVE)


def _is_open(each: Discrepancy | None) -> bool:
    return each is not None and each.cleared_at is None


def _is_remembered(each: Discrepancy, now: datetime) -> bool:
    return each.cleared_at is None or now - each.cleared_at < CLEARED_KEPT


def _look_at(
    judgement: Judgement, findings: Sequence[Discrepancy], standings: Sequence[Standing], now: datetime
) -> datetime | None:
    """When time alone may change the conclusions: a grace is over, something is forgotten; or now and then."""
    moments = [each.raised_at for each in judgement.pending if each.raised_at > now]
    moments += [each.cleared_at + CLEARED_KEPT for each in findings if each.cleared_at]
    if any(each.state is DiscrepancyState.INCONCLUSIVE for each in (*judgement.found, *findings)):
        moments.append(now + UNSURE_AGAIN)
    if standings or any(_is_open(each) for each in findings):
        moments.append(now + LOOK_AGAIN)
    return min(moments, default=None)
