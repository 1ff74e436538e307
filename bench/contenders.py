"""Who is measured: the limit, Casefold, and its peers; how each is started, and how it is asked."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial

from bench import node
from bench.answers import PROOF, Answers
from bench.gateway import gateway
from bench.load import get, post
from bench.processes import HERE, SERVER_CORE, process, python
from bench.questions import QUESTIONS, asked, asked_of_peer
from bench.temperatures import COLD, HOT, SLOW, WARM, Temperature

LIMIT, CASEFOLD = "limit", "casefold"
FASTEST = ("--loop", "uvloop", "--http", "httptools")


@dataclass(frozen=True)
class Place:
    """Where a contender is started.

    Attributes:
        port: to listen on.
        upstream_port: where the systems of record are.
        redis_url: where state may be kept; null for who keeps none there.
        answers: what has to be answered.
        temperature: what may be kept, and where.
    """

    port: int
    upstream_port: int
    redis_url: str | None
    answers: Answers
    temperature: Temperature

    @property
    def environment(self):
        return {
            "PORT": str(self.port),
            "BENCH_UPSTREAM": f"http://127.0.0.1:{self.upstream_port}",
            "BENCH_REDIS": self.redis_url or "",
            "BENCH_KEEPS": self.temperature.keeps,
            "BENCH_ANSWERS": str(self.answers.folder),
        }


@dataclass(frozen=True)
class Contender:
    """Attributes:
    name: what its rows say.
    started: makes it listen, as long as the block lasts.
    ask: the bytes of a request, by question, order and temperature.
    temperatures: at which it takes part.
    questions: that it can be asked.
    is_in_redis: whether it may have state in Redis; then it has one of its own.
    """

    name: str
    started: Callable[[Place], AbstractContextManager]
    ask: Callable[[str, str, Temperature], bytes]
    temperatures: tuple = (HOT, COLD, SLOW)
    questions: tuple = tuple(QUESTIONS)
    is_in_redis: bool = False


def casefold(name=CASEFOLD, tree=HERE):
    """Casefold, from a checkout."""
    return Contender(name, partial(_gateway, tree=tree), _ask_casefold, (HOT, WARM, COLD, SLOW), is_in_redis=True)


def contenders():
    """Everybody who can be started here."""
    return [*_LIMITS, casefold(), *(_NODE_PEERS if node.is_installed() else ()), *_PYTHON_PEERS]


def _gateway(place, tree):
    near_bytes = place.temperature.near_bytes
    return gateway(place.redis_url, place.upstream_port, near_bytes=near_bytes, port=place.port, tree=tree)


def _ask_casefold(question, number, temperature):
    return post("/graphql", asked(question, number, temperature.freshness), PROOF)


def _ask_peer(question, number, _):
    return post("/graphql", asked_of_peer(question, number))


def _uvicorn(app, place):
    command = python(
        "-m", "uvicorn", app, "--port", str(place.port), *FASTEST, "--log-level", "error", "--no-access-log"
    )
    return process(command, place.port, SERVER_CORE, **place.environment)


_LIMITS = [
    Contender(
        LIMIT,
        partial(_uvicorn, "bench.limit:app"),
        lambda question, number, temperature: post(
            f"/{question}", asked(question, number, temperature.freshness), PROOF
        ),
        (HOT, WARM, COLD),
    )
]
_PYTHON_PEERS = [
    Contender(
        "FastAPI + httpx + aiocache",
        partial(_uvicorn, "bench.peers.aggregator:app"),
        lambda _question, number, _temperature: get(f"/case/{number}"),
        (HOT, WARM, COLD, SLOW),
        ("full",),
        is_in_redis=True,
    ),
    Contender("Strawberry's router", partial(_uvicorn, "bench.peers.stock:app"), _ask_peer, (HOT,)),
]
_NODE_PEERS = [
    Contender("Mercurius + graphql-jit", partial(node.server, "mercurius.mjs"), _ask_peer),
    Contender("Apollo Server", partial(node.server, "apollo.mjs"), _ask_peer, (HOT, WARM, COLD, SLOW)),
    Contender("Hive Gateway", node.hive, _ask_peer),
]
