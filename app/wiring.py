"""Puts a gateway together from its settings."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from app.http.events import Doors
from app.settings import BrokerSettings, Configuration, WebhookSettings
from cache.agenda import Agenda
from cache.board import Board
from cache.experience import Experience
from cache.inbox import InboxStream, Retention
from cache.keys import Keys
from cache.memory import Memory
from cache.outbox import Broadcast, Outbox
from cache.parking import Parking
from cache.poller import Poller
from cache.reader import Reader
from cache.server import Server
from cache.store import Store
from cache.upstream import Fetcher, Upstream
from cache.watch import Watches
from domain.clock import Clock, SystemClock
from domain.errors import StoreUnavailable
from domain.feed import Feed
from domain.freshness import Ask
from domain.identity import MAIN_TENANT, EntityKind, Scheme, SourceKind
from domain.known import Nature
from domain.source_status import CallHealth, FeedStatus, SourceStatus
from domain.telling import Terms
from events.ahead import ReadAhead
from events.brokers import Broker, BrokerInbox
from events.conclude import Concluder, Measures
from events.hooks import Deliverer, Hook, Redelivery
from events.parked import DeadLetters
from events.settle import Settling
from events.worker import Worker
from resolvers.context import Gateway
from sources.base import DEFAULT_POLICY, ChangesClient, Client, Inbox, Read, Source
from sources.http import Http, Limits
from sources.registry import adapter
from sources.settings import ApiSettings, SourceSettings

MOST_DELIVERIES = 8
"""Deliveries to one receiver that are under way at once."""

LARGEST_RECEIPT = 64 * 1024
"""Bytes that are read of what a receiver answers."""

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


@dataclass(frozen=True, slots=True)
class Wired:
    """A gateway and what it holds open."""

    gateway: Gateway
    connected: tuple[Connected, ...]
    pollers: tuple[Poller, ...]
    doors: Doors
    worker: Worker
    concluder: Concluder
    ahead: ReadAhead
    dead_letters: DeadLetters
    brokers: tuple[BrokerInbox, ...]
    deliverers: tuple[Deliverer, ...]
    deliveries: DeadLetters
    broadcast: Broadcast
    inbox: InboxStream
    settling: Settling
    clock: Clock

    async def open(self, *, has_worker: bool = True) -> None:
        """Begin to use the store, to ask what has changed, and, with a worker, to settle what was sent.

        Raises:
            StoreForgets: the store may throw away what it is given.
        """
        await self.gateway.reader.memory.open()
        if has_worker:
            self.worker.open()
            self.concluder.open()
            for deliverer in self.deliverers:
                deliverer.open()
            for broker in self.brokers:
                broker.open()
        for poller in self.pollers:
            poller.open()

    async def aclose(self) -> None:
        """Stop everything and close every connection."""
        await self.broadcast.aclose()
        await self.gateway.watches.aclose()
        await asyncio.gather(*(broker.aclose() for broker in self.brokers))
        await self.worker.aclose()
        await self.concluder.aclose()
        await self.ahead.aclose()
        await asyncio.gather(*(deliverer.aclose() for deliverer in self.deliverers))
        await asyncio.gather(*(poller.aclose() for poller in self.pollers))
        await self.gateway.reader.aclose()
        await self.gateway.reader.memory.aclose()
        await asyncio.gather(*(each.http.aclose() for each in self.connected if each.http))
        await asyncio.gather(*(deliverer.hook.http.aclose() for deliverer in self.deliverers))


def connect(settings: SourceSettings, clock: Clock) -> Connected:
    """Make one configured source ready to be asked; nothing is called yet."""
    source = adapter(settings.adapter)
    if source.connect is None or not isinstance(settings, ApiSettings):
        return Connected(source=source, settings=settings)
    http = Http(settings.id, settings.base_url, limits=Limits.of(settings), clock=clock)
    return Connected(source=source, settings=settings, http=http, client=source.connect(settings, http))


def build(configuration: Configuration, redis_url: str, *, clock: Clock | None = None) -> Wired:
    """Put a gateway together; nothing is called yet.

    Args:
        configuration: settings that were read and checked.
        redis_url: where state is kept.
        clock: what tells the time; null: the machine's.
    """
    clock = clock or SystemClock()
    connected = tuple(connect(settings, clock) for settings in configuration.sources)
    store = Store(Server(redis_url), Keys(MAIN_TENANT))
    memory = Memory(store, clock, configuration.gateway.near_bytes)
    prefix = store.keys.inbox()
    retention = Retention(configuration.gateway.journal_time, configuration.gateway.journal_bytes)
    inbox, parking = InboxStream(store.server, prefix, retention), Parking(store.server, prefix)
    reader = Reader([each.upstream for each in connected], memory, clock)
    own = {each.settings.id: each_inbox for each in connected if (each_inbox := each.inbox) is not None}
    settling = Settling(store, reader.upstreams, {source: each.decode for source, each in own.items()})
    dead_letters = DeadLetters(parking, settling, clock)
    outbox = Outbox(store)
    broadcast = Broadcast(outbox, lambda: memory.is_up)
    hooks = [_hook(each, clock) for each in configuration.gateway.webhooks]
    undelivered = Parking(store.server, store.keys.outgoing_inbox())
    board, ahead = (
        Board(memory, reader.upstreams, clock),
        ReadAhead(reader, Ask(deadline=configuration.gateway.deadline)),
    )
    experience = Experience(store, clock)
    measures = Measures(configuration.gateway.tolerances, configuration.gateway.allowances)
    gateway = Gateway(
        reader=reader,
        statuses=partial(_statuses, connected, memory, inbox, parking, clock),
        longest=configuration.gateway.deadline,
        kinds_of=lambda roles: frozenset().union(*(each.kinds_of(roles) for each in connected)),
        dead_letters=dead_letters,
        operational_events=broadcast,
        board=board,
        experience=experience,
        watches=Watches(reader),
        tolerances=measures.tolerances,
        roles={key: role for each in connected for key, role in each.served.items()},
    )
    tokens = {each.settings.id: token for each in connected if (token := each.settings.events_token)}
    secrets = {each.settings.id: secret for each in connected if (secret := each.settings.events_secret)}
    return Wired(
        gateway=gateway,
        connected=connected,
        pollers=tuple(reader.pollers()),
        doors=Doors(inbox, tokens, secrets, own, clock),
        worker=Worker(store.server, inbox, settling, parking, clock),
        concluder=Concluder(reader, Agenda(store), board, experience=experience, measures=measures, ahead=ahead),
        ahead=ahead,
        dead_letters=dead_letters,
        deliverers=tuple(Deliverer(hook, outbox, undelivered, clock) for hook in hooks),
        brokers=tuple(BrokerInbox(_broker(each), inbox, parking, clock) for each in configuration.gateway.brokers),
        deliveries=DeadLetters(undelivered, Redelivery({hook.id: hook for hook in hooks}, clock), clock),
        broadcast=broadcast,
        inbox=inbox,
        settling=settling,
        clock=clock,
    )


def _broker(settings: BrokerSettings) -> Broker:
    return Broker(
        id=settings.id,
        kind=settings.kind,
        url=settings.url.get_secret_value(),
        subject=settings.subject,
        stream=settings.stream,
        sources=settings.sources,
    )


def _hook(settings: WebhookSettings, clock: Clock) -> Hook:
    limits = Limits(settings.timeout, settings.timeout, MOST_DELIVERIES, LARGEST_RECEIPT)
    return Hook(
        id=settings.id,
        http=Http(settings.id, settings.url, limits=limits, clock=clock),
        secret=settings.secret.get_secret_value(),
        types=frozenset(settings.types),
        patience=settings.timeout,
        pauses=settings.retries,
    )


async def _statuses(
    connected: Sequence[Connected], memory: Memory, inbox: InboxStream, parking: Parking, clock: Clock
) -> Sequence[SourceStatus]:
    feeds = [memory.store.feed(each.settings.id) for each in connected]
    heard, queues = await asyncio.gather(memory.recall(feeds), _queues(inbox, parking))
    now = clock.now()
    return [each.status(heard[feed.name], queues, now) for each, feed in zip(connected, feeds, strict=True)]


async def _queues(inbox: InboxStream, parking: Parking) -> Queues:
    try:
        return Queues(await inbox.pending(), await parking.counts())
    except StoreUnavailable:  # how the systems are doing is told all the same
        return Queues()
