"""API keys of programs. Settings hold their SHA-256 only, so whoever reads the settings cannot ask.

A plain hash is right here: a key is 256 random bits, which nobody finds by trying, however fast trying is. Slow, salted
hashes protect what people choose; here they would only make each request slow.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime

from app.identity.settings import ApiKeySettings
from domain.caller import Caller, Role
from domain.clock import Clock
from domain.errors import InvalidRequest, Unauthenticated

PREFIX = "cf_"
"""How keys begin, so that a scanner of repositories can tell one."""

BYTES = 32
LEAST_CHARACTERS = 32


class ApiKeys:
    """The keys that settings name."""

    def __init__(self, settings: Iterable[ApiKeySettings], clock: Clock) -> None:
        self._clock = clock
        self._callers = tuple((bytes.fromhex(each.sha256.get_secret_value()), _caller(each)) for each in settings)

    def caller(self, key: str) -> Caller:
        """Who has a key; how long the answer takes tells nothing of how much of the key is right.

        Raises:
            Unauthenticated: nobody, or not any more.
        """
        digest = hashlib.sha256(key.encode()).digest()
        found = [caller for known, caller in self._callers if hmac.compare_digest(known, digest)]
        if not found:
            raise Unauthenticated("this API key is not known")
        if not _holds(found[0], self._clock.now()):
            raise Unauthenticated("this API key is expired")
        return found[0]

    def count(self) -> int:
        """How many can be used just now."""
        now = self._clock.now()
        return sum(_holds(caller, now) for _, caller in self._callers)


def new_key() -> str:
    """A key that nobody has had before."""
    return PREFIX + secrets.token_urlsafe(BYTES)


def hashed(key: str) -> str:
    """What settings hold of a key.

    Raises:
        InvalidRequest: it is so short that it may have been chosen, not drawn.
    """
    if len(key) < LEAST_CHARACTERS or not key.isascii():
        allowed = f"at least {LEAST_CHARACTERS} ASCII characters, drawn at random; `casefold keys new` makes one"
        raise InvalidRequest("key", f"{len(key)} characters", allowed)
    return hashlib.sha256(key.encode()).hexdigest()


def settings_table(client: str, key: str, roles: Iterable[Role], bounds: Mapping[str, str | None]) -> str:
    """The table for `casefold.toml`; texts and lists of texts are in TOML as in JSON.

    Args:
        client: id of the program.
        key: its key, of which only the hash is told.
        roles: what it is here for.
        bounds: `tenant`, `customer` and `origin`, each null if it is not bound.
    """
    table = {"id": client, "sha256": hashed(key), "roles": sorted(role.value for role in roles)}
    table |= {name: value for name, value in bounds.items() if value is not None}
    return "[[api_keys]]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in table.items())


def _holds(caller: Caller, now: datetime) -> bool:
    return caller.expires_at is None or now < caller.expires_at


def _caller(settings: ApiKeySettings) -> Caller:
    return Caller(
        client=settings.id,
        roles=settings.roles,
        tenant=settings.tenant,
        customer=settings.customer,
        origin=settings.origin,
        expires_at=settings.not_after,
    )
