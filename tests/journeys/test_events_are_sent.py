"""A source sends its events: what they tell is seen at once; what cannot be used is parked, looked at, given up."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

from websockets.sync.client import connect

TOKEN = "demo-events"
ORDERS = "orders { freshness { state origin } nodes { number status } }"


def event(name, number, data):
    about = {"specversion": "1.0", "id": name, "source": "erp-sandbox", "type": "casefold.order.state.v1"}
    return about | {"subject": number, "time": datetime.now(UTC).isoformat(), "data": data}


PAYLOADS = Path(__file__).parents[1] / "sources/easypost/payloads"


def send(demo, *events, token=TOKEN):
    headers = {"Content-Type": "application/cloudevents-batch+json", "Authorization": f"Bearer {token}"}
    request = urllib.request.Request(f"{demo.url}/events", json.dumps(events).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def parked(demo, *arguments):
    return casefold(demo, "parked", *arguments)


def casefold(demo, *arguments):
    command = [sys.executable, "-m", "app", *arguments, "--config", str(demo.data / "casefold.toml")]
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


def test_what_cannot_be_used_is_parked_with_the_reason_tried_again_and_given_up(demo):
    assert send(demo, event("j-2", "SO-7002", {"number": "SO-7002"}))[0] == 202
    listed = until(lambda: [line for line in parked(demo, "list").stdout.splitlines() if " j-2 " in line])
    [name, *_] = listed[0].split()
    assert "status" in listed[0]
    shown = parked(demo, "show", name).stdout
    assert '"number":"<text>"' in shown.replace(" ", "")
    assert '"number":"SO-7002"' in parked(demo, "show", name, "--reveal").stdout.replace(" ", "")
    assert parked(demo, "record").stdout.splitlines()[0].partition("  ")[0] == name
    retried = parked(demo, "retry", name)
    assert (retried.returncode, retried.stdout.split(":")[0]) == (1, f"{name}  still failing")
    [again] = [line for line in parked(demo, "list").stdout.splitlines() if line.startswith(f"{name} ")]
    assert " j-2  x2 " in again
    assert parked(demo, "discard", name, "--reason", "a test").stdout.endswith(f"{name}  discarded\n")
    gone = parked(demo, "show", name)
    assert (gone.returncode, gone.stdout) == (1, f"nothing is parked as {name}\n")
    assert parked(demo, "record").stdout.splitlines()[0].endswith("discarded: a test")
    assert parked(demo, "retry", name).stdout == f"{name}  not found\n"


def test_the_journal_says_what_a_replay_would_change_and_changes_nothing_that_is_settled(demo):
    order = {"number": "SO-7004", "status": "SHIPPED"}
    assert send(demo, event("j-4", "SO-7004", order))[0] == 202
    until(lambda: demo.view(ORDERS, max_age="PT1M", orderNumber="SO-7004"))
    dry = casefold(demo, "replay", "--entity", "SO-7004", "--dry-run")
    assert dry.stdout.startswith("read 1 letters of ")
    assert dry.stdout.endswith(" 1 events: nothing would change\n")
    assert casefold(demo, "replay", "--source", "erp-sandbox").stdout.startswith("replayed ")
    wrong = casefold(demo, "replay", "--source", "erp")
    assert (wrong.returncode, wrong.stderr) == (
        1,
        "casefold: --source: found 'erp', allowed: erp-sandbox, wms-sandbox, crm-sandbox, tms-sandbox, claims-sandbox\n",
    )
    naive = casefold(demo, "replay", "--since", "2026-11-23")
    assert "allowed: a moment with its offset" in naive.stderr


def test_nobody_sends_without_the_token(demo):
    status, problem = send(demo, event("j-3", "SO-7003", {"number": "SO-7003", "status": "SHIPPED"}), token="guess")
    assert (status, problem["title"]) == (401, "Unauthorized")
    assert demo.view(ORDERS, orderNumber="SO-7003") is None


def test_a_file_that_holds_messages_is_taken_in_once(demo):
    tracker = json.loads((PAYLOADS / "webhook.tracker.updated.COMPOSED.json").read_text(encoding="utf-8"))
    file = demo.data / "message.json"
    file.write_text(json.dumps(tracker.get("body", tracker)), encoding="utf-8")
    assert casefold(demo, "take", "tms-sandbox", str(file)).stdout == f"{file}  accepted\n"
    assert casefold(demo, "take", "tms-sandbox", str(file)).stdout == f"{file}  duplicate\n"
    wrong = casefold(demo, "take", "erp-sandbox", str(file))
    assert wrong.stderr == "casefold: source: found 'erp-sandbox', allowed: claims-sandbox, tms-sandbox\n"
    missing = casefold(demo, "take", "tms-sandbox", "no-such-file")
    assert (missing.returncode, missing.stderr) == (
        1,
        "casefold: no-such-file: found 'No such file or directory', allowed: a file\n",
    )


def test_who_subscribes_is_told_over_a_websocket(demo):
    query = "subscription { operationalEvents(types: [ORDER_HELD]) { type orderNumber summary } }"
    with connect(demo.url.replace("http", "ws") + "/graphql", subprotocols=["graphql-transport-ws"]) as socket:
        proof = {"authorization": f"Bearer {demo.tokens['AGENT']}"}
        socket.send(json.dumps({"type": "connection_init", "payload": proof}))
        assert json.loads(socket.recv(timeout=10))["type"] == "connection_ack"
        socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": {"query": query}}))
        time.sleep(0.5)
        held = {"number": "SO-7005", "status": "ON_HOLD", "customerId": "C-1"}
        assert send(demo, event("j-5", "SO-7005", held))[0] == 202
        message = json.loads(socket.recv(timeout=10))
        assert (message["type"], message["id"]) == ("next", "1")
        told = message["payload"]["data"]["operationalEvents"]
        assert told == {"type": "ORDER_HELD", "orderNumber": "SO-7005", "summary": "Order SO-7005 is on hold."}
