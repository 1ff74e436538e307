"""What a source is: the contract between an adapter and everybody else."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from domain.call import Call
from domain.identity import EntityKind, Scheme, SourceKind
from domain.lookup import Findings, Lookup
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
