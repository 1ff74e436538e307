"""How every canonical value is made: frozen, strictly checked, one spelling inside and one outside.

Inside, fields are snake_case; on every wire (canonical JSON, stored bytes, GraphQL) they are camelCase.
A value is checked when it is decoded *and* when it is constructed, so there is no way to hold a bad one.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, dataclass_transform

from msgspec import Meta, Struct, StructMeta, ValidationError, convert, field

Instant = Annotated[datetime, Meta(tz=True)]
"""A moment with an offset; a naive time is refused because nobody can say which moment it is."""

Day = date
"""A calendar day at the place it is about. It stays a day: it is never turned into midnight of some zone."""

MOST_WORDS, MOST_LABEL = 2_000, 200
"""Characters of a text, and of a label."""

WORDS = {"words": True}
"""Marks what a person reads."""

Text = Annotated[str, Meta(min_length=1, max_length=MOST_WORDS, extra=WORDS)]
"""Words for a person; bounded, because an upstream may send anything. What is longer may be cut."""

Label = Annotated[str, Meta(min_length=1, max_length=MOST_LABEL, extra=WORDS)]
"""What a person, a company or a place is called: nothing is found by it, so what is longer may be cut."""

Name = Annotated[str, Meta(min_length=1, max_length=200)]
"""An identifier or a code. Never cut: half of one is another one."""


class _Attributes:
    """Shows a value to msgspec as a bag of attributes, so that it is checked again instead of passed through."""

    __slots__ = ("_value",)

    def __init__(self, value: Struct) -> None:
        self._value = value

    def __getattr__(self, name: str) -> object:
        return getattr(self._value, name)


class _CheckedWhenConstructed(StructMeta):
    """msgspec checks what it decodes and trusts what is constructed; this checks the constructed too."""

    if not TYPE_CHECKING:  # mypy reads the field list of a class instead of these signatures

        def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, object], **options: object) -> type:
            if any("Decimal" in repr(hint) for hint in namespace.get("__annotations__", {}).values()):
                namespace = namespace | {"__post_init__": _after(_refuse_infinite, namespace.get("__post_init__"))}
            return super().__new__(mcs, name, bases, namespace, **{"kw_only": True} | options)

        def __call__(cls, *args: object, **kwargs: object) -> Struct:  # noqa: N805  # StructMeta is a metaclass
            given = super().__call__(*args, **kwargs)
            checked = convert(_Attributes(given), cls, from_attributes=True)
            _check_decimals(given, checked)
            return checked


def _after(first: Callable[[Struct], None], second: object) -> Callable[[Struct], None]:
    def both(value: Struct) -> None:
        first(value)
        if callable(second):
            second(value)

    return both


def _refuse_infinite(value: Struct) -> None:
    """Refuse NaN and infinity, which msgspec takes out of a text."""
    for name in value.__struct_fields__:
        found = getattr(value, name)
        if type(found) is Decimal and not found.is_finite():
            raise ValidationError(f"Expected a finite `decimal`, got {found} - at `$.{name}`")


def _check_decimals(given: Struct, checked: Struct) -> None:
    """Refuse floats, of which msgspec makes decimals."""
    for name in checked.__struct_fields__:
        value, original = getattr(checked, name), getattr(given, name)
        if isinstance(value, Decimal) and not isinstance(original, Decimal):
            raise ValidationError(f"Expected a finite `decimal`, got `{type(original).__name__}` - at `$.{name}`")


_REPEATED = re.compile(r"(?<=Invalid enum value) .*(?= - at `)", re.DOTALL)


def misfit(error: Exception) -> str:
    """What is wrong with a value, in msgspec's words, without the word that was sent: it may be about a person."""
    return _REPEATED.sub("", str(error))


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(field,))
class Model(Struct, metaclass=_CheckedWhenConstructed, frozen=True, rename="camel", omit_defaults=True, gc=False):
    """Base of all canonical values.

    They are trees and cannot become anything else, so the collector of cycles need not look at them: near copies are
    many, and to look through them costs more than to make them.

    Raises:
        msgspec.ValidationError: a field is not of its declared type; the message names the field by path,
            what was expected and what was found.
    """
