"""`python -m bench [cold|warm|size|ingest|conclusions|board|subscribers]`; each file says what its options mean."""

import argparse

from bench import board, cold, conclusions, ingest, size, subscribers, warm

WHICH = ["cold", "warm", "size", "ingest", "conclusions", "board", "subscribers"]

parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
parser.add_argument("which", nargs="?", default="warm", choices=WHICH)
parser.add_argument("--delay", type=float, default=20.0, help="cold: what each upstream takes, in ms")
parser.add_argument("--readers", type=int, default=20)
parser.add_argument("--rate", type=float, default=200.0, help="cold: views per second; 0: a closed loop")
parser.add_argument("--seconds", type=float, default=3.0)
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--orders", type=int, help="size, board: how many are kept; else 100,000 and 1,000,000")
parser.add_argument("--events", type=int, default=50_000, help="ingest: how many are sent")
parser.add_argument("--subscribers", type=int, default=1_000, help="subscribers: how many")
arguments = parser.parse_args()
match arguments.which:
    case "cold":
        cold.run(arguments.delay, arguments.readers, arguments.rate, arguments.seconds, arguments.rounds)
    case "warm":
        warm.run(arguments.readers, arguments.seconds, arguments.rounds)
    case "ingest":
        ingest.run(arguments.events, arguments.seconds)
    case "subscribers":
        subscribers.run(arguments.subscribers, arguments.readers, arguments.seconds, arguments.rounds)
    case "size":
        size.run(arguments.orders or 100_000)
    case "conclusions":
        conclusions.run(arguments.rounds)
    case "board":
        board.run(arguments.orders or 1_000_000, arguments.rounds)
