"""The doors for events: taken here, settled later."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from uuid import uuid4

from fastapi import APIRouter
from pydantic import SecretStr
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.http.problems import problem
from cache.inbox import Accepted, InboxStream, Letter
from domain.clock import Clock
from domain.errors import BadSignature, InboxFull, StoreUnavailable
from domain.event import Delivery
from events import envelope
from events.envelope import Envelope, Received, Rejected
from sources.base import Inbox
from sources.signatures import SIGNATURE, check_bearer, check_signature

LARGEST_BODY = 2 * 1024 * 1024
"""Bytes of a request; a batch of a thousand events fits."""

MOST_EVENTS = 1_000
COME_BACK = {"Retry-After": "5"}


@dataclass(frozen=True, slots=True)
class Doors:
    """What the doors need.

    Attributes:
        inboxes: by configured id, where its events go: the inbox of its tenant.
        tokens: by configured id, the bearer token of who may send canonical events of a source.
        secrets: by configured id, what signs them by Standard Webhooks.
        own: by configured id, who verifies a source's own messages; only of sources whose secret is set.
        clock: when.
    """

    inboxes: Mapping[str, InboxStream]
    tokens: Mapping[str, SecretStr]
    secrets: Mapping[str, SecretStr]
    own: Mapping[str, Inbox]
    clock: Clock

    async def accept(self, letters: Sequence[Letter]) -> list[Accepted]:
        """Take the letters of one sender in, see `InboxStream.accept`.

        Raises:
            ValueError: they are of several tenants, which settings do not let one sender speak for; none is taken.
        """
        [inbox] = {self.inboxes[letter.source] for letter in letters}
        return await inbox.accept(letters)


def routes(doors: Doors) -> APIRouter:
    """`POST /events` and `POST /webhooks/{source}`."""
    router = APIRouter()

    @router.post("/events")
    async def events(request: Request) -> Response:
        """CloudEvents 1.0, one or many; each is taken or not for itself."""
        if not any(name in request.headers for name in ("authorization", SIGNATURE)):
            raise _unproven("neither a bearer token nor a signature")
        delivery = Delivery(await _body(request), dict(request.headers), doors.clock.now())
        sources = _senders(doors, delivery)
        received = envelope.read(delivery.headers, delivery.body)
        if len(received) > MOST_EVENTS:
            raise HTTPException(HTTPStatus.BAD_REQUEST, f"found {len(received)} events, allowed: {MOST_EVENTS}")
        checked = [_bound(each, sources) for each in received]
        return await _take(doors, checked, request)

    @router.post("/webhooks/{source}")
    async def webhook(source: str, request: Request) -> Response:
        """A message of a source's own, verified its own way."""
        inbox = doors.own.get(source)
        if inbox is None:
            raise HTTPException(HTTPStatus.NOT_FOUND, "no source of this name sends messages here")
        delivery = Delivery(await _body(request), dict(request.headers), doors.clock.now())
        try:
            inbox.verify(delivery)
        except BadSignature as error:
            raise HTTPException(HTTPStatus.UNAUTHORIZED, str(error)) from error
        kept = {name: value for name, value in delivery.headers.items() if name == "content-type"}
        name = hashlib.sha256(delivery.body).hexdigest()
        letter = Letter("message", source, name, delivery.body, delivery.received_at, _correlation(request), kept)
        [accepted] = await _accept(doors, [letter])
        return _answer(request, [{"id": name, "outcome": accepted.value, "reason": None}], [accepted])

    return router


def _senders(doors: Doors, delivery: Delivery) -> frozenset[str]:
    """The sources that the sender may speak for: those whose secret signed it, or whose token came with it.

    Raises:
        HTTPException: there is none.
    """
    check, proofs = (check_signature, doors.secrets) if SIGNATURE in delivery.headers else (check_bearer, doors.tokens)
    problems = {source: _problem(check, delivery, secret) for source, secret in proofs.items()}
    senders = frozenset(source for source, problem in problems.items() if problem is None)
    if not senders:
        raise _unproven(next(filter(None, problems.values()), "no source sends events this way"))
    return senders


def _problem(check: Callable[[Delivery, SecretStr], None], delivery: Delivery, secret: SecretStr) -> str | None:
    try:
        check(delivery, secret)
    except BadSignature as error:
        return str(error)
    return None


def _unproven(reason: str) -> HTTPException:
    return HTTPException(HTTPStatus.UNAUTHORIZED, reason, {"WWW-Authenticate": "Bearer"})


async def _body(request: Request) -> bytes:
    """The body; refused as soon as it is too large, before it is read whole."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"allowed: {LARGEST_BODY} bytes")
    return body


def _bound(received: Received, sources: frozenset[str]) -> Received:
    """A token lets events of its own sources in, and of no others."""
    if isinstance(received, Envelope) and received.source not in sources:
        return Rejected(received.id, f"source: found {received.source[:100]}, allowed: {', '.join(sorted(sources))}")
    return received


async def _take(doors: Doors, received: Sequence[Received], request: Request) -> Response:
    now, correlation_id = doors.clock.now(), _correlation(request)
    letters = [
        Letter("event", each.source, each.id, envelope.encode(each), now, each.correlationid or correlation_id, {})
        for each in received
        if isinstance(each, Envelope)
    ]
    outcomes = await _accept(doors, letters)
    answers = iter(outcomes)
    results = [
        {"id": each.id, "outcome": "REJECTED", "reason": each.reason}
        if isinstance(each, Rejected)
        else {"id": each.id, "outcome": next(answers).value, "reason": None}
        for each in received
    ]
    return _answer(request, results, outcomes)


async def _accept(doors: Doors, letters: Sequence[Letter]) -> list[Accepted]:
    try:
        return await doors.accept(letters) if letters else []
    except InboxFull as error:
        raise HTTPException(HTTPStatus.TOO_MANY_REQUESTS, str(error), COME_BACK) from error
    except StoreUnavailable as error:
        raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, "nothing can be kept just now", COME_BACK) from error


def _answer(request: Request, results: Sequence[Mapping[str, object]], outcomes: Sequence[Accepted]) -> Response:
    accepted = sum(outcome is Accepted.ACCEPTED for outcome in outcomes)
    told = {"accepted": accepted, "results": list(results)}
    if not outcomes:
        return problem(request, HTTPStatus.BAD_REQUEST, "none of the events can be taken", members=told)
    return JSONResponse(told, HTTPStatus.ACCEPTED)


def _correlation(request: Request) -> str:
    return str(getattr(request.state, "correlation_id", uuid4().hex))
