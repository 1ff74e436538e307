"""The bot's question: where is it, when does it arrive."""

from domain.answers import eta_answer
from domain.answers.eta_answer import RESTS_ON, WRONG_IF
from domain.answers.own import own
from domain.case_view import CaseView
from domain.conclusions import remembered
from domain.contradictions import RULES
from domain.discrepancy import judge
from domain.errors import InvalidRequest
from domain.verification import is_delivered_to
from resolvers.context import Gateway, Info
from resolvers.reading import kept_findings, read, with_estimates
from resolvers.types.case_view import CaseKey
from resolvers.types.common import Locale
from resolvers.types.eta import EtaAnswer
from resolvers.types.freshness import FreshnessInput, ask_of
from resolvers.wording import LANGUAGES, wording

DECISIVE = tuple(rule for rule in RULES if rule.id in WRONG_IF)
"""Only what would make the answer wrong is looked at: a bot's question costs no more calls than it needs."""

KINDS = RESTS_ON.union(*(rule.needs for rule in DECISIVE))

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
    _check(postal_code)
    context = info.context
    [view] = await read(context, [key.read()], KINDS, ask_of(freshness, context.gateway.longest))
    if view is None or (postal_code is not None and not is_delivered_to(postal_code, view.sections)):
        return None
    return EtaAnswer.of(await _answer(context.gateway, view), words)


def _check(postal_code: str | None) -> None:
    if postal_code is not None and not 0 < len(postal_code) <= LONGEST_POSTAL_CODE:
        found = f"{len(postal_code)} characters"
        raise InvalidRequest(field="postalCode", found=found, allowed=f"1 to {LONGEST_POSTAL_CODE} characters")


async def _answer(gateway: Gateway, stated: CaseView) -> eta_answer.EtaAnswer:
    now = gateway.reader.clock.now()
    judgement = judge(DECISIVE, stated.sections, now, gateway.tolerances)
    known = await kept_findings(gateway, [stated])
    kept = [each for findings in known.values() for each in findings if each.rule in WRONG_IF]
    [view] = await with_estimates(gateway, [stated], now)
    return eta_answer.eta_answer_of(own(view.sections), remembered(judgement, kept, now), now)
