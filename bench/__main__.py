"""`python -m bench WHICH`; each file says what its options mean."""

import argparse

from bench import board, comparison, conclusions, ingest, moving, parts, race, size, subscribers, workers
from bench.questions import QUESTIONS
from bench.temperatures import TEMPERATURES

WHICH = ["race", "compare", "size", "ingest", "conclusions", "board", "subscribers", "workers", "parts", "moving"]
USUAL = (list(TEMPERATURES), list(QUESTIONS), 5, 2.0)
QUICK = (["hot", "warm", "cold"], ["full", "panel"], 2, 1.0)
"""Temperatures, questions, rounds and seconds of a race."""

parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
parser.add_argument("which", nargs="?", default="race", choices=WHICH)
parser.add_argument("--quick", action="store_true", help="race: two rounds of one second, in under three minutes")
parser.add_argument("--at", nargs="+", choices=list(TEMPERATURES), help="race: at which temperatures")
parser.add_argument("--ask", nargs="+", choices=list(QUESTIONS), help="race: which questions; workers: which")
parser.add_argument("--save", metavar="NAME", help="race: write the tables to docs/performance.md")
parser.add_argument("--base", metavar="COMMIT", help="compare: with which commit")
parser.add_argument("--readers", type=int, default=20)
parser.add_argument("--seconds", type=float)
parser.add_argument("--rounds", type=int)
parser.add_argument("--orders", type=int, help="size, board: how many are kept; else 100,000 and 1,000,000")
parser.add_argument("--events", type=int, default=50_000, help="ingest: how many are sent")
parser.add_argument("--subscribers", type=int, default=1_000, help="subscribers: how many")
arguments = parser.parse_args()
rounds, seconds = arguments.rounds or 3, arguments.seconds or 3.0
match arguments.which:
    case "race":
        given = (arguments.at, arguments.ask, arguments.rounds, arguments.seconds)
        usual = QUICK if arguments.quick else USUAL
        race.run(*(mine or its for mine, its in zip(given, usual, strict=True)), arguments.save)
    case "compare":
        if not arguments.base:
            parser.error("compare: with which commit? --base COMMIT")
        comparison.run(arguments.base, arguments.rounds or 5, arguments.seconds or 2.0)
    case "ingest":
        ingest.run(arguments.events, arguments.seconds or 5.0)
    case "subscribers":
        subscribers.run(arguments.subscribers, arguments.readers, seconds, rounds)
    case "workers":
        workers.run((arguments.ask or ["full"])[0], rounds, seconds)
    case "size":
        size.run(arguments.orders or 100_000)
    case "moving":
        moving.run(
            arguments.orders or 2_000, min(arguments.events, 200), arguments.seconds or 4.0, arguments.rounds or 5
        )
    case "parts":
        parts.run(rounds)
    case "conclusions":
        conclusions.run(rounds)
    case "board":
        board.run(arguments.orders or 1_000_000, rounds)
