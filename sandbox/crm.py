"""The CRM: service cases."""

from collections.abc import Iterable, Mapping, Sequence

from domain.identity import EntityKind, Scheme
from sandbox.canonical import Answers, record
from sandbox.history import Record, View
from sandbox.orders import OrderState

ANSWERS: Answers = {EntityKind.SERVICE_CASE: frozenset({Scheme.CASE, Scheme.SO})}


def cases(states: Sequence[OrderState]) -> Iterable[Record]:
    """Every case that was opened."""
    return (record(EntityKind.SERVICE_CASE, case.number, case) for state in states for case in state.cases.values())


VIEWS: Mapping[EntityKind, View] = {EntityKind.SERVICE_CASE: cases}
