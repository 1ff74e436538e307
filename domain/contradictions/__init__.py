"""The rules: one small function for each way in which systems contradict each other, and a table of them all."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache

from domain.case_view import Section
from domain.contradictions import cases, money, transport, warehouse
from domain.discrepancy import Judgement, Rule, Tolerances, judge
from domain.identity import EntityKind

RULES: Sequence[Rule] = (*warehouse.RULES, *transport.RULES, *money.RULES, *cases.RULES)
"""Every rule, with its default grace."""


ALL = frozenset(EntityKind)


@lru_cache(maxsize=64)
def rules_over(kinds: frozenset[EntityKind]) -> tuple[Rule, ...]:
    """The rules that need nothing but these kinds of entity."""
    return tuple(rule for rule in RULES if rule.needs <= kinds)


@lru_cache(maxsize=64)
def needed_over(kinds: frozenset[EntityKind]) -> frozenset[EntityKind]:
    """Of these kinds of entity those that have to be read to find everything; who the customer is makes it worse."""
    return kinds & frozenset({EntityKind.CUSTOMER}).union(*(rule.needs for rule in rules_over(kinds)))


NEEDED = needed_over(ALL)
"""Kinds of entity that have to be read to find everything."""


def judgement_of(
    sections: Mapping[EntityKind, Section],
    now: datetime,
    tolerances: Tolerances | None = None,
    *,
    kinds: frozenset[EntityKind] = ALL,
) -> Judgement:
    """Every contradiction of a view that a rule knows; see `judge`.

    Args:
        sections: the view.
        now: when it is looked at.
        tolerances: how much may differ, and for how long.
        kinds: what may be looked at; rules that need more say nothing.
    """
    seen = {kind: section for kind, section in sections.items() if kind in kinds}
    return judge(rules_over(kinds), seen, now, tolerances)
