"""HTTP whose requests are answered, where there is a short way, before anything is begun for them.

uvicorn begins a task for each request as soon as its head is there. Here a question is held back until it is whole; if
an answer is kept it is written at once; if not, or if the rest of it is still to come, all goes on as uvicorn has it.
"""

from asyncio import TimerHandle
from dataclasses import dataclass
from typing import Any

from app.http.short_way import FORWARDED, METHOD, PATH, UNUSUAL, Answer, BothWays, ShortWay
from app.protocol import BoundedProtocol

_METHOD, _PATH = METHOD.encode(), PATH.encode()
_UNUSUAL = UNUSUAL | FORWARDED
"""Who asks on behalf of somebody else is looked at by uvicorn's own middleware, which is on the long way."""


class ShortProtocol(BoundedProtocol):
    """HTTP with a short way, if the application has one."""

    _held: list[bytes] | None = None
    """The body of a question that is held back; null: none is."""

    _idle: TimerHandle | None = None
    _answered_at = 0.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # as uvicorn has it
        super().__init__(*args, **kwargs)
        self._short = _short_way_of(self.config.loaded_app)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        if self._idle is not None:
            self._idle.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in what came; what is not whole by now is not waited for here."""
        super().data_received(data)
        if self._held is not None:
            self._let_go()
            self._watch()

    def on_headers_complete(self) -> None:
        """Hold it back, if it may be a question whose answer is kept."""
        if self._short is not None and self._may_be_short():
            self._held = []
            self._head_came()
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        if self._held is None:
            super().on_body(body)
        else:
            self._held.append(body)

    def on_message_complete(self) -> None:
        """It is whole: answer it, or let it go the long way."""
        answer = self._kept_answer()
        if answer is not None:
            self._held = None
            self._came_whole()
            self._write(answer)
            self._rest()
            return
        if self._held is not None:
            self._let_go()
        super().on_message_complete()

    def _may_be_short(self) -> bool:
        """Whether it is the next on a connection that stays and takes answers, and to the right place."""
        is_next = (self.cycle is None or self.cycle.response_complete) and not self.pipeline
        return (
            self.url == _PATH
            and self.parser.get_method() == _METHOD
            and self.parser.should_keep_alive()
            and self.parser.get_http_version() == "1.1"
            and is_next
            and not self.flow.write_paused
            and self.limit_concurrency is None
        )

    def _kept_answer(self) -> Answer | None:
        if self._held is None or self._short is None:
            return None
        address = self.client[0] if self.client else None
        return self._short.answer(self.headers, b"".join(self._held), address, unusual=_UNUSUAL)

    def _let_go(self) -> None:
        """Go on as if it had not been held back."""
        held, self._held = b"".join(self._held or ()), None
        super().on_headers_complete()
        if held:
            super().on_body(held)

    def _write(self, answer: Answer) -> None:
        self.transport.write(b"".join((answer.head, _lines(self.server_state.default_headers), answer.body)))

    def _rest(self) -> None:
        """What follows an answer: as uvicorn has it, but with one timer for many answers."""
        self.server_state.total_requests += 1
        self._answered_at = self.loop.time()
        if self._idle is None:
            self._idle = self.loop.call_later(self.timeout_keep_alive, self._close_if_idle)

    def _close_if_idle(self) -> None:
        """Close a connection on which nothing came for a while; what is under way has timers of its own."""
        self._idle = None
        is_busy = self.cycle is not None and not self.cycle.response_complete
        if is_busy or self.timeout_keep_alive_task is not None or self._timer is not None:
            return
        left = self._answered_at + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._idle = self.loop.call_later(left, self._close_if_idle)
        elif not self.transport.is_closing():
            self.transport.close()


def _lines(headers: list[tuple[bytes, bytes]]) -> bytes:
    """Headers as lines, and the empty one after them; uvicorn makes new ones each second."""
    if _written.headers is not headers:
        _written.headers, _written.lines = headers, b"".join([*(b"%b: %b\r\n" % each for each in headers), b"\r\n"])
    return _written.lines


@dataclass(slots=True)
class _Written:
    headers: list[tuple[bytes, bytes]] | None = None
    lines: bytes = b""


_written = _Written()


def _short_way_of(app: Any) -> ShortWay | None:  # noqa: ANN401  # whatever is served
    """That of the application, below what uvicorn puts around it; null: it has none."""
    while not isinstance(app, BothWays):
        app = getattr(app, "app", None)
        if app is None:
            return None
    return app.short
