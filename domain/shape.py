"""JSON values, seen through the model that they claim to be."""

from collections.abc import Callable, Mapping
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from msgspec import Struct
from msgspec.structs import fields

Change = Callable[[type[Struct], dict[str, object]], None]
"""Changes one object in place, given the model that it claims to be."""


def rebuilt(model: type[Struct], data: object, change: Change) -> object:
    """The data, with every object in it that the model knows of copied and changed.

    Args:
        model: what the data claims to be.
        data: JSON values, of any shape; what is not shaped like the model stays as it is.
        change: what is done to each object, outer ones first.
    """
    if not isinstance(data, dict):
        return data
    copy = dict(data)
    change(model, copy)
    for name, inner in models_in(model).items():
        value = copy.get(name)
        if isinstance(value, list):
            copy[name] = [rebuilt(inner, each, change) for each in value]
        elif name in copy:
            copy[name] = rebuilt(inner, value, change)
    return copy


@cache
def models_in(model: type[Struct]) -> Mapping[str, type[Struct]]:
    """The models inside a model, by the wire name of the field."""
    hints = get_type_hints(model)
    inside = {each.encode_name: inner(hints[each.name], Struct) for each in fields(model)}
    return {name: found for name, found in inside.items() if found is not None}


def inner(hint: Any, base: type) -> Any:  # noqa: ANN401  # a type of any form
    """The class in a type, however it is wrapped, that is derived from a base; null: there is none."""
    if get_origin(hint) in {Annotated, UnionType, Union, tuple}:
        return next((found for each in get_args(hint) if (found := inner(each, base)) is not None), None)
    return hint if isinstance(hint, type) and issubclass(hint, base) else None
