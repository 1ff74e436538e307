"""Keeps answers: in this process, and for other processes, which find them in the store."""

from collections.abc import Hashable
from datetime import datetime, timedelta
from functools import lru_cache

import msgspec

from cache.grounds import Grounds
from cache.shared_answers import Found
from domain.caller import Caller
from domain.identity import CaseKey
from domain.validity import Validity
from resolvers.again import LONGEST_QUESTION, KeptAnswer, Served
from resolvers.context import Gateway
from resolvers.template import Template, microseconds

Question = tuple[Hashable, bytes]
"""Who may see the answer, and the bytes of the request."""


class _Packed(msgspec.Struct, array_like=True):
    """An answer that can be given again, as bytes."""

    names: tuple[str, ...]
    template: Template
    ends: dict[str, datetime]
    leads: list[tuple[str, str, timedelta]]
    feeds: dict[str, datetime]
    cost: int
    asked: tuple[CaseKey, ...]
    shown: frozenset[CaseKey]
    audited: frozenset[str]


_decoder = msgspec.msgpack.Decoder(_Packed)


def packed(kept: KeptAnswer) -> bytes:
    """An answer, for other processes."""
    leads = [(clock, other, span) for (clock, other), span in kept.validity.leads.items()]
    return msgspec.msgpack.encode(
        _Packed(
            kept.names,
            kept.template,
            kept.validity.ends,
            leads,
            dict(kept.feeds),
            kept.cost,
            kept.asked,
            kept.shown,
            kept.audited,
        )
    )


def unpacked(stored: bytes) -> KeptAnswer | None:
    """The answer; null for bytes that cannot be read."""
    try:
        it = _decoder.decode(stored)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    validity = Validity()
    validity.ends, validity.leads = it.ends, {(clock, other): span for clock, other, span in it.leads}
    return KeptAnswer(it.names, it.template, validity, it.feeds, it.cost, it.asked, it.shown, it.audited)


def is_wanted(gateway: Gateway, question: Question) -> bool:
    """Whether the answer would be kept, here or for others."""
    answers, is_short = gateway.kept, len(question[1]) <= LONGEST_QUESTION
    return is_short and bool(answers.max_bytes or gateway.shared.is_on) and answers.is_wanted(question)


def keep(gateway: Gateway, question: Question, kept: KeptAnswer | None, grounds: Grounds) -> None:
    """Keep an answer that was found anew, as far as it can be.

    Args:
        gateway: what the process has.
        question: what was asked.
        kept: what can be given again; null: nothing.
        grounds: what it rests on.
    """
    if kept is None:
        gateway.kept.give_up(question)
        return
    is_shared = _is_shared(gateway, question, kept, grounds)
    is_kept_here = grounds.hold(gateway.reader.memory) and _is_kept_here(gateway, question, kept)
    if not is_shared and not is_kept_here:
        gateway.kept.give_up(question)


async def from_elsewhere(
    gateway: Gateway, question: Question, caller: Caller, address: str | None, echo: str
) -> Served | None:
    """The answer of another process, if it still is the answer; null: it has to be found anew.

    Raises:
        TooManyRequests: it is asked too often.
    """
    if not gateway.shared.is_on or not gateway.kept.is_due(question):
        return None
    kept = await gateway.shared.find(_name_of(gateway, question), lambda found: _read(gateway, question, found))
    now = microseconds(gateway.reader.clock.now())
    return kept.told(now, gateway, caller, address, echo) if kept is not None and kept.stands(now) else None


def _read(gateway: Gateway, question: Question, found: Found) -> KeptAnswer | None:
    """An answer of another process, which is kept here, too, if there is room; null: it is none."""
    kept, memory = unpacked(found.answer), gateway.reader.memory
    if kept is None or not memory.is_current:
        return None
    heard = dict(zip(kept.feeds, found.feeds, strict=True))
    if not kept.goes_on(heard, microseconds(gateway.reader.clock.now())):
        gateway.kept.give_up(question)
        return None
    if not found.overheard.any_of((*kept.names, *heard)):
        memory.take_over(heard)
        _is_kept_here(gateway, question, kept)
    return kept


def _is_shared(gateway: Gateway, question: Question, kept: KeptAnswer, grounds: Grounds) -> bool:
    shared = gateway.shared
    return shared.is_on and shared.share(_name_of(gateway, question), packed(kept), grounds)


def _is_kept_here(gateway: Gateway, question: Question, kept: KeptAnswer) -> bool:
    """Keep it in this process, as long as announcements tell of every change of what it rests on."""
    now = microseconds(gateway.reader.clock.now())
    if not gateway.kept.max_bytes or not kept.holds(gateway.reader.memory, now):
        return False
    gateway.kept.keep(question, kept, kept.size + len(question[1]), kept.names)
    return True


def _name_of(gateway: Gateway, question: Question) -> str:
    audience, body = question
    return gateway.shared.name_of(_spelled(audience), body)


@lru_cache(maxsize=10_000)
def _spelled(audience: Hashable) -> bytes:
    """An audience as every process spells it."""
    return repr(_in_order(audience)).encode()


def _in_order(value: object) -> object:
    """The same, whose parts are in an order that does not vary."""
    match value:
        case frozenset():
            return sorted(map(repr, value))
        case tuple():
            return tuple(map(_in_order, value))
        case _:
            return value
