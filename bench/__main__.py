"""`python -m bench [cold] [--delay MS] [--readers N] [--seconds S] [--rounds N]`"""

import argparse

from bench import cold

parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
parser.add_argument("which", nargs="?", default="cold", choices=["cold"])
parser.add_argument("--delay", type=float, default=20.0, help="what each upstream takes, in ms")
parser.add_argument("--readers", type=int, default=20)
parser.add_argument("--rate", type=float, default=200.0, help="views per second; 0: a closed loop")
parser.add_argument("--seconds", type=float, default=3.0)
parser.add_argument("--rounds", type=int, default=3)
arguments = parser.parse_args()
cold.run(arguments.delay, arguments.readers, arguments.rate, arguments.seconds, arguments.rounds)
