"""Asking a source by numbers, and what comes back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from domain.foreign import Mended
from domain.identity import EntityKind, Reference
from domain.observation import Snapshot, UnmappedCode


class Lookup(NamedTuple):
    """One question to a source: the entities of this kind that belong to this number."""

    kind: EntityKind
    by: Reference


class Question(NamedTuple):
    """A lookup put to one source."""

    source: str
    lookup: Lookup


@dataclass(frozen=True, slots=True)
class Findings:
    """What one call to a source answered, question by question.

    A lookup that is in neither mapping was answered with "nothing there".

    Attributes:
        found: the entities that answer each lookup.
        unusable: lookups whose record could not be read, each with what was wrong; the neighbours in the same
            answer are not affected.
        unmapped: codes that no table knows.
        mended: what was dropped or cut of what was answered.
    """

    found: Mapping[Lookup, tuple[Snapshot, ...]]
    unusable: Mapping[Lookup, str] = field(default_factory=dict)
    unmapped: tuple[UnmappedCode, ...] = ()
    mended: tuple[Mended, ...] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """What a source says has changed since a moment.

    Attributes:
        lookups: questions whose answers may be different now; each once.
        until: source time up to which nothing is missing; the next poll begins there.
        is_whole: whether that was all; if not, asking again from `until` gives more.
    """

    lookups: tuple[Lookup, ...]
    until: datetime
    is_whole: bool = True
