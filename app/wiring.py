"""Puts a gateway together from its settings."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from app.settings import Configuration
from cache.reader import Fetcher, Reader
from domain.clock import Clock, SystemClock
from domain.identity import EntityKind, Scheme
from domain.source_status import SourceStatus
from resolvers.context import Gateway
from sources.base import Client, Read, Source
from sources.http import Http, Limits
from sources.registry import adapter
from sources.settings import SourceSettings


@dataclass(frozen=True, slots=True)
class Connected:
    """One configured source, ready to be asked."""

    source: Source
    settings: SourceSettings
    http: Http
    client: Client

    @property
    def kinds(self) -> frozenset[EntityKind]:
        """What this configured source is the authority for."""
        roles = self.settings.kinds or tuple(self.source.serves)
        return frozenset().union(*(self.source.serves.get(role, frozenset()) for role in roles))

    @property
    def fetchers(self) -> Sequence[Fetcher]:
        """The ways to ask it."""
        return [self._fetcher(read) for read in self.source.reads]

    @property
    def status(self) -> SourceStatus:
        """How it is doing."""
        return SourceStatus(
            id=self.settings.id,
            kinds=self.settings.kinds or tuple(self.source.serves),
            vendor=self.source.vendor,
            health=self.http.health(),
        )

    def _fetcher(self, read: Read) -> Fetcher:
        return Fetcher(
            source=self.settings.id,
            answers=self._answers(read),
            max_batch=read.max_batch,
            fetch=partial(self.client.fetch, read.name),
        )

    def _answers(self, read: Read) -> Mapping[EntityKind, tuple[Scheme, ...]]:
        return {kind: self._asked_by(schemes) for kind, schemes in read.answers.items() if kind in self.kinds}

    def _asked_by(self, schemes: Sequence[Scheme]) -> tuple[Scheme, ...]:
        asked_by = self.settings.asked_by
        return tuple(scheme for scheme in schemes if not asked_by or scheme in asked_by)


@dataclass(frozen=True, slots=True)
class Wired:
    """A gateway and what it holds open."""

    gateway: Gateway
    connected: tuple[Connected, ...]

    async def aclose(self) -> None:
        """Close every connection."""
        await asyncio.gather(*(each.http.aclose() for each in self.connected))


def connect(settings: SourceSettings, clock: Clock) -> Connected:
    """Make one configured source ready to be asked; nothing is called yet."""
    source = adapter(settings.adapter)
    http = Http(settings.id, settings.base_url, limits=Limits.of(settings), clock=clock)
    return Connected(source=source, settings=settings, http=http, client=source.connect(settings, http))


def build(configuration: Configuration, *, clock: Clock | None = None) -> Wired:
    """Put a gateway together; nothing is called yet."""
    clock = clock or SystemClock()
    connected = tuple(connect(settings, clock) for settings in configuration.sources)
    reader = Reader((fetcher for each in connected for fetcher in each.fetchers), clock)
    gateway = Gateway(
        reader=reader,
        statuses=lambda: [each.status for each in connected],
        longest=configuration.gateway.deadline,
    )
    return Wired(gateway=gateway, connected=connected)
