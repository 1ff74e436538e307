"""`python -m sandbox` as the demo starts it."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]


@contextmanager
def program(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "sandbox", *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_it_says_where_it_listens_and_ends_with_its_parent(tmp_path: Path):
    trackers = tmp_path / "trackers.json"
    trackers.write_text('[{"tracking_code": "EZ1", "carrier": "UPS", "state": "delivered"}]')
    arguments = ("--port", "0", "--stop-with-stdin", "--anchor", "2026-03-02T10:30:00+01:00", "--seed", "3")
    with program(*arguments, "--trackers", str(trackers)) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        world = httpx.get(f"{url}/control/world").json()
        auth = httpx.BasicAuth("sandbox-easypost-key", "")
        found = httpx.post(f"{url}/easypost/v2/trackers/batch", json={"tracking_codes": ["EZ1"]}, auth=auth).json()
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(10) == 0
    assert (world["seed"], world["anchor"]) == (3, "2026-03-02T09:30:00Z")
    assert found["trackers"][0]["status"] == "delivered"


def test_it_ends_when_it_is_told_to_even_while_a_system_hangs():
    with program("--port", "0") as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        httpx.put(f"{url}/control/erp", json={"hang": True})
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{url}/erp/v1/health", timeout=0.2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) in {0, -signal.SIGTERM}


def test_a_file_that_is_no_list_of_parcels_stops_the_start(tmp_path: Path):
    trackers = tmp_path / "trackers.json"
    trackers.write_text('[{"tracking_code": "EZ1", "carrier": "UPS", "state": "lost"}]')
    with program("--port", "0", "--trackers", str(trackers)) as process:
        _, error = process.communicate(timeout=10)
    assert (process.returncode, "$[0].state" in error) == (1, True)
