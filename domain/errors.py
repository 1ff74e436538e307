r"""What can go wrong, drawn once.

    CasefoldError
    ├── SourceError                 a system of record could not be read          problem code
    │   ├── Unreachable             no connection, or it broke                    UNREACHABLE
    │   ├── TooSlow                 connected, but no whole answer in time        TIMEOUT
    │   ├── Busy                    it said "later" (429, 503)                    RATE_LIMITED
    │   ├── Refused                 it rejected our credentials (401, 403)        UNAUTHORIZED
    │   ├── Missing                 the address itself does not exist (404)       NOT_FOUND
    │   ├── Unlisted                asked, it left out what it had told of        NOT_FOUND
    │   ├── UnusableAnswer          it answered, but not with data                BAD_RESPONSE
    │   ├── CircuitOpen             it failed so often that it is left alone      CIRCUIT_OPEN
    │   └── DeadlineExceeded        the view's time was over before it was asked  DEADLINE_EXCEEDED
    ├── EventError                  a message from a source was not taken
    │   └── BadSignature            it does not prove who sent it, or when
    ├── StoreError                  the store of kept state cannot be used
    │   ├── InboxFull               too many events wait to be settled
    │   ├── StoreInUse              another gateway holds its folder
    │   └── StoreUnavailable        it does not start, or does not answer
    │       ├── StoreFull           it has no room for anything new
    │       ├── StoreLate           it did not answer in time
    │       └── StoreForgets        it may throw away what it is given
    ├── RequestError                the caller's question cannot be answered as put
    │   ├── InvalidRequest          a field has a value that is not allowed
    │   ├── Unauthenticated         nothing proves who asks                       UNAUTHENTICATED
    │   ├── Forbidden               who asks may not have this                    FORBIDDEN
    │   └── TooManyRequests         more than this caller may ask for now         RATE_LIMITED
    ├── EntityUnavailable           nobody can say now what has this number       its section's problem code
    └── SettingError                a setting has a value that is not allowed

Every class carries its data and writes its own message; no message holds a secret or an upstream's body.
"""

from enum import Enum
from typing import ClassVar

MAX_ECHO = 200
"""Longest piece of a caller's value that is repeated in a message."""


class ProblemCode(Enum):
    """Why a section is not fresh."""

    TIMEOUT = "TIMEOUT"
    UNREACHABLE = "UNREACHABLE"
    RATE_LIMITED = "RATE_LIMITED"
    UNAUTHORIZED = "UNAUTHORIZED"
    NOT_FOUND = "NOT_FOUND"
    BAD_RESPONSE = "BAD_RESPONSE"
    CIRCUIT_OPEN = "CIRCUIT_OPEN"
    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"
    ONLY_SENDS = "ONLY_SENDS"


class CasefoldError(Exception):
    """Any failure that Casefold has a word for."""


class SourceError(CasefoldError):
    """A system of record could not be read.

    Args:
        source: configured id of the source.
        detail: what happened, in words fit for a caller.
        retry_after: seconds after which asking again makes sense, if the source said so.
    """

    code: ClassVar[ProblemCode]
    saying: ClassVar[str]

    def __init__(self, source: str, detail: str = "", *, retry_after: float | None = None) -> None:
        self.source = source
        self.detail = detail
        self.retry_after = retry_after
        super().__init__(source, detail, retry_after)

    def __str__(self) -> str:
        return f"{self.source} {self.saying}" + (f": {self.detail}" if self.detail else "")


class Unreachable(SourceError):
    """No connection could be made, or it broke before the answer was whole."""

    code = ProblemCode.UNREACHABLE
    saying = "cannot be reached"


class TooSlow(SourceError):
    """A connection was there, but the whole answer was not there in time."""

    code = ProblemCode.TIMEOUT
    saying = "did not answer in time"


class Busy(SourceError):
    """The source asked to be left alone for a while."""

    code = ProblemCode.RATE_LIMITED
    saying = "asks to be called later"


class Refused(SourceError):
    """The source does not accept our credentials."""

    code = ProblemCode.UNAUTHORIZED
    saying = "refused our credentials"


class Missing(SourceError):
    """The address that we called does not exist there."""

    code = ProblemCode.NOT_FOUND
    saying = "does not have the address that was called"


class Unlisted(SourceError):
    """The source was asked, and left out what it had told of of its own accord."""

    code = ProblemCode.NOT_FOUND
    saying = "did not list what it had told of before"


class OnlySends(SourceError):
    """The source cannot be asked: what it has sent is all that is known."""

    code = ProblemCode.ONLY_SENDS
    saying = "only sends, and cannot be asked"


class UnusableAnswer(SourceError):
    """The source answered with something that is not the data asked for."""

    code = ProblemCode.BAD_RESPONSE
    saying = "gave an answer that cannot be used"


class CircuitOpen(SourceError):
    """The source failed so often lately that it is not called for now."""

    code = ProblemCode.CIRCUIT_OPEN
    saying = "is not called for now, after many failures"


class DeadlineExceeded(SourceError):
    """The time for the whole view was over before the source could be asked."""

    code = ProblemCode.DEADLINE_EXCEEDED
    saying = "could not be asked before the deadline"


class EventError(CasefoldError):
    """A message from a source was not taken."""


class BadSignature(EventError):
    """The message does not prove who sent it, or when.

    Args:
        reason: what is missing or wrong, e.g. "no X-Hmac-Signature header"; never the signature or the secret.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)

    def __str__(self) -> str:
        return f"the message is not signed as agreed: {self.reason}"


class StoreError(CasefoldError):
    """The store of kept state cannot be used."""


class StoreInUse(StoreError):
    """Another gateway holds the folder.

    Args:
        folder: which one.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder
        super().__init__(folder)

    def __str__(self) -> str:
        return f"another gateway keeps its state in {self.folder}; stop it, or choose another CASEFOLD_DATA_DIR"


class StoreUnavailable(StoreError):
    """It does not start, or does not answer.

    Args:
        detail: what happened.
    """

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(detail)

    def __str__(self) -> str:
        return f"the store cannot be used: {self.detail}"


class InboxFull(StoreError):
    """Too many events wait to be settled; those who send should come later."""

    def __str__(self) -> str:
        return "too many events wait to be settled"


class StoreFull(StoreUnavailable):
    """It can be read, but has no room for anything new."""

    def __init__(self) -> None:
        super().__init__("it is full")


class StoreLate(StoreUnavailable):
    """It did not answer in time."""

    def __init__(self) -> None:
        super().__init__("it did not answer in time")


class StoreForgets(StoreUnavailable):
    """It may throw away what it is given."""


class RequestError(CasefoldError):
    """The caller's question cannot be answered as it was put."""


class InvalidRequest(RequestError):
    """A field has a value that is not allowed.

    Args:
        field: path of the field.
        found: the value, shortened to `MAX_ECHO` characters in the message.
        allowed: what would have been accepted.
    """

    def __init__(self, field: str, found: str, allowed: str) -> None:
        self.field = field
        self.found = found
        self.allowed = allowed
        super().__init__(field, found, allowed)

    def __str__(self) -> str:
        return f"{self.field}: found {self.found[:MAX_ECHO]!r}, allowed: {self.allowed}"


class Unauthenticated(RequestError):
    """Nothing proves who asks.

    Args:
        reason: what is wrong with the proof, in words fit for whoever sent it; never a part of it.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)

    def __str__(self) -> str:
        return f"not authenticated: {self.reason}"


class Forbidden(RequestError):
    """Who asks is known, and may not have this.

    Args:
        asked: what was asked for.
        needed: who may have it.
    """

    def __init__(self, asked: str, needed: str) -> None:
        self.asked = asked
        self.needed = needed
        super().__init__(asked, needed)

    def __str__(self) -> str:
        return f"{self.asked}: needs {self.needed}"


class TooManyRequests(RequestError):
    """More than this caller may ask for now.

    Args:
        limit: which limit, with its figure.
        retry_after_seconds: when the same question may be asked again.
    """

    def __init__(self, limit: str, retry_after_seconds: float) -> None:
        self.limit = limit
        self.retry_after_seconds = retry_after_seconds
        super().__init__(limit, retry_after_seconds)

    def __str__(self) -> str:
        return f"{self.limit}: come again in {self.retry_after_seconds:.0f} s"


class EntityUnavailable(CasefoldError):
    """What was asked for by its number alone may exist, but its systems cannot say.

    Args:
        code: why they cannot.
        detail: that in words, fit for a caller.
    """

    def __init__(self, code: ProblemCode, detail: str) -> None:
        self.code = code
        self.detail = detail
        super().__init__(code, detail)

    def __str__(self) -> str:
        return self.detail


class SettingError(CasefoldError):
    """A setting stops the start.

    Args:
        path: where the setting stands, e.g. `sources[0].timeout`.
        found: the value as written, already without secrets.
        allowed: what would have been accepted.
    """

    def __init__(self, path: str, found: str, allowed: str) -> None:
        self.path = path
        self.found = found
        self.allowed = allowed
        super().__init__(path, found, allowed)

    def __str__(self) -> str:
        return f"{self.path}: found {self.found[:MAX_ECHO]}, allowed: {self.allowed}"
