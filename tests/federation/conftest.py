"""A router before Casefold and another subgraph."""

import pytest

from tests.federation.gateway import unusable
from tests.federation.serving import federated

FIRST_USE_SECONDS = 400


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Who uses the gateway may have to wait until it is installed."""
    for item in items:
        if "federation" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.timeout(FIRST_USE_SECONDS))


@pytest.fixture(scope="session")
def federation():
    if reason := unusable():
        pytest.skip(reason)
    with federated() as running:
        yield running
