"""What the HTTP libraries raise and what status codes mean, in the words of `domain.errors`. Done once, here."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus

import aiohttp
import httpx

from domain.errors import Busy, Refused, SourceError, TooSlow, Unreachable, UnusableAnswer
from sources.http.addresses import MustNotBeCalled
from sources.http.message import http_date

Rule = tuple[type[BaseException], type[SourceError], str]

CONNECTING_TIMED_OUT = "connecting took too long"
NAME_UNKNOWN = "its name is not known"
UNTRUSTED = "no trusted TLS connection"
NOT_A_URL = "its address is not a URL"
NOT_HTTP_URL = "its address is not http or https"
REDIRECTS = "it redirects, and redirects are not followed"
PRIVATE = "its name leads to an address that must not be called; allow_private = true lets private ones be"

LASTING = frozenset({CONNECTING_TIMED_OUT, NAME_UNKNOWN, UNTRUSTED, NOT_A_URL, NOT_HTTP_URL, REDIRECTS, PRIVATE})
"""Ways of being unreachable that a second call a moment later does not cure."""

FAILURES: tuple[Rule, ...] = (
    # aiohttp's own exceptions come first: httpx-aiohttp calls every broken connection a ConnectTimeout.
    (aiohttp.ConnectionTimeoutError, Unreachable, CONNECTING_TIMED_OUT),
    (aiohttp.ServerTimeoutError, TooSlow, "waiting for bytes took too long"),
    (aiohttp.ClientConnectorDNSError, Unreachable, NAME_UNKNOWN),
    (aiohttp.ClientSSLError, Unreachable, UNTRUSTED),
    (aiohttp.ClientConnectorError, Unreachable, "no connection"),
    (aiohttp.ServerFingerprintMismatch, Unreachable, UNTRUSTED),
    (aiohttp.ClientConnectionError, Unreachable, "the connection broke"),
    (aiohttp.ClientPayloadError, Unreachable, "the answer broke off"),
    (aiohttp.InvalidURL, Unreachable, NOT_A_URL),
    (aiohttp.ClientResponseError, UnusableAnswer, "not HTTP"),
    (aiohttp.ClientError, Unreachable, "the connection failed"),
    (httpx.ConnectTimeout, Unreachable, CONNECTING_TIMED_OUT),
    (httpx.TimeoutException, TooSlow, "waiting for bytes took too long"),
    (httpx.ConnectError, Unreachable, "no connection"),
    (httpx.NetworkError, Unreachable, "the connection broke"),
    (httpx.ProxyError, Unreachable, "the proxy failed"),
    (httpx.UnsupportedProtocol, Unreachable, NOT_HTTP_URL),
    (httpx.ProtocolError, UnusableAnswer, "not HTTP"),
    (httpx.DecodingError, UnusableAnswer, "its content encoding is broken"),
    (httpx.TooManyRedirects, Unreachable, REDIRECTS),
    (httpx.HTTPError, Unreachable, "the connection failed"),
    (httpx.InvalidURL, Unreachable, NOT_A_URL),
    (httpx.CookieConflict, UnusableAnswer, "its cookies conflict"),
    (httpx.StreamError, UnusableAnswer, "its answer was read twice"),
    (TimeoutError, TooSlow, "waiting for bytes took too long"),
    (OSError, Unreachable, "the connection failed"),
)
"""What each exception means; the first line that fits counts."""

LIBRARY_ERRORS = (
    aiohttp.ClientError,
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.CookieConflict,
    httpx.StreamError,
    OSError,
)
"""Everything that the libraries raise when a call fails."""

DEFAULT_PAUSE_SECONDS = 1.0
"""How long a source is left alone after a 429 that does not say how long."""


def translated(source: str, error: BaseException) -> SourceError:
    """The domain error that a library's exception stands for; what httpx-aiohttp wraps is looked at first."""
    seen = error.__cause__ if isinstance(error.__cause__, aiohttp.ClientError) else error
    if isinstance(seen.__cause__, MustNotBeCalled):
        return Unreachable(source, PRIVATE)
    for kind, meaning, detail in FAILURES:
        if isinstance(seen, kind):
            return meaning(source, detail)
    return UnusableAnswer(source, "it failed in an unknown way")


LATER = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
READABLE = frozenset(
    {HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED, HTTPStatus.NO_CONTENT, HTTPStatus.NOT_FOUND}
)
"""Statuses whose answer an adapter can read; what a 404 means, only the adapter knows."""

REFUSALS: Mapping[int, type[SourceError]] = {
    HTTPStatus.UNAUTHORIZED: Refused,
    HTTPStatus.FORBIDDEN: Refused,
    HTTPStatus.BAD_GATEWAY: Unreachable,
    HTTPStatus.GATEWAY_TIMEOUT: Unreachable,
}
"""What the other statuses mean; one that is not listed is an unusable answer."""

REDIRECTIONS = range(300, 400)


def refusal(source: str, status: int, headers: Mapping[str, str], now: datetime) -> SourceError | None:
    """The domain error that a status stands for; nothing for an answer that an adapter can read."""
    if status in READABLE:
        return None
    if status in LATER:
        default = DEFAULT_PAUSE_SECONDS if status == HTTPStatus.TOO_MANY_REQUESTS.value else None
        pause = retry_after(headers, now)
        return Busy(source, f"HTTP {status}", retry_after=default if pause is None else pause)
    if status in REDIRECTIONS:
        return Unreachable(source, REDIRECTS)
    return REFUSALS.get(status, UnusableAnswer)(source, f"HTTP {status}")


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for (RFC 9110, section 10.2.3); null when there is no readable one."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    moment = http_date(text)
    return max((moment - now).total_seconds(), 0.0) if moment else None
