"""The systems of record of the benchmark, as cheaply as Python can; each call takes a fixed time.

`python -m bench.upstream PORT DELAY_MS`

Casefold asks as sources do: POST, answered as canonical JSON. Peers ask `GET /SYSTEM/NUMBER` and are answered what the
folder BENCH_ANSWERS has for the system. `GET /calls` tells how many calls there were.
"""

import asyncio
import json
import os
import sys
from functools import cache
from pathlib import Path

import uvloop

from bench.work import wire_answer

_ANSWERS: dict[bytes, bytes] = {}
KEPT = 2_000
END = b"\r\n\r\n"


class System(asyncio.Protocol):
    delay = 0.0
    calls = 0

    def connection_made(self, transport):
        self.transport, self.buffer = transport, b""

    def data_received(self, data):
        self.buffer += data
        while (end := self.buffer.find(END)) >= 0:
            head = self.buffer[:end]
            until = end + len(END) + _length(head)
            if len(self.buffer) < until:
                return
            body, self.buffer = self.buffer[end + len(END) : until], self.buffer[until:]
            self.answer(head, body)

    def answer(self, head, body):
        if head.startswith(b"GET /calls"):
            self.write(_http(b"%d" % System.calls))
            return
        System.calls += 1
        reply = _said(head.split(b"/", 2)[1]) if head.startswith(b"GET") else _canonical(body)
        if System.delay:
            asyncio.get_running_loop().call_later(System.delay, self.write, reply)
        else:
            self.write(reply)

    def write(self, reply):
        if not self.transport.is_closing():
            self.transport.write(reply)


def _length(head):
    if head.startswith(b"GET"):
        return 0
    head = head.lower()
    at = head.find(b"content-length:")
    return int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0


def _canonical(body):
    reply = _ANSWERS.get(body)
    if reply is None:
        reply = _http(wire_answer(json.loads(body)["lookups"]))
        if len(_ANSWERS) < KEPT:
            _ANSWERS[body] = reply
    return reply


@cache
def _said(system):
    return _http((Path(os.environ["BENCH_ANSWERS"]) / f"{system.decode()}.json").read_bytes())


def _http(body):
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


async def main(port, delay_ms):
    System.delay = delay_ms / 1_000
    server = await asyncio.get_running_loop().create_server(System, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), float(sys.argv[2])))
