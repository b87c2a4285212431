"""Documents over the API: a file goes in, is read in the background, is found, and goes again."""

import asyncio
from typing import Any

import httpx
import pytest
from tests.support.hostile_files import bomb, docx, laughing_docx, pdf
from tests.support.marketing_office import Office, OpenOffice

GUIDE = docx(("Riego", 1), "Las macetas se riegan cada dos días en verano.", ("Luz", 1), "Seis horas de sol.")


async def send(office: Office, name: str, body: bytes, **fields: Any) -> httpx.Response:
    return await office.client.post("/api/documents", files={"file": (name, body)}, data=fields)


async def settled(office: Office, id: str) -> dict[str, Any]:
    """The document once nobody is reading it any more."""
    async with asyncio.timeout(30):
        while True:
            document: dict[str, Any] = (await office.client.get(f"/api/documents/{id}")).json()
            if document["state"] in ("ready", "failed", "revoked"):
                return document
            await asyncio.sleep(0.05)


async def found(office: Office, query: str, **more: Any) -> list[dict[str, Any]]:
    answer = await office.client.get("/api/passages", params={"query": query, **more})
    assert answer.status_code == 200, answer.text
    passages: list[dict[str, Any]] = answer.json()["passages"]
    return passages


async def test_a_file_goes_in_is_found_and_goes_again(open_office: OpenOffice) -> None:
    async with open_office() as office:
        sent = await send(office, "Guía.docx", GUIDE, kind="expert", tags=["riego", "verano"])
        assert sent.status_code == 201, sent.text
        document = sent.json()
        assert (document["title"], document["kind"], document["tags"]) == (
            "Guía",
            "expert",
            ["riego", "verano"],
        )
        assert document["state"] in ("queued", "reading", "embedding", "ready")
        ready = await settled(office, document["id"])
        assert (ready["state"], ready["done"], ready["why"], ready["language"]) == ("ready", 1.0, None, "es")
        again = await send(office, "copia.docx", GUIDE)
        assert (again.status_code, again.json()["id"]) == (200, document["id"])
        listed = (await office.client.get("/api/documents")).json()["documents"]
        assert [each["id"] for each in listed] == [document["id"]]
        [best, *_] = await found(office, "¿cada cuánto se riegan las macetas?")
        assert (best["document"], best["place"]) == (document["id"], "Riego")
        assert {"riegan", "macetas"} <= {each.casefold() for each in best["matched"]}
        assert await found(office, "macetas", kind="user") == []
        assert len(await found(office, "macetas", tag=["riego"])) == 1
        passages = (await office.client.get(f"/api/documents/{document['id']}/passages")).json()["passages"]
        assert [each["place"] for each in passages] == ["Riego", "Luz"]
        revoked = await office.client.post(f"/api/documents/{document['id']}/revoke")
        assert revoked.json()["state"] == "revoked"
        assert await found(office, "macetas") == []
        reread = await office.client.post(f"/api/documents/{document['id']}/reread")
        assert reread.status_code == 202
        assert (await settled(office, document["id"]))["state"] == "ready"
        assert len(await found(office, "macetas")) == 1
        assert (await office.client.delete(f"/api/documents/{document['id']}")).status_code == 204
        assert await found(office, "macetas") == []
        gone = await office.client.get(f"/api/documents/{document['id']}")
        assert gone.status_code == 404
        assert (await office.client.get("/api/documents")).json() == {"documents": []}


@pytest.mark.parametrize(
    ("name", "body", "why"),
    [
        ("a.exe", b"MZ", "unknown_kind"),
        ("a.pdf", b"no pdf at all", "wrong_kind"),
        ("a.txt", b"", "empty"),
        ("../../etc/passwd", b"x", "name"),
    ],
)
async def test_what_is_refused_at_the_door_says_why(
    open_office: OpenOffice, name: str, body: bytes, why: str
) -> None:
    async with open_office() as office:
        answer = await send(office, name, body)
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (422, "unreadable_document")
        assert error["detail"]["why"] in (why, "unknown_kind")
        assert error["detail"]["message"]["es"] != error["detail"]["message"]["en"]
        assert (await office.client.get("/api/documents")).json() == {"documents": []}


async def test_what_fails_in_the_reading_says_why_in_both_languages(open_office: OpenOffice) -> None:
    hostile = {
        "bomba.docx": (bomb("docx"), "bomb"),
        "risa.docx": (laughing_docx(), "broken"),
        "clave.pdf": (pdf("secreto", encrypted=True), "password"),
        "escaneado.pdf": (pdf(""), "no_text"),
    }
    async with open_office() as office:
        sent = {name: (await send(office, name, body)).json() for name, (body, _) in hostile.items()}
        for name, document in sent.items():
            failed = await settled(office, document["id"])
            assert failed["state"] == "failed", name
            assert set(failed["why"]) == {"es", "en"}, name
        assert (await office.client.get("/healthz")).status_code == 200


async def test_a_file_over_the_limit_is_not_taken_in(open_office: OpenOffice) -> None:
    async with open_office() as office:
        most = office.app.settings.knowledge_max_file_mb * 1_000_000
        over = await send(office, "a.txt", b"x" * (most + 1))
        assert (over.status_code, over.json()["error"]["detail"]["why"]) == (422, "too_large")
        far_over = await send(office, "a.txt", b"x" * (most + 200_000))
        assert (far_over.status_code, far_over.json()["error"]["code"]) == (413, "too_large")
        elsewhere = await office.client.post("/api/content", content=b"x" * 500_000)
        assert elsewhere.status_code == 413


async def test_an_address_inside_our_network_is_not_asked(open_office: OpenOffice) -> None:
    async with open_office() as office:
        for address in ("http://127.0.0.1:1/", "http://[::1]/", "http://2130706433/", "file:///etc/passwd"):
            answer = await office.client.post("/api/documents", json={"address": address})
            assert (answer.status_code, answer.json()["error"]["detail"]["why"]) == (422, "address")
        for body in ({}, {"address": 1}, {"address": "https://x.example", "kind": "help"}, {"url": "x"}):
            answer = await office.client.post("/api/documents", json=body)
            assert answer.status_code == 422, body


async def test_a_document_that_comes_after_the_persona_is_told_of(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.add()
        assert (await office.say("crea el buyer persona"))["agent"] == "buyer_persona"
        assert (await office.say("gracias"))["agent"] == "assistant"
        sent = (await send(office, "Guía.docx", GUIDE)).json()
        await settled(office, sent["id"])
        told = await office.say("gracias")
        assert told["agent"] == "document_processor"
        assert "Guía" in told["content"]
        assert (await office.say("gracias"))["agent"] == "assistant"
