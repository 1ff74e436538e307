"""Every catalog says everything, with the same facts; dates, times and amounts are written as the language has them."""

import string
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest
from babel.messages.pofile import read_po

from domain.errors import InvalidRequest
from domain.money import Money
from domain.saying import Ago, Saying, Window
from domain.shipment import ShipmentStatus
from resolvers.wording import LANGUAGES, wording

BERLIN = ZoneInfo("Europe/Berlin")
AFTERNOON = datetime(2026, 11, 24, 13, tzinfo=UTC)


def catalog(language):
    messages = {}
    for theme in files("resolvers.wording").joinpath(language).iterdir():
        with theme.open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id:
                    code = message.id if isinstance(message.id, str) else message.id[0]
                    assert code not in messages, f"{code} is there twice"
                    messages[code] = message
    return messages


def texts(message):
    return [message.string] if isinstance(message.string, str) else list(message.string)


def facts(text):
    return {field for _, field, _, _ in string.Formatter().parse(text) if field}


ENGLISH = catalog("en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalog_says_everything_with_the_same_facts(language):
    own = catalog(language)
    assert sorted(own) == sorted(ENGLISH)
    for code, message in own.items():
        assert all(texts(message)), f"{code} says nothing"
        meant = set().union(*(facts(each) for each in texts(ENGLISH[code])))
        for text in texts(message):
            assert facts(text) <= meant, f"{code} has facts that English has not"
            assert facts(text) | {"count"} >= meant, f"{code} leaves facts out"
        assert isinstance(message.id, str) == isinstance(ENGLISH[code].id, str), f"{code} is not plural everywhere"
        assert not message.fuzzy, f"{code} is fuzzy"


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_another_language_is_not_english(language):
    own = catalog(language)
    sentences = [code for code, message in ENGLISH.items() if " " in texts(message)[0]]
    same = [code for code in sentences if texts(own[code]) == texts(ENGLISH[code])]
    assert not same


@pytest.mark.parametrize(
    ("asked", "language"),
    [("de", "de"), ("de-AT", "de"), ("pt-BR", "pt"), ("fr_CA", "fr"), ("zh-Hans-CN", "en"), ("de-DE-1996", "de")],
)
def test_the_nearest_language_is_spoken(asked, language):
    assert wording(asked).locale.language == language


@pytest.mark.parametrize("tag", ["", "../de", "de;drop", "x" * 40, "d\ne"])
def test_what_is_no_language_tag_is_refused(tag):
    with pytest.raises(InvalidRequest, match="locale"):
        wording(tag)


@pytest.mark.parametrize("zone", ["", "Europe", "../etc/passwd", "/etc/passwd", "Mars/Base", "a\x00b", "x" * 300])
def test_what_is_no_zone_is_refused(zone):
    with pytest.raises(InvalidRequest, match="timeZone"):
        wording("en", zone)


@pytest.mark.parametrize(
    ("locale", "zone", "fact", "said"),
    [
        ("en", "Europe/Berlin", AFTERNOON, "Tue, Nov 24, 2:00\u202fPM"),
        ("de", "Europe/Berlin", AFTERNOON, "Di., 24. Nov., 14:00"),
        ("en", None, AFTERNOON, "Tue, Nov 24, 1:00\u202fPM UTC"),
        ("de", None, AFTERNOON.astimezone(BERLIN), "Di., 24. Nov., 14:00 MEZ"),
        (
            "de",
            "Europe/Berlin",
            Window(AFTERNOON, AFTERNOON + timedelta(hours=4)),
            "Di., 24. Nov., 14:00\u201318:00 Uhr",
        ),
        (
            "de",
            "Europe/Berlin",
            Window(AFTERNOON, AFTERNOON + timedelta(days=2)),
            "Di., 24.\u2009\u2013\u2009Do., 26. Nov.",
        ),
        ("nl", None, Window(date(2026, 11, 24), date(2026, 11, 24)), "di 24 nov"),
        ("nl", "Pacific/Auckland", date(2026, 11, 24), "di 24 nov"),
        ("fr", None, Ago(timedelta(minutes=5)), "il y a 5 minutes"),
        ("de", None, Money(amount=Decimal("1234.50"), currency="EUR"), "1.234,50\xa0€"),
        ("de", None, Decimal("1.5"), "1,5"),
        ("de", None, ("A", "B", "C"), "A, B und C"),
        ("en", None, ShipmentStatus.IN_TRANSIT, "in transit"),
        ("de", None, "{harm}", "{harm}"),
    ],
)
def test_facts_are_written_as_the_language_has_them(locale, zone, fact, said):
    assert wording(locale, zone).write(fact) == said


def test_what_a_system_says_is_never_read_as_a_message():
    spoken = wording("en").say(Saying("{saying}", {"saying": "{0.__class__} {status}"}))
    assert spoken == "{0.__class__} {status}"


def test_a_day_is_a_day_on_the_night_when_clocks_change():
    day = date(2026, 10, 25)
    assert {wording("en", zone).write(day) for zone in ("Europe/Berlin", "Pacific/Kiritimati", "America/Adak")} == {
        "Sun, Oct 25"
    }
