"""What a caller is told of its own mistakes: the field and what is allowed, and little of what it sent."""

from domain.errors import MAX_ECHO

END = 40
"""How much of a long message's end is told: what is allowed often stands there."""

GAP = " … "


def shown(message: str) -> str:
    """A message of at most `MAX_ECHO` characters, whatever it repeats, all of them visible.

    graphql-core shortens values, but not names: a field, a variable or an enum value of a megabyte comes back whole.
    """
    return _shortened("".join(map(_visible, _shortened(message))))


def _shortened(message: str) -> str:
    if len(message) <= MAX_ECHO:
        return message
    return message[: MAX_ECHO - END - len(GAP)] + GAP + message[-END:]


def _visible(character: str) -> str:
    """It, or the number of what nobody sees or what turns the line around; a line break is a blank."""
    if character.isprintable():
        return character
    return " " if character in "\n\t" else f"\\u{ord(character):04x}"
