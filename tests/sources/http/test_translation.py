import inspect
from datetime import UTC, datetime, timedelta

import aiohttp
import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.errors import SourceError
from sources.http.message import http_date
from sources.http.translate import FAILURES, LIBRARY_ERRORS, READABLE, refusal, retry_after, translated

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


def exceptions_of(library):
    found = {value for value in vars(library).values() if inspect.isclass(value) and issubclass(value, Exception)}
    return sorted((each for each in found if not issubclass(each, Warning)), key=lambda each: each.__name__)


ALL = [*exceptions_of(httpx), *exceptions_of(aiohttp)]
NEVER_MET = {aiohttp.WSServerHandshakeError, aiohttp.WSMessageTypeError, aiohttp.WebSocketError, aiohttp.EofStream}
"""Of web sockets, and of streams that the library itself reads."""


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: f"{kind.__module__.split('.')[0]}.{kind.__name__}")
def test_every_exception_of_the_http_libraries_has_a_meaning(kind):
    instance = kind.__new__(kind)
    assert issubclass(kind, LIBRARY_ERRORS) or kind in NEVER_MET
    assert any(isinstance(instance, known) for known, _, _ in FAILURES) or kind in NEVER_MET
    error = translated("erp", instance)
    assert isinstance(error, SourceError)
    assert error.detail != "it failed in an unknown way" or kind in NEVER_MET


def test_what_the_transport_wraps_is_read_from_inside():
    wrapped = httpx.ConnectTimeout("x")
    wrapped.__cause__ = aiohttp.ServerDisconnectedError()
    assert translated("erp", wrapped).detail == "the connection broke"


@pytest.mark.parametrize("status", range(100, 600))
def test_every_status_is_readable_or_refused(status):
    error = refusal("erp", status, {}, NOW)
    assert (error is None) is (status in READABLE)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30", 30),
        ("0", 0),
        ("Mon, 23 Nov 2026 08:31:00 GMT", 60),
        ("Mon, 23 Nov 2026 08:29:00 GMT", 0),
        ("soon", None),
        ("-5", None),
        ("", None),
        ("\u0661\u0660", None),
    ],
)
def test_retry_after_in_both_of_its_forms(text, seconds):
    assert retry_after({"retry-after": text}, NOW) == seconds


words_of_dates = st.sampled_from(
    ["Mon,", "23", "Nov", "2026", "0100", "9999", "08:31:00", "GMT", "-1200", "+2500", "("]
)


@given(st.text() | st.lists(words_of_dates).map(" ".join))
@example("Fri, 31 Dec 9999 23:59:59 -1200")
@example("Mon, 23 Nov 2026 08:31:00 +99999999999999")
def test_whatever_stands_in_a_date_it_is_utc_or_nothing(text):
    date = http_date(text)
    assert date is None or date.utcoffset() == timedelta(0)
