"""Prints the tables of `resolvers.permissions` as docs/who-sees-what.md: `python -m resolvers.who_sees_what`."""

import sys
from collections.abc import Collection, Iterable

from domain.caller import Role
from resolvers.permissions import AUDITED, CONCLUDES_FROM_ALL, EVENTS, FIELDS, NAMES_SOURCES, SECTIONS, SIGNATURES
from resolvers.types import sections

COLUMNS = (Role.AGENT, Role.FINANCE, Role.PANEL, Role.BOT, Role.OPS)

NAMES = {kind: field for field, (kind, _) in sections.FIELDS.items()}

HEAD = """# Who sees what

Printed from `resolvers/permissions.py` by `make schema`; a test compares the two.

What any of a caller's roles may see, the caller may see; a caller without roles sees nothing. A section that may not be
seen is `FORBIDDEN`, has no entities, and no system is asked for it, unless its entities name the numbers under which
others are found: then they are read, and not shown. A field that may not be seen is null; an operation that asks for
one that cannot be null is refused with `FORBIDDEN`, which names the field and the roles that may see it.

Whoever may not see credit is told nothing of it by others either: holds, exceptions, milestones and systems' own words
that say that credit holds something up are left out, also of sentences, the timeline and contradictions. Of holds of
kind `MANUAL` or `OTHER` only kind and time are told: their words may speak of credit. Who signed, and what an invoice
asks for, is in no sentence and no line of the timeline of whoever may not see it: of an invoice, they then say its
number and its status, and not that it is contested."""

TAIL = """A program that talks to customers (`bot`) and is not bound to a customer or to cases may ask only `eta`, with
a postal code: a wrong one, and a number that nobody knows, have the same answer, when the deadline is over and not
before, and count as the same miss. Whoever is bound to cases or to a customer is answered null for all others, as for
what nobody knows."""


def printed() -> str:
    """The whole page."""
    return "\n\n".join((HEAD, *_chapters(), TAIL)) + "\n"


def _chapters() -> Iterable[str]:
    yield "## Sections"
    yield _table("section", ((f"`{NAMES[kind]}`", roles) for kind, roles in SECTIONS.items()))
    yield "## Fields\n\n`Type.*` stands for the fields of a type that have no line of their own."
    yield _table("field", ((f"`{name}`", roles) for name, roles in FIELDS.items()))
    yield (
        "A panel sees "
        + " and ".join(f"`{name}`" for name in sorted(SIGNATURES))
        + " where `graphql.panels_see_signatures` is set."
    )
    yield _table(
        "besides",
        (("names of systems, also in `extensions`", NAMES_SOURCES), ("all contradictions", CONCLUDES_FROM_ALL)),
    )
    yield "Others are told only of contradictions between sections that they may see."
    yield "## Operational events"
    yield _table("event", ((f"`{event.value}`", roles) for event, roles in EVENTS.items()))
    yield "## What the audit log keeps\n\nWho was shown which of these of which cases, and who had letters revealed."
    yield _lines("field", "kept as", ((f"`{name}`", ", ".join(sorted(what))) for name, what in AUDITED.items()))


def _table(what: str, rows: Iterable[tuple[str, Collection[Role]]]) -> str:
    names = " | ".join(role.value for role in COLUMNS)
    marked = (f"| {name} | {' | '.join('yes' if role in roles else '-' for role in COLUMNS)} |" for name, roles in rows)
    return "\n".join((f"| {what} | {names} |", "|---|" + "---|" * len(COLUMNS), *marked))


def _lines(what: str, other: str, rows: Iterable[tuple[str, str]]) -> str:
    return "\n".join((f"| {what} | {other} |", "|---|---|", *(f"| {name} | {told} |" for name, told in rows)))


if __name__ == "__main__":
    sys.stdout.write(printed())
