"""TypeScript's types are what the generator makes of the schema and the operations today, and TypeScript takes them."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.node import FIRST_USE_SECONDS, installed

ROOT = Path(__file__).parents[2]
TYPES = ("examples/typescript/schema.ts", "examples/typescript/operations.ts")
NEEDED = ("resolvers/schema.graphql", "examples/operations", "examples/typescript/codegen.yml", "examples/apollo")

pytestmark = pytest.mark.timeout(FIRST_USE_SECONDS)


@pytest.fixture(scope="module")
def copied():
    """What the generator reads, beside its packages."""
    folder = installed(ROOT / "examples/typescript") / "copied"
    shutil.rmtree(folder, ignore_errors=True)
    for name in (*NEEDED, *TYPES):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    yield folder
    shutil.rmtree(folder)


def run(folder, *command):
    told = subprocess.run(
        ["npx", "--no-install", *command], cwd=folder, capture_output=True, text=True, timeout=100, check=False
    )
    assert told.returncode == 0, told.stdout + told.stderr


@pytest.fixture(scope="module")
def generated(copied):
    """The generator's answer, in place of what was there."""
    for name in TYPES:
        (copied / name).unlink()
    run(copied / "examples/typescript", "graphql-codegen", "--config", "codegen.yml")
    return copied


@pytest.mark.parametrize("name", TYPES)
def test_they_are_generated_from_what_is_there(generated, name):
    assert (generated / name).read_text(encoding="utf-8") == (ROOT / name).read_text(encoding="utf-8"), (
        "run `make examples`"
    )


@pytest.mark.parametrize("name", [*TYPES, "examples/apollo/type-policies.mjs"])
def test_typescript_takes_them(copied, name):
    options = [
        "--noEmit",
        "--strict",
        "--checkJs",
        "--skipLibCheck",
        "--target",
        "es2022",
        "--moduleResolution",
        "bundler",
    ]
    run(copied, "tsc", *options, "--module", "esnext", str(copied / name))
