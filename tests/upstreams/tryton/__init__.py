"""A real Tryton, installed and seeded on first use."""

from tests.upstreams.tryton.server import Tryton, running_tryton

__all__ = ["Tryton", "running_tryton"]
