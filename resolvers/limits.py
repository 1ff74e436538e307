"""How much one document may ask, counted before it is validated, in time linear in its text.

A fragment is counted once, however often it is spread; what it counts for is then multiplied. Whatever a document
contains is looked at, operations that are not executed and fragments that nobody spreads included: validation walks
them, too. Fragments that spread themselves count once; validation refuses them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import Enum

import structlog
from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSyntaxError,
    InlineFragmentNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
)
from graphql import parse as parse_document

MOST = 2**31 - 1
"""Where counting stops: the largest number that GraphQL's Int can say."""

KEYS = "keys"
"""The argument that asks for several cases."""

_BEYOND = "contains more than"
"""How graphql-core says that a document has too many tokens or comments; it has no code for that."""

Block = OperationDefinitionNode | FragmentDefinitionNode

log = structlog.get_logger()


class Mode(Enum):
    """What happens when a limit is exceeded."""

    ENFORCE = "enforce"
    """The request is refused."""
    LOG = "log"
    """It is answered, and the log says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most that one request may have.

    Attributes:
        body: bytes of a request's body.
        document: bytes of the document in it.
        tokens: tokens of the document; comments by themselves may be as many again.
        depth: fields below each other; what introspection looks at has a rule of its own in graphql-core.
        aliases: aliases, fragments spread.
        directives: directives, fragments spread.
        fields: fields, fragments spread.
        repeats: how often one selection set may name the same field.
        roots: fields of an operation itself.
        keys: cases that one field may ask for.
        items: entries of any list in the variables.
        mode: what happens beyond.
    """

    body: int = 256 * 1024
    document: int = 64 * 1024
    tokens: int = 1_000
    depth: int = 12
    aliases: int = 30
    directives: int = 50
    fields: int = 2_000
    repeats: int = 10
    roots: int = 10
    keys: int = 50
    items: int = 100
    mode: Mode = Mode.ENFORCE


@dataclass(frozen=True, slots=True)
class Exceeded:
    """One limit, and by what it was exceeded.

    Attributes:
        limit: an attribute of `Limits`.
        found: how many there are; where counting stopped, the first that is too many.
        allowed: how many there may be.
    """

    limit: str
    found: int
    allowed: int

    @property
    def error(self) -> GraphQLError:
        """It as a caller is told."""
        extensions = {"code": "LIMIT_EXCEEDED", "limit": self.limit, "found": self.found, "allowed": self.allowed}
        return GraphQLError(f"{self.limit}: found {self.found}, allowed: at most {self.allowed}", extensions=extensions)


@dataclass(slots=True)
class Tally:
    """What an operation or a fragment counts for, with everything that it spreads; sums stop growing near `MOST`."""

    depth: int = 0
    aliases: int = 0
    directives: int = 0
    fields: int = 0
    repeats: int = 0
    roots: int = 0
    keys: int = 0

    def spread(self, other: "Tally", level: int) -> None:
        """Count a fragment in.

        Args:
            other: what it counts for.
            level: how many fields stand above it.
        """
        self.depth = max(self.depth, level + other.depth)
        self.aliases = min(self.aliases + other.aliases, MOST)
        self.directives = min(self.directives + other.directives, MOST)
        self.fields = min(self.fields + other.fields, MOST)
        self.roots = min(self.roots + (0 if level else other.roots), MOST)


@dataclass(frozen=True, slots=True)
class Survey:
    """What a document counts for; it depends on nothing else, so it is kept as long as the document.

    Attributes:
        tallies: one for each operation and fragment.
        key_variables: the variables that say which cases are asked for.
    """

    tallies: tuple[Tally, ...]
    key_variables: frozenset[str]

    def beyond(self, limits: Limits) -> list[Exceeded]:
        """The limits that some part of the document exceeds, each with the worst that was found."""
        exceeded = []
        for name in (each.name for each in fields(Tally)):
            found, allowed = max((getattr(each, name) for each in self.tallies), default=0), getattr(limits, name)
            if found > allowed:
                exceeded.append(Exceeded(name, min(found, MOST), allowed))
        return exceeded

    def beyond_by(self, variables: Mapping[str, object], limits: Limits) -> list[Exceeded]:
        """The limits that the lists in the variables exceed; known before any of them is coerced."""
        exceeded = []
        for name in self.key_variables:
            keys = variables.get(name)
            if isinstance(keys, list) and len(keys) > limits.keys:
                exceeded.append(Exceeded("keys", len(keys), limits.keys))
        items = _longest(variables)
        return exceeded if items <= limits.items else [*exceeded, Exceeded("items", items, limits.items)]


def parse(text: str, limits: Limits) -> DocumentNode:
    """The document of a text, read no further than it may go.

    Raises:
        GraphQLError: it is no document, or too long; the latter with the code LIMIT_EXCEEDED.
    """
    size = len(text.encode("utf-8", errors="replace"))
    if size > limits.document:
        _refuse(Exceeded("document", size, limits.document), limits.mode)
    try:
        return parse_document(text, max_lexical_tokens=limits.tokens, max_comments=limits.tokens)
    except GraphQLSyntaxError as error:
        if _BEYOND not in error.message:
            raise
    _refuse(Exceeded("tokens", limits.tokens + 1, limits.tokens), limits.mode)
    return parse_document(text)


def check(document: DocumentNode, limits: Limits) -> list[Exceeded]:
    """The limits that a document exceeds, whatever the mode."""
    return survey(document).beyond(limits)


def refused(exceeded: Sequence[Exceeded], mode: Mode) -> list[GraphQLError]:
    """The errors to answer with; in LOG mode there are none, and the log has them."""
    if mode is Mode.ENFORCE:
        return [each.error for each in exceeded]
    for each in exceeded:
        log.warning("limit exceeded", limit=each.limit, found=each.found, allowed=each.allowed)
    return []


def survey(document: DocumentNode) -> Survey:
    """Count everything in a document."""
    blocks = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
    counting = _Counting()
    tallies: dict[str, Tally] = {}
    for fragment in in_order(fragments):
        tallies[fragment.name.value] = counting.tally(fragment, tallies)
    operations = [counting.tally(block, tallies) for block in blocks]
    return Survey((*operations, *tallies.values()), frozenset(counting.key_variables))


def in_order(fragments: Mapping[str, FragmentDefinitionNode]) -> Iterator[FragmentDefinitionNode]:
    """All fragments, each after those that it spreads; of a circle, one comes too early."""
    seen: set[str] = set()
    waiting = [(name, False) for name in fragments]
    while waiting:
        name, is_ready = waiting.pop()
        if is_ready:
            yield fragments[name]
        elif name not in seen:
            seen.add(name)
            waiting.append((name, True))
            waiting.extend((spread, False) for spread in _spread_by(fragments[name]) if spread in fragments)


def selections_of(selection_set: SelectionSetNode) -> Iterator[SelectionNode]:
    """Everything that one selection set selects, inline fragments opened."""
    waiting = [selection_set]
    while waiting:
        for selection in waiting.pop().selections:
            yield selection
            if isinstance(selection, InlineFragmentNode):
                waiting.append(selection.selection_set)


def _spread_by(block: Block) -> set[str]:
    spread, waiting = set(), [block.selection_set]
    while waiting:
        for selection in selections_of(waiting.pop()):
            if isinstance(selection, FragmentSpreadNode):
                spread.add(selection.name.value)
            elif isinstance(selection, FieldNode) and selection.selection_set:
                waiting.append(selection.selection_set)
    return spread


@dataclass(slots=True)
class _Counting:
    """Counts one block after the other."""

    key_variables: set[str] = field(default_factory=set)

    def tally(self, block: Block, fragments: Mapping[str, Tally]) -> Tally:
        """What a block counts for, given what the fragments count for that it spreads."""
        total = Tally(directives=len(block.directives or ()))
        total.directives += sum(len(each.directives or ()) for each in block.variable_definitions or ())
        waiting = [(block.selection_set, 0, not _is_about_types(block))]
        while waiting:
            selection_set, level, is_deep = waiting.pop()
            waiting += self._count(selection_set, level, total, fragments, is_deep=is_deep)
        return total

    def _count(
        self,
        selection_set: SelectionSetNode,
        level: int,
        total: Tally,
        fragments: Mapping[str, Tally],
        *,
        is_deep: bool,
    ) -> Iterator[tuple[SelectionSetNode, int, bool]]:
        """Count one selection set; gives the sets below it."""
        names: Counter[str] = Counter()
        for selection in selections_of(selection_set):
            total.directives += len(selection.directives or ())
            if isinstance(selection, FragmentSpreadNode):
                total.spread(fragments.get(selection.name.value, Tally()), level)
            elif isinstance(selection, FieldNode):
                names[(selection.alias or selection.name).value] += 1
                goes_deeper = is_deep and selection.name.value not in {"__schema", "__type"}
                self._count_field(selection, total, level + 1 if is_deep else 0)
                if selection.selection_set:
                    yield selection.selection_set, level + 1, goes_deeper
        total.roots += 0 if level else names.total()
        total.repeats = max(total.repeats, *names.values(), 0)

    def _count_field(self, node: FieldNode, total: Tally, depth: int) -> None:
        total.fields += 1
        total.aliases += node.alias is not None
        total.depth = max(total.depth, depth)
        for argument in node.arguments or ():
            if argument.name.value == KEYS:
                total.keys = max(total.keys, self._keys(argument))

    def _keys(self, argument: ArgumentNode) -> int:
        if isinstance(argument.value, VariableNode):
            self.key_variables.add(argument.value.name.value)
        return _length(argument.value)


def _is_about_types(block: Block) -> bool:
    return isinstance(block, FragmentDefinitionNode) and block.type_condition.name.value.startswith("__")


def _length(value: object) -> int:
    return len(value.values) if isinstance(value, ListValueNode) else 0


def _longest(value: object) -> int:
    """The length of the longest list in a JSON value."""
    longest, waiting = 0, [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            waiting.extend(each.values())
        elif isinstance(each, list):
            longest = max(longest, len(each))
            waiting.extend(each)
    return longest


def _refuse(exceeded: Exceeded, mode: Mode) -> None:
    for error in refused([exceeded], mode):
        raise error
