"""What everybody has to answer: what Casefold says. The limit sends the same bytes, systems give peers the same values."""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.gateway import KEY, gateway
from bench.load import once, post
from bench.processes import CACHE, free_port, upstream
from bench.questions import IN_CHARGE, QUESTIONS, asked, leaves
from cache.embedded import EmbeddedRedis

NUMBER = "SO-1"
PROOF = f"authorization: Bearer {KEY}"
WRITER_OF_ETAS = "tms"


@dataclass(frozen=True)
class Answers:
    """Attributes:
    folder: an answer for each question, a document for each system.
    leaves: of each question.
    size: bytes of each answer.
    """

    folder: Path
    leaves: dict
    size: dict

    def check(self, name, question, body):
        """Raises RuntimeError if it is not the answer to the question."""
        found = leaves(json.loads(body))
        if found != self.leaves[question]:
            missing, more = self.leaves[question] - found, found - self.leaves[question]
            raise RuntimeError(f"{name}, {question}: wrong answer, without {missing}, with {more}")


def answers():
    """Ask a gateway that keeps nothing yet, and write down what it says."""
    bodies = _asked()
    folder = CACHE / "answers"
    folder.mkdir(parents=True, exist_ok=True)
    for name, body in {**bodies, **_documents(bodies)}.items():
        (folder / f"{name}.json").write_bytes(body)
    told = {question: leaves(json.loads(body)) for question, body in bodies.items()}
    return Answers(folder, told, {question: len(body) for question, body in bodies.items()})


def _asked():
    port = free_port()
    with (
        tempfile.TemporaryDirectory() as folder,
        EmbeddedRedis(Path(folder)) as redis,
        upstream(0) as upstream_port,
        gateway(redis.url, upstream_port, port=port),
    ):
        return {each: once(port, post("/graphql", asked(each, NUMBER), PROOF)) for each in QUESTIONS}


def _documents(bodies):
    view = json.loads(bodies["full"])["data"]["caseView"]
    documents = {system: {name: view[name] for name in sections} for system, sections in IN_CHARGE.items()}
    documents[WRITER_OF_ETAS] |= json.loads(bodies["eta"])["data"]
    return {system: json.dumps(document).encode() for system, document in documents.items()}
