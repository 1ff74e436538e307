"""Documents are parsed and validated once, and kept by their text.

Strawberry's own caches name a document by its tree, which costs a walk over the whole tree for every request.
"""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

from graphql import DocumentNode, GraphQLError
from strawberry.extensions import SchemaExtension

KEPT = 500
"""How many documents a process keeps."""

LONGEST = 20_000
"""Characters of the longest document that is kept."""


@dataclass(slots=True)
class _Known:
    document: DocumentNode
    errors: list[GraphQLError] | None = None


_DOCUMENTS: OrderedDict[tuple[int, str], _Known] = OrderedDict()
"""By schema and text: what one schema validates another may not."""


class KeptDocuments(SchemaExtension):
    """Gives Strawberry what is known of a document, and keeps what it finds out."""

    def on_parse(self) -> Iterator[None]:
        """Skip parsing for a known text."""
        context, text = self.execution_context, self.execution_context.query or ""
        name = (id(context.schema), text)
        known = _DOCUMENTS.get(name)
        if known is not None:
            context.graphql_document = known.document
            _DOCUMENTS.move_to_end(name)
        yield
        if known is None and context.graphql_document is not None and len(text) <= LONGEST:
            _DOCUMENTS[name] = _Known(context.graphql_document)
            if len(_DOCUMENTS) > KEPT:
                _DOCUMENTS.popitem(last=False)

    def on_validate(self) -> Iterator[None]:
        """Skip validation for a known text."""
        context = self.execution_context
        known = _DOCUMENTS.get((id(context.schema), context.query or ""))
        if known is not None and known.errors is not None:
            context.pre_execution_errors = list(known.errors)
        yield
        if known is not None and known.errors is None:
            known.errors = list(context.pre_execution_errors or ())
