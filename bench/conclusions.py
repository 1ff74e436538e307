"""What it costs to draw conclusions from a full view, on one core.

`python -m bench conclusions [--rounds 3]`

The view of `work.py`: 2 shipments, 2 fulfillments, 3 invoices, once with nothing wrong and once with seven contradictions:
it is on its way though not all is picked, and billed though not all has left. The goal is 150 µs for the contradictions.
"""

import os
import statistics
import time
from datetime import timedelta

from msgspec.structs import replace

from bench.processes import SERVER_CORE
from bench.work import NOW, SYSTEMS, entities
from domain.answers import answers_of
from domain.case_view import Answered, Part, section_of
from domain.conclusions import Conclusions, concluded
from domain.contradictions import NEEDED, judgement_of
from domain.freshness import Origin
from domain.fulfillment import Fulfillment, FulfillmentStatus
from domain.headline import headline_of
from domain.identity import EntityKey, EntityKind
from domain.stages import STANDING_KINDS, standings_of

NUMBER = "SO-1"
GOAL = 150.0
CALLS, RUNS = 50, 40
AT = NOW + timedelta(hours=3)


def run(rounds=3):
    os.sched_setaffinity(0, {SERVER_CORE})
    calm, wrong = _view(_shipped), _view(lambda entity: entity)
    counts = [len(judgement_of(each, AT).found) for each in (calm, wrong)]
    print(f"conclusions from a full view, one core, medians of {rounds} rounds, in microseconds\n")
    print(f"{'contradictions':44}{counts[0]:10}{counts[1]:10}")
    for name, draw in DRAWN.items():
        calm_us, wrong_us = (_cost(draw, view, rounds) for view in (calm, wrong))
        print(f"{name:44}{calm_us:10.1f}{wrong_us:10.1f}")
    print(f"\nthe goal for contradictions: {GOAL:.0f}")


def _concluded(sections, judgement=None):
    judgement = judgement or judgement_of(sections, AT)
    return concluded(Conclusions(NUMBER), judgement, standings_of(NUMBER, sections), AT)


DRAWN = {
    "all that a worker concludes": _concluded,
    "  contradictions": lambda sections: judgement_of(sections, AT),
    "  where work stands": lambda sections: standings_of(NUMBER, sections),
    "the sentence to say, when it is asked for": lambda sections: headline_of(sections, (), AT),
    "the answers, when they are asked for": lambda sections: answers_of(sections, (), AT),
}


def _cost(draw, sections, rounds):
    """The quietest of many short runs of each round: what else runs on the machine only adds."""
    return statistics.median(min(_run(draw, sections) for _ in range(RUNS)) for _ in range(rounds)) * 1e6


def _run(draw, sections):
    started = time.perf_counter()
    for _ in range(CALLS):
        draw(sections)
    return (time.perf_counter() - started) / CALLS


def _shipped(entity):
    """Everything picked and shipped, as ordered."""
    if isinstance(entity, Fulfillment):
        lines = (
            replace(each, picked_quantity=each.ordered_quantity, shipped_quantity=each.ordered_quantity)
            for each in entity.lines
        )
        return replace(entity, status=FulfillmentStatus.SHIPPED, lines=tuple(lines))
    return entity


def _view(change):
    asked = {EntityKind(kind): source for source, kinds in SYSTEMS.items() for kind in kinds}
    kinds = NEEDED | STANDING_KINDS
    return {kind: section_of(kind, [_answered(kind, asked.get(kind, "wms"), change)], now=AT) for kind in kinds}


def _answered(kind, source, change):
    parts = []
    for id_, entity in entities(kind, NUMBER):
        key = EntityKey(tenant="main", source=source, kind=kind, id=id_)
        parts.append(Part(key, change(entity), as_of=NOW, verified_at=AT, origin=Origin.EVENT))
    return Answered(source, tuple(parts), AT, Origin.EVENT)
