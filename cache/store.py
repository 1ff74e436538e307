"""What is known of every entity, kept in Redis.

The contract: `settle` merges what was seen into what is known, and whatever the order in which processes settle, the
result is the same; what is read back is never older than what was read before. State, links, the transition and the
announcement are written in one atomic step or not at all. Reading many entities, or the links of many numbers, is one
round trip.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

from redis.asyncio import Redis

from cache.codec import decode, encode
from cache.connections import store_failures
from cache.keys import Keys, member
from domain.errors import StoreUnavailable
from domain.identity import EntityKey, EntityKind, Reference
from domain.known import Known, Nature, digest_of, merge
from domain.links import references_of

PUT = Path(__file__).with_name("put.lua")
KEPT = timedelta(days=90)
"""How long an entity is kept after the last change of what is known of it."""

TRANSITIONS = 100_000
"""Transitions that a partition's stream keeps, about."""

ATTEMPTS = 20
"""How often a write is tried again because somebody else wrote first."""


class Store:
    """The kept state of one tenant."""

    def __init__(self, client: Redis, keys: Keys) -> None:
        self._client = client
        self._keys = keys
        self._put = client.register_script(PUT.read_text(encoding="utf-8"))

    async def known(self, entities: Sequence[EntityKey]) -> list[Known | None]:
        """What is known of each; null where nothing is, or where it cannot be read.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        with store_failures():
            async with self._client.pipeline(transaction=False) as pipeline:
                for key in entities:
                    pipeline.hget(self._keys.state(key), "known")
                stored = await pipeline.execute()
        return [decode(key, each) if each else None for key, each in zip(entities, stored, strict=True)]

    async def linked(self, references: Sequence[Reference]) -> Mapping[Reference, frozenset[EntityKey]]:
        """The entities that name each number.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        partitions = range(self._keys.partitions)
        with store_failures():
            async with self._client.pipeline(transaction=False) as pipeline:
                for reference in references:
                    for partition in partitions:
                        pipeline.smembers(self._keys.links(reference, partition))
                found = iter(await pipeline.execute())
        return {
            reference: frozenset(self._entity(name) for _ in partitions for name in next(found))
            for reference in references
        }

    async def settle(self, seen: Known, nature: Nature) -> Known:
        """Merge what was seen into what is known.

        Returns:
            What is known now; the same as before if nothing was new.

        Raises:
            StoreUnavailable: the store does not answer, or others write the same entity without end.
        """
        [before] = await self.known([seen.key])
        for _ in range(ATTEMPTS):
            after = seen if before is None else merge(before, seen, nature)
            if after == before:
                return after
            is_written, present = await self._write(before, after)
            if is_written:
                return after
            before = decode(seen.key, present) if present else None
        raise StoreUnavailable(f"{ATTEMPTS} attempts to write one entity met others")

    async def _write(self, before: Known | None, after: Known) -> tuple[bool, bytes]:
        key = after.key
        partition = self._keys.partition(key)
        old, new = self._links(before, partition), self._links(after, partition)
        sets = [*sorted(new), *sorted(old - new)]
        arguments: list[str | int | bytes] = [
            await self._expected(before, key),
            digest_of(after),
            encode(after),
            member(key),
            len(new),
            int(KEPT.total_seconds()),
            TRANSITIONS,
            self._keys.announcements(),
        ]
        with store_failures():
            written, present = await self._put(
                keys=[self._keys.state(key), self._keys.transitions(partition), *sets], args=arguments
            )
        return bool(written), present

    async def _expected(self, before: Known | None, key: EntityKey) -> str:
        """The digest that must still be there; of bytes that could not be read, whatever it is."""
        if before is not None:
            return digest_of(before)
        with store_failures():
            digest = await self._client.hget(self._keys.state(key), "digest")
        return digest.decode() if isinstance(digest, bytes) else ""

    def _links(self, known: Known | None, partition: int) -> frozenset[str]:
        return frozenset(self._keys.links(reference, partition) for reference in _references(known))

    def _entity(self, name: bytes) -> EntityKey:
        source, kind, number = (unquote(part) for part in name.decode().split(":"))
        return EntityKey(tenant=self._keys.tenant, source=source, kind=EntityKind(kind), id=number)


def _references(known: Known | None) -> Iterable[Reference]:
    """The numbers that the newest snapshot names; a snapshot unlearns what it does not name."""
    if known is None or known.current is None or known.current.content is None:
        return ()
    return references_of(known.current.content)
