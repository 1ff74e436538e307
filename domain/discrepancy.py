"""Where the systems contradict each other: rules over a whole view, that none of the systems could find alone.

Each rule compares what two systems say. It waits for a grace, so that an ordinary lag is no alarm, and it is
inconclusive, neither silent nor raised, while something that it needs is stale or missing. What it says depends on the
view and on the time alone.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import cached_property
from typing import Generic, TypeVar

from domain.billing import CreditStatus, Invoice
from domain.case_view import Section
from domain.claims import Claim
from domain.entity import Entity
from domain.freshness import Freshness, FreshnessState
from domain.fulfillment import Fulfillment, FulfillmentStatus
from domain.identity import EntityKind
from domain.inventory import InventoryPosition
from domain.order import Order
from domain.returns import Return
from domain.service_case import ServiceCase
from domain.shipment import Shipment


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


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one system says, in its own words; `entity` names the record, `as_of` is when it last changed there."""

    source: str
    entity: str
    says: str
    as_of: datetime | None


@dataclass(frozen=True, slots=True)
class Discrepancy:
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


@dataclass(frozen=True, slots=True)
class Fact(Generic[E]):
    """One entity of a view, and how it came to be known."""

    entity: E
    freshness: Freshness

    @property
    def name(self) -> str:
        """What people call it."""
        return _name(self.entity)

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


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule has found, before its grace is looked at.

    Attributes:
        about: what tells it from others of the same rule.
        severity: how bad it is.
        summary: one sentence.
        evidence: what each system says.
        action: what to do.
        since: when it began, as far as the systems say; null: nobody says.
    """

    about: str
    severity: Severity
    summary: str
    evidence: tuple[Evidence, ...]
    action: str
    since: datetime | None


class Facts:
    """A view, as rules look at it."""

    def __init__(self, sections: Mapping[EntityKind, Section], now: datetime) -> None:
        self.now = now
        self._sections = sections

    @cached_property
    def orders(self) -> Sequence[Fact[Order]]:
        """What was ordered."""
        return self._of(EntityKind.ORDER)

    @cached_property
    def shipments(self) -> Sequence[Fact[Shipment]]:
        """What is on the road."""
        return self._of(EntityKind.SHIPMENT)

    @cached_property
    def fulfillments(self) -> Sequence[Fact[Fulfillment]]:
        """What the warehouse does, but for what it gave up."""
        found: Sequence[Fact[Fulfillment]] = self._of(EntityKind.FULFILLMENT)
        return [each for each in found if each.entity.status is not FulfillmentStatus.CANCELLED]

    @cached_property
    def invoices(self) -> Sequence[Fact[Invoice]]:
        """What was billed."""
        return self._of(EntityKind.INVOICE)

    @cached_property
    def credits(self) -> Sequence[Fact[CreditStatus]]:
        """What credit control says."""
        return self._of(EntityKind.CREDIT)

    @cached_property
    def returns(self) -> Sequence[Fact[Return]]:
        """What comes back."""
        return self._of(EntityKind.RETURN)

    @cached_property
    def claims(self) -> Sequence[Fact[Claim]]:
        """What is claimed."""
        return self._of(EntityKind.CLAIM)

    @cached_property
    def cases(self) -> Sequence[Fact[ServiceCase]]:
        """What the customer asks."""
        return self._of(EntityKind.SERVICE_CASE)

    @cached_property
    def stock(self) -> Sequence[Fact[InventoryPosition]]:
        """What is there."""
        return self._of(EntityKind.INVENTORY)

    def is_sure(self, kinds: Iterable[EntityKind]) -> bool:
        """Whether everything of these kinds is known, and fresh."""
        return all(
            kind in self._sections
            and self._sections[kind].freshness.state in {FreshnessState.FRESH, FreshnessState.REVALIDATING}
            for kind in kinds
        )

    def _of(self, kind: EntityKind) -> Sequence[Fact[E]]:
        section = self._sections.get(kind)
        if section is None:
            return ()
        pairs = zip(section.nodes, section.node_freshness, strict=True)
        return [Fact(node, freshness) for node, freshness in pairs]  # type: ignore[arg-type]  # its kind says which


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


_WORST_FIRST = tuple(reversed(Severity))


def judge(
    rules: Sequence[Rule],
    sections: Mapping[EntityKind, Section],
    now: datetime,
    graces: Mapping[str, timedelta] | None = None,
) -> list[Discrepancy]:
    """Every contradiction of a view, worst first.

    Args:
        rules: what to look for.
        sections: the view.
        now: when it is looked at.
        graces: by id of the rule, instead of its own.
    """
    facts = Facts(sections, now)
    found = (
        _raised(rule, finding, facts, (graces or {}).get(rule.id, rule.grace))
        for rule in rules
        for finding in rule.find(facts)
    )
    return sorted(
        (each for each in found if each is not None),
        key=lambda each: (
            _WORST_FIRST.index(each.severity),
            each.state is not DiscrepancyState.OPEN,
            each.raised_at,
            each.id,
        ),
    )


def _rank(each: Discrepancy) -> tuple[int, bool, datetime, str]:
    return (_WORST_FIRST.index(each.severity), each.state is not DiscrepancyState.OPEN, each.raised_at, each.id)


def _raised(rule: Rule, finding: Finding, facts: Facts, grace: timedelta) -> Discrepancy | None:
    """The finding, once its grace is over; what nobody dates is raised at once."""
    raised_at = facts.now if finding.since is None else finding.since + grace
    if raised_at > facts.now:
        return None
    return Discrepancy(
        id=hashlib.sha256(f"{rule.id}\n{finding.about}".encode()).hexdigest()[:24],
        rule=rule.id,
        state=DiscrepancyState.OPEN if facts.is_sure(rule.needs) else DiscrepancyState.INCONCLUSIVE,
        severity=finding.severity,
        summary=finding.summary,
        evidence=finding.evidence,
        suggested_action=finding.action,
        raised_at=raised_at,
    )


def _name(entity: Entity) -> str:
    for field in ("number", "id", "sku", "customer_id"):
        if name := getattr(entity, field, None):
            return str(name)
    return "without a name"
