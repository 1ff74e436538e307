"""How many more answers two processes on one port give than one, beside raw ASGI that is multiplied in the same way.

`python -m bench workers [--ask full] [--rounds 3] [--seconds 3]`

Hot reads. Servers may use every core, and so may the load: on a machine of two cores a second process has what the load
leaves, so two give less than twice as much whatever is served. Two figures do not depend on that:

- CPU µs: what the processes of a server used of the machine for each answer. The same with two as with one means that they
  do not stand in each other's way: with cores enough the answers would double.
- cores: how many a server had. What two processes gain over one cannot be more than what they had more of.
"""

import os
import statistics
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench import machine
from bench.answers import NUMBER, PROOF, answers
from bench.contenders import CASEFOLD, LIMIT
from bench.gateway import gateway
from bench.load import Result, once, post
from bench.processes import free_port, process, python, upstream
from bench.questions import asked
from bench.rounds import MARKS
from bench.table import padded, shown
from bench.temperatures import HOT
from bench.wrk import loaded
from cache.embedded import EmbeddedRedis

PROCESSES = (1, 2)
START_SECONDS = 30.0
LISTEN = "0A"
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Server:
    """Attributes:
    name: what is served.
    count: by how many processes.
    port: where.
    pids: of those who began them.
    path: that is asked.
    """

    name: str
    count: int
    port: int
    pids: tuple
    path: str


@dataclass(frozen=True)
class Measured:
    """Attributes:
    result: what the load had.
    cpu_us: of all processes of the server, for each answer.
    cores: how many they kept busy.
    """

    result: Result
    cpu_us: float
    cores: float


def run(question, rounds, seconds):
    told = answers()
    print(*(f"- {line}" for line in machine.basis()), sep="\n")
    print(f"- {question}, hot; servers and load on all cores; medians of {rounds} rounds of {seconds:g} s\n")
    with ExitStack() as stack:
        servers = [make(count, told, question, stack) for make in (_limit, _casefold) for count in PROCESSES]
        found = {server: [] for server in servers}
        for server in servers:
            told.check(server.name, question, once(server.port, _request(server, question)))
            _measure(server, question, 1)
        for n in range(rounds):
            for server in reversed(servers) if n % 2 else servers:
                found[server].append(_measure(server, question, seconds))
    print("\n".join(padded(_rows(found))))


def _limit(count, told, question, stack):
    port = free_port()
    command, environment = python("-m", "bench.limit", str(port)), {"BENCH_ANSWERS": str(told.folder)}
    begun = [stack.enter_context(process(command, port, *_cores(), **environment)) for _ in range(count)]
    return _listening(Server(LIMIT, count, port, tuple(each.pid for each in begun), f"/{question}"))


def _casefold(count, _told, _question, stack):
    port, folder = free_port(), stack.enter_context(tempfile.TemporaryDirectory())
    url = stack.enter_context(EmbeddedRedis(Path(folder))).url
    systems = stack.enter_context(upstream(0))
    served = stack.enter_context(gateway(url, systems, port=port, cores=_cores(), workers=count))
    return _listening(Server(CASEFOLD, count, port, (served.pid,), "/graphql"))


def _cores():
    return range(os.cpu_count() or 1)


def _listening(server):
    """The server, once all of its processes listen."""
    until = time.monotonic() + START_SECONDS
    while _listeners(server.port) < server.count:
        if time.monotonic() > until:
            raise RuntimeError(f"{server.name}: {server.count} processes do not listen")
        time.sleep(0.1)
    return server


def _listeners(port):
    lines = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    return sum(fields[1].endswith(f":{port:04X}") and fields[3] == LISTEN for fields in lines)


def _request(server, question):
    return post(server.path, asked(question, NUMBER, HOT.freshness), PROOF)


def _measure(server, question, seconds):
    before, began = _cpu_seconds(server), time.monotonic()
    request = [_request(server, question)]
    result = loaded(server.name, server.port, request, seconds=seconds, check=MARKS[question])
    used = _cpu_seconds(server) - before
    return Measured(result, used / result.answers * 1e6, used / (time.monotonic() - began))


def _cpu_seconds(server):
    return sum(_own_cpu_seconds(each) for pid in server.pids for each in _family(pid))


def _family(pid):
    """A process, and all that it has begun."""
    begun = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [pid, *(each for child in begun for each in _family(int(child)))]


def _own_cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _rows(found):
    yield ["", "processes", "answers/s", "of one", "CPU µs", "of one", "cores", "of one", "p99 ms"]
    for server, measured in found.items():
        one = next(each for other, each in found.items() if (other.name, other.count) == (server.name, 1))
        rates, costs, cores = (_columns(measured, one, of) for of in (_rate, lambda m: m.cpu_us, lambda m: m.cores))
        late = statistics.median(each.result.p99_ms for each in measured)
        yield [
            server.name,
            str(server.count),
            f"{rates[0]:,.0f}",
            f"{shown(rates[1])}x",
            f"{costs[0]:,.0f}",
            f"{shown(costs[1])}x",
            f"{cores[0]:.2f}",
            f"{shown(cores[1])}x",
            f"{late:.2f}",
        ]


def _rate(measured):
    return measured.result.per_second


def _columns(measured, one, of):
    """The median of a figure, and of its ratios to that of one process in the same round."""
    ratios = [of(each) / of(first) for each, first in zip(measured, one, strict=True)]
    return statistics.median(map(of, measured)), statistics.median(ratios)
