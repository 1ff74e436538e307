"""Entities that other subgraphs name by their keys, and ask for together: `_entities` of Apollo Federation.

Each of them is shown out of a case view, which is read like any other, by `resolvers.query.views`: under the same rules
for freshness and for who may see what, and with one call to a source for all that are asked for together.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from cache.reader import Reader
from domain import case_view, customer, order
from domain.discretion import forbidden
from domain.errors import EntityUnavailable, Forbidden, InvalidRequest, ProblemCode
from domain.freshness import FreshnessState
from domain.identity import CaseKey, EntityKind, Scheme
from domain.links import ROOTS
from resolvers.context import Info
from resolvers.permissions import Sight
from resolvers.query import MAX_KEYS, views
from resolvers.selection import selected_fields
from resolvers.types.case_view import CaseView
from resolvers.types.freshness import ask_of
from resolvers.types.sections import FIELDS
from resolvers.types.tms import ShipmentNode

VIEW = "CaseView"

NOBODY_CAN_SAY = "its system of record cannot say"
"""What who may not know which systems there are is told instead of the name of one."""


@dataclass(frozen=True, slots=True)
class InSection:
    """An entity that one section of a view shows, when it is asked for by the entity's own number.

    Attributes:
        key: the field that is the number, here and in GraphQL.
        scheme: what kind of number it is.
        section: the field of the view.
    """

    key: str
    scheme: Scheme
    section: str

    @property
    def kind(self) -> EntityKind:
        """What the section holds."""
        return FIELDS[self.section][0]


IN_SECTIONS: Mapping[str, InSection] = {
    "Order": InSection("number", Scheme.SO, "orders"),
    "Shipment": InSection("id", Scheme.SHIPMENT_ID, "shipments"),
    "Customer": InSection("id", Scheme.CUSTOMER, "customer"),
}

KEYS: Mapping[str, str] = {VIEW: "id"} | {name: each.key for name, each in IN_SECTIONS.items()}
"""The types that are entities, each with the field that is its key."""

_NAMES: Mapping[type, str] = {
    CaseView: VIEW,
    order.Order: "Order",
    ShipmentNode: "Shipment",
    customer.Customer: "Customer",
}


def type_of(entity: object) -> str:
    """The GraphQL type of what `entities` answers with."""
    return _NAMES[type(entity)]


@dataclass(frozen=True, slots=True)
class _Named:
    """A representation that was understood; no key: there is no such thing."""

    kind: str
    key: CaseKey | None


async def entities(info: Info, representations: list[Any]) -> list[Any]:
    """What was named, in the order in which it was named: the entity, null, or the error that stands in its place.

    Args:
        info: of the field.
        representations: for each entity its `__typename` and its key, as the router gives them.

    Raises:
        InvalidRequest: there are more than `MAX_KEYS` of one type.
    """
    tenant = info.context.gateway.reader.memory.store.keys.tenant
    found: list[Any] = [_understood(tenant, place, each) for place, each in enumerate(representations)]
    places = _places(found)
    answers = await asyncio.gather(
        *(_answered(info, kind, [found[place].key for place in own]) for kind, own in places.items())
    )
    for own, answer in zip(places.values(), answers, strict=True):
        for place, value in zip(own, answer, strict=True):
            found[place] = value
    return found


def _places(found: Sequence[object]) -> Mapping[str, Sequence[int]]:
    """Where entities of each type are to go."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, each in enumerate(found):
        if isinstance(each, _Named):
            places[each.kind].append(place)
    for kind, own in places.items():
        if len(own) > MAX_KEYS:
            raise InvalidRequest("representations", f"{len(own)} of {kind}", f"at most {MAX_KEYS} of one type")
    return places


def _understood(tenant: str, place: int, representation: object) -> _Named | InvalidRequest:
    try:
        return _named(tenant, f"representations[{place}]", representation)
    except InvalidRequest as error:
        return error


def _named(tenant: str, path: str, representation: object) -> _Named:
    given = representation if isinstance(representation, dict) else {}
    kind = given.get("__typename")
    if not isinstance(kind, str) or kind not in KEYS:
        raise InvalidRequest(f"{path}.__typename", str(kind), ", ".join(KEYS))
    field = f"{path}.{KEYS[kind]}"
    number = given.get(KEYS[kind])
    if not isinstance(number, str):
        raise InvalidRequest(field, str(number), "a text")
    if kind == VIEW:
        return _Named(kind, case_view.key_of_view(tenant, number))
    return _Named(kind, CaseKey.named(IN_SECTIONS[kind].scheme, number, field))


def _check_visible(sight: Sight, kind: str) -> None:
    """Nobody is asked for what may not be shown."""
    asked = IN_SECTIONS[kind].kind
    if asked not in sight.kinds:
        raise Forbidden(asked=asked.value, needed="somebody who may see it")


def _check_askable(reader: Reader, kind: str) -> None:
    """Where no system can be asked by such a number, that nobody answers means nothing."""
    scheme = IN_SECTIONS[kind].scheme
    routes = (route for root in ROOTS[scheme] for route in reader.routes[root])
    if not any(scheme in route.schemes for route in routes):
        raise EntityUnavailable(ProblemCode.NOT_FOUND, f"no source can be asked by {scheme.value}")


async def _answered(info: Info, kind: str, keys: Sequence[CaseKey | None]) -> Sequence[object]:
    """One read for all of one type; when it fails, that is told of each, and entities of other types are not lost."""
    asked = [key for key in keys if key is not None]
    try:
        shown = iter(await _views(info, kind, asked))
    except Exception as error:  # noqa: BLE001  # `resolvers.errors` tells the expected from the others
        return [error] * len(keys)
    return [None if key is None else _entity(kind, key, next(shown)) for key in keys]


async def _views(info: Info, kind: str, keys: Sequence[CaseKey]) -> Sequence[CaseView | None]:
    if kind != VIEW:
        _check_visible(info.context.sight, kind)
        _check_askable(info.context.gateway.reader, kind)
    return await views(info.context, keys, _fields(info, kind), ask_of(None, info.context.gateway.longest))


def _fields(info: Info, kind: str) -> frozenset[str]:
    """What has to be read of a view."""
    if kind == VIEW:
        return selected_fields(info._raw_info, of=kind)  # noqa: SLF001  # as in `resolvers.query`
    return frozenset({IN_SECTIONS[kind].section})


def _entity(kind: str, key: CaseKey, view: CaseView | None) -> object:
    if view is None or kind == VIEW:
        return view
    place = IN_SECTIONS[kind]
    section = view.view.sections.get(place.kind) or forbidden(place.kind)
    found = entity_in(section, place.key, key.value)
    if isinstance(found, EntityUnavailable) and not view.sight.names_sources:
        return EntityUnavailable(found.code, NOBODY_CAN_SAY)
    return found


def entity_in(section: case_view.Section, field: str, number: str) -> object:
    """The entity of a section that has this number; null only if its systems could say that there is none.

    Args:
        section: where to look.
        field: the field that is the number.
        number: which number.

    Returns:
        The entity, null, or the error because of which nobody can say.
    """
    number_of = attrgetter(field)
    for node, freshness in zip(section.nodes, section.node_freshness, strict=True):
        if number_of(node) == number:
            return ShipmentNode(node, freshness) if section.kind is EntityKind.SHIPMENT else node
    if section.freshness.state is FreshnessState.FORBIDDEN:
        return Forbidden(asked=section.kind.value, needed="somebody who may see it")
    return EntityUnavailable(section.problem.code, section.problem.message) if section.problem else None
