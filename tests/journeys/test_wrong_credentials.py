"""A source refuses our token: the section says UNAUTHORIZED, and `casefold doctor` says which variable to check."""

import json
import os
import subprocess
import sys

import pytest

from tests.app.gateway import ask, gateway

KEY = "sandbox-erp-key"


def table(sandbox, token):
    return {"id": "erp", "adapter": "canonical", "kinds": ["ERP"], "base_url": f"{sandbox}/erp", "token": token}


async def test_the_section_says_unauthorized(demo):
    app = gateway(sources=[table(demo.sandbox, "wrong")])
    query = '{ caseView(key: {orderNumber: "SO-1001"}) { orders { freshness { state } problem { code source } } } }'
    _, _, body = await ask(app, "POST", "/graphql", {"query": query})
    assert json.loads(body)["data"]["caseView"]["orders"] == {
        "freshness": {"state": "UNAVAILABLE"},
        "problem": {"code": "UNAUTHORIZED", "source": "erp"},
    }


def doctor(tmp_path, config, **variables):
    file = tmp_path / "casefold.toml"
    file.write_text(config, encoding="utf-8")
    command = [sys.executable, "-m", "app", "doctor", "--config", str(file)]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, env=os.environ | variables)


CONFIG = """
anonymous = ["agent"]

[[sources]]
id = "erp-main"
adapter = "canonical"
kinds = ["ERP"]
base_url = "{url}"
token = "${{ERP_KEY}}"
"""


def test_doctor_finds_everything_well(demo, tmp_path):
    told = doctor(tmp_path, CONFIG.format(url=f"{demo.sandbox}/erp"), ERP_KEY=KEY)
    assert told.returncode == 0, told.stdout
    assert "ok    source erp-main     Canonical JSON answered in" in told.stdout


def test_doctor_names_the_variable_to_check_and_not_its_value(demo, tmp_path):
    told = doctor(tmp_path, CONFIG.format(url=f"{demo.sandbox}/erp"), ERP_KEY="hunter2")
    assert told.returncode == 1
    assert "FAIL  source erp-main     erp-main refused our credentials: HTTP 401" in told.stdout
    assert "-> check ERP_KEY, from which sources[0].token is taken" in told.stdout
    assert "hunter2" not in told.stdout + told.stderr


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("http://127.0.0.1:1", "check base_url, and that the system runs"),
        ("{sandbox}/elsewhere", "check the path in base_url"),
    ],
)
def test_doctor_says_what_to_do(demo, tmp_path, url, advice):
    told = doctor(tmp_path, CONFIG.format(url=url.format(sandbox=demo.sandbox)), ERP_KEY=KEY)
    assert told.returncode == 1
    assert advice in told.stdout


def test_doctor_stops_at_a_wrong_setting(tmp_path):
    told = doctor(tmp_path, "prot = 1")
    assert told.returncode == 1
    assert told.stderr == "casefold: prot: found an unknown key, allowed: port\n"
