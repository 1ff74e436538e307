"""From a connection to the context of what is asked over it: who asks, and under which correlation id."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from starlette.types import Scope

from domain.caller import Caller
from domain.errors import Unauthenticated
from resolvers.context import Context, Gateway


class Identity(Protocol):
    """Proves who asks."""

    def known(self, headers: Mapping[str, str]) -> Caller | None:
        """Who asks, if that was proved lately; null: it has to be proved.

        Args:
            headers: as below.

        Raises:
            Unauthenticated: nothing could prove it.
        """

    async def caller(self, headers: Mapping[str, str]) -> Caller:
        """Who asks.

        Args:
            headers: of the request, with names in lower case.

        Raises:
            Unauthenticated: nothing proves it.
        """


@dataclass(frozen=True, slots=True)
class Callers:
    """Who asks this gateway.

    Args:
        identity: proves it.
        gateways: what is asked, by tenant.
    """

    identity: Identity
    gateways: Mapping[str, Gateway]

    async def context(self, scope: Scope, headers: Mapping[str, str], *, stays: bool = False) -> Context:
        """The context of one operation.

        Args:
            scope: of the connection.
            headers: what proves who asks.
            stays: whether the connection goes on after the first answer.

        Raises:
            Unauthenticated: nothing does, or there is nothing here for them.
        """
        caller = await self.identity.caller(headers)
        gateway = self.gateways.get(caller.tenant)
        if gateway is None:
            raise Unauthenticated("its tenant is not served here")
        state = scope["state"]
        return Context(
            gateway=gateway,
            caller=caller,
            correlation_id=state["correlation_id"],
            traceparent=state["traceparent"],
            received_at=None if stays else gateway.reader.clock.monotonic(),
            address=scope["client"][0] if scope.get("client") else None,
        )

    def seconds_left(self, caller: Caller) -> float | None:
        """For how long the proof holds; null: until it is withdrawn."""
        if caller.expires_at is None:
            return None
        return max(0.0, (caller.expires_at - self._now(caller)).total_seconds())

    def _now(self, caller: Caller) -> datetime:
        return self.gateways[caller.tenant].reader.clock.now()
