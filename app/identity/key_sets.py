"""The public keys of an issuer (RFC 7517): fixed, or published by it and fetched when they are needed."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol
from uuid import uuid4

import structlog
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key, KeySet

from domain.call import Call
from domain.clock import Clock
from domain.errors import SourceError, Unauthenticated, UnusableAnswer
from sources.http import Http, Limits, Request

log = structlog.get_logger()

PUBLIC_KINDS = ("RSA", "EC", "OKP")
BELIEVED = timedelta(minutes=10).total_seconds()
"""How long fetched keys are used before they are fetched again."""
PAUSE = timedelta(minutes=1).total_seconds()
"""The least time between two fetches, however many unknown keys tokens name: a flood of them reaches nobody."""
FIRST_PAUSE = timedelta(seconds=5).total_seconds()
"""The same as long as there are no keys at all, and nobody can get in."""
PATIENCE = timedelta(seconds=2)
LIMITS = Limits(PATIENCE, PATIENCE, concurrency=1, max_body_bytes=256 * 1024)


def read_keys(document: object) -> KeySet:
    """The keys of a JWK Set that check signatures; what is for something else, or not readable, is left out.

    Raises:
        ValueError: there are none.
    """
    listed = document.get("keys") if isinstance(document, dict) else None
    keys = [key for each in listed if (key := _read_key(each))] if isinstance(listed, list) else []
    if not keys:
        raise ValueError("a JWK Set (RFC 7517) with at least one public key that checks signatures")
    return KeySet(keys)


def _read_key(each: object) -> Key | None:
    if not isinstance(each, dict) or each.get("kty") not in PUBLIC_KINDS or each.get("use", "sig") != "sig":
        return None
    try:
        return JWKRegistry.import_key(each)
    except (JoseError, ValueError, TypeError, KeyError):  # one that is broken must not spoil its neighbours
        return None


class Keys(Protocol):
    """Where the keys of an issuer come from."""

    async def holding(self, kid: str | None) -> KeySet:
        """Its keys, if possible with the one of this id.

        Raises:
            Unauthenticated: there are none just now.
        """

    async def check(self) -> int:
        """Get them now, and say how many there are.

        Raises:
            SourceError: they cannot be had.
        """

    async def aclose(self) -> None:
        """Close every connection."""


class FixedKeys:
    """Keys that settings state."""

    def __init__(self, document: object) -> None:
        self._keys = read_keys(document)

    async def holding(self, kid: str | None) -> KeySet:  # noqa: ARG002  # they are what they are
        """See `Keys.holding`."""
        return self._keys

    async def check(self) -> int:
        """See `Keys.check`."""
        return len(self._keys.keys)

    async def aclose(self) -> None:
        """See `Keys.aclose`."""


class PublishedKeys:
    """Keys that an issuer publishes. Those that were fetched are used on while it cannot be reached."""

    def __init__(
        self, issuer: str, url: str, clock: Clock, on_rotation: Callable[[], None], *, allow_private: bool = False
    ) -> None:
        self._issuer, self._clock, self._on_rotation = issuer, clock, on_rotation
        self._http = Http(issuer, url, limits=LIMITS, clock=clock, allow_private=allow_private)
        self._keys: KeySet | None = None
        self._believed_until = self._again_at = clock.monotonic()
        self._fetching = asyncio.Lock()

    async def holding(self, kid: str | None) -> KeySet:
        """See `Keys.holding`."""
        if self._must_wait(kid):
            async with self._fetching:
                if self._is_due(kid):  # else somebody has fetched them meanwhile
                    await self._refresh()
        if self._keys is None:
            raise Unauthenticated("the keys of the token's issuer cannot be had just now; come again")
        return self._keys

    async def check(self) -> int:
        """See `Keys.check`."""
        return len((await self._fetched()).keys)

    async def aclose(self) -> None:
        """See `Keys.aclose`."""
        await self._http.aclose()

    def _has(self, kid: str | None) -> bool:
        return self._keys is not None and (kid is None or any(key.kid == kid for key in self._keys))

    def _must_wait(self, kid: str | None) -> bool:
        """Whether to fetch, or to wait for a fetch under way; who needs nothing new goes on with what there is."""
        return not self._has(kid) if self._fetching.locked() else self._is_due(kid)

    def _is_due(self, kid: str | None) -> bool:
        now = self._clock.monotonic()
        return now >= self._again_at and (now >= self._believed_until or not self._has(kid))

    async def _refresh(self) -> None:
        """Fetch them once; the pause begins before, so that who leaves in between cannot have it begin anew."""
        self._again_at = self._clock.monotonic() + (PAUSE if self._keys else FIRST_PAUSE)
        try:
            keys = await self._fetched()
        except SourceError as error:
            log.warning("the keys of an issuer cannot be had", issuer=self._issuer, reason=str(error))
            return
        self._again_at = self._clock.monotonic() + PAUSE
        self._believed_until = self._clock.monotonic() + BELIEVED
        has_changed = self._keys is not None and self._keys != keys
        self._keys = keys
        if has_changed:
            log.info("an issuer has changed its keys", issuer=self._issuer, keys=len(keys.keys))
            self._on_rotation()

    async def _fetched(self) -> KeySet:
        call = Call(self._clock.monotonic() + PATIENCE.total_seconds(), uuid4().hex)
        answer = await self._http.send(Request("GET", ""), call)
        try:
            return read_keys(answer.json())
        except ValueError as error:
            raise self._http.spoiled(UnusableAnswer(self._issuer, f"found none of {error}"), call) from error
