"""The limit: raw ASGI that reads the body and answers with bytes that it has, as many as a full view."""

import os

ANSWER = os.urandom(int(os.environ.get("BENCH_ANSWER_BYTES", "10000")) // 2).hex().encode()


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    while (await receive()).get("more_body"):
        pass
    length = str(len(ANSWER)).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
    await send({"type": "http.response.body", "body": ANSWER})
