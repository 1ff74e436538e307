"""Measures; never tests. Everything is a ratio from one run on one machine."""
