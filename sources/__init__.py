"""Upstream systems: one vendor, one folder. Knows the domain, knows no cache and no other vendor."""
