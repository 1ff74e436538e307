"""Words that this version of Casefold does not know.

A canonical system speaks our own vocabulary, perhaps a newer edition of it. A status or code that is not in ours
becomes UNKNOWN, its word is kept raw, and it moves nothing.
"""

from collections.abc import Mapping
from enum import Enum
from functools import cache, partial
from typing import get_type_hints

from msgspec import Struct
from msgspec.structs import fields

from domain.observation import UnmappedCode
from domain.shape import inner, rebuilt

RAW_WORD: Mapping[str, str] = {"status": "sourceStatus", "code": "sourceCode"}
"""Where the raw word of a field is kept, unless the system already put its own word there."""


def understood(model: type[Struct], data: object) -> tuple[object, tuple[UnmappedCode, ...]]:
    """The data with every unknown word of an enumeration that has UNKNOWN replaced by it, and those words.

    Args:
        model: the canonical model that the data claims to be.
        data: JSON values, of any shape.
    """
    unmapped: list[UnmappedCode] = []
    return rebuilt(model, data, partial(_translate, unmapped)), tuple(unmapped)


def _translate(unmapped: list[UnmappedCode], model: type[Struct], data: dict[str, object]) -> None:
    for name, kind in _vocabularies(model).items():
        value = data.get(name)
        if isinstance(value, str) and value not in kind.__members__:
            unmapped.append(UnmappedCode(f"{model.__name__}.{name}", value[:200]))
            data[name] = "UNKNOWN"
            if name in RAW_WORD:
                data[RAW_WORD[name]] = data.get(RAW_WORD[name]) or value[:200]


@cache
def _vocabularies(model: type[Struct]) -> Mapping[str, type[Enum]]:
    """The enumerations of a model that have UNKNOWN, by the wire name of the field."""
    hints = get_type_hints(model)
    found = {field.encode_name: inner(hints[field.name], Enum) for field in fields(model)}
    return {name: kind for name, kind in found.items() if kind is not None and "UNKNOWN" in kind.__members__}
