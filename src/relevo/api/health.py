"""Whether the service lives, is ready, and how it does."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from psycopg import Error
from psycopg_pool import PoolTimeout

from relevo.api.principal import app_of

router = APIRouter(tags=["health"])


@router.get("/healthz", summary="The process lives")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/readyz", summary="Every dependency answers")
async def readyz(request: Request) -> JSONResponse:
    """Asks every registered dependency; 503 names those that do not answer."""
    results = {}
    for name, ping in app_of(request).pings().items():
        try:
            await ping()
            results[name] = "ok"
        except (Error, PoolTimeout, OSError, RuntimeError) as error:
            results[name] = f"down: {type(error).__name__}"
    ready = all(value == "ok" for value in results.values())
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
