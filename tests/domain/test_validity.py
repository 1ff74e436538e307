"""For as long as a validity holds, whatever was concluded from moments that move comes out the same."""

# ruff: noqa: ARG005  # every rule is given the same

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.validity import EPOCH, NOW, Elapsed, Moment, Seconds, Validity, plain

START = datetime(2026, 3, 28, 22, 0, tzinfo=UTC)
FEED = "feed of tms"
BERLIN = ZoneInfo("Europe/Berlin")

spans = st.integers(-200, 200).map(lambda n: timedelta(minutes=15) * n) | st.timedeltas(
    timedelta(days=-3), timedelta(days=3)
)
moments = spans.map(lambda span: START + span)

RULES = [
    lambda now, mark, at, span: now - at > span,
    lambda now, mark, at, span: at - now <= span,
    lambda now, mark, at, span: now < at,
    lambda now, mark, at, span: at <= now + span,
    lambda now, mark, at, span: now == at,
    lambda now, mark, at, span: now != at + span,
    lambda now, mark, at, span: max(now, at),
    lambda now, mark, at, span: min(mark, at),
    lambda now, mark, at, span: max(at, mark) <= now,
    lambda now, mark, at, span: now - max(at, mark) > span,
    lambda now, mark, at, span: mark > now + span,
    lambda now, mark, at, span: max(now - min(at, mark), timedelta(0)) <= abs(span),
    lambda now, mark, at, span: sorted([now, mark, at, at + span]).index(at),
    lambda now, mark, at, span: max((now - at).total_seconds(), 0.0),
    lambda now, mark, at, span: (now - mark).total_seconds(),
    lambda now, mark, at, span: (now - at).total_seconds() > span.total_seconds(),
    lambda now, mark, at, span: abs(now - at) > abs(span),
    lambda now, mark, at, span: abs(at - mark) > abs(span),
    lambda now, mark, at, span: -(now - at) + span > timedelta(0),
    lambda now, mark, at, span: span - (now - at) > timedelta(0),
    lambda now, mark, at, span: (now - at) - span >= timedelta(0),
    lambda now, mark, at, span: (now - at) // timedelta(hours=5),
    lambda now, mark, at, span: (at - now) // timedelta(days=1),
    lambda now, mark, at, span: (now - at) // 2,
    lambda now, mark, at, span: bool(now - at),
    lambda now, mark, at, span: (now - at).days,
    lambda now, mark, at, span: now.date(),
    lambda now, mark, at, span: now.astimezone(BERLIN).date() > at.date(),
    lambda now, mark, at, span: now.astimezone(BERLIN).isoformat(),
    lambda now, mark, at, span: mark.astimezone(BERLIN) > at,
    lambda now, mark, at, span: f"{now:%H:%M}",
    lambda now, mark, at, span: now.hour,
    lambda now, mark, at, span: now.replace(minute=0) > at,
    lambda now, mark, at, span: {now: 1}.get(at, 2),
    lambda now, mark, at, span: str(now - at),
    lambda now, mark, at, span: at + (now - at),
    lambda now, mark, at, span: (now - at) + (now - mark) > span,
    lambda now, mark, at, span: (now + span) - at < abs(span),
    lambda now, mark, at, span: (now - span) < (mark - span),
    lambda now, mark, at, span: (now - at) / timedelta(hours=1) > 3,
    lambda now, mark, at, span: round((now - at).total_seconds()),
]


def moved(moment, present):
    """Where a moment is by now, or always, given what each clock shows."""
    if not isinstance(moment, Moment):
        return moment
    return (present[moment.clock] + moment.shift).astimezone(moment.plain.tzinfo)


def settled(value, clocks):
    """What a conclusion amounts to when clocks show something else."""
    match value:
        case Moment():
            return moved(value, clocks)
        case Seconds():
            return (moved(value.elapsed.until, clocks) - moved(value.elapsed.since, clocks)).total_seconds()
        case Elapsed():
            return moved(value.until, clocks) - moved(value.since, clocks)
        case list():
            return [settled(each, clocks) for each in value]
        case _:
            return value


@settings(max_examples=3_000, deadline=None)
@given(st.sampled_from(range(len(RULES))), moments, moments, moments, spans, spans, spans)
def test_what_was_concluded_stays_so_while_it_is_valid(which, now, mark, at, span, passed, heard):
    rule, validity = RULES[which], Validity()
    concluded = rule(validity.moment(now), validity.moment(mark, FEED), at, span)
    later = {NOW: now + abs(passed), FEED: mark + abs(heard)}
    assert settled(concluded, {NOW: now, FEED: mark}) == rule(now, mark, at, span)
    assume(validity.holds(later))
    assert settled(concluded, later) == rule(later[NOW], later[FEED], at, span)
    ends_at = validity.ends_at(later)
    assert ends_at is None or later[NOW] < ends_at


def test_it_is_valid_until_something_else_would_come_out():
    """Not too early, either: what is given up at once is never kept."""
    validity = Validity()
    now, mark = validity.moment(START), validity.moment(START - timedelta(seconds=5), FEED)
    verified_at = max(START - timedelta(minutes=2), mark)
    assert max(now - verified_at, timedelta(0)) <= timedelta(minutes=5)
    assert not mark > now + timedelta(seconds=2)
    clocks = {NOW: START + timedelta(hours=1), FEED: START + timedelta(minutes=59)}
    assert validity.holds(clocks)
    assert validity.ends_at(clocks) == clocks[FEED] + timedelta(minutes=5)
    assert not validity.holds(clocks | {FEED: START})
    assert not validity.holds(clocks | {FEED: clocks[NOW] + timedelta(seconds=3)})


def test_a_day_is_one_until_midnight_where_it_is():
    validity = Validity()
    assert validity.moment(START).astimezone(BERLIN).date().isoformat() == "2026-03-28"
    assert validity.ends == {NOW: datetime(2026, 3, 28, 23, 0, tzinfo=UTC)}


@pytest.mark.parametrize("kind", [Moment, Elapsed, Seconds], ids=lambda kind: kind.__name__)
def test_what_nobody_thought_of_ends_it(kind):
    """Every method of the base that says nothing about validity gives up."""
    validity = Validity()
    value = {
        Moment: lambda: validity.moment(START),
        Elapsed: lambda: validity.moment(START) - (START - timedelta(days=1)),
        Seconds: (validity.moment(START) - (START - timedelta(days=1))).total_seconds,
    }[kind]()
    base = {Moment: datetime, Elapsed: timedelta, Seconds: float}[kind]
    ours = {"__new__", "__init__", "__class__", "__getattribute__", "__setattr__", "__delattr__", "__dir__"}
    given_up = [name for name in dir(base) if "giving_up" in repr(vars(kind).get(name)) or name in vars(kind)]
    inherited = set(dir(base)) - set(given_up) - ours - set(dir(object))
    assert {name for name in inherited if callable(getattr(base, name))} <= STAND_STILL
    repr(value)
    assert validity.ends == {NOW: EPOCH}


STAND_STILL = {
    "now",
    "utcnow",
    "today",
    "combine",
    "strptime",
    "fromhex",
    "__getformat__",
    "max",
    "min",
    "resolution",
} | {name for name in dir(datetime) if name.startswith("from")}
"""What belongs to the class, and not to a value."""


def test_json_does_not_write_what_moves_unasked():
    """An age that were written as it is once would be that of every answer."""
    now = Validity().moment(START)
    for value in (now, now - (START - timedelta(hours=1)), (now - (START - timedelta(hours=1))).total_seconds()):
        with pytest.raises(TypeError):
            msgspec.json.encode(value)
        assert msgspec.json.encode(plain(value))
