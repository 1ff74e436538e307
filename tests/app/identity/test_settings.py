"""What settings may say of who asks, and what is said of what they may not."""

import json

import pytest

from app.identity.origins import web_origin
from app.settings import configure, refuse_strangers
from domain.errors import SettingError
from tests.app.identity.issuing import AUDIENCE, ISSUER, RSA, public

DIGEST = "0" * 64
CANARY = "cf_canary-a-key-that-was-pasted-by-mistake"
BOTH = {"jwks": public(RSA), "jwks_url": "https://login.example.com/keys"}


def keys(*tables, **changes):
    return {"api_keys": [{"id": "desk", "sha256": DIGEST, "roles": ["agent"], **each} for each in (*tables, changes)]}


def issuers(*tables, **changes):
    told = {"issuer": ISSUER, "audience": AUDIENCE, "jwks_url": BOTH["jwks_url"]}
    each = [{**told, **table} for table in (*tables, changes)]
    return {"issuers": [{name: value for name, value in table.items() if value is not None} for table in each]}


@pytest.mark.parametrize(
    ("table", "path", "found", "allowed"),
    [
        pytest.param(keys(id="The Desk"), "api_keys[0].id", "'The Desk'", "pattern", id="an id that is no label"),
        pytest.param(
            keys(sha256=CANARY), "api_keys[0].sha256", "not shown", "64 hexadecimal digits", id="a key for its hash"
        ),
        pytest.param(keys(sha256=[CANARY]), "api_keys[0].sha256", "not shown", "string", id="a list of keys"),
        pytest.param(
            keys(sha256="A" * 64), "api_keys[0].sha256", "not shown", "casefold keys hash", id="in large letters"
        ),
        pytest.param(keys(key=CANARY), "api_keys[0].key", "an unknown key", "one of customer, id", id="the key itself"),
        pytest.param(
            keys(role="agent"), "api_keys[0].role", "an unknown key", "roles", id="a misspelt key names the nearest"
        ),
        pytest.param(keys(roles=[]), "api_keys[0].roles", "[]", "at least 1 item", id="no roles"),
        pytest.param(
            keys(roles=["boss"]),
            "api_keys[0].roles[0]",
            "'boss'",
            "'agent', 'finance', 'panel', 'bot' or 'ops'",
            id="no role",
        ),
        pytest.param(
            keys(not_after="2027-01-01T00:00:00"),
            "api_keys[0].not_after",
            "'2027",
            "timezone",
            id="an end without a zone",
        ),
        pytest.param(
            keys(origin="crm.example.com"), "api_keys[0].origin", "'crm", "https://crm.example.com", id="no origin"
        ),
        pytest.param(
            keys({"id": "other"}), "api_keys[1].sha256", "that of another key", "only once", id="a key of two programs"
        ),
        pytest.param(
            keys({"id": "other"}, id="x", sha256=CANARY),
            "api_keys[1].sha256",
            "not shown",
            "64",
            id="the second is wrong",
        ),
        pytest.param({"api_keys": CANARY}, "api_keys", "not shown", "tuple", id="a key for tables"),
        pytest.param({"api_keys": [CANARY]}, "api_keys[0]", "not shown", "dictionary", id="a key for a table"),
        pytest.param(
            issuers(jwks_url=None), "issuers[0]", "not shown", "exactly one of jwks_url and jwks", id="no keys"
        ),
        pytest.param(issuers(**BOTH), "issuers[0]", "not shown", "exactly one of jwks_url and jwks", id="keys twice"),
        pytest.param(
            issuers(jwks_url="http://login.example.com"),
            "issuers[0].jwks_url",
            "'http:",
            "https",
            id="keys without TLS",
        ),
        pytest.param(
            issuers(jwks_url="https://u:p@login.example.com"),
            "issuers[0].jwks_url",
            "(hidden)@login",
            "without credentials",
            id="credentials",
        ),
        pytest.param(
            issuers(jwks_url=None, jwks="{"),
            "issuers[0].jwks",
            "not shown",
            "a table, or JSON",
            id="keys that are not JSON",
        ),
        pytest.param(
            issuers(jwks_url=None, jwks='{"canary": 1}'),
            "issuers[0].jwks",
            "not shown",
            "JWK Set",
            id="JSON without keys",
        ),
        pytest.param(
            issuers(jwks_url=None, jwks={"keys": [{"kty": "oct", "k": CANARY}]}),
            "issuers[0].jwks",
            "not shown",
            "public key",
            id="a secret for a key",
        ),
        pytest.param(
            issuers(jwks_url=None, jwks={"keys": [{**public(RSA)["keys"][0], "use": "enc"}]}),
            "issuers[0].jwks",
            "not shown",
            "public key that checks signatures",
            id="a key for something else",
        ),
        pytest.param(
            issuers(algorithms=["none"]), "issuers[0].algorithms[0]", "'none'", "'RS256'", id="no algorithm at all"
        ),
        pytest.param(
            issuers(algorithms=["RS256", "HS256"]),
            "issuers[0].algorithms[1]",
            "'HS256'",
            "'RS256'",
            id="a secret that both have",
        ),
        pytest.param(issuers(algorithms=[]), "issuers[0].algorithms", "[]", "at least 1", id="none of them"),
        pytest.param(
            issuers(leeway="PT6M"),
            "issuers[0].leeway",
            "360 seconds",
            "5 minutes",
            id="clocks that differ by that much",
        ),
        pytest.param(issuers(audience=""), "issuers[0].audience", "''", "at least 1 character", id="for nobody"),
        pytest.param(issuers(audience=None), "issuers[0].audience", "nothing", "a value", id="for whom is not said"),
        pytest.param(
            issuers(audiance="x"), "issuers[0].audiance", "an unknown key", "audience", id="a misspelt key of an issuer"
        ),
        pytest.param(issuers({}), "issuers[1].issuer", f"'{ISSUER}'", "only once", id="an issuer twice"),
        pytest.param(
            {"session_secrets": ["canary"]}, "session_secrets[0]", "not shown", "at least 32 items", id="a short secret"
        ),
        pytest.param(
            {"session_secrets": "canary" * 9}, "session_secrets", "not shown", "tuple", id="a secret that is no list"
        ),
        pytest.param(
            {"anonymous": ["everybody"]}, "anonymous[0]", "'everybody'", "'agent'", id="no role for strangers"
        ),
        pytest.param(
            {"anonymous": ["agent"], "host": "::"},
            "anonymous",
            "listens on ::",
            "host one of 127.0.0.1",
            id="strangers from everywhere",
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
    assert "canary" not in str(error)


def test_keys_of_an_issuer_may_come_from_a_file(tmp_path):
    file = tmp_path / "keys.json"
    file.write_text(json.dumps(public(RSA)), encoding="utf-8")
    [issuer] = configure(issuers(jwks_url=None, jwks=f"${{file:{file}}}"), {}).gateway.issuers
    assert issuer.jwks == public(RSA)
    assert "rsa-1" not in repr(issuer)


def test_strangers_are_refused_too_where_the_address_comes_from_the_command_line():
    settings = configure({"anonymous": ["agent"]}, {}).gateway
    refuse_strangers(settings, "localhost")
    for host in ("::", "192.0.2.1", ""):
        with pytest.raises(SettingError, match="whoever brings no proof"):
            refuse_strangers(settings, host)


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://crm.example.com", "https://crm.example.com"),
        ("HTTPS://CRM.Example.com", "https://crm.example.com"),
        ("https://crm.example.com:443", "https://crm.example.com"),
        ("https://crm.example.com:8443", "https://crm.example.com:8443"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
    ],
)
def test_an_origin_is_spelt_as_browsers_do(text, origin):
    assert web_origin(text) == origin


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "*",
        "crm.example.com",
        "https://",
        "https://a@b",
        "https://a/",
        "https://a?b",
        "https://a#b",
        "ftp://a",
        "http://a",
        "https://a:b",
        "https://a:99999",
        "https://\u00e4.example",
        "https://a\n",
        " https://a",
        "https://[::1",
    ],
)
def test_what_is_no_origin_is_refused(text):
    with pytest.raises(ValueError, match="an origin such as https"):
        web_origin(text)
