"""What of a view a selection shows: by this, and not by how old things are, it is told whether there is anything new.

Time alone is no news: that what was FRESH is too old by now is not sent for its own sake. Every other change of a
state is.
"""

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLResolveInfo

from domain.case_view import Section, status_of
from domain.discretion import told_to
from domain.freshness import Freshness, FreshnessState
from domain.identity import EntityKind
from resolvers.selection import selected_fields
from resolvers.types.case_view import CONCLUDED, CaseView
from resolvers.types.sections import FIELDS

ENTITY_FIELDS = {"serviceCase": "case", "customer": "customer", "credit": "credit"}
"""Fields of sections that show one entity; all others list `nodes`."""

WHOLE = CONCLUDED | {"timeline"}
"""Fields of a view that rest on everything that is read for it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a selection showed of one view.

    Attributes:
        content: everything but freshness.
        freshness: of each section and entity that is shown with it.
    """

    content: tuple[Any, ...]
    freshness: tuple[Freshness, ...]

    def is_news_after(self, before: "Shown") -> bool:
        """Whether whoever was shown the other one has to be shown this."""
        if self.content != before.content or len(self.freshness) != len(before.freshness):
            return True
        return any(_has_turned(*each) for each in zip(before.freshness, self.freshness, strict=True))


def _has_turned(before: Freshness, after: Freshness) -> bool:
    return before.state is not after.state and not (before.state is FreshnessState.FRESH and _is_only_old(after))


def _is_only_old(freshness: Freshness) -> bool:
    age, accepted = freshness.age_seconds, freshness.max_age_seconds
    return freshness.state is FreshnessState.STALE and age is not None and accepted is not None and age > accepted


@dataclass(frozen=True, slots=True)
class Showing:
    """What one selection shows of a view.

    Attributes:
        fields: of the view.
        sections: fields of each section that is shown.
        nodes: fields of the entities of each section that shows them.
    """

    fields: frozenset[str]
    sections: Mapping[str, frozenset[str]]
    nodes: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, info: GraphQLResolveInfo[Any]) -> "Showing":
        """What the selection of this field shows."""
        fields = selected_fields(info)
        sections = {field: selected_fields(info, field) for field in sorted(fields & set(FIELDS))}
        nodes = {field: selected_fields(info, field, _entity_field(field)) for field in sections}
        return cls(fields, sections, {field: shown for field, shown in nodes.items() if shown})

    def shown(self, view: CaseView) -> Shown:
        """What it shows of a view; what the caller may not see is never news."""
        kinds = {field: FIELDS[field][0] for field in self.sections}
        shown = [(field, view.view.sections[kind]) for field, kind in kinds.items() if kind in view.sight.kinds]
        told = told_to(view.stated, view.sight.kinds, has_signatures=view.sight.has_signatures)
        return Shown(
            content=(
                status_of(view.view.sections) if "status" in self.fields else None,
                view.view.completeness(view.asked) if "completeness" in self.fields else None,
                view.kept if self.fields & CONCLUDED else (),
                tuple(self._content(field, told.get(section.kind, section)) for field, section in shown),
                _whole(told) if self.fields & WHOLE else (),
            ),
            freshness=tuple(each for field, section in shown for each in self._freshness(field, section)),
        )

    def _content(self, field: str, section: Section) -> Hashable:
        problem = section.problem if "problem" in self.sections[field] else None
        names = sorted(self.nodes.get(field, frozenset()) - {"__typename", "freshness"})
        return (
            problem and (problem.code, problem.source),
            tuple(tuple(_value(node, _python_name(name)) for name in names) for node in section.nodes),
        )

    def _freshness(self, field: str, section: Section) -> tuple[Freshness, ...]:
        own = (section.freshness,) if "freshness" in self.sections[field] else ()
        return (*own, *section.node_freshness) if "freshness" in self.nodes.get(field, ()) else own


def _whole(stated: Mapping[EntityKind, Section]) -> tuple[Any, ...]:
    sections = sorted(stated.values(), key=lambda section: section.kind.value)
    return tuple((section.nodes, section.withdrawn, section.is_known) for section in sections)


def _entity_field(section: str) -> str:
    return ENTITY_FIELDS.get(section, "nodes")


def _python_name(field: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", field).lower()


def _value(node: Any, name: str) -> Any:  # noqa: ANN401  # any entity, any of its values
    """What a field shows; what is computed for it rests on the whole entity."""
    return getattr(node, name, node)
