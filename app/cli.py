"""The command line. Each command imports what it needs: asking a question does not load a server."""

import asyncio
import json
import sys
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from domain.caller import Role
from domain.dead_letter import DeadLetterOutcome, DeadLetterResult
from domain.errors import CasefoldError
from domain.identity import CASE_KEY_SCHEMES, MAIN_TENANT

app = typer.Typer(
    help="One case view over TMS, WMS, ERP, CRM and carrier claims, honest about how fresh every part is.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="Settings file; else CASEFOLD_CONFIG, else ./casefold.toml.")
]

TenantOption = Annotated[str, typer.Option(help="Whose; one command is about one tenant.")]


@contextmanager
def _failures_in_a_line() -> Iterator[None]:
    """An expected failure is one line on standard error and exit code 1."""
    try:
        yield
    except CasefoldError as error:
        typer.echo(f"casefold: {error}", err=True)
        raise typer.Exit(1) from error


@app.command(epilog="Example: casefold serve --config /etc/casefold.toml --port 8080 --workers 4")
def serve(
    config: ConfigOption = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    worker: Annotated[bool, typer.Option(help="Whether to settle here what sources send.")] = True,  # noqa: FBT002  # Typer makes --worker/--no-worker of it
    workers: Annotated[int | None, typer.Option(help="Processes that serve the port together.", min=1, max=256)] = None,
) -> None:
    """Run the gateway."""
    from app.listening import Address
    from app.processes import serve_by
    from app.serving import Served
    from app.settings import load, refuse_strangers
    from app.state import kept_state, prove
    from app.telemetry import start_logging

    with _failures_in_a_line():
        configuration = load(config)
        gateway = configuration.gateway
        host, count = host or gateway.host, gateway.workers if workers is None else workers
        refuse_strangers(gateway, host)
        start_logging(gateway)
        with Address(host, gateway.port if port is None else port, count) as address, kept_state(gateway) as redis_url:
            asyncio.run(prove(redis_url))
            serve_by(count, address, Served(configuration, redis_url, has_worker=worker))


@app.command(epilog="Example: CASEFOLD_REDIS_URL=redis://redis:6379/0 casefold work --config /etc/casefold.toml")
def work(config: ConfigOption = None) -> None:
    """Settle what sources send, as a process of its own; a gateway does so itself unless told not to."""
    from app.settings import load
    from app.state import prove, running_state
    from app.telemetry import start_logging
    from app.work import work as work_until_stopped

    with _failures_in_a_line():
        configuration = load(config)
        start_logging(configuration.gateway)
        redis_url = running_state(configuration.gateway)
        asyncio.run(prove(redis_url))
        if not asyncio.run(work_until_stopped(configuration, redis_url)):
            raise typer.Exit(1)


@app.command(epilog="Example: casefold demo --port 8010 --data var/demo --seed 7 --rate 50")
def demo(
    port: Annotated[int, typer.Option(help="Port of the gateway; 0: any free one.")] = 8000,
    data: Annotated[Path, typer.Option(help="Folder for demo.env.")] = Path("var/demo"),
    seed: Annotated[int, typer.Option(help="The simulated world is the same for the same seed.")] = 7,
    rate: Annotated[float, typer.Option(help="Steps of the world per second; 0: a still world.")] = 1.0,
) -> None:
    """Run the gateway with simulated systems behind it, on this machine only."""
    from app.demo import Demo, run_demo

    with _failures_in_a_line():
        run_demo(Demo(port=port, data=data, seed=seed, rate=rate))


@app.command(epilog="Example: casefold ask --order SO-1001")
def ask(
    *,
    order: Annotated[str | None, typer.Option(help="Order number.")] = None,
    case: Annotated[str | None, typer.Option(help="Case number.")] = None,
    purchase_order: Annotated[str | None, typer.Option(help="The customer's number of the order.")] = None,
    tracking: Annotated[str | None, typer.Option(help="Tracking number.")] = None,
    shipment: Annotated[str | None, typer.Option(help="Shipment id.")] = None,
    invoice: Annotated[str | None, typer.Option(help="Invoice number.")] = None,
    url: Annotated[str | None, typer.Option(help="The gateway; else CASEFOLD_URL, else port 8000 here.")] = None,
    deadline: Annotated[str | None, typer.Option(help="Longest that it may take, e.g. PT1S.")] = None,
    max_age: Annotated[str | None, typer.Option(help="Oldest acceptable knowledge, e.g. PT0S to ask anew.")] = None,
    locale: Annotated[str | None, typer.Option(help="Language of what you can say, e.g. de; else English.")] = None,
    time_zone: Annotated[str | None, typer.Option(help="Zone of the times in it, e.g. Europe/Berlin.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The answer as the gateway gave it.")] = False,
    token: Annotated[
        str | None, typer.Option(help="What proves who asks; better in CASEFOLD_TOKEN, which nobody sees in a list.")
    ] = None,
    data: Annotated[Path, typer.Option(help="Folder of a demo: its agent's key is used there.")] = Path("var/demo"),
) -> None:
    """Ask a running gateway for one case, and print what it knows."""
    from app.ask import NoAnswer, gateway_address, token_for
    from app.ask import ask as ask_gateway
    from app.briefing import briefing

    given = dict(zip(CASE_KEY_SCHEMES, (case, order, purchase_order, tracking, shipment, invoice), strict=True))
    key = {field: value for field, value in given.items() if value is not None}
    if len(key) != 1:
        raise typer.BadParameter(
            "give exactly one of --order, --case, --purchase-order, --tracking, --shipment, --invoice"
        )
    with _failures_in_a_line():
        address = gateway_address(url)
        answer = ask_gateway(
            key,
            url=address,
            token=token or token_for(address, data),
            deadline=deadline,
            max_age=max_age,
            locale=locale,
            time_zone=time_zone,
        )
        view = answer["data"]["caseView"]
        if as_json:
            typer.echo(json.dumps(answer, indent=2))
        elif view is not None:
            typer.echo(briefing(view, asked=" ".join(key.values())))
        if view is None:
            raise NoAnswer(f"no system knows {' '.join(key.values())}")


@app.command(epilog="Example: casefold doctor --config casefold.toml")
def doctor(config: ConfigOption = None) -> None:
    """Check settings, and every source's address and credentials; say what to do."""
    from app.doctor import examine
    from app.settings import load

    with _failures_in_a_line():
        findings = asyncio.run(examine(load(config)))
    for finding in findings:
        typer.echo(str(finding))
    if not all(finding.is_well for finding in findings):
        raise typer.Exit(1)


@app.command(epilog="Example: casefold schema > schema.graphql")
def schema() -> None:
    """Print the GraphQL schema."""
    from resolvers.schema import sdl

    sys.stdout.write(sdl())


@app.command(epilog="Example: casefold sources")
def sources() -> None:
    """List the adapters, what each can be the authority for, and its settings."""
    from sources.registry import SOURCES

    for source in SOURCES:
        typer.echo(f"{source.adapter}  ({source.vendor})")
        for kind, entities in source.serves.items():
            typer.echo(f"  {kind.value:<7}{', '.join(sorted(entity.value for entity in entities))}")
        for name, field in source.settings.model_fields.items():
            default = "required" if field.is_required() else f"default {field.get_default(call_default_factory=True)!r}"
            typer.echo(f"    {name:<18}{field.description or ''} ({default})")
        typer.echo("")


@app.command(epilog="Example: casefold replay --since 2026-11-23T00:00:00Z --source erp-main --dry-run")
def replay(
    *,
    config: ConfigOption = None,
    tenant: TenantOption = MAIN_TENANT,
    since: Annotated[str | None, typer.Option(help="Taken in at or after this moment.")] = None,
    until: Annotated[str | None, typer.Option(help="Taken in before this moment.")] = None,
    source: Annotated[str | None, typer.Option(help="Sent by this source.")] = None,
    entity: Annotated[str | None, typer.Option(help="About the entity of this id.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    per_second: Annotated[int, typer.Option(help="Events a second at most: live ones go first.", min=1)] = 1_000,
) -> None:
    """Settle events of the journal once more; what is settled already changes nothing."""
    from app.replay import chosen, summary
    from app.replay import replay as replay_journal
    from app.settings import load

    with _failures_in_a_line():
        choice = chosen(since, until, source, entity)
        report = asyncio.run(replay_journal(load(config), tenant, choice, is_dry=dry_run, per_second=per_second))
    typer.echo(summary(report, is_dry=dry_run))


@app.command(epilog="Example: casefold take carrier-x12 inbound/*.edi")
def take(
    source: Annotated[str, typer.Argument(help="Whose messages they are, as configured.")],
    files: Annotated[list[Path], typer.Argument(help="Files, each one message, as it would be posted.")],
    config: ConfigOption = None,
) -> None:
    """Take in files that hold what a source sent; the same file again is noticed."""
    from app.settings import load
    from app.take import take as take_files

    with _failures_in_a_line():
        lines = asyncio.run(take_files(load(config), source, files))
    typer.echo("\n".join(lines))


keys_app = typer.Typer(help="API keys of programs that may ask.", no_args_is_help=True)
app.add_typer(keys_app, name="keys")


@keys_app.command(name="new", epilog="Example: casefold keys new --id service-desk --role agent >> casefold.toml")
def keys_new(
    *,
    role: Annotated[list[Role], typer.Option(help="What the program is here for; may be given several times.")],
    client: Annotated[str, typer.Option("--id", help="The program; limits and the audit log go by it.")] = "",
    tenant: Annotated[str | None, typer.Option(help="Whose data it may ask for.")] = None,
    customer: Annotated[str | None, typer.Option(help="The only customer whose cases it may ask for.")] = None,
    origin: Annotated[str | None, typer.Option(help="The only web origin that it may be used from.")] = None,
) -> None:
    """Make a key, and the table that lets it in; the key goes to standard error, once, and is kept nowhere."""
    from app.identity.api_keys import new_key, settings_table

    key = new_key()
    bounds = {"tenant": tenant, "customer": customer, "origin": origin}
    with _failures_in_a_line():
        table = settings_table(client or role[0].value, key, role, bounds)
    typer.echo(f"The key, for the program alone; it cannot be shown again:\n\n  {key}\n", err=True)
    typer.echo(f"\n{table}", nl=False)


@keys_app.command(name="hash", epilog="Example: pass show casefold/crm | casefold keys hash")
def keys_hash() -> None:
    """Print the `sha256` of a key that is read from standard input."""
    from app.identity.api_keys import hashed

    with _failures_in_a_line():
        typer.echo(hashed(sys.stdin.readline().strip()))


parked_app = typer.Typer(help="Events that could not be used: look, try again, give up.", no_args_is_help=True)
app.add_typer(parked_app, name="parked")

OutgoingOption = Annotated[
    bool, typer.Option("--outgoing", help="Of outgoing webhooks: what their receivers did not take.")
]
NamesArgument = Annotated[list[str], typer.Argument(help="Names from `casefold parked list`.")]


@parked_app.command(name="list", epilog="Example: casefold parked list --source erp-main --most 20")
def parked_list(
    config: ConfigOption = None,
    *,
    source: Annotated[str | None, typer.Option(help="Only those of this source.")] = None,
    tenant: TenantOption = MAIN_TENANT,
    outgoing: OutgoingOption = False,
    most: Annotated[int, typer.Option(help="How many, newest first.", min=1, max=10_000)] = 25,
) -> None:
    """List what is parked, newest first, each with its reason."""
    from app.parked import line, opened
    from app.settings import load

    async def listed() -> list[str]:
        async with opened(load(config), tenant, outgoing=outgoing) as dead_letters:
            page = await dead_letters.page(most, source=source)
        more = [f"... {page.total} in all"] if page.has_more else []
        return [line(each) for each in page.letters] + more

    with _failures_in_a_line():
        lines = asyncio.run(listed())
    typer.echo("\n".join(lines) or "nothing is parked")


@parked_app.command(name="show", epilog="Example: casefold parked show 17-erp-main")
def parked_show(
    name: Annotated[str, typer.Argument(help="Its name.")],
    config: ConfigOption = None,
    *,
    tenant: TenantOption = MAIN_TENANT,
    outgoing: OutgoingOption = False,
    reveal: Annotated[
        bool, typer.Option("--reveal", help="As it came, people's data included; the audit log keeps that.")
    ] = False,
) -> None:
    """Show one parked event with everything that is known of it, and the shape of what is in it."""
    from app.parked import opened, revealed, whole
    from app.settings import load
    from app.telemetry import start_logging

    async def shown() -> str | None:
        configuration = load(config)
        if reveal:
            start_logging(configuration.gateway)  # it has the audit log
        async with opened(configuration, tenant, outgoing=outgoing) as dead_letters:
            found = await (revealed(dead_letters, name, tenant) if reveal else dead_letters.named(name))
        return whole(found, is_revealed=reveal) if found else None

    with _failures_in_a_line():
        text = asyncio.run(shown())
    typer.echo(text or f"nothing is parked as {name}")
    if text is None:
        raise typer.Exit(1)


@parked_app.command(name="retry", epilog="Example: casefold parked retry 17-erp-main")
def parked_retry(
    names: NamesArgument,
    config: ConfigOption = None,
    *,
    tenant: TenantOption = MAIN_TENANT,
    outgoing: OutgoingOption = False,
) -> None:
    """Try to settle parked events now; what still fails stays parked."""
    from app.parked import opened
    from app.settings import load

    async def retried() -> Sequence[DeadLetterOutcome]:
        async with opened(load(config), tenant, outgoing=outgoing) as dead_letters:
            return await dead_letters.retry(names)

    _say_outcomes(retried())


@parked_app.command(name="discard", epilog='Example: casefold parked discard 17-erp-main --reason "test data"')
def parked_discard(
    names: NamesArgument,
    reason: Annotated[str, typer.Option(help="Why; it is kept on record.")],
    config: ConfigOption = None,
    *,
    tenant: TenantOption = MAIN_TENANT,
    outgoing: OutgoingOption = False,
) -> None:
    """Give parked events up."""
    from app.parked import opened
    from app.settings import load

    async def discarded() -> Sequence[DeadLetterOutcome]:
        async with opened(load(config), tenant, outgoing=outgoing) as dead_letters:
            return await dead_letters.discard(names, reason)

    _say_outcomes(discarded())


@parked_app.command(name="record", epilog="Example: casefold parked record --most 20")
def parked_record(
    config: ConfigOption = None,
    *,
    tenant: TenantOption = MAIN_TENANT,
    outgoing: OutgoingOption = False,
    most: Annotated[int, typer.Option(help="How many, newest first.", min=1, max=10_000)] = 25,
) -> None:
    """List what was done about parked events, newest first, each with the reason given."""
    from app.parked import done_line, opened
    from app.settings import load

    async def listed() -> list[str]:
        async with opened(load(config), tenant, outgoing=outgoing) as dead_letters:
            return [done_line(each) for each in await dead_letters.record(most)]

    with _failures_in_a_line():
        lines = asyncio.run(listed())
    typer.echo("\n".join(lines) or "nothing was done yet")


def _say_outcomes(outcomes: Coroutine[None, None, Sequence[DeadLetterOutcome]]) -> None:
    with _failures_in_a_line():
        found = asyncio.run(outcomes)
    for each in found:
        reason = f": {each.message}" if each.message else ""
        typer.echo(f"{each.id}  {each.outcome.value.lower().replace('_', ' ')}{reason}")
    if any(each.outcome in {DeadLetterResult.NOT_FOUND, DeadLetterResult.STILL_FAILING} for each in found):
        raise typer.Exit(1)
