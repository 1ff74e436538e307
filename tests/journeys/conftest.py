"""The whole product as a user starts it: `casefold demo` in a process of its own."""

import pytest

from tests.journeys.running import Running


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """A still world, shared: every journey leaves it as it found it."""
    with Running(tmp_path_factory.mktemp("demo"), "demo", "--rate", "0", "--seed", "7") as running:
        yield running


@pytest.fixture(autouse=True)
def _healed(request):
    yield
    if "demo" in request.fixturenames:
        request.getfixturevalue("demo").heal()
