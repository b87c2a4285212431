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
    """Asks every dependency; 503 when one does not answer without which there is no work (not so Redis)."""
    results, ready = {}, True
    for dependency in app_of(request).pings():
        try:
            await dependency.ping()
            results[dependency.name] = "ok"
        except Exception as error:  # noqa: BLE001 - whatever a dependency says, it is not well
            results[dependency.name] = f"down: {type(error).__name__}"
            ready = ready and not dependency.vital
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
