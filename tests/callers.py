"""Callers of tests."""

from domain.caller import Caller, Role


def calling(*roles: Role, **about):
    return Caller(client="tests", roles=frozenset(roles), **about)


EVERYTHING = calling(*Role)
"""Somebody who may see everything."""

EVERY_ROLE = [role.value for role in Role]

ANYBODY = {
    "anonymous": EVERY_ROLE,
    "graphql": {"introspection": EVERY_ROLE},
    "limits": {
        "requests": "1000000 per second",
        "cost": "100000000 per minute",
        "asked": "1000000 per minute",
        "misses": "1000000 per minute",
    },
}
"""Settings of a gateway on which whoever asks may see everything."""
