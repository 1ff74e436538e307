"""The short way to an answer that was given before: before routing, middleware and parsing, and with all that matters.

Who asks is proved, the limits are charged, what has to be is written to the audit log, and each answer has a
correlation id of its own. Whatever is not quite usual goes the long way, which refuses in words. A usual question whose
answer has to be found goes straight to the door, past all that could only find that it is usual.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.http.callers import Identity
from app.http.correlation import correlation_id_of
from app.http.graphql import JSON, VARY, GraphQLDoor, media_type_header
from app.http.headers import LARGEST_HEADERS, MOST_HEADERS
from app.http.problems import tell
from app.http.whole import Whole
from domain.caller import Caller
from domain.errors import RequestError
from resolvers.again import LONGEST_QUESTION, Served
from resolvers.context import Budget, Gateway
from resolvers.keeping import from_elsewhere

METHOD, PATH = "POST", "/graphql"

UNUSUAL = frozenset({b"content-encoding", b"origin", b"transfer-encoding", b"expect", b"upgrade"})
"""Headers with which a request goes the long way."""

FORWARDED = frozenset({b"x-forwarded-for", b"forwarded"})
"""Headers by which somebody else than who is connected asks."""

_JSON = frozenset(each.encode() for each in (JSON, f"{JSON}; charset=utf-8", f"{JSON};charset=utf-8"))
_PROOFS = ((b"authorization", "authorization"), (b"x-api-key", "x-api-key"))
_VARY = VARY["Vary"].encode()

Headers = list[tuple[bytes, bytes]]


_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: %b\r\ncontent-length: %d\r\ncache-control: no-store\r\nvary: "
    + _VARY
    + b'\r\nx-correlation-id: %b\r\nratelimit-policy: "cost";q=%d\r\nratelimit: "cost";r=%d;t=%d\r\n'
)


class Answer(NamedTuple):
    """A response of status 200.

    Attributes:
        media_type: of its body.
        correlation_id: which request it answers.
        budget: what the caller has left.
        body: what is answered.
    """

    media_type: bytes
    correlation_id: str
    budget: Budget
    body: bytes

    @property
    def headers(self) -> Headers:
        """As ASGI has them."""
        return [
            (b"content-type", self.media_type),
            (b"content-length", b"%d" % len(self.body)),
            (b"cache-control", b"no-store"),
            (b"vary", _VARY),
            (b"x-correlation-id", self.correlation_id.encode()),
            (b"ratelimit-policy", self.budget.policy),
            (b"ratelimit", self.budget.left),
        ]

    @property
    def head(self) -> bytes:
        """The same as HTTP/1.1 has them on the wire, without the empty line at the end."""
        budget = self.budget
        return _HEAD % (
            self.media_type,
            len(self.body),
            self.correlation_id.encode(),
            budget.limit,
            budget.remaining,
            round(budget.reset_seconds),
        )


class _Usual(NamedTuple):
    """What matters of the headers of a usual request."""

    media_type: bytes
    proof: Mapping[str, str]
    correlation_id: str


@dataclass(frozen=True, slots=True)
class ShortWay:
    """Gives answers that are kept.

    Args:
        identity: knows who asks.
        gateways: what is asked, by tenant.
    """

    identity: Identity
    gateways: Mapping[str, Gateway]

    @property
    def is_shared(self) -> bool:
        """Whether other processes give their answers to this one."""
        return any(gateway.shared.is_on for gateway in self.gateways.values())

    def answer(
        self, headers: Headers, body: bytes, address: str | None, unusual: frozenset[bytes] = UNUSUAL
    ) -> Answer | None:
        """The answer to `POST /graphql`; null: it has to be found on the long way, and nothing was sent.

        Args:
            headers: of the request, names in lower case.
            body: all of it.
            address: where the caller is, as far as known.
            unusual: headers with which it goes the long way.
        """
        try:
            asked = self._asked(headers, unusual)
            if asked is None:
                return None
            usual, caller, gateway = asked
            kept = gateway.kept.get((caller.audience, body))
            served = None if kept is None else kept.served(gateway, caller, address, usual.correlation_id)
        except RequestError:
            return None
        return None if served is None else _answer(usual, served)

    async def awaited(self, headers: Headers, body: bytes, address: str | None) -> Answer | None:
        """Likewise, but of another process."""
        try:
            asked = self._asked(headers, UNUSUAL)
            if asked is None:
                return None
            usual, caller, gateway = asked
            question = caller.audience, body
            served = await from_elsewhere(gateway, question, caller, address, usual.correlation_id)
        except RequestError:
            return None
        return None if served is None else _answer(usual, served)

    def _asked(self, headers: Headers, unusual: frozenset[bytes]) -> tuple["_Usual", Caller, Gateway] | None:
        """How it is asked, who asks, and what; null: that takes the long way.

        Raises:
            RequestError: they have not proved who they are.
        """
        usual = _usual(headers, unusual)
        caller = None if usual is None else self.identity.known(usual.proof)
        gateway = None if caller is None else self.gateways.get(caller.tenant)
        if usual is None or caller is None or gateway is None:
            return None
        return usual, caller, gateway


def _answer(usual: _Usual, served: Served) -> Answer:
    return Answer(usual.media_type, usual.correlation_id, served.budget, served.body)


def _usual(headers: Headers, unusual: frozenset[bytes] = UNUSUAL) -> _Usual | None:
    """What matters of the headers; null: they are not quite usual."""
    given = dict(headers)
    is_plain = len(given) == len(headers) <= MOST_HEADERS and unusual.isdisjoint(given)
    if not is_plain or given.get(b"content-type") not in _JSON or _size(given) > LARGEST_HEADERS:
        return None
    media_type = media_type_header(given.get(b"accept", b"*/*"))
    if media_type is None:
        return None
    proof = {name: given[key].decode("latin-1") for key, name in _PROOFS if key in given}
    return _Usual(media_type, proof, correlation_id_of(given.get(b"x-correlation-id", b"").decode("latin-1")))


def _size(headers: Mapping[bytes, bytes]) -> int:
    return sum(map(len, headers)) + sum(map(len, headers.values()))


@dataclass(frozen=True, slots=True)
class BothWays:
    """ASGI application: the short way where it is one, else the long way.

    Args:
        short: gives answers that are kept.
        long: everything else.
    """

    short: ShortWay
    long: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if not _may_be_short(scope):
            await self.long(scope, receive, send)
            return
        message = await receive()
        answer = await self._answer(scope, message)
        if answer is None:
            await self.long(scope, _again(message, receive), send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": answer.headers})
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, scope: Scope, message: Message) -> Answer | None:
        if message["type"] != "http.request" or message.get("more_body"):
            return None
        client = scope.get("client")
        asked = scope["headers"], message.get("body", b""), client[0] if client else None
        return self.short.answer(*asked) or (await self.short.awaited(*asked) if self.short.is_shared else None)


def _may_be_short(scope: Scope) -> bool:
    """Whether its body may be waited for: what is too long is refused before that."""
    if scope["type"] != "http" or scope["path"] != PATH or scope["method"] != METHOD:
        return False
    length = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    return length.isdigit() and int(length) <= LONGEST_QUESTION


def _again(message: Message, receive: Receive) -> Receive:
    """The same as `receive`, from the beginning."""
    waiting = [message]

    async def received() -> Message:
        return waiting.pop() if waiting else await receive()

    return received


@dataclass(frozen=True, slots=True)
class StraightWay:
    """ASGI application: usual questions go straight to their door, everything else takes the way around.

    Args:
        door: what answers them.
        around: everything else, and them while somebody observes how requests are routed.
        is_observed: whether somebody does.
    """

    door: GraphQLDoor
    around: ASGIApp
    is_observed: Callable[[], bool]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        usual = _usual(scope["headers"]) if _may_be_short(scope) and not self.is_observed() else None
        if usual is None:
            await self.around(scope, receive, send)
            return
        message = await receive()
        body = message.get("body", b"")
        if message["type"] != "http.request" or message.get("more_body") or len(body) > self.door.largest_body:
            await self.around(scope, _again(message, receive), send)
            return
        try:
            reply = await self.door.posted(Whole(scope, usual.proof, body), usual.media_type.split(b";")[0].decode())
        except Exception as error:  # noqa: BLE001  # as for everything that is installed in an app
            await tell(error, scope, receive, send)
            return
        await reply(scope, receive, send)
