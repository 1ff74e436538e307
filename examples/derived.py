"""What is made of `operations/`: `python -m examples.derived` writes it again.

A manifest of registered documents in Apollo's form, for `[graphql] documents`; the tabs of the explorer; a collection
for Bruno.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphql import OperationDefinitionNode, parse

from domain.caller import Role
from resolvers.documents import document_id

HERE = Path(__file__).parent
OPERATIONS = HERE / "operations"
TABS = HERE.parent / "web/graphiql/built/tabs.json"


@dataclass(frozen=True, slots=True)
class Example:
    """One operation of `operations/`.

    Attributes:
        name: of the operation.
        kind: query, mutation or subscription.
        role: who asks it; the first word of its file's name.
        heading: what it is for: the comment that it begins with.
        text: as clients send it, which is what is registered.
        variables: that find something in the demo's world.
    """

    name: str
    kind: str
    role: Role
    heading: str
    text: str
    variables: Mapping[str, Any]


def examples() -> Sequence[Example]:
    """All of them, by the names of their files."""
    variables = json.loads((OPERATIONS / "variables.json").read_text(encoding="utf-8"))
    return [_example(file, variables) for file in sorted(OPERATIONS.glob("*.graphql"))]


def _example(file: Path, variables: Mapping[str, Any]) -> Example:
    text = file.read_text(encoding="utf-8")
    [operation] = [each for each in parse(text).definitions if isinstance(each, OperationDefinitionNode)]
    name = operation.name.value if operation.name else file.stem
    role = Role(file.stem.split("-")[0])
    heading = text.splitlines()[0].removeprefix("# ")
    return Example(name, operation.operation.value, role, heading, text, variables[name])


def derived() -> Mapping[Path, str]:
    """Every file that is made of the operations, and its text."""
    found = examples()
    bruno = {HERE / "bruno" / f"{each.name}.bru": _bru(each, place) for place, each in enumerate(_asked(found), 1)}
    return {OPERATIONS / "manifest.json": _manifest(found), TABS: _tabs(found), **bruno}


def _asked(found: Sequence[Example]) -> Iterator[Example]:
    """Without those that are listened to: Bruno asks over HTTP."""
    return (each for each in found if each.kind != "subscription")


def _manifest(found: Sequence[Example]) -> str:
    operations = [
        {"id": document_id(each.text), "name": each.name, "type": each.kind, "body": each.text} for each in found
    ]
    return _json({"format": "apollo-persisted-query-manifest", "version": 1, "operations": operations})


def _tabs(found: Sequence[Example]) -> str:
    return _json([{"query": each.text, "variables": each.variables} for each in found])


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _bru(example: Example, place: int) -> str:
    return f"""meta {{
  name: {example.name}
  type: graphql
  seq: {place}
}}

post {{
  url: {{{{url}}}}/graphql
  body: graphql
  auth: bearer
}}

auth:bearer {{
  token: {{{{process.env.CASEFOLD_TOKEN_{example.role.name}}}}}
}}

body:graphql {{
{_indented(example.text)}
}}

body:graphql:vars {{
{_indented(_json(example.variables))}
}}

assert {{
  res.status: eq 200
  res.body.errors: isUndefined
}}

docs {{
{_indented(example.heading)}
}}
"""


def _indented(text: str) -> str:
    return "\n".join(f"  {line}".rstrip() for line in text.rstrip("\n").split("\n"))


if __name__ == "__main__":
    for file, text in derived().items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
