"""What was read once is kept: while a system is down, over a restart, over a kill; and it says how old it is."""

import os
import signal
import subprocess
import sys
import time

import pytest
import redis

from tests.journeys.running import Running

ORDERS = "orders { freshness { state origin ageSeconds maxAgeSeconds } problem { code } nodes { number status } }"


@pytest.fixture
def own(tmp_path):
    """A demo of its own, to be killed."""

    def start():
        return Running(tmp_path / "demo", "demo", "--rate", "0", "--seed", "7")

    return start


def said(view):
    return view["orders"]["freshness"]["state"], view["orders"]["freshness"]["origin"]


def test_fresh_then_stale_with_the_reason_then_fresh_again(demo):
    assert said(demo.view(ORDERS, max_age="PT0S", orderNumber="SO-2101")) == ("FRESH", "API")
    assert said(demo.view(ORDERS, orderNumber="SO-2101")) == ("FRESH", "CACHE")
    demo.break_system("erp", status=500)
    stale = demo.view(ORDERS, max_age="PT0S", orderNumber="SO-2101")
    assert said(stale) == ("STALE", "CACHE")
    assert stale["orders"]["problem"]["code"] == "BAD_RESPONSE"
    unknown = demo.view(ORDERS, orderNumber="SO-2102")
    assert unknown["orders"]["freshness"]["state"] == "UNAVAILABLE"
    assert unknown["orders"]["problem"]["code"] in {"BAD_RESPONSE", "CIRCUIT_OPEN"}
    told = demo.ask("--order", "SO-2101", "--max-age", "PT0S")
    assert "Orders      stale" in told.stdout
    demo.heal()
    give_up_at = time.monotonic() + 15
    while said(demo.view(ORDERS, max_age="PT0S", orderNumber="SO-2102")) != ("FRESH", "API"):
        assert time.monotonic() < give_up_at
        time.sleep(0.1)


def test_revalidating_while_it_is_refreshed_in_the_background(demo):
    demo.view(ORDERS, orderNumber="SO-2103")
    document = """query { caseView(key: {orderNumber: "SO-2103"}, freshness: {maxAge: "PT0S", onStale: SERVE_STALE}) {
      orders { freshness { state origin ageSeconds } } } }"""
    before = demo.counters()["erp"]
    assert demo.graphql(document)["caseView"]["orders"]["freshness"]["state"] == "REVALIDATING"
    give_up_at = time.monotonic() + 5
    while demo.counters()["erp"] == before:
        assert time.monotonic() < give_up_at
        time.sleep(0.05)


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl-C", "kill -9"])
def test_state_survives_the_end_of_the_demo(own, end):
    with own() as first:
        seen = first.view(ORDERS, orderNumber="SO-1001")
        time.sleep(0.2)
        first.process.send_signal(end)
        first.process.wait(20)
    with own() as second:
        kept = second.view(ORDERS, max_age="PT1H", orderNumber="SO-1001")
        assert said(kept) == ("FRESH", "CACHE")
        assert kept["orders"]["nodes"] == seen["orders"]["nodes"]
        assert "erp" not in second.calls()


def test_redis_killed_under_the_demo_comes_back_by_itself(own):
    with own() as demo:
        demo.view(ORDERS, orderNumber="SO-1001")
        [socket] = demo.data.rglob("redis.sock")
        os.kill(redis.Redis(unix_socket_path=str(socket)).info()["process_id"], signal.SIGKILL)
        for _ in range(20):
            assert demo.view(ORDERS, orderNumber="SO-1001")["orders"]["freshness"]["state"] == "FRESH"
            time.sleep(0.05)
        give_up_at = time.monotonic() + 10
        while said(demo.view(ORDERS, max_age="PT1H", orderNumber="SO-1001")) != ("FRESH", "CACHE"):
            assert time.monotonic() < give_up_at
            time.sleep(0.1)


def test_a_second_gateway_on_the_same_folder_is_refused_in_a_line(own, tmp_path):
    with own() as first:
        config = tmp_path / "casefold.toml"
        config.write_text(f'port = 0\ndata_dir = "{first.data}"\n', encoding="utf-8")
        command = [sys.executable, "-m", "app", "serve", "--config", str(config)]
        refused = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        assert refused.returncode == 1
        assert refused.stderr.startswith("casefold: ")
        assert "another" in refused.stderr
        assert refused.stderr.count("\n") == 1
        doctor = subprocess.run(
            [*command[:3], "doctor", "--config", str(config)], capture_output=True, text=True, timeout=30, check=False
        )
        assert "FAIL  store" in doctor.stdout
