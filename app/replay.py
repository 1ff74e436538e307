"""A replay of the journal in the terminal."""

from datetime import datetime

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app.beside import beside
from app.settings import Configuration
from app.tenancy import Tenancy
from domain.errors import InvalidRequest
from events.replay import Change, Choice, Replay, Report

SHOWN = 50
"""Changes that are listed one by one."""


def chosen(since: str | None, until: str | None, source: str | None, entity: str | None) -> Choice:
    """What to replay, as a person says it.

    Raises:
        InvalidRequest: a moment cannot be read.
    """
    return Choice(_moment("--since", since), _moment("--until", until), source, entity)


async def replay(configuration: Configuration, tenant: str, choice: Choice, *, is_dry: bool, per_second: int) -> Report:
    """Settle what is chosen of a tenant once more, or say what that would change; with a progress bar.

    Raises:
        InvalidRequest: there is no such tenant, or it has no such source.
        StoreUnavailable: the state cannot be used.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    async with beside(configuration, tenant) as tenancy:
        _refuse_strange_source(choice, tenancy)
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("foreseeing" if is_dry else "replaying", total=await tenancy.inbox.length())
            work = Replay(tenancy.inbox, tenancy.settling, tenancy.gateway.reader.clock, per_second)
            return await work.run(
                choice, is_dry=is_dry, progress=lambda report: bar.update(task, completed=report.entries)
            )


def _refuse_strange_source(choice: Choice, tenancy: Tenancy) -> None:
    known = [each.settings.id for each in tenancy.connected]
    if choice.source is not None and choice.source not in known:
        allowed = ", ".join(known) or "none: no source is configured"
        raise InvalidRequest(field="--source", found=choice.source, allowed=allowed)


def summary(report: Report, *, is_dry: bool) -> str:
    """What was done, for a person."""
    read = f"{report.letters} letters of {report.entries} journal entries, {report.events} events"
    unusable = f", {report.unusable} could not be used" if report.unusable else ""
    if not is_dry:
        return f"replayed {read}{unusable}"
    changes = [_line(change) for change in report.changes[:SHOWN]]
    more = [f"... and {len(report.changes) - SHOWN} more"] if len(report.changes) > SHOWN else []
    verdict = f"{len(report.changes)} entities would change" if changes else "nothing would change"
    return "\n".join([f"read {read}{unusable}: {verdict}", *changes, *more])


def _line(change: Change) -> str:
    fields = ", ".join(change.fields) or "age"
    return f"  {change.key.source}  {change.key.kind.value.lower()} {change.key.id}: {fields}"


def _moment(option: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = datetime.min  # noqa: DTZ901  # refused below
    if moment.tzinfo is None:
        allowed = "a moment with its offset, e.g. 2026-11-23T08:00:00Z"
        raise InvalidRequest(field=option, found=text[:40], allowed=allowed)
    return moment
