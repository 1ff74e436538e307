"""The rules: one small function for each way in which systems contradict each other, and a table of them all."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from domain.case_view import Section
from domain.contradictions import cases, money, transport, warehouse
from domain.discrepancy import Judgement, Rule, Tolerances, judge
from domain.identity import EntityKind

RULES: Sequence[Rule] = (*warehouse.RULES, *transport.RULES, *money.RULES, *cases.RULES)
"""Every rule, with its default grace."""

NEEDED = frozenset({EntityKind.CUSTOMER}).union(*(rule.needs for rule in RULES))
"""Kinds of entity that have to be read to find everything; who the customer is makes some of it worse."""


def judgement_of(
    sections: Mapping[EntityKind, Section], now: datetime, tolerances: Tolerances | None = None
) -> Judgement:
    """Every contradiction of a view that a rule knows; see `judge`."""
    return judge(RULES, sections, now, tolerances)
