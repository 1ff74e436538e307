"""What a source tells us. So far one kind: a snapshot, the whole entity as of a moment."""

from dataclasses import dataclass
from datetime import datetime

from domain.entity import Entity
from domain.identity import EntityKey


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole entity looked like this.

    Attributes:
        key: whose state it is.
        content: the state.
        as_of: what the source says of its own last change, null where it does not say; never our clock.
        moment: the source's time at which this was true; orders the snapshots of one entity.
    """

    key: EntityKey
    content: Entity
    as_of: datetime | None
    moment: datetime


@dataclass(frozen=True, slots=True)
class UnmappedCode:
    """A word of a source that no table of its adapter has; it is kept raw and moves nothing.

    Attributes:
        code_list: which vocabulary of the source, e.g. `sale.state`.
        code: the word as sent.
    """

    code_list: str
    code: str
