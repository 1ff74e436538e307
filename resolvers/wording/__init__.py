"""Puts what is to be said into the words of a language: catalogs by Babel, dates and amounts as CLDR writes them.

A catalog is a folder of gettext files, `<language>/<theme>.po`, that name each message by its code. A value of an
enumeration has the code `<Enumeration>.<VALUE>`, and `<Enumeration>.<VALUE>.customer` where a customer hears another
word.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from types import UnionType
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_interval, format_skeleton, format_time, format_timedelta, get_timezone_name
from babel.lists import format_list
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal
from babel.support import Translations

from domain.errors import InvalidRequest
from domain.money import Money
from domain.place import zone_named
from domain.saying import Ago, Audience, Fact, Saying, Window
from domain.validity import Elapsed, Seconds, standing

LANGUAGES = ("en", "de", "fr", "es", "nl", "pt")
"""The languages that there are catalogs of; who asks for another one is answered in the first."""

LONGEST_LOCALE = 35
"""Characters of the longest language tag that is looked at, as RFC 5646, 4.4.1 recommends."""

DAY = "MMMEd"
"""CLDR skeleton of a day near today: no year."""


def wording(locale: str, time_zone: str | None = None) -> "Wording":
    """The words of a language, with times in a zone.

    Args:
        locale: BCP 47 language tag, e.g. `de` or `de-AT`; looked up as RFC 4647, 3.4 has it, else English.
        time_zone: IANA name of the reader's zone; null: each time in the zone that it comes with, which is named.

    Raises:
        InvalidRequest: there is no such zone, or the tag is none.
    """
    return _wording(_locale(locale), _zone(time_zone))


@dataclass(frozen=True, slots=True)
class Wording:
    """One language, for readers of one zone.

    Attributes:
        locale: how dates, amounts and lists are written.
        zone: of the reader, if it is known.
        catalog: the messages.
    """

    locale: Locale
    zone: tzinfo | None
    catalog: Translations

    def say(self, saying: Saying, audience: Audience = Audience.AGENT) -> str:
        """The message in words."""
        facts = {name: self.write(fact, audience) for name, fact in saying.facts.items()}
        return self._message(saying.code, saying.facts).format_map(facts)

    def write(self, fact: Fact, audience: Audience = Audience.AGENT) -> str:
        """One fact as the language writes it; a span that moves is written as long as it is at present."""
        if isinstance(fact, Elapsed | Seconds):
            fact = standing(fact)
        if isinstance(fact, Saying):
            return self.say(fact, audience)
        if isinstance(fact, Enum):
            return self._name(fact, audience)
        if isinstance(fact, tuple):
            return format_list([self.write(each, audience) for each in fact], locale=self.locale)
        return next(write for kind, write in _WRITTEN if isinstance(fact, kind))(self, fact)

    def _message(self, code: str, facts: Mapping[str, Fact]) -> str:
        count = facts.get("count")
        if isinstance(count, int):
            return self.catalog.ngettext(code, code, count)
        return self.catalog.gettext(code)

    def _name(self, value: Enum, audience: Audience) -> str:
        code = f"{type(value).__name__}.{value.name}"
        own = f"{code}.{audience.value.lower()}"
        said = self.catalog.gettext(own)
        return self.catalog.gettext(code) if said == own else said

    def moment(self, moment: datetime) -> str:
        """A day and a time, in the reader's zone."""
        day = format_skeleton(DAY, moment, tzinfo=self._zone_of(moment), locale=self.locale)
        time = format_time(moment, "short", tzinfo=self._zone_of(moment), locale=self.locale)
        return f"{day}, {time}{self._zone_name(moment)}"

    def day(self, day: date) -> str:
        """A day, which is the same in every zone."""
        return str(format_skeleton(DAY, _noon(day), locale=self.locale))

    def window(self, window: Window) -> str:
        """Times of one day, or days."""
        if not isinstance(window.earliest, datetime) or not isinstance(window.latest, datetime):
            return self._days(window.earliest, window.latest)
        zone = self._zone_of(window.earliest)
        first, last = window.earliest.astimezone(zone), window.latest.astimezone(zone)
        if first.date() != last.date():
            return self._days(first.date(), last.date())
        times = format_interval(first, last, self._clock, tzinfo=zone, locale=self.locale)
        return f"{self.day(first.date())}, {times}{self._zone_name(first)}"

    def _days(self, first: date, last: date) -> str:
        if first == last:
            return self.day(first)
        return format_interval(first, last, DAY, locale=self.locale)

    @property
    def _clock(self) -> str:
        """CLDR skeleton of a time: of 24 hours or of 12, as the language has it."""
        return "Hm" if "H" in str(self.locale.time_formats["short"].pattern) else "hm"

    def _zone_of(self, moment: datetime) -> tzinfo:
        return self.zone or moment.tzinfo or UTC

    def _zone_name(self, moment: datetime) -> str:
        """Named unless it is the reader's own."""
        if self.zone is not None:
            return ""
        name = get_timezone_name(moment, width="short", locale=self.locale)
        return f" {'UTC' if moment.utcoffset() == timedelta(0) and moment.tzinfo is UTC else name}"


_WRITTEN: Sequence[tuple[type | UnionType, Callable[[Wording, Any], str]]] = (
    (str, lambda _, text: text),
    (datetime, Wording.moment),
    (date, Wording.day),
    (Window, Wording.window),
    (timedelta, lambda words, duration: format_timedelta(duration, locale=words.locale)),
    (Ago, lambda words, ago: format_timedelta(-ago.duration, add_direction=True, locale=words.locale)),
    (Money, lambda words, money: format_currency(money.amount, money.currency, locale=words.locale)),
    (int | Decimal, lambda words, number: format_decimal(number, locale=words.locale)),
)
"""How each kind of fact is written; a moment is a day, too, so it comes first."""


def _noon(day: date) -> datetime:
    """A day is a day in every zone; a skeleton wants a time to it."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


@lru_cache(maxsize=256)
def _wording(locale: Locale, zone: tzinfo | None) -> Wording:
    return Wording(locale, zone, _catalog(locale.language))


@lru_cache(maxsize=256)
def _locale(tag: str) -> Locale:
    if not tag or len(tag) > LONGEST_LOCALE or not tag.replace("-", "").replace("_", "").isalnum():
        raise InvalidRequest(field="locale", found=tag[:LONGEST_LOCALE], allowed="a language tag such as de-AT")
    parts = tag.replace("_", "-").split("-")
    for length in range(len(parts), 0, -1):
        try:
            found = Locale.parse("-".join(parts[:length]), sep="-")
        except (ValueError, UnknownLocaleError):
            continue
        if found.language in LANGUAGES:
            return found
    return Locale.parse(LANGUAGES[0])


def _zone(name: str | None) -> tzinfo | None:
    zone = zone_named(name)
    if name is not None and zone is None:
        raise InvalidRequest(field="timeZone", found=name[:64], allowed="an IANA zone, Europe/Berlin")
    return zone


@lru_cache(maxsize=len(LANGUAGES))
def _catalog(language: str) -> Translations:
    catalog = Translations()
    for theme in sorted(files(__package__).joinpath(language).iterdir(), key=lambda each: each.name):
        with theme.open("rb") as file:
            catalog.add(_compiled(read_po(file, locale=language)))
    return catalog


def _compiled(messages: Catalog) -> Translations:
    compiled = BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return Translations(compiled)
