"""Makes a GraphQL type out of a domain model, so that each field is declared once.

The domain model gives names, types, nullability and descriptions; the decorated class adds what is computed for the
reader. A field that the outside must not see is left out by name.
"""

import enum
import types
import typing
from collections.abc import Callable, Iterable
from dataclasses import fields as dataclass_fields
from dataclasses import is_dataclass
from datetime import datetime
from decimal import Decimal
from inspect import cleandoc
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

import strawberry
from msgspec import Meta, Struct

T = TypeVar("T")

_PUBLISHED: dict[type, type] = {}
_SCALARS: frozenset[type] = frozenset({str, int, float, bool, Decimal, datetime})


def published(
    model: type, *, without: Iterable[str] = (), identifiers: Iterable[str] = ()
) -> Callable[[type[T]], type[T]]:
    """Make the decorated class the GraphQL type of a domain model.

    Args:
        model: a domain `Model` or frozen dataclass.
        without: fields that are not shown, or that the decorated class computes itself.
        identifiers: text fields that are GraphQL IDs.
    """

    def publish(declared: type[T]) -> type[T]:
        hidden, ids = set(without), set(identifiers)
        annotations: dict[str, object] = {}
        for name, hint in get_type_hints(model, include_extras=True).items():
            if name in hidden or name not in _field_names(model):
                continue
            annotations[name] = _graphql(hint, is_id=name in ids)
            setattr(declared, name, strawberry.field(description=_description(hint)))
        declared.__annotations__ = annotations | declared.__annotations__
        description = cleandoc(declared.__doc__ or model.__doc__ or "")
        _PUBLISHED[model] = strawberry.type(declared, description=description)
        return declared

    return publish


def shown(resolver: Callable[..., T]) -> T:
    """Make a method a field of its GraphQL type; its docstring is the field's description."""
    return strawberry.field(resolver=resolver, description=cleandoc(resolver.__doc__ or ""))


def published_enum(kind: type[enum.Enum]) -> None:
    """Make a domain enumeration a GraphQL enum of the same name, its values those of the class."""
    if kind not in _PUBLISHED:
        _PUBLISHED[kind] = strawberry.enum(kind, description=cleandoc(kind.__doc__ or ""))


def _field_names(model: type) -> Iterable[str]:
    if is_dataclass(model):
        return [field.name for field in dataclass_fields(model)]
    return typing.cast("type[Struct]", model).__struct_fields__


def _description(hint: object) -> str | None:
    """What the domain model says about the field, wherever in its type it says so."""
    if get_origin(hint) is Annotated:
        said = (meta.description for meta in hint.__metadata__ if isinstance(meta, Meta))  # type: ignore[attr-defined]  # get_origin proved it
        own = next((text for text in said if text), None)
        return own or _description(get_args(hint)[0])
    if get_origin(hint) in {types.UnionType, Union}:
        return next((text for text in map(_description, get_args(hint)) if text), None)
    return None


def _graphql(hint: Any, *, is_id: bool = False) -> Any:  # noqa: ANN401  # a type in, a type out
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _graphql(arguments[0], is_id=is_id)
    if origin in {types.UnionType, Union}:
        inner = next(argument for argument in arguments if argument is not type(None))
        return _graphql(inner, is_id=is_id) | None
    if origin is tuple:
        return list[_graphql(arguments[0])]  # type: ignore[misc]  # built at run time
    if is_id:
        return strawberry.ID
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        published_enum(hint)
    return _PUBLISHED.get(hint, hint)
