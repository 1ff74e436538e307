"""What is wrong with a setting, in words: where it stands, what was found, what is allowed; never a secret."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from difflib import get_close_matches

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo

from domain.errors import SettingError

_CREDENTIALS = re.compile(r"//[^/@\s]+@")

Where = tuple[str | int, ...]
"""A path to a setting: keys of tables, and places in lists."""


def setting_error(error: ValidationError, path: Where, model: type[BaseModel]) -> SettingError:
    """The first thing that is wrong with a table of settings.

    Args:
        error: what pydantic found.
        path: where the table stands.
        model: what it has to fit.
    """
    first = error.errors(include_url=False, include_context=False)[0]
    where = (*path, *first["loc"])
    if first["type"] == "extra_forbidden":
        unknown = str(first["loc"][-1])
        return SettingError(spelled(where), "an unknown key", nearest(unknown, _keys_beside(model, first["loc"]), ""))
    if first["type"] == "missing":
        return SettingError(spelled(where), "nothing", "a value")
    is_secret = isinstance(first["input"], Mapping) or _is_secret(model, first["loc"])
    found = "a value that is not shown" if is_secret else _shown(first["input"])
    return SettingError(spelled(where), found, first["msg"].removeprefix("Value error, "))


def _shown(value: object) -> str:
    if isinstance(value, timedelta):
        return f"{value.total_seconds():g} seconds"
    return _CREDENTIALS.sub("//(hidden)@", repr(value))


def _is_secret(model: type[BaseModel], loc: Where) -> bool:
    """Whether a wrong value must not be repeated; what stands for a whole table may be one of its secrets."""
    first = str(loc[0]) if loc else ""
    if first not in model.model_fields:
        return True
    is_table = not any(isinstance(part, str) for part in loc[1:])
    _, *tables = _models(model, first)
    within = [field for each in tables for name, field in each.model_fields.items() if is_table or name in loc]
    return any(_holds_secret(field) for field in [model.model_fields[first], *within])


def _holds_secret(field: FieldInfo) -> bool:
    return not field.repr or SecretStr in _types(field.annotation)


def _keys_beside(model: type[BaseModel], loc: Where) -> set[str]:
    """The keys that are known where an unknown one stands."""
    *_, deepest = _models(model, str(loc[0]))
    return set((deepest if len(loc) > 1 else model).model_fields)


def _models(model: type[BaseModel], name: str) -> Iterator[type[BaseModel]]:
    """A model, and the tables that stand under one of its keys."""
    yield model
    known = model.model_fields.get(name)
    for each in _types(known.annotation) if known else ():
        if isinstance(each, type) and issubclass(each, BaseModel):
            yield each


def _types(annotation: object) -> Iterator[object]:
    yield annotation
    arguments: Iterable[object] = getattr(annotation, "__args__", ())
    for each in arguments:
        yield from _types(each)


def nearest(name: str, known: set[str], prefix: str) -> str:
    """The known name that is most like one that is not; else all of them."""
    near = get_close_matches(name, known, n=1)
    return f"{prefix}{near[0]}" if near else "one of " + ", ".join(f"{prefix}{each}" for each in sorted(known))


def spelled(path: Where) -> str:
    """A path as it is written: `sources[0].id`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
