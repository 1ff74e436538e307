"""The systems of record of the benchmark: canonical JSON after a fixed time, as cheaply as Python can.

`python -m bench.upstream PORT DELAY_MS`; counts calls at GET /calls.
"""

import asyncio
import json
import sys

import uvloop

from bench.work import wire_answer

_ANSWERS: dict[bytes, bytes] = {}
KEPT = 1_000


class System(asyncio.Protocol):
    delay = 0.0
    calls = 0

    def connection_made(self, transport):
        self.transport, self.buffer = transport, b""

    def data_received(self, data):
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self.buffer) < end + 4 + length:
                return
            body, self.buffer = self.buffer[end + 4 : end + 4 + length], self.buffer[end + 4 + length :]
            self.answer(head, body)

    def answer(self, head, body):
        if head.startswith(b"get /calls"):
            self.write(_http(b"%d" % System.calls))
            return
        System.calls += 1
        reply = _ANSWERS.get(body)
        if reply is None:
            reply = _http(wire_answer(json.loads(body)["lookups"]))
            if len(_ANSWERS) < KEPT:
                _ANSWERS[body] = reply
        asyncio.get_running_loop().call_later(System.delay, self.write, reply)

    def write(self, reply):
        if not self.transport.is_closing():
            self.transport.write(reply)


def _http(body):
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


async def main(port, delay_ms):
    System.delay = delay_ms / 1_000
    server = await asyncio.get_running_loop().create_server(System, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), float(sys.argv[2])))
