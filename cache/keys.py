"""Every Redis key is made here.

All keys of one partition share a hash tag, so that a cluster keeps them on one node and a script may touch them in one
atomic step. An entity belongs to one partition for ever; what links to it is kept there, too. A single Redis has one
partition, a cluster as many as it has masters.
"""

import zlib
from dataclasses import dataclass
from urllib.parse import quote

from domain.identity import EntityKey, Reference

PREFIX = "casefold"


def _spelled(*parts: str) -> str:
    """Parts joined so that no two lists of parts give the same text, and none of them can close a hash tag."""
    return ":".join(quote(part, safe="") for part in parts)


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one tenant.

    Attributes:
        tenant: whose.
        partitions: how many hash tags its keys are spread over; fixed for the life of the state.
    """

    tenant: str
    partitions: int = 1

    def partition(self, key: EntityKey) -> int:
        """Where an entity belongs."""
        return zlib.crc32(_spelled(key.source, key.kind.value, key.id).encode()) % self.partitions

    def state(self, key: EntityKey) -> str:
        """Hash of what is known of an entity."""
        return self._key(self.partition(key), "state", key.source, key.kind.value, key.id)

    def links(self, reference: Reference, partition: int) -> str:
        """Set of the entities of a partition that name a number; whoever issued it."""
        return self._key(partition, "links", reference.scheme.value, reference.value)

    def transitions(self, partition: int) -> str:
        """Stream of the state transitions of a partition."""
        return self._key(partition, "transitions")

    def announcements(self) -> str:
        """Channel on which every write names its entity."""
        return _spelled(PREFIX, self.tenant, "announcements")

    def _key(self, partition: int, *parts: str) -> str:
        return f"{_spelled(PREFIX)}:{{{_spelled(self.tenant, str(partition))}}}:{_spelled(*parts)}"


def member(key: EntityKey) -> str:
    """An entity as a member of a set, or as named by an announcement."""
    return _spelled(key.source, key.kind.value, key.id)
