"""A desk that knows one rich order: the work of the benchmark, with times that stand still."""

from bench.work import entities
from domain.clock import SystemClock
from domain.identity import EntityKind, Scheme
from tests.resolvers.systems import MOMENT, Desk, System


class StillClock(SystemClock):
    """The present does not pass while two answers are compared."""

    def __init__(self):
        self.stand_still()

    def stand_still(self):
        self._now = MOMENT

    def now(self):
        return self._now


def rich_desk():
    kinds = [kind for kind in EntityKind if entities(kind, "SO-1")]
    known = {(kind, Scheme.SO, "SO-1"): [entity for _, entity in entities(kind, "SO-1")] for kind in kinds}
    return Desk([System("all", dict.fromkeys(kinds, (Scheme.SO,)), known)], clock=StillClock())
