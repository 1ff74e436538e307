"""The bot's answer as JSON: the registered operation, asked with a query string."""

from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec
from fastapi import APIRouter
from fastapi import Request as HTTPRequest
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.http.callers import Callers
from domain.errors import RequestError
from resolvers.operation import QUERIES, Answer, Operations, Request, status_of

OPERATION = (Path(__file__).parent.parent / "operations" / "eta.graphql").read_text(encoding="utf-8")

KEYS = ("orderNumber", "trackingNumber", "shipmentId", "purchaseOrderNumber", "invoiceNumber", "caseNumber")
FRESHNESS = ("maxAge", "deadline", "onStale")
OTHERS = ("locale", "timeZone", "postalCode")

NOT_FOUND = "nothing is known under this number, or the postal code is not that of its delivery"
"""One answer to both: who guesses numbers learns nothing."""


def routes(callers: Callers, operations: Operations) -> APIRouter:
    """`GET /v1/eta`: one number, and what else `eta` takes, e.g. `?orderNumber=SO-1001&locale=de`."""
    router = APIRouter()

    @router.get("/v1/eta")
    async def eta(request: HTTPRequest) -> Response:
        """The answer; 404 for what nobody knows, 400 with the name of the field for what cannot be read."""
        try:
            context = await callers.context(request.scope, request.headers)
        except RequestError as error:
            raise refusal(error) from error
        asked = Request(OPERATION, _variables(request.query_params))
        answered = await operations.execute(asked, context, QUERIES)
        if "errors" in answered.body:
            raise _refusal(answered)
        told = answered.body["data"]["eta"]
        if told is None:
            raise HTTPException(HTTPStatus.NOT_FOUND, NOT_FOUND)
        headers = {"Cache-Control": "no-store"}
        return Response(msgspec.json.encode(told), media_type="application/json", headers=headers)

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


def refusal(error: RequestError) -> HTTPException:
    """A refusal as problem details."""
    status = status_of(error)
    headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else None
    return HTTPException(status, str(error), headers)


def _refusal(answer: Answer) -> HTTPException:
    error = answer.body["errors"][0]
    codes = {
        "BAD_USER_INPUT": HTTPStatus.BAD_REQUEST,
        "FORBIDDEN": HTTPStatus.FORBIDDEN,
        "RATE_LIMITED": HTTPStatus.TOO_MANY_REQUESTS,
        "STORE_UNAVAILABLE": HTTPStatus.SERVICE_UNAVAILABLE,
    }
    status = codes.get(error["extensions"]["code"], HTTPStatus.INTERNAL_SERVER_ERROR)
    return HTTPException(status, error["message"], dict(answer.headers))
