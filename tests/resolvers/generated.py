"""Any domain value that can be made, and any document that can be asked of a view: for comparing two ways to answer."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from graphql import GraphQLObjectType, get_named_type
from hypothesis import reject
from hypothesis import strategies as st
from msgspec import ValidationError, inspect

from domain.entities import MODELS
from domain.errors import Busy, TooSlow
from domain.identity import Scheme
from tests.resolvers.systems import Desk, System
from tests.resolvers.world import StillClock

ZONES = (UTC, timezone(timedelta(0)), timezone(timedelta(hours=-9, minutes=-30)), timezone(timedelta(seconds=5_415)))
DECIMALS = ("0", "-0", "-0.00", "1E+30", "1E-30", "-123456789.123456789", "0.1", "100")
SPECIAL_TEXTS = ("Zürich 漢字 🚚", "{o.x}'\"\\", "\u2028 \x7f", "value")
INTS = (0, -1, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1, 2**60)


def values(kind):
    """Any value of a type, as msgspec tells of it."""
    return VALUES[type(kind)](kind)


def texts(kind):
    if kind.pattern:
        return st.from_regex(kind.pattern.replace("^https?://", "^https?://[a-z]{1,5}"))
    some = st.one_of(st.sampled_from(SPECIAL_TEXTS), st.text(min_size=1, max_size=8))
    return some if kind.min_length else st.one_of(st.just(""), some)


def moments(_):
    first, last = datetime(2026, 10, 1), datetime(2027, 1, 31)  # noqa: DTZ001  # a zone is given besides
    return st.datetimes(first, last, timezones=st.sampled_from(ZONES))


VALUES = {
    inspect.Metadata: lambda kind: values(kind.type),
    inspect.UnionType: lambda kind: st.one_of(*map(values, kind.types)),
    inspect.NoneType: lambda _: st.none(),
    inspect.BoolType: lambda _: st.booleans(),
    inspect.StrType: texts,
    inspect.IntType: lambda kind: st.sampled_from([each for each in INTS if kind.ge is None or each >= kind.ge]),
    inspect.FloatType: lambda kind: st.floats(kind.ge, kind.le, allow_nan=False, allow_infinity=False),
    inspect.DecimalType: lambda _: st.sampled_from(DECIMALS).map(Decimal),
    inspect.DateTimeType: moments,
    inspect.DateType: lambda _: st.dates(),
    inspect.EnumType: lambda kind: st.sampled_from(list(kind.cls)),
    inspect.VarTupleType: lambda kind: st.lists(values(kind.item_type), max_size=2).map(tuple),
    inspect.StructType: lambda kind: st.deferred(lambda: models(kind)),
}


def models(kind):
    """Any value of a model; what its own rules refuse is no value."""
    fields = {each.name: (each.required, values(each.type)) for each in kind.fields if each.name != "references"}
    given = st.fixed_dictionaries(
        {name: value for name, (is_required, value) in fields.items() if is_required},
        optional={name: value for name, (is_required, value) in fields.items() if not is_required},
    )

    def made(fields):
        try:
            return kind.cls(**fields)
        except ValidationError:
            reject()

    return given.map(made)


ENTITIES = {kind: values(inspect.type_info(model)) for kind, model in MODELS.items()}


PATIENCE = timedelta(minutes=1)
"""A view takes no longer, however busy the machine is: what is compared is what is answered, not when."""


@st.composite
def desks(draw):
    """Any desk that knows something of an order: of each kind some, none, or nothing because its system is down."""
    systems = []
    for kind, entities in ENTITIES.items():
        found = [draw(entities) for _ in range(draw(st.sampled_from([1, 2, 1, 0])))]
        failure = draw(st.sampled_from([None, None, None, TooSlow, Busy]))
        answers = {kind: (Scheme.SO,)}
        systems.append(System(kind.value, answers, {(kind, Scheme.SO, "SO-1"): found}, failure=failure))
    return Desk(systems, longest=PATIENCE, clock=StillClock())


ARGUMENTS = {
    "headline": [
        '(locale: "nl", timeZone: "Europe/Berlin")',
        "(locale: $to)",
        '(timeZone: "Mars/Base")',
        "(locale: null)",
    ],
    "answers": ['(locale: "es")', "(locale: $to)"],
    "explanation": ['(locale: "pt", audience: CUSTOMER)', "(locale: $to)"],
    "statusLabel": ['(locale: "de", audience: CUSTOMER)', "(locale: $to)"],
    "timeline": ["(first: 2)", "(first: $first)", "(sources: [TMS])"],
}


DEPTH = 5
"""Selections below each other."""


class Documents:
    """Writes one document, field by field."""

    def __init__(self, draw, schema):
        self.draw, self.schema, self.fragments, self.given = draw, schema, [], {}

    def one_of(self, *choices):
        return self.draw(st.sampled_from(choices))

    def document(self, kind):
        selection = self.selection(kind, DEPTH)
        text = f"query($key: CaseKey!%s) {{ caseView(key: $key) {selection} }} {' '.join(self.fragments)}"
        declared = {"yes": "Boolean!", "no": "Boolean = false", "to": "String", "first": "Int"}
        used = {name: kind for name, kind in declared.items() if f"${name}" in text}
        given = {"yes": self.one_of(True, False)}
        given |= self.one_of({}, {"no": True}) | self.one_of({}, {"to": None}, {"to": "fr"})
        given |= self.one_of({}, {"first": None}, {"first": 1})
        heads = "".join(f", ${name}: {kind}" for name, kind in used.items())
        return text % heads, {name: value for name, value in given.items() if name in used}

    def selection(self, kind, depth):
        count = self.draw(st.integers(3, 8) if depth == DEPTH else st.integers(1, 5))
        return "{ " + " ".join(self.part(kind, depth) for _ in range(count)) + " }"

    def part(self, kind, depth):
        match self.one_of(*["field"] * 7, "__typename", "inline", "spread", "interface"):
            case "field":
                return self.field(kind, self.one_of(*sorted(kind.fields)), depth)
            case "inline" if depth:
                condition = self.one_of("", f" on {kind.name}")
                return f"...{condition}{self.directive()} {self.selection(kind, depth - 1)}"
            case "spread" if depth:
                selection = self.selection(kind, depth - 1)
                name = f"F{len(self.fragments)}"
                self.fragments.append(f"fragment {name} on {kind.name} {selection}")
                return " ".join([f"...{name}{self.directive()}"] * self.one_of(1, 2))
            case "interface" if kind.interfaces:
                return f"... on {kind.interfaces[0].name}{self.directive()} {{ id }}"
            case _:
                return f"{self.one_of('', 'my_type: ')}__typename"

    def field(self, kind, name, depth):
        field = kind.fields[name]
        asked = self.one_of("", *ARGUMENTS[name]) if field.args else ""
        inner = get_named_type(field.type)
        alias = f"{name}{name_of(asked)}: " if asked else self.one_of("", f"my_{name}: ")
        below = ""
        if isinstance(inner, GraphQLObjectType):
            below = " " + (self.selection(inner, depth - 1) if depth else "{ __typename }")
        return f"{alias}{name}{asked}{self.directive()}{below}"

    def directive(self):
        return self.one_of(
            *[""] * 8, " @skip(if: $yes)", " @include(if: $yes)", " @include(if: $no)", " @skip(if: $no)"
        )


def name_of(asked):
    """A name for what is asked for by arguments, so that what is asked differently is called differently."""
    return "_" + "".join(each for each in asked if each.isalnum())


@st.composite
def documents(draw, schema, kind):
    """A document about a view, and its variables: aliases, fragments, directives, arguments."""
    return Documents(draw, schema).document(kind)
