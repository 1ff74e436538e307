"""This tree against another commit: both gateways listen, and each round drives one after the other.

`python -m bench compare --base COMMIT [--seconds 2] [--rounds 5]`
"""

import os
import subprocess
from contextlib import contextmanager

from bench.answers import answers
from bench.contenders import casefold
from bench.processes import CACHE, HERE, LOAD_CORE
from bench.rounds import Scene, measured
from bench.table import median, ratio, ratios, shown
from bench.temperatures import COLD, HOT, WARM

BASE, THIS = "base", "this tree"


def run(commit, rounds, seconds):
    os.sched_setaffinity(0, {LOAD_CORE})
    told = answers()
    with _checked_out(commit) as tree:
        pair = [casefold(BASE, tree), casefold(THIS)]
        print(f"{'':14}{BASE:>10}{THIS:>12}{'ratio':>8}   of each round")
        for temperature in (HOT, WARM, COLD):
            with Scene(temperature, pair, told) as scene:
                _tell(temperature, measured(scene, told.leaves, rounds=rounds, seconds=seconds))


def _tell(temperature, found):
    for question in dict.fromkeys(question for question, _ in found):
        base, this = found[question, BASE], found[question, THIS]
        each_round = " ".join(map(shown, ratios(this, base)))
        name = f"{temperature.name}, {question}"
        print(f"{name:14}{median(base):10,.0f}{median(this):12,.0f}{ratio(this, base):>8}   {each_round}", flush=True)


@contextmanager
def _checked_out(commit):
    """The tree of a commit, beside this one for a while."""
    name = _git("rev-parse", "--short", f"{commit}^{{commit}}")
    tree = CACHE / f"base-{name}"
    _git("worktree", "prune")
    if not tree.exists():
        _git("worktree", "add", "--detach", str(tree), name)
    try:
        yield tree
    finally:
        _git("worktree", "remove", "--force", str(tree))


def _git(*arguments):
    done = subprocess.run(["git", *arguments], cwd=HERE, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"git {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout.strip()
