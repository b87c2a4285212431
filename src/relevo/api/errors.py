"""What a client is told when something is wrong: one shape, in both languages, with an HTTP status."""

import logging
from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from psycopg import OperationalError
from psycopg_pool import PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from relevo.domain.signals import Language
from relevo.llm.errors import ModelError
from relevo.teams.marketing.needs import Missing, NeedsContent, NeedsModel, NeedsPersona

log = structlog.get_logger()

TEXTS = {
    "not_found": ("No existe.", "There is no such thing."),
    "unauthorized": ("Falta una credencial válida.", "A valid credential is missing."),
    "too_long": ("El mensaje es demasiado largo.", "The message is too long."),
    "too_large": ("El cuerpo de la petición es demasiado grande.", "The request body is too large."),
    "head_too_large": (
        "La dirección o las cabeceras de la petición son demasiado grandes.",
        "The address or the headers of the request are too large.",
    ),
    "internal": (
        "Algo falló de nuestro lado; el número de la petición ayuda a encontrarlo.",
        "Something failed on our side; the request's number helps to find it.",
    ),
    "empty": ("El mensaje está vacío.", "The message is empty."),
    "too_many": (
        "Demasiados mensajes en un minuto; espera un momento.",
        "Too many messages in a minute; wait a moment.",
    ),
    "key_reused": (
        "Esa Idempotency-Key ya se usó con otro contenido.",
        "That Idempotency-Key was used with different content.",
    ),
    "bad_key": (
        "Idempotency-Key: de 1 a 200 caracteres ASCII.",
        "Idempotency-Key: 1 to 200 ASCII characters.",
    ),
    "bad_token": ("El customer_token no es válido.", "The customer_token is not valid."),
    "unreadable": ("No se pudo leer la petición.", "The request could not be read."),
    "forbidden": ("No está permitido.", "That is not allowed."),
    "failed": (
        "No pudimos responder ese mensaje; una persona lo revisará.",
        "We could not answer that message; a person will look at it.",
    ),
    "unreadable_document": (
        "Ese documento no se puede leer; el detalle dice por qué.",
        "That document cannot be read; the detail says why.",
    ),
    "no_request": (
        "Eso no pide contenido: di qué escribir, por ejemplo «escribe un post sobre…».",
        "That asks for no content: say what to write, such as “write a post about…”.",
    ),
    "model_failed": (
        "El modelo no respondió; no se guardó nada. Inténtalo de nuevo en un rato.",
        "The model gave no answer; nothing was kept. Try again in a while.",
    ),
    **{
        each.code: (each.texts[Language.ES], each.texts[Language.EN])
        for each in (NeedsPersona, NeedsModel, NeedsContent)
    },
    "unavailable": (
        "Ahora mismo no podemos guardar tu mensaje; inténtalo de nuevo en un momento.",
        "We cannot store your message right now; please try again in a moment.",
    ),
}


class ApiError(Exception):
    """``code`` is a key of TEXTS; ``detail`` adds what a developer needs."""

    def __init__(
        self, status: int, code: str, detail: Any = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers


def body(code: str, detail: Any = None) -> dict[str, Any]:
    es, en = TEXTS[code]
    error: dict[str, Any] = {"code": code, "message": {"es": es, "en": en}}
    return {"error": error | ({"detail": detail} if detail is not None else {})}


def rendered(code: str, detail: Any = None) -> bytes:
    """The body as it goes over the wire."""
    return orjson.dumps(body(code, detail))


_BY_STATUS = {401: "unauthorized", 403: "forbidden", 404: "not_found", 413: "too_large"}


def install(app: FastAPI) -> None:
    """Makes every error of the application come out in this shape."""

    @app.exception_handler(ApiError)
    async def api_error(request: Request, error: ApiError) -> JSONResponse:
        return JSONResponse(body(error.code, error.detail), error.status, error.headers)

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> JSONResponse:
        code = _BY_STATUS.get(error.status_code, "unreadable")
        return JSONResponse(body(code), error.status_code, getattr(error, "headers", None))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        detail = [
            {"where": ".".join(str(part) for part in item["loc"]), "problem": item["msg"]}
            for item in error.errors()
        ]
        return JSONResponse(body("unreadable", detail), 422)

    @app.exception_handler(Missing)
    async def missing(request: Request, error: Missing) -> JSONResponse:
        return JSONResponse(body(error.code), 409)

    @app.exception_handler(ModelError)
    async def no_answer(request: Request, error: ModelError) -> JSONResponse:
        return JSONResponse(body("model_failed", error.kind), 502)

    @app.exception_handler(ClientDisconnect)
    async def gone(request: Request, error: ClientDisconnect) -> JSONResponse:
        return JSONResponse(body("unreadable"), 400)  # nobody reads it

    @app.exception_handler(OperationalError)
    @app.exception_handler(PoolTimeout)
    async def database_down(request: Request, error: Exception) -> JSONResponse:
        return JSONResponse(body("unavailable"), 503, {"Retry-After": "5"})

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> JSONResponse:
        """A mistake of ours: told with the request's number, under which the log holds where it happened."""
        number = request.scope.get("relevo.request", "")
        log.error("request_failed", request=number, method=request.method, exc_info=error)
        error.__dict__[_LOGGED] = True
        return JSONResponse(body("internal", {"request": number}), 500)

    logging.getLogger("uvicorn.error").addFilter(_not_logged_yet)


_LOGGED = "_relevo_logged"


def _not_logged_yet(record: logging.LogRecord) -> bool:
    """The server logs again what the application raised; once is enough."""
    error = record.exc_info[1] if record.exc_info else None
    return error is None or _LOGGED not in error.__dict__
