"""Values that several families use, and fields that they share."""

from typing import Any

from domain.hold import Hold as DomainHold
from domain.hold import explanation_of, owner_of, release_of
from domain.money import Money as DomainMoney
from domain.place import Location as DomainLocation
from domain.saying import Audience
from resolvers.types.publish import published, published_enum, shown
from resolvers.wording import LANGUAGES, wording

published_enum(Audience)

Locale = str | None
"""A language tag; null: English."""


@published(DomainMoney)
class Money:
    """An exact amount in one currency."""


@published(DomainLocation)
class Location:
    """A place as far as the source names it."""


def label_of_status(self: Any, locale: Locale = "en", audience: Audience | None = Audience.AGENT) -> str:  # noqa: ANN401  # any entity with a status
    """The status in the reader's words; sourceStatus keeps the system's own."""
    return wording(locale or LANGUAGES[0]).write(self.status, audience or Audience.AGENT)


@published(DomainHold, without={"owner", "releases_when"})
class Hold:
    """Why something does not move: who owns it, and what releases it."""

    @shown
    def owner(self) -> str | None:
        """Who decides; where the source does not say, who usually does."""
        return wording(LANGUAGES[0]).write(owner_of(self))  # type: ignore[arg-type]  # the GraphQL type describes the domain value

    @shown
    def releases_when(self) -> str | None:
        """What has to happen; where the source does not say, what usually has to."""
        return wording(LANGUAGES[0]).write(release_of(self))  # type: ignore[arg-type]  # as above

    @shown
    def explanation(self, locale: Locale = "en", audience: Audience | None = Audience.AGENT) -> str:
        """Why it is held, who decides and what releases it; a customer hears no reason."""
        words, listener = wording(locale or LANGUAGES[0]), audience or Audience.AGENT
        return " ".join(words.say(each, listener) for each in explanation_of(self, listener))  # type: ignore[arg-type]  # as above
