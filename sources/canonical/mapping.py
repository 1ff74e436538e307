"""From the exchange to snapshots. Pure."""

from collections.abc import Iterable, Sequence

import msgspec
from msgspec import Raw

from domain.entities import MODELS
from domain.entity import Entity
from domain.identity import EntityKind, Reference
from domain.lookup import Changes, Findings, Lookup
from domain.observation import Snapshot, UnmappedCode
from sources.base import Answerer
from sources.canonical.codes import understood
from sources.canonical.wire import WireAnswer, WireChanges, WireFound, WireLookup, WireRequest, WireResult


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


def findings_of(answer: WireAnswer, lookups: Sequence[Lookup], answerer: Answerer) -> Findings:
    """What the answer says to each lookup; a record that cannot be read spoils only the lookups it answers."""
    results = {(result.entity, result.scheme, result.value): result for result in answer.results}
    found: dict[Lookup, tuple[Snapshot, ...]] = {}
    unusable: dict[Lookup, str] = {}
    unmapped: list[UnmappedCode] = []
    for lookup in lookups:
        result = results.get((lookup.kind, lookup.by.scheme, lookup.by.value))
        if result is None:
            continue
        try:
            found[lookup] = tuple(_snapshots(result, answerer, unmapped))
        except msgspec.DecodeError as error:
            unusable[lookup] = f"{result.entity.value}: {error}"[:300]
    return Findings(found=found, unusable=unusable, unmapped=tuple(unmapped))


def changes_of(changes: WireChanges) -> Changes:
    """The questions whose answers may be different now, each once."""
    lookups = (Lookup(each.entity, Reference(scheme=each.scheme, value=each.value)) for each in changes.changes)
    return Changes(tuple(dict.fromkeys(lookups)), changes.until, changes.is_whole)


def _snapshots(result: WireResult, answerer: Answerer, unmapped: list[UnmappedCode]) -> Iterable[Snapshot]:
    return (_snapshot(result.entity, record, answerer, unmapped) for record in result.found)


def _snapshot(kind: EntityKind, record: Raw, answerer: Answerer, unmapped: list[UnmappedCode]) -> Snapshot:
    found = msgspec.json.decode(record, type=WireFound)
    content, unknown = _entity(MODELS[kind], found.data)
    unmapped.extend(unknown)
    return answerer.snapshot(kind, found.id, content, found.as_of)


def _entity(model: type[Entity], data: Raw) -> tuple[Entity, tuple[UnmappedCode, ...]]:
    """The entity; only data that does not fit as it stands is searched for words we do not know."""
    try:
        return msgspec.json.decode(data, type=model), ()
    except msgspec.ValidationError:
        known, unmapped = understood(model, msgspec.json.decode(data))
        return msgspec.convert(known, model), unmapped
