"""How leaves are written in generated source: as their GraphQL types write them, but without asking them each time.

What is of the very type that the domain declares is written by an expression; anything else is looked at by a
function, which writes it, or leaves it to the general executor.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from math import isfinite
from typing import Any

import msgspec
from graphql import GRAPHQL_MAX_INT, GRAPHQL_MIN_INT

from domain.validity import Moment, Seconds


class DoesNotFitError(Exception):
    """A value is not of its declared type; the general executor will say where."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """How a leaf is written, in Python over the names of `NAMES`.

    Attributes:
        fits: whether the value, `{}`, is as expected; whatever comes after the first `{}` may name it `{value}`.
        written: the JSON value of one that fits.
        otherwise: name of the function that is given any other.
    """

    fits: str
    written: str = "{value}"
    otherwise: str = "refused"

    def expression(self, bound: str, value: str) -> str:
        """The leaf as an expression.

        Args:
            bound: where the value comes from, an expression after which it has a name.
            value: that name.
        """
        fits, written = self.fits.format(bound, value=value), self.written.format(value=value)
        return f"{written} if {fits} else {self.otherwise}({value})"


SCALARS: Mapping[str, Leaf] = {
    "String": Leaf("type({}) is str", otherwise="text"),
    "ID": Leaf("type({}) is str", otherwise="text"),
    "Int": Leaf("type({}) is int and LEAST <= {value} <= MOST"),
    "Float": Leaf("type({}) is float and isfinite({value})", otherwise="number"),
    "Boolean": Leaf("type({}) is bool"),
    "Decimal": Leaf("type({}) is Decimal", "str({value})"),
    "DateTime": Leaf(
        "type({}) is datetime and {value}.tzinfo is UTC", "encode({value})[1:-2].decode() + '+00:00'", "moment"
    ),
    "Date": Leaf("type({}) is date", "{value}.isoformat()"),
}
"""Scalars whose values are of one type. A moment in UTC is written by msgspec, in a seventh of `isoformat`'s time."""


def member_of(kind: str) -> Leaf:
    """How the members of an enumeration are written.

    Args:
        kind: name under which the enumeration is known in the source.
    """
    return Leaf("type({}) is " + kind, "{value}._name_")  # `name` costs five times as much, see `enum.property`


def refused(value: object) -> Any:  # noqa: ANN401  # never returns
    """Leave a value to the general executor.

    Raises:
        DoesNotFitError: always.
    """
    raise DoesNotFitError(type(value).__name__)


def text(value: object) -> str:
    """A text that is more than one, such as an `Echo`.

    Raises:
        DoesNotFitError: it is no text.
    """
    return value if isinstance(value, str) else refused(value)


def number(value: object) -> float:
    """A number that moves on, which is never compared or counted with here.

    Raises:
        DoesNotFitError: it is none.
    """
    return value if type(value) is Seconds else refused(value)


def moment(value: object) -> datetime | str:
    """A moment that moves on, as it is; any other in ISO 8601.

    Raises:
        DoesNotFitError: it is no moment.
    """
    if type(value) is Moment:
        return value
    return value.isoformat() if isinstance(value, datetime) else refused(value)


_TYPES: tuple[type, ...] = (type, str, int, float, bool, tuple, list, Decimal, datetime, date)

NAMES: Mapping[str, Any] = {
    **{each.__name__: each for each in _TYPES},
    "isfinite": isfinite,
    "refused": refused,
    "text": text,
    "number": number,
    "moment": moment,
    "UTC": UTC,
    "encode": msgspec.json.Encoder().encode,
    "LEAST": GRAPHQL_MIN_INT,
    "MOST": GRAPHQL_MAX_INT,
}
"""All that generated source can name, besides the readers and the enumerations of its selection."""
