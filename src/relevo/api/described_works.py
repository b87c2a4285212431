"""What /openapi.json says of documents and of the marketing team's works, which members of a project call."""

from typing import Any

MEMBER: list[dict[str, list[str]]] = [{"apiKey": []}, {"accessToken": []}]
_READING = (401, 403, 404, 422, 500, 503)
_CHANGING = (400, *_READING[:3], 413, *_READING[3:])
_MAKING = (*_CHANGING[:4], 409, *_CHANGING[4:], 502)
_READ = (
    "documents", "documents/{document_id}", "documents/{document_id}/passages", "passages", "brief",
    "personas", "persona", "persona/versions", "persona/changes", "persona/export/{format}",
    "persona/template", "forum",
    "pain-points", "journey", "summary", "content", "content/{content_id}", "content/{content_id}/versions",
    "analyses/latest", "analyses/{analysis_id}",
)  # fmt: skip
_CHANGED = (
    "post documents", "post documents/{document_id}/reread", "post documents/{document_id}/revoke",
    "delete documents/{document_id}", "patch brief", "patch persona/answers/{key}", "put persona/template",
    "delete persona/template", "delete content/{content_id}", "post analyses",
    "post analyses/{analysis_id}/cancel", "post analyses/{analysis_id}/resume",
)  # fmt: skip
_MADE = (
    "persona", "persona/answers/{key}/regenerate", "forum", "pain-points", "journey", "summary", "content",
)  # fmt: skip
OPERATIONS: dict[str, tuple[list[dict[str, list[str]]], tuple[int, ...]]] = (
    {f"get /api/{path}": (MEMBER, _READING) for path in _READ}
    | {each.replace(" ", " /api/", 1): (MEMBER, _CHANGING) for each in _CHANGED}
    | {f"post /api/{path}": (MEMBER, _MAKING) for path in _MADE}
)
CODES = {409: ("needs_persona", "needs_model", "needs_content"), 502: ("model_failed",)}
MORE = {
    ("post /api/documents", 422): ("unreadable_document", "unreadable"),
    ("post /api/content", 422): ("no_request", "unreadable", "bad_key"),
}
BODIES: dict[str, dict[str, Any]] = {
    "patch /api/brief": {
        "two answers": {"value": {"answers": {"offer": "Velas de soja hechas a mano", "market": "México"}}}
    },
    "patch /api/persona/answers/{key}": {
        "an answer of one's own": {"value": {"text": "Llegar sin dinero a fin de mes"}},
        "locking": {"value": {"locked": True}},
    },
    "post /api/content": {
        "a request": {"value": {"request": "Escribe un post para la fase de consideración"}},
        "a refinement": {
            "value": {"request": "Hazlo más corto", "refines": "w_019a5b1e0c7a5d2f8e3b9c4a1f60"}
        },
    },
}
DOCUMENT: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {
                    "file": {"type": "string", "format": "binary"},
                    "kind": {"type": "string", "enum": ["user", "expert", "book"], "default": "user"},
                    "tags": {"type": "array", "items": {"type": "string"}},
                },
            }
        },
        "application/json": {
            "schema": {"$ref": "#/components/schemas/NewAddress"},
            "examples": {"a page": {"value": {"address": "https://example.com/guide"}}},
        },
    },
}
"""The body of what takes a document in: a file, or a web address."""
PATHS = {
    "document_id": "d_019a5b1e0c7a5d2f8e3b9c4a1f60",
    "content_id": "w_019a5b1e0c7a5d2f8e3b9c4a1f60",
    "analysis_id": "a_019a5b1e0c7a5d2f8e3b9c4a1f60",
    "key": "dolor",
    "format": "pdf",
}
