"""What to answer next."""

from datetime import datetime

import strawberry

from domain.answers import Answer
from domain.saying import Audience
from domain.service_case import CaseKind
from resolvers.types.discrepancy import Evidence
from resolvers.types.publish import published_enum
from resolvers.wording import Wording

published_enum(Audience)
published_enum(CaseKind)


@strawberry.type(description="What to say to one question of the case, by rule, from what the systems say")
class SuggestedAnswer:
    """See `domain.answers.Answer`."""

    intent: CaseKind = strawberry.field(description="The question")
    audience: Audience = strawberry.field(description="Who is to hear or read it")
    text: str
    based_on: list[Evidence] = strawberry.field(
        description="What each system says, in its own words; for an agent only: it names systems"
    )
    caveats: list[str] = strawberry.field(description="How far it can be relied on")
    valid_until: datetime | None = strawberry.field(
        description="When the first of what it rests on is too old to go on saying it"
    )

    @classmethod
    def of(cls, answer: Answer, words: Wording) -> "SuggestedAnswer":
        """The answer in words."""
        return cls(
            intent=answer.intent,
            audience=answer.audience,
            text=" ".join(words.say(each, answer.audience) for each in answer.text),
            based_on=list(answer.based_on),  # type: ignore[arg-type]  # the GraphQL type describes the domain value
            caveats=[words.say(each, answer.audience) for each in answer.caveats],
            valid_until=answer.valid_until,
        )
