"""A source sends its events: what they tell is seen at once; what cannot be used is parked, looked at, given up."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime

TOKEN = "demo-events"
ORDERS = "orders { freshness { state origin } nodes { number status } }"


def event(name, number, data):
    about = {"specversion": "1.0", "id": name, "source": "erp-sandbox", "type": "casefold.order.state.v1"}
    return about | {"subject": number, "time": datetime.now(UTC).isoformat(), "data": data}


def send(demo, *events, token=TOKEN):
    headers = {"Content-Type": "application/cloudevents-batch+json", "Authorization": f"Bearer {token}"}
    request = urllib.request.Request(f"{demo.url}/events", json.dumps(events).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def parked(demo, tmp_path, *arguments):
    config = tmp_path / "casefold.toml"
    config.write_text(f'data_dir = "{demo.data}"\n', encoding="utf-8")
    command = [sys.executable, "-m", "app", "parked", *arguments, "--config", str(config)]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def until(holds, seconds=10):
    give_up_at = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < give_up_at
        time.sleep(0.05)
    return found


def test_what_an_event_tells_is_seen(demo):
    order = {"number": "SO-7001", "status": "SHIPPED"}
    assert send(demo, event("j-1", "SO-7001", order))[0] == 202
    view = until(lambda: demo.view(ORDERS, max_age="PT1M", orderNumber="SO-7001"))
    assert view["orders"]["nodes"] == [order]
    assert view["orders"]["freshness"] == {"state": "FRESH", "origin": "EVENT"}


def test_what_cannot_be_used_is_parked_with_the_reason_tried_again_and_given_up(demo, tmp_path):
    assert send(demo, event("j-2", "SO-7002", {"number": "SO-7002"}))[0] == 202
    listed = until(lambda: [line for line in parked(demo, tmp_path, "list").stdout.splitlines() if " j-2 " in line])
    [name, *_] = listed[0].split()
    assert "status" in listed[0]
    shown = parked(demo, tmp_path, "show", name).stdout
    assert '"number":"SO-7002"' in shown.replace(" ", "")
    assert parked(demo, tmp_path, "retry", name).stdout == f"{name}  retried\n"
    again = until(
        lambda: [
            line for line in parked(demo, tmp_path, "list").stdout.splitlines() if " j-2 " in line and " x2 " in line
        ]
    )
    [name, *_] = again[0].split()
    assert parked(demo, tmp_path, "discard", name, "--reason", "a test").stdout.endswith(f"{name}  discarded\n")
    gone = parked(demo, tmp_path, "show", name)
    assert (gone.returncode, gone.stdout) == (1, f"nothing is parked as {name}\n")


def test_nobody_sends_without_the_token(demo):
    status, problem = send(demo, event("j-3", "SO-7003", {"number": "SO-7003", "status": "SHIPPED"}), token="guess")
    assert (status, problem["title"]) == (401, "Unauthorized")
    assert demo.view(ORDERS, orderNumber="SO-7003") is None
