"""Inputs that are made of what was given at once, where Strawberry would look at each field anew."""

from collections.abc import Mapping
from typing import Any, TypeVar, cast

import strawberry
from strawberry.types.base import StrawberryMaybe, StrawberryObjectDefinition
from strawberry.utils.str_converters import to_camel_case

T = TypeVar("T")


def made_at_once(kind: type[T]) -> type[T]:
    """Have an input that has no other inputs in it made by one call; what comes out is the same."""
    definition = cast("StrawberryObjectDefinition", cast("Any", kind).__strawberry_definition__)
    names = {to_camel_case(each.python_name): each.python_name for each in definition.fields}
    maybe = {to_camel_case(each.python_name) for each in definition.fields if isinstance(each.type, StrawberryMaybe)}
    left_out = dict.fromkeys(names.values()) if maybe else {}

    def made(_: type, given: Mapping[str, Any], __: object) -> T:
        values = {names[name]: strawberry.Some(value) if name in maybe else value for name, value in given.items()}
        return kind(**left_out | values)

    definition.from_input = made
    return kind
