"""The bot's question: where is it, when does it arrive."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from msgspec.structs import replace as replace_in

from domain.answers import eta_answer
from domain.answers.eta_answer import RESTS_ON, WRONG_IF
from domain.answers.own import own
from domain.case_view import CaseView
from domain.conclusions import remembered
from domain.contradictions import RULES
from domain.discrepancy import Rule, judge
from domain.discretion import told_to, untelling, without_credit
from domain.errors import InvalidRequest
from domain.identity import EntityKind
from domain.shipment import Shipment
from domain.verification import is_delivered_to
from resolvers.context import Context, Info
from resolvers.reading import is_unbound_bot, kept_findings, read, with_estimates
from resolvers.types.case_view import CaseKey
from resolvers.types.common import Locale
from resolvers.types.eta import EtaAnswer
from resolvers.types.freshness import FreshnessInput, ask_of
from resolvers.wording import LANGUAGES, wording

DECISIVE = tuple(rule for rule in RULES if rule.id in WRONG_IF)
"""Only what would make the answer wrong is looked at: a bot's question costs no more calls than it needs."""


def rules_for(kinds: frozenset[EntityKind]) -> tuple[Rule, ...]:
    """The decisive rules that need nothing but these kinds of entity, and what an answer rests on."""
    return tuple(rule for rule in DECISIVE if rule.needs <= kinds | RESTS_ON)


LONGEST_POSTAL_CODE = 20


async def eta(
    info: Info,
    key: CaseKey,
    freshness: FreshnessInput | None = None,
    *,
    locale: Locale = "en",
    time_zone: str | None = None,
    postal_code: str | None = None,
) -> EtaAnswer | None:
    """See `domain.answers.eta_answer`."""
    words = wording(locale or LANGUAGES[0], time_zone)
    context = info.context
    _check(postal_code, is_needed=is_unbound_bot(context.caller))
    rules = rules_for(context.sight.concluding)
    kinds = RESTS_ON.union(*(rule.needs for rule in rules))
    asked = key.read()
    ask = ask_of(freshness, context.gateway.longest)
    until = context.began_at + ask.deadline.total_seconds()
    [view] = await read(context, [asked], kinds, ask)
    if view is not None and postal_code is not None and not is_delivered_to(postal_code, view.sections):
        view = None
        context.shown.discard(asked)
        context.gateway.rates.missed(context.caller, context.address, [asked])
    if view is None:
        await _hold(context, until)
        return None
    return EtaAnswer.of(await _answer(context, view, rules), words)


async def _hold(context: Context, until: float) -> None:
    """Tell a stranger that there is nothing only when the deadline is over: how soon it was known would tell why."""
    if is_unbound_bot(context.caller):
        await asyncio.sleep(max(until - context.gateway.reader.clock.monotonic(), 0.0))


def _check(postal_code: str | None, *, is_needed: bool) -> None:
    if postal_code is None and is_needed:
        allowed = "the postal code of the delivery, or a token that is bound to a customer or to cases"
        raise InvalidRequest(field="postalCode", found="nothing", allowed=allowed)
    if postal_code is not None and not 0 < len(postal_code) <= LONGEST_POSTAL_CODE:
        found = f"{len(postal_code)} characters"
        raise InvalidRequest(field="postalCode", found=found, allowed=f"1 to {LONGEST_POSTAL_CODE} characters")


async def _answer(context: Context, stated: CaseView, rules: Sequence[Rule]) -> eta_answer.EtaAnswer:
    gateway = context.gateway
    now = context.now()
    judgement = judge(rules, stated.sections, now, gateway.tolerances)
    known = await kept_findings(context, [stated])
    kept = [each for findings in known.values() for each in findings if each.rule in WRONG_IF]
    [view] = await with_estimates(context, [stated], now)
    told = told_to(view.sections, frozenset(EntityKind), has_signatures=context.sight.has_signatures)
    answer = eta_answer.eta_answer_of(own(told), remembered(judgement, kept, now), now)
    return answer if EntityKind.CREDIT in context.sight.kinds else _without_credit(answer)


def _without_credit(answer: eta_answer.EtaAnswer) -> eta_answer.EtaAnswer:
    """The answer, which does not say that credit holds anything up; its kind and words never do."""
    shipments = tuple(
        replace_in(each, entity=cast("Shipment", without_credit(each.entity))) for each in answer.shipments
    )
    return replace(answer, eta=untelling(answer.eta), shipments=shipments)
