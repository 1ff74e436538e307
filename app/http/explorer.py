"""GraphiQL, from our own files: nothing is loaded from elsewhere, and nothing else can run in its page."""

from types import MappingProxyType

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "font-src": "data:",
    "img-src": "'self'",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
"""What the page may do, directive by directive; its fonts are in its style sheet, and it asks only this gateway."""

HEADERS = MappingProxyType(
    {
        "Content-Security-Policy": "; ".join(f"{name} {allowed}" for name, allowed in POLICY.items()),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
    }
)


class Explorer(StaticFiles):
    """`/graphiql/` and its files, to be mounted; what a browser has is asked for again by its ETag only."""

    def __init__(self) -> None:
        super().__init__(packages=[("web.graphiql", "built")], html=True)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """A file, or that there is none."""
        response = await super().get_response(path, scope)
        response.headers.update(HEADERS)
        return response
