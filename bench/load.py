"""Readers over keep-alive connections: in a closed loop, or each at its own steady pace."""

import asyncio
import time
from dataclasses import dataclass

import uvloop


@dataclass
class Result:
    name: str
    answers: int
    per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float


async def _exchange(reader, writer, request):
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    at = head.lower().find(b"content-length:")
    body = await reader.readexactly(int(head[at + 15 :].split(b"\r\n", 1)[0]))
    return head, body


async def _reader(port, request, until, took, check, pace, offset):
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    due = time.perf_counter() + offset
    while (started := time.perf_counter()) < until:
        if pace:
            # Measured from when it was due, so that a late answer is not forgiven by asking later.
            await asyncio.sleep(max(due - started, 0))
            started, due = due, due + pace
        head, body = await _exchange(reader, writer, request)
        took.append(time.perf_counter() - started)
        if not head.startswith(b"HTTP/1.1 200") or check not in body:
            raise RuntimeError(f"wrong answer: {head[:80]!r} {body[:300]!r}")
    writer.close()


async def _run(name, port, requests, readers, seconds, check, pace):
    took = []
    started = time.perf_counter()
    until = started + seconds
    await asyncio.gather(
        *(
            _reader(port, requests[n % len(requests)], until, took, check, pace, n * pace / readers)
            for n in range(readers)
        )
    )
    elapsed = time.perf_counter() - started
    ordered = sorted(took)
    at = lambda share: ordered[int(share * (len(ordered) - 1))] * 1_000  # noqa: E731
    return Result(name, len(took), len(took) / elapsed, at(0.5), at(0.95), at(0.99))


def load(name, port, request, *, readers=20, seconds=3.0, check=b"", pace=0.0):
    """Readers for some seconds, in a closed loop or each asking every `pace` seconds; every answer is checked.

    Of several requests, each reader has one of its own.
    """
    requests = request if isinstance(request, list) else [request]
    return uvloop.run(_run(name, port, requests, readers, seconds, check, pace))


def once(port, request):
    """The body of one answer."""
    return asyncio.run(_once(port, request))


async def _once(port, request):
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    _, body = await _exchange(reader, writer, request)
    writer.close()
    return body


def post(path, body, *fields):
    """The bytes of a request; further header fields as `name: value`."""
    told = [
        f"POST {path} HTTP/1.1",
        "host: bench",
        "content-type: application/json",
        "accept: application/json",
        f"content-length: {len(body)}",
        *fields,
    ]
    return "\r\n".join([*told, "", ""]).encode() + body


def get(path):
    return f"GET {path} HTTP/1.1\r\nhost: bench\r\naccept: application/json\r\n\r\n".encode()
