"""docs/label-api: the OpenAPI contract is valid, is the one the code keeps, and the page names its paths."""

import re
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]
from openapi_spec_validator import validate

from relevo.teams.music.backend.reasons import known_reasons
from relevo.teams.music.backend.rest.contract import OPERATIONS, openapi, written

DOCS = Path(__file__).parents[2] / "docs"


def _file() -> dict[str, Any]:
    contract: dict[str, Any] = yaml.safe_load((DOCS / "label-api.openapi.yaml").read_text("utf-8"))
    return contract


def test_it_is_openapi() -> None:
    validate(_file())


def test_the_file_is_what_the_code_keeps() -> None:
    assert (DOCS / "label-api.openapi.yaml").read_text("utf-8") == written()
    assert _file() == openapi()


def test_no_amount_is_a_number() -> None:
    """Money that passes through floating point is no longer the same money."""

    def numbers(node: Any, path: str = "") -> list[str]:
        if isinstance(node, dict):
            here = [path] if node.get("type") == "number" else []
            return here + [each for name, value in node.items() for each in numbers(value, f"{path}/{name}")]
        if isinstance(node, list):
            return [each for at, value in enumerate(node) for each in numbers(value, f"{path}/{at}")]
        return []

    assert numbers(_file()) == []


def test_every_answer_forbids_what_it_does_not_name() -> None:
    schemas = _file()["components"]["schemas"]
    objects = {name: shape for name, shape in schemas.items() if shape.get("type") == "object"}
    assert objects and all(shape["additionalProperties"] is False for shape in objects.values())


def test_what_changes_something_carries_a_key() -> None:
    for path, methods in _file()["paths"].items():
        for method, operation in methods.items():
            headers = {each["name"] for each in operation["parameters"] if each["in"] == "header"}
            changes = method == "post" and not path.endswith("/earnings")
            assert ("Idempotency-Key" in headers) == changes, path
            assert "Relevo-Project" in headers


def test_every_refusal_has_words_for_the_customer() -> None:
    told = {code for each in OPERATIONS for code in each.refusals}
    unspoken = {"unknown_customer", "unknown_statement", "unknown_quote"}
    assert told - unspoken <= known_reasons()


def test_the_page_shows_every_path() -> None:
    page = (DOCS / "label-api.md").read_text("utf-8")
    shown = {re.split(r"[?\"\s]", each)[0] for each in re.findall(r"\$api(/\S+)", page)}
    generic = {
        re.sub(r"/customers/ana", "/customers/{ref}", each)
        .replace("r-1", "{release}")
        .replace("2026-Q2", "{period}")
        for each in shown
    }
    assert generic == set(_file()["paths"])
