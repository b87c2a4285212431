"""/openapi.json says who may call, which errors come, and how a call looks; and it is so."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from tests.support.http import Site, served

from relevo.api.app import create_app
from relevo.api.described import OPERATIONS, SCHEMES
from relevo.app import App
from relevo.settings import load_settings


@pytest.fixture
def document() -> dict[str, Any]:
    return create_app(load_settings()).openapi()


def _operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method} {path}": each
        for path, methods in document["paths"].items()
        for method, each in methods.items()
    }


BARE = {"put /api/persona/template"}
"""Its body is what ``GET`` of the same path gives."""
BODILESS = {
    "post /api/documents/{document_id}/reread", "post /api/documents/{document_id}/revoke",
    "post /api/persona", "post /api/persona/answers/{key}/regenerate", "post /api/forum",
    "post /api/pain-points",
    "post /api/journey", "post /api/summary", "post /api/analyses", "post /api/analyses/{analysis_id}/cancel",
    "post /api/analyses/{analysis_id}/resume",
}  # fmt: skip
"""Their path says all there is to say."""


def test_every_operation_names_its_credentials_and_errors(document: dict[str, Any]) -> None:
    found = _operations(document)
    assert found.keys() == OPERATIONS.keys()
    assert document["components"]["securitySchemes"].keys() == SCHEMES.keys()
    assert {"apiKey", "customerToken"} <= SCHEMES.keys()
    for name, each in found.items():
        assert {scheme for choice in each["security"] for scheme in choice} <= SCHEMES.keys()
        if "/api/chats" in name:
            assert {"apiKey": []} in each["security"] and "401" in each["responses"]
        if "{chat_id}" in name:
            assert "404" in each["responses"]
        body = each.get("requestBody", {"content": {}})["content"]
        if "application/json" in body and name not in BARE:
            assert body["application/json"]["examples"], name
        assert body or name in BODILESS or not name.startswith(("post", "patch", "put")), name
        for status, answer in each["responses"].items():
            if status >= "400":
                schema = answer["content"]["application/json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Error"}, (name, status)
    message = found["post /api/chats/{chat_id}/messages"]["responses"]
    assert {"401", "403", "404", "413", "422", "429", "503"} <= message.keys()


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    references = set(re.findall(r"'#/components/schemas/(\w+)'", str(document)))
    assert references <= document["components"]["schemas"].keys()
    assert "Error" in references and "HTTPValidationError" not in str(document)


@pytest.fixture
async def site(app: App) -> AsyncIterator[Site]:
    async with served(app) as running:
        yield running


async def test_the_examples_of_the_document_work(site: Site) -> None:
    document = (await site.client.get("/openapi.json")).json()
    chats = document["paths"]["/api/chats"]["post"]["requestBody"]["content"]["application/json"]["examples"]
    made = {name: await site.client.post("/api/chats", json=each["value"]) for name, each in chats.items()}
    assert {name: answer.status_code for name, answer in made.items()} == {
        "a stranger": 201, "in the demo": 201, "a customer": 422,
    }  # fmt: skip
    path = f"/api/chats/{made['in the demo'].json()['chat_id']}/messages"
    operation = document["paths"]["/api/chats/{chat_id}/messages"]["post"]
    for example in operation["requestBody"]["content"]["application/json"]["examples"].values():
        assert (await site.client.post(path, json=example["value"])).status_code == 200
    shown = operation["responses"]["422"]["content"]["application/json"]["examples"]["empty"]["value"]
    assert (await site.client.post(path, json={"content": ""})).json() == shown


@pytest.mark.parametrize(
    "chat", ["x", "c_", "C_019A", "c_019a5b1e0c7a5d2f8e3b9c4a1f60x", "%20", "c_%0a", "🎵"]
)
async def test_a_chat_of_a_wrong_shape_is_like_one_that_is_not_there(site: Site, chat: str) -> None:
    unknown = await site.client.get("/api/chats/c_019a5b1e0c7a5d2f8e3b9c4a1f60/messages")
    for path in ("messages", "events", "turns/t_x"):
        answer: httpx.Response = await site.client.get(f"/api/chats/{chat}/{path}")
        assert (answer.status_code, answer.content) == (404, unknown.content)
