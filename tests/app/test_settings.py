import tomllib
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest

from app.rates import FLOORS, Allowed
from app.settings import configure, load
from domain.caller import Role
from domain.errors import SettingError
from resolvers.limits import Limits, Mode

ERP = {"id": "erp", "adapter": "canonical", "kinds": ["ERP"], "base_url": "https://erp.example.com"}


def sources(**changes):
    return {"sources": [{**ERP, **changes}]}


@pytest.mark.parametrize(
    ("table", "path", "found", "allowed"),
    [
        pytest.param({"prot": 1}, "prot", "an unknown key", "port", id="a misspelt key names the nearest"),
        pytest.param({"port": "eighty"}, "port", "'eighty'", "valid integer", id="a word for a port"),
        pytest.param({"port": 70_000}, "port", "70000", "less than or equal to 65535", id="a port that cannot be"),
        pytest.param({"deadline": "PT1H"}, "deadline", "3600 seconds", "30 seconds", id="a deadline nobody waits for"),
        pytest.param({"log_format": "xml"}, "log_format", "'xml'", "'json' or 'text'", id="an unknown format"),
        pytest.param(
            sources(adapter="canonicl"), "sources[0].adapter", "'canonicl'", "canonical", id="a misspelt adapter"
        ),
        pytest.param(
            {"sources": [{"id": "x"}]}, "sources[0].adapter", "nothing", "name of an adapter", id="no adapter"
        ),
        pytest.param(
            sources(timout="PT1S"), "sources[0].timout", "an unknown key", "timeout", id="a misspelt key of a source"
        ),
        pytest.param(sources(timeout="soon"), "sources[0].timeout", "'soon'", "duration", id="a word for a duration"),
        pytest.param(sources(timeout="PT0S"), "sources[0].timeout", "0 seconds", "greater than 0", id="no time at all"),
        pytest.param(
            sources(kinds=["ERPP"]), "sources[0].kinds[0]", "'ERPP'", "'ERP'", id="a kind that does not exist"
        ),
        pytest.param(
            {"sources": [{**ERP, "adapter": "easypost", "token": "k", "kinds": ["ERP"]}]},
            "sources[0].kinds[0]",
            "'ERP'",
            "one of TMS, CLAIMS",
            id="a kind that the adapter cannot be",
        ),
        pytest.param(
            sources(link_hosts=["https://desk.example.com"]),
            "sources[0].link_hosts[0]",
            "'https://desk.example.com'",
            "pattern",
            id="an address for a host",
        ),
        pytest.param(sources(link_hosts=["*"]), "sources[0].link_hosts[0]", "'*'", "pattern", id="any host whatever"),
        pytest.param(
            sources(base_url="erp.example.com"),
            "sources[0].base_url",
            "'erp.example.com'",
            "https://",
            id="an address without a scheme",
        ),
        pytest.param(
            sources(base_url="https://u:p@erp.example.com"),
            "sources[0].base_url",
            "'https://(hidden)@erp.example.com'",
            "without credentials",
            id="credentials in an address",
        ),
        pytest.param(
            sources(base_url="http://erp.example.com"),
            "sources[0]",
            "a value that is not shown",
            "https, unless",
            id="plain http to elsewhere",
        ),
        pytest.param(
            sources(token="${NO_SUCH}"),
            "sources[0].token",
            "${NO_SUCH}, which is not set",
            "a variable that is set",
            id="a variable that is not set",
        ),
        pytest.param(
            sources(token="${file:/nowhere}"),
            "sources[0].token",
            "cannot be read",
            "a text file",
            id="a secret file that is not there",
        ),
        pytest.param({"sources": [ERP, ERP]}, "sources[1].id", "'erp'", "no other source", id="an id twice"),
        pytest.param({"limits": {"dept": 1}}, "limits.dept", "an unknown key", "depth", id="a misspelt key of a table"),
        pytest.param({"limits": {"mode": "warn"}}, "limits.mode", "'warn'", "'enforce' or 'log'", id="an unknown mode"),
        pytest.param({"limits": {"depth": 0}}, "limits.depth", "0", "greater than or equal to 1", id="no depth at all"),
        pytest.param({"limits": {"cost": "much"}}, "limits.cost", "'much'", "60 per minute", id="a rate in words"),
        pytest.param({"limits": {"asked": "0 per hour"}}, "limits.asked", "'0 per hour'", "60 per minute", id="none"),
        pytest.param(
            {"limits": {"floors": {"bot": "P2D"}}}, "limits.floors.bot", "172800 seconds", "1 day", id="a high floor"
        ),
        pytest.param(sources(id="ERP main"), "sources[0].id", "'ERP main'", "pattern", id="an id that is no label"),
        pytest.param(
            {"sources": [{"adapter": "easypost", "id": "tms", "base_url": "https://x.example"}]},
            "sources[0].token",
            "nothing",
            "a value",
            id="a credential that is missing",
        ),
    ],
)
def test_a_wrong_setting_stops_the_start_with_path_found_and_allowed(table, path, found, allowed):
    with pytest.raises(SettingError) as caught:
        configure(table, {})
    error = caught.value
    assert error.path == path
    assert found in error.found
    assert allowed in error.allowed
    assert str(error).startswith(f"{path}: found ")


def test_a_wrong_secret_is_never_repeated():
    with pytest.raises(SettingError) as caught:
        configure(sources(token=["hunter2"]), {})
    assert "hunter2" not in str(caught.value)


def test_secrets_come_from_variables_and_files_and_do_not_show(tmp_path):
    secret = tmp_path / "key"
    secret.write_text("from-a-file\n", encoding="utf-8")
    table = {"sources": [{**ERP, "token": "${ERP_KEY}"}, {**ERP, "id": "b", "token": f"${{file:{secret}}}"}]}
    configuration = configure(table, {"ERP_KEY": "from-a-variable"})
    first, second = configuration.sources
    assert first.token is not None
    assert first.token.get_secret_value() == "from-a-variable"
    assert second.token is not None
    assert second.token.get_secret_value() == "from-a-file"
    assert "from-a" not in repr(configuration)
    assert configuration.variables["sources[0].token"] == "ERP_KEY"


def test_a_misspelt_variable_of_ours_is_an_error():
    with pytest.raises(SettingError, match="CASEFOLD_PROT: found an unknown variable, allowed: CASEFOLD_PORT"):
        configure({}, {"CASEFOLD_PROT": "1"})


def test_variables_for_clients_are_not_settings():
    configure({}, {"CASEFOLD_URL": "http://x", "CASEFOLD_TOKEN_AGENT": "t", "HOME": "/"})


def test_the_environment_goes_over_the_file(tmp_path, monkeypatch):
    file = tmp_path / "casefold.toml"
    file.write_text('port = 8001\nlog_level = "error"\n', encoding="utf-8")
    monkeypatch.setenv("CASEFOLD_PORT", "8002")
    gateway = load(file).gateway
    assert (gateway.port, gateway.log_level) == (8002, "error")


@pytest.mark.parametrize("content", [b"port = ", b"\xff\xfe"], ids=["not TOML", "not UTF-8"])
def test_a_file_that_cannot_be_read_is_named(tmp_path, content):
    file = tmp_path / "casefold.toml"
    file.write_bytes(content)
    with pytest.raises(SettingError, match="a TOML file in UTF-8"):
        load(file)


def test_a_file_that_was_asked_for_must_exist(tmp_path):
    with pytest.raises(SettingError, match="the path of a file that exists"):
        load(tmp_path / "nothing.toml")


def test_limits_have_a_setting_each_and_the_docs_their_defaults():
    limits = configure({"limits": {"mode": "log", "depth": 7, "misses": "9 per hour", "floors": {"bot": "PT1S"}}}, {})
    table = limits.gateway.limits
    assert (table.limits.mode, table.limits.depth, table.limits.tokens) == (Mode.LOG, 7, Limits().tokens)
    assert (table.allowed.mode, table.allowed.misses, table.allowed.cost) == (Mode.LOG, "9 per hour", Allowed().cost)
    assert table.allowed.floors == {**FLOORS, Role.BOT: timedelta(seconds=1)}
    told = (Path(__file__).parents[2] / "docs" / "limits.md").read_text(encoding="utf-8")
    for default in (Limits(), Allowed()):
        for each in fields(default):
            if each.name not in {"mode", "floors"}:
                assert f"| `{each.name}` | {getattr(default, each.name)} |" in told


def test_the_example_is_accepted():
    example = Path(__file__).parents[2] / "casefold.example.toml"
    text = example.read_text(encoding="utf-8").replace("${file:/run/secrets/service-desk}", "${DESK}")
    environment = {"TRYTON_KEY": "a", "EASYPOST_KEY": "b", "DESK": "c"}
    assert [each.id for each in configure(tomllib.loads(text), environment).sources] == [
        "erp-main",
        "parcels",
        "service-desk",
    ]
