"""Real brokers for the tests: those on the machine, else Debian's packages, unpacked beside and not installed."""

import os
import random
import shutil
import socket
import subprocess
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Self

PACKAGES = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "casefold-tests"
PATIENCE_SECONDS = 60


@cache
def unpacked(*packages: str) -> Path | None:
    """A folder with what these packages of Debian hold; null where they cannot be had."""
    folder = PACKAGES / "-".join(packages)[:80]
    if (folder / "done").exists():
        return folder
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    if not (_run(folder, "apt-get", "download", *packages) or _run(folder, "apt-get", "update")):
        return None
    if not list(folder.glob("*.deb")) and not _run(folder, "apt-get", "download", *packages):
        return None
    for package in folder.glob("*.deb"):
        if not _run(folder, "dpkg", "-x", str(package), str(folder)):
            return None
    (folder / "done").touch()
    return folder


def _run(folder: Path, *command: str) -> bool:
    with suppress(subprocess.TimeoutExpired):
        return subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False).returncode == 0
    return False


def free_port() -> int:
    while True:
        port = random.randint(20_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class Server:
    """A process that listens on a port, ended with the test."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()

    def command(self) -> list[str]:
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        return dict(os.environ)

    def start(self) -> None:
        log = (self.folder / "server.log").open("ab")
        self._process = subprocess.Popen(
            self.command(), env=self.environment(), stdout=log, stderr=log, start_new_session=True
        )
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < give_up_at:
            assert self._process.poll() is None, (self.folder / "server.log").read_text(errors="replace")[-2_000:]
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.2):
                return
            time.sleep(0.05)
        raise AssertionError("the broker did not start")

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, 9)
        self._process.wait()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


class Nats(Server):
    """NATS with JetStream on disk."""

    @staticmethod
    def binary() -> str | None:
        found = shutil.which("nats-server")
        folder = None if found else unpacked("nats-server")
        path = folder and next(folder.glob("usr/*bin/nats-server"), None)
        return found or (str(path) if path else None)

    def command(self) -> list[str]:
        return [str(self.binary()), "-a", "127.0.0.1", "-p", str(self.port), "-js", "-sd", str(self.folder / "js")]

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"


ERLANG = [
    "asn1",
    "base",
    "crypto",
    "eldap",
    "ftp",
    "inets",
    "mnesia",
    "os-mon",
    "parsetools",
    "public-key",
    "runtime-tools",
    "snmp",
    "ssl",
    "syntax-tools",
    "tftp",
    "tools",
    "xmerl",
]


class RabbitMq(Server):
    """RabbitMQ, with an Erlang of its own."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._ports = {"ERL_EPMD_PORT": str(free_port()), "RABBITMQ_DIST_PORT": str(free_port())}

    @staticmethod
    def home() -> Path | None:
        folder = unpacked("rabbitmq-server", "libsctp1", *(f"erlang-{name}" for name in ERLANG))
        erl = folder and folder / "usr/lib/erlang/bin/erl"
        if folder is None or erl is None or not erl.exists():
            return None
        text = erl.read_text()
        erl.write_text(text.replace("ROOTDIR=/usr/lib/erlang", f"ROOTDIR={folder}/usr/lib/erlang"))
        return folder / "usr/lib"

    def command(self) -> list[str]:
        return [str(next(self._home.glob("rabbitmq/lib/rabbitmq_server-*")) / "sbin/rabbitmq-server")]

    def environment(self) -> dict[str, str]:
        places = {"MNESIA_BASE": "mnesia", "LOG_BASE": "log", "PID_FILE": "pid", "ENABLED_PLUGINS_FILE": "plugins"}
        places |= {"CONFIG_FILE": "config", "ADVANCED_CONFIG_FILE": "advanced", "CONF_ENV_FILE": "env"}
        own = {f"RABBITMQ_{name}": str(self.folder / place) for name, place in places.items()}
        own |= {"RABBITMQ_HOME": str(next(self._home.glob("rabbitmq/lib/rabbitmq_server-*")))}
        own |= {"RABBITMQ_NODENAME": "casefold@localhost", "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1"}
        own |= {"RABBITMQ_NODE_PORT": str(self.port), "HOME": str(self.folder)} | self._ports
        path = f"{self._home}/erlang/bin:{os.environ['PATH']}"
        return dict(os.environ) | own | {"PATH": path, "ERL_ROOTDIR": f"{self._home}/erlang"}

    @property
    def _home(self) -> Path:
        home = self.home()
        assert home is not None
        return home

    def start(self) -> None:
        names = subprocess.Popen([f"{self._home}/erlang/bin/epmd"], env=self.environment(), start_new_session=True)
        self._names = names
        super().start()

    def kill(self) -> None:
        super().kill()
        self._names.kill()
        self._names.wait()

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}/"
