"""What to answer next, by rule, from the facts of a view: one answer to each question, for an agent and for a customer.

Sentences, not text: the words of a language are put in where they are said. A customer's answer speaks only of what is
the customer's own, names no system, and has no evidence, because that names systems.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from domain.answers.agent import told
from domain.answers.caveats import caveats_for, resting_on, valid_until
from domain.answers.contradicted import heard_of
from domain.answers.customer import HEARD, HEARD_FROM, heard
from domain.answers.eta_answer import WRONG_IF, EtaAnswerKind, eta_answer_of
from domain.answers.own import own
from domain.answers.questions import ASKED_ABOUT, RESTS_ON, matters, questions_of
from domain.case_view import Section
from domain.contradictions import RULES
from domain.discrepancy import Discrepancy, DiscrepancyState, Evidence, Fact, Facts
from domain.identity import EntityKind
from domain.inventory import InventoryPosition
from domain.saying import Audience, Saying
from domain.service_case import CaseKind

__all__ = ["ASKED_ABOUT", "Answer", "answers_of"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What to say to one question.

    Attributes:
        intent: the question.
        audience: who is to hear or read it.
        text: sentences, in this order.
        based_on: what each system says, in its own words; for an agent only.
        caveats: how far it can be relied on.
        valid_until: when the first of what it rests on is too old to go on saying it; null: nothing says.
    """

    intent: CaseKind
    audience: Audience
    text: tuple[Saying, ...]
    based_on: tuple[Evidence, ...]
    caveats: tuple[Saying, ...]
    valid_until: datetime | None


def answers_of(sections: Mapping[EntityKind, Section], found: Sequence[Discrepancy], now: datetime) -> Sequence[Answer]:
    """The answers of a view, the case's own question first; each for the agent, then for the customer.

    Args:
        sections: the view.
        found: its contradictions, worst first.
        now: when it is looked at.
    """
    questions = questions_of(Facts(sections, now))
    return tuple(answer(kind, sections, found, now) for kind in questions for answer in (_to_agent, _to_customer))


def _to_agent(
    kind: CaseKind, sections: Mapping[EntityKind, Section], found: Sequence[Discrepancy], now: datetime
) -> Answer:
    facts, relevant = Facts(sections, now), _relevant(kind, found)
    resting = resting_on(sections, RESTS_ON[kind])
    return Answer(
        intent=kind,
        audience=Audience.AGENT,
        text=told(kind, facts, relevant),
        based_on=_evidence(kind, facts, relevant),
        caveats=caveats_for(Audience.AGENT, kind, resting, facts, relevant),
        valid_until=valid_until(resting, now),
    )


def _to_customer(
    kind: CaseKind, sections: Mapping[EntityKind, Section], found: Sequence[Discrepancy], now: datetime
) -> Answer:
    view = own(sections)
    facts, resting = Facts(view, now), resting_on(view, HEARD_FROM.get(kind, RESTS_ON[kind]))
    text = heard(kind, facts) if kind in HEARD else _where_it_is(view, found, now)
    return Answer(
        intent=kind,
        audience=Audience.CUSTOMER,
        text=text,
        based_on=(),
        caveats=caveats_for(Audience.CUSTOMER, kind, resting, facts, _relevant(kind, found)),
        valid_until=valid_until(resting, now),
    )


def _where_it_is(view: Mapping[EntityKind, Section], found: Sequence[Discrepancy], now: datetime) -> tuple[Saying, ...]:
    """As a bot says it; but where a bot hands over to a person, this is what the person says."""
    answer = eta_answer_of(view, found, now)
    if answer.kind is not EtaAnswerKind.HANDOFF:
        return answer.message
    return (heard_of(each for each in found if each.rule in WRONG_IF) or Saying("headline.found"),)


_NEEDS: Mapping[str, frozenset[EntityKind]] = {rule.id: rule.needs for rule in RULES}


def _relevant(kind: CaseKind, found: Iterable[Discrepancy]) -> Sequence[Discrepancy]:
    """The contradictions that matter to a question; what is over does not."""
    there = (each for each in found if each.state is not DiscrepancyState.CLEARED)
    return [each for each in there if matters(_NEEDS.get(each.rule, frozenset()), kind)]


def _evidence(kind: CaseKind, facts: Facts, found: Iterable[Discrepancy]) -> tuple[Evidence, ...]:
    """What is known of everything the answer rests on, then what contradicts it; nothing twice."""
    of_facts = chain.from_iterable(_STATED[each](facts) for each in EntityKind if each in RESTS_ON[kind])
    of_findings = chain.from_iterable(each.evidence for each in found)
    return tuple(dict.fromkeys((*of_facts, *of_findings)))


def _counted(facts: Facts) -> Iterator[Evidence]:
    """Stock has no status."""
    return (each.says(_count(each)) for each in facts.stock)


def _count(position: Fact[InventoryPosition]) -> str:
    return f"available {position.entity.available}"


_STATED: Mapping[EntityKind, Callable[[Facts], Iterator[Evidence]]] = {
    EntityKind.ORDER: lambda facts: (each.stands() for each in facts.orders),
    EntityKind.SHIPMENT: lambda facts: (each.stands() for each in facts.shipments),
    EntityKind.FULFILLMENT: lambda facts: (each.stands() for each in facts.fulfillments),
    EntityKind.INVOICE: lambda facts: (each.stands() for each in facts.invoices),
    EntityKind.CREDIT: lambda facts: (each.stands() for each in facts.credits),
    EntityKind.RETURN: lambda facts: (each.stands() for each in facts.returns),
    EntityKind.CLAIM: lambda facts: (each.stands() for each in facts.claims),
    EntityKind.INVENTORY: _counted,
}
"""How each kind of entity is quoted."""
