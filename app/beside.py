"""What a command needs that works on the state of a gateway that runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.settings import Configuration
from app.state import running_state
from app.tenancy import Tenancy
from app.wiring import build
from domain.errors import InvalidRequest, StoreUnavailable
from domain.identity import MAIN_TENANT


@asynccontextmanager
async def beside(configuration: Configuration, tenant: str = MAIN_TENANT) -> AsyncIterator[Tenancy]:
    """One tenant's part of a gateway beside one that runs, with the same state, that neither serves nor works.

    Raises:
        InvalidRequest: there is no such tenant.
        StoreUnavailable: the state cannot be used.
    """
    if tenant not in configuration.tenants:
        raise InvalidRequest(field="--tenant", found=tenant, allowed=", ".join(sorted(configuration.tenants)))
    wired = build(configuration, running_state(configuration.gateway))
    tenancy = wired.tenancies[tenant]
    await wired.server.open()
    await tenancy.open(has_worker=False, has_pollers=False)
    try:
        if not wired.server.is_up:
            raise StoreUnavailable("it does not answer")
        yield tenancy
    finally:
        await wired.aclose()
