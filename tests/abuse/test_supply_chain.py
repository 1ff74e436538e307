"""Row 30: what is installed is what was pinned, byte by byte, wherever it comes from."""

import hashlib
import re
import shlex
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PINNED = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._-]*(\[[a-z0-9,_-]+\])?==[0-9][A-Za-z0-9.!+_-]*( ; [^:/@]+)?( --hash=sha256:[0-9a-f]{64})+"
)
ELSEWHERE = re.compile(
    r"://|^\s*-(?!-hash)|--(?!hash=)|@|\b[a-z0-9-]+\.(com|org|net|io|dev|cloud|internal|local)\b", re.MULTILINE
)

TOOL_OF_THE_LOCK = "uv"
"""What makes the pins is not pinned by them; it runs only when somebody locks anew, and what it writes is looked at."""


def requirements(path):
    """Every requirement in one line, as pip reads it."""
    text = path.read_text(encoding="utf-8").replace("\\\n", " ")
    return [" ".join(line.split()) for line in text.splitlines() if line.strip() and not line.startswith("#")]


def installs():
    """The arguments of every `pip install` of the Makefile and the Dockerfile."""
    for name in ("Makefile", "Dockerfile"):
        text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
        for line in text.splitlines():
            for command in re.findall(r"pip install ([^&;|]*)", line):
                yield pytest.param(shlex.split(command), id=f"{name}: {command.strip()}")


def test_there_is_a_lock_for_who_runs_it_and_one_for_who_works_on_it():
    assert [path.name for path in LOCKS] == ["dev.txt", "run.txt"]
    assert all(len(requirements(path)) > 40 for path in LOCKS)


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_30_every_requirement_is_one_version_with_its_hashes(path):
    assert [each for each in requirements(path) if not PINNED.fullmatch(each)] == []


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_30_no_lock_names_a_place_to_get_things_from(path):
    assert ELSEWHERE.findall(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "line",
    [
        "anyio>=4 --hash=sha256:" + "0" * 64,
        "anyio==4.16.0",
        "anyio==4.* --hash=sha256:" + "0" * 64,
        "anyio==4.16.0 --hash=md5:" + "0" * 32,
        "anyio @ https://files.example.com/anyio.whl --hash=sha256:" + "0" * 64,
        "-r more.txt",
        "--index-url https://packages.example.com/simple",
        "git+https://example.com/anyio",
    ],
)
def test_what_is_not_pinned_would_be_found(line):
    assert PINNED.fullmatch(line) is None


@pytest.mark.parametrize(
    "line", ["--extra-index-url x", "-i packages.example.com", "# from packages.example.io", "a @ file:b", "-r c.txt"]
)
def test_a_place_would_be_found(line):
    assert ELSEWHERE.search(line)


def test_30_what_runs_is_what_was_worked_with():
    dev, run = ({each.partition(" ")[0] for each in requirements(path)} for path in LOCKS)
    assert run <= dev


@pytest.mark.parametrize("arguments", [*installs()])
def test_30_everything_that_is_installed_is_held_against_its_hash(arguments):
    things = [each for each in arguments if not each.startswith("-") and not each.endswith(".txt")]
    if "--require-hashes" in arguments:
        assert things == []
        assert "--no-deps" in arguments
    elif things != [TOOL_OF_THE_LOCK]:
        assert things == ["."]  # ourselves, built with what was installed before
        assert {"--no-deps", "--no-build-isolation"} <= set(arguments)


def test_both_the_makefile_and_the_image_install_from_a_lock():
    locked = [each.id.partition(":")[0] for each in installs() if "--require-hashes" in each.values[0]]
    assert locked == ["Makefile", "Dockerfile"]


def test_the_image_is_given_every_package():
    find = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"][
        "find"
    ]
    packages = {each.partition(".")[0].rstrip("*") for each in find["include"]}
    copied = set(re.findall(r"^COPY (\S+) \1$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE))
    assert packages <= copied


@pytest.fixture
def shelf(tmp_path):
    """A folder with one package, to be installed from without asking anybody."""
    with zipfile.ZipFile(tmp_path / "shelved-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("shelved.py", "")
        wheel.writestr("shelved-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: shelved\nVersion: 1.0\n")
        wheel.writestr("shelved-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("shelved-1.0.dist-info/RECORD", "")
    return tmp_path


@pytest.mark.parametrize(
    ("hashed", "is_taken"), [("", False), (" --hash=sha256:" + "0" * 64, False), (" --hash=sha256:{digest}", True)]
)
def test_30_without_the_right_hash_the_install_fails(shelf, hashed, is_taken):
    [arguments] = [
        each.values[0] for each in installs() if each.id.startswith("Makefile") and "--require-hashes" in each.id
    ]
    flags = [each for each in arguments if each in {"--require-hashes", "--no-deps"}]
    digest = hashlib.sha256((shelf / "shelved-1.0-py3-none-any.whl").read_bytes()).hexdigest()
    lock = shelf / "lock.txt"
    lock.write_text(f"shelved==1.0{hashed.format(digest=digest)}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "install", "--no-index", "--find-links", shelf, "--target", shelf / "into"]
    done = subprocess.run([*command, *flags, "-r", lock], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode == 0) is is_taken, done.stderr
    assert is_taken or "hash" in done.stderr.lower()
    assert (shelf / "into" / "shelved.py").exists() is is_taken
