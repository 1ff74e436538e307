"""Wiring and HTTP: imports everyone, is imported by no one, contains no rules."""
