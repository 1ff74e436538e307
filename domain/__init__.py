"""The vocabulary of the case view: pure values and rules, no I/O, no clock, no vendor words."""
