"""API keys: what settings hold of them, and who has one."""

import contextlib
import hashlib
import hmac
import tomllib
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from app.cli import app
from app.identity.api_keys import hashed, new_key
from app.settings import configure
from domain.caller import Caller, Role
from domain.clock import ManualClock
from domain.errors import InvalidRequest, Unauthenticated
from tests.app.identity.issuing import NOW, opened

KEY, OTHER = new_key(), new_key()


def table(key=KEY, **changes):
    return {"id": "desk", "sha256": hashed(key), "roles": ["agent"], **changes}


@pytest.mark.parametrize(
    "headers",
    [{"authorization": f"Bearer {KEY}"}, {"authorization": f"bearer {KEY}"}, {"x-api-key": KEY}],
    ids=["bearer", "in small letters", "of its own header"],
)
async def test_a_key_says_who_asks(headers):
    authentication = opened(api_keys=[table(OTHER, id="other"), table(customer="C-1", tenant="north")])
    expected = Caller(client="desk", roles=frozenset({Role.AGENT}), customer="C-1", tenant="north")
    assert await authentication.caller(headers) == expected


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        pytest.param({}, "send Authorization: Bearer", id="nothing"),
        pytest.param({"x-api-key": ""}, "1 to 8192", id="an empty key"),
        pytest.param({"authorization": "Bearer "}, "1 to 8192", id="an empty token"),
        pytest.param({"authorization": f"Basic {KEY}"}, "allowed: Bearer", id="another scheme"),
        pytest.param({"authorization": KEY}, "allowed: Bearer", id="no scheme"),
        pytest.param({"authorization": f"Bearer {KEY}", "x-api-key": KEY}, "one of them", id="two proofs"),
        pytest.param({"x-api-key": KEY + "x"}, "is not known", id="a letter too many"),
        pytest.param({"x-api-key": KEY[:-1]}, "is not known", id="a letter too few"),
        pytest.param({"x-api-key": hashed(KEY)}, "is not known", id="what settings hold of it"),
        pytest.param({"x-api-key": "k\u00e9y" * 20}, "ASCII", id="letters that no key has"),
        pytest.param({"x-api-key": "\ud800" * 20}, "ASCII", id="halves of letters"),
        pytest.param({"x-api-key": "x" * 8_193}, "1 to 8192", id="too long to look at"),
    ],
)
async def test_anything_else_is_refused_in_words_that_repeat_none_of_it(headers, reason):
    with pytest.raises(Unauthenticated, match=reason) as caught:
        await opened(api_keys=[table()]).caller(headers)
    assert KEY not in str(caught.value)


async def test_two_keys_of_one_program_hold_while_it_changes_them():
    clock = ManualClock(NOW)
    authentication = opened(clock, api_keys=[table(not_after=NOW + timedelta(seconds=30)), table(OTHER)])
    old, new = {"x-api-key": KEY}, {"x-api-key": OTHER}
    assert (await authentication.caller(old)).client == (await authentication.caller(new)).client
    clock.advance(timedelta(seconds=30))
    with pytest.raises(Unauthenticated, match="expired"):
        await authentication.caller(old)
    assert (await authentication.caller(new)).expires_at is None


@pytest.mark.parametrize("key", [KEY, OTHER, new_key()], ids=["the first", "the second", "none"])
async def test_every_key_is_compared_in_constant_time_whichever_it_is(key, monkeypatch):
    compared, compare = [], hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", lambda one, other: compared.append(one) or compare(one, other))
    authentication = opened(api_keys=[table(), table(OTHER)])
    with contextlib.suppress(Unauthenticated):
        await authentication.caller({"x-api-key": key})
    assert compared == [hashlib.sha256(each.encode()).digest() for each in (KEY, OTHER)]


async def test_a_key_that_is_bound_to_an_origin_is_good_from_there_only():
    authentication = opened(api_keys=[table(origin="https://crm.example.com")])
    assert await authentication.caller({"x-api-key": KEY, "origin": "https://crm.example.com"})
    for elsewhere in ({"origin": "https://evil.example"}, {"origin": "null"}, {}):
        with pytest.raises(Unauthenticated, match="another origin"):
            await authentication.caller({"x-api-key": KEY, **elsewhere})


def test_settings_show_neither_the_key_nor_its_hash():
    configuration = configure({"api_keys": [table()]}, {})
    assert hashed(KEY) not in repr(configuration)
    assert KEY not in repr(configuration)


def test_new_keys_are_256_bits_and_never_the_same():
    keys = {new_key() for _ in range(100)}
    assert len(keys) == 100
    assert {len(key) for key in keys} == {len("cf_") + 43}  # 43 characters of base64 are 256 bits
    assert all(key.startswith("cf_") for key in keys)


def test_what_may_have_been_chosen_by_a_person_is_not_hashed():
    with pytest.raises(InvalidRequest, match="at least 32 ASCII characters") as caught:
        hashed("correct horse")
    assert "horse" not in str(caught.value)


def test_the_command_makes_a_key_and_the_table_that_lets_it_in():
    made = CliRunner().invoke(
        app, ["keys", "new", "--role", "agent", "--role", "finance", "--id", "crm", "--customer", "C-1"]
    )
    [key] = [word for word in made.stderr.split() if word.startswith("cf_")]
    assert key not in made.stdout
    [told] = tomllib.loads(made.stdout)["api_keys"]
    assert told == {"id": "crm", "sha256": hashed(key), "roles": ["agent", "finance"], "customer": "C-1"}
    assert configure({"api_keys": [told]}, {}).gateway.api_keys[0].id == "crm"


def test_the_command_hashes_a_key_from_standard_input():
    assert CliRunner().invoke(app, ["keys", "hash"], input=f"{KEY}\n").stdout == hashed(KEY) + "\n"
    short = CliRunner().invoke(app, ["keys", "hash"], input="hunter2\n")
    assert short.exit_code == 1
    assert "hunter2" not in short.output
