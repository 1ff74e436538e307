"""Carries operations out: one way for every transport, from a prepared document to the answer as data.

document -> operation -> may the caller have it -> executed -> errors as callers may read them -> what it cost
"""

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import lru_cache
from http import HTTPStatus
from inspect import isawaitable
from math import ceil
from typing import Any, NamedTuple, cast

from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLFormattedError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    execute,
    subscribe,
)

from domain.caller import Role
from domain.errors import Forbidden, RequestError, TooManyRequests, Unauthenticated
from resolvers.admission import Admission, Coordinate
from resolvers.again import AGAIN, KeptAnswer, kept_answer
from resolvers.context import Budget, Context
from resolvers.cost import REFUSAL, Price
from resolvers.documents import KEPT, Document, Documents, RequestRefused
from resolvers.errors import told
from resolvers.limits import refused
from resolvers.permissions import audited
from resolvers.projection.execution import ProjectingExecution
from resolvers.projection.root import carried_out
from resolvers.schema import schema
from resolvers.served import served
from resolvers.template import encoded

QUERIES = frozenset({OperationType.QUERY})
AT_ONCE = frozenset({OperationType.QUERY, OperationType.MUTATION})

STATUSES: Sequence[tuple[type[RequestError], int]] = (
    (Unauthenticated, HTTPStatus.UNAUTHORIZED),
    (Forbidden, HTTPStatus.FORBIDDEN),
    (TooManyRequests, HTTPStatus.TOO_MANY_REQUESTS),
)

CORE = schema._schema  # noqa: SLF001  # Strawberry's own name for the schema that it built with graphql-core


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked.

    Attributes:
        query: the document; null: it is named by its id.
        variables: its variables.
        operation_name: which of its operations; null: the only one.
        document_id: id of a registered document; null: it is not one.
    """

    query: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation_name: str | None = None
    document_id: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered.

    Attributes:
        body: `data`, `errors` and `extensions`; without `data`, nothing was carried out.
        status: of HTTP, for clients that go by it.
        is_readable: whether the document and its variables fit the schema.
        headers: of HTTP, for clients that go by them.
        kept: the same, to be given again; null: it has to be found anew each time.
    """

    body: Mapping[str, Any]
    status: int = HTTPStatus.OK
    is_readable: bool = True
    headers: Mapping[str, str] = field(default_factory=dict)
    kept: KeptAnswer | None = None

    @property
    def encoded(self) -> bytes:
        """The body as JSON."""
        return encoded(self.body)

    @property
    def is_refused(self) -> bool:
        """Whether nothing was carried out."""
        return "data" not in self.body


class Refused(Exception):
    """Nothing is carried out.

    Args:
        errors: why.
        status: what that is in HTTP; null: the document or its variables do not fit the schema.
        headers: that belong to the status.
    """

    def __init__(
        self, errors: Sequence[GraphQLError], status: int | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(errors, status)
        self.errors = errors
        self.status = status
        self.headers = headers or {}


@dataclass(frozen=True, slots=True)
class Operations:
    """Carries out what is asked.

    Args:
        core: the schema that they are carried out on.
        documents: those that are known.
        registered_only: roles whose callers may only ask registered documents.
        introspects: roles whose callers may look at the schema.
    """

    core: GraphQLSchema = CORE
    documents: Documents = field(default_factory=lambda: Documents(CORE))
    registered_only: frozenset[Role] = frozenset()
    introspects: frozenset[Role] = frozenset(Role)

    async def execute(self, request: Request, context: Context, allowed: Collection[OperationType] = AT_ONCE) -> Answer:
        """The one answer to a query or a mutation."""
        try:
            admitted = self._admit(request, context, allowed)
        except Refused as refused:
            return self._refused(refused, context)
        if context.grounds is not None and not admitted.passed.may_be_kept:
            context = context.not_noting()
        result = await self._executed(admitted, request, context)
        if result.errors and context.grounds is not None:  # only a query is asked again
            context = context.not_noting()
            result = await self._executed(admitted, request, context)
        return self._answer(result, context, admitted)

    async def stream(self, request: Request, context: Context) -> AsyncGenerator[Answer]:
        """Every answer to an operation of any kind; a subscription has many."""
        try:
            admitted = self._admit(request, context, frozenset(OperationType))
        except Refused as refused:
            yield self._refused(refused, context)
            return
        if admitted.passed.operation.operation is not OperationType.SUBSCRIPTION:
            yield self._answer(await self._executed(admitted, request, context), context, admitted)
            return
        async with aclosing(self._listened(admitted, request, context)) as results:
            async for result in results:
                yield self._answer(result, context, admitted)
                context.readings.clear()
                context.shown.clear()

    def _admit(self, request: Request, context: Context, allowed: Collection[OperationType]) -> "_Admitted":
        """The operation, if the caller may ask for it now.

        Raises:
            Refused: it may not, or it cannot be carried out.
        """
        try:
            document, passed = self._allowed(request, context, allowed)
            cost = passed.price.of(request.variables)
            charged = _Charged(cost, context.gateway.rates.charge(context.caller, cost))
            return _Admitted(document, passed, charged)
        except RequestRefused as error:
            raise Refused([error], error.status) from error
        except RequestError as error:
            told = GraphQLError(str(error), extensions={"code": error.code})
            raise Refused([told], status_of(error), _headers_of(error)) from error

    def _allowed(
        self, request: Request, context: Context, allowed: Collection[OperationType]
    ) -> "tuple[Document, _Passed]":
        """What is asked for, before it is paid for; a refusal is paid for before it is told."""
        try:
            document = self._document(request, context)
            operation = document.operation(request.operation_name)
            _refuse_kind(operation, allowed)
            admission = Admission(self.core, context.sight, self.introspects)
            if document.is_conditional:
                passed = _passed(admission, document, operation, request.variables)
            else:
                passed = _always_passed(admission, document, operation.name.value if operation.name else None)
            self._refuse_many(document, request)
        except (Refused, RequestRefused, RequestError):
            context.gateway.rates.charge(context.caller, REFUSAL)
            raise
        return document, passed

    def _refuse_many(self, document: Document, request: Request) -> None:
        limits = self.documents.limits
        exceeded = refused(document.survey.beyond_by(request.variables, limits), limits.mode)
        if exceeded:
            raise Refused(exceeded)

    def _document(self, request: Request, context: Context) -> Document:
        if request.document_id is not None:
            document = self.documents.of_id(request.document_id, request.query)
        elif not request.query:
            raise RequestRefused("query: found nothing, allowed: a document, or the documentId of a registered one")
        elif context.caller.roles <= self.registered_only and not self.documents.is_registered(request.query):
            raise RequestRefused("query: only registered documents are carried out", "FORBIDDEN", HTTPStatus.FORBIDDEN)
        else:
            document = self.documents.of_text(request.query)
        if document.errors:
            raise Refused(document.errors)
        return document

    async def _executed(self, admitted: "_Admitted", request: Request, context: Context) -> ExecutionResult:
        result = carried_out(self.core, admitted.document, admitted.passed.operation, request.variables, context)
        if result is None:
            general = execute(self.core, **admitted.given(request, context))
            return await general if isawaitable(general) else general
        return await result

    async def _listened(
        self, admitted: "_Admitted", request: Request, context: Context
    ) -> AsyncGenerator[ExecutionResult]:
        results = subscribe(self.core, **admitted.given(request, context))
        results = await results if isawaitable(results) else results
        if isinstance(results, ExecutionResult):
            yield results
            return
        async with aclosing(cast("AsyncGenerator[ExecutionResult]", results)):
            try:
                async for result in results:
                    yield result
            except Exception as error:  # noqa: BLE001  # `resolvers.errors` tells the expected from the others
                yield ExecutionResult(None, [GraphQLError(str(error), original_error=error)])

    def _answer(self, result: ExecutionResult, context: Context, admitted: "_Admitted") -> Answer:
        """A result without data whose errors have no path is of a request whose variables were wrong."""
        errors = result.errors or []
        if result.data is None and errors and not any(error.path for error in errors):
            return self._refused(Refused(errors), context)
        shown = {"errors": self._told(errors, context)} if errors else {}
        _account(admitted.passed.audited, context)
        extensions = {"casefold": served(context) | admitted.charged.shown}
        body = {**shown, "data": result.data, "extensions": extensions}
        kept = None if errors else self._kept(body, admitted, context)
        return Answer(body, headers=admitted.charged.budget.headers, kept=kept)

    @staticmethod
    def _kept(body: Mapping[str, Any], admitted: "_Admitted", context: Context) -> KeptAnswer | None:
        if (
            context.grounds is None
            or not admitted.passed.may_be_kept
            or not context.shown
            or context.shown != set(context.asked)
        ):
            return None
        cost, audited = admitted.charged.cost, admitted.passed.audited
        return kept_answer(body, context.grounds, context, cost=cost, audited=audited)

    def _refused(self, refused: Refused, context: Context) -> Answer:
        own = {"errors": self._told(refused.errors, context), "extensions": {"casefold": served(context)}}
        is_readable = refused.status is not None
        return Answer(own, refused.status or HTTPStatus.BAD_REQUEST, is_readable, refused.headers)

    def _told(self, errors: Sequence[GraphQLError], context: Context) -> list[GraphQLFormattedError]:
        return told(errors, context.correlation_id, suggests=bool(self.introspects & context.caller.roles))


class _Passed(NamedTuple):
    """An operation that a caller may ask for, as long as it can pay for it.

    Attributes:
        operation: itself.
        price: what it costs.
        audited: what has to be accounted for of what it shows.
        may_be_kept: whether announcements tell of every change of what it asks for.
    """

    operation: OperationDefinitionNode
    price: Price
    audited: frozenset[str]
    may_be_kept: bool


def _passed(
    admission: Admission, document: Document, operation: OperationDefinitionNode, variables: Mapping[str, Any]
) -> _Passed:
    """An operation of a document that is valid.

    Raises:
        Forbidden: it asks for what the caller may not see.
    """
    asked = admission.admitted(document, operation, variables)
    price = document.price(operation.name.value if operation.name else None, admission.schema)
    return _Passed(operation, price, audited(admission.sight, asked), _may_be_kept(operation, asked))


@lru_cache(maxsize=KEPT)
def _always_passed(admission: Admission, document: Document, name: str | None) -> _Passed:
    """One that asks for the same whatever its variables are."""
    return _passed(admission, document, document.operation(name), {})


class _Charged(NamedTuple):
    """What an operation costs, and what that leaves."""

    cost: int
    budget: Budget

    @property
    def shown(self) -> dict[str, Any]:
        """It as callers are told."""
        left = {
            "limit": self.budget.limit,
            "remaining": self.budget.remaining,
            "resetSeconds": self.budget.reset_seconds,
        }
        return {"cost": self.cost, "budget": left}


class _Admitted(NamedTuple):
    """An operation that is carried out.

    Attributes:
        document: where it is.
        passed: which operation, and what is known of it.
        charged: what it costs.
    """

    document: Document
    passed: _Passed
    charged: _Charged

    def given(self, request: Request, context: Context) -> dict[str, Any]:
        """What graphql-core is given."""
        return {
            "document": self.document.tree,
            "context_value": context,
            "variable_values": dict(request.variables),
            "operation_name": self.passed.operation.name.value if self.passed.operation.name else None,
            "executor_class": ProjectingExecution,
        }


def _refuse_kind(operation: OperationDefinitionNode, allowed: Collection[OperationType]) -> None:
    kind = operation.operation
    if kind not in allowed:
        raise RequestRefused(f"a {kind.value} is not carried out this way", status=HTTPStatus.METHOD_NOT_ALLOWED)


def _may_be_kept(operation: OperationDefinitionNode, asked: Collection[Coordinate]) -> bool:
    fields = {field for kind, field in asked if kind == "Query"}
    return operation.operation is OperationType.QUERY and bool(fields) and fields <= AGAIN


def _account(what: frozenset[str], context: Context) -> None:
    """Note who is shown what not everybody may see, before it is sent."""
    if what and context.shown:
        context.gateway.audit.saw(context.caller, what, context.shown, context.correlation_id)
    if context.revealed:
        context.gateway.audit.revealed(context.caller, context.revealed, context.correlation_id)


def _headers_of(error: RequestError) -> Mapping[str, str]:
    if isinstance(error, TooManyRequests):
        return {"Retry-After": str(ceil(error.retry_after_seconds))}
    return {}


def status_of(error: RequestError) -> int:
    """What a refusal is in HTTP."""
    return next((status for kind, status in STATUSES if isinstance(error, kind)), HTTPStatus.BAD_REQUEST)
