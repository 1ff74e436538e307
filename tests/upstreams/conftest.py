"""Real third-party servers, as fixtures."""

from collections.abc import Iterator

import pytest

from tests.upstreams.tryton import Tryton, running_tryton

FIRST_USE_SECONDS = 900


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Who uses Tryton may have to wait until it is installed."""
    for item in items:
        if "tryton" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.upstream)
            item.add_marker(pytest.mark.timeout(FIRST_USE_SECONDS))


@pytest.fixture(scope="session")
def tryton(pytestconfig: pytest.Config) -> Iterator[Tryton]:
    """A seeded Tryton, to be read only."""
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")

    def progress(line: str) -> None:
        with capture.global_and_fixture_disabled():
            print(f"\n{line}", flush=True)  # noqa: T201  # the first use takes minutes

    with running_tryton(progress=progress) as server:
        yield server


@pytest.fixture
def own_tryton(tryton: Tryton) -> Iterator[Tryton]:  # noqa: ARG001  # it has been prepared by then
    """A seeded Tryton for a test that changes something in it."""
    with running_tryton() as server:
        yield server
