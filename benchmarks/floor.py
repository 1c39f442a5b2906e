"""What FastAPI costs without us: one route returns a constant, one does a single INSERT of the body with asyncpg.

Served as the service is: one uvicorn process, uvloop, httptools, no access log, a pool of the same size.
"""

import argparse
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import asyncpg
import uvicorn
from fastapi import FastAPI, Request

from app.config import Settings

POOL: int = Settings.model_fields["database_pool"].default
"""Connections: the service's own default."""


def create_floor(database: str) -> FastAPI:
    """Two routes: ``GET /constant`` and ``POST /insert``; the table is made at start."""

    @asynccontextmanager
    async def lifespan(application: FastAPI) -> AsyncIterator[None]:
        async with asyncpg.create_pool(database, min_size=POOL, max_size=POOL) as pool:
            await pool.execute(
                'CREATE TABLE IF NOT EXISTS floor (id text COLLATE "C" PRIMARY KEY, body bytea NOT NULL)'
            )
            application.state.pool = pool
            yield

    floor = FastAPI(lifespan=lifespan, openapi_url=None)

    @floor.get("/constant")
    async def constant() -> dict[str, str]:
        return {"status": "ok"}

    @floor.post("/insert", status_code=201)
    async def insert(request: Request) -> dict[str, str]:
        key = str(uuid4())
        await request.app.state.pool.execute("INSERT INTO floor (id, body) VALUES ($1, $2)", key, await request.body())
        return {"id": key}

    return floor


def main() -> None:
    """Serve on loopback until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", required=True)
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    uvicorn.run(
        create_floor(given.database),
        host="127.0.0.1",
        port=given.port,
        loop="uvloop",
        http="httptools",
        lifespan="on",
        access_log=False,
        server_header=False,
        log_config=None,
    )


if __name__ == "__main__":
    main()
