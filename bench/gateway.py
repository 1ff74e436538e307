"""Casefold under test: `casefold serve`, as it is shipped, with authentication, limits and telemetry on.

Rates are so high that they count and do not stop; everything else is as it is without a setting.
"""

import hashlib
import tempfile
from contextlib import contextmanager
from pathlib import Path

from bench.processes import GATEWAY_PORT, HERE, SERVER_CORE, process, python

KEY = "bench-key-of-the-service-desk-0001"
NEAR_BYTES = 64 * 1024 * 1024
KINDS = {"erp": "ERP", "wms": "WMS", "tms": "TMS", "crm": "CRM"}
EVENTS_TOKEN = "t-1"  # noqa: S105  # of a source that exists here only
RATES = """\
requests = "1000000 per second"
cost = "1000000000000 per minute"
asked = "100000000 per minute"
misses = "100000000 per 10 minutes"
refreshes = "100000000 per minute"
"""

SHARED = "answer_bytes = 0\nshared_answers = true"
_GATEWAY = """\
redis_url = "{redis}"
near_bytes = {near_bytes}
{answers}
anonymous = ["agent"]

[limits]
floors = {{ agent = "PT0S" }}
{rates}

[[api_keys]]
id = "bench"
sha256 = "{digest}"
roles = ["agent", "finance"]
"""
_SOURCE = """
[[sources]]
id = "{name}"
adapter = "canonical"
kinds = ["{kind}"]
base_url = "http://127.0.0.1:{upstream}/{name}"
concurrency = 64
poll_every = "P1D"
events_token = "{token}"
"""


@contextmanager
def gateway(
    redis_url,
    upstream_port,
    *,
    near_bytes=NEAR_BYTES,
    port=GATEWAY_PORT,
    tree=HERE,
    cores=(SERVER_CORE,),
    workers=None,
    settles=True,
):
    """A gateway that listens; gives its process.

    Args:
        redis_url: where it keeps its state.
        upstream_port: where the systems of record are.
        near_bytes: for copies in the process; 0: none, and answers are shared through Redis instead.
        port: to listen on.
        tree: the source that is run; another checkout, to compare.
        cores: where it may run.
        workers: how many processes it has; null: what it has without being told.
        settles: whether what sources send is settled in it.
    """
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "casefold.toml"
        config.write_text(settings(redis_url, upstream_port, near_bytes, tree))
        command = python("-m", "app", "serve", "--config", str(config), "--port", str(port))
        command += ["--workers", str(workers)] if workers else []
        command += [] if settles else ["--no-worker"]
        with process(command, port, *cores, folder=tree, PYTHONPATH=str(tree)) as served:
            yield served


def _shares(tree):
    """Whether that source knows how; older commits that are compared with do not."""
    return "shared_answers" in (Path(tree) / "app" / "settings.py").read_text(encoding="utf-8")


def settings(redis_url, upstream_port, near_bytes=NEAR_BYTES, tree=HERE):
    own = _GATEWAY.format(
        redis=redis_url,
        near_bytes=near_bytes,
        answers=SHARED if not near_bytes and _shares(tree) else "",
        rates=RATES,
        digest=hashlib.sha256(KEY.encode()).hexdigest(),
    )
    sources = (
        _SOURCE.format(name=name, kind=kind, upstream=upstream_port, token=f"{EVENTS_TOKEN}-{name}")
        for name, kind in KINDS.items()
    )
    return own + "".join(sources)
