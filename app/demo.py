"""The gateway with simulated systems behind it: one command, nothing to set up, on loopback only."""

import json
import signal
import socket
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from app.identity.api_keys import hashed, new_key
from app.main import create_app
from app.serving import OPTIONS
from app.settings import configure
from app.state import kept_state
from app.telemetry import start_logging
from app.wiring import build
from domain.caller import Role
from domain.errors import CasefoldError

LOOPBACK = "127.0.0.1"
PATIENCE_SECONDS = 20

ENDING_SECONDS = 1
"""How long requests under way may go on when the demo is told to end; who listens to a stream listens for ever."""

EVENTS_TOKEN = "demo-events"  # noqa: S105  # the demo's own, known to everybody


PLAYGROUND: Mapping[str, Any] = {
    "asked": "10000 per minute",
    "misses": "1000 per minute",
    "refreshes": "1000 per minute",
    "floors": {"agent": "PT0S"},
}
"""Who plays with a demo asks for the same orders again and again, and breaks systems to see what is said then."""


class DemoError(CasefoldError):
    """The demo could not start."""


@dataclass(frozen=True, slots=True)
class Demo:
    """What to show.

    Attributes:
        port: of the gateway; 0: any free one.
        data: folder for `demo.env`.
        seed: of the simulated world.
        rate: steps of the world per second.
        order: the order number in the printed example.
        trackers: file of parcels that the simulated carriers know besides their own world.
        real: sources that take the place of the simulated ones of the same kinds.
    """

    port: int = 8000
    data: Path = Path("var/demo")
    seed: int = 7
    rate: float = 1.0
    order: str = "SO-1001"
    trackers: Path | None = None
    real: Sequence[Mapping[str, Any]] = field(default=())


def run_demo(demo: Demo) -> None:
    """Run until interrupted; everything that was started is ended.

    Raises:
        DemoError: the port is taken, or the simulated systems did not start.
    """
    listener = _listen(demo.port)
    port = listener.getsockname()[1]
    _environment(demo.data).unlink(missing_ok=True)  # of a demo that was killed
    url = f"http://{LOOPBACK}:{port}"
    keys = {role: new_key() for role in Role}
    with listener, _sandbox(demo, url) as sandbox:
        table = {
            "port": port,
            "data_dir": str(demo.data.resolve()),
            "log_format": "text",
            "log_level": "warning",
            "audit": False,  # nobody is real here
            "graphql": {"explorer": True, "introspection": [role.value for role in Role]},
            "limits": PLAYGROUND,
            "api_keys": [_client(role, key) for role, key in keys.items()],
            "sources": _sources(sandbox, demo.real),
        }
        configuration = configure(table)
        _write_settings(demo.data, table)
        start_logging(configuration.gateway)
        with kept_state(configuration.gateway) as redis_url, suppress(KeyboardInterrupt):
            app = create_app(build(configuration, redis_url))
            announce = _Announced(app, demo, url, sandbox, keys)
            config = uvicorn.Config(announce, timeout_graceful_shutdown=ENDING_SECONDS, **OPTIONS)
            uvicorn.Server(config).run(sockets=[listener])  # uvicorn ends in order, and then raises what ended it


class _Announced:
    """Says that the gateway can be asked, once it can."""

    def __init__(self, app: ASGIApp, demo: Demo, url: str, sandbox: str, keys: Mapping[Role, str]) -> None:
        self._app, self._demo, self._url, self._sandbox, self._keys = app, demo, url, sandbox, keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return

        async def send_and_say(message: Any) -> None:  # noqa: ANN401  # an ASGI message
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                _write_environment(self._demo.data, self._url, self._sandbox, self._keys)
                sys.stdout.write(_welcome(self._demo, self._url, self._sandbox, self._keys))
                sys.stdout.flush()

        await self._app(scope, receive, send_and_say)


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
        listener.listen()  # who is told the address may call at once, and waits
    except OSError as error:
        listener.close()
        raise DemoError(f"port {port} is taken; choose another, e.g. make demo PORT={port + 10}") from error
    return listener


@contextmanager
def _sandbox(demo: Demo, gateway: str) -> Iterator[str]:
    """The simulated systems as a process of their own that ends with this one, however this one ends."""
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--stop-with-stdin", "--events-to", gateway]
    command += ["--seed", str(demo.seed), "--rate", str(demo.rate)]
    command += ["--trackers", str(demo.trackers)] if demo.trackers else []
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603  # our own program
    try:
        yield _url_of(process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_SECONDS)


def _url_of(process: subprocess.Popen[str]) -> str:
    line = process.stdout.readline() if process.stdout else ""
    try:
        return str(json.loads(line)["url"])
    except (ValueError, KeyError) as error:
        raise DemoError("the simulated systems did not start; their message is above") from error


def _sources(sandbox: str, real: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    taken = {kind for source in real for kind in source["kinds"]}
    simulated = (
        _canonical("erp-sandbox", "ERP", sandbox),
        _canonical("wms-sandbox", "WMS", sandbox),
        _canonical("crm-sandbox", "CRM", sandbox),
        _easypost("tms-sandbox", "TMS", sandbox),
        _easypost("claims-sandbox", "CLAIMS", sandbox),
    )
    return [*real, *(source for source in simulated if not taken & set(source["kinds"]))]


def _canonical(name: str, kind: str, sandbox: str) -> Mapping[str, Any]:
    system = kind.lower()
    token = f"sandbox-{system}-key"
    about = {"id": name, "adapter": "canonical", "kinds": [kind], "base_url": f"{sandbox}/{system}", "token": token}
    about |= {"events_token": EVENTS_TOKEN, "events_secret": _signing_secret(system)}
    if kind == "WMS":  # it leaves no event out, and says that it is there: nobody has to ask what has changed
        return about | {"numbers_events": True, "heartbeat": "PT2S"}
    return about | {"lists_changes": True, "poll_every": "PT5S"}


def _easypost(name: str, kind: str, sandbox: str) -> Mapping[str, Any]:
    token = "sandbox-easypost-key"  # noqa: S105  # the sandbox's own, known to everybody
    about = {"id": name, "adapter": "easypost", "kinds": [kind], "base_url": f"{sandbox}/easypost", "token": token}
    about |= {"events_token": EVENTS_TOKEN, "webhook_secret": "s\u00e4ndbox easypost secret"}
    return about | {"link_hosts": ["track.example.com", "files.example.com"]}


def _client(role: Role, key: str) -> Mapping[str, Any]:
    return {"id": f"demo-{role.value}", "sha256": hashed(key), "roles": [role.value]}


def _signing_secret(system: str) -> str:
    return "whsec_" + b64encode(f"{system}-sandbox-signing-secret".encode()).decode()


def _environment(data: Path) -> Path:
    return data / "demo.env"


def _settings(data: Path) -> Path:
    return data / "casefold.toml"


def _write_settings(data: Path, table: Mapping[str, Any]) -> None:
    """For the commands that work on the state of a gateway."""
    several = ("api_keys", "sources")
    tables = [("", {name: value for name, value in table.items() if name not in several})]
    tables += [(f"\n[[{name}]]\n", each) for name in several for each in table[name]]
    lines = [head + "".join(f"{name} = {_toml(value)}\n" for name, value in each.items()) for head, each in tables]
    data.mkdir(parents=True, exist_ok=True)
    _settings(data).write_text("".join(lines), encoding="utf-8")


def _toml(value: Any) -> str:  # noqa: ANN401  # a setting
    """A value; text, truth values and lists of text are as in JSON."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{name} = {_toml(each)}" for name, each in value.items()) + " }"
    return json.dumps(value)


def _write_environment(data: Path, url: str, sandbox: str, keys: Mapping[Role, str]) -> None:
    """For scripts: whole or not at all, and for the owner's eyes."""
    told = {"URL": url, "SANDBOX_URL": sandbox, "EVENTS_TOKEN": EVENTS_TOKEN, "CONFIG": str(_settings(data))}
    told |= {f"TOKEN_{role.name}": key for role, key in keys.items()}
    data.mkdir(parents=True, exist_ok=True)
    draft = _environment(data).with_suffix(".draft")
    draft.touch(0o600)
    draft.write_text("".join(f"CASEFOLD_{name}={value}\n" for name, value in told.items()), encoding="utf-8")
    draft.replace(_environment(data))


def _data_option(demo: Demo) -> str:
    """Where the agent's key is, unless it is where it is looked for."""
    return "" if demo.data == Demo().data else f" --data {demo.data}"


def _pace(demo: Demo) -> str:
    return "their world's clock runs ahead of yours" if demo.rate else "or rather not: RATE=0 is a still world"


def _welcome(demo: Demo, url: str, sandbox: str, keys: Mapping[Role, str]) -> str:
    query = f'{{ caseView(key: {{orderNumber: \\"{demo.order}\\"}}) {{ status shipments {{ nodes {{ status }} }} }} }}'
    return f"""
Casefold answers at {url}/graphql. The systems behind it are {"real and " if demo.real else ""}simulated.
It listens on this machine only, and has made one key for each role: agent, finance, panel, bot, ops.

  Ask as an agent:    .venv/bin/casefold ask --order {demo.order} --url {url}{_data_option(demo)}
  Ask as a program:   . {_environment(demo.data).resolve()}
                      curl -s {url}/graphql -H 'content-type: application/json' \\
                        -H "authorization: Bearer $CASEFOLD_TOKEN_AGENT" \\
                        -d '{{"query": "{query}"}}'
  Ask in a browser:   {url}/graphiql/#token={keys[Role.AGENT]}
  See it move:        ask for SO-2001 to SO-2200 again and again; {_pace(demo)}
  Break a system:     curl -X PUT {sandbox}/control/erp -d '{{"hang": true}}'   (and ask again)
  Heal everything:    curl -X PUT {sandbox}/control

  Look behind:        .venv/bin/casefold parked list --config {_settings(demo.data)}
                      .venv/bin/casefold replay --dry-run --config {_settings(demo.data)}

Addresses and keys for scripts are in {_environment(demo.data)}. Ctrl-C ends everything.
"""
