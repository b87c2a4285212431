"""The API that a distributor offers, as OpenAPI 3.1, made of the shapes that its answers are checked with.

``python -m relevo.teams.music.backend.rest.contract`` writes docs/label-api.openapi.yaml.
"""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from relevo.teams.music.backend.rest import answers
from relevo.teams.music.backend.rest.refusals import SIGNUP, TAKEDOWN, WITHDRAWAL
from relevo.teams.music.backend.rest.scalars import MOST_TRACKS, Strict

FILE = Path("docs/label-api.openapi.yaml")
SCHEMAS = "#/components/schemas/"
OF = "/customers/{ref}"
NOT_THERE = frozenset({"unknown_customer", "unknown_release", "unknown_statement", "unknown_quote"})


@dataclass(frozen=True, slots=True)
class Operation:
    """``refusals`` are the codes of a 404, 409 or 422; a request that changes something carries a key."""

    method: str
    path: str
    summary: str
    answer: type[Strict]
    body: type[Strict] | None = None
    query: tuple[str, ...] = ()
    changes: bool = False
    refusals: tuple[str, ...] = ("unknown_customer",)


OPERATIONS = (
    Operation("get", "/health", "It answers, and the key is right", answers.Health, refusals=()),
    Operation(
        "get", "/customers", "The customers with one of these telephones (E.164)", answers.CustomersFound,
        query=("phone",), refusals=(),
    ),
    Operation("get", OF, "One customer", answers.CustomerOf),
    Operation(
        "get", f"{OF}/releases", "The newest release date first; those without a date before them",
        answers.ReleasesOf, query=("limit",),
    ),
    Operation(
        "get", f"{OF}/releases/{{release}}/deliveries", "How a release stands in each store",
        answers.DeliveriesOf, refusals=("unknown_customer", "unknown_release"),
    ),
    Operation(
        "get", f"{OF}/releases/{{release}}/tracks", "The tracks of a release, in order", answers.TracksOf,
        refusals=("unknown_customer", "unknown_release"),
    ),
    Operation("get", f"{OF}/tracks", "Every track of the customer", answers.TracksOf, query=("limit",)),
    Operation("get", f"{OF}/balance", "What can be withdrawn, is held, is on its way, is accruing",
              answers.BalanceOf),
    Operation(
        "get", f"{OF}/statements", "The newest period first; with a period, that one or none",
        answers.StatementsOf, query=("limit", "period"),
    ),
    Operation(
        "get", f"{OF}/statements/{{period}}/lines", "The lines of a statement, the largest amounts first",
        answers.LinesOf, query=("limit",), refusals=("unknown_customer", "unknown_statement"),
    ),
    Operation(
        "get", f"{OF}/payments", "Paid statements and withdrawals, the newest first", answers.PaymentsOf,
        query=("limit",),
    ),
    Operation(
        "post", f"{OF}/earnings", "A search that changes nothing: earnings in groups, and their total",
        answers.EarningsOf, answers.EarningsWanted,
    ),
    Operation(
        "post", f"{OF}/withdrawals", "Takes the amount out of the balance", answers.WithdrawalOf,
        answers.WithdrawalWanted, changes=True, refusals=("unknown_customer", *WITHDRAWAL),
    ),
    Operation(
        "post", f"{OF}/takedowns", "Asks for a release to be removed from all stores", answers.TakedownOf,
        answers.TakedownWanted, changes=True, refusals=("unknown_customer", *TAKEDOWN),
    ),
    Operation(
        "get", "/quotes", "One quote of whoever holds it", answers.QuoteOf, query=("holder", "number"),
        refusals=("unknown_quote",),
    ),
    Operation("post", "/quotes", "Numbers and keeps a quote that Relevo computed", answers.QuoteOf,
              answers.QuoteWanted, changes=True, refusals=()),
    Operation("post", "/signups", "Begins the sign-up of a new customer", answers.SignupOf,
              answers.SignupWanted, changes=True, refusals=tuple(SIGNUP)),
)  # fmt: skip

QUERIES: dict[str, dict[str, Any]] = {
    "phone": {
        "required": True, "style": "form", "explode": True,
        "schema": {"type": "array", "items": {"type": "string"}, "maxItems": 2},
        "description": "one or two spellings of the same telephone",
    },
    "limit": {"required": False, "schema": {"type": "integer", "minimum": 1, "maximum": MOST_TRACKS}},
    "period": {"required": False, "schema": {"type": "string", "examples": ["2026-Q2", "2026-06"]}},
    "holder": {"required": True, "schema": {"type": "string"}},
    "number": {"required": True, "schema": {"type": "string"}},
}  # fmt: skip


def openapi() -> dict[str, Any]:
    """The whole contract."""
    shapes = {shape for each in OPERATIONS for shape in (each.answer, each.body) if shape is not None}
    ordered = sorted(shapes | {answers.Problem}, key=lambda shape: shape.__name__)
    _, schemas = models_json_schema(
        [(shape, "validation") for shape in ordered], ref_template=SCHEMAS + "{model}"
    )
    paths: dict[str, Any] = {}
    for each in OPERATIONS:
        paths.setdefault(each.path, {})[each.method] = _operation(each)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "What Relevo asks of a distributor's own system",
            "version": "1",
            "description": "Rules that hold for every call are in label-api.md.",
        },
        "servers": [{"url": "https://api.example.com/relevo/v1", "description": "LABEL_API_URL"}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "LABEL_API_KEY"}},
            "schemas": schemas["$defs"],
        },
    }


def _operation(each: Operation) -> dict[str, Any]:
    parameters = [_in_path(part[1:-1]) for part in each.path.split("/") if part.startswith("{")]
    parameters += [{"name": name, "in": "query"} | QUERIES[name] for name in each.query]
    parameters.append(_header("Relevo-Project", "the project that asks: what is not its own does not exist"))
    if each.changes:
        parameters.append(_header("Idempotency-Key", "the same key is the same request, for ever"))
    made = {"201": _answer("made by this call", each.answer)} if each.changes else {}
    responses = {"200": _answer("made earlier, with this key" if made else "found", each.answer)} | made
    codes = (*each.refusals, "key_taken") if each.changes else each.refusals
    for status in ("404", "409", "422"):
        told = [code for code in codes if _status(code) == status]
        if told:
            responses[status] = _answer(f"`error.code`: {', '.join(told)}", answers.Problem)
    operation: dict[str, Any] = {"summary": each.summary, "parameters": parameters, "responses": responses}
    if each.body is not None:
        operation["requestBody"] = {"required": True} | _content(each.body)
    return operation


def _status(code: str) -> str:
    return "409" if code == "key_taken" else "404" if code in NOT_THERE else "422"


def _in_path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "maxLength": 64}}


def _header(name: str, what: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": True, "schema": {"type": "string"}, "description": what}


def _answer(what: str, shape: type[Strict]) -> dict[str, Any]:
    return {"description": what} | _content(shape)


def _content(shape: type[Strict]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": {"$ref": SCHEMAS + shape.__name__}}}}


def written() -> str:
    """The contract as YAML."""
    import yaml  # type: ignore[import-untyped]

    text: str = yaml.safe_dump(openapi(), sort_keys=False, allow_unicode=True, width=110)
    return text


if __name__ == "__main__":
    FILE.write_text(written(), encoding="utf-8")
    sys.stdout.write(f"{FILE}\n")
