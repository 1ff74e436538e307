"""What a user installs holds everything that is needed, and nothing that is for us alone."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        str(folder),
    ]
    subprocess.run([*command, str(_copy(folder))], check=True, capture_output=True, timeout=100)
    [wheel] = folder.glob("*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


def _copy(folder):
    """The tracked files: building in place would leave traces, and xdist builds side by side."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.splitlines()
    if not listed:
        pytest.skip("not a git checkout: which files are the project's cannot be told")
    for name in listed:
        target = folder / "source" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_file():
            target.write_bytes((ROOT / name).read_bytes())
    return folder / "source"


@pytest.mark.parametrize(
    "name",
    [
        "app/operations/case_view.graphql",
        "resolvers/schema.graphql",
        "cache/settle.lua",
        "app/cli.py",
        "sandbox/__main__.py",
        "sources/tryton/client.py",
        "web/graphiql/built/graphiql.js",
        "web/graphiql/built/LICENSES.txt",
    ],
)
def test_it_holds_what_is_needed(files, name):
    assert name in files


PACKAGES = {"app", "cache", "domain", "events", "resolvers", "sandbox", "sources", "web"}


def test_it_holds_nothing_that_is_for_us_alone(files):
    assert {name.split("/")[0] for name in files if not name.startswith("casefold-")} == PACKAGES


def test_the_image_is_built_from_all_of_it():
    words = [line.split() for line in (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()]
    assert {each[1] for each in words if each[:1] == ["COPY"] and each[1:2] == each[2:3]} >= PACKAGES


def test_it_brings_the_licence(files):
    assert any(name.endswith("LICENSE") for name in files)
