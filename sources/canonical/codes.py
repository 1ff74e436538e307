"""Words that this version of Casefold does not know.

A canonical system speaks our own vocabulary, perhaps a newer edition of it. A status or code that is not in ours
becomes UNKNOWN, its word is kept raw, and it moves nothing.
"""

from collections.abc import Mapping
from enum import Enum
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from msgspec import Struct
from msgspec.structs import fields

from domain.observation import UnmappedCode

RAW_WORD: Mapping[str, str] = {"status": "sourceStatus", "code": "sourceCode"}
"""Where the raw word of a field is kept, unless the system already put its own word there."""


def understood(model: type[Struct], data: object) -> tuple[object, tuple[UnmappedCode, ...]]:
    """The data with every unknown word of an enumeration that has UNKNOWN replaced by it, and those words.

    Args:
        model: the canonical model that the data claims to be.
        data: JSON values, of any shape.
    """
    unmapped: list[UnmappedCode] = []
    return _object(model, data, unmapped), tuple(unmapped)


def _object(model: type[Struct], data: object, unmapped: list[UnmappedCode]) -> object:
    if not isinstance(data, dict):
        return data
    known = dict(data)
    for name, (kind, nested) in _shape(model).items():
        value = data.get(name)
        if nested is not None and name in data:
            known[name] = _value(nested, value, unmapped)
        elif kind is not None and isinstance(value, str) and value not in kind.__members__:
            unmapped.append(UnmappedCode(f"{model.__name__}.{name}", value[:200]))
            known[name] = "UNKNOWN"
            if name in RAW_WORD:
                known[RAW_WORD[name]] = data.get(RAW_WORD[name]) or value[:200]
    return known


def _value(model: type[Struct], value: object, unmapped: list[UnmappedCode]) -> object:
    if isinstance(value, list):
        return [_object(model, item, unmapped) for item in value]
    return _object(model, value, unmapped)


@cache
def _shape(model: type[Struct]) -> Mapping[str, tuple[type[Enum] | None, type[Struct] | None]]:
    """For each field by its wire name: its enumeration if that has UNKNOWN, or the model that is inside it."""
    hints = get_type_hints(model)
    shape = {field.encode_name: _inside(hints[field.name]) for field in fields(model)}
    return {name: inside for name, inside in shape.items() if inside != (None, None)}


def _inside(hint: Any) -> tuple[type[Enum] | None, type[Struct] | None]:  # noqa: ANN401  # a type of any form
    if get_origin(hint) in {Annotated, UnionType, Union, tuple}:
        found = (_inside(argument) for argument in get_args(hint))
        return next((inside for inside in found if inside != (None, None)), (None, None))
    if isinstance(hint, type) and issubclass(hint, Enum) and "UNKNOWN" in hint.__members__:
        return hint, None
    return None, hint if isinstance(hint, type) and issubclass(hint, Struct) else None
