"""From the exchange to snapshots. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import msgspec
from msgspec import Raw

from domain.entities import MODELS
from domain.entity import Entity
from domain.foreign import Links, Mended, as_it_stands, mended
from domain.identity import EntityKind, Reference
from domain.lookup import Changes, Findings, Lookup
from domain.model import misfit
from domain.observation import Snapshot, UnmappedCode
from sources.base import Answerer
from sources.canonical.codes import understood
from sources.canonical.wire import WireAnswer, WireChanges, WireFound, WireLookup, WireRequest


def request_of(lookups: Iterable[Lookup]) -> WireRequest:
    """All lookups as one request, grouped by entity and scheme."""
    groups: dict[tuple[str, str], WireLookup] = {}
    for lookup in lookups:
        group = groups.setdefault(
            (lookup.kind.value, lookup.by.scheme.value),
            WireLookup(entity=lookup.kind, scheme=lookup.by.scheme, values=[]),
        )
        if lookup.by.value not in group.values:
            group.values.append(lookup.by.value)
    return WireRequest(lookups=list(groups.values()))


def findings_of(answer: WireAnswer, lookups: Sequence[Lookup], answerer: Answerer, links: Links) -> Findings:
    """What the answer says to each lookup; a record that cannot be read spoils only the lookups it answers."""
    results = {(result.entity, result.scheme, result.value): result for result in answer.results}
    found: dict[Lookup, tuple[Snapshot, ...]] = {}
    unusable: dict[Lookup, str] = {}
    reader = _Reader(answerer, links)
    for lookup in lookups:
        result = results.get((lookup.kind, lookup.by.scheme, lookup.by.value))
        if result is None:
            continue
        try:
            found[lookup] = tuple(reader.snapshot(result.entity, record) for record in result.found)
        except msgspec.DecodeError as error:
            unusable[lookup] = f"{result.entity.value}: {misfit(error)}"[:300]
    return Findings(found=found, unusable=unusable, unmapped=tuple(reader.unmapped), mended=tuple(reader.mended))


def changes_of(changes: WireChanges) -> Changes:
    """The questions whose answers may be different now, each once."""
    lookups = (Lookup(each.entity, Reference(scheme=each.scheme, value=each.value)) for each in changes.changes)
    return Changes(tuple(dict.fromkeys(lookups)), changes.until, changes.is_whole)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the records of one answer.

    Attributes:
        answerer: whose answer it is.
        links: which addresses are passed on.
        unmapped: words found that we do not know.
        mended: what was dropped or cut.
    """

    answerer: Answerer
    links: Links
    unmapped: list[UnmappedCode] = field(default_factory=list)
    mended: list[Mended] = field(default_factory=list)

    def snapshot(self, kind: EntityKind, record: Raw) -> Snapshot:
        """What a record says.

        Raises:
            msgspec.DecodeError: it cannot be read.
        """
        found = msgspec.json.decode(record, type=WireFound)
        content = as_it_stands(MODELS[kind], found.data, self.links) or self._repaired(MODELS[kind], found.data)
        return self.answerer.snapshot(kind, found.id, content, found.as_of)

    def _repaired(self, model: type[Entity], data: Raw) -> Entity:
        """The entity without what we do not know, or do not pass on; only what does not fit as it stands gets here."""
        known, unmapped = understood(model, msgspec.json.decode(data))
        told, done = mended(model, known, self.links)
        content = msgspec.convert(told, model)
        self.unmapped.extend(unmapped)
        self.mended.extend(done)
        return content
