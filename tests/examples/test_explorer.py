"""What `/graphiql` serves is what its sources and its pinned packages are built to."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.node import FIRST_USE_SECONDS, installed

EXPLORER = Path(__file__).parents[2] / "web/graphiql"
BUILT = ("graphiql.js", "graphiql.css", "index.html", "icon.svg", "LICENSES.txt")


@pytest.fixture(scope="module")
def built():
    folder = installed(EXPLORER)
    shutil.copy(EXPLORER / "build.mjs", folder)
    shutil.copytree(EXPLORER / "source", folder / "source", dirs_exist_ok=True)
    subprocess.run(["node", "build.mjs"], cwd=folder, check=True, capture_output=True, timeout=100)
    return folder / "built"


@pytest.mark.timeout(FIRST_USE_SECONDS)
@pytest.mark.parametrize("name", BUILT)
def test_it_is_built_from_what_is_there(built, name):
    assert (built / name).read_bytes() == (EXPLORER / "built" / name).read_bytes(), "run `make explorer`"
