"""The demo's world, which the examples are about."""

import pytest

from tests.journeys.running import Running


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    with Running(tmp_path_factory.mktemp("examples"), "demo", "--rate", "0", "--seed", "7") as running:
        yield running
