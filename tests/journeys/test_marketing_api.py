"""The marketing team's works over the API: brief, persona, findings, content, analysis, files."""

import asyncio
import io
from typing import Any

import orjson
import pypdf
import pytest
from docx import Document
from tests.support.marketing_office import Office, OpenOffice


async def get(office: Office, path: str, **params: Any) -> Any:
    answer = await office.client.get(f"/api/{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def post(office: Office, path: str, json: Any = None, **headers: str) -> Any:
    answer = await office.client.post(f"/api/{path}", json=json, headers=headers)
    assert answer.status_code in (200, 201, 202), answer.text
    return answer.json()


@pytest.mark.parametrize("language", ["es", "en"])
async def test_from_the_brief_to_the_files(open_office: OpenOffice, language: str) -> None:
    async with open_office(model=True) as office:
        await office.add("brota" if language == "es" else "brota-en")
        brief = await office.client.patch(
            "/api/brief", json={"answers": {"offer": "Huertos de balcón", "goal": ""}}
        )
        answers = {each["key"]: each["answer"] for each in brief.json()["questions"]}
        assert (answers["offer"], answers["goal"], answers["market"]) == ("Huertos de balcón", "", None)
        persona = await post(office, "persona")
        assert (persona["version"], persona["language"], persona["maker"]) == (1, language, "model")
        assert len(persona["answers"]) >= 44
        assert {each["basis"] for each in persona["answers"]} <= {
            "documents", "onboarding", "inferred", "unknown",
        }  # fmt: skip
        quotes = [quote for each in persona["answers"] for quote in each["quotes"]]
        assert quotes and all(each["text"] for each in quotes)
        forum = await post(office, "forum")
        assert len(forum["posts"]) >= 10 and 0 <= forum["bias"] < 1
        points = await post(office, "pain-points")
        assert [each["rank"] for each in points["points"]] == list(range(1, 11))
        journey = await post(office, "journey")
        assert [each["name"] for each in journey["phases"]] == ["awareness", "consideration", "purchase"]
        assert all(len(each["searches"]) >= 10 <= len(each["questions"]) for each in journey["phases"])
        for path, made in (("persona", persona), ("forum", forum), ("pain-points", points)):
            assert await get(office, path) == made
        texts = {}
        for format in ("json", "md", "pdf", "docx"):
            file = await office.client.get(f"/api/persona/export/{format}")
            assert file.status_code == 200
            assert file.headers["content-disposition"] == f'attachment; filename="persona.{format}"'
            texts[format] = _text(format, file.content)
        name = next(each["text"] for each in persona["answers"] if each["key"] == "nombre")
        assert all(name in text for text in texts.values())


def _text(format: str, body: bytes) -> str:
    match format:
        case "json":
            return str(orjson.loads(body))
        case "pdf":
            return " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(body)).pages)
        case "docx":
            return " ".join(each.text for each in Document(io.BytesIO(body)).paragraphs)
    return body.decode()


async def test_answers_are_edited_locked_compared_and_made_anew(open_office: OpenOffice) -> None:
    async with open_office(model=True) as office:
        await office.add()
        await post(office, "persona")
        edited = await office.client.patch("/api/persona/answers/nombre", json={"text": "Rosa"})
        answer = next(each for each in edited.json()["answers"] if each["key"] == "nombre")
        assert (answer["text"], answer["locked"], answer["edited"]) == ("Rosa", True, True)
        again = await post(office, "persona")
        assert next(each["text"] for each in again["answers"] if each["key"] == "nombre") == "Rosa"
        changes = (await get(office, "persona/changes", before=1, after=2))["changes"]
        assert [each["key"] for each in changes] == ["nombre"]
        opened = await office.client.patch("/api/persona/answers/nombre", json={"locked": False})
        assert not next(each["locked"] for each in opened.json()["answers"] if each["key"] == "nombre")
        fresh = await post(office, "persona/answers/nombre/regenerate")
        assert next(each["text"] for each in fresh["answers"] if each["key"] == "nombre") != "Rosa"
        versions = (await get(office, "persona/versions"))["personas"]
        assert [each["version"] for each in versions] == list(range(len(versions), 0, -1))
        assert (await get(office, "persona", version=1))["version"] == 1
        for key in ("no_such", "nombre%00x"):
            for ask in (
                office.client.patch(f"/api/persona/answers/{key}", json={"text": "x"}),
                office.client.post(f"/api/persona/answers/{key}/regenerate"),
            ):
                assert (await ask).status_code == 404
        for wrong in ({}, {"text": "x" * 1_501}, {"text": 1}, {"other": 1}):
            assert (await office.client.patch("/api/persona/answers/nombre", json=wrong)).status_code == 422


async def test_the_persona_is_streamed_category_by_category(open_office: OpenOffice) -> None:
    async with open_office(model=True) as office:
        await office.add()
        events: list[tuple[str, Any]] = []
        accept = {"Accept": "text/event-stream"}
        async with office.client.stream("POST", "/api/persona", headers=accept) as stream:
            kind = ""
            async for line in stream.aiter_lines():
                if line.startswith("event: "):
                    kind = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    events.append((kind, orjson.loads(line.removeprefix("data: "))))
        assert [kind for kind, _ in events] == ["progress"] * (len(events) - 1) + ["persona"]
        done = [data["done"] for kind, data in events if kind == "progress"]
        assert done == sorted(done) and done[-1] == 11
        assert events[-1][1] == await get(office, "persona")


async def test_content_only_for_a_request_and_refined_by_piece(open_office: OpenOffice) -> None:
    async with open_office(model=True) as office:
        await office.add()
        refused = await office.client.post("/api/content", json={"request": "Escribe un post sobre riego"})
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "needs_persona")
        await post(office, "persona")
        for said in ("hola", "¿qué posts funcionan mejor?", "no escribas nada", ""):
            answer = await office.client.post("/api/content", json={"request": said})
            assert (answer.status_code, answer.json()["error"]["code"]) == (422, "no_request"), said
        assert (await get(office, "content"))["content"] == []
        first = await post(office, "content", {"request": "Escribe un post sobre riego"})
        other = await post(office, "content", {"request": "Escribe un email sobre luz"})
        assert (first["format"], other["format"]) == ("post", "email")
        refined = await post(office, "content", {"request": "hazlo más corto", "refines": first["id"]})
        assert (refined["id"], refined["version"]) == (first["id"], 2)
        versions = (await get(office, f"content/{first['id']}/versions"))["content"]
        assert [each["version"] for each in versions] == [2, 1]
        assert {each["id"] for each in (await get(office, "content"))["content"]} == {
            first["id"],
            other["id"],
        }
        assert (await office.client.delete(f"/api/content/{first['id']}")).status_code == 204
        for path in (f"content/{first['id']}", f"content/{first['id']}/versions", "content/w_never"):
            assert (await office.client.get(f"/api/{path}")).status_code == 404
        gone = {"request": "hazlo más corto", "refines": first["id"]}
        assert (await office.client.post("/api/content", json=gone)).status_code == 404


async def test_with_one_idempotency_key_a_work_is_made_once(open_office: OpenOffice) -> None:
    async with open_office(model=True) as office:
        await office.add()
        key = {"Idempotency-Key": "first"}
        one, two = [await post(office, "persona", **key) for _ in range(2)]
        assert one == two
        assert (await post(office, "persona", **{"Idempotency-Key": "second"}))["version"] == 2
        bad = await office.client.post("/api/forum", headers={"Idempotency-Key": "x" * 201})
        assert bad.status_code == 422


async def test_the_analysis_is_begun_watched_cancelled_and_resumed(open_office: OpenOffice) -> None:
    async with open_office(model=True) as office:
        await office.add()
        assert (await office.client.get("/api/analyses/latest")).status_code == 404
        begun = await post(office, "analyses")
        assert begun["state"] in ("queued", "running")
        cancelled = await post(office, f"analyses/{begun['id']}/cancel")
        assert cancelled["id"] == begun["id"]
        assert (await office.until_analysed()).state in ("cancelled", "done")
        await post(office, f"analyses/{begun['id']}/resume")
        assert (await office.until_analysed()).state == "done"
        done = await get(office, f"analyses/{begun['id']}")
        assert (done["done"], done["finished"], done["calls"] <= 20) == (1.0, done["steps"], True)
        assert await get(office, "analyses/latest") == done
        assert (await get(office, "summary"))["documents"]
        assert (await office.client.get("/api/analyses/a_never")).status_code == 404


async def test_without_a_model_what_needs_one_says_so(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.add()
        for path in ("persona", "forum", "pain-points", "journey", "summary"):
            assert (await office.client.get(f"/api/{path}")).status_code == 404
        assert (await office.client.post("/api/forum")).json()["error"]["code"] == "needs_persona"
        persona = await post(office, "persona")
        assert persona["maker"] == "documents"
        for path, body in (("forum", None), ("content", {"request": "Escribe un post sobre riego"})):
            answer = await office.client.post(f"/api/{path}", json=body)
            assert (answer.status_code, answer.json()["error"]["code"]) == (409, "needs_model")
        assert (await post(office, "pain-points"))["maker"] == "documents"
        assert (await post(office, "journey"))["maker"] == "documents"


async def test_a_template_of_ones_own(open_office: OpenOffice) -> None:
    async with open_office() as office:
        template = await get(office, "persona/template")
        template["categories"][0]["questions"].append(
            {"key": "mascota", "ask": {"es": "¿Qué mascota tiene?", "en": "Which pet?"}}
        )
        kept = await office.client.put("/api/persona/template", json=template)
        assert kept.status_code == 200, kept.text
        persona = await post(office, "persona")
        assert "mascota" in {each["key"] for each in persona["answers"]}
        short = {"categories": template["categories"][:1]}
        refused = await office.client.put("/api/persona/template", json=short)
        assert (refused.status_code, refused.json()["error"]["code"]) == (422, "unreadable")
        await office.client.delete("/api/persona/template")
        keys = [each["key"] for part in (await get(office, "persona/template"))["categories"]
                for each in part["questions"]]  # fmt: skip
        assert "mascota" not in keys


async def test_a_care_desk_has_no_such_works(open_office: OpenOffice) -> None:
    """The demo's project is a music distributor's: persona and content do not exist there, documents do."""
    async with open_office() as office:
        key = await office.app.demo_key()
        demo = {"Authorization": f"Bearer {key}"}
        paths = ("brief", "persona", "personas", "forum", "content", "analyses/latest", "persona/template")
        answers = await asyncio.gather(*(office.client.get(f"/api/{each}", headers=demo) for each in paths))
        assert {each.status_code for each in answers} == {404}
        assert (await office.client.get("/api/documents", headers=demo)).status_code == 200
        helps = (await office.client.get("/api/documents?kind=help", headers=demo)).json()["documents"]
        for method, path in (("DELETE", ""), ("POST", "/revoke"), ("POST", "/reread")):
            answer = await office.client.request(
                method, f"/api/documents/{helps[0]['id']}{path}", headers=demo
            )
            assert answer.status_code == 403
