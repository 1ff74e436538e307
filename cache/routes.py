"""Who is asked what, by which numbers: all of it that depends on no answer, thought out once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from cache.upstream import Upstream
from domain.identity import EntityKind, Scheme
from domain.links import LEADS_ON, ROOTS, WHOLE_ORDER, Readable, kinds_to_read
from domain.listing import LOOKED_UP_BY
from domain.lookup import Question


@dataclass(frozen=True, slots=True)
class Route:
    """A source that knows entities of some kind, and by which numbers they are found.

    Attributes:
        source: configured id.
        schemes: the kinds of number.
        is_askable: whether it can be asked; of one that only sends, what it sent is found.
    """

    source: str
    schemes: frozenset[Scheme]
    is_askable: bool = True


Ways = Sequence[tuple[EntityKind, Route]]
"""Which kinds of entity are asked for, and where."""

NO_SCHEMES: frozenset[Scheme] = frozenset()


@dataclass(frozen=True, slots=True)
class Plan:
    """Who is asked for some sections of a case that is known by one scheme of number.

    Attributes:
        under_key: who is asked under the key itself.
        under_others: who is asked under further numbers, by their scheme.
        useful: schemes by which somebody is asked for whom the key does not do, and orders.
        orders_from: the kinds of entity that know, found under the key, which orders it is about.
    """

    under_key: Ways
    under_others: Mapping[Scheme, Ways]
    useful: frozenset[Scheme]
    orders_from: Collection[EntityKind]

    def followed(self, kind: EntityKind, *, is_under_key: bool) -> frozenset[Scheme]:
        """Which numbers of an entity are followed.

        Orders are learned only from what the key itself led to: a truck's other orders are not this case.
        """
        followed = self.useful & LEADS_ON.get(kind, NO_SCHEMES)
        if is_under_key and kind in self.orders_from:
            followed |= self.useful & {Scheme.SO}
        return followed


class Routes:
    """The routes to the configured sources.

    Attributes:
        readable: by which numbers each source of a kind can be asked.
    """

    def __init__(self, upstreams: Sequence[Upstream]) -> None:
        self._routes = {kind: tuple(_routes(kind, upstreams)) for kind in EntityKind}
        self.readable: Readable = {
            kind: tuple(route.schemes for route in routes if route.is_askable) for kind, routes in self._routes.items()
        }
        self._known = frozenset(
            (route.source, kind, scheme)
            for kind, routes in self._routes.items()
            for route in routes
            for scheme in route.schemes
        )
        self._plans: dict[tuple[frozenset[EntityKind], Scheme], Plan] = {}

    def __getitem__(self, kind: EntityKind) -> Sequence[Route]:
        return self._routes[kind]

    def has(self, question: Question) -> bool:
        """Whether it is a question to a configured source."""
        source, (kind, by) = question
        return (source, kind, by.scheme) in self._known

    def plan(self, wanted: frozenset[EntityKind], key: Scheme) -> Plan:
        """Whom to ask for these sections of a case that is asked for by such a number."""
        plan = self._plans.get((wanted, key))
        if plan is None:
            plan = self._plans[wanted, key] = self._plan(wanted, key)
        return plan

    def probe(self, wanted: frozenset[EntityKind], key: Scheme) -> Plan:
        """The same for who must know whether the key names anything at all."""
        under_key, under_others = self._ways(frozenset(ROOTS[key]), wanted, key)
        return replace(self.plan(wanted, key), under_key=under_key, under_others=under_others)

    def _plan(self, wanted: frozenset[EntityKind], key: Scheme) -> Plan:
        load = kinds_to_read(wanted, key, self.readable)
        others = (route.schemes for kind in load for route in self._routes[kind] if Scheme.SO not in route.schemes)
        orders = frozenset({Scheme.SO}) if key is not Scheme.SO else NO_SCHEMES
        return Plan(*self._ways(load, wanted, key), orders.union(*others), ROOTS[key] if orders else ())

    def _ways(
        self, load: frozenset[EntityKind], wanted: frozenset[EntityKind], key: Scheme
    ) -> tuple[Ways, Mapping[Scheme, Ways]]:
        """Who of some kinds is asked under the key, and under further numbers."""
        ways = [(kind, route) for kind in load for route in self._routes[kind]]
        sought = kinds_to_read(wanted, Scheme.SO, self.readable)  # the rest knows which orders the key is about
        further = [each for each in ways if each[0] in sought and key not in each[1].schemes & WHOLE_ORDER]
        return (
            tuple((kind, route) for kind, route in ways if key in route.schemes),
            {scheme: tuple(each for each in further if _is_asked_by(scheme, each[1])) for scheme in Scheme},
        )


def _is_asked_by(scheme: Scheme, route: Route) -> bool:
    """Whether a source is asked by a further number: one that can be asked by order is asked by nothing else."""
    return scheme in route.schemes and (scheme is Scheme.SO or Scheme.SO not in route.schemes)


def _routes(kind: EntityKind, upstreams: Sequence[Upstream]) -> Iterable[Route]:
    schemes: dict[str, set[Scheme]] = {}
    for upstream in upstreams:
        for fetcher in upstream.fetchers:
            if fetcher.answers.get(kind):
                schemes.setdefault(upstream.id, set()).update(fetcher.answers[kind])
    asked = [Route(source, frozenset(schemes[source])) for source in sorted(schemes)]
    senders = sorted(each.id for each in upstreams if kind in each.terms and not each.terms[kind].can_be_asked)
    return [*asked, *(Route(source, LOOKED_UP_BY[kind], is_askable=False) for source in senders)]
