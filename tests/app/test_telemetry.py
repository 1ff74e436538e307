import io
import json
import logging
import os

import pytest
import structlog

from app.settings import Settings
from app.telemetry import start_logging


@pytest.fixture
def lines(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    start_logging(Settings())
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    structlog.reset_defaults()
    logging.getLogger().handlers.clear()


def test_our_lines_and_the_libraries_lines_are_the_same_json(lines):
    structlog.get_logger().info("ours", source="erp")
    logging.getLogger("some.library").warning("theirs")
    assert [(line["event"], line["level"]) for line in lines()] == [("ours", "info"), ("theirs", "warning")]
    assert {line["pid"] for line in lines()} == {os.getpid()}


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda log: log.info("x", token="hunter2"), id="a token"),
        pytest.param(lambda log: log.info("x", Authorization="Basic hunter2"), id="a header"),
        pytest.param(lambda log: log.info("x", api_key="hunter2"), id="a key"),
        pytest.param(lambda log: log.info("sent Bearer hunter2 away"), id="a credential in the text"),
        pytest.param(
            lambda log: log.info("x", url="https://me:hunter2@erp.example.com/"), id="a credential in an address"
        ),
        pytest.param(
            lambda _: logging.getLogger("lib").error("Authorization: Bearer hunter2"), id="a library's own line"
        ),
    ],
)
def test_secrets_do_not_reach_a_line(lines, write):
    write(structlog.get_logger())
    assert len(lines()) == 1
    assert "hunter2" not in json.dumps(lines())


def test_a_line_break_cannot_forge_a_line(lines):
    structlog.get_logger().info("one", note='x\n{"event": "forged"}')
    assert len(lines()) == 1
