"""The peer: the aggregator that a team would write by hand. FastAPI, httpx, asyncio.gather; the same calls."""

import asyncio
import os
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI

from bench.work import SYSTEMS

UPSTREAM = os.environ["BENCH_UPSTREAM"]


@asynccontextmanager
async def lifespan(app):
    async with httpx.AsyncClient(base_url=UPSTREAM, limits=httpx.Limits(max_connections=100)) as client:
        app.state.client = client
        yield


app = FastAPI(lifespan=lifespan)


async def _ask(system, kinds, number):
    lookups = [{"entity": kind, "scheme": "SO", "values": [number]} for kind in kinds]
    answer = await app.state.client.post(f"/{system}/v1/read", json={"lookups": lookups})
    return {result["entity"]: [found["data"] for found in result["found"]] for result in answer.json()["results"]}


@app.get("/case/{number}")
async def case(number: str):
    parts = await asyncio.gather(*(_ask(system, kinds, number) for system, kinds in SYSTEMS.items()))
    return {kind: found for part in parts for kind, found in part.items()}


@app.get("/panel/{number}")
async def panel(number: str):
    return await _ask("tms", SYSTEMS["tms"], number)
