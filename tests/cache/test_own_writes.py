"""What a process has written it need not read again, and what others have written it never overlooks."""

import asyncio
from collections import deque
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from cache.memory import Memory
from cache.near import NearCopies
from cache.own_writes import Copy, OwnWrites
from domain.clock import SystemClock
from domain.identity import EntityKey, EntityKind, Reference, Scheme
from domain.known import Known, Nature, known_of
from domain.listing import Listing
from domain.lookup import Lookup, Question
from domain.observation import Snapshot
from domain.order import Order, OrderStatus
from tests.waiting import wait_until

NAME = "E erp:ORDER:SO-1"
KEY = EntityKey(tenant="main", source="erp", kind=EntityKind.ORDER, id="SO-1")


def known(version):
    return Known(KEY, kept_as=str(version))


class World:
    """A store with one entity, a process that reads and writes it, and others who do so, too.

    What the store does is told over connections of their own: every answer, and all announcements in their order.
    """

    def __init__(self):
        self.near = NearCopies(1_000_000)
        self.own = OwnWrites(self.near)
        self.version = 0
        self.announcements = deque()
        self.open = deque()  # writes and reads that were begun
        self.answers = deque()  # those that the store has answered
        self.read()
        self.serve()
        self.answer()

    def copy(self):
        return int(self.near.copy_of(NAME).kept_as) if NAME in self.near else None

    def write_elsewhere(self):
        self.version += 1
        self.announcements.append(self.version)

    def write(self):
        write = self.own.begin([NAME])

        def serve():
            self.write_elsewhere()
            return self.version

        def answer(version):
            self.own.wrote(write, {NAME: Copy(known(version), 1, str(version))})
            self.own.end(write)

        self.open.append((serve, answer))

    def lose(self):
        """A write whose answer never comes."""
        write = self.own.begin([NAME])
        self.open.append((self.write_elsewhere, lambda _: self.own.end(write)))

    def read(self):
        ticket = self.near.begin()
        self.open.append((lambda: self.version, lambda version: self.near.end(ticket, [(NAME, known(version), 1)])))

    def serve(self):
        """The store does the next that was asked of it."""
        if self.open:
            serve, answer = self.open.popleft()
            self.answers.append((answer, serve()))

    def serve_last(self):
        self.open.rotate()
        self.serve()

    def answer(self):
        if self.answers:
            answer, version = self.answers.popleft()
            answer(version)

    def answer_last(self):
        self.answers.rotate()
        self.answer()

    def hear(self):
        if self.announcements:
            self.own.announced({NAME: str(self.announcements.popleft())})


MOVES = ["write_elsewhere", "write", "lose", "read", "serve", "serve_last", "answer", "answer_last", "hear"]


@given(st.lists(st.sampled_from(MOVES), max_size=40))
def test_f2_a_copy_is_never_older_than_what_was_announced(moves):
    world = World()
    heard = 0
    for move in moves:
        if move == "hear" and world.announcements:
            heard = world.announcements[0]
        getattr(world, move)()
        assert world.copy() is None or world.copy() >= heard
    while world.open or world.answers:
        world.serve()
        world.answer()
    while world.announcements:
        world.hear()
    assert world.copy() in {None, world.version}


def test_what_was_written_is_at_hand_whichever_comes_first():
    for moves in (["answer", "hear"], ["hear", "answer"]):
        world = World()
        for move in ["write", "serve", *moves]:
            getattr(world, move)()
        assert world.copy() == 1


def test_what_somebody_else_wrote_after_it_is_not_covered_up():
    for moves in (["answer", "hear", "hear"], ["hear", "answer", "hear"], ["hear", "hear", "answer"]):
        world = World()
        for move in ["write", "serve", "write_elsewhere", *moves]:
            getattr(world, move)()
        assert world.copy() is None


def test_what_nobody_here_has_read_is_not_kept():
    world = World()
    world.near.drop([NAME])
    for move in ["write", "serve", "answer", "hear"]:
        getattr(world, move)()
    assert world.copy() is None


def test_when_anything_may_have_changed_nothing_is_kept():
    world = World()
    world.write()
    world.serve()
    world.near.drop_all()
    world.answer()
    assert world.copy() is None


START = datetime(2026, 11, 23, tzinfo=UTC)
QUESTION = Question("erp", Lookup(EntityKind.ORDER, Reference(scheme=Scheme.SO, value="SO-1")))


def answer(second):
    """What a source says of the order, and lists."""
    moment = START + timedelta(seconds=second)
    content = Order(number="SO-1", status=OrderStatus.RELEASED)
    return [(known_of(Snapshot(KEY, content, None, moment)), Nature())], {QUESTION: Listing(moment, moment, ("SO-1",))}


async def test_an_answer_is_at_hand_when_it_has_landed_and_its_announcement_was_heard(store):
    memory = Memory(store, SystemClock(), 1_000_000)
    await memory.open()
    await wait_until(lambda: memory.is_current)
    store = memory.store
    wanted = [store.listing(QUESTION), store.entity(KEY)]
    await memory.recall(wanted)
    for second in range(5):
        now = await memory.settle(*answer(second), {})
        await asyncio.sleep(0.05)
        found = memory.at_hand(wanted)
        assert found == {wanted[0].name: answer(second)[1][QUESTION], wanted[1].name: now[KEY]}
        assert list((await memory.recall_anew(wanted)).values()) == list(found.values())
    await memory.aclose()


async def test_what_another_gateway_writes_ends_it(store):
    memory = Memory(store, SystemClock(), 1_000_000)
    await memory.open()
    await wait_until(lambda: memory.is_current)
    other = type(store)(store.server, memory.store.keys)
    wanted = [memory.store.listing(QUESTION), memory.store.entity(KEY)]
    await memory.recall(wanted)
    await memory.settle(*answer(1), {})
    await other.settle(*answer(2))
    await wait_until(lambda: not memory.at_hand(wanted))
    assert (await memory.recall(wanted))[wanted[0].name] == answer(2)[1][QUESTION]
    await memory.aclose()
