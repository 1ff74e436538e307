"""What faults are tried on: a Redis that can be killed, a wire to it that can be cut, a system that counts its calls."""

import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self, cast

import httpx

from app.main import create_app
from app.settings import configure
from app.wiring import build
from cache.embedded import redis_server
from tests.app.gateway import ask
from tests.callers import ANYBODY
from tests.waiting import wait_until


def free_port() -> int:
    """Low enough that a cluster's nodes may talk to each other 10,000 above."""
    while True:
        port = random.randint(10_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class RedisProcess:
    """A redis-server of its own, append-only, on a port."""

    def __init__(self, folder: Path, *settings: str, binary: Path | None = None) -> None:
        self.port = free_port()
        self._command = [str(binary or redis_server()), "--dir", str(folder), "--save", "", "--appendonly", "yes"]
        self._command += ["--appendfsync", "no", "--logfile", str(folder / "redis.log"), *settings]

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.signal(signal.SIGCONT)
        self.kill()

    def start(self) -> None:
        self._process = subprocess.Popen([*self._command, "--port", str(self.port)], stdout=subprocess.DEVNULL)
        for _ in range(500):
            if self._process.poll() is not None:  # somebody was faster to take the port
                self.port = free_port()
                self.start()
                return
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.2) as probe:
                probe.sendall(b"PING\r\n")
                if probe.recv(16).startswith(b"+PONG"):
                    return
            time.sleep(0.01)
        raise AssertionError("redis-server did not start")

    def signal(self, number: int) -> None:
        self._process.send_signal(number)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


class Proxy:
    """A wire to a port: with a delay, losing a reply, or cut."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._wires: set[asyncio.StreamWriter] = set()
        self.delay_seconds = 0.0
        self.swallow: bytes | None = None
        self.round_trips = 0

    @asynccontextmanager
    async def open(self) -> Any:
        server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        self.url = f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()
            self.cut()

    def cut(self) -> None:
        for writer in self._wires:
            writer.transport.abort()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        self._wires |= {writer, far_writer}
        state: dict[str, bool] = {}
        with suppress(OSError):
            await asyncio.gather(self._forth(reader, far_writer, state), self._back(far_reader, writer, state))
        self._wires -= {writer, far_writer}
        for each in (writer, far_writer):
            each.transport.abort()

    async def _forth(self, reader: Any, writer: Any, state: dict[str, bool]) -> None:
        while data := await reader.read(1 << 20):
            self.round_trips += 1
            if self.swallow is not None and self.swallow in data:
                self.swallow, state["lost"] = None, True
            await asyncio.sleep(self.delay_seconds)
            writer.write(data)
            await writer.drain()
        writer.transport.abort()

    async def _back(self, reader: Any, writer: Any, state: dict[str, bool]) -> None:
        while data := await reader.read(1 << 20):
            if state.pop("lost", False):
                writer.transport.abort()
                return
            writer.write(data)
            await writer.drain()
        writer.transport.abort()


class CanonicalSystem:
    """A system that knows an order under any number, and everything that is asked for with it."""

    def __init__(self, delay_seconds: float = 0.0) -> None:
        self.delay_seconds = delay_seconds
        self.status = "RELEASED"
        self.is_down = self.is_flapping = False
        self.calls = 0
        self.asked: list[str] = []
        self.under_way = self.most_under_way = 0

    @asynccontextmanager
    async def open(self) -> Any:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, OSError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
                body = await reader.readexactly(length)
                self.under_way += 1
                self.most_under_way = max(self.most_under_way, self.under_way)
                try:
                    writer.write(await self._answer(json.loads(body)))
                finally:
                    self.under_way -= 1
                await writer.drain()
        writer.close()

    async def _answer(self, asked: Any) -> bytes:
        self.calls += 1
        results = [
            {
                "entity": lookup["entity"],
                "scheme": lookup["scheme"],
                "value": value,
                "found": self._found(lookup, value),
            }
            for lookup in asked["lookups"]
            for value in lookup["values"]
        ]
        self.asked += [f"{each['entity']} {each['value']}" for each in results]
        await asyncio.sleep(self.delay_seconds)
        is_down = self.is_down or (self.is_flapping and self.calls % 2)
        status = b"503 X" if is_down else b"200 OK"
        body = b"{}" if is_down else json.dumps({"results": results}).encode()
        return b"HTTP/1.1 %b\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (
            status,
            len(body),
            body,
        )

    def _found(self, lookup: Any, value: str) -> list[Any]:
        if lookup["entity"] != "ORDER":
            return []
        now = datetime.now(UTC).isoformat()
        return [{"id": value, "asOf": now, "data": {"number": value, "status": self.status}}]


class Gateway:
    """A gateway in this process, with its store."""

    def __init__(self, redis_url: str, system_url: str, *, longest: str = "PT2S", **settings: Any) -> None:
        erp = {"id": "erp", "adapter": "canonical", "kinds": ["ERP"], "base_url": system_url, "poll_every": "PT1H"}
        table = {**ANYBODY, "deadline": longest, "sources": [erp | settings]}
        self.wired = build(configure(table, {}), redis_url)
        self.memory = self.wired.gateway.reader.memory
        self.app = create_app(self.wired)

    async def __aenter__(self) -> Self:
        await self.wired.open()
        if self.memory.is_up:
            await wait_until(lambda: self.memory.announcements.is_live)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.wired.aclose()

    async def orders(self, number: str = "SO-1", freshness: str = "") -> Any:
        """The orders section of a view; fails on any error."""
        return (await self.views([number], freshness))[0]["orders"]

    async def views(self, numbers: list[str], freshness: str = "") -> Any:
        query = f"""query($keys: [CaseKey!]!) {{
          caseViews(keys: $keys, freshness: {{{freshness or "onStale: REFRESH"}}}) {{
          orders {{ freshness {{ state origin ageSeconds }} problem {{ code }} nodes {{ number status }} }} }} }}"""
        variables = {"keys": [{"orderNumber": number} for number in numbers]}
        status, _, body = await ask(self.app, "POST", "/graphql", {"query": query, "variables": variables})
        answer = json.loads(body)
        assert status == 200, answer
        assert "errors" not in answer, answer
        return answer["data"]["caseViews"]

    async def readiness(self) -> int:
        return cast("int", (await ask(self.app, "GET", "/readyz"))[0])


def said(section: Any) -> tuple[str, str]:
    return section["freshness"]["state"], section["freshness"]["origin"]


def statuses(section: Any) -> list[str]:
    return [node["status"] for node in section["nodes"]]


class ServedGateway:
    """`casefold serve` as a process of its own."""

    def __init__(self, folder: Path, system_url: str, redis_url: str | None = None, **settings: Any) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        source = {"id": "erp", "adapter": "canonical", "base_url": system_url, "poll_every": "PT1H"} | settings
        lines = [
            f'port = {self.port}\ndata_dir = "{folder}"\nlog_level = "error"\nanonymous = ["agent"]',
            'limits = { requests = "1000000 per second", asked = "1000000 per minute", floors = { agent = "PT0S" } }',
            "[[sources]]",
            'kinds = ["ERP"]',
        ]
        lines += [f"{name} = {json.dumps(value)}" for name, value in source.items()]
        config = folder / f"casefold-{self.port}.toml"
        config.write_text("\n".join(lines), encoding="utf-8")
        self._environment = os.environ | ({"CASEFOLD_REDIS_URL": redis_url} if redis_url else {})
        self.config = config
        self._command = [sys.executable, "-m", "app", "serve", "--config", str(config)]

    async def __aenter__(self) -> Self:
        self._start()
        self._client = httpx.AsyncClient(base_url=self.url, timeout=20, limits=httpx.Limits(max_connections=2_000))
        for _ in range(600):  # beside all other tests a start takes its time
            with suppress(httpx.HTTPError):
                if (await self._client.get("/readyz")).status_code == 200:
                    return self
            assert self.process.poll() is None, self.process.stderr and self.process.stderr.read()
            await asyncio.sleep(0.05)
        raise AssertionError("the gateway did not become ready")

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=20)

    def _start(self) -> None:
        self.process = subprocess.Popen(self._command, env=self._environment, stderr=subprocess.PIPE, text=True)

    async def orders(self, number: str = "SO-1", freshness: str = "") -> Any:
        query = f"""{{ caseView(key: {{orderNumber: "{number}"}}{", freshness: {" + freshness + "}" if freshness else ""}) {{
          orders {{ freshness {{ state origin ageSeconds }} problem {{ code }} nodes {{ number status }} }} }} }}"""
        answer = (await self._client.post("/graphql", json={"query": query})).json()
        assert "errors" not in answer, answer
        return answer["data"]["caseView"]["orders"]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def without_worker(self) -> Self:
        self._command.append("--no-worker")
        return self

    def by(self, count: int) -> Self:
        """By so many processes on its port."""
        self._command += ["--workers", str(count)]
        return self

    def worker(self) -> "subprocess.Popen[bytes]":
        """`casefold work` with the same settings."""
        return subprocess.Popen(
            [sys.executable, "-m", "app", "work", "--config", str(self.config)], env=self._environment
        )
