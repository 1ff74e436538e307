"""How old things are and what callers accept."""

from datetime import timedelta

import strawberry

from domain import freshness
from domain.freshness import Ask, OnStale
from resolvers.types.inputs import made_at_once
from resolvers.types.publish import published, published_enum
from resolvers.types.scalars import Duration

published_enum(OnStale)


@published(freshness.Freshness)
class Freshness:
    """How old a section is, where it comes from, and how that was decided."""


@published(freshness.SourceProblem)
class SourceProblem:
    """Why a section is not fresh. Data, not a GraphQL error: one failing source never fails the view."""


@made_at_once
@strawberry.input(description="What the caller accepts. Every field left out takes the section's configured policy.")
class FreshnessInput:
    """See `domain.freshness.Ask`."""

    max_age: Duration | None = strawberry.field(
        default=None, description="Oldest acceptable knowledge, measured on verifiedAt."
    )
    on_stale: OnStale | None = strawberry.field(
        default=OnStale.REFRESH, description="What to do with a section older than maxAge."
    )
    deadline: Duration | None = strawberry.field(
        default=None,
        description="Longest the whole view may take; a source that has not answered by then is UNAVAILABLE.",
    )


def ask_of(freshness_input: FreshnessInput | None, longest: timedelta) -> Ask:
    """What the caller accepts; never longer than the gateway's own deadline allows."""
    if freshness_input is None:
        return Ask(deadline=longest)
    return Ask(
        max_age=freshness_input.max_age,
        on_stale=freshness_input.on_stale or OnStale.REFRESH,
        deadline=min(freshness_input.deadline or longest, longest),
    )
