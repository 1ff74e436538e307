"""One configured source, ready to be asked: what its adapter and its settings come to together."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from cache.upstream import Fetcher, Upstream
from domain.clock import Clock
from domain.feed import Feed
from domain.identity import EntityKind, Scheme, SourceKind
from domain.known import Nature
from domain.source_status import CallHealth, FeedStatus, SourceStatus
from domain.telling import Terms
from sources.base import DEFAULT_POLICY, ChangesClient, Client, Inbox, Read, Source
from sources.http import Http, Limits
from sources.registry import adapter
from sources.settings import ApiSettings, SourceSettings

CALLS_PER_FETCH = 3
"""How many calls, one after another, a fetch may take: some systems answer in pages."""


@dataclass(frozen=True, slots=True)
class Queues:
    """How many letters of each source wait to be settled, and how many are parked."""

    pending: Mapping[str, int] = field(default_factory=dict)
    parked: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Connected:
    """One configured source, ready to be asked, if it can be; `http` and `client` are null where it only sends."""

    source: Source
    settings: SourceSettings
    http: Http | None = None
    client: Client | None = None

    @property
    def kinds(self) -> frozenset[EntityKind]:
        """What this configured source is the authority for."""
        return self.kinds_of(self.roles)

    def kinds_of(self, roles: Collection[SourceKind]) -> frozenset[EntityKind]:
        """What it is the authority for in these roles."""
        own = (self.source.serves.get(role, frozenset()) for role in self.roles if role in roles)
        return frozenset().union(*own)

    @property
    def roles(self) -> tuple[SourceKind, ...]:
        """What it is configured to be."""
        return self.settings.kinds or tuple(self.source.serves)

    @property
    def served(self) -> Mapping[tuple[str, EntityKind], SourceKind]:
        """In which role it serves each kind of entity."""
        own = ((role, kind) for role in self.roles for kind in self.source.serves.get(role, ()))
        return {(self.settings.id, kind): role for role, kind in own}

    @property
    def upstream(self) -> Upstream:
        """What the reader is given of it."""
        changes = self.client.changes if isinstance(self.client, ChangesClient) else None
        feed = replace(
            self.source.feed,
            is_polled=changes is not None,
            heartbeat=self.settings.heartbeat or self.source.feed.heartbeat,
            has_sequence=self.settings.numbers_events or self.source.feed.has_sequence,
        )
        upstream = Upstream(
            id=self.settings.id,
            terms={kind: self._terms(kind) for kind in self.kinds},
            feed=feed,
            links=self.settings.links,
            covers=self.source.feed_covers if feed.gives_coverage else frozenset(),
        )
        if self.client is None or not isinstance(self.settings, ApiSettings):
            return upstream
        return replace(
            upstream,
            fetchers=tuple(self._fetcher(read, self.client, self.settings) for read in self.source.reads),
            changes=changes,
            poll_every=self.settings.poll_every,
            patience=self.settings.timeout * CALLS_PER_FETCH,
            concurrency=self.settings.concurrency,
        )

    @property
    def inbox(self) -> Inbox | None:
        """Who understands what it sends of its own accord; null: its secret is not set, or it sends nothing."""
        is_secret_set = self.settings.webhook_secret is not None
        return self.source.open_inbox(self.settings) if self.source.open_inbox and is_secret_set else None

    def status(self, feed: Feed | None, queues: Queues, now: datetime) -> SourceStatus:
        """How it is doing."""
        own = self.settings.id
        pending, parked = queues.pending.get(own, 0), queues.parked.get(own, 0)
        is_heard = feed is not None or pending or parked
        return SourceStatus(
            id=self.settings.id,
            kinds=self.roles,
            vendor=self.source.vendor,
            health=self.http.health() if self.http else CallHealth(),
            feed=FeedStatus.of(feed or Feed(), now, pending, parked) if is_heard else None,
        )

    def _terms(self, kind: EntityKind) -> Terms:
        return Terms(
            nature=self.source.natures.get(kind, Nature()),
            policy=self.settings.policy(kind, self.source.policies.get(kind, DEFAULT_POLICY)),
            can_be_asked=any(kind in read.answers for read in self.source.reads),
        )

    def _fetcher(self, read: Read, client: Client, settings: ApiSettings) -> Fetcher:
        return Fetcher(
            source=self.settings.id,
            answers=self._answers(read, settings.asked_by),
            max_batch=read.max_batch,
            fetch=partial(client.fetch, read.name),
        )

    def _answers(self, read: Read, asked_by: Collection[Scheme]) -> Mapping[EntityKind, tuple[Scheme, ...]]:
        return {
            kind: tuple(scheme for scheme in schemes if not asked_by or scheme in asked_by)
            for kind, schemes in read.answers.items()
            if kind in self.kinds
        }


def connect(settings: SourceSettings, clock: Clock) -> Connected:
    """Make one configured source ready to be asked; nothing is called yet."""
    source = adapter(settings.adapter)
    if source.connect is None or not isinstance(settings, ApiSettings):
        return Connected(source=source, settings=settings)
    limits, is_private = Limits.of(settings), settings.allow_private
    http = Http(settings.id, settings.base_url, limits=limits, clock=clock, allow_private=is_private)
    return Connected(source=source, settings=settings, http=http, client=source.connect(settings, http))
