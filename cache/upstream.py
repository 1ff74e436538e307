"""What the reader is given of one source: the ways to ask it, and what its knowledge is measured with."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.call import Call
from domain.feed import Coverage, Feed, FeedNature, coverage
from domain.foreign import NO_LINKS, Links
from domain.identity import EntityKind, Scheme
from domain.known import Nature
from domain.lookup import Changes, Findings, Lookup
from domain.telling import Terms


@dataclass(frozen=True, slots=True)
class Fetcher:
    """One way to ask one configured source.

    Attributes:
        source: configured id.
        answers: which kinds of entity it gives, and by which numbers it can be asked for each, best first.
        max_batch: how many lookups one fetch takes.
        fetch: asks; raises SourceError.
    """

    source: str
    answers: Mapping[EntityKind, tuple[Scheme, ...]]
    max_batch: int
    fetch: Callable[[Sequence[Lookup], Call], Awaitable[Findings]]


@dataclass(frozen=True, slots=True)
class Upstream:
    """One configured source.

    Attributes:
        id: configured id.
        terms: by kind, what its knowledge is measured with.
        fetchers: the ways to ask it; none: it only sends.
        feed: what its stream of events, or of polls, promises.
        covers: the kinds of which that stream leaves nothing out.
        changes: asks what has changed; null: it cannot say.
        poll_every: how often it is asked.
        patience: longest that one fetch may take, however many calls it makes.
        concurrency: calls under way at once.
        links: which addresses that it gives are passed on.
    """

    id: str
    terms: Mapping[EntityKind, Terms]
    fetchers: tuple[Fetcher, ...] = ()
    feed: FeedNature = field(default_factory=FeedNature)
    covers: frozenset[EntityKind] = frozenset()
    changes: Callable[[datetime, Call], Awaitable[Changes]] | None = None
    poll_every: timedelta = timedelta(seconds=15)
    patience: timedelta = timedelta(seconds=10)
    concurrency: int = 8
    links: Links = NO_LINKS

    def nature(self, kind: EntityKind) -> Nature:
        """What can be said of its snapshots of a kind."""
        return self.terms[kind].nature

    def heard(self, lookup: Lookup, feed: Feed | None) -> Coverage | None:
        """What its feed covers of what is kept under a number.

        A poll names numbers without saying whose they are, so it does not cover what was asked for by issuer.
        """
        return coverage(feed, self.feed) if feed is not None and self.may_hear(lookup) else None

    def may_hear(self, lookup: Lookup) -> bool:
        """Whether its feed could ever cover what is kept under a number."""
        is_of_unknown_issuer = self.feed.is_polled and lookup.by.issuer is not None
        return self.feed.gives_coverage and lookup.kind in self.covers and not is_of_unknown_issuer
