"""A gateway with its demo world, and clients of others that are run against it."""

from pathlib import Path

import pytest

from tests.clients.scripts import running
from tests.journeys.running import Running
from tests.node import FIRST_USE_SECONDS

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    """Who comes first installs the clients."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.timeout(FIRST_USE_SECONDS))


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """A still world, shared: nobody changes it."""
    with Running(tmp_path_factory.mktemp("clients"), "demo", "--rate", "0", "--seed", "7") as running:
        yield running


@pytest.fixture
def script(demo):
    """Runs a script against the shared world."""
    return lambda name, *arguments: running(name, demo.url, demo.tokens["AGENT"], *arguments)
