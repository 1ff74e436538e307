"""The peer that a team writes by hand: FastAPI, httpx and `asyncio.gather`; aiocache where the case is kept.

REST has no selection: it has the full view only.
"""

import asyncio
import os
from contextlib import asynccontextmanager

import httpx
import redis.asyncio
from aiocache import RedisCache, SimpleMemoryCache
from aiocache.serializers import JsonSerializer
from fastapi import FastAPI

from bench.questions import IN_CHARGE


def _cache():
    match os.environ["BENCH_KEEPS"]:
        case "memory":
            return SimpleMemoryCache()
        case "redis":
            cache = RedisCache(serializer=JsonSerializer())
            cache.client = redis.asyncio.Redis.from_url(os.environ["BENCH_REDIS"])  # it knows hosts only, no sockets
            return cache
        case _:
            return None


@asynccontextmanager
async def lifespan(app):
    limits = httpx.Limits(max_connections=100)
    async with httpx.AsyncClient(base_url=os.environ["BENCH_UPSTREAM"], limits=limits) as client:
        app.state.client, app.state.cache = client, _cache()
        yield


app = FastAPI(lifespan=lifespan)


async def _ask(system, number):
    return (await app.state.client.get(f"/{system}/{number}")).json()


async def _view(number):
    parts = await asyncio.gather(*(_ask(system, number) for system in IN_CHARGE))
    document = {name: section for part in parts for name, section in part.items()}
    return {name: document[name] for sections in IN_CHARGE.values() for name in sections}


@app.get("/case/{number}")
async def case(number: str):
    cache = app.state.cache
    if cache is None:
        return await _view(number)
    view = await cache.get(number)
    if view is None:
        view = await _view(number)
        await cache.set(number, view)
    return view
