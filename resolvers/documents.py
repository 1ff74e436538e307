"""Documents, prepared once and kept by their text: parsed, held against the limits, validated.

Also those that were registered beforehand ("trusted documents"), which a client names by the digest of their text.
"""

import hashlib
import re
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    validate,
)
from graphql import parse as graphql_parse

from domain.errors import MAX_ECHO
from resolvers.cost import Price, price
from resolvers.limits import Limits, Survey, parse, refused, survey

KEPT = 500
"""How many documents of strangers a process keeps; those that are registered are kept besides."""

LONGEST_KEPT = 20_000
"""Characters of the longest document that is kept."""

ID = re.compile(r"sha256:[0-9a-f]{64}")


class RequestRefused(GraphQLError):
    """The request is not carried out.

    Args:
        message: what is wrong with it.
        code: the same, for machines.
        status: what it is in HTTP.
    """

    def __init__(self, message: str, code: str = "BAD_USER_INPUT", status: int = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(message, extensions={"code": code})
        self.status = status


@dataclass(frozen=True, eq=False)
class Document:
    """One document.

    Attributes:
        text: as it was sent.
        tree: parsed; null where that was not possible.
        errors: why it cannot be carried out; none: it can.
        survey: what it counts for.
    """

    text: str
    tree: DocumentNode | None
    errors: Sequence[GraphQLError] = ()
    survey: Survey = field(default_factory=lambda: Survey((), frozenset()))
    _prices: dict[str | None, Price] = field(default_factory=dict)

    @cached_property
    def operations(self) -> Mapping[str | None, OperationDefinitionNode]:
        """The operations by their names."""
        nodes = self.tree.definitions if self.tree else ()
        found = [each for each in nodes if isinstance(each, OperationDefinitionNode)]
        return {each.name.value if each.name else None: each for each in found}

    @cached_property
    def fragments(self) -> Mapping[str, FragmentDefinitionNode]:
        """The fragments by their names."""
        nodes = self.tree.definitions if self.tree else ()
        return {each.name.value: each for each in nodes if isinstance(each, FragmentDefinitionNode)}

    @cached_property
    def is_conditional(self) -> bool:
        """Whether it depends on variables what is asked for; a directive's name in a comment counts, too."""
        return "@skip" in self.text or "@include" in self.text

    def price(self, name: str | None, schema: GraphQLSchema) -> Price:
        """What one of its operations costs."""
        if name not in self._prices and self.tree is not None:
            self._prices[name] = price(self.tree, name, schema)
        return self._prices[name]

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation that is meant.

        Raises:
            RequestRefused: there is none of this name, or several and no name was given.
        """
        if not name and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        operation = self.operations.get(name or None)
        if operation is None or (not name and len(self.operations) > 1):
            known = ", ".join(each or "one without a name" for each in self.operations)
            found = f"{name[:MAX_ECHO]!r}" if name else "nothing"
            raise RequestRefused(f"operationName: found {found}, allowed: {known or 'none: no operation is there'}")
        return operation


@dataclass(slots=True)
class Documents:
    """The documents that a process knows.

    Args:
        schema: what they are validated against.
        limits: how much a document of a stranger may have; who registers one knows what it costs.
        trusted: registered texts by id, `sha256:` and the digest of the text.
    """

    schema: GraphQLSchema
    limits: Limits = field(default_factory=Limits)
    trusted: Mapping[str, str] = field(default_factory=dict)
    _registered: dict[str, Document] = field(default_factory=dict)
    _kept: OrderedDict[str, Document] = field(default_factory=OrderedDict)

    def __post_init__(self) -> None:
        for text in self.trusted.values():
            tree = graphql_parse(text)
            self._registered[text] = Document(text, tree, validate(self.schema, tree), survey(tree))

    @property
    def registered(self) -> Collection[Document]:
        """Those that were registered beforehand."""
        return self._registered.values()

    def of_text(self, text: str) -> Document:
        """A document by its text."""
        known = self._registered.get(text) or self._kept.get(text)
        if known is not None:
            return known
        document = self._prepare(text)
        if len(text) <= LONGEST_KEPT:
            self._kept[text] = document
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return document

    def of_id(self, name: str, text: str | None = None) -> Document:
        """A registered document by its id.

        Args:
            name: `sha256:` and 64 hexadecimal digits.
            text: what the client believes it to be; null: it does not say.

        Raises:
            RequestRefused: nothing is registered under the id, or something else.
        """
        if not ID.fullmatch(name):
            raise RequestRefused(f"documentId: found {name[:MAX_ECHO]!r}, allowed: sha256: and 64 hexadecimal digits")
        known = self.trusted.get(name)
        if known is None:
            raise RequestRefused("documentId: nothing is registered under it", "PERSISTED_DOCUMENT_NOT_FOUND")
        if text is not None and text != known:
            raise RequestRefused("query: another document is registered under the documentId", "DOCUMENT_MISMATCH")
        return self._registered[known]

    def is_registered(self, text: str) -> bool:
        """Whether a document was registered beforehand."""
        return text in self._registered

    def _prepare(self, text: str) -> Document:
        try:
            tree = parse(text, self.limits)
        except GraphQLError as error:
            return Document(text, None, [error])
        counted = survey(tree)
        errors = refused(counted.beyond(self.limits), self.limits.mode) or validate(self.schema, tree)
        return Document(text, tree, errors, counted)


def document_id(text: str) -> str:
    """The id of a document: SHA-256 of its text, in UTF-8."""
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
