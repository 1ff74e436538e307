"""What of an answer moves on by itself, and until when nothing else of it changes.

Rules compare moments: a section is FRESH while it is younger than five minutes, a shipment is late once its window is
over. Given a `Moment` for the present, they leave behind, unasked, until when each comparison comes out the same, and
so does the answer. What is only written down, an age or the present itself, is written anew each time. Whatever else
is done with a moment ends the validity at once: a rule that nobody thought of here costs time, and is never wrong.

Also the watermark of a feed is a moment that moves: `domain.feed` says what it verifies.
"""

import operator
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Any

NOW = "now"
"""The clock of the present; every other clock is the watermark of a feed, by its name."""

TICK = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOTHING = timedelta(0)

Compare = Callable[[Any, Any], bool]


class Validity:
    """Until where each clock may move without changing more than what is written anew.

    Attributes:
        ends: what a clock must not reach.
        leads: by how much a clock must stay below another one, by the names of both.
    """

    def __init__(self) -> None:
        self.ends: dict[str, datetime] = {}
        self.leads: dict[tuple[str, str], timedelta] = {}

    def moment(self, at: datetime, clock: str = NOW) -> "Moment":
        """A moment that moves with a clock; aware."""
        return Moment.on(clock, at, self)

    def end(self, clock: str, at: datetime) -> None:
        """It is over when a clock reaches this."""
        before = self.ends.get(clock)
        if before is None or at < before:
            self.ends[clock] = at

    def end_lead(self, clock: str, other: str, span: timedelta) -> None:
        """It is over when a clock is so far ahead of another."""
        before = self.leads.get((clock, other))
        if before is None or span < before:
            self.leads[clock, other] = span

    def give_up(self) -> None:
        """It is over already."""
        self.end(NOW, EPOCH)

    def holds(self, clocks: Mapping[str, datetime]) -> bool:
        """Whether it is not over, given what each clock shows."""
        return all(clocks[clock] < end for clock, end in self.ends.items()) and all(
            clocks[clock] - clocks[other] < span for (clock, other), span in self.leads.items()
        )

    def ends_at(self, clocks: Mapping[str, datetime]) -> datetime | None:
        """When it is over, if all clocks but the present stay where they are; null: it is not, then."""
        limits = [clocks[other] + span for (clock, other), span in self.leads.items() if clock == NOW]
        return min([*limits, *([self.ends[NOW]] if NOW in self.ends else [])], default=None)


class Moment(datetime):
    """A moment that moves with its clock; like any other, but for what it leaves behind."""

    __slots__ = ("_span", "_sum", "_validity", "clock", "plain", "shift")

    clock: str
    plain: datetime
    shift: timedelta
    _validity: Validity
    _span: timedelta | None
    _sum: "Moment"

    @classmethod
    def on(cls, clock: str, plain: datetime, validity: Validity, shift: timedelta = NOTHING) -> "Moment":
        """What a clock shows, or a span before or after it."""
        self = cls.combine(plain.date(), plain.timetz())
        self.clock, self.plain, self.shift, self._validity = clock, plain, shift, validity
        self._span = None
        return self

    def reaches(self, at: datetime) -> None:
        """Something else comes out when this reaches another moment, which may move, too."""
        if type(at) is Moment:
            self._validity.end_lead(self.clock, at.clock, at.shift - self.shift)
        else:
            self._validity.end(self.clock, at - self.shift if self.shift else at)

    def give_up(self) -> None:
        """What is done with it cannot be followed."""
        self._validity.give_up()

    def date(self) -> Any:  # noqa: ANN401  # a date
        """The day, which ends at midnight."""
        day = self.plain.date()
        self.reaches(datetime.combine(day + timedelta(days=1), time.min, self.plain.tzinfo))
        return day

    def astimezone(self, tz: tzinfo | None = None) -> "Moment":
        """The same moment in another zone."""
        return Moment.on(self.clock, self.plain.astimezone(tz), self._validity, self.shift)

    def __add__(self, span: Any) -> Any:  # noqa: ANN401  # as datetime's own
        if not isinstance(span, timedelta):
            return _given_up(operator.add, self, span)
        if span != self._span:  # the same tolerance is added to the present again and again
            self._sum = Moment.on(self.clock, self.plain + span, self._validity, self.shift + span)
            self._span = span
        return self._sum

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:  # noqa: ANN401  # as datetime's own
        if isinstance(other, timedelta):
            return self + -other
        return _between(self, other) if isinstance(other, datetime) else _given_up(operator.sub, self, other)

    def __rsub__(self, other: Any) -> Any:  # noqa: ANN401  # as datetime's own
        return _between(other, self) if isinstance(other, datetime) else NotImplemented

    def __lt__(self, other: Any) -> bool:  # noqa: ANN401  # as datetime's own
        return _compared(operator.lt, self, other)

    def __le__(self, other: Any) -> bool:  # noqa: ANN401  # as datetime's own
        return _compared(operator.le, self, other)

    def __gt__(self, other: Any) -> bool:  # noqa: ANN401  # as datetime's own
        return _compared(operator.gt, self, other)

    def __ge__(self, other: Any) -> bool:  # noqa: ANN401  # as datetime's own
        return _compared(operator.ge, self, other)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, datetime) and _compared(operator.eq, self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return int(_given_up(hash, self))


class Elapsed:
    """The span between two moments of which one moves at least; like a `timedelta`, but for what it leaves behind.

    It is none itself: what cannot be done with it is an error, and not a span that stands still.
    """

    __slots__ = ("plain", "since", "until")

    def __init__(self, until: datetime, since: datetime) -> None:
        self.until, self.since = until, since
        self.plain: timedelta = plain(until) - plain(since)

    def give_up(self) -> None:
        """What is done with it cannot be followed."""
        for each in (self.until, self.since):
            if isinstance(each, Moment):
                each.give_up()

    def total_seconds(self) -> float:
        """The span in seconds, which moves on, too."""
        return Seconds.of(self)

    def _compared(self, compare: Compare, other: Any) -> bool:  # noqa: ANN401  # as timedelta's own
        if not isinstance(other, timedelta):
            return bool(_given_up(compare, self, other))
        try:
            _note(self.until, self.since + other)
        except OverflowError:
            self.give_up()
        return compare(self.plain, other)

    def __lt__(self, other: Any) -> bool:  # noqa: ANN401  # as timedelta's own
        return self._compared(operator.lt, other)

    def __le__(self, other: Any) -> bool:  # noqa: ANN401  # as timedelta's own
        return self._compared(operator.le, other)

    def __gt__(self, other: Any) -> bool:  # noqa: ANN401  # as timedelta's own
        return self._compared(operator.gt, other)

    def __ge__(self, other: Any) -> bool:  # noqa: ANN401  # as timedelta's own
        return self._compared(operator.ge, other)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, timedelta | Elapsed) and self._compared(operator.eq, other)

    def __hash__(self) -> int:
        return int(_given_up(hash, self))

    def __bool__(self) -> bool:
        return self != NOTHING

    def __neg__(self) -> "Elapsed":
        return Elapsed(self.since, self.until)

    def __abs__(self) -> "Elapsed":
        return self if self >= NOTHING else -self

    def __add__(self, other: Any) -> Any:  # noqa: ANN401  # as timedelta's own
        if isinstance(other, timedelta):
            return Elapsed(self.until + other, self.since)
        return _given_up(operator.add, self, other)

    def __radd__(self, other: Any) -> Any:  # noqa: ANN401  # as timedelta's own
        return self + other if isinstance(other, timedelta) else _given_up(operator.add, other, self)

    def __sub__(self, other: Any) -> Any:  # noqa: ANN401  # as timedelta's own
        return self + -other if isinstance(other, timedelta) else _given_up(operator.sub, self, other)

    def __rsub__(self, other: Any) -> Any:  # noqa: ANN401  # as timedelta's own
        return -self + other if isinstance(other, timedelta) else _given_up(operator.sub, other, self)

    def __floordiv__(self, unit: Any) -> Any:  # noqa: ANN401  # as timedelta's own
        if not isinstance(unit, timedelta) or unit <= NOTHING:
            return _given_up(operator.floordiv, self, unit)
        whole = self.plain // unit
        _note(self.until, self.since + (whole + 1) * unit)
        _note(self.until + TICK, self.since + whole * unit)
        return whole


class Seconds(float):
    """How many seconds there are between two moments; like any number, but for what it leaves behind."""

    __slots__ = ("elapsed", "plain")

    elapsed: Elapsed
    plain: float

    @classmethod
    def of(cls, elapsed: Elapsed) -> "Seconds":
        """The seconds of a span."""
        seconds = elapsed.plain.total_seconds()
        self = cls(seconds)
        self.elapsed, self.plain = elapsed, seconds
        return self

    def give_up(self) -> None:
        """What is done with it cannot be followed."""
        self.elapsed.give_up()

    def _compared(self, compare: Compare, other: Any) -> bool:  # noqa: ANN401  # as float's own
        return compare(self.elapsed, timedelta(seconds=other))

    def __lt__(self, other: Any) -> bool:  # noqa: ANN401  # as float's own
        return self._compared(operator.lt, other)

    def __le__(self, other: Any) -> bool:  # noqa: ANN401  # as float's own
        return self._compared(operator.le, other)

    def __gt__(self, other: Any) -> bool:  # noqa: ANN401  # as float's own
        return self._compared(operator.gt, other)

    def __ge__(self, other: Any) -> bool:  # noqa: ANN401  # as float's own
        return self._compared(operator.ge, other)


def plain(value: Any) -> Any:  # noqa: ANN401  # a moment in, a moment out; likewise spans and numbers
    """What stands still of something that may move."""
    return value.plain if type(value) in _MOVING else value


def standing(value: Any) -> Any:  # noqa: ANN401  # as `plain`
    """What something that moves is at present, for what can only be done with what stands still."""
    return _given_up(lambda each: each, value)


_MOVING = frozenset({Moment, Elapsed, Seconds})


def _between(until: datetime, since: datetime) -> Any:  # noqa: ANN401  # a span
    """Of two on one clock the span stands still."""
    return plain(until) - plain(since) if _are_on_one_clock(until, since) else Elapsed(until, since)


def _are_on_one_clock(one: datetime, other: datetime) -> bool:
    """Whether both move together, or neither does."""
    if type(one) is Moment and type(other) is Moment:
        return one.clock == other.clock
    return type(one) is not Moment and type(other) is not Moment


def _compared(compare: Compare, one: "Moment", other: Any) -> bool:  # noqa: ANN401  # as datetime's own
    outcome = compare(one.plain, plain(other))
    if isinstance(other, datetime) and (other.tzinfo is None) == (one.tzinfo is None):
        _note(one, other)
    return outcome


def _note(one: datetime, other: datetime) -> None:
    """Whichever is behind and moves may reach the other; of two on one clock none ever does."""
    if _are_on_one_clock(one, other):
        return
    here = one.plain if type(one) is Moment else one
    there = other.plain if type(other) is Moment else other
    if type(one) is Moment and here <= there:
        one.reaches(other if here < there else other + TICK)
    if type(other) is Moment and there <= here:
        other.reaches(one if there < here else one + TICK)


def _given_up(do: Callable[..., Any], *values: Any) -> Any:  # noqa: ANN401  # whatever it is
    for each in values:
        if isinstance(each, Moment | Elapsed | Seconds):
            each.give_up()
    return do(*map(plain, values))


def _giving_up(name: str) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  # whatever the method is
        self.give_up()
        return getattr(self.plain, name)(*args, **kwargs)

    return method


def _give_up_in_all_else(kind: type, base: type, harmless: Iterable[str]) -> None:
    """Have every method that nothing is said about here end the validity."""
    for name in set(dir(base)) - set(vars(kind)) - set(harmless):
        inherited = getattr(base, name)
        if callable(inherited):
            setattr(kind, name, _giving_up(name))
        else:
            setattr(kind, name, property(_giving_up_attribute(name)))


def _giving_up_attribute(name: str) -> Callable[[Any], Any]:
    def attribute(self: Any) -> Any:  # noqa: ANN401  # whatever the attribute is
        self.give_up()
        return getattr(self.plain, name)

    return attribute


_OF_EVERY_OBJECT = frozenset(dir(object)) - {"__hash__", "__repr__", "__str__", "__format__"}
_FROM_THE_CLASS = frozenset(
    {"min", "max", "resolution", "now", "utcnow", "today", "combine", "strptime"}
    | {name for name in dir(datetime) if name.startswith("from")}
)

_give_up_in_all_else(Moment, datetime, _OF_EVERY_OBJECT | _FROM_THE_CLASS | {"tzinfo", "fold"})
_give_up_in_all_else(Elapsed, timedelta, _OF_EVERY_OBJECT | {"min", "max", "resolution"})
_give_up_in_all_else(Seconds, float, (_OF_EVERY_OBJECT - {"__eq__", "__ne__"}) | {"fromhex", "__getformat__"})
