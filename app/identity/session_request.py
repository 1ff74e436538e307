"""What is asked for when a session is opened."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from app.identity.origins import web_origin
from domain.caller import Role
from domain.errors import InvalidRequest
from domain.identity import CASE_KEY_SCHEMES, CaseKey

LONGEST = timedelta(hours=1)
MOST_KEYS = 50

KeyFields = Annotated[dict[str, str], Field(min_length=1, max_length=1)]


class SessionRequest(BaseModel):
    """What is asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    keys: Annotated[tuple[KeyFields, ...], Field(min_length=1, max_length=MOST_KEYS)]
    """The cases, each by one number, as in `CaseKey` of the GraphQL contract."""
    origin: Annotated[str, AfterValidator(web_origin)]
    """The web origin that the token may be used from."""
    roles: Annotated[frozenset[Role], Field(min_length=1)] = frozenset({Role.PANEL})
    """What it is for."""
    ttl: Annotated[timedelta, Field(gt=timedelta(0), le=LONGEST)] = timedelta(minutes=10)
    """How long it holds; not longer than the proof of who asks for it."""

    @classmethod
    def read(cls, body: bytes) -> "SessionRequest":
        """A request as it came.

        Raises:
            InvalidRequest: the first thing that is wrong.
        """
        try:
            return cls.model_validate_json(body)
        except ValidationError as error:
            raise _mistake(error, len(body)) from error

    @property
    def case_keys(self) -> frozenset[CaseKey]:
        """The cases.

        Raises:
            InvalidRequest: one of them cannot be one.
        """
        return frozenset(_case_key(f"keys.{index}", each) for index, each in enumerate(self.keys))


def _mistake(error: ValidationError, size: int) -> InvalidRequest:
    """The first thing that is wrong with a request of this size."""
    first = error.errors(include_url=False, include_context=False)[0]
    field, allowed = ".".join(str(part) for part in first["loc"]), first["msg"].removeprefix("Value error, ")
    match first["type"], first["input"]:
        case "missing", _:
            return InvalidRequest(field, "nothing", "a value")
        case "extra_forbidden", _:
            return InvalidRequest(field, "an unknown field", f"one of {', '.join(SessionRequest.model_fields)}")
        case _, timedelta() as span:
            return InvalidRequest(field, f"{span.total_seconds():g} seconds", allowed)
        case _, found:
            return InvalidRequest(field or "body", str(found) if field else f"{size} bytes", allowed)


def _case_key(path: str, fields: Mapping[str, str]) -> CaseKey:
    [(field, value)] = fields.items()
    if field not in CASE_KEY_SCHEMES:
        raise InvalidRequest(path, field, f"one of {', '.join(CASE_KEY_SCHEMES)}")
    return CaseKey.quoted(field, value)
