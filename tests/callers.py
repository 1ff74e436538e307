"""Callers of tests."""

from domain.caller import Caller, Role


def calling(*roles: Role, **about):
    return Caller(client="tests", roles=frozenset(roles), **about)


EVERYTHING = calling(*Role)
"""Somebody who may see everything."""

ANYBODY = {"anonymous": [role.value for role in Role], "graphql": {"introspection": [role.value for role in Role]}}
"""Settings of a gateway on which whoever asks may see everything."""
