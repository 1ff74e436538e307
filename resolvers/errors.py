"""What a caller is told when a question fails: expected errors in their own words, others only by an id."""

from collections.abc import Iterator

import structlog
from graphql import ExecutionResult as GraphQLExecutionResult
from graphql import GraphQLError
from strawberry.extensions import SchemaExtension
from strawberry.types.execution import ExecutionResult

from domain.errors import FellBehind, RequestError, StoreUnavailable

log = structlog.get_logger()


class MaskedErrors(SchemaExtension):
    """Gives every error a code and the correlation id, and tells nothing of the inside."""

    def on_operation(self) -> Iterator[None]:
        """Look at the errors once the operation is done."""
        yield
        result = self.execution_context.result
        if isinstance(result, ExecutionResult | GraphQLExecutionResult) and result.errors:
            result.errors = [self._told(error) for error in result.errors]

    def on_stream_result(self, result: object) -> Iterator[None]:
        """Look at the errors of each answer of a subscription before it is sent."""
        if isinstance(result, ExecutionResult | GraphQLExecutionResult) and result.errors:
            result.errors = [self._told(error) for error in result.errors]
        yield

    def _told(self, error: GraphQLError) -> GraphQLError:
        if error.extensions and "correlationId" in error.extensions:
            return error  # the last answer of a subscription is looked at twice
        correlation_id = self.execution_context.context.correlation_id
        # Without a path, but with nodes, nothing was executed: the document or a variable is wrong, and the message
        # says how. A subscription that breaks off has neither.
        cause = error.original_error if error.path or not error.nodes else None
        match cause:
            case None | GraphQLError():
                return _with(error, error.message, "BAD_USER_INPUT", correlation_id)
            case FellBehind():
                told = _with(error, str(cause), cause.code, correlation_id)
                told.extensions = {**(told.extensions or {}), "cursor": cause.cursor}
                return told
            case RequestError():
                return _with(error, str(cause), cause.code, correlation_id)
            case StoreUnavailable():
                return _with(error, str(cause), "STORE_UNAVAILABLE", correlation_id)
            case _:
                log.error("resolver failed", exc_info=cause, correlation_id=correlation_id)
                return _with(error, "Something went wrong here.", "INTERNAL_ERROR", correlation_id)


def _with(error: GraphQLError, message: str, code: str, correlation_id: str) -> GraphQLError:
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions={"code": code, "correlationId": correlation_id},
    )
