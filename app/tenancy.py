"""All that a gateway has for one tenant; no two tenants share any of it but the connections to the store."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from app.connected import Connected, Queues
from app.identity import audit
from app.rates import Rates
from app.settings import BrokerSettings, Settings, WebhookSettings
from cache.agenda import Agenda
from cache.board import Board
from cache.experience import Experience
from cache.inbox import InboxStream, Retention
from cache.kept import KeptAnswers
from cache.keys import Keys
from cache.memory import Memory
from cache.outbox import Broadcast, Outbox
from cache.parking import Parking
from cache.poller import Poller
from cache.reader import Reader
from cache.server import Server
from cache.shared_answers import SharedAnswers
from cache.store import Store
from cache.watch import Watches
from domain.clock import Clock
from domain.errors import StoreUnavailable
from domain.freshness import Ask
from domain.source_status import SourceStatus
from events.ahead import ReadAhead
from events.brokers import Broker, BrokerInbox
from events.conclude import Concluder, Measures
from events.hooks import Deliverer, Hook, Redelivery
from events.parked import DeadLetters
from events.settle import Settling
from events.worker import Worker
from resolvers.context import Gateway
from sources.http import Http, Limits

MOST_DELIVERIES = 8
"""Deliveries to one receiver that are under way at once."""

LARGEST_RECEIPT = 64 * 1024
"""Bytes that are read of what a receiver answers."""


@dataclass(frozen=True, slots=True)
class Premises:
    """What tenants share: where all of them are, and what is set for each of them alike.

    Attributes:
        server: where their state is.
        clock: when.
        settings: of the gateway.
        rates: how often callers may ask.
        tenants: how many have sources; what a process, or the store, has room for is divided among them evenly.
        generation: what answers are made with; null: they are not shared.
    """

    server: Server
    clock: Clock
    settings: Settings
    rates: Rates
    tenants: int = 1
    generation: str | None = None

    @property
    def near_bytes(self) -> int:
        """Memory of this process for the near copies of one tenant."""
        return self.settings.near_bytes // self.tenants

    @property
    def answer_bytes(self) -> int:
        """Memory of this process for the answers that are kept for one tenant."""
        return self.settings.answer_bytes // self.tenants

    @property
    def retention(self) -> Retention:
        """How much of its journal is kept."""
        return Retention(self.settings.journal_time, self.settings.journal_bytes // self.tenants)


class _Opens(Protocol):
    """Begins when it is told to."""

    def open(self) -> None: ...


class _Closes(Protocol):
    """Stops when it is told to."""

    async def aclose(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Tenancy:
    """One tenant's part of a gateway.

    Attributes:
        tenant: whose.
        connected: its sources.
        gateway: what its callers ask.
        memory: what is kept for it.
        inbox: what its sources have sent.
        settling: how that becomes state.
        pollers: who asks its sources what has changed.
        worker: who settles its inbox.
        concluder: who thinks about what has changed.
        ahead: who reads cases before they are asked for.
        dead_letters: what its sources sent and could not be used.
        brokers: its other ways in.
        deliverers: who call its receivers.
        deliveries: what its receivers did not take.
        broadcast: its operational events, for those who are connected.
    """

    tenant: str
    connected: tuple[Connected, ...]
    gateway: Gateway
    memory: Memory
    inbox: InboxStream
    settling: Settling
    pollers: tuple[Poller, ...]
    worker: Worker
    concluder: Concluder
    ahead: ReadAhead
    dead_letters: DeadLetters
    brokers: tuple[BrokerInbox, ...]
    deliverers: tuple[Deliverer, ...]
    deliveries: DeadLetters
    broadcast: Broadcast

    async def open(self, *, has_worker: bool = True, has_pollers: bool = True) -> None:
        """Begin to use the store, which is open already, and with it what is wanted of the rest.

        Args:
            has_worker: whether what was sent is settled here, thought about and told.
            has_pollers: whether sources are asked here what has changed.
        """
        await self.memory.open()
        workers: tuple[_Opens, ...] = (self.worker, self.concluder, *self.deliverers, *self.brokers)
        for each in (*(workers if has_worker else ()), *(self.pollers if has_pollers else ())):
            each.open()

    async def aclose(self) -> None:
        """Stop everything, and close what is open but the connections to the store.

        All that works is stopped at once: what is slow to stop keeps nothing else at work. What it works with follows.
        """
        gateway = self.gateway
        working: list[_Closes] = [self.broadcast, gateway.watches, gateway.shared, self.worker, self.concluder]
        working += [self.ahead, *self.brokers, *self.deliverers, *self.pollers]
        await asyncio.gather(*(each.aclose() for each in working))
        await gateway.reader.aclose()
        await self.memory.aclose()
        await asyncio.gather(*(each.http.aclose() for each in self.connected if each.http))
        await asyncio.gather(*(deliverer.hook.http.aclose() for deliverer in self.deliverers))


def tenancy_of(tenant: str, connected: Sequence[Connected], premises: Premises) -> Tenancy:
    """Put one tenant's part of a gateway together; nothing is called yet.

    Args:
        tenant: whose.
        connected: its sources, and nobody else's.
        premises: what it shares with others.
    """
    server, clock, settings = premises.server, premises.clock, premises.settings
    store = Store(server, Keys(tenant))
    memory = Memory(store, clock, premises.near_bytes)
    inbox = InboxStream(server, store.keys.inbox(), premises.retention)
    parking = Parking(server, store.keys.inbox())
    reader = Reader([each.upstream for each in connected], memory, clock)
    settling = Settling(
        store, reader.upstreams, {each.settings.id: own.decode for each in connected if (own := each.inbox)}
    )
    dead_letters = DeadLetters(parking, settling, clock)
    outbox = Outbox(store)
    broadcast = Broadcast(outbox, lambda: memory.is_up)
    hooks = [_hook(each, clock) for each in settings.webhooks if each.tenant == tenant]
    undelivered = Parking(server, store.keys.outgoing_inbox())
    board = Board(memory, reader.upstreams, clock)
    ahead = ReadAhead(reader, Ask(deadline=settings.deadline))
    experience = Experience(store, clock)
    measures = Measures(settings.tolerances, settings.allowances)
    own_ids = {each.settings.id for each in connected}
    brokers = [_broker(each) for each in settings.brokers if own_ids.issuperset(each.sources)]
    gateway = Gateway(
        reader=reader,
        statuses=partial(_statuses, connected, memory, inbox, parking, clock),
        longest=settings.deadline,
        kinds_of=lambda roles: frozenset().union(*(each.kinds_of(roles) for each in connected)),
        dead_letters=dead_letters,
        operational_events=broadcast,
        board=board,
        experience=experience,
        watches=Watches(reader),
        rates=premises.rates,
        audit=audit,
        kept=KeptAnswers(memory.changes, premises.answer_bytes),
        shared=SharedAnswers(store, memory.changes, premises.generation),
        tolerances=measures.tolerances,
        panels_see_signatures=premises.settings.graphql.panels_see_signatures,
        roles={key: role for each in connected for key, role in each.served.items()},
    )
    return Tenancy(
        tenant=tenant,
        connected=tuple(connected),
        gateway=gateway,
        memory=memory,
        inbox=inbox,
        settling=settling,
        pollers=tuple(reader.pollers()),
        worker=Worker(server, inbox, settling, parking, clock),
        concluder=Concluder(reader, Agenda(store), board, experience=experience, measures=measures, ahead=ahead),
        ahead=ahead,
        dead_letters=dead_letters,
        brokers=tuple(BrokerInbox(each, inbox, parking, clock) for each in brokers),
        deliverers=tuple(Deliverer(hook, outbox, undelivered, clock) for hook in hooks),
        deliveries=DeadLetters(undelivered, Redelivery({hook.id: hook for hook in hooks}, clock), clock),
        broadcast=broadcast,
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
        http=Http(settings.id, settings.url, limits=limits, clock=clock, allow_private=settings.allow_private),
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
