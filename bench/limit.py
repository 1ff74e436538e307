"""The limit: raw ASGI that reads the body and answers `/QUESTION` with the bytes that BENCH_ANSWERS has for it."""

import os
from pathlib import Path

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
