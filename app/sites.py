"""When sites work, as settings say it: hours, weekdays, a zone and a holiday calendar."""

from collections.abc import Callable
from datetime import date, time, tzinfo
from functools import partial
from typing import Annotated, Literal

import holidays
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from domain.place import zone_named
from domain.working_time import Shift, WorkingTime

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

EVERYWHERE_ELSE = "*"
"""The site that stands for all that have no settings of their own."""


def _zone(name: str) -> str:
    if zone_named(name) is None:
        raise ValueError("allowed: an IANA time zone, Europe/Berlin")
    return name


def _calendar(name: str) -> str:
    country, _, subdivision = name.partition("-")
    try:
        holidays.country_holidays(country, subdiv=subdivision or None)
    except NotImplementedError as error:
        raise ValueError("allowed: a country of ISO 3166, DE, or one of its parts, DE-BY") from error
    return name


def _span(text: str) -> str:
    opens, _, closes = text.partition("-")
    if closes != "24:00" and time.fromisoformat(opens) >= time.fromisoformat(closes):
        raise ValueError("allowed: an opening before its closing; a night is two spans, 22:00-24:00 and 00:00-06:00")
    return text


Hours = Annotated[
    str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$"), AfterValidator(_span)
]
Weekday = Literal["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


class SiteSettings(BaseModel):
    """One `[sites.<warehouse>]` table, or `[sites."*"]` for all others."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    time_zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    """IANA zone of the site."""
    hours: Annotated[tuple[Hours, ...], Field(min_length=1)] = ("08:00-17:00",)
    """When is worked, in local time; 24:00 is the end of the day."""
    days: Annotated[tuple[Weekday, ...], Field(min_length=1)] = ("MO", "TU", "WE", "TH", "FR")
    """On which weekdays."""
    holidays: Annotated[str, AfterValidator(_calendar)] | None = None
    """Public holidays of a country, `DE`, or of a part of one, `DE-BY`."""

    @property
    def working_time(self) -> WorkingTime:
        """When the site works."""
        shifts = tuple(_shift(each) for each in self.hours)
        return WorkingTime(
            zone=self._zone,
            shifts={WEEKDAYS.index(day): shifts for day in self.days},
            is_holiday=_holiday_of(self.holidays),
        )

    @property
    def _zone(self) -> tzinfo:
        zone = zone_named(self.time_zone)
        assert zone is not None  # noqa: S101  # it was checked
        return zone


def _shift(hours: str) -> Shift:
    opens, _, closes = hours.partition("-")
    return time.fromisoformat(opens), time.min if closes == "24:00" else time.fromisoformat(closes)


def _holiday_of(calendar: str | None) -> Callable[[date], bool]:
    if calendar is None:
        return lambda _: False
    country, _, subdivision = calendar.partition("-")
    return partial(_is_in, holidays.country_holidays(country, subdiv=subdivision or None))


def _is_in(calendar: holidays.HolidayBase, day: date) -> bool:
    return day in calendar
