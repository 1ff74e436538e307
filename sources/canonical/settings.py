"""What a canonical system needs to be told."""

from sources.settings import ApiSettings


class CanonicalSettings(ApiSettings):
    """A system that answers our own JSON."""

    lists_changes: bool = False
    """Whether it answers `GET /v1/changes`; then what has not changed stays fresh without being read."""
