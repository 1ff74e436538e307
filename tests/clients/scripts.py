"""A client in JavaScript that runs: what it says."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.journeys.running import Running
from tests.node import installed

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples"
PATIENCE_SECONDS = 60


class Script:
    """Says one JSON value a line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def says(self) -> Any:
        """The next that it says; fails if it ends instead."""
        line = self._process.stdout.readline() if self._process.stdout else ""
        assert line, f"the client ended without saying more: {self._process.wait(PATIENCE_SECONDS)}"
        return json.loads(line)

    def rest(self) -> list[Any]:
        """All that it says until it ends by itself."""
        said, _ = self._process.communicate(timeout=PATIENCE_SECONDS)
        assert self._process.returncode == 0
        return [json.loads(line) for line in said.splitlines()]


@contextmanager
def running(name: str, demo: Running, *arguments: str, role: str = "AGENT") -> Iterator[Script]:
    """The script of that name beside this file, asking a gateway as somebody of that role."""
    folder = installed(HERE) / f"run-{os.getpid()}"
    folder.mkdir(exist_ok=True)
    for script in (*HERE.glob("*.mjs"), *EXAMPLES.glob("apollo/*.mjs")):
        shutil.copy(script, folder)
    environment = {
        **os.environ,
        "CASEFOLD_URL": demo.url,
        "CASEFOLD_ROLE": role,
        "CASEFOLD_ENVIRONMENT": str(demo.data / "demo.env"),
    }
    command = ["node", str(folder / f"{name}.mjs"), *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=folder)
    try:
        yield Script(process)
    finally:
        process.kill()
        process.communicate(timeout=PATIENCE_SECONDS)
        shutil.rmtree(folder)
