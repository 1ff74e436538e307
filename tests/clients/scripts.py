"""A client in JavaScript that runs: what it says, and what it is told."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.node import installed

HERE = Path(__file__).parent
PATIENCE_SECONDS = 60


class Script:
    """Says one JSON value a line; is told one line when the test has done its part."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def says(self) -> Any:
        """The next that it says; fails if it ends instead."""
        line = self._process.stdout.readline() if self._process.stdout else ""
        assert line, f"the client ended without saying more: {self._process.wait(PATIENCE_SECONDS)}"
        return json.loads(line)

    def tell(self, what: str = "go on") -> None:
        assert self._process.stdin
        self._process.stdin.write(f"{what}\n")
        self._process.stdin.flush()

    def rest(self) -> list[Any]:
        """All that it says until it ends by itself."""
        said, _ = self._process.communicate(timeout=PATIENCE_SECONDS)
        assert self._process.returncode == 0
        return [json.loads(line) for line in said.splitlines()]


@contextmanager
def running(name: str, url: str, token: str, *arguments: str) -> Iterator[Script]:
    """The script of that name beside this file, against a gateway."""
    folder = installed(HERE) / f"run-{os.getpid()}"
    folder.mkdir(exist_ok=True)
    for script in HERE.glob("*.mjs"):
        shutil.copy(script, folder)
    environment = {**os.environ, "CASEFOLD_URL": url, "CASEFOLD_TOKEN": token}
    command = ["node", str(folder / f"{name}.mjs"), *arguments]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=folder
    )
    try:
        yield Script(process)
    finally:
        process.kill()
        process.wait(PATIENCE_SECONDS)
        shutil.rmtree(folder)
