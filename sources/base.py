"""What a source is: the contract between an adapter and everybody else."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from domain.call import Call
from domain.entity import Entity
from domain.identity import EntityKey, EntityKind, Scheme, SourceKind
from domain.lookup import Findings, Lookup
from domain.observation import Snapshot
from sources.http import Http
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
    """

    tenant: str
    source: str
    moment: datetime

    def snapshot(self, kind: EntityKind, name: str, content: Entity, as_of: datetime | None) -> Snapshot:
        """An entity of this answer, under the source's own name for it."""
        key = EntityKey(tenant=self.tenant, source=self.source, kind=kind, id=name)
        return Snapshot(key=key, content=content, as_of=as_of, moment=self.moment)


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


@dataclass(frozen=True, slots=True)
class Source:
    """Everything that Casefold knows about one vendor's system.

    Attributes:
        adapter: the name in settings.
        vendor: what a person calls it.
        settings: the settings model of one configured system.
        serves: which entities it is the authority for in each of its roles.
        reads: how it can be read.
        connect: makes the client of one configured system.
    """

    adapter: str
    vendor: str
    settings: type[SourceSettings]
    serves: Mapping[SourceKind, frozenset[EntityKind]]
    reads: tuple[Read, ...]
    connect: Callable[[Any, Http], Client]
