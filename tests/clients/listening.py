"""Somebody listens while orders are held, and while the gateway is started again in between."""

import json
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from tests.journeys.running import Running

numbers = count(7_100)
PAUSE_SECONDS = 0.3


class Restarted:
    """A gateway of its own that keeps its address and its data when it is started again."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._start(0)

    def _start(self, port: int) -> None:
        self.demo = Running(self._data, "demo", "--rate", "0", "--seed", "7", port=port).__enter__()

    def stop(self) -> None:
        self.demo.__exit__()

    def restart(self) -> None:
        """Ends as an operator ends it, and comes back at the same port."""
        port = int(self.demo.url.rsplit(":", 1)[1])
        self.stop()
        self._start(port)


@contextmanager
def orders_are_held(demo: Running) -> Iterator[set[str]]:
    """Order after order is held, each once: whoever listens hears of one of them at some time.

    Yields:
        the numbers of the orders, as they come.
    """
    held: set[str] = set()
    enough = threading.Event()

    def go_on() -> None:
        while not enough.is_set():
            held.add(number := f"SO-{next(numbers)}")
            hold(demo, number)
            enough.wait(PAUSE_SECONDS)

    holding = threading.Thread(target=go_on)
    holding.start()
    try:
        yield held
    finally:
        enough.set()
        holding.join()


def hold(demo: Running, number: str) -> None:
    """Its ERP tells that an order is on hold."""
    event: dict[str, Any] = {"specversion": "1.0", "id": f"held-{number}", "source": "erp-sandbox"}
    event |= {"type": "casefold.order.state.v1", "subject": number, "time": datetime.now(UTC).isoformat()}
    event["data"] = {"number": number, "status": "ON_HOLD", "customerId": "C-1"}
    headers = {"Content-Type": "application/cloudevents+json", "Authorization": "Bearer demo-events"}
    request = urllib.request.Request(f"{demo.url}/events", json.dumps(event).encode(), headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 202
