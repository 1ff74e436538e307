"""Time in which somebody works: a site's hours of each weekday, in its own zone, without its holidays."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo

Shift = tuple[time, time]
"""From when until when is worked, in local time; an end of midnight is the end of that day."""

ALWAYS: Mapping[int, tuple[Shift, ...]] = dict.fromkeys(range(7), ((time.min, time.min),))
OFFICE_HOURS: Mapping[int, tuple[Shift, ...]] = {weekday: ((time(8), time(17)),) for weekday in range(5)}

LONGEST_LOOK = timedelta(days=400)
"""How far ahead working time is looked for: a site that never works must not be waited for without end."""


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """When a site works.

    Attributes:
        zone: of the site.
        shifts: by weekday, Monday is 0; a weekday that is missing is free.
        is_holiday: whether a day of the site's calendar is free.
    """

    zone: tzinfo = UTC
    shifts: Mapping[int, tuple[Shift, ...]] = field(default_factory=lambda: ALWAYS)
    is_holiday: Callable[[date], bool] = lambda _: False

    def after(self, start: datetime, allowance: timedelta) -> datetime:
        """The moment when so much working time has passed since `start`; a year on where hardly any is worked.

        Time is counted as it passes: an hour of a night on which clocks change is an hour.
        """
        left = allowance
        for begin, end in self._spells(start):
            worked = end - begin
            if worked >= left:
                return begin + left
            left -= worked
        return start + LONGEST_LOOK

    def _spells(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """What is worked from `start` on, in UTC, oldest first."""
        day, last = start.astimezone(self.zone).date(), (start + LONGEST_LOOK).date()
        while day < last:
            for opens, closes in () if self.is_holiday(day) else self.shifts.get(day.weekday(), ()):
                closing_day = day + timedelta(days=1) if closes == time.min else day
                begin, end = max(self._moment(day, opens), start.astimezone(UTC)), self._moment(closing_day, closes)
                if begin < end:
                    yield begin, end
            day += timedelta(days=1)

    def _moment(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.zone).astimezone(UTC)
