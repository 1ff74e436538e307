"""Where the systems contradict each other: rules over a whole view, that none of the systems could find alone.

Each rule compares what two systems say. It waits for a grace, so that an ordinary lag is no alarm, and it is
inconclusive, neither silent nor raised, while something that it needs is stale or missing. What it says depends on the
view and on the time alone.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from types import MappingProxyType
from typing import Generic, TypeVar

from msgspec import Struct

from domain.billing import CreditStatus, Invoice
from domain.case_view import Section, Withdrawn
from domain.claims import Claim
from domain.customer import Customer
from domain.entity import Entity
from domain.freshness import Freshness, FreshnessState
from domain.fulfillment import Fulfillment, FulfillmentStatus
from domain.identity import EntityKind
from domain.inventory import InventoryPosition
from domain.order import Order
from domain.returns import Return
from domain.service_case import ServiceCase
from domain.shipment import Shipment, TransportMode
from domain.working_time import ALWAYS, WorkingTime


class DiscrepancyState(Enum):
    """Whether it is sure."""

    OPEN = "OPEN"
    INCONCLUSIVE = "INCONCLUSIVE"
    CLEARED = "CLEARED"


class Severity(Enum):
    """How bad it is.

    CRITICAL: goods or money are being lost now. HIGH: a customer would be told something false. MEDIUM: to be dealt
    with today. LOW: to be known.
    """

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    CRITICAL = "CRITICAL"


class Evidence(Struct, frozen=True):
    """What one system says, in its own words; `entity` names the record, `as_of` is when it last changed there."""

    source: str
    entity: str
    says: str
    as_of: datetime | None


class Discrepancy(Struct, frozen=True):
    """One contradiction; the same one has the same id for as long as it is there."""

    id: str
    rule: str
    state: DiscrepancyState
    severity: Severity
    summary: str
    evidence: tuple[Evidence, ...]
    suggested_action: str
    raised_at: datetime
    cleared_at: datetime | None = None


E = TypeVar("E", bound=Entity)


NAMINGS = ("number", "id", "sku", "customer_id")
"""What entities are told apart by, the first that they have."""


class Fact(Struct, Generic[E], frozen=True):
    """One entity of a view, and how it came to be known.

    Attributes:
        entity: its state.
        freshness: since when that is known, and from whom.
        earlier: its state before, as far as it is kept.
        withdrawn: what was told of it and taken back.
    """

    entity: E
    freshness: Freshness
    earlier: E | None = None
    withdrawn: tuple[Withdrawn, ...] = ()

    @property
    def id(self) -> str:
        """What tells it from others of its kind."""
        return next((str(name) for naming in NAMINGS if (name := getattr(self.entity, naming, None))), "without a name")

    @property
    def name(self) -> str:
        """What people call it: a shipment by its tracking number, if it has one."""
        return (isinstance(self.entity, Shipment) and self.entity.tracking_number) or self.id

    @property
    def status(self) -> str:
        """Its status in the source's own word, else in ours."""
        own, status = getattr(self.entity, "source_status", None), getattr(self.entity, "status", None)
        return own or (status.value.lower().replace("_", " ") if status else "there")

    def says(self, words: str) -> Evidence:
        """What it says, as evidence."""
        source = self.freshness.source or "unknown"
        return Evidence(source, f"{type(self.entity).__name__} {self.name}", words, self.freshness.as_of)

    def stands(self) -> Evidence:
        """Its status, as evidence."""
        return self.says(self.status)


class Finding(Struct, frozen=True):
    """What a rule has found, before its grace is looked at.

    Attributes:
        about: what tells it from others of the same rule.
        severity: how bad it is.
        summary: one sentence.
        evidence: what each system says.
        action: what to do.
        since: when it began, or will have begun if nothing happens; null: nobody says.
    """

    about: str
    severity: Severity
    summary: str
    evidence: tuple[Evidence, ...]
    action: str
    since: datetime | None


HOUR, DAY = timedelta(hours=1), timedelta(days=1)

SILENCES: Mapping[TransportMode, timedelta] = MappingProxyType(
    {
        TransportMode.LTL: DAY,
        TransportMode.FTL: DAY,
        TransportMode.RAIL: 3 * DAY,
        TransportMode.OCEAN: 7 * DAY,
    }
)
"""How long a shipment may be silent, by means of transport; parcels and all others: `Tolerances.silence`."""

WEEKDAYS = WorkingTime(shifts={weekday: ALWAYS[weekday] for weekday in range(5)})
"""Carriers scan on weekdays, around the clock."""


@dataclass(frozen=True, slots=True)
class Tolerances:
    """How much systems may differ before it is a contradiction; the defaults are ours, no standard says any.

    Attributes:
        graces: how long it may be so, by id of the rule, where it is not the rule's own grace.
        silence: how long nothing may be heard of what is under way.
        silences: the same, by means of transport.
        estimate_past: how long an estimate may be past before it is one that nobody believes.
        promise_missed_by: how much later than promised something may be expected.
        deliveries_apart: how far two moments of the same delivery may lie apart.
        unbilled: since when not billing is more than a note.
        pickup_scan: working time after which a carrier should have scanned what it was given.
        proof_of_delivery: how long after a delivery its proof may be missing.
        tender_answer: how long a carrier may take to answer a tender.
        pickup_near: how close to its pickup a shipment without a carrier is urgent.
        claim_filing: how long after something went wrong it can be claimed.
        claim_deadline_near: how close to that an unfiled claim is urgent.
        claim_acknowledged: within which time a carrier acknowledges a claim.
        claim_resolved: within which time it pays, declines or offers.
        claim_status_letter: how often it says how far it is if it takes longer.
    """

    graces: Mapping[str, timedelta] = field(default_factory=dict)
    silence: timedelta = 48 * HOUR
    silences: Mapping[TransportMode, timedelta] = field(default_factory=lambda: SILENCES)
    estimate_past: timedelta = 4 * HOUR
    promise_missed_by: timedelta = 2 * HOUR
    deliveries_apart: timedelta = 2 * HOUR
    unbilled: timedelta = 7 * DAY
    pickup_scan: timedelta = 24 * HOUR
    proof_of_delivery: timedelta = 24 * HOUR
    tender_answer: timedelta = 4 * HOUR
    pickup_near: timedelta = 24 * HOUR
    claim_filing: timedelta = 270 * DAY
    claim_deadline_near: timedelta = 30 * DAY
    claim_acknowledged: timedelta = 30 * DAY
    claim_resolved: timedelta = 120 * DAY
    claim_status_letter: timedelta = 60 * DAY


SURE = frozenset({FreshnessState.FRESH, FreshnessState.REVALIDATING})
"""What is as fresh as it was asked for, or nearly so."""


class Facts:
    """A view, as rules look at it.

    Attributes:
        now: when it is looked at.
        tolerances: how much may differ.
        sure: kinds of which everything is known, and fresh.
        orders: what was ordered.
        shipments: what is on the road.
        fulfillments: what the warehouse does, but for what it gave up.
        invoices: what was billed.
        credits: what credit control says.
        returns: what comes back.
        claims: what is claimed.
        cases: what the customer asks.
        customers: who ordered.
        stock: what is there.
    """

    def __init__(
        self, sections: Mapping[EntityKind, Section], now: datetime, tolerances: Tolerances | None = None
    ) -> None:
        self.now = now
        self.tolerances = tolerances or Tolerances()
        self._sections = sections
        self.sure = frozenset(kind for kind, each in sections.items() if each.freshness.state in SURE)
        self.orders: Sequence[Fact[Order]] = self._of(EntityKind.ORDER)
        self.shipments: Sequence[Fact[Shipment]] = self._of(EntityKind.SHIPMENT)
        worked_on: Sequence[Fact[Fulfillment]] = self._of(EntityKind.FULFILLMENT)
        self.fulfillments = [each for each in worked_on if each.entity.status is not FulfillmentStatus.CANCELLED]
        self.invoices: Sequence[Fact[Invoice]] = self._of(EntityKind.INVOICE)
        self.credits: Sequence[Fact[CreditStatus]] = self._of(EntityKind.CREDIT)
        self.returns: Sequence[Fact[Return]] = self._of(EntityKind.RETURN)
        self.claims: Sequence[Fact[Claim]] = self._of(EntityKind.CLAIM)
        self.cases: Sequence[Fact[ServiceCase]] = self._of(EntityKind.SERVICE_CASE)
        self.customers: Sequence[Fact[Customer]] = self._of(EntityKind.CUSTOMER)
        self.stock: Sequence[Fact[InventoryPosition]] = self._of(EntityKind.INVENTORY)

    def is_sure(self, kinds: Iterable[EntityKind]) -> bool:
        """Whether everything of these kinds is known, and fresh."""
        return self.sure.issuperset(kinds)

    def _of(self, kind: EntityKind) -> Sequence[Fact[E]]:
        section = self._sections.get(kind)
        if section is None or not section.nodes:
            return ()
        told = zip(section.nodes, section.node_freshness, section.earlier, section.withdrawn, strict=True)
        return [Fact(*each) for each in told]  # type: ignore[arg-type]  # its kind says which


@dataclass(frozen=True, slots=True)
class Rule:
    """One way in which systems contradict each other.

    Attributes:
        id: stable, for machines.
        needs: kinds without which nothing is sure.
        grace: how long it may be so without being an alarm.
        find: looks for it.
    """

    id: str
    needs: frozenset[EntityKind]
    grace: timedelta
    find: Callable[[Facts], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What rules say of a view.

    Attributes:
        found: contradictions, worst first.
        pending: those that will be some, once their grace is over, if nothing happens until then; `raised_at` is then.
        unsure: ids of the rules that cannot say that something is over.
    """

    found: tuple[Discrepancy, ...]
    pending: tuple[Discrepancy, ...]
    unsure: frozenset[str]


_SEVERITIES = tuple(reversed(Severity))


def worst_first(each: Discrepancy) -> tuple[bool, int, bool, str, str]:
    """The order in which contradictions are told: the worst first, what is sure before what is not; then by rule.

    Not by when they were raised: that depends on when it was looked, and what is told must not.
    """
    is_over = each.state is DiscrepancyState.CLEARED
    is_sure = each.state is DiscrepancyState.OPEN
    return (is_over, _SEVERITIES.index(each.severity), not is_sure, each.rule, each.id)


def judge(
    rules: Sequence[Rule],
    sections: Mapping[EntityKind, Section],
    now: datetime,
    tolerances: Tolerances | None = None,
) -> Judgement:
    """Every contradiction of a view.

    Args:
        rules: what to look for.
        sections: the view.
        now: when it is looked at.
        tolerances: how much may differ, and for how long.
    """
    facts = Facts(sections, now, tolerances)
    unsure = frozenset(rule.id for rule in rules if not facts.is_sure(rule.needs))
    told = [
        _raised(rule, finding, facts, is_sure=rule.id not in unsure) for rule in rules for finding in rule.find(facts)
    ]
    return Judgement(
        found=tuple(sorted((each for each in told if each.raised_at <= now), key=worst_first)),
        pending=tuple(each for each in told if each.raised_at > now),
        unsure=unsure,
    )


def _raised(rule: Rule, finding: Finding, facts: Facts, *, is_sure: bool) -> Discrepancy:
    """The finding as of the end of its grace; what nobody dates is raised at once."""
    grace = facts.tolerances.graces.get(rule.id, rule.grace)
    return Discrepancy(
        id=hashlib.sha256(f"{rule.id}\n{finding.about}".encode()).hexdigest()[:24],
        rule=rule.id,
        state=DiscrepancyState.OPEN if is_sure else DiscrepancyState.INCONCLUSIVE,
        severity=finding.severity,
        summary=finding.summary,
        evidence=finding.evidence,
        suggested_action=finding.action,
        raised_at=facts.now if finding.since is None else finding.since + grace,
    )
