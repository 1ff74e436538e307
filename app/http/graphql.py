"""GraphQL over HTTP, and over WebSocket (graphql-transport-ws)."""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.schema import BaseSchema
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from resolvers.context import Context, Gateway
from resolvers.schema import schema


class GraphQLDoor(GraphQL[Context, None]):
    """Strawberry's ASGI app, given our context."""

    def __init__(self, gateway: Gateway, exposed: BaseSchema = schema) -> None:
        # GraphiQL would load its scripts from elsewhere.
        super().__init__(exposed, graphql_ide=None, subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,))
        self._gateway = gateway

    def encode_json(self, data: object) -> bytes:
        """The answer as bytes."""
        return msgspec.json.encode(data)

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Any:  # noqa: ANN401, ARG002  # Strawberry's signature
        """What the resolvers of one request are given."""
        return Context(
            gateway=self._gateway,
            correlation_id=request.state.correlation_id,
            traceparent=request.state.traceparent,
            received_at=self._gateway.reader.clock.monotonic() if request.scope["type"] == "http" else None,
        )
