"""How much memory, and how long to start, with many orders kept.

`python -m bench size [--orders 100000]`

Every order has its four lines, two shipments with milestones, two fulfillments, three invoices, credit, customer and
case of its own, is listed under its number by every system, and has a footprint.
"""

import asyncio
import json
import tempfile
import time
import urllib.request
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import redis
from msgspec.structs import replace

from bench.gateway import gateway
from bench.processes import GATEWAY_PORT, upstream
from bench.work import SYSTEMS, entities
from cache.codec import Footprint
from cache.embedded import EmbeddedRedis
from cache.keys import Keys
from cache.server import Server
from cache.store import Store
from domain.billing import Invoice
from domain.fulfillment import Fulfillment
from domain.identity import CaseKey, EntityKey, EntityKind, Reference, Scheme
from domain.known import Nature, known_of
from domain.listing import Listing
from domain.lookup import Lookup, Question
from domain.observation import Snapshot
from domain.service_case import ServiceCase

BATCH = 100
NEAR = 64
"""MB that the gateway may use for near copies."""

VIEWS = """query($keys: [CaseKey!]!) { caseViews(keys: $keys, freshness: {onStale: STATE_ONLY}) {
  orders { freshness { state } nodes { number } } shipments { nodes { id milestones { code } } }
  fulfillments { nodes { id } } invoices { nodes { number } } credit { credit { status } } } }"""


def run(orders=100_000):
    with tempfile.TemporaryDirectory() as folder:
        with EmbeddedRedis(Path(folder)) as server, closing(redis.Redis.from_url(server.url)) as client:
            empty = client.info("memory")["used_memory"]
            client.config_set("appendfsync", "no")
            started = time.perf_counter()
            asyncio.run(_fill(server.url, orders))
            took = time.perf_counter() - started
            used = client.info("memory")["used_memory"] - empty
            client.config_set("appendfsync", "everysec")
            print(f"{orders} orders kept in {took:.0f} s ({orders * 12 / took:.0f} entities a second)")
            print(
                f"Redis: {used / orders / 1024:.1f} KB an order, {used / 2**20:.0f} MB in all, {client.dbsize()} keys"
            )
        started = time.perf_counter()
        with EmbeddedRedis(Path(folder)) as server:
            print(f"Redis starts again in {time.perf_counter() - started:.1f} s")
            started = time.perf_counter()
            with upstream(0) as systems, gateway(server.url, systems, near_bytes=NEAR * 2**20) as served:
                print(f"the gateway starts in {time.perf_counter() - started:.1f} s")
                print(f"its memory: {_rss(served):.0f} MB at start", end=", ")
                read = min(orders, 20_000)
                _read(read)
                print(f"{_rss(served):.0f} MB after views of {read} orders; near copies may take {NEAR} MB")


def _rss(process):
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


def _read(orders):
    for start in range(0, orders, 50):
        keys = [{"orderNumber": f"SO-{n}"} for n in range(start, start + 50)]
        body = json.dumps({"query": VIEWS, "variables": {"keys": keys}}).encode()
        for _ in range(20):  # Redis may stop for a moment to write its file anew
            if all(len(view["shipments"]["nodes"]) == 2 for view in _views(body)):
                break
            time.sleep(0.2)
        else:
            raise RuntimeError("something is not kept")


def _views(body):
    request = urllib.request.Request(
        f"http://127.0.0.1:{GATEWAY_PORT}/graphql", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["data"]["caseViews"]


async def _fill(url, orders):
    server = Server(url)
    await server.open()
    store = Store(server, Keys("main", int(await server.once(Keys("main").meta(), "1"))))
    for start in range(0, orders, BATCH):
        await _keep(store, range(start, start + BATCH))
    await server.aclose()


async def _keep(store, numbers):
    now, nature, seen, listings, footprints = datetime.now(UTC), Nature(), [], {}, {}
    for n in numbers:
        number, questions, keys = f"SO-{n}", [], []
        for source, kinds in SYSTEMS.items():
            for kind in map(EntityKind, kinds):
                found = [(f"{number}-{id_}", _own(entity, number)) for id_, entity in entities(kind, number)]
                question = Question(source, Lookup(kind, Reference(scheme=Scheme.SO, value=number)))
                questions.append(question)
                listings[question] = Listing(now, now, tuple(id_ for id_, _ in found))
                for id_, entity in found:
                    key = EntityKey(tenant="main", source=source, kind=kind, id=id_)
                    keys.append(key)
                    seen.append((known_of(Snapshot(key, entity, now, now, verified_at=now)), nature))
        footprints[CaseKey(scheme=Scheme.SO, value=number)] = Footprint(tuple(questions), tuple(keys))
    await store.settle(seen, listings)
    await store.remember(footprints)


def _own(entity, number):
    """Numbers of the order's own, so that not everything is linked to everything."""
    fields = {name: f"{number}-{getattr(entity, name)}" for name in OWN if getattr(entity, name, None)}
    if isinstance(entity, Fulfillment):
        fields["packages"] = tuple(replace(each, tracking_number=None, sscc=None) for each in entity.packages)
    if isinstance(entity, Invoice | ServiceCase):
        fields["number"] = f"{number}-{entity.number}"
    return replace(entity, **fields)


OWN = ("id", "customer_id", "tracking_number", "purchase_order_number")
