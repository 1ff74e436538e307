"""The assembled view: one section per kind of entity, and what the whole amounts to."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from domain.entity import Entity
from domain.freshness import Freshness, FreshnessState, Origin, SourceProblem
from domain.fulfillment import Fulfillment, FulfillmentStatus
from domain.identity import CaseKey, EntityKind
from domain.observation import Snapshot
from domain.order import Order, OrderStatus
from domain.shipment import Shipment, ShipmentStatus


class CaseViewStatus(Enum):
    """The order-to-cash state across all systems."""

    OPEN = "OPEN"
    IN_FULFILLMENT = "IN_FULFILLMENT"
    IN_TRANSIT = "IN_TRANSIT"
    DELIVERED = "DELIVERED"
    EXCEPTION = "EXCEPTION"
    ON_HOLD = "ON_HOLD"
    RETURNED = "RETURNED"
    CANCELLED = "CANCELLED"
    CLOSED = "CLOSED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Answered:
    """A source said what there is; nothing at all is an answer, too."""

    source: str
    snapshots: tuple[Snapshot, ...]
    verified_at: datetime
    origin: Origin


@dataclass(frozen=True, slots=True)
class Failed:
    """A source could not say."""

    problem: SourceProblem


Outcome = Answered | Failed


@dataclass(frozen=True, slots=True)
class Section:
    """All entities of one kind, and how far they can be relied on.

    Attributes:
        kind: what it holds.
        nodes: the entities, in the order in which the sources gave them.
        node_freshness: how old each node is, in step with `nodes`.
        freshness: how old the section is: as old as its oldest part.
        problem: why it is not fresh, if a source could not answer.
    """

    kind: EntityKind
    nodes: tuple[Entity, ...]
    node_freshness: tuple[Freshness, ...]
    freshness: Freshness
    problem: SourceProblem | None

    @property
    def is_known(self) -> bool:
        """Whether it says anything, fresh or not."""
        return self.freshness.state not in {FreshnessState.UNAVAILABLE, FreshnessState.FORBIDDEN}


@dataclass(frozen=True, slots=True)
class CaseView:
    """What all systems know of one case."""

    id: str
    key: CaseKey
    sections: Mapping[EntityKind, Section]

    def completeness(self, asked: Collection[EntityKind]) -> float:
        """Sections known over sections asked for, 0..1; 1 when none was asked for."""
        known = sum(self.sections[kind].is_known for kind in asked)
        return known / len(asked) if asked else 1.0


def view_id(tenant: str, key: CaseKey) -> str:
    """An opaque id that is the same for the same key at any time."""
    name = f"{tenant}\x1f{key.scheme.value}\x1f{key.value}"
    return "cv_" + hashlib.sha256(name.encode()).hexdigest()[:24]


def section_of(
    kind: EntityKind, outcomes: Sequence[Outcome], *, now: datetime, max_age_seconds: float | None = None
) -> Section:
    """One section out of what each of its sources answered.

    All answered: FRESH. None answered: UNAVAILABLE. Some answered: STALE, because what the others would add is not
    verified; the problem says who is missing.
    """
    answered = [outcome for outcome in outcomes if isinstance(outcome, Answered)]
    problems = [outcome.problem for outcome in outcomes if isinstance(outcome, Failed)]
    state = _state(bool(answered), bool(problems))
    parts = {
        snapshot.key: (snapshot.content, replace(part, snapshots=(snapshot,)))
        for part in answered
        for snapshot in part.snapshots
    }
    return Section(
        kind=kind,
        nodes=tuple(content for content, _ in parts.values()),
        node_freshness=tuple(
            _freshness(FreshnessState.FRESH, [part], now=now, max_age_seconds=max_age_seconds)
            for _, part in parts.values()
        ),
        freshness=_freshness(state, answered, problems, now=now, max_age_seconds=max_age_seconds),
        problem=problems[0] if problems else None,
    )


def _state(is_answered: bool, is_failed: bool) -> FreshnessState:  # noqa: FBT001  # a truth table of two
    match is_answered, is_failed:
        case True, False:
            return FreshnessState.FRESH
        case True, True:
            return FreshnessState.STALE
        case _:
            return FreshnessState.UNAVAILABLE


def _freshness(
    state: FreshnessState,
    answered: Sequence[Answered],
    problems: Sequence[SourceProblem] = (),
    *,
    now: datetime,
    max_age_seconds: float | None,
) -> Freshness:
    oldest = min(answered, key=lambda part: part.verified_at, default=None)
    sources = [part.source for part in answered] or [problem.source for problem in problems]
    changes = [snapshot.as_of for part in answered for snapshot in part.snapshots if snapshot.as_of]
    return Freshness(
        state=state,
        as_of=max(changes, default=None),
        verified_at=oldest.verified_at if oldest else None,
        age_seconds=max((now - oldest.verified_at).total_seconds(), 0.0) if oldest else None,
        max_age_seconds=max_age_seconds,
        origin=oldest.origin if oldest else None,
        source=sources[0] if sources else None,
    )


STATUS_KINDS = frozenset({EntityKind.ORDER, EntityKind.FULFILLMENT, EntityKind.SHIPMENT})
"""What has to be known to say the status of the whole."""

_MOVING = frozenset(
    {
        ShipmentStatus.PICKED_UP,
        ShipmentStatus.IN_TRANSIT,
        ShipmentStatus.OUT_FOR_DELIVERY,
        ShipmentStatus.AT_DELIVERY,
        ShipmentStatus.AVAILABLE_FOR_COLLECTION,
        ShipmentStatus.DELIVERY_ATTEMPTED,
        ShipmentStatus.PARTIALLY_DELIVERED,
        ShipmentStatus.DELIVERED,
    }
)
_BACK = frozenset({ShipmentStatus.RETURNING, ShipmentStatus.RETURNED})
_IDLE_WAREHOUSE = frozenset({FulfillmentStatus.CREATED, FulfillmentStatus.UNKNOWN, FulfillmentStatus.CANCELLED})
_IN_HAND = frozenset({OrderStatus.RELEASED, OrderStatus.PARTIALLY_SHIPPED})
_GONE = frozenset({OrderStatus.SHIPPED, OrderStatus.COMPLETED})
_EMPTIED = frozenset({FulfillmentStatus.SHIPPED, FulfillmentStatus.CANCELLED})


def status_of(sections: Mapping[EntityKind, Section]) -> CaseViewStatus:
    """The state of the whole, from what is known of orders, fulfillments and shipments; first rule that holds."""
    orders = [node for node in _nodes(sections, EntityKind.ORDER) if isinstance(node, Order)]
    fulfillments = [node for node in _nodes(sections, EntityKind.FULFILLMENT) if isinstance(node, Fulfillment)]
    shipments = [
        node
        for node in _nodes(sections, EntityKind.SHIPMENT)
        if isinstance(node, Shipment) and node.status is not ShipmentStatus.CANCELLED
    ]
    statuses = {shipment.status for shipment in shipments}
    is_delivered = statuses == {ShipmentStatus.DELIVERED}
    rules = (
        (CaseViewStatus.UNKNOWN, not (orders or fulfillments or shipments)),
        (CaseViewStatus.CANCELLED, bool(orders) and _all_in({OrderStatus.CANCELLED}, orders)),
        (CaseViewStatus.EXCEPTION, any(_is_in_trouble(shipment) for shipment in shipments)),
        (CaseViewStatus.ON_HOLD, any(order.status is OrderStatus.ON_HOLD for order in orders)),
        (CaseViewStatus.RETURNED, bool(statuses) and statuses <= _BACK),
        (CaseViewStatus.CLOSED, is_delivered and bool(orders) and _all_in({OrderStatus.COMPLETED}, orders)),
        (CaseViewStatus.DELIVERED, is_delivered and _all_in(_GONE, orders) and _all_in(_EMPTIED, fulfillments)),
        (CaseViewStatus.IN_TRANSIT, bool(statuses & _MOVING)),
        (CaseViewStatus.IN_TRANSIT, bool(orders) and _all_in(_GONE, orders)),
        (CaseViewStatus.IN_FULFILLMENT, any(each.status not in _IDLE_WAREHOUSE for each in fulfillments)),
        (CaseViewStatus.IN_FULFILLMENT, any(order.status in _IN_HAND for order in orders)),
    )
    return next((status for status, holds in rules if holds), CaseViewStatus.OPEN)


def _nodes(sections: Mapping[EntityKind, Section], kind: EntityKind) -> tuple[Entity, ...]:
    return sections[kind].nodes if kind in sections else ()


def _is_in_trouble(shipment: Shipment) -> bool:
    if shipment.status is ShipmentStatus.LOST:
        return True
    return shipment.status is not ShipmentStatus.DELIVERED and any(
        exception.cleared_at is None for exception in shipment.exceptions
    )


def _all_in(statuses: Collection[OrderStatus | FulfillmentStatus], nodes: Sequence[Order | Fulfillment]) -> bool:
    return all(node.status in statuses for node in nodes)
