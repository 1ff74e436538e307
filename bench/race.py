"""Limits, Casefold and its peers in turn, at every temperature.

`python -m bench race [--quick] [--at hot cold] [--ask full panel] [--rounds 5] [--seconds 2] [--save NAME]`
"""

import os

from bench import machine, saved
from bench.answers import answers
from bench.contenders import contenders
from bench.processes import LOAD_CORE
from bench.rounds import Scene, measured
from bench.table import section
from bench.temperatures import TEMPERATURES


def run(names, questions, rounds, seconds, name=None):
    found = contenders()
    os.sched_setaffinity(0, {LOAD_CORE})
    told = answers()
    lines = [*_about(rounds, seconds), ""]
    print("\n".join(lines))
    for temperature in (TEMPERATURES[each] for each in names):
        with Scene(temperature, found, told) as scene:
            tables = section(temperature, measured(scene, questions, rounds=rounds, seconds=seconds), told)
        print("\n".join(tables), flush=True)
        lines += tables
    if name:
        saved.save(name, lines)


def _about(rounds, seconds):
    return [*(f"- {line}" for line in machine.described()), f"- medians of {rounds} rounds of {seconds:g} s"]
