"""Parked letters in the terminal: their shape, unless somebody insists, which is on record."""

import asyncio
import json
import logging
from datetime import UTC, datetime

import pytest
import structlog
from typer.testing import CliRunner

from app.cli import app as cli
from app.identity.audit import pseudonym
from app.parked import _user, done_line, line, whole
from domain.dead_letter import DeadLetter
from domain.errors import StoreUnavailable
from tests.events.test_doors import SOURCES, Running, event

PERSON = "canary@example.com"
NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
async def parked(redis, client, tmp_path):  # noqa: ARG001  # the client empties it
    """The name of a letter about a person, and a command on the state that it is in."""
    async with Running(redis.url) as running:
        await running.send([event(1, data={"number": PERSON, "note": "n"})])
        await running.settled()
        [letter] = (await running.wired.main.dead_letters.page(10)).letters
    settings = tmp_path / "casefold.toml"
    lines = [f'redis_url = "{redis.url}"']
    for each in SOURCES:
        lines += ["[[sources]]", *(f"{name} = {json.dumps(value)}" for name, value in each.items())]
    settings.write_text("\n".join(lines), encoding="utf-8")

    async def run(*words):
        return await asyncio.to_thread(CliRunner().invoke, cli, ["parked", *words, "--config", str(settings)])

    yield letter.id, run
    structlog.reset_defaults()
    logging.getLogger().handlers.clear()


def audited(result):
    return [json.loads(line) for line in result.stderr.splitlines() if line.startswith("{")]


async def test_neither_the_list_nor_the_letter_shows_whom_it_is_about(parked):
    name, run = parked
    for words in (["list"], ["show", name]):
        told = await run(*words)
        assert (told.exit_code, PERSON in told.output, "status" in told.output) == (0, False, True)
    assert '"data": {"number": "<text>", "note": "<text>"}' in told.output
    assert audited(told) == []
    assert (await run("record")).output == "nothing was done yet\n"


async def test_who_insists_sees_it_and_is_in_the_audit_log_and_on_record(parked):
    name, run = parked
    told = await run("show", name, "--reveal")
    assert (told.exit_code, PERSON in told.stdout) == (0, True)
    [said] = audited(told)
    assert (said["event"], said["client"], said["letters"], said["tenant"], said["roles"]) == (
        "revealed",
        "casefold parked",
        [name],
        "main",
        ["ops"],
    )
    assert said["subject"] == pseudonym(_user())
    assert PERSON not in told.stderr
    recorded = (await run("record")).output
    assert recorded.startswith(name)
    assert recorded.endswith(f"revealed: at a terminal, by {pseudonym(_user())}\n")


def test_what_would_steer_the_terminal_is_spelled_out():
    letter = DeadLetter("1-x12", "x12", "\x1b[2J", NOW, "why", 1, "ISA\x1b[2J\u202e~\nST", None)
    assert whole(letter, is_revealed=True).endswith("\n\nISA\\u001b[2J\\u202e~\nST")
    assert "\x1b" not in whole(letter) + line(letter)


async def test_what_is_not_there_is_neither_shown_nor_audited(parked):
    _, run = parked
    told = await run("show", "9-erp", "--reveal")
    assert (told.exit_code, told.stdout, audited(told)) == (1, "nothing is parked as 9-erp\n", [])
    assert (await run("record")).output == "nothing was done yet\n"


async def test_what_cannot_be_put_on_record_is_not_shown(redis, client, monkeypatch):  # noqa: ARG001  # the client empties it
    async with Running(redis.url) as running:
        await running.send([event(1, data={"number": PERSON})])
        await running.settled()
        letters = running.wired.main.dead_letters
        [letter] = (await letters.page(10)).letters

        async def refuses(*_):
            raise StoreUnavailable("it is full")

        monkeypatch.setattr("cache.parking.Parking.note", refuses)
        with pytest.raises(StoreUnavailable):
            await letters.revealed(letter.id, "somebody")
        monkeypatch.undo()
        assert (await letters.revealed(letter.id, "somebody")) == letter
        [done] = await letters.record(10)
        assert done_line(done).endswith("revealed: somebody")
        assert PERSON not in whole(letter)
        assert PERSON in whole(letter, is_revealed=True)
