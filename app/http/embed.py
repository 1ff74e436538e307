"""Sessions for panels: `POST /embed/v1/sessions`."""

from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from app.identity.authentication import Authentication
from app.identity.session_request import SessionRequest

LARGEST_BODY = 64 * 1024


def routes(identity: Authentication) -> APIRouter:
    """Sessions, opened for programs that have proved who they are."""
    router = APIRouter()

    @router.post("/embed/v1/sessions")
    async def sessions(request: Request) -> Response:
        """Open one; its token is told once, to whoever asked, and is never kept."""
        caller = await identity.caller(request.headers)
        session = identity.sessions.open(caller, SessionRequest.read(await _body(request)))
        told = {"token": session.token, "expiresAt": session.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ")}
        return JSONResponse(told, HTTPStatus.CREATED, {"Cache-Control": "no-store"})

    return router


async def _body(request: Request) -> bytes:
    """The body.

    Raises:
        HTTPException: it is not JSON, or too large; found out before it is read whole.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "allowed: application/json")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"allowed: {LARGEST_BODY} bytes")
    return body
