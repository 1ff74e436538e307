"""One way to call out: budget, bounded retry, circuit breaker, bulkhead, size ceiling, error translation."""

from sources.http.client import Http, Limits
from sources.http.message import Answer, Request

__all__ = ["Answer", "Http", "Limits", "Request"]
