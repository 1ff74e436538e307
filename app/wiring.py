"""Puts a gateway together from its settings: sources, tenants, doors."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.connected import Connected, connect
from app.generation import generation_of
from app.http.events import Doors
from app.identity.authentication import Authentication, open_authentication
from app.rates import Rates
from app.registered import registered
from app.settings import Configuration, GraphQLSettings
from app.tenancy import Premises, Tenancy, tenancy_of
from cache.server import Server
from domain.caller import Role
from domain.clock import Clock, SystemClock
from domain.identity import MAIN_TENANT
from resolvers.context import Gateway
from resolvers.documents import Documents
from resolvers.federation import SUBGRAPH
from resolvers.limits import Limits
from resolvers.operation import CORE, Operations
from resolvers.permissions import sight_of
from resolvers.projection.warming import warm


@dataclass(frozen=True, slots=True)
class Wired:
    """A gateway and what it holds open.

    Attributes:
        tenancies: by tenant, what is kept apart from all others.
        doors: where sources send.
        identity: proves who asks.
        operations: carries out what they ask.
        graphql: how the read door is.
        rates: how often callers may ask.
        server: where all state is.
        clock: when.
    """

    tenancies: Mapping[str, Tenancy]
    doors: Doors
    identity: Authentication
    operations: Operations
    graphql: GraphQLSettings
    rates: Rates
    server: Server
    clock: Clock

    @property
    def connected(self) -> tuple[Connected, ...]:
        """The sources of all tenants."""
        return tuple(each for tenancy in self.tenancies.values() for each in tenancy.connected)

    @property
    def main(self) -> Tenancy:
        """What there is for those who say no tenant."""
        return self.tenancies[MAIN_TENANT]

    @property
    def gateway(self) -> Gateway:
        """What callers ask who say no tenant."""
        return self.main.gateway

    @property
    def gateways(self) -> Mapping[str, Gateway]:
        """What callers ask, by tenant."""
        return {tenant: tenancy.gateway for tenant, tenancy in self.tenancies.items()}

    def gateway_of(self, tenant: str) -> Gateway | None:
        """What callers of a tenant ask; null: there is no such tenant here."""
        tenancy = self.tenancies.get(tenant)
        return None if tenancy is None else tenancy.gateway

    @property
    def is_stopped(self) -> bool:
        """Whether every worker has stopped by itself, as far as it has sources to work for."""
        workers = [tenancy.worker for tenancy in self.tenancies.values() if tenancy.connected]
        return bool(workers) and all(worker.is_stopped for worker in workers)

    async def open(self, *, has_worker: bool = True, has_pollers: bool = True) -> None:
        """Begin to use the store, and for each tenant what is wanted of the rest; see `Tenancy.open`.

        Raises:
            StoreForgets: the store may throw away what it is given.
        """
        await self.server.open()
        self.rates.open()
        for tenancy in self.tenancies.values():
            await tenancy.open(has_worker=has_worker, has_pollers=has_pollers)

    async def aclose(self) -> None:
        """Stop everything and close every connection."""
        await self.identity.aclose()
        await self.rates.aclose()
        await asyncio.gather(*(tenancy.aclose() for tenancy in self.tenancies.values()))
        await self.server.aclose()


def build(configuration: Configuration, redis_url: str, *, clock: Clock | None = None) -> Wired:
    """Put a gateway together; nothing is called yet.

    Args:
        configuration: settings that were read and checked.
        redis_url: where state is kept.
        clock: what tells the time; null: the machine's.
    """
    clock = clock or SystemClock()
    connected = tuple(connect(settings, clock) for settings in configuration.sources)
    rates = Rates(configuration.gateway.limits.allowed, clock, redis_url)
    busy = {each.settings.tenant for each in connected}
    generation = generation_of(configuration) if configuration.gateway.shared_answers else None
    premises = Premises(Server(redis_url), clock, configuration.gateway, rates, max(1, len(busy)), generation)
    tenancies = {
        tenant: tenancy_of(tenant, [each for each in connected if each.settings.tenant == tenant], premises)
        for tenant in configuration.tenants
    }
    doors = _doors(connected, tenancies, clock)
    identity = open_authentication(configuration.gateway, clock)
    graphql = configuration.gateway.graphql
    return Wired(
        tenancies=tenancies,
        doors=doors,
        identity=identity,
        operations=_operations(graphql, configuration.gateway.limits.limits),
        rates=rates,
        graphql=graphql,
        server=premises.server,
        clock=clock,
    )


def _operations(settings: GraphQLSettings, limits: Limits) -> Operations:
    core = SUBGRAPH if settings.federation else CORE
    documents = Documents(core, limits, registered(settings.documents))
    warm(
        core,
        documents.registered,
        [sight_of(frozenset({role}), panels_see_signatures=settings.panels_see_signatures) for role in Role],
    )
    return Operations(
        core,
        documents,
        registered_only=settings.registered_only,
        introspects=settings.introspection,
    )


def _doors(connected: Sequence[Connected], tenancies: Mapping[str, Tenancy], clock: Clock) -> Doors:
    return Doors(
        inboxes={each.settings.id: tenancies[each.settings.tenant].inbox for each in connected},
        tokens={each.settings.id: token for each in connected if (token := each.settings.events_token)},
        secrets={each.settings.id: secret for each in connected if (secret := each.settings.events_secret)},
        own={each.settings.id: inbox for each in connected if (inbox := each.inbox)},
        clock=clock,
    )
