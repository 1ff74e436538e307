"""Checks a configuration against the systems it names, and says what to do about what is wrong."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from app.settings import Configuration
from app.wiring import Connected, build
from domain.call import Call
from domain.clock import SystemClock
from domain.errors import ProblemCode, SourceError

PATIENCE = timedelta(seconds=10)

ADVICE: Mapping[ProblemCode, str] = {
    ProblemCode.UNREACHABLE: "check base_url, and that the system runs and can be reached from here",
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
    wired = build(configuration)
    try:
        checks = (_source(index, each, configuration) for index, each in enumerate(wired.connected))
        sources = await asyncio.gather(*checks)
    finally:
        await wired.aclose()
    return [_settings(configuration), *sources]


def _settings(configuration: Configuration) -> Finding:
    count = len(configuration.sources)
    if count:
        return Finding("settings", is_well=True, says=f"read, {count} sources")
    advice = "add a [[sources]] table to casefold.toml; `casefold sources` lists the adapters"
    return Finding("settings", is_well=False, says="no source is configured", advice=advice)


async def _source(index: int, connected: Connected, configuration: Configuration) -> Finding:
    clock = SystemClock()
    part = f"source {connected.settings.id}"
    started = clock.monotonic()
    try:
        await connected.client.check(Call(deadline=started + PATIENCE.total_seconds(), correlation_id=uuid4().hex))
    except SourceError as error:
        return Finding(part, is_well=False, says=str(error), advice=_advice(index, error, configuration))
    took = (clock.monotonic() - started) * 1_000
    return Finding(part, is_well=True, says=f"{connected.source.vendor} answered in {took:.0f} ms")


def _advice(index: int, error: SourceError, configuration: Configuration) -> str:
    if error.code is not ProblemCode.UNAUTHORIZED:
        return ADVICE[error.code]
    path = f"sources[{index}].token"
    variable = configuration.variables.get(path)
    return f"check {variable}, from which {path} is taken" if variable else f"check {path}"
