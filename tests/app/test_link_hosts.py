"""Where addresses may lead that a source gives: what settings say, and what is told of it."""

import pytest
import structlog
from structlog.testing import capture_logs
from typer.testing import CliRunner

from app.cli import app
from app.connected import connect
from app.settings import configure
from cache.mending import report
from domain.clock import SystemClock
from domain.foreign import Mended, Repair

ERP = {"id": "erp", "adapter": "canonical", "kinds": ["ERP"], "base_url": "https://erp.example.com/api"}
SENDER = {"id": "wms", "adapter": "epcis"}


@pytest.fixture
def lines(monkeypatch):
    """What is logged of what was dropped or cut, whoever has set up logging before."""
    with capture_logs() as captured:
        monkeypatch.setattr("cache.mending.log", structlog.get_logger())
        yield captured


def links(**table):
    [settings] = configure({"sources": [table]}, {}).sources
    return connect(settings, SystemClock()).upstream.links


@pytest.mark.parametrize(
    ("table", "shown", "dropped"),
    [
        pytest.param(ERP, "https://web.erp.example.com/1", "https://example.com/1", id="its own host and those below"),
        pytest.param(ERP, "https://erp.example.com/1", "http://erp.example.com/1", id="not without TLS"),
        pytest.param(
            ERP | {"link_hosts": ["DESK.example.com"]},
            "https://desk.example.com/1",
            "https://desk.example.org/1",
            id="listed",
        ),
        pytest.param(
            ERP | {"base_url": "http://127.0.0.1:8001/erp"},
            "http://127.0.0.1:9/1",
            "http://127.0.0.2/1",
            id="on this machine",
        ),
        pytest.param(
            ERP | {"base_url": "http://erp.local", "allow_plain_http": True, "link_hosts": ["desk.local"]},
            "http://desk.local/1",
            "http://elsewhere.local/1",
            id="called without TLS",
        ),
        pytest.param(
            ERP | {"allow_private": True},
            "https://erp.example.com/1",
            "http://erp.example.com/1",
            id="private, with TLS",
        ),
        pytest.param(
            SENDER | {"link_hosts": ["wms.example.com"]},
            "https://wms.example.com/1",
            "http://wms.example.com/1",
            id="sends",
        ),
        pytest.param(
            ERP | {"adapter": "easypost", "kinds": ["TMS"], "token": "k"},
            "https://track.easypost.com/x",
            "https://easypost.com.evil.example/x",
            id="a vendor's own",
        ),
    ],
)
def test_what_is_passed_on(table, shown, dropped):
    assert links(**table).passed(shown) == shown
    assert links(**table).passed(dropped) is None


def test_a_source_that_only_sends_has_none_unless_they_are_listed():
    assert links(**SENDER).passed("https://wms.example.com/1") is None


def test_casefold_sources_lists_the_setting_with_the_vendors_own_hosts():
    told = CliRunner().invoke(app, ["sources"]).output
    assert told.count("link_hosts") == 6
    assert "easypost.com" not in told.partition("easypost  (")[0]
    assert "default ('easypost.com', 'easypost-files.s3-us-west-2.amazonaws.com')" in told


def test_the_log_counts_what_was_dropped_and_does_not_repeat_it(lines):
    report([Mended("Order.url", Repair.DROPPED)] * 2 + [Mended("Customer.name", Repair.CUT)], "erp")
    told = [(line["source"], line["field"], line["repair"], line["count"]) for line in lines]
    assert told == [("erp", "Order.url", "dropped", 2), ("erp", "Customer.name", "cut", 1)]
