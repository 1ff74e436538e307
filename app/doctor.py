"""Checks a configuration against the systems it names, and says what to do about what is wrong."""

import asyncio
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from app.connected import Connected
from app.identity.authentication import Authentication
from app.identity.tokens import Issuer
from app.settings import Configuration
from app.state import kept_state
from app.wiring import build
from cache.server import Server
from domain.call import Call
from domain.clock import SystemClock
from domain.errors import ProblemCode, SourceError, StoreError, StoreForgets, StoreInUse, StoreUnavailable

PATIENCE = timedelta(seconds=10)
NOWHERE = "unix:///dev/null"
"""For a gateway that is put together only to ask its sources."""

ADVICE: Mapping[ProblemCode, str] = {
    ProblemCode.UNREACHABLE: "check base_url, and that the system runs and can be reached from here; a name on the "
    "premises needs allow_private = true",
    ProblemCode.TIMEOUT: "it is there but slow: ask its operators, or raise timeout",
    ProblemCode.RATE_LIMITED: "it limits our calls: wait, or lower concurrency",
    ProblemCode.NOT_FOUND: "check the path in base_url",
    ProblemCode.BAD_RESPONSE: "check that base_url is the system of this adapter, and its version",
    ProblemCode.CIRCUIT_OPEN: "it failed many times: see its own log",
    ProblemCode.DEADLINE_EXCEEDED: "too many calls at once: raise concurrency",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one part.

    Attributes:
        part: which part.
        is_well: whether it works.
        says: what was found.
        advice: what to do, if it does not work.
    """

    part: str
    is_well: bool
    says: str
    advice: str = ""

    def __str__(self) -> str:
        mark = "ok  " if self.is_well else "FAIL"
        return f"{mark}  {self.part:<20}{self.says}" + (f"\n      -> {self.advice}" if self.advice else "")


async def examine(configuration: Configuration) -> list[Finding]:
    """Examine every part; never raises for a part that fails."""
    with ExitStack() as stack:
        try:
            redis_url = stack.enter_context(kept_state(configuration.gateway))
        except StoreError as error:
            redis_url, store = NOWHERE, _unwell(error)
        else:
            store = await _store(redis_url)
        wired = build(configuration, redis_url)
        try:
            checks = (_source(each, configuration) for each in wired.connected)
            issuers = (_issuer(each) for each in wired.identity.tokens.issuers)
            found = await asyncio.gather(*checks, *issuers)
        finally:
            await wired.aclose()
    return [_settings(configuration), store, _callers(wired.identity), *found]


def _settings(configuration: Configuration) -> Finding:
    count, tenants = len(configuration.sources), len(configuration.tenants)
    if count:
        of_whom = f" of {tenants} tenants" if tenants > 1 else ""
        return Finding("settings", is_well=True, says=f"read, {count} sources{of_whom}")
    advice = "add a [[sources]] table to casefold.toml; `casefold sources` lists the adapters"
    return Finding("settings", is_well=False, says="no source is configured", advice=advice)


async def _store(redis_url: str) -> Finding:
    """Whether the store answers, and keeps what it is given."""
    server = Server(redis_url)
    try:
        await server.open()
        if not server.is_up:
            return _unwell(StoreUnavailable("it cannot be reached"))
        return Finding("store", is_well=True, says="answers, and keeps what it is given")
    except StoreError as error:
        return _unwell(error)
    finally:
        await server.aclose()


def _unwell(error: StoreError) -> Finding:
    match error:
        case StoreInUse():
            advice = "a gateway is running here: ask that one, or stop it, or give this one another data_dir"
        case StoreForgets():
            advice = "set maxmemory-policy noeviction in its redis.conf"
        case _:
            advice = "check redis_url (CASEFOLD_REDIS_URL), and that it runs; without it one is started under data_dir"
    return Finding("store", is_well=False, says=str(error), advice=advice)


def _callers(identity: Authentication) -> Finding:
    """Whether anybody can prove who they are."""
    keys, issuers = identity.api_keys.count(), len(identity.tokens.issuers)
    ways = [f"API keys: {keys}"] * bool(keys) + [f"issuers of tokens: {issuers}"] * bool(issuers)
    if identity.stranger:
        ways.append("whoever brings no proof, as " + ", ".join(sorted(role.value for role in identity.stranger.roles)))
    if ways:
        return Finding("callers", is_well=True, says=f"may ask; {'; '.join(ways)}")
    advice = "`casefold keys new --role agent` makes an API key, and the table for casefold.toml; or add [[issuers]]"
    return Finding("callers", is_well=False, says="nobody can prove who they are", advice=advice)


async def _issuer(issuer: Issuer) -> Finding:
    part = f"issuer {issuer.name}"
    try:
        count = await issuer.keys.check()
    except SourceError as error:
        advice = "check jwks_url, and that it can be reached from here; its tokens are refused until it answers once"
        return Finding(part, is_well=False, says=str(error), advice=advice)
    return Finding(part, is_well=True, says=f"public keys: {count}")


async def _source(connected: Connected, configuration: Configuration) -> Finding:
    clock = SystemClock()
    part = f"source {connected.settings.id}"
    if connected.client is None:
        return _only_sends(part, connected)
    started = clock.monotonic()
    try:
        await connected.client.check(Call(deadline=started + PATIENCE.total_seconds(), correlation_id=uuid4().hex))
    except SourceError as error:
        return Finding(part, is_well=False, says=str(error), advice=_advice(connected, error, configuration))
    took = (clock.monotonic() - started) * 1_000
    return Finding(part, is_well=True, says=f"{connected.source.vendor} answered in {took:.0f} ms")


def _only_sends(part: str, connected: Connected) -> Finding:
    """A source that cannot be asked is well if it can prove who it is."""
    if connected.inbox or connected.settings.events_token or connected.settings.events_secret:
        return Finding(part, is_well=True, says=f"{connected.source.vendor} sends, and is not asked")
    advice = "set webhook_secret, which it proves itself with"
    return Finding(part, is_well=False, says="nothing that it sends would be taken", advice=advice)


def _advice(connected: Connected, error: SourceError, configuration: Configuration) -> str:
    if error.code is not ProblemCode.UNAUTHORIZED:
        return ADVICE[error.code]
    path = f"sources[{configuration.sources.index(connected.settings)}].token"
    variable = configuration.variables.get(path)
    return f"check {variable}, from which {path} is taken" if variable else f"check {path}"
