"""Pages of other web origins that may ask: CORS, as the Fetch standard has it.

https://fetch.spec.whatwg.org/#http-cors-protocol
"""

from collections.abc import Sequence

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from app.http.correlation import HEADER

SENT = ("Authorization", "X-API-Key", "Content-Type", "If-None-Match", "traceparent", HEADER)
"""Headers that their requests may have."""

READ = ("ETag", "Retry-After", "RateLimit", "RateLimit-Policy", HEADER)
"""Headers of our answers that they may read."""


def for_pages(door: ASGIApp, origins: Sequence[str]) -> ASGIApp:
    """A door at which pages of these origins may ask, and of no others; cookies are never read.

    Args:
        door: what answers.
        origins: as browsers spell them.
    """
    if not origins:
        return door
    return CORSMiddleware(
        door, allow_origins=origins, allow_methods=("GET", "POST"), allow_headers=SENT, expose_headers=READ
    )
