"""The bot's answer as JSON: the registered operation, asked with a query string."""

from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.responses import Response

from resolvers.context import Context, Gateway
from resolvers.schema import schema

OPERATION = (Path(__file__).parent.parent / "operations" / "eta.graphql").read_text(encoding="utf-8")

KEYS = ("orderNumber", "trackingNumber", "shipmentId", "purchaseOrderNumber", "invoiceNumber", "caseNumber")
FRESHNESS = ("maxAge", "deadline", "onStale")
OTHERS = ("locale", "timeZone", "postalCode")

NOT_FOUND = "nothing is known under this number, or the postal code is not that of its delivery"
"""One answer to both: who guesses numbers learns nothing."""


def routes(gateway: Gateway) -> APIRouter:
    """`GET /v1/eta`: one number, and what else `eta` takes, e.g. `?orderNumber=SO-1001&locale=de`."""
    router = APIRouter()

    @router.get("/v1/eta")
    async def eta(request: Request) -> Response:
        """The answer; 404 for what nobody knows, 400 with the name of the field for what cannot be read."""
        context = Context(
            gateway=gateway,
            correlation_id=request.state.correlation_id,
            traceparent=request.state.traceparent,
            received_at=gateway.reader.clock.monotonic(),
        )
        result = await schema.execute(OPERATION, _variables(request.query_params), context_value=context)
        if result.errors:
            raise _refusal(result.errors[0])
        answer = (result.data or {}).get("eta")
        if answer is None:
            raise HTTPException(HTTPStatus.NOT_FOUND, NOT_FOUND)
        headers = {"Cache-Control": "no-store"}
        return Response(msgspec.json.encode(answer), media_type="application/json", headers=headers)

    return router


def _variables(query: QueryParams) -> dict[str, Any]:
    """The variables of the operation.

    Raises:
        HTTPException: a parameter is not known or there twice, or it is not exactly one number that is asked about.
    """
    for name in query:
        if name not in {*KEYS, *FRESHNESS, *OTHERS}:
            raise _mistake(name, f"not a parameter, allowed: {', '.join((*KEYS, *FRESHNESS, *OTHERS))}")
        if len(query.getlist(name)) > 1:
            raise _mistake(name, f"found {len(query.getlist(name))} times, allowed: once")
    key = {name: query[name] for name in KEYS if name in query}
    if len(key) != 1:
        raise _mistake("key", f"found {len(key)} numbers, allowed: exactly one of {', '.join(KEYS)}")
    freshness = {name: query[name] for name in FRESHNESS if name in query}
    return {"key": key, "freshness": freshness or None} | {name: query[name] for name in OTHERS if name in query}


def _mistake(name: str, told: str) -> HTTPException:
    return HTTPException(HTTPStatus.BAD_REQUEST, f"{name}: {told}")


def _refusal(error: Any) -> HTTPException:  # noqa: ANN401  # of graphql-core
    codes = {"BAD_USER_INPUT": HTTPStatus.BAD_REQUEST, "STORE_UNAVAILABLE": HTTPStatus.SERVICE_UNAVAILABLE}
    code = str((error.extensions or {}).get("code"))
    return HTTPException(codes.get(code, HTTPStatus.INTERNAL_SERVER_ERROR), error.message)
