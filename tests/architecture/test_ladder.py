"""Rules that import-linter does not know; the ladder itself is in pyproject.toml and runs with `make lint`."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("app", "cache", "domain", "resolvers", "sources")
MODULES = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
NAMELESS = {"utils", "helpers", "common_helpers", "manager", "service", "core", "misc"}


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_one_package_calls_out_and_nobody_imports_what_is_for_demo_and_tests(path):
    roots = {name.split(".")[0] for name in imports(path)}
    assert not roots & {"sandbox", "bench", "tests"}
    if path.parent != ROOT / "sources" / "http":
        assert not roots & {"httpx", "aiohttp", "httpx_aiohttp", "requests"}


@pytest.mark.parametrize("path", [path for path in MODULES if path.parts[-2] == "domain"], ids=lambda path: path.name)
def test_the_domain_neither_waits_nor_reads_the_time(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef | ast.Await)]
    if path.name != "clock.py":
        calls = re.findall(r"\b(?:datetime\.now|date\.today|time\.time|monotonic)\(", path.read_text(encoding="utf-8"))
        assert [call for call in calls if call != "monotonic("] == []


def test_no_module_has_a_name_that_says_nothing():
    assert {path.stem for path in MODULES} & NAMELESS == set()


def test_nothing_is_pickled():
    assert [
        path for path in MODULES if {"pickle", "shelve", "marshal"} & {name.split(".")[0] for name in imports(path)}
    ] == []
