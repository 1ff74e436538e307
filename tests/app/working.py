"""How much is done to answer: counted, not timed, so that it is the same on every machine."""

import sys
from collections import Counter
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cache.server import Server

OURS = tuple(str(Path(__file__).parents[2] / name) for name in ("app", "cache", "domain", "resolvers", "sources"))


@dataclass
class Work:
    """What is done within one question, also by tasks that it began.

    Attributes:
        redis: commands to the store, each by its kind and how many keys, or steps, it had.
        path: functions of ours that were called.
    """

    redis: Counter[tuple[str, int]] = field(default_factory=Counter)
    path: set[tuple[str, str]] = field(default_factory=set)


_WORK: ContextVar[Work | None] = ContextVar("work", default=None)


@contextmanager
def working():
    """The work of what is asked within; what goes on besides is none of it."""
    work = Work()
    token = _WORK.set(work)
    try:
        yield work
    finally:
        _WORK.reset(token)


@pytest.fixture
def counted(monkeypatch):
    """Count from here on."""
    for name in ("read", "run", "write", "publish", "command", "once"):
        monkeypatch.setattr(Server, name, _noting(name, getattr(Server, name)))
    sys.setprofile(_called)
    try:
        yield
    finally:
        sys.setprofile(None)


def _noting(name, method):
    async def noted(self, *args):
        work = _WORK.get()
        if work is not None:
            work.redis[name, len(args[0])] += 1
        return await method(self, *args)

    return noted


def _called(frame, event, _):
    if event == "call" and frame.f_code.co_filename.startswith(OURS):
        work = _WORK.get()
        if work is not None:
            work.path.add((frame.f_code.co_filename, frame.f_code.co_qualname))
