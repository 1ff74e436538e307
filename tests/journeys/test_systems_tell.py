"""The systems tell what happens: it is seen without asking them, and what is lost on the way is found out."""

import time

import pytest

from tests.journeys.running import Running, call

WAREHOUSE = "fulfillments { problem { code } freshness { state origin verifiedAt } nodes { id status } }"
STATE_ONLY = 'freshness: {onStale: STATE_ONLY, maxAge: "PT10S"}'


@pytest.fixture
def own(tmp_path):
    with Running(tmp_path / "demo", "demo", "--rate", "0", "--seed", "7") as running:
        trouble(running)
        yield running


def trouble(demo, **troubles):
    call("PUT", f"{demo.sandbox}/control/events", {"duplicated": 0.2, "late": 0.0} | troubles)


def until(holds, seconds=20):
    give_up_at = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < give_up_at
        time.sleep(0.1)
    return found


def kept(demo, fields, number):
    view = demo.graphql(f'{{ caseView(key: {{orderNumber: "{number}"}}, {STATE_ONLY}) {{ {fields} }} }}')
    return view["caseView"]


def feed(demo, source):
    feeds = demo.graphql("{ sources { id feed { gaps lagSeconds deadLetters continuousSince } } }", role="OPS")[
        "sources"
    ]
    return next(each["feed"] for each in feeds if each["id"] == source)


def test_what_happens_is_seen_without_asking(own):
    shown = "shipments { nodes { id status } } " + WAREHOUSE
    numbers = [f"SO-{number}" for number in range(2_001, 2_201)]
    number = next(each for each in numbers if "PICKED" in _statuses(own.view(shown, orderNumber=each)["fulfillments"]))
    own.forget_calls()
    call("POST", f"{own.sandbox}/control/advance", {"by": "P30D"})
    until(lambda: _statuses(kept(own, WAREHOUSE, number)["fulfillments"]) == {"SHIPPED"})
    assert kept(own, WAREHOUSE, number)["fulfillments"]["freshness"]["origin"] == "EVENT"
    assert "wms" not in own.calls()
    until(lambda: "DELIVERED" in _statuses(kept(own, shown, number)["shipments"]))
    assert "tms" not in own.calls()
    assert feed(own, "wms-sandbox")["deadLetters"] == 0


def _statuses(section):
    return {each["status"] for each in section["nodes"]}


def test_the_warehouse_stays_fresh_by_its_heartbeat_and_silence_ends_that(own):
    until(lambda: (feed(own, "wms-sandbox") or {}).get("continuousSince"))
    own.view(WAREHOUSE, orderNumber="SO-2001")
    time.sleep(4)
    own.forget_calls()
    fresh = own.view(WAREHOUSE, max_age="PT3S", orderNumber="SO-2001")["fulfillments"]
    assert (fresh["freshness"]["state"], fresh["problem"]) == ("FRESH", None)
    assert "wms" not in own.calls()
    trouble(own, isSilent=True)
    time.sleep(4)
    stale = own.graphql(
        f'{{ caseView(key: {{orderNumber: "SO-2001"}}, freshness: {{onStale: STATE_ONLY, maxAge: "PT3S"}}) {{ {WAREHOUSE} }} }}'
    )["caseView"]["fulfillments"]
    assert stale["freshness"]["state"] == "STALE"


def test_what_is_lost_leaves_a_gap_that_ends_the_coverage(own):
    until(lambda: (feed(own, "wms-sandbox") or {}).get("continuousSince"))
    began = feed(own, "wms-sandbox")["continuousSince"]
    trouble(own, lost=0.5)
    call("POST", f"{own.sandbox}/control/advance", {"by": "P3D"})
    until(lambda: feed(own, "wms-sandbox")["gaps"] > 0 and feed(own, "wms-sandbox")["continuousSince"] != began)
