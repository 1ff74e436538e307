"""What `casefold ask` proves who asks with."""

import pytest

from app.ask import gateway_address, token_for

HERE, ELSEWHERE = "http://127.0.0.1:8000", "https://casefold.example.com"


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch):
    for name in ("CASEFOLD_URL", "CASEFOLD_TOKEN", "CASEFOLD_TOKEN_AGENT"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def demo(tmp_path):
    text = f"CASEFOLD_URL={HERE}\nCASEFOLD_TOKEN_AGENT=of-the-demo\nCASEFOLD_TOKEN_OPS=other\n"
    (tmp_path / "demo.env").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("address", "variables", "token"),
    [
        pytest.param(HERE, {}, "of-the-demo", id="the demo's agent"),
        pytest.param(ELSEWHERE, {}, None, id="whose key goes nowhere else"),
        pytest.param(HERE, {"CASEFOLD_TOKEN": "mine"}, "mine", id="one's own goes first"),
        pytest.param(ELSEWHERE, {"CASEFOLD_TOKEN": "mine"}, "mine", id="and everywhere"),
        pytest.param(
            ELSEWHERE,
            {"CASEFOLD_URL": ELSEWHERE, "CASEFOLD_TOKEN_AGENT": "read in"},
            "read in",
            id="a demo.env read in",
        ),
        pytest.param(ELSEWHERE, {"CASEFOLD_URL": HERE, "CASEFOLD_TOKEN_AGENT": "read in"}, None, id="of another"),
    ],
)
def test_which_proof_goes_to_which_gateway(demo, monkeypatch, address, variables, token):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert token_for(address, demo) == token


@pytest.mark.parametrize(
    "content", [None, b"", b"\xff", b"CASEFOLD_TOKEN_AGENT=x\n"], ids=["no file", "empty", "no text", "no address"]
)
def test_without_a_demo_there_is_none(tmp_path, content):
    if content is not None:
        (tmp_path / "demo.env").write_bytes(content)
    assert token_for(HERE, tmp_path) is None


def test_the_address_is_given_or_a_variable_or_the_default(monkeypatch):
    assert gateway_address() == HERE
    monkeypatch.setenv("CASEFOLD_URL", ELSEWHERE + "/")
    assert gateway_address() == ELSEWHERE
    assert gateway_address(HERE + "/") == HERE
