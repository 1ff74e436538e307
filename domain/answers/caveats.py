"""How far an answer can be relied on: what is old or missing, what contradicts it, what is only planned; until when."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from domain.answers.expected import expected_of
from domain.case_view import Section
from domain.discrepancy import Discrepancy, DiscrepancyState, Facts, Severity
from domain.eta import EtaBasis
from domain.freshness import FreshnessState
from domain.identity import EntityKind
from domain.saying import Audience, Saying
from domain.saying import Fact as Told
from domain.service_case import CaseKind
from domain.shipment import ShipmentStatus

OLD = frozenset({FreshnessState.STALE, FreshnessState.REVALIDATING})
"""Known, but older than was asked for."""

GRAVE = frozenset({Severity.CRITICAL, Severity.HIGH})

NOT_EXPECTED = frozenset(
    {ShipmentStatus.DELIVERED, ShipmentStatus.CANCELLED, ShipmentStatus.RETURNED, ShipmentStatus.LOST}
)

NOT_CONFIRMED = frozenset({EtaBasis.PLANNED, EtaBasis.PROMISED, EtaBasis.PREDICTED})
"""Statements that no carrier has made."""


def caveats_for(
    audience: Audience,
    kind: CaseKind,
    sections: Iterable[Section],
    facts: Facts,
    found: Iterable[Discrepancy],
) -> tuple[Saying, ...]:
    """What has to be said beside an answer.

    Args:
        audience: who hears it.
        kind: the question.
        sections: what the answer rests on.
        facts: the same, with its entities.
        found: contradictions that matter to it.
    """
    if audience is Audience.CUSTOMER:
        return (*_old_or_missing_to_customers(sections), *_doubts_to_customers(found), *_only_planned(kind, facts))
    return (*_old_or_missing(sections), *_contradicted(found), *_only_planned(kind, facts))


def valid_until(sections: Iterable[Section], now: datetime) -> datetime | None:
    """When the first of what an answer rests on is too old; in the past, or now, where that is so already.

    Null if nothing says how old it may get.
    """
    ends = (end for section in sections if (end := _end_of(section, now)) is not None)
    return min(ends, default=None)


def oldest(sections: Iterable[Section]) -> datetime | None:
    """The moment at which the oldest of what is out of date was last known to be true."""
    moments = (each.freshness.verified_at for each in sections if each.freshness.state in OLD)
    return min((each for each in moments if each is not None), default=None)


def is_old(sections: Iterable[Section]) -> bool:
    """Whether any of it is older than was asked for."""
    return any(each.freshness.state in OLD for each in sections)


def is_missing(sections: Iterable[Section]) -> bool:
    """Whether any of it could not be had at all."""
    return any(each.freshness.state is FreshnessState.UNAVAILABLE for each in sections)


def resting_on(view: Mapping[EntityKind, Section], kinds: Iterable[EntityKind]) -> tuple[Section, ...]:
    """The sections of these kinds that were read, in the order of the kinds."""
    chosen = set(kinds)
    return tuple(view[kind] for kind in EntityKind if kind in chosen and kind in view)


def _end_of(section: Section, now: datetime) -> datetime | None:
    freshness = section.freshness
    if freshness.verified_at is None or freshness.max_age_seconds is None:
        return now if freshness.state in OLD else None
    end = freshness.verified_at + timedelta(seconds=freshness.max_age_seconds)
    return min(end, now) if freshness.state in OLD else end


def _old_or_missing(sections: Iterable[Section]) -> Iterator[Saying]:
    for section in sections:
        if section.freshness.state in OLD or section.freshness.state is FreshnessState.UNAVAILABLE:
            yield _about(section)
            if section.problem is not None:
                why = Saying(f"answer.why.{section.problem.code.value}", {"source": section.problem.source})
                yield why


def _about(section: Section) -> Saying:
    what: dict[str, Told] = {"what": Saying(f"answer.section.{section.kind.value}")}
    if section.freshness.state is FreshnessState.UNAVAILABLE:
        return Saying("answer.caveat.missing", what)
    if section.freshness.verified_at is None:
        return Saying("answer.caveat.unverified", what)
    return Saying("answer.caveat.old", what | {"when": section.freshness.verified_at})


def _old_or_missing_to_customers(sections: Iterable[Section]) -> Iterator[Saying]:
    sections = tuple(sections)
    when = oldest(sections)
    if when is not None:
        yield Saying("answer.caveat.as_of", {"when": when})
    if is_missing(sections) or (when is None and is_old(sections)):
        yield Saying("answer.caveat.not_all")


def _contradicted(found: Iterable[Discrepancy]) -> Iterator[Saying]:
    for each in found:
        if each.state is DiscrepancyState.OPEN:
            yield Saying("answer.caveat.contradicted", {"what": each.summary})
        elif each.state is DiscrepancyState.INCONCLUSIVE:
            yield Saying("answer.caveat.perhaps", {"what": each.summary})


def _doubts_to_customers(found: Iterable[Discrepancy]) -> Iterator[Saying]:
    """That something is being looked at, never what."""
    if any(each.severity in GRAVE and each.state is not DiscrepancyState.CLEARED for each in found):
        yield Saying("answer.caveat.checked")


def _only_planned(kind: CaseKind, facts: Facts) -> Iterator[Saying]:
    if kind is not CaseKind.WISMO:
        return
    stated = (expected_of(each.entity) for each in facts.shipments if each.entity.status not in NOT_EXPECTED)
    if any(each is not None and each.basis in NOT_CONFIRMED for each in stated):
        yield Saying("answer.caveat.planned")
