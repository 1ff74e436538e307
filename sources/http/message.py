"""What is sent to a source, and what comes back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import msgspec

from domain.errors import UnusableAnswer

SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Request:
    """One call.

    Attributes:
        method: HTTP method.
        path: below the base URL, beginning with a slash; parts that come from a caller are already percent-encoded.
        params: query parameters in order; a name may come several times.
        headers: in addition to the source's own.
        json: body, if any; `msgspec.Raw` is sent as it is.
        is_safe: whether asking twice does no harm; only then is the call retried.
    """

    method: str
    path: str
    params: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    json: object = None
    is_safe: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer with a status of `sources.http.translate.READABLE`.

    Attributes:
        source: configured id of who answered.
        status: HTTP status.
        headers: names in lower case.
        body: decoded bytes.
        sent_at: our clock when the request was sent.
        took: from sending until the last byte.
    """

    source: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    sent_at: datetime
    took: timedelta

    @property
    def moment(self) -> datetime:
        """The source's time at which the answer was true.

        `Date` counts whole seconds (RFC 9110, section 6.6.1). Where it agrees with our clock, as far as that can be
        told, ours is the finer one; else it is the source's clock that counts, less the time the call took.
        """
        date = http_date(self.headers.get("date", ""))
        if date is None or (date <= self.sent_at + self.took and self.sent_at < date + SECOND):
            return self.sent_at
        return date - self.took

    def json(self) -> object:
        """The body as JSON values.

        Raises:
            UnusableAnswer: it is not JSON as RFC 8259 has it (NaN, lone surrogates and endless nesting included).
        """
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            kind = self.headers.get("content-type", "no content type")
            raise UnusableAnswer(self.source, f"{kind}, {len(self.body)} bytes, is not JSON") from error


def http_date(text: str) -> datetime | None:
    """The moment that an HTTP date names (RFC 9110, section 5.6.7), in UTC; null when it cannot be read."""
    try:
        date = parsedate_to_datetime(text)
        return date.replace(tzinfo=date.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
