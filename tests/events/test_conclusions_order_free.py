"""What is concluded of the demo's first case, over the real store: whatever order its events come in, and however often."""

import hashlib
import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import msgspec
import pytest

from cache.board import BoardFilter
from cache.inbox import Letter
from domain.event import Delivery
from domain.identity import EntityKind as K
from domain.identity import Scheme
from events.envelope import Envelope, decode, encode
from events.settle import Settling
from sandbox import crm, easypost, erp, wms
from sandbox.sending import NAMES, senders
from sandbox.world import World
from sources.easypost.inbox import EasyPostInbox
from sources.easypost.settings import EasyPostSettings
from tests.events.test_conclusions import ASKED, POLICY, Deskwork, Knowing, SlowClock
from tests.resolvers.systems import Desk

ANCHOR = datetime(2026, 11, 23, 12, tzinfo=UTC)
SOON = ANCHOR + timedelta(hours=3)
NUMBERS = (b'"SO-1001"', b'"C-1001"', b'"986501001029"', b'"1Z999AA10101001010"')
NAMED = {**NAMES, K.SHIPMENT: "shipment"}
KINDS = frozenset({*erp.ANSWERS, *wms.ANSWERS, *crm.ANSWERS, *easypost.VIEWS}) - {K.INVENTORY, K.CLAIM}
KNOWN_BY = ASKED | {K.SHIPMENT: (Scheme.TRACKING,)}
SEEN = """headline status discrepancies { id rule state severity summary evidence { source entity says } suggestedAction }
  answers { intent audience text caveats basedOn { source entity says } } timeline { totalCount edges { node { title } } }
  orders { nodes { number status } } shipments { nodes { trackingNumber status } } fulfillments { nodes { id status } }"""


def happened():
    """Every state that the systems ever sent of the case, oldest first, as canonical events of one source."""
    world = World(7, ANCHOR)
    moments = [ANCHOR - timedelta(days=400), *sorted({step.at for step in world.scripts[0].steps}), ANCHOR]
    return [
        letter(news, until)
        for since, until in pairwise(moments)
        for news in world.news(KINDS, since, until)
        if any(number in news.body for number in NUMBERS)
    ]


def letter(news, at):
    [sent] = [each for sender in senders("") if news.kind in sender.kinds for each in sender.events([news], at)][:1]
    told = msgspec.json.decode(sent, type=dict[str, msgspec.Raw])
    if news.kind is K.SHIPMENT:
        [event] = EASYPOST.decode(Delivery(sent, {}, at))
        [snapshot] = event.observations
        content, name = msgspec.json.encode(snapshot.content), snapshot.key.id
    else:
        content, name = bytes(told["data"]), news.id
    return canonical(news.kind, name, at, content)


def canonical(kind, name, at, content):
    number = hashlib.sha256(content + at.isoformat().encode()).hexdigest()[:16]
    body = encode(Envelope("1.0", number, "all", f"casefold.{NAMED[kind]}.state.v1", at, name)).replace(
        b'"data":null', b'"data":' + content
    )
    return Letter("event", "all", number, body, at, "c-1")


EASYPOST = EasyPostInbox(
    EasyPostSettings(id="all", adapter="easypost", kinds=["TMS"], token="test", base_url="http://127.0.0.1:1")
)


def entity_of(told):
    [observation] = decode("main", told.body).observations
    return observation


def knowing(letters):
    """The systems themselves, once all has happened: the last that each said."""
    last = {(each.key.kind, each.key.id): each for each in map(entity_of, letters)}
    knows = defaultdict(list)
    for (kind, _), snapshot in sorted(last.items(), key=lambda each: each[0][1]):
        for scheme in KNOWN_BY[kind]:
            knows[kind, scheme, number_of(snapshot.content, scheme)].append(snapshot.content)
    system = Knowing("all", KNOWN_BY, knows=dict(knows))
    system.changed_at = {name: snapshot.moment for (_, name), snapshot in last.items()}
    return system


def number_of(entity, scheme):
    of = {Scheme.SO: "SO-1001", Scheme.CUSTOMER: "C-1001", Scheme.CASE: "CS-1001"}
    return of.get(scheme) or entity.tracking_number


async def concluded(redis, client, letters, sent, chance):
    """Everything that is concluded in the end, without when; what was found in between and is over depends on looking."""
    await client.flushall()
    clock = SlowClock(ANCHOR)
    desk = Desk([knowing(letters)], clock=clock, policy=POLICY, redis_url=redis.url)
    async with desk:
        work = Deskwork(desk)
        settling = Settling(work.store, desk.reader.upstreams, {})
        place = 0
        while place < len(sent):
            some = sent[place : place + chance.randint(1, 9)]
            place += len(some)
            assert not any(each.reasons for each in await settling.settle(some))
            if chance.random() < 0.3:
                await work.think()
        clock.advance(SOON - ANCHOR)
        await work.think()
        await work.think()
        seen = await desk.view(SEEN, orderNumber="SO-1001")
        page = await work.board.page(BoardFilter(), 10)
        kept = (await work.conclusions("SO-1001")).findings
        await work.ahead.aclose()
    findings = {
        (each.id, each.rule, each.state.name, each.summary, each.evidence) for each in kept if not each.cleared_at
    }
    seen["discrepancies"] = [each for each in seen["discrepancies"] if each["state"] != "CLEARED"]
    return findings, seen, [(row.standing, row.overdue) for row in page.rows]


@pytest.fixture(scope="module")
def letters():
    return happened()


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5, 6])
async def test_no_order_and_no_repetition_changes_what_is_concluded(redis, client, letters, seed):
    chance = random.Random(seed)
    shuffled = [*letters, *chance.sample(letters, len(letters) // 3)]
    chance.shuffle(shuffled)
    findings, seen, rows = await concluded(redis, client, letters, letters, random.Random(0))
    assert {each[1] for each in findings} >= {"dispatched-not-picked", "invoiced-not-shipped"}
    assert [each.stage.name for each, _ in rows] == ["RELEASED_NOT_PICKED"]
    assert len(seen["answers"]) == 2
    again, seen_again, rows_again = await concluded(redis, client, letters, shuffled, chance)
    assert again == findings
    assert rows_again == rows
    assert seen_again == seen
