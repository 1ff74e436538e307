"""The `[limits]` table: how much one request may have, and how much one caller may ask for."""

from dataclasses import fields
from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, create_model

from app.rates import FLOORS, Allowed, rate
from domain.caller import Role
from resolvers.limits import Limits, Mode

HIGHEST = 100_000_000
"""Nobody means to allow more of anything."""

Floor = Annotated[timedelta, Field(ge=timedelta(0), le=timedelta(days=1))]


def _rate(text: str) -> str:
    try:
        rate(text)
    except ValueError as error:
        raise ValueError("a rate such as 60 per minute, 200 per second or 60 per 10 minutes") from error
    return text


_COUNTS: dict[str, Any] = {
    each.name: (Annotated[int, Field(ge=1, le=HIGHEST)], each.default)
    for each in fields(Limits)
    if isinstance(each.default, int)
}

_RATES: dict[str, Any] = {
    each.name: (Annotated[str, AfterValidator(_rate)], each.default)
    for each in fields(Allowed)
    if isinstance(each.default, str)
}

_Table: Any = create_model(
    "_Table",
    __config__=ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True),
    **_COUNTS,
    **_RATES,
)


class LimitsSettings(_Table):
    """One setting for each of `Limits` and of `Allowed`."""

    mode: Mode = Mode.ENFORCE
    """What happens beyond a limit."""
    floors: dict[Role, Floor] = Field(default_factory=dict)
    """The youngest that a caller may insist on, by role, instead of `FLOORS`."""

    @property
    def limits(self) -> Limits:
        """How much one request may have."""
        return Limits(mode=self.mode, **{name: getattr(self, name) for name in _COUNTS})

    @property
    def allowed(self) -> Allowed:
        """How much one caller may ask for."""
        rates = {name: getattr(self, name) for name in _RATES}
        return Allowed(mode=self.mode, floors={**FLOORS, **self.floors}, **rates)
