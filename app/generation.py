"""What answers are made with: the program, the libraries that it uses, what is set, and the documents that are known.

Two processes of which all of that is the same give the same answer to the same question; two of which it is not, as
while another version is rolled out, take none from each other.
"""

import hashlib
import platform
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import distributions
from pathlib import Path

from app.settings import Configuration

PACKAGES = ("app", "cache", "domain", "resolvers", "sources")
"""What has a part in what an answer says."""

HERE = Path(__file__).resolve().parent.parent


def generation_of(configuration: Configuration) -> str:
    """A digest of all of it.

    Raises:
        OSError: a file cannot be read.
    """
    documents = sorted(configuration.gateway.graphql.documents)
    return _digest_of([_program(), configuration.digest.encode(), *(each.read_bytes() for each in documents)])


@cache
def _program() -> bytes:
    installed = sorted(f"{each.metadata['Name']} {each.version}" for each in distributions())
    return _digest_of([platform.python_version().encode(), *map(str.encode, installed), *_code()]).encode()


def _code() -> Iterator[bytes]:
    for package in PACKAGES:
        for file in sorted((HERE / package).rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                yield file.relative_to(HERE).as_posix().encode()
                yield file.read_bytes()


def _digest_of(parts: Iterable[bytes]) -> str:
    whole = hashlib.sha256()
    for each in parts:
        whole.update(len(each).to_bytes(8) + each)
    return whole.hexdigest()
