"""A system that can say what has changed is read only when something has; the rest stays fresh without being read."""

import time

import pytest

from tests.journeys.running import Running, call

ORDERS = "orders { freshness { state origin verifiedAt } nodes { number status } }"


@pytest.fixture
def own(tmp_path):
    with Running(tmp_path / "demo", "demo", "--rate", "0", "--seed", "7") as running:
        yield running


def until(holds, seconds=30):
    give_up_at = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < give_up_at
        time.sleep(0.2)
    return found


def watermark(demo):
    [erp] = [
        each
        for each in demo.graphql("{ sources { id feed { watermark gaps } } }", role="OPS")["sources"]
        if each["id"] == "erp-sandbox"
    ]
    return erp["feed"] and erp["feed"]["watermark"]


def reads(demo):
    return demo.counters()["erp"].get("read", {"calls": 0})["calls"]


def test_what_does_not_change_stays_fresh_and_what_does_is_read_again(own):
    until(lambda: watermark(own))
    first = own.view(ORDERS, orderNumber="SO-2001")["orders"]
    began, before = watermark(own), reads(own)
    until(lambda: watermark(own) > max(began, first["freshness"]["verifiedAt"]))
    kept = own.view(ORDERS, max_age="PT6S", orderNumber="SO-2001")["orders"]
    assert (kept["freshness"]["state"], kept["freshness"]["origin"]) == ("FRESH", "EVENT")
    assert kept["freshness"]["verifiedAt"] > first["freshness"]["verifiedAt"]
    assert reads(own) == before
    statuses = [node["status"] for node in first["nodes"]]
    moved = own.sandbox + "/control/advance"
    call("POST", moved, {"by": "P20D"})

    def changed():
        view = own.view(ORDERS, max_age="PT1H", orderNumber="SO-2001")["orders"]
        return [node["status"] for node in view["nodes"]] != statuses and view["freshness"]["state"] == "FRESH"

    until(changed)
