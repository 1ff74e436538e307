"""What a source is: the contract between an adapter and everybody else."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, Self, runtime_checkable

from domain.call import Call
from domain.entity import Entity
from domain.event import Decoded, Delivery
from domain.feed import FeedNature
from domain.freshness import Policy
from domain.identity import EntityKind, Scheme, SourceKind, entity_key
from domain.known import Nature
from domain.lookup import Changes, Findings, Lookup
from domain.observation import Snapshot
from sources.http import Answer, Http
from sources.settings import SourceSettings


@dataclass(frozen=True, slots=True)
class Read:
    """One way to read a source that takes many lookups in one call.

    Attributes:
        name: unique within the source, e.g. `sales`.
        answers: which kinds of entity it gives, and by which numbers it can be asked for each, best first.
        max_batch: how many lookups one `fetch` takes at most.
    """

    name: str
    answers: Mapping[EntityKind, tuple[Scheme, ...]]
    max_batch: int = 100


@dataclass(frozen=True, slots=True)
class Answerer:
    """Whose answer it is.

    Attributes:
        tenant: whose data the source holds.
        source: configured id.
        moment: the source's time at which the answer was true.
        verified_at: our time at which the source was asked.
    """

    tenant: str
    source: str
    moment: datetime
    verified_at: datetime | None = None

    @classmethod
    def of(cls, settings: SourceSettings, answers: Sequence[Answer]) -> Self:
        """Whose answers they are; what was put together from several is as old as the first of them."""
        moment, sent_at = min(each.moment for each in answers), min(each.sent_at for each in answers)
        return cls(settings.tenant, settings.id, moment, sent_at)

    def snapshot(self, kind: EntityKind, name: str, content: Entity, as_of: datetime | None) -> Snapshot:
        """An entity of this answer, under the source's own name for it."""
        key = entity_key(self.tenant, self.source, kind, name)
        return Snapshot(key, content, as_of, self.moment, verified_at=self.verified_at)


class Client(Protocol):
    """Speaks to one configured system."""

    async def fetch(self, read: str, lookups: Sequence[Lookup], call: Call) -> Findings:
        """Answer all the lookups, in as few calls to the system as it allows.

        Args:
            read: name of one of the source's reads.
            lookups: at most `max_batch`, each of a kind and scheme that the read answers.
            call: on whose behalf, until when.

        Raises:
            SourceError: nothing could be read. One record that cannot be read is no error: see `Findings.unusable`.
        """

    async def check(self, call: Call) -> None:
        """Make the cheapest call that proves address and credentials.

        Raises:
            SourceError: what is wrong.
        """


@runtime_checkable
class ChangesClient(Protocol):
    """A client of a system that can say what has changed."""

    async def changes(self, since: datetime, call: Call) -> Changes:
        """What changed from `since` on, in the source's time; too much is harmless, too little is not.

        Raises:
            SourceError: nothing could be read.
        """


class Inbox(Protocol):
    """Understands what one configured system sends of its own accord."""

    def verify(self, delivery: Delivery) -> None:
        """Make sure who sent it, over the raw bytes, in constant time.

        Raises:
            BadSignature: what is missing or wrong.
        """

    def decode(self, delivery: Delivery) -> Sequence[Decoded]:
        """Every event in the message: understood, ignored by name, or unreadable. Never raises."""


DEFAULT_POLICY = Policy(
    max_age=timedelta(seconds=60),
    stale_while_revalidate=timedelta(seconds=60),
    stale_if_error=timedelta(hours=4),
    negative_max_age=timedelta(seconds=30),
)


@dataclass(frozen=True, slots=True)
class Source:
    """Everything that Casefold knows about one vendor's system.

    Attributes:
        adapter: the name in settings.
        vendor: what a person calls it.
        settings: the settings model of one configured system.
        serves: which entities it is the authority for in each of its roles.
        reads: how it can be read; empty: it only sends.
        connect: makes the client of one configured system; null: it only sends.
        natures: what can be said of the snapshots of a kind; of others, what `Nature()` says.
        policies: how old knowledge of a kind may be, unless settings say otherwise; of others, `DEFAULT_POLICY`.
        open_inbox: makes the inbox of one configured system; null: it sends nothing.
        feed: what the stream of its events promises.
        can_list_changes: whether its client may be a `ChangesClient`.
        feed_covers: kinds of entity of which its events, or its changes, leave nothing out.
    """

    adapter: str
    vendor: str
    settings: type[SourceSettings]
    serves: Mapping[SourceKind, frozenset[EntityKind]]
    reads: tuple[Read, ...] = ()
    connect: Callable[[Any, Http], Client] | None = None
    natures: Mapping[EntityKind, Nature] = field(default_factory=dict)
    policies: Mapping[EntityKind, Policy] = field(default_factory=dict)
    open_inbox: Callable[[Any], Inbox] | None = None
    feed: FeedNature = field(default_factory=FeedNature)
    can_list_changes: bool = False
    feed_covers: frozenset[EntityKind] = frozenset()
