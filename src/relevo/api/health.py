"""Whether the service lives, is ready, and how it does."""

import asyncio

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from psycopg import Error
from psycopg_pool import PoolTimeout

from relevo.api.proxies import app_of

router = APIRouter(tags=["health"])


@router.get("/healthz", summary="The process lives")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/readyz", summary="Every dependency answers")
async def readyz(request: Request) -> JSONResponse:
    """Asks every dependency; 503 when one does not answer without which there is no work (not so Redis and
    the distributor's API)."""
    asked = app_of(request).pings()
    answers = await asyncio.gather(*(dependency.ping() for dependency in asked), return_exceptions=True)
    results, ready = {}, True
    for dependency, answer in zip(asked, answers, strict=True):
        well = not isinstance(answer, BaseException)
        results[dependency.name] = "ok" if well else f"down: {type(answer).__name__}"
        ready = ready and (well or not dependency.vital)
    return JSONResponse({"ready": ready, "checks": results}, 200 if ready else 503)


@router.get("/metrics", summary="Prometheus metrics", response_class=Response)
async def metrics(request: Request) -> Response:
    """The process's own metrics, and the installation's queues as PostgreSQL has them now, if it answers."""
    lines = [generate_latest().decode()]
    try:
        async with app_of(request).database.door() as connection:
            found = await connection.execute("SELECT name, value FROM installation_metrics()")
            rows = await found.fetchall()
    except (Error, PoolTimeout):
        rows = []
    lines += [f"# TYPE relevo_{row['name']} gauge\nrelevo_{row['name']} {row['value']}\n" for row in rows]
    return Response("".join(lines), media_type=CONTENT_TYPE_LATEST)
