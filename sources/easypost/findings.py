"""Which records answer which lookups. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC

import msgspec
from pydantic import ValidationError

from domain.foreign import Links, Mended
from domain.identity import EntityKind
from domain.lookup import Findings, Lookup
from domain.observation import Snapshot, UnmappedCode
from sources.base import Answerer
from sources.easypost import wire
from sources.easypost.mapping import claim_of, mended_of, shipment_id, shipment_of, unmapped_of, unmapped_of_claim

UNREADABLE = (ValidationError, msgspec.ValidationError, OverflowError)
"""What a record raises that cannot be read, or that no canonical value can be made of."""


@dataclass(frozen=True, slots=True)
class _Record:
    """One record that was read, and the numbers under which it can be asked for."""

    numbers: frozenset[str]
    carrier: str | None
    snapshot: Snapshot
    unmapped: tuple[UnmappedCode, ...]
    mended: tuple[Mended, ...]


def tracker_findings(
    records: Sequence[object], lookups: Sequence[Lookup], answerer: Answerer, links: Links
) -> Findings:
    """What the trackers answer; of several for one carrier and code the newest counts, as codes are recycled."""
    newest: dict[str, tuple[wire.Tracker, _Record]] = {}
    broken: dict[str, str] = {}
    for record in records:
        try:
            tracker = wire.Tracker.model_validate(record)
            read = _tracker(tracker, answerer, links)
        except UNREADABLE as error:
            broken.update(_broken(record, ("tracking_code", "id"), error))
            continue
        known = newest.get(shipment_id(tracker))
        if known is None or tracker.created_at > known[0].created_at:
            newest[shipment_id(tracker)] = (tracker, read)
    return _findings([read for _, read in newest.values()], broken, lookups)


def claim_findings(
    records: Sequence[object], lookups: Sequence[Lookup], answerer: Answerer, links: Links, *, is_whole: bool
) -> Findings:
    """What the claims answer; if not all could be searched, finding none is no answer."""
    read: list[_Record] = []
    broken: dict[str, str] = {}
    for record in records:
        try:
            read.append(_claim(wire.Claim.model_validate(record), answerer, links))
        except UNREADABLE as error:
            broken.update(_broken(record, ("tracking_code", "id"), error))
    findings = _findings(read, broken, lookups)
    unsearched = {lookup: "older claims were not searched" for lookup in lookups if not findings.found.get(lookup)}
    return findings if is_whole else replace(findings, unusable={**unsearched, **findings.unusable})


def _tracker(tracker: wire.Tracker, answerer: Answerer, links: Links) -> _Record:
    name = shipment_id(tracker)
    return _Record(
        numbers=frozenset({tracker.tracking_code, tracker.id, name}),
        carrier=tracker.carrier,
        snapshot=answerer.snapshot(
            EntityKind.SHIPMENT, name, shipment_of(tracker, links), tracker.updated_at.astimezone(UTC)
        ),
        unmapped=tuple(unmapped_of(tracker)),
        mended=tuple(mended_of(tracker, links)),
    )


def _claim(claim: wire.Claim, answerer: Answerer, links: Links) -> _Record:
    return _Record(
        numbers=frozenset({claim.id, claim.tracking_code or claim.id}),
        carrier=None,
        snapshot=answerer.snapshot(
            EntityKind.CLAIM, claim.id, claim_of(claim, links), claim.updated_at.astimezone(UTC)
        ),
        unmapped=tuple(unmapped_of_claim(claim)),
        mended=tuple(mended_of(claim, links)),
    )


def _findings(read: Sequence[_Record], broken: Mapping[str, str], lookups: Sequence[Lookup]) -> Findings:
    answers = {lookup: _answering(read, lookup) for lookup in lookups}
    return Findings(
        found={lookup: tuple(record.snapshot for record in records) for lookup, records in answers.items() if records},
        unusable={lookup: broken[lookup.by.value] for lookup in lookups if lookup.by.value in broken},
        unmapped=tuple(code for record in read for code in record.unmapped),
        mended=tuple(each for record in read for each in record.mended),
    )


def _answering(read: Iterable[_Record], lookup: Lookup) -> Sequence[_Record]:
    """Records of the carrier that the number is said to be of, if there are any; carriers go by many names."""
    records = [record for record in read if lookup.by.value in record.numbers]
    issuer = (lookup.by.issuer or "").casefold()
    return [record for record in records if (record.carrier or "").casefold() == issuer] or records


def _broken(record: object, fields: Iterable[str], error: Exception) -> Mapping[str, str]:
    numbers = (record.get(field) for field in fields) if isinstance(record, dict) else ()
    return {number: _reason(error)[:300] for number in numbers if isinstance(number, str)}


def _reason(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
