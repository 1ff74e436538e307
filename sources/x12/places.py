"""Where a time is local: the zone of a place, and what the time codes of X12 mean."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

EASTERN, CENTRAL, MOUNTAIN, PACIFIC = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
)


def _fixed(hours: float) -> tzinfo:
    return timezone(timedelta(hours=hours))


ZONES: Mapping[str, tzinfo] = {
    "UT": UTC,
    "GM": UTC,
    "AT": ZoneInfo("America/Halifax"),
    "AS": _fixed(-4),
    "AD": _fixed(-3),
    "ET": ZoneInfo(EASTERN),
    "ES": _fixed(-5),
    "ED": _fixed(-4),
    "CT": ZoneInfo(CENTRAL),
    "CS": _fixed(-6),
    "CD": _fixed(-5),
    "MT": ZoneInfo(MOUNTAIN),
    "MS": _fixed(-7),
    "MD": _fixed(-6),
    "PT": ZoneInfo(PACIFIC),
    "PS": _fixed(-8),
    "PD": _fixed(-7),
    "AL": ZoneInfo("America/Anchorage"),
    "HT": ZoneInfo("Pacific/Honolulu"),
    "HS": _fixed(-10),
}
"""Element 623, time code: the general ones follow daylight saving, those of standard and daylight time do not."""

LOCAL = frozenset({"LT", ""})
"""Time codes that leave the zone to the place."""

BY_STATE: Mapping[str, str] = {
    **dict.fromkeys(("CT", "DC", "DE", "GA", "MA", "MD", "ME", "NC", "NH", "NJ", "NY", "OH", "PA"), EASTERN),
    **dict.fromkeys(("RI", "SC", "VA", "VT", "WV"), EASTERN),
    **dict.fromkeys(("AL", "AR", "IA", "IL", "LA", "MN", "MO", "MS", "OK", "WI"), CENTRAL),
    **dict.fromkeys(("CO", "MT", "NM", "UT", "WY"), MOUNTAIN),
    **dict.fromkeys(("CA", "WA", "NV"), PACIFIC),
    "AZ": "America/Phoenix",
    "HI": "Pacific/Honolulu",
    "PR": "America/Puerto_Rico",
    "AB": "America/Edmonton",
    "MB": "America/Winnipeg",
    "NB": "America/Halifax",
    "NS": "America/Halifax",
    "PE": "America/Halifax",
    "SK": "America/Regina",
    "YT": "America/Whitehorse",
}
"""States and provinces of the USA and Canada whose freight places keep one time; the others, such as Texas or Ontario,
are left out, because a wrong hour is worse than none."""

COUNTRIES = frozenset({"US", "USA", "CA", "CAN", ""})


def zone_of(state: str, country: str) -> tzinfo | None:
    """The zone that everybody in a state keeps; null where that is not sure."""
    if country not in COUNTRIES:
        return None
    name = BY_STATE.get(state)
    return ZoneInfo(name) if name else None


def instant(day: date, clock: time, code: str, state: str, country: str) -> datetime | None:
    """The moment that a local time names; null where its zone is not known.

    In the hour that a clock goes through twice it is the first time; an hour that a clock leaves out is read as if it
    had not been left out (both as PEP 495 has it).

    Args:
        day: local.
        clock: local.
        code: of element 623.
        state: of the place, if there is one.
        country: as above.
    """
    zone = zone_of(state, country) if code in LOCAL else ZONES.get(code)
    return None if zone is None else datetime.combine(day, clock, zone)
