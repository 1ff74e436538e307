"""How near what is asked for is: in the process, in Redis, or with the systems of record only."""

from dataclasses import dataclass

from bench.gateway import NEAR_BYTES

KEPT = {"maxAge": "PT1H"}
ANEW = {"maxAge": "PT0S"}
ONE = ("SO-1",)
MANY = tuple(f"SO-{n}" for n in range(256))
"""More than are under way at once, so that nobody is answered together with somebody else."""


@dataclass(frozen=True)
class Temperature:
    """Attributes:
    name: what the row says.
    told: what it means.
    keeps: what peers keep their answers in: memory, redis or nothing.
    freshness: how fresh Casefold is asked to be.
    near_bytes: what Casefold may keep in the process; 0: neither copies nor answers, which are in Redis then.
    numbers: the orders that are asked for in turn.
    delay_ms: what each call to a system takes.
    rate: answers a second that are asked for; 0: as many as there are.
    """

    name: str
    told: str
    keeps: str
    freshness: dict
    near_bytes: int = NEAR_BYTES
    numbers: tuple = ONE
    delay_ms: float = 0.0
    rate: float = 0.0


HOT = Temperature("hot", "the state is in the process", "memory", KEPT)
WARM = Temperature("warm", "all is in Redis, nothing is near", "redis", KEPT, near_bytes=0)
COLD = Temperature("cold", "nothing is kept, systems answer at once", "nothing", ANEW, numbers=MANY)
SLOW = Temperature(
    "slow",
    "nothing is kept, systems take 20 ms, 200 views a second",
    "nothing",
    ANEW,
    numbers=MANY,
    delay_ms=20.0,
    rate=200.0,
)
TEMPERATURES = {each.name: each for each in (HOT, WARM, COLD, SLOW)}
