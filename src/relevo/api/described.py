"""What /openapi.json says beyond types: who may call, which errors an operation has, and how a call looks."""

from typing import Any

from fastapi import FastAPI

from relevo.api import described_works as works
from relevo.api.documents import NewAddress
from relevo.api.errors import TEXTS, body
from relevo.api.principal import COOKIE
from relevo.api.signed_in import SESSION

SCHEMES: dict[str, Any] = {
    "apiKey": {"type": "http", "scheme": "bearer", "description": "A project's key (`relevo key create`)"},
    "accessToken": {
        "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
        "description": "A signed-in user's, for one project: `POST /api/session`",
    },
    "sessionCookie": {
        "type": "apiKey", "in": "cookie", "name": SESSION,
        "description": "A signed-in user's (`/sign-in`); `__Host-` stands before its name over https",
    },
    "visitorCookie": {
        "type": "apiKey", "in": "cookie", "name": f"{COOKIE}_{{project}}",
        "description": "A visitor of the page: `GET /api/session` sets it",
    },
    "visitorToken": {
        "type": "apiKey", "in": "header", "name": "Authorization",
        "description": "A visitor of the widget: `Visitor …`, from `POST /api/widget/{project}/session`",
    },
    "customerToken": {
        "type": "apiKey", "in": "header", "name": "Customer-Token",
        "description": "Beside a visitor's proof: who is signed in (docs/identity.md); opens the chats that "
        "were opened with an earlier token of the same customer",
    },
    "providerSignature": {
        "type": "apiKey", "in": "header", "name": "X-Twilio-Signature",
        "description": "The provider's own signature; its header is the channel's",
    },
}  # fmt: skip
_CALLER: list[dict[str, list[str]]] = [
    {"apiKey": []},
    {"accessToken": []},
    {"visitorCookie": []},
    {"visitorToken": []},
    {"visitorCookie": [], "customerToken": []},
    {"visitorToken": [], "customerToken": []},
]
_WEBHOOK: list[dict[str, list[str]]] = [{"providerSignature": []}]

_CODES = {
    400: ("unreadable",), 401: ("unauthorized",), 403: ("forbidden",), 404: ("not_found",),
    413: ("too_large",), 422: ("unreadable",), 429: ("too_many",), 500: ("internal",), 503: ("unavailable",),
    **works.CODES,
}  # fmt: skip
_MORE = {
    ("post /api/chats", 422): ("unreadable", "bad_token"),
    ("post /api/chats/{chat_id}/messages", 413): ("too_long", "too_large"),
    ("post /api/chats/{chat_id}/messages", 422): ("empty", "unreadable", "bad_key", "key_reused"),
    ("post /api/chats/{chat_id}/messages", 500): ("failed", "internal"),
    **works.MORE,
}
_READING = (401, 403, 404, 422, 500, 503)
OPERATIONS: dict[str, tuple[list[dict[str, list[str]]], tuple[int, ...]]] = {
    "post /api/chats": (_CALLER, (400, 401, 403, 413, 422, 500, 503)),
    "post /api/chats/{chat_id}/messages": (_CALLER, (400, 401, 403, 404, 413, 422, 429, 500, 503)),
    "get /api/chats/{chat_id}/messages": (_CALLER, _READING),
    "get /api/chats/{chat_id}/events": (_CALLER, _READING),
    "get /api/chats/{chat_id}/turns/{turn_id}": (_CALLER, (401, 403, 404, 500, 503)),
    "get /api/session": ([], (500, 503)),
    "post /api/session": ([{"sessionCookie": []}], (400, 401, 403, 404, 413, 422, 500, 503)),
    "get /api/account": ([{"sessionCookie": []}], (401, 403, 500, 503)),
    "post /api/widget/{project}/session": ([], (400, 403, 413, 422, 500, 503)),
    "post /webhooks/{channel}": (_WEBHOOK, (400, 403, 404, 413, 500, 503)),
    "get /healthz": ([], ()),
    "get /readyz": ([], ()),
    "get /metrics": ([], ()),
    **works.OPERATIONS,
}
"""Each operation's credentials, any one of which is enough, and the errors it may answer."""

BODIES: dict[str, dict[str, Any]] = {
    "post /api/chats": {
        "a stranger": {"value": {}},
        "a customer": {"value": {"customer_token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbmEifQ.c2lnbmF0dXJl"}},
        "in the demo": {"value": {"as": "ana"}},
    },
    "post /api/chats/{chat_id}/messages": {"a question": {"value": {"content": "¿Cuál es mi saldo?"}}},
    "post /api/session": {"the chosen project": {"value": {}}, "another": {"value": {"project": "demo"}}},
    "post /api/widget/{project}/session": {"a site": {"value": {"host": "https://shop.example"}}},
    **works.BODIES,
}
_FORM = {
    "description": "What the channel's provider sends: of WhatsApp, Twilio's form",
    "required": True,
    "content": {
        "application/x-www-form-urlencoded": {
            "schema": {"type": "object", "additionalProperties": {"type": "string"}},
            "examples": {
                "a message": {
                    "value": {
                        "MessageSid": "SM" + "0" * 32, "AccountSid": "AC" + "0" * 32,
                        "From": "whatsapp:+5215550000001", "To": "whatsapp:+14155238886", "Body": "hola",
                    }
                }
            },
        }
    },
}  # fmt: skip
_PATHS = {"chat_id": "c_019a5b1e0c7a5d2f8e3b9c4a1f60", "turn_id": "t_019a5b1e0c7a5d2f8e3b9c4a1f60",
          "project": "demo", "channel": "whatsapp", **works.PATHS}  # fmt: skip

_ERROR: dict[str, Any] = {
    "title": "Error",
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "string", "enum": sorted(TEXTS)},
                "message": {
                    "type": "object",
                    "required": ["es", "en"],
                    "properties": {"es": {"type": "string"}, "en": {"type": "string"}},
                },
                "detail": {"description": "What a developer needs, where there is more to say"},
            },
        }
    },
}


def describe(web: FastAPI) -> None:
    """Makes the application's OpenAPI document say all this."""
    bare = web.openapi

    def openapi() -> dict[str, Any]:
        if web.openapi_schema is None:
            _complete(bare())
        return bare()

    web.openapi = openapi  # type: ignore[method-assign]


def _complete(document: dict[str, Any]) -> None:
    components = document["components"]
    components["securitySchemes"] = SCHEMES
    components["schemas"]["Error"] = _ERROR
    components["schemas"]["NewAddress"] = NewAddress.model_json_schema(
        ref_template="#/components/schemas/{model}"
    )
    for name in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(name, None)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _complete_one(f"{method} {path}", operation)


def _complete_one(name: str, operation: dict[str, Any]) -> None:
    security, statuses = OPERATIONS[name]
    operation["security"] = security
    answers = operation["responses"]
    for status in [status for status in answers if status.startswith(("4", "5"))]:
        del answers[status]
    for status in statuses:
        codes = _MORE.get((name, status), _CODES[status])
        answers[str(status)] = {
            "description": " ".join(TEXTS[code][1] for code in codes),
            "content": {
                "application/json": {
                    "schema": {"$ref": "#/components/schemas/Error"},
                    "examples": {code: {"value": body(code)} for code in codes},
                }
            },
        }
    if name in BODIES:
        operation["requestBody"]["content"]["application/json"]["examples"] = BODIES[name]
    elif name.startswith("post /webhooks"):
        operation["requestBody"] = _FORM
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path":
            parameter["example"] = _PATHS[parameter["name"]]
