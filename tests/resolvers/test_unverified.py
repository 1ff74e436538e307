"""Who guesses: an unknown number and a wrong postal code are told alike, at the same time, and counted alike."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from domain.clock import ManualClock
from resolvers import eta
from resolvers.context import Context
from resolvers.operation import Operations, Request
from tests.callers import calling
from tests.resolvers.canaries import AGENT, BOT, POSTAL_CODE, canary_desk

ETA = """query($key: CaseKey!, $postalCode: String, $freshness: FreshnessInput) {
  eta(key: $key, postalCode: $postalCode, freshness: $freshness) { kind message } }"""
KNOWN = {"orderNumber": "SO-1", "shipmentId": "S-1"}
UNKNOWN = {"orderNumber": "SO-2", "shipmentId": "S-2"}
WRONG = "99999"


@dataclass
class Sleeping:
    """Notes how long is waited, and lets that time pass."""

    clock: ManualClock

    def __post_init__(self):
        self.slept = []

    async def sleep(self, seconds):
        self.slept.append(seconds)
        self.clock.advance(timedelta(seconds=seconds))


@pytest.fixture
def clock():
    return ManualClock(datetime.fromisoformat("2026-11-27T12:00:00Z"))


@pytest.fixture
def sleeping(clock, monkeypatch):
    sleeping = Sleeping(clock)
    monkeypatch.setattr(eta, "asyncio", sleeping)
    return sleeping


def desk_of(role, clock, **bound):
    return canary_desk(role, caller=calling(role, **bound), clock=clock)


async def asked(desk, field, number, code, deadline=None, *, stays=False):
    received_at = None if stays else desk.clock.monotonic()
    context = Context(desk.gateway, desk.caller, "c-1", None, received_at, "192.0.2.1")
    freshness = {"deadline": deadline} if deadline else None
    variables = {"key": {field: number}, "postalCode": code, "freshness": freshness}
    return await Operations().execute(Request(ETA, variables), context)


def told(answer):
    body = dict(answer.body)
    budget = body["extensions"]["casefold"].pop("budget")
    return body, answer.status, sorted(budget)


@pytest.mark.parametrize("deadline", [None, "PT0.5S"])
@pytest.mark.parametrize("field", KNOWN)
async def test_nothing_is_told_when_the_deadline_is_over_whatever_the_reason(field, deadline, clock, sleeping):
    answers, waited = [], []
    for number, code in ((KNOWN[field], WRONG), (UNKNOWN[field], POSTAL_CODE), (UNKNOWN[field], WRONG)):
        desk, began = desk_of(BOT, clock), clock.monotonic()
        answers.append(told(await asked(desk, field, number, code, deadline)))
        waited.append(clock.monotonic() - began)
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][0]["data"] == {"eta": None}
    assert waited == pytest.approx([0.5 if deadline else 2.0] * 3)
    assert len(sleeping.slept) == 3


@pytest.mark.parametrize("stays", [False, True], ids=["request", "connection that stays"])
@pytest.mark.parametrize("took", [0.0, 0.3, 1.9, 2.0, 2.7])
async def test_what_it_took_to_know_is_a_part_of_that_time(took, stays, clock, sleeping, monkeypatch):
    read = eta.read

    async def slowly(*args):
        clock.advance(timedelta(seconds=took))
        return await read(*args)

    monkeypatch.setattr(eta, "read", slowly)
    began = clock.monotonic()
    await asked(desk_of(BOT, clock), "orderNumber", "SO-1", WRONG, stays=stays)
    assert clock.monotonic() - began == pytest.approx(max(2.0, took))
    assert sleeping.slept == [pytest.approx(max(2.0 - took, 0.0))]


async def test_who_knows_the_postal_code_waits_for_nothing(clock, sleeping):
    answer = await asked(desk_of(BOT, clock), "orderNumber", "SO-1", POSTAL_CODE)
    assert answer.body["data"]["eta"]["kind"]
    assert sleeping.slept == []


@pytest.mark.parametrize(("role", "bound"), [(AGENT, {}), (BOT, {"customer": "C-1"})])
async def test_nor_does_who_has_proved_more(role, bound, clock, sleeping):
    for number, code in (("SO-1", WRONG), ("SO-2", POSTAL_CODE)):
        answer = await asked(desk_of(role, clock, **bound), "orderNumber", number, code)
        assert answer.body["data"] == {"eta": None}
    assert sleeping.slept == []


@pytest.mark.usefixtures("sleeping")
@pytest.mark.parametrize(("number", "code"), [("SO-1", WRONG), ("SO-2", POSTAL_CODE)])
async def test_each_is_one_miss_for_the_client_and_for_the_address(number, code, clock, monkeypatch):
    missed = []
    desk = desk_of(BOT, clock)
    monkeypatch.setattr(desk.gateway.rates, "missed", lambda *told: missed.append(told))
    await asked(desk, "orderNumber", number, code)
    counted = [(caller, address, key.value) for caller, address, keys in missed for key in keys]
    assert counted == [(desk.caller, "192.0.2.1", number)]
