"""A demo that runs, and its users' ways to ask it."""

import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode
from uuid import uuid4

PATIENCE_SECONDS = 30


class Running:
    def __init__(self, data: Path, *arguments: str, module: str = "app", port: int = 0) -> None:
        self.data = data
        command = [sys.executable, "-m", module, *arguments, "--port", str(port), "--data", str(data)]
        (data / "demo.env").unlink(missing_ok=True)  # of a demo that was killed
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.url = self.sandbox = ""
        self.tokens: dict[str, str] = {}
        self.environment: dict[str, str] = {}
        self.correlation_id = uuid4().hex

    def __enter__(self) -> Self:
        self.environment = self._environment()
        self.url, self.sandbox = self.environment["CASEFOLD_URL"], self.environment["CASEFOLD_SANDBOX_URL"]
        prefix = "CASEFOLD_TOKEN_"
        self.tokens = {
            name.removeprefix(prefix): key for name, key in self.environment.items() if name.startswith(prefix)
        }
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(PATIENCE_SECONDS)

    def _environment(self) -> dict[str, str]:
        file = self.data / "demo.env"
        for _ in range(PATIENCE_SECONDS * 20):
            if file.exists():
                return dict(line.split("=", 1) for line in file.read_text(encoding="utf-8").splitlines())
            assert self.process.poll() is None, "the demo ended"
            time.sleep(0.05)
        raise AssertionError("the demo did not start in time")

    def graphql(self, document: str, role: str = "AGENT", **variables: Any) -> Any:
        """The data of an answer without errors."""
        body, headers = {"query": document, "variables": variables}, {"X-Correlation-ID": self.correlation_id}
        headers["Authorization"] = f"Bearer {self.tokens[role]}"
        answer = call("POST", f"{self.url}/graphql", body, **headers)
        assert "errors" not in answer, answer
        return answer["data"]

    def view(self, fields: str, deadline: str = "PT2S", max_age: str | None = None, **key: str) -> Any:
        document = f"""query($key: CaseKey!, $freshness: FreshnessInput!) {{
          caseView(key: $key, freshness: $freshness) {{ {fields} }}
        }}"""
        freshness = {"deadline": deadline, "maxAge": max_age}
        return self.graphql(document, key=key, freshness=freshness)["caseView"]

    def where_is(self, correlation_id: str | None = None, **query: str) -> tuple[int, Mapping[str, str], bytes]:
        """What a bot hears: status, headers and body as they are on the wire."""
        headers = {"X-Correlation-ID": correlation_id or self.correlation_id}
        headers["Authorization"] = f"Bearer {self.tokens['AGENT']}"
        request = urllib.request.Request(f"{self.url}/v1/eta?{urlencode(query)}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as response:
                return response.status, dict(response.headers), response.read()
        except urllib.error.HTTPError as error:
            return error.code, dict(error.headers), error.read()

    def ask(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`casefold ask` as an agent types it."""
        command = [sys.executable, "-m", "app", "ask", "--url", self.url, "--data", str(self.data), *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)

    def break_system(self, system: str, **fault: Any) -> None:
        call("PUT", f"{self.sandbox}/control/{system}", fault)

    def heal(self) -> None:
        call("PUT", f"{self.sandbox}/control")

    def counters(self) -> Any:
        """Calls that each system has received."""
        return call("GET", f"{self.sandbox}/control/counters")

    def calls(self) -> dict[str, dict[str, int]]:
        """How often each address was called for what was asked here, without what workers ask."""
        counted = call("GET", f"{self.sandbox}/control/counters?correlationId={self.correlation_id}")
        return {
            system: {name: each["calls"] for name, each in endpoints.items()}
            for system, endpoints in counted.items()
            if endpoints
        }

    def forget_calls(self) -> None:
        """Count `calls` anew."""
        self.correlation_id = uuid4().hex


def call(method: str, url: str, body: Any = None, **headers: str) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **headers}, method=method)
    with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as response:
        return json.loads(response.read() or b"null")
