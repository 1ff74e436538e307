"""Several tenants in one gateway: the same numbers, and nothing of one is seen, touched or told by another."""

import asyncio
import json
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from app.cli import app as cli
from app.main import create_app
from app.settings import configure
from app.wiring import build
from cache.board import BoardFilter
from cache.inbox import Letter
from cache.keys import Keys
from cache.lease import Leases
from domain.errors import SettingError
from domain.prediction import Horizon, Lane, Residual
from domain.stages import Stage
from events.envelope import BATCH
from resolvers.context import Context
from resolvers.schema import schema
from tests.app.gateway import ask
from tests.events.receiver import SECRET, Receiver
from tests.faults.rigs import CanonicalSystem
from tests.waiting import wait_until

TENANTS = ("a", "ab")
NOWHERE = "http://127.0.0.1:1"
LANE = Lane(next(iter(Horizon)), carrier="UPS")
VIEW = """query($key: CaseKey!, $freshness: FreshnessInput) { caseView(key: $key, freshness: $freshness) { id
  orders { freshness { state origin } problem { code } nodes { number status customerId } }
  shipments { nodes { id status } } } }"""


def source(tenant, kind="ERP", url=NOWHERE, **more):
    name = f"{kind.lower()}-{tenant}"
    about = {"id": name, "adapter": "canonical", "kinds": [kind], "base_url": url, "tenant": tenant}
    return about | {"events_token": f"t-{name}", "poll_every": "PT1H"} | more


SOURCES = [source(tenant, kind) for tenant in TENANTS for kind in ("ERP", "TMS")]


def event(tenant, n, kind="order", subject="SO-1", ago=0.0, what="state", **data):
    system = "tms" if kind == "shipment" else "erp"
    time = (datetime.now(UTC) - timedelta(seconds=ago)).isoformat()
    about = {"specversion": "1.0", "id": f"e-{n}", "source": f"{system}-{tenant}", "subject": subject, "time": time}
    return about | {"type": f"casefold.{kind}.{what}.v1", "data": data or None}


def story(tenant, status="ON_HOLD"):
    """The same numbers and the same event ids for every tenant; what they say is its own."""
    order = {"number": "SO-1", "customerId": f"C-{tenant}"}
    late = datetime.now(UTC) - timedelta(days=5)
    return {
        f"t-erp-{tenant}": [
            event(tenant, 1, ago=500_000, status="RELEASED", releasedAt=late.isoformat(), **order),
            event(tenant, 2, ago=5, status=status, holds=[{"kind": "CREDIT", "reason": tenant}], **order),
            event(tenant, 3, ago=4, number=f"broken of {tenant}"),
            event(tenant, 4, subject="SO-2", ago=500_000, status="RELEASED", number="SO-2", customerId=f"C-{tenant}"),
        ],
        f"t-tms-{tenant}": [
            event(tenant, 1, "shipment", "S-1", 500_000, id="S-1", orderNumbers=["SO-1"], status="TENDERED"),
        ],
    }


class Company:
    """A gateway of several tenants."""

    def __init__(self, redis_url, sources=SOURCES, **table):
        self.wired = build(configure({"sources": sources} | table, {}), redis_url)
        self.app = create_app(self.wired)

    async def __aenter__(self):
        await self.wired.open()
        await wait_until(lambda: all(each.memory.is_up for each in self.wired.tenancies.values()))
        return self

    async def __aexit__(self, *_):
        await self.wired.aclose()

    async def send(self, token, *events):
        headers = {"authorization": f"Bearer {token}", "content-type": BATCH}
        status, _, answer = await ask(self.app, "POST", "/events", list(events), headers)
        return status, json.loads(answer)

    async def tell(self, tenant, **about):
        for token, events in story(tenant, **about).items():
            status, answer = await self.send(token, *events)
            assert (status, answer["accepted"]) == (202, len(events)), answer
        await self.settled(tenant)

    async def settled(self, tenant):
        for _ in range(500):
            if await self.wired.tenancies[tenant].inbox.waiting() == 0:
                return
            await asyncio.sleep(0.01)
        raise AssertionError("the inbox is not worked off")

    async def view(self, tenant, number="SO-1", **freshness):
        gateway = self.wired.gateway_of(tenant)
        context = Context(gateway, "c-1", None, gateway.reader.clock.monotonic())
        freshness = freshness or {"onStale": "STATE_ONLY", "maxAge": "P1D"}
        variables = {"key": {"orderNumber": number}, "freshness": freshness}
        result = await schema.execute(VIEW, variable_values=variables, context_value=context)
        assert result.errors is None
        return result.data["caseView"]

    async def parked(self, tenant):
        return (await self.wired.tenancies[tenant].dead_letters.page(10)).letters

    async def board(self, tenant):
        return (await self.wired.gateway_of(tenant).board.page(BoardFilter(), 10)).rows


@pytest.fixture
async def company(redis, client):  # noqa: ARG001  # the client empties it
    async with Company(redis.url) as company:
        yield company


@asynccontextmanager
async def only(redis_url, tenant):
    """A gateway of which one tenant's part is at work."""
    company = Company(redis_url)
    await company.wired.server.open()
    await company.wired.tenancies[tenant].open()
    try:
        yield company
    finally:
        await company.wired.aclose()


async def kept(client, tenant):
    """All that is kept of a tenant, byte for byte."""
    names = [name for name in await client.keys("*") if is_of(name.decode(), tenant)]
    return {name: await client.dump(name) for name in names}


def is_of(name, tenant):
    return name.startswith((f"casefold:{{{tenant}:", f"casefold:{tenant}:"))


async def test_each_reads_its_own_under_the_same_number(company):
    for tenant, status in zip(TENANTS, ("ON_HOLD", "CANCELLED"), strict=True):
        await company.tell(tenant, status=status)
    for tenant, status in zip(TENANTS, ("ON_HOLD", "CANCELLED"), strict=True):
        view = await company.view(tenant)
        assert [(each["status"], each["customerId"]) for each in view["orders"]["nodes"]] == [(status, f"C-{tenant}")]
        assert [each["id"] for each in view["shipments"]["nodes"]] == ["S-1"]
    assert len({(await company.view(tenant))["id"] for tenant in TENANTS}) == 2
    assert await company.view("main") is None
    assert company.wired.gateway_of("b") is None


async def test_what_one_does_touches_no_key_of_another(redis, client):
    async with only(redis.url, "a") as company:
        await company.tell("a")
        await wait_until(lambda: company.wired.tenancies["a"].memory.is_up)
        await company.view("a")
        await asyncio.sleep(0.3)
    before = await kept(client, "a")
    assert len(before) > 15
    said = []
    async with client.monitor() as monitor, only(redis.url, "ab") as company:
        listening = asyncio.create_task(heard(monitor, said))
        await company.tell("ab", status="CANCELLED")
        await company.view("ab", onStale="REFRESH")
        tenancy = company.wired.tenancies["ab"]
        await tenancy.gateway.experience.learn([(LANE, residual("ab"))])
        await tenancy.gateway.experience.recall([LANE])
        [parked] = await company.parked("ab")
        await tenancy.dead_letters.retry([parked.id])
        await tenancy.dead_letters.discard([parked.id], "a test")
        await company.board("ab")
        letters = [letter async for entry in tenancy.inbox.journal() for letter in entry.letters]
        await tenancy.settling.settle_again(letters)
        await asyncio.sleep(0.3)
        listening.cancel()
    assert await kept(client, "a") == before
    named = [line for line in said if "casefold:" in line]
    assert len(named) > 30
    assert not [line for line in named if "casefold:{a:" in line or "casefold:a:" in line or "casefold:{main" in line]
    assert all(is_of(name.decode(), "a") or is_of(name.decode(), "ab") for name in await client.keys("*"))


async def heard(monitor, said):
    async for each in monitor.listen():
        said.append(each["command"])


def residual(name):
    now = datetime(2026, 11, 23, tzinfo=UTC)
    return Residual(name, now, timedelta(hours=1), now)


async def test_near_copies_and_announcements_are_apart(company):
    await company.tell("a")
    await company.wired.tenancies["a"].concluder.aclose()  # what it still says of its own would be heard below
    one, other = (company.wired.tenancies[tenant].memory for tenant in TENANTS)
    await wait_until(lambda: one.announcements.is_live and other.announcements.is_live)
    name = "E erp-a:ORDER:SO-1"
    await company.view("a")
    assert name in one.near
    assert name not in other.near
    heard = {id(memory): [] for memory in (one, other)}
    for memory in (one, other):
        memory.announcements._tell_heard = lambda *told, memory=memory: heard[id(memory)].append(told)
    await company.tell("ab")
    await wait_until(lambda: heard[id(other)])
    await asyncio.sleep(0.1)
    assert heard[id(one)] == []
    assert name in one.near


async def test_leases_are_apart(company):
    server = company.wired.server
    mine, theirs = Leases(server), Leases(server)
    keys = [Keys(tenant).lease("flight:erp:ORDER:SO:SO-1:") for tenant in TENANTS]
    assert await mine.take([keys[0]], 5) == [True]
    assert await theirs.take(keys, 5) == [False, True]
    await theirs.release(keys)
    assert await theirs.take([keys[0]], 5) == [False]


async def test_one_call_for_all_who_ask_the_same_is_for_those_of_one_tenant(redis, client):  # noqa: ARG001
    async with CanonicalSystem(0.1).open() as one, CanonicalSystem(0.1).open() as other:
        one.status, other.status = "SHIPPED", "CANCELLED"
        sources = [source("a", url=one.url), source("ab", url=other.url)]
        async with Company(redis.url, sources) as company:
            asked = [company.view(tenant, onStale="REFRESH") for tenant in TENANTS * 3]
            views = await asyncio.gather(*asked)
            assert [view["orders"]["nodes"][0]["status"] for view in views] == ["SHIPPED", "CANCELLED"] * 3
            for system in (one, other):
                assert system.asked.count("ORDER SO-1") == 1


async def test_a_number_that_only_another_has_is_asked_of_nobody_else(redis, client):  # noqa: ARG001
    async with CanonicalSystem().open() as system, CanonicalSystem().open() as other:
        sources = [source("a", url=system.url), source("ab", "TMS", url=other.url)]
        async with Company(redis.url, sources) as company:
            assert (await company.view("a", "SO-7", onStale="REFRESH"))["orders"]["nodes"]
            calls = system.calls
            for tenant in ("ab", "main"):
                assert await company.view(tenant, "SO-7", onStale="REFRESH") is None
            assert system.calls == calls


async def test_parked_letters_are_apart(company):
    for tenant in TENANTS:
        await company.tell(tenant)
    [mine], [theirs] = await company.parked("a"), await company.parked("ab")
    assert (mine.source, theirs.source) == ("erp-a", "erp-ab")
    dead_letters = company.wired.tenancies["ab"].dead_letters
    assert [each.outcome.value for each in await dead_letters.discard([mine.id], "not ours")] == ["NOT_FOUND"]
    assert [each.outcome.value for each in await dead_letters.retry([mine.id])] == ["NOT_FOUND"]
    await dead_letters.discard([theirs.id], "ours")
    assert (await company.parked("a"), await company.parked("ab")) == ([mine], [])
    assert await company.wired.tenancies["a"].dead_letters.record(5) == []


async def test_boards_are_apart(company):
    await company.tell("ab")
    for _ in range(300):
        if rows := await company.board("ab"):
            break
        await asyncio.sleep(0.02)
    assert [(row.standing.stage, row.standing.source) for row in rows] == [(Stage.TENDERED_NOT_ACCEPTED, "tms-ab")]
    assert await company.board("a") == ()
    assert await company.board("main") == ()


async def test_operational_events_are_apart(company):
    told = {tenant: [] for tenant in ("main", *TENANTS)}

    async def listen(tenant):
        async with aclosing(company.wired.gateway_of(tenant).operational_events()) as events:
            async for each in events:
                told[tenant].append((each.order_number, each.customer_id))

    listening = [asyncio.create_task(listen(tenant)) for tenant in told]
    await asyncio.sleep(0.3)
    await company.tell("ab")
    await wait_until(lambda: told["ab"])
    await company.tell("a")
    await wait_until(lambda: told["a"])
    for task in listening:
        task.cancel()
    for tenant in TENANTS:
        assert {customer for _, customer in told[tenant]} - {None} == {f"C-{tenant}"}
    assert told["main"] == []


async def test_experience_is_apart(company):
    for tenant in TENANTS:
        await company.wired.gateway_of(tenant).experience.learn([(LANE, residual(tenant))])
    for tenant in TENANTS:
        learned = await company.wired.gateway_of(tenant).experience.recall([LANE])
        assert [each.id for each in learned[LANE]] == [tenant]
    assert (await company.wired.gateway.experience.recall([LANE]))[LANE] == ()


async def test_a_receiver_is_told_of_its_own_tenant_only(redis, client):  # noqa: ARG001
    async with Receiver().open() as receiver:
        hook = {"id": "desk", "tenant": "ab", "url": f"{receiver.url}/told?by=casefold", "secret": SECRET}
        async with Company(redis.url, webhooks=[hook]) as company:
            assert [len(company.wired.tenancies[tenant].deliverers) for tenant in ("main", *TENANTS)] == [0, 0, 1]
            await company.wired.tenancies["ab"].deliverers[0]._outbox.open("desk")
            for tenant in TENANTS:
                await company.tell(tenant)
            await wait_until(lambda: receiver.events)
            await asyncio.sleep(0.3)
            assert {each["data"]["customerId"] for each in receiver.events} == {"C-ab"}


async def test_r17_a_token_lets_in_nothing_for_the_source_of_another(company):
    status, answer = await company.send("t-erp-a", *(event(tenant, 1, number="SO-1") for tenant in TENANTS))
    assert status == 202
    assert [each["outcome"] for each in answer["results"]] == ["ACCEPTED", "REJECTED"]
    assert answer["results"][1]["reason"] == "source: found erp-ab, allowed: erp-a"
    assert await company.wired.tenancies["ab"].inbox.length() == 0
    assert (await ask(company.app, "POST", "/webhooks/erp-ab", {}))[0] == 404


async def test_letters_of_two_tenants_are_never_taken_in_together(company):
    letters = [Letter("event", f"erp-{tenant}", "e-9", b"{}", datetime.now(UTC), "c-1") for tenant in TENANTS]
    with pytest.raises(ValueError, match="too many values"):
        await company.wired.doors.accept(letters)
    for tenant in TENANTS:
        assert await company.wired.tenancies[tenant].inbox.waiting() == 0


async def test_how_the_systems_of_others_are_doing_is_not_told(company):
    for tenant in TENANTS:
        statuses = await company.wired.gateway_of(tenant).statuses()
        assert [each.id for each in statuses] == [f"erp-{tenant}", f"tms-{tenant}"]
    assert await company.wired.gateway.statuses() == []
    _, _, body = await ask(company.app, "GET", "/readyz")
    assert json.loads(body) == {"status": "ready", "sources": 4}


async def test_the_worker_of_one_that_stops_leaves_the_others_at_work(company):
    company.wired.tenancies["a"].worker.is_stopped = True
    assert not company.wired.is_stopped
    await company.tell("ab")
    company.wired.tenancies["ab"].worker.is_stopped = True
    assert company.wired.is_stopped, "the main tenant has no sources: there is nothing to do for it"


async def test_the_room_of_the_process_is_divided(redis):
    company = Company(redis.url, near_bytes=2_000_000, journal_bytes=200)
    for each in company.wired.tenancies.values():
        assert (each.memory.near.max_bytes, each.inbox._retention.size) == (1_000_000, 100), "among who has sources"
    await company.wired.aclose()


async def run(redis, folder, *words, sources=SOURCES):
    """Exit code and output of a command on the state of a gateway."""
    settings = folder / "casefold.toml"
    lines = [f'redis_url = "{redis.url}"']
    for each in sources:
        lines += ["[[sources]]", *(f"{name} = {json.dumps(value)}" for name, value in each.items())]
    settings.write_text("\n".join(lines), encoding="utf-8")
    result = await asyncio.to_thread(CliRunner().invoke, cli, [*words, "--config", str(settings)])
    return result.exit_code, result.output


@pytest.fixture
async def told(redis, client):  # noqa: ARG001  # the client empties it
    """What a gateway left behind that was told by everybody; it ended, so that it logs nothing in between."""
    async with Company(redis.url) as company:
        for tenant in TENANTS:
            await company.tell(tenant)


@pytest.mark.usefixtures("told")
async def test_parked_letters_are_listed_of_one_tenant(redis, tmp_path):
    code, said = await run(redis, tmp_path, "parked", "list", "--tenant", "ab")
    assert (code, said.count("\n")) == (0, 1)
    assert "erp-ab" in said
    assert await run(redis, tmp_path, "parked", "list") == (0, "nothing is parked\n")
    refused = "casefold: --tenant: found 'b', allowed: a, ab, main\n"
    assert await run(redis, tmp_path, "parked", "list", "--tenant", "b") == (1, refused)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("--tenant a", 0, "read 5 letters of"),
        ("--tenant a --source tms-a", 0, "read 1 letters of"),
        ("", 0, "read 0 letters of"),
        ("--tenant a --source tms-ab", 1, "--source: found 'tms-ab', allowed: erp-a, tms-a\n"),
    ],
)
@pytest.mark.usefixtures("told")
async def test_the_journal_of_one_tenant_is_replayed(redis, tmp_path, words, code, said):
    exit_code, output = await run(redis, tmp_path, "replay", *words.split(), "--dry-run")
    assert exit_code == code
    assert said in output


async def test_a_file_is_taken_in_for_the_tenant_of_its_source(redis, client, tmp_path):
    warehouse = {"id": "wms-ab", "adapter": "epcis", "tenant": "ab", "webhook_secret": "w-1"}
    file = tmp_path / "steps.json"
    file.write_text("{}", encoding="utf-8")
    code, said = await run(redis, tmp_path, "take", "wms-ab", str(file), sources=[*SOURCES, warehouse])
    assert (code, said) == (0, f"{file}  accepted\n")
    lengths = {tenant: await client.xlen(f"{Keys(tenant).inbox()}:inbox") for tenant in ("main", *TENANTS)}
    assert lengths == {"main": 0, "a": 0, "ab": 1}


ERP = source("a")


@pytest.mark.parametrize(
    ("table", "path", "found", "allowed"),
    [
        ({"sources": [ERP | {"tenant": "A"}]}, "sources[0].tenant", "'A'", "pattern"),
        ({"sources": [ERP | {"tenant": ""}]}, "sources[0].tenant", "''", "pattern"),
        ({"sources": [ERP | {"tenant": "-a"}]}, "sources[0].tenant", "'-a'", "pattern"),
        ({"sources": [ERP | {"tenant": "a\n"}]}, "sources[0].tenant", r"'a\n'", "pattern"),
        ({"sources": [ERP | {"tenant": "a:b"}]}, "sources[0].tenant", "'a:b'", "pattern"),
        ({"sources": [ERP | {"tenant": "{a}"}]}, "sources[0].tenant", "'{a}'", "pattern"),
        ({"sources": [ERP | {"tenant": "a" * 64}]}, "sources[0].tenant", "aaa", "pattern"),
        ({"sources": [ERP, ERP | {"tenant": "ab"}]}, "sources[1].id", "'erp-a'", "no other source"),
        (
            {"sources": [ERP, ERP | {"id": "other", "tenant": "ab"}]},
            "sources[1].events_token",
            "one that a source of another tenant has, too",
            "one for each tenant",
        ),
        (
            {
                "sources": [
                    ERP | {"events_secret": f"{SECRET} whsec_{'Q' * 32}"},
                    source("ab") | {"events_secret": f"whsec_{'Q' * 32}"},
                ]
            },
            "sources[1].events_secret",
            "one that a source of another tenant has, too",
            "one for each tenant",
        ),
        (
            {"sources": [ERP], "webhooks": [{"id": "d", "tenant": "ab", "url": NOWHERE, "secret": SECRET}]},
            "webhooks[0].tenant",
            "'ab'",
            "one of a, main",
        ),
        (
            {
                "sources": [ERP, source("ab")],
                "brokers": [
                    {"id": "b", "kind": "nats", "url": "nats://x", "subject": "s", "sources": ["erp-a", "erp-ab"]}
                ],
            },
            "brokers[0].sources[1]",
            "a source of tenant ab",
            "sources of one tenant",
        ),
    ],
)
def test_settings_that_would_mix_tenants_stop_the_start(table, path, found, allowed):
    with pytest.raises(SettingError) as caught:
        configure(table, {})
    error = caught.value
    assert error.path == path
    assert found in error.found
    assert allowed in error.allowed
    assert "t-erp" not in str(error)


def test_sources_of_one_tenant_may_share_a_token():
    table = {"sources": [ERP, ERP | {"id": "other"}]}
    assert configure(table, {}).tenants == ("main", "a")


@pytest.mark.parametrize("tenant", ["a", "0", "acme-2", "a" * 63])
def test_what_a_tenant_may_be_called(tenant):
    assert configure({"sources": [source("a") | {"tenant": tenant}]}, {}).tenants == ("main", tenant)
