"""The limit: raw ASGI that reads the body and answers `/QUESTION` with the bytes that BENCH_ANSWERS has for it.

`python -m bench.limit PORT` is one of several processes that serve the port together.
"""

import os
import socket
import sys
from pathlib import Path

import uvicorn

ANSWERS = {f"/{each.stem}": each.read_bytes() for each in Path(os.environ["BENCH_ANSWERS"]).glob("*.json")}


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    while (await receive()).get("more_body"):
        pass
    answer = ANSWERS[scope["path"]]
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


def _listener(port):
    made = socket.socket()
    for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
        made.setsockopt(socket.SOL_SOCKET, option, 1)
    made.bind(("127.0.0.1", port))
    return made


if __name__ == "__main__":
    config = uvicorn.Config(app, loop="uvloop", http="httptools", log_level="error", access_log=False)
    uvicorn.Server(config).run([_listener(int(sys.argv[1]))])
