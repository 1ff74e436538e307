"""The assembled view: one section per kind of entity, and what the whole amounts to."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from msgspec import Struct

from domain.entity import Entity
from domain.errors import InvalidRequest
from domain.freshness import Freshness, FreshnessState, Origin, SourceProblem
from domain.fulfillment import Fulfillment, FulfillmentStatus
from domain.identity import CASE_KEY_SCHEMES, CaseKey, EntityKey, EntityKind, Scheme
from domain.model import Model
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
class Withdrawn:
    """Something that a source told, and said later that it had not happened.

    Attributes:
        content: what was told.
        recorded_at: the source's time at which it was taken back.
    """

    content: Model
    recorded_at: datetime


class Part(Struct, frozen=True):
    """One entity of an answer.

    Attributes:
        key: whose state it is.
        content: the state.
        as_of: when the source itself last changed it, as far as it says.
        verified_at: latest moment at which it is known to have been true.
        origin: how it came to be known.
        state: how it stands to the age asked for; it may be fresher than the whole answer.
        withdrawn: what was told of it and taken back.
        earlier: the state before, as far as it is kept.
    """

    key: EntityKey
    content: Entity
    as_of: datetime | None
    verified_at: datetime | None
    origin: Origin
    state: FreshnessState = FreshnessState.FRESH
    withdrawn: tuple[Withdrawn, ...] = ()
    earlier: Entity | None = None


class Answered(Struct, frozen=True):
    """What is known of a number at one source; nothing at all is an answer, too.

    Attributes:
        source: configured id.
        parts: the entities.
        verified_at: latest moment at which all of it is known to have been true; null: never as a whole.
        origin: how it came to be known.
        state: how it stands to the age asked for.
        max_age: the age that was decided against; null: none.
        problem: why it is not fresh, if the source could not answer.
    """

    source: str
    parts: tuple[Part, ...]
    verified_at: datetime | None
    origin: Origin
    state: FreshnessState = FreshnessState.FRESH
    max_age: timedelta | None = None
    problem: SourceProblem | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """A source could not say, and nothing that is held may stand in."""

    problem: SourceProblem


@dataclass(frozen=True, slots=True)
class Unasked:
    """Nothing is held, and the source may not be asked."""

    source: str


@dataclass(frozen=True, slots=True)
class Silent:
    """A source that only sends has told nothing; where others are in charge, too, that says nothing."""

    problem: SourceProblem


Outcome = Answered | Failed | Unasked | Silent


class Section(Struct, frozen=True):
    """All entities of one kind, and how far they can be relied on.

    Attributes:
        kind: what it holds.
        nodes: the entities, by source and id: in whatever order they became known, a view is the same.
        node_freshness: how old each node is, in step with `nodes`.
        withdrawn: what was told of each node and taken back, in step with `nodes`.
        earlier: the state of each node before, as far as it is kept, in step with `nodes`.
        freshness: how old the section is: as old as its oldest part.
        problem: why it is not fresh, if a source could not answer.
    """

    kind: EntityKind
    nodes: tuple[Entity, ...]
    node_freshness: tuple[Freshness, ...]
    withdrawn: tuple[tuple[Withdrawn, ...], ...]
    earlier: tuple[Entity | None, ...]
    freshness: Freshness
    problem: SourceProblem | None

    @property
    def is_known(self) -> bool:
        """Whether it says anything, fresh or not."""
        return self.freshness.state not in {FreshnessState.UNAVAILABLE, FreshnessState.FORBIDDEN}


class CaseView(Struct, frozen=True):
    """What all systems know of one case."""

    id: str
    key: CaseKey
    sections: Mapping[EntityKind, Section]

    def completeness(self, asked: Collection[EntityKind]) -> float:
        """Sections known over sections asked for, 0..1; 1 when none was asked for."""
        known = sum(self.sections[kind].is_known for kind in asked)
        return known / len(asked) if asked else 1.0


def view_id(tenant: str, key: CaseKey) -> str:
    """An opaque id that is the same for the same key at any time; `key_of_view` knows what it stands for."""
    name = f"{tenant}\x1f{key.scheme.value}\x1f{key.value}"
    return _VIEW + urlsafe_b64encode(name.encode()).decode().rstrip("=")


def key_of_view(tenant: str, name: str) -> CaseKey | None:
    """What a view of this tenant was asked for by, from its id; null for what is not the id of one."""
    try:
        _, scheme, value = urlsafe_b64decode(name.removeprefix(_VIEW) + "===").decode().split("\x1f")
        key = CaseKey.quoted(_QUOTED_AS[Scheme(scheme)], value)
    except (ValueError, KeyError, InvalidRequest):
        return None
    return key if view_id(tenant, key) == name else None  # one spelling for one view, and only of this tenant


_VIEW = "cv_"
_QUOTED_AS = {scheme: field for field, scheme in CASE_KEY_SCHEMES.items()}


def section_of(kind: EntityKind, outcomes: Sequence[Outcome], *, now: datetime) -> Section:
    """One section out of what is known at each of its sources.

    It is as fresh as its weakest part. Nothing known: UNAVAILABLE. Something known and something not: STALE, because
    what is missing is not verified; the problem says who is missing.
    """
    heard = [outcome for outcome in outcomes if not isinstance(outcome, Silent)] or outcomes
    answered = [outcome for outcome in heard if isinstance(outcome, Answered)]
    told = {part.key: (part, outcome) for outcome in answered for part in outcome.parts}
    parts = sorted(told.values(), key=_by_address)
    return Section(
        kind=kind,
        nodes=tuple([part.content for part, _ in parts]),
        node_freshness=tuple([_freshness_of_part(part, outcome, now) for part, outcome in parts]),
        withdrawn=tuple([part.withdrawn for part, _ in parts]),
        earlier=tuple([part.earlier for part, _ in parts]),
        freshness=_freshness(_state_of(heard), answered, now) if answered else _nothing_known(heard),
        problem=_problem_of(heard),
    )


_WEAKNESS = (
    FreshnessState.FRESH,
    FreshnessState.REVALIDATING,
    FreshnessState.STALE,
    FreshnessState.UNAVAILABLE,
    FreshnessState.FORBIDDEN,
)


def _by_address(told: tuple[Part, Answered]) -> tuple[str, str]:
    key = told[0].key
    return (key.source, key.id)


def _state_of(outcomes: Sequence[Outcome]) -> FreshnessState:
    """The state of a section of which something is known."""
    states = [outcome.state for outcome in outcomes if isinstance(outcome, Answered)]
    return max(states, key=_WEAKNESS.index) if len(states) == len(outcomes) else FreshnessState.STALE


def _problem_of(outcomes: Sequence[Outcome]) -> SourceProblem | None:
    """Who could not be asked is told before who is not fresh."""
    lost = [outcome.problem for outcome in outcomes if isinstance(outcome, Failed | Silent)]
    told = [outcome.problem for outcome in outcomes if isinstance(outcome, Answered) and outcome.problem is not None]
    return next(iter(lost + told), None)


def _nothing_known(outcomes: Sequence[Outcome]) -> Freshness:
    source = next((_asked(outcome) for outcome in outcomes if not isinstance(outcome, Answered)), None)
    return Freshness(state=FreshnessState.UNAVAILABLE, source=source)


def _freshness(state: FreshnessState, answered: Sequence[Answered], now: datetime) -> Freshness:
    """How old it all is: as old as the oldest answer."""
    oldest = answered[0] if len(answered) == 1 else min(answered, key=lambda outcome: outcome.verified_at or _NEVER)
    changes = [part.as_of for outcome in answered for part in outcome.parts if part.as_of]
    return Freshness(
        state=state,
        as_of=max(changes, default=None),
        verified_at=oldest.verified_at,
        age_seconds=_age_seconds(oldest.verified_at, now),
        max_age_seconds=_seconds(oldest.max_age),
        origin=oldest.origin,
        source=answered[0].source,
    )


def _freshness_of_part(part: Part, outcome: Answered, now: datetime) -> Freshness:
    return Freshness(
        state=part.state,
        as_of=part.as_of,
        verified_at=part.verified_at,
        age_seconds=_age_seconds(part.verified_at, now),
        max_age_seconds=_seconds(outcome.max_age),
        origin=part.origin,
        source=outcome.source,
    )


_NEVER = datetime.min.replace(tzinfo=UTC)


def _asked(outcome: Failed | Silent | Unasked) -> str:
    return outcome.source if isinstance(outcome, Unasked) else outcome.problem.source


def _age_seconds(verified_at: datetime | None, now: datetime) -> float | None:
    if verified_at is None:
        return None
    return (now - verified_at).total_seconds() if verified_at <= now else 0.0


def _seconds(duration: timedelta | None) -> float | None:
    return None if duration is None else duration.total_seconds()


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
