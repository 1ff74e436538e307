"""What systems say that people will read or follow: addresses that lead somewhere else, words without end.

Neither spoils the record that it is in. An address is passed on only if settings let its host be passed on, else it is
dropped, and it is never called; words are cut to what the model holds, visibly. Identifiers and codes are never cut:
half of one is another one. Pure.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache, partial
from typing import Any, NamedTuple, TypeVar, get_args, get_type_hints

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import fields

from domain.entity import LONGEST_URL, Url
from domain.model import WORDS
from domain.shape import models_in, rebuilt

ELLIPSIS = "…"

_ADDRESS = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?"
    r"(?:[/?#][a-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*)?",
    re.IGNORECASE,
)
"""An address without credentials, in the characters of RFC 3986: what browsers have to repair leads anywhere."""

AnyModel = TypeVar("AnyModel", bound=Struct)


@dataclass(frozen=True, slots=True)
class Links:
    """Which addresses of a source are passed on.

    Attributes:
        hosts: names in lower case; of these and of the names below them. Without any, none are.
        has_plain: whether those without TLS are, too.
    """

    hosts: frozenset[str] = frozenset()
    has_plain: bool = False

    def passed(self, address: object) -> str | None:
        """The address, if it may be passed on."""
        if not isinstance(address, str) or len(address) > LONGEST_URL:
            return None
        parts = _ADDRESS.fullmatch(address)
        if parts is None or not (self.has_plain or parts["scheme"].lower() == "https"):
            return None
        return address if self._has(parts["host"].lower().strip("[]")) else None

    def _has(self, host: str) -> bool:
        return any(host == each or host.endswith(f".{each}") for each in self.hosts)


NO_LINKS = Links()
"""None are passed on."""


class Repair(Enum):
    """What was done to a value."""

    DROPPED = "dropped"
    CUT = "cut"


class Mended(NamedTuple):
    """That something was done to a value, without the value.

    Attributes:
        field: e.g. `Customer.url`.
        repair: what was done.
    """

    field: str
    repair: Repair


def cut(words: str, most: int) -> str:
    """The words, of at most so many characters; an ellipsis says that there were more."""
    return words if len(words) <= most else words[: most - 1] + ELLIPSIS


def as_it_stands(model: type[AnyModel], data: bytes | msgspec.Raw, links: Links) -> AnyModel | None:
    """The value, if nothing has to be done to it; null: it does not fit, or an address in it must not be passed on.

    Raises:
        msgspec.DecodeError: it is not JSON.
    """
    try:
        value = msgspec.json.decode(data, type=model)
    except msgspec.ValidationError:
        return None
    return value if all(map(links.passed, addresses_in(value))) else None


def mended(model: type[Struct], data: object, links: Links) -> tuple[object, tuple[Mended, ...]]:
    """The data without addresses that are not passed on, and with words that fit; and what was done.

    Args:
        model: the canonical model that the data claims to be.
        data: JSON values, of any shape.
        links: which addresses are passed on.
    """
    done: list[Mended] = []
    return rebuilt(model, data, partial(_mend, links, done)), tuple(done)


def addresses_in(value: Struct) -> Iterator[str]:
    """Every address in a canonical value."""
    own, nested = _addressed(type(value))
    for name in own:
        address = getattr(value, name)
        if address is not None:
            yield address
    for name in nested:
        inside = getattr(value, name)
        for each in inside if isinstance(inside, tuple) else (inside,):
            if each is not None:
                yield from addresses_in(each)


def _mend(links: Links, done: list[Mended], model: type[Struct], data: dict[str, object]) -> None:
    for name, most in _told(model).items():
        value = data.get(name)
        if value is None:
            continue
        if most is None:
            if links.passed(value) is None:
                data[name] = None
                done.append(Mended(f"{model.__name__}.{name}", Repair.DROPPED))
        elif isinstance(value, str) and len(value) > most:
            data[name] = cut(value, most)
            done.append(Mended(f"{model.__name__}.{name}", Repair.CUT))


@cache
def _told(model: type[Struct]) -> Mapping[str, int | None]:
    """Fields, by their wire name, that hold words, with the most characters; or an address, with null."""
    hints = get_type_hints(model, include_extras=True)
    metas = {field.encode_name: tuple(_metas(hints[field.name])) for field in fields(model)}
    words = {name: each.max_length for name, found in metas.items() for each in found if each.extra == WORDS}
    return words | dict.fromkeys(name for name, found in metas.items() if _IS_ADDRESS in found)


@cache
def _addressed(model: type[Struct]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Fields that are addresses, and fields in which there may be some."""
    told, inside = _told(model), models_in(model)
    deep = {name for name, nested in inside.items() if any(_addressed(nested))}
    return (
        tuple(each.name for each in fields(model) if told.get(each.encode_name, 0) is None),
        tuple(each.name for each in fields(model) if each.encode_name in deep),
    )


_IS_ADDRESS = next(each for each in get_args(Url) if isinstance(each, Meta))


def _metas(hint: Any) -> Iterator[Meta]:  # noqa: ANN401  # a type of any form
    """What is said of a type, wherever in it."""
    for each in get_args(hint):
        if isinstance(each, Meta):
            yield each
        else:
            yield from _metas(each)
