"""The Bruno collection, run by Bruno."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from examples.derived import HERE
from tests.node import FIRST_USE_SECONDS, installed


@pytest.mark.timeout(FIRST_USE_SECONDS)
def test_every_request_is_answered_as_it_asserts(demo, tmp_path):
    bru = installed(Path(__file__).parent / "bruno") / "node_modules/.bin/bru"
    told = tmp_path / "told.json"
    environment = {**os.environ, "CASEFOLD_URL": demo.url}
    environment |= {f"CASEFOLD_TOKEN_{role}": token for role, token in demo.tokens.items()}
    command = [str(bru), "run", "--env", "demo", "--output", str(told)]
    ran = subprocess.run(
        command, cwd=HERE / "bruno", env=environment, capture_output=True, text=True, timeout=100, check=False
    )
    assert ran.returncode == 0, ran.stdout
    [run] = json.loads(told.read_text(encoding="utf-8"))
    assert run["summary"]["passedRequests"] == len(list((HERE / "bruno").glob("*.bru")))
