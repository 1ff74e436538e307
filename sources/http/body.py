"""Reads a body up to a ceiling, decoding included: a small answer can unfold into a gigabyte."""

import zlib
from collections.abc import AsyncIterable
from typing import Protocol

from domain.errors import UnusableAnswer

ACCEPTED = "gzip"
"""What we ask for; see `_decoder` for what we read."""


class _Decoder(Protocol):
    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...

    @property
    def unused_data(self) -> bytes: ...

    @property
    def eof(self) -> bool: ...


async def read_body(chunks: AsyncIterable[bytes], encoding: str, ceiling: int, source: str) -> bytes:
    """The decoded body.

    Args:
        chunks: raw bytes as they come.
        encoding: the Content-Encoding header, may be empty.
        ceiling: most decoded bytes that are accepted.
        source: who answers, for the error.

    Raises:
        UnusableAnswer: larger than the ceiling, or an encoding that is unknown or broken, or ends before the body does.
    """
    decoder = _decoder(encoding, source)
    body = bytearray()
    async for chunk in chunks:
        body += chunk if decoder is None else _decoded(decoder, chunk, ceiling + 1 - len(body), source)
        if len(body) > ceiling:
            raise UnusableAnswer(source, f"larger than {ceiling} bytes")
    if decoder is not None and body and not decoder.eof:
        raise UnusableAnswer(source, "its content encoding breaks off")
    return bytes(body)


def _decoder(encoding: str, source: str) -> _Decoder | None:
    match encoding.strip().lower():
        case "" | "identity":
            return None
        case "gzip" | "x-gzip" | "deflate":
            return zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # 32: gzip or zlib, by their headers
        case _:
            raise UnusableAnswer(source, "its content encoding was not asked for")


def _decoded(decoder: _Decoder, chunk: bytes, room: int, source: str) -> bytes:
    try:
        decoded = decoder.decompress(chunk, room)
    except zlib.error as error:
        raise UnusableAnswer(source, "its content encoding is broken") from error
    if decoder.unused_data:  # zlib would go on collecting it, whatever the ceiling
        raise UnusableAnswer(source, "its content encoding ends before its body")
    return decoded
