"""The short way gives the answers of the long way, and skips nothing that matters."""

import asyncio
import json
from contextlib import asynccontextmanager, nullcontext
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from app.http.short_way import METHOD, PATH, BothWays
from app.identity.api_keys import hashed, new_key
from app.main import create_app
from app.settings import configure
from app.wiring import build
from domain.order import OrderStatus
from resolvers.again import KeptAnswer
from tests.app.gateway import ask
from tests.faults.rigs import CanonicalSystem
from tests.waiting import wait_until

AGENT, BOT, OTHER = new_key(), new_key(), new_key()
QUESTION = """query($key: CaseKey!) { caseView(key: $key) { id status customer { customer { name } }
  orders { freshness { state verifiedAt ageSeconds } nodes { number status } } } }"""
REFRESH = 'mutation { refreshCaseView(key: {orderNumber: "SO-1"}) { caseView { orders { nodes { status } } } } }'
BODY = {"query": QUESTION, "variables": {"key": {"orderNumber": "SO-1"}}}


class Gateway:
    def __init__(self, app, wired, system):
        self.app, self.wired, self.system = app, wired, system

    @property
    def kept(self):
        return self.wired.gateway.kept

    async def ask(self, key=AGENT, body=BODY, app=None, **headers):
        fields = {"x-api-key": key} | {name.replace("_", "-"): value for name, value in headers.items()}
        status, told, answer = await ask(app or self.app, METHOD, PATH, body, fields)
        return status, told, json.loads(answer)

    async def in_short(self, **asked):
        """The answer where there is no other way; null: there was none."""
        taken = []

        async def long(*_):
            taken.append(True)
            raise LookupError

        try:
            return await self.ask(app=replace(self.app, long=long), **asked)
        except LookupError:
            assert taken
            return None

    async def until_kept(self, **asked):
        for _ in range(20):
            await self.ask(**asked)
            await asyncio.sleep(0.02)
            if self.kept:
                return
        raise AssertionError("it is never kept")


@asynccontextmanager
async def serving(redis, folder, beside=None, **table):
    """A gateway; beside another one, it has the same system and the same settings."""
    async with nullcontext(beside.system) if beside else CanonicalSystem().open() as system:
        source = {"id": "erp", "adapter": "canonical", "kinds": ["ERP"], "base_url": system.url}
        keys = [
            {"id": "desk", "sha256": hashed(AGENT), "roles": ["agent"]},
            {"id": "chat", "sha256": hashed(BOT), "roles": ["bot"], "customer": "C-1"},
            {"id": "other", "sha256": hashed(OTHER), "roles": ["agent"]},
        ]
        settings = {"sources": [source], "api_keys": keys, "data_dir": str(folder)} | table
        wired = build(configure(settings, {}), redis.url)
        await wired.open(has_worker=False)
        try:
            await wait_until(lambda: wired.main.memory.is_current)
            yield Gateway(create_app(wired), wired, system)
        finally:
            await wired.aclose()


@pytest.fixture
async def gateway(redis, client, tmp_path):  # noqa: ARG001  # the client empties it
    async with serving(redis, tmp_path) as gateway:
        yield gateway


def without_own(answer):
    """What does not differ from one request to the next."""
    status, headers, body = answer
    own = body["extensions"]["casefold"]
    del own["servedInMs"], own["requestId"], own["budget"]
    del body["data"]["caseView"]["orders"]["freshness"]["ageSeconds"]
    del headers["x-correlation-id"], headers["ratelimit"], headers["content-length"]
    return status, headers, body


async def test_it_is_the_answer_of_the_long_way(gateway):
    first = await gateway.ask()
    assert await gateway.in_short() is None
    await gateway.until_kept()
    short = await gateway.in_short()
    gateway.kept.drop_all()
    assert without_own(short) == without_own(await gateway.ask())
    assert first[2]["data"]["caseView"]["id"] == short[2]["data"]["caseView"]["id"]
    assert gateway.system.calls == 1


async def test_each_has_an_id_and_a_budget_of_its_own(gateway):
    await gateway.until_kept()
    told = [await gateway.in_short(x_correlation_id=name) for name in ("c-12345678", "c-87654321", "no")]
    ids = [body["extensions"]["casefold"]["requestId"] for _, _, body in told]
    assert ids[:2] == ["c-12345678", "c-87654321"]
    assert len(ids[2]) == 32
    assert ids == [headers["x-correlation-id"] for _, headers, _ in told]
    left = [body["extensions"]["casefold"]["budget"]["remaining"] for _, _, body in told]
    assert left[0] > left[1] > left[2]
    assert [int(headers["ratelimit"].split(";")[1].removeprefix("r=")) for _, headers, _ in told] == left


@pytest.mark.parametrize(
    "unusual",
    [
        pytest.param({"key": "nobody"}, id="somebody unknown"),
        pytest.param({"key": BOT}, id="somebody who may see less"),
        pytest.param({"authorization": f"Bearer {AGENT}"}, id="two proofs"),
        pytest.param({"content_type": "text/plain"}, id="no JSON"),
        pytest.param({"content_encoding": "gzip"}, id="packed"),
        pytest.param({"origin": "https://crm.example.com"}, id="a page"),
        pytest.param({"accept": "text/html"}, id="an answer that there is not"),
        pytest.param({"x_padding": "x" * 40_000}, id="headers without end"),
        pytest.param({"body": BODY | {"operationName": "x"}}, id="another body"),
    ],
)
async def test_what_is_not_quite_the_same_goes_the_long_way(gateway, unusual):
    await gateway.until_kept()
    assert await gateway.in_short(**unusual) is None


async def test_who_may_see_the_same_is_told_the_same_and_pays_for_it(gateway):
    await gateway.until_kept()
    await gateway.ask(key=OTHER, body={"query": "{ __typename }"})  # proves who it is
    _, _, body = await gateway.in_short(key=OTHER)
    _, _, mine = await gateway.in_short()
    left = [each["extensions"]["casefold"]["budget"]["remaining"] for each in (body, mine)]
    assert left[0] > left[1]


async def test_another_media_type_is_another_header(gateway):
    await gateway.until_kept()
    _, headers, _ = await gateway.in_short(accept="application/graphql-response+json")
    assert headers["content-type"] == "application/graphql-response+json; charset=utf-8"


async def test_what_has_changed_is_told(gateway):
    await gateway.until_kept()
    gateway.system.status = OrderStatus.SHIPPED.value
    await gateway.ask(body={"query": REFRESH})
    await wait_until(lambda: not gateway.kept)
    _, _, body = await gateway.ask()
    assert body["data"]["caseView"]["orders"]["nodes"] == [{"number": "SO-1", "status": "SHIPPED"}]


async def test_who_asks_too_often_is_stopped_in_words(redis, client, tmp_path):  # noqa: ARG001  # as above
    async with serving(redis, tmp_path, limits={"requests": "40 per hour"}) as gateway:
        await gateway.until_kept()
        statuses = [(await gateway.ask())[0] for _ in range(45)]
        assert set(statuses[-5:]) == {429}
        assert await gateway.in_short() is None


async def test_every_answer_is_in_the_audit_log(gateway):
    await gateway.until_kept()
    with capture_logs() as lines:
        await gateway.in_short(x_correlation_id="c-12345678")
    assert [line["correlation_id"] for line in lines if line["event"] == "saw"] == ["c-12345678"]


async def test_of_nothing_there_is_no_short_way(redis, client, tmp_path):  # noqa: ARG001  # as above
    async with serving(redis, tmp_path, answer_bytes=0) as gateway:
        for _ in range(5):
            await gateway.ask()
            await asyncio.sleep(0.02)
        assert not gateway.kept


async def test_answers_take_no_more_memory_than_they_may(redis, client, tmp_path):  # noqa: ARG001  # as above
    async with serving(redis, tmp_path, answer_bytes=40_000) as gateway:
        for n in range(60):
            body = BODY | {"variables": {"key": {"orderNumber": f"SO-{n}"}}}
            for _ in range(3):
                await gateway.ask(body=body)
                await asyncio.sleep(0.01)
            assert gateway.kept.used_bytes <= 40_000
        assert 0 < len(gateway.kept) < 60
        kept = [gateway.kept.get(key) for key in list(gateway.kept._kept)]
        assert all(isinstance(each, KeptAnswer) for each in kept)


async def test_a_body_in_pieces_is_read_on_the_long_way(gateway):
    await gateway.until_kept()
    whole = json.dumps(BODY).encode()
    pieces = [
        {"type": "http.request", "body": whole[:20], "more_body": True},
        {"type": "http.request", "body": whole[20:], "more_body": False},
    ]
    sent = []
    scope = {
        "type": "http", "http_version": "1.1", "method": METHOD, "path": PATH, "raw_path": PATH.encode(),
        "query_string": b"", "root_path": "", "scheme": "http", "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1),
        "headers": [
            (b"content-type", b"application/json"), (b"x-api-key", AGENT.encode()),
            (b"content-length", b"%d" % len(whole)),
        ],
    }  # fmt: skip

    async def receive():
        return pieces.pop(0)

    async def send(message):
        sent.append(message)

    assert isinstance(gateway.app, BothWays)
    await gateway.app(scope, receive, send)
    assert json.loads(sent[1]["body"])["data"]["caseView"]["orders"]["nodes"]


SHARED = {"near_bytes": 0, "answer_bytes": 0, "shared_answers": True}


@pytest.fixture
async def pair(redis, client, tmp_path):  # noqa: ARG001  # as above
    """Two gateways with nothing at hand; what one has found is there for the other."""
    async with serving(redis, tmp_path, **SHARED) as one, serving(redis, tmp_path, one, **SHARED) as other:
        for _ in range(20):
            await one.ask()
            await asyncio.sleep(0.02)
            if await one.in_short():
                break
        yield one, other


async def test_what_another_gateway_has_found_is_given_on_the_short_way(pair):
    one, other = pair
    await other.ask(body={"query": "{ __typename }"})  # proves who it is
    with capture_logs() as lines:
        short = await other.in_short(x_correlation_id="c-12345678")
    assert [line["correlation_id"] for line in lines if line["event"] == "saw"] == ["c-12345678"]
    assert short[2]["extensions"]["casefold"]["requestId"] == "c-12345678"
    left = short[2]["extensions"]["casefold"]["budget"]["remaining"]
    assert left > (await other.in_short())[2]["extensions"]["casefold"]["budget"]["remaining"]
    other.wired.gateway.shared._generation = None
    assert without_own(short) == without_own(await other.ask())
    assert one.system.calls == 1


async def test_what_has_changed_is_told_by_all_gateways(pair):
    one, other = pair
    one.system.status = OrderStatus.SHIPPED.value
    await one.ask(body={"query": REFRESH})
    for each in (one, other):
        assert (await each.ask())[2]["data"]["caseView"]["orders"]["nodes"] == [{"number": "SO-1", "status": "SHIPPED"}]


async def test_shared_answers_are_off_unless_they_are_asked_for(redis, client, tmp_path):
    async with serving(redis, tmp_path) as gateway:
        await gateway.until_kept()
        await asyncio.sleep(0.02)
        assert not gateway.wired.gateway.shared.is_on
    assert not [key async for key in client.scan_iter("*:answer:*")]
