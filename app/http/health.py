"""Whether the process lives, and whether it can answer."""

from fastapi import APIRouter

from resolvers.context import Gateway


def routes(gateway: Gateway) -> APIRouter:
    """`/healthz` and `/readyz`; both say nothing that a stranger should not know."""
    router = APIRouter()

    @router.get("/healthz")
    async def healthz() -> dict[str, str]:
        """The process answers."""
        return {"status": "ok"}

    @router.get("/readyz")
    async def readyz() -> dict[str, object]:
        """The schema is loaded and the sources are wired; a failing source does not make the gateway unready."""
        return {"status": "ready", "sources": len(gateway.statuses())}

    return router
