"""GraphQL over HTTP: media types, parameters and statuses, to the letter of the GraphQL-over-HTTP specification.

https://graphql.github.io/graphql-over-http/draft/
"""

import hashlib
from collections.abc import AsyncGenerator, Awaitable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Any, cast

import msgspec
from starlette.datastructures import Headers, QueryParams
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HTTPRequest
from starlette.responses import Response, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from app.http.callers import Callers
from app.http.heartbeat import with_heartbeats
from app.http.whole import Reply, Whole
from cache.grounds import Grounds
from domain.errors import MAX_ECHO, RequestError, TooManyRequests
from resolvers.again import KeptAnswer, Served
from resolvers.context import Context
from resolvers.keeping import is_wanted, keep
from resolvers.operation import AT_ONCE, QUERIES, Answer, Operations, Request, status_of

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"
EVENT_STREAM = "text/event-stream"

Parameters = Mapping[str, Any]


class BadRequest(Exception):
    """The request is not one of GraphQL over HTTP.

    Args:
        status: of HTTP.
        message: what was found and what is allowed.
        code: the same, for machines.
        headers: that belong to the status.
    """

    def __init__(
        self, status: int, message: str, code: str = "BAD_REQUEST", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message
        self.code = code
        self.headers = headers or {}


@dataclass(frozen=True, slots=True)
class GraphQLDoor:
    """`GET` and `POST /graphql`, as an ASGI application.

    Args:
        callers: proves who asks.
        operations: carries out what is asked.
        largest_body: bytes of a request.
    """

    callers: Callers
    operations: Operations
    largest_body: int

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = HTTPRequest(scope, receive)
        media_type = _media_type(request.headers.get("accept", "*/*"), (GRAPHQL_RESPONSE, JSON)) or JSON
        response = await _guarded(self._respond(request), scope, media_type)
        if response is not None:
            await response(scope, receive, send)

    async def posted(self, request: Whole, media_type: str) -> Reply:
        """The answer to `POST /graphql`, of which nothing has to be checked any more but what is asked, and by whom.

        Args:
            request: with no more headers than those that prove who asks.
            media_type: of the answer.
        """
        return cast("Reply", await _guarded(self._post(request, media_type), request.scope, media_type))

    async def _respond(self, request: HTTPRequest) -> ASGIApp:
        media_type = _acceptable(request, (GRAPHQL_RESPONSE, JSON))
        match request.method:
            case "POST":
                body = await read_body(request, self.largest_body)
                return await self._post(Whole(request.scope, request.headers, body), media_type)
            case "GET":
                return await self._get(request, media_type)
            case _:
                allowed = {"Allow": "GET, POST"}
                raise BadRequest(HTTPStatus.METHOD_NOT_ALLOWED, "allowed: GET and POST", headers=allowed)

    async def _get(self, request: HTTPRequest, media_type: str) -> ASGIApp:
        asked = question(_of_query(request.query_params))
        context = await self.callers.context(request.scope, request.headers)
        return _cacheable(await self.operations.execute(asked, context, QUERIES), media_type, request.headers)

    async def _post(self, request: Whole, media_type: str) -> Reply:
        body = request.body
        asked = question(parameters_of(body))
        context = await self.callers.context(request.scope, request.headers)
        gateway, asked_by = context.gateway, (context.caller.audience, body)
        served = _served_again(gateway.kept.get(asked_by), context)
        if served is not None:
            return _json(served.body, HTTPStatus.OK, media_type, {"Cache-Control": "no-store", **served.budget.headers})
        if not is_wanted(gateway, asked_by):
            return _response(await self.operations.execute(asked, context, AT_ONCE), media_type)
        grounds = Grounds()
        answer = await self.operations.execute(asked, context.noting(grounds), AT_ONCE)
        keep(gateway, asked_by, answer.kept, grounds)
        return _response(answer, media_type)


@dataclass(frozen=True, slots=True)
class StreamDoor:
    """`GET` and `POST /graphql/stream`: graphql-sse, one connection for each operation.

    https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md#distinct-connections-mode
    """

    callers: Callers
    operations: Operations
    largest_body: int

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request with a stream of events."""
        request = HTTPRequest(scope, receive)
        response = await _guarded(self._respond(request), scope, JSON)
        if response is not None:
            await response(scope, receive, send)

    async def _respond(self, request: HTTPRequest) -> ASGIApp:
        _acceptable(request, (EVENT_STREAM,))
        if request.method not in {"GET", "POST"}:
            allowed = {"Allow": "GET, POST"}
            raise BadRequest(HTTPStatus.METHOD_NOT_ALLOWED, "allowed: GET and POST", headers=allowed)
        is_post = request.method == "POST"
        parameters = (
            parameters_of(await read_body(request, self.largest_body)) if is_post else _of_query(request.query_params)
        )
        context = await self.callers.context(request.scope, request.headers, stays=True)
        answers = self.operations.stream(question(parameters), context)
        first = await anext(answers)
        if (
            first.is_refused and first.is_readable
        ):  # what is wrong with a document is told in the stream, where clients look
            await answers.aclose()
            return _response(first, JSON)
        events = with_heartbeats(_events(first, answers), self.callers.seconds_left(context.caller))
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(events, media_type=EVENT_STREAM, headers=headers)


async def _events(first: Answer, answers: AsyncGenerator[Answer]) -> AsyncGenerator[bytes]:
    async with aclosing(answers):
        yield _event("next", first)
        async for answer in answers:
            yield _event("next", answer)
    yield b"event: complete\ndata:\n\n"


def _event(name: str, answer: Answer) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + msgspec.json.encode(answer.body) + b"\n\n"


async def _guarded(answering: Awaitable[ASGIApp], scope: Scope, media_type: str) -> ASGIApp | None:
    """The response; what is wrong with the request, or with who asks, is one, too. Null: nobody waits for it."""
    try:
        return await answering
    except ClientDisconnect:
        return None
    except BadRequest as error:
        body = _errors(error.message, error.code, scope)
        return _json(body, error.status, media_type, error.headers)
    except RequestError as error:
        status = status_of(error)
        headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else {}
        return _json(_errors(str(error), error.code, scope), status, media_type, headers)


def _errors(message: str, code: str, scope: Scope) -> bytes:
    extensions = {"code": code, "correlationId": scope["state"]["correlation_id"]}
    return msgspec.json.encode({"errors": [{"message": message, "extensions": extensions}]})


def _acceptable(request: HTTPRequest, offered: tuple[str, ...]) -> str:
    """The media type of the answer.

    Raises:
        BadRequest: the caller takes none of them.
    """
    accept = request.headers.get("accept", "*/*")
    media_type = _media_type(accept, offered)
    if media_type is None:
        raise BadRequest(
            HTTPStatus.NOT_ACCEPTABLE, f"accept: found {accept[:MAX_ECHO]!r}, allowed: {', '.join(offered)}"
        )
    return media_type


def _served_again(kept: KeptAnswer | None, context: Context) -> Served | None:
    """What was answered before to the same, if that still is the answer, and the caller may ask for it."""
    if kept is None:
        return None
    try:
        return kept.served(context.gateway, context.caller, context.address, context.correlation_id)
    except TooManyRequests:  # which is told as for every other operation
        return None


@lru_cache(maxsize=256)
def media_type_header(accept: bytes) -> bytes | None:
    """The content type of an answer to who takes these media types; null: there is none."""
    media_type = _media_type(accept.decode("latin-1"), (GRAPHQL_RESPONSE, JSON))
    return None if media_type is None else f"{media_type}; charset=utf-8".encode()


@lru_cache(maxsize=256)
def _media_type(accept: str, offered: tuple[str, ...]) -> str | None:
    """The best that is offered, by RFC 9110 section 12.5.1; of equals the first; anything: the last."""
    weights: dict[str, tuple[float, int]] = {}
    for place, each in enumerate(accept.lower().split(",")):
        name, *parameters = (part.strip() for part in each.split(";"))
        if "charset=" in each and "charset=utf-8" not in each.replace('"', ""):
            continue
        weights.setdefault(name, (_weight(parameters), -place))
    ranked = [(*_rank(offer, weights), place, offer) for place, offer in enumerate(offered)]
    best = max(ranked, default=None)
    return best[-1] if best and best[0] > 0 else None


def _rank(offer: str, weights: Mapping[str, tuple[float, int]]) -> tuple[float, int]:
    ranges = (offer, offer.split("/", maxsplit=1)[0] + "/*", "*/*")
    return next((weights[each] for each in ranges if each in weights), (0.0, 0))


def _weight(parameters: list[str]) -> float:
    given = next((each.removeprefix("q=") for each in parameters if each.startswith("q=")), "1")
    try:
        return float(given)
    except ValueError:
        return 0.0


async def read_body(request: HTTPRequest, largest: int) -> bytes:
    """The body of a POST.

    Raises:
        BadRequest: it is too large, or not said to be JSON.
    """
    _check_type(request.headers)
    return await _bytes(request, largest)


def parameters_of(body: bytes) -> Parameters:
    """The parameters of a POST.

    Raises:
        BadRequest: the body is not JSON, or not an object.
    """
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise BadRequest(HTTPStatus.BAD_REQUEST, "body: found something else, allowed: JSON") from error
    if not isinstance(found, dict):
        kind = "a batch: one operation a request" if isinstance(found, list) else type(found).__name__
        raise BadRequest(HTTPStatus.BAD_REQUEST, f"body: found {kind}, allowed: a JSON object")
    return found


def _check_type(headers: Headers) -> None:
    given = headers.get("content-type", "")
    name, *parameters = (each.strip().lower() for each in given.split(";"))
    charsets = {each.replace('"', "") for each in parameters if each.startswith("charset")}
    if name != JSON or not charsets <= {"charset=utf-8"}:
        found = f"content-type: found {given[:MAX_ECHO]!r}, allowed: {JSON}"
        raise BadRequest(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, found)


async def _bytes(request: HTTPRequest, largest: int) -> bytes:
    """The body; refused as soon as it is too large, before it is read whole."""
    told = request.headers.get("content-length", "0")
    body = b""
    if told.isdigit() and int(told) <= largest:
        async for chunk in request.stream():
            body += chunk
            if len(body) > largest:
                break
        else:
            return body
    raise BadRequest(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"body: allowed: {largest} bytes", "BODY_TOO_LARGE")


def _of_query(query: QueryParams) -> Parameters:
    """The parameters of a GET; objects are JSON in it."""
    given: dict[str, Any] = dict(query)
    for name in ("variables", "extensions"):
        if name in given:
            given[name] = _object_of(name, given[name])
    return given


def _object_of(name: str, text: str) -> Any:  # noqa: ANN401  # any JSON value: it is checked later
    try:
        return msgspec.json.decode(text or "null")
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadRequest(HTTPStatus.BAD_REQUEST, f"{name}: found something else, allowed: a JSON object") from error


PARAMETERS: tuple[tuple[str, type, str], ...] = (
    ("query", str, "text"),
    ("operationName", str, "text"),
    ("variables", dict, "an object"),
    ("extensions", dict, "an object"),
    ("documentId", str, "text"),
)


def question(parameters: Parameters) -> Request:
    """What is asked; `documentId` names a registered document.

    Raises:
        BadRequest: a parameter is not what it has to be.
    """
    for name, kind, allowed in PARAMETERS:
        given = parameters.get(name)
        if given is not None and not isinstance(given, kind):
            message = f"{name}: found {type(given).__name__}, allowed: {allowed}"
            raise BadRequest(HTTPStatus.BAD_REQUEST, message, "BAD_USER_INPUT")
    return Request(
        query=parameters.get("query"),
        variables=parameters.get("variables") or {},
        operation_name=parameters.get("operationName"),
        document_id=parameters.get("documentId") or _persisted(parameters.get("extensions") or {}),
    )


def _persisted(extensions: Parameters) -> str | None:
    """The id of a registered document as Apollo's clients spell it; nothing is ever registered by them."""
    told = extensions.get("persistedQuery")
    digest = told.get("sha256Hash") if isinstance(told, dict) else None
    return f"sha256:{digest}" if isinstance(digest, str) else None


def _response(answer: Answer, media_type: str) -> Reply:
    headers = {"Cache-Control": "no-store", **answer.headers}
    return _json(answer.encoded, _status(answer, media_type), media_type, headers)


def _status(answer: Answer, media_type: str) -> int:
    """Clients that take only JSON expect 200 for every answer that is a GraphQL response (section 6.4.1)."""
    return HTTPStatus.OK if media_type == JSON and not answer.is_readable else answer.status


def _cacheable(answer: Answer, media_type: str, asked: Headers) -> ASGIApp:
    """An answer to GET, with a validator of its data (RFC 9110, section 8.8.3)."""
    if answer.is_refused:
        return _response(answer, media_type)
    digest = hashlib.sha256(msgspec.json.encode([answer.body["data"], answer.body.get("errors")]))
    tag = f'W/"{digest.hexdigest()[:32]}"'
    headers = {"Cache-Control": "private, no-cache", "ETag": tag, **answer.headers}
    if tag in {each.strip() for each in asked.get("if-none-match", "").split(",")}:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers | VARY)
    return _json(answer.encoded, _status(answer, media_type), media_type, headers)


VARY = {"Vary": "Accept, Authorization, X-API-Key"}


def _json(body: bytes, status: int, media_type: str, headers: Mapping[str, str]) -> Reply:
    own = {"Content-Type": f"{media_type}; charset=utf-8"}
    return Reply(body, status, {**headers, **VARY, **own})
