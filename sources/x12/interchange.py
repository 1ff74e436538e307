"""From bytes to transaction sets: separators, envelopes and control numbers. Pure.

An interchange (ISA to IEA) has groups (GS to GE) of sets (ST to SE). The separators are where the first segment, of
fixed width, puts them. Its dates have no zone.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import StringIO

from pyx12.errors import EngineError, X12Error
from pyx12.x12file import X12Reader

Segment = tuple[str, ...]
"""Its name, then its elements; what is left out is empty."""

MOST_SEGMENTS = 200_000


@dataclass(frozen=True, slots=True)
class TransactionSet:
    """One message.

    Attributes:
        kind: ST01, e.g. 214.
        name: sender, control numbers of interchange, group and set: the same message has the same name.
        sent: GS04 and GS05, date and time of the sender's clock.
        segments: between ST and SE.
        problem: why it cannot be used, naming the element, what was found and what is allowed; null: it can.
    """

    kind: str
    name: str
    sent: tuple[str, str]
    segments: Sequence[Segment]
    problem: str | None = None


@dataclass(slots=True)
class _Open:
    """What has begun and not ended."""

    sender: str = ""
    interchange: str = ""
    group: Segment = ()
    sets: int = 0
    header: Segment = ()
    segments: list[Segment] = field(default_factory=list)

    def named(self, problem: str | None = None) -> TransactionSet:
        """The set that is open."""
        name = "/".join((self.sender, self.interchange, element(self.group, 6), element(self.header, 2)))
        sent = (element(self.group, 4), element(self.group, 5))
        return TransactionSet(element(self.header, 1), name, sent, tuple(self.segments), problem)


def element(segment: Segment, place: int) -> str:
    """An element by its number; empty where there is none."""
    return segment[place] if place < len(segment) else ""


def sets_of(body: bytes) -> Iterator[TransactionSet]:
    """Every set of an interchange, in order, the unusable ones with their problem.

    Raises:
        ValueError: it is no interchange at all; says what was found.
    """
    is_open = _Open()
    for segment in _segments(body):
        match segment[0]:
            case "ISA":
                is_open = _Open(sender=element(segment, 6).strip(), interchange=element(segment, 13).strip())
            case "GS":
                is_open.group, is_open.sets = segment, 0
            case "ST":
                if is_open.header:
                    yield is_open.named("SE: found ST, allowed: the end of the set before it")
                is_open.header, is_open.segments, is_open.sets = segment, [], is_open.sets + 1
            case "SE":
                yield is_open.named(_miscounted(is_open, segment))
                is_open.header = ()
            case "GE" | "IEA" | "TA1":
                pass
            case _:
                is_open.segments.append(segment)
    if is_open.header:
        yield is_open.named("SE: found the end of the message, allowed: the end of the set")


def _miscounted(is_open: _Open, trailer: Segment) -> str | None:
    count, control = len(is_open.segments) + 2, element(is_open.header, 2)
    if not is_open.header:
        return "SE: found an end, allowed: after ST"
    if element(trailer, 1) != str(count):
        return f"SE01: found another number, allowed: {count}"
    if element(trailer, 2) != control:
        return "SE02: found another number, allowed: that of ST02"
    return None


def _segments(body: bytes) -> Iterable[Segment]:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = body.decode("latin-1")
    if not text.startswith("ISA"):
        raise ValueError(f"body: found {len(body)} bytes, allowed: an X12 interchange, beginning with ISA")
    segments: list[Segment] = []
    try:
        for each in X12Reader(StringIO(text)):
            name = each.get_seg_id() or "?"
            segments.append((name, *(each.get_value(f"{name}{place:02}") or "" for place in range(1, len(each) + 1))))
            if len(segments) > MOST_SEGMENTS:
                raise ValueError(f"body: found more than {MOST_SEGMENTS} segments")
    except X12Error as error:
        raise ValueError(
            "ISA: found a first segment of another form, allowed: 106 characters of fixed width"
        ) from error
    except (EngineError, AttributeError, IndexError, KeyError, TypeError) as error:  # of a reader that trusts its input
        raise ValueError(f"body: found what no reader of X12 understands after {len(segments)} segments") from error
    return segments
