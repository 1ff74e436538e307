"""Whether the process lives, and whether it can answer."""

from collections.abc import Collection
from http import HTTPStatus

from fastapi import APIRouter, Response

from resolvers.context import Gateway


def routes(gateways: Collection[Gateway]) -> APIRouter:
    """`/healthz` and `/readyz`; both say nothing that a stranger should not know."""
    router = APIRouter()

    @router.get("/healthz")
    async def healthz() -> dict[str, str]:
        """The process answers."""
        return {"status": "ok"}

    @router.get("/readyz")
    async def readyz(response: Response) -> dict[str, object]:
        """The schema is loaded, sources are wired and the store answers; a failing source does not count.

        A gateway without its store still answers, directly from the sources; others should be asked first.
        """
        is_up = all(gateway.reader.memory.is_up for gateway in gateways)
        response.status_code = HTTPStatus.OK if is_up else HTTPStatus.SERVICE_UNAVAILABLE
        status = "ready" if is_up else "the store cannot be used"
        return {"status": status, "sources": sum(len(gateway.reader.upstreams) for gateway in gateways)}

    return router
