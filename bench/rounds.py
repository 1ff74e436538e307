"""All contenders are started and stay; each round drives one after the other, so what else the machine does hits all alike."""

import tempfile
import time
import urllib.request
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path

import redis

from bench.contenders import Place
from bench.load import Result, load, once
from bench.processes import free_port, upstream
from bench.wrk import CONNECTIONS, loaded
from cache.embedded import EmbeddedRedis

WARM_SECONDS = 0.5
REST_SECONDS, QUIET = 10.0, 20
"""How long to wait for Redis to have no more than so many commands in 0.1 s."""
MARKS = {"full": b"Leipzig", "panel": b"Leipzig", "eta": b'"kind"'}
"""What every answer of the warm-up has to hold; before it and at the end, one is checked leaf by leaf."""


@dataclass(frozen=True)
class Measured:
    """Attributes:
    calls: that systems of record got for each answer, as they counted.
    commands: that Redis ran for each answer, as it counted, those of scripts, too; null for who has no state in it.
    results: of each round.
    """

    calls: float
    commands: float | None
    results: list[Result]


class Scene(AbstractContextManager):
    """All who take part at a temperature, listening; all ask the same systems of record."""

    def __init__(self, temperature, contenders, answers):
        self.contenders = [each for each in contenders if temperature in each.temperatures]
        self._temperature, self._answers = temperature, answers
        self._stack, self._ports, self._servers = ExitStack(), {}, {}

    def __enter__(self):
        with self._stack as stack:
            self._upstream = stack.enter_context(upstream(self._temperature.delay_ms, self._answers.folder))
            for contender in self.contenders:
                stack.enter_context(contender.started(self._place(contender, stack)))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *raised):
        return self._stack.__exit__(*raised)

    def check(self, contender, question):
        """Raises RuntimeError if the contender does not answer what it has to."""
        body = once(self._ports[contender.name], self._requests(contender, question)[0])
        self._answers.check(contender.name, question, body)

    def warm_up(self, contender, question):
        """What was counted meanwhile: here everything that is asked for is waited for, so the counts are exact."""
        port, requests = self._ports[contender.name], self._requests(contender, question)
        self._rest()
        calls, commands = self._calls(), self._commands(contender)
        burst = {"readers": CONNECTIONS, "seconds": WARM_SECONDS, "check": MARKS[question]}
        answers = load(contender.name, port, requests, **burst).answers
        counted = (self._commands(contender) - commands) / answers if contender.is_in_redis else None
        return Measured((self._calls() - calls) / answers, counted, [])

    def measure(self, contender, question, seconds):
        """One round; it begins when whoever was measured before has put everything away."""
        self._rest()
        return self._load(contender.name, self._requests(contender, question), seconds, MARKS[question])

    def _load(self, name, requests, seconds, mark):
        port, rate = self._ports[name], self._temperature.rate
        if not rate:
            return loaded(name, port, requests, seconds=seconds, check=mark)
        pace = CONNECTIONS / rate
        return load(name, port, requests, readers=CONNECTIONS, seconds=seconds, check=mark, pace=pace)

    def _rest(self):
        until = time.monotonic() + REST_SECONDS
        before, now = 0, self._all_commands()
        while now - before > QUIET and time.monotonic() < until:
            time.sleep(0.1)
            before, now = now, self._all_commands()

    def _place(self, contender, stack):
        port = self._ports[contender.name] = free_port()
        url = self._redis(contender, stack) if contender.is_in_redis else None
        return Place(port, self._upstream, url, self._answers, self._temperature)

    def _redis(self, contender, stack):
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        url = stack.enter_context(EmbeddedRedis(Path(folder))).url
        self._servers[contender.name] = stack.enter_context(redis.Redis.from_url(url))
        return url

    def _requests(self, contender, question):
        return [contender.ask(question, number, self._temperature) for number in self._temperature.numbers]

    def _calls(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self._upstream}/calls") as answer:
            return int(answer.read())

    def _commands(self, contender):
        server = self._servers.get(contender.name)
        return server.info("stats")["total_commands_processed"] if server else 0

    def _all_commands(self):
        return sum(map(self._commands, self.contenders))


def measured(scene, questions, *, rounds, seconds):
    """What each round measured, by question and name of the contender; every answer is checked before and after."""
    pairs = [(question, each) for question in questions for each in scene.contenders if question in each.questions]
    found = {}
    for question, contender in pairs:
        scene.check(contender, question)
        found[question, contender.name] = scene.warm_up(contender, question)
    for n in range(rounds):
        for question, contender in reversed(pairs) if n % 2 else pairs:  # there and back: who is first gains nothing
            found[question, contender.name].results.append(scene.measure(contender, question, seconds))
    for question, contender in pairs:
        scene.check(contender, question)
    return found
