"""GraphQL over WebSocket: graphql-transport-ws, and nothing older.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from json import JSONDecodeError
from typing import Any, cast

import msgspec
from starlette.requests import Request as HTTPRequest
from starlette.responses import Response
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import Operation as Subscribed
from strawberry.types.unset import UNSET

from app.http.callers import Callers
from app.http.graphql import BadRequest, question
from cache.stopping import stop
from domain.errors import RequestError
from resolvers.context import Context
from resolvers.echo import shown
from resolvers.operation import Answer, Operations
from resolvers.schema import schema

PATIENCE = timedelta(seconds=3)
"""How long a connection may be silent before it says who it is."""

MOST_OPERATIONS = 100
"""Operations on one connection that are under way at once."""

FORBIDDEN = 4403
"""The protocol's code for who may not, or may no longer, be connected."""

PROOFS = ("authorization", "x-api-key")


@dataclass(slots=True)
class Connection:
    """One connection.

    Attributes:
        websocket: of which.
        connection_params: what its client said at the beginning; it may prove who asks.
        context: of what is asked over it; null until that is proved.
    """

    websocket: WebSocket
    connection_params: Mapping[str, Any] | None = None
    context: Context | None = None


class _Message(msgspec.Struct):
    """What every message has in common, as far as it is there."""

    type: str
    id: str = ""
    payload: dict[str, Any] | None = None


class SocketHandler(BaseGraphQLTransportWSHandler[Connection, None]):
    """Strawberry's side of the protocol; what is asked is carried out our way."""

    _ending: asyncio.Task[None] | None = None

    async def handle_message(self, message: Any) -> None:  # noqa: ANN401  # a message of the protocol, or any other JSON
        """Take one in, if it is one."""
        try:
            msgspec.convert(message, _Message)
        except msgspec.ValidationError as error:
            await self.handle_invalid_message(shown(str(error)))
            return
        await super().handle_message(message)

    async def handle_connection_init(self, message: Any) -> None:  # noqa: ANN401  # a message of the protocol
        """Let the client in for as long as its proof holds."""
        await super().handle_connection_init(message)
        if self.connection_acknowledged and self._ending is None:
            self._ending = asyncio.create_task(self._end_in_time())

    async def shutdown(self) -> None:
        """End everything that is under way."""
        await super().shutdown()
        if self._ending is not None:
            await stop([self._ending])

    async def handle_subscribe(self, message: Any) -> None:  # noqa: ANN401  # as above
        """Begin one. All of its parameters stand for its query: Strawberry knows no `documentId`."""
        await super().handle_subscribe(message | {"payload": {"query": message["payload"] or {}}})

    async def run_operation(self, operation: Subscribed[Connection, None]) -> None:
        """Carry one out."""
        parameters = cast("Mapping[str, Any]", operation.query)
        async with aclosing(self._door.answers(parameters, self.context)) as answers:
            async for answer in answers:
                if answer.is_refused:
                    errors = list(answer.body["errors"])
                    await operation.send_operation_message({"id": operation.id, "type": "error", "payload": errors})
                    return
                payload = cast("Any", answer.body)
                await operation.send_operation_message({"id": operation.id, "type": "next", "payload": payload})
        await operation.send_operation_message({"id": operation.id, "type": "complete"})

    @property
    def _door(self) -> "SocketDoor":
        return cast("SocketDoor", self.view)

    async def _end_in_time(self) -> None:
        left = self._door.seconds_left(self.context)
        if left is not None:
            await asyncio.sleep(left)
            await self.websocket.close(code=FORBIDDEN, reason="Forbidden: the proof of who asks has expired")


class SocketDoor(GraphQL[Any, None]):
    """`WS /graphql`.

    Args:
        callers: proves who asks.
        operations: carries out what is asked.
        origins: web origins, besides its own, whose pages may connect; programs that are not pages say none.
    """

    graphql_transport_ws_handler_class = SocketHandler

    def __init__(self, callers: Callers, operations: Operations, origins: Sequence[str] = ()) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=PATIENCE,
            max_subscriptions_per_connection=MOST_OPERATIONS,
            allowed_origins=origins,
        )
        self._callers = callers
        self._operations = operations

    def decode_json(self, data: str | bytes) -> object:
        """A message as JSON values.

        Raises:
            JSONDecodeError: it is none, or nested without end.
        """
        try:
            return msgspec.json.decode(data)
        except (msgspec.DecodeError, RecursionError) as error:
            raise JSONDecodeError(str(error), "", 0) from error

    def encode_json(self, data: object) -> str:
        """A message; clients read text frames."""
        return msgspec.json.encode(data).decode()

    async def get_context(self, request: HTTPRequest | WebSocket, response: Response | WebSocket) -> Any:  # noqa: ANN401, ARG002  # Strawberry's signature
        """What is known of the connection."""
        return Connection(cast("WebSocket", request))

    async def on_ws_connect(self, context: Connection) -> Any:  # noqa: ANN401  # Strawberry's mark for no answer of ours
        """Prove who is connected, by what its client says or by the headers."""
        websocket = context.websocket
        proof = {**websocket.headers, **_proofs(context.connection_params or {})}
        try:
            context.context = await self._callers.context(websocket.scope, proof, stays=True)
        except RequestError as error:
            raise ConnectionRejectionError from error
        return UNSET

    def seconds_left(self, connection: Connection) -> float | None:
        """For how long the client may be connected; null: as long as it likes."""
        return self._callers.seconds_left(connection.context.caller) if connection.context else 0.0

    async def answers(self, parameters: Mapping[str, Any], connection: Connection) -> AsyncGenerator[Answer]:
        """Every answer to one operation; each operation has a context of its own."""
        if connection.context is None:
            return
        context = connection.context.afresh()
        try:
            asked = question(parameters)
        except BadRequest as error:
            told = {"message": error.message, "extensions": {"code": error.code}}
            yield Answer({"errors": [told]}, error.status)
            return
        async with aclosing(self._operations.stream(asked, context)) as answers:
            async for answer in answers:
                yield answer


def _proofs(said: Mapping[str, Any]) -> Mapping[str, str]:
    given = {name.lower(): value for name, value in said.items() if isinstance(value, str)}
    return {name: given[name] for name in PROOFS if name in given}
