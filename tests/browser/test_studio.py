"""The studio in Chromium: a marketer's whole path, on a desk and on a phone, and what a page must not do."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect
from tests.browser.test_talk import CHROMIUM, FLAGS
from tests.support.accounts import CHEAP, PASSWORD
from tests.support.studio import ANALYST, BROTA, MARKETER, OPERATOR, Studio, served_studio

from relevo.storage.accounts import known_users, leave_project
from relevo.storage.embedded import Cluster
from relevo.teams.marketing.demo import SAMPLES

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
OpenPage = Callable[..., AbstractAsyncContextManager[Page]]


@pytest.fixture
async def studio(
    cluster: Cluster, demo_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Studio]:
    monkeypatch.setattr("relevo.accounts.passwords._HASHER", CHEAP)
    async with served_studio(cluster.url("relevo_app", demo_name), tmp_path) as running:
        yield running


@pytest.fixture
def open_page(studio: Studio) -> OpenPage:
    """Signs somebody in and opens a page of the studio; no page may break its policy or raise."""

    @asynccontextmanager
    async def begin(
        path: str = "/studio", who: str = MARKETER, *, size: dict[str, int] = DESK, locale: str = "es-MX"
    ) -> AsyncIterator[Page]:
        broken: list[str] = []
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            context = await browser.new_context(locale=locale, viewport=size)  # type: ignore[arg-type]
            page = await context.new_page()
            page.on("pageerror", lambda error: broken.append(str(error)))
            page.on(
                "console", lambda said: broken.append(said.text) if "Content Security" in said.text else None
            )
            await page.goto(f"{studio.url}{path}")
            await page.locator("#email").fill(who)
            await page.locator("#password").fill(PASSWORD)
            await page.keyboard.press("Enter")
            await page.wait_for_url(re.compile(rf"{re.escape(path)}(\?|$)|/account"))
            yield page
            assert broken == []
            await browser.close()

    return begin


async def test_a_marketers_whole_path(studio: Studio, open_page: OpenPage) -> None:
    async with open_page() as page:

        async def go(path: str) -> None:
            await page.goto(f"{studio.url}/studio{path}")
            await page.wait_for_selector("#main")

        await expect(page.get_by_test_id("state")).to_have_text("INITIAL")
        assert await page.locator("html").get_attribute("lang") == "es"
        offer = page.get_by_test_id("brief-offer")
        await offer.fill("Huertos de balcón")
        await offer.blur()
        await expect(page.get_by_test_id("state")).to_have_text("ONBOARDING")

        await go("/documents")
        await expect(page.get_by_text("Todavía no hay documentos")).to_be_visible()
        files = sorted((SAMPLES / "brota").iterdir())
        await page.locator("input[type=file]").set_input_files([*files, _empty_pdf(studio)])
        ready = page.locator("[data-testid=document][data-state=ready]")
        await expect(ready).to_have_count(len(files), timeout=20_000)
        failed = page.locator("[data-testid=document][data-state=failed]")
        await expect(failed).to_contain_text("no se pudo leer")
        await failed.get_by_role("button", name=re.compile("Borrar")).click()
        await page.get_by_role("dialog").get_by_role("button", name="Borrar").click()
        await expect(failed).to_have_count(0)
        await page.get_by_label("Buscar en los documentos").fill("lechugas secas")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Coincide: lechugas, secas").first).to_be_visible()

        await go("/persona")
        await page.get_by_test_id("build").click()
        await expect(page.get_by_test_id("persona-name")).to_have_text("Lucía", timeout=15_000)
        await _edit_and_compare(page)
        for path, what, count in (
            ("/forum", "post", 12),
            ("/pain-points", "pain-point", 10),
            ("/journey", "phase", 3),
        ):
            await go(path)
            await page.get_by_test_id("make").click()
            await expect(page.get_by_test_id(what)).to_have_count(count, timeout=15_000)

        await go("/content")
        await expect(page.get_by_text("Nunca se escribe solo")).to_be_visible()
        ask = page.get_by_test_id("write_it-text")
        await ask.fill("¿qué tal?")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Eso no pide contenido")).to_be_visible()
        await ask.fill("Escribe un post sobre agosto")
        await page.keyboard.press("Enter")
        await expect(page.get_by_test_id("piece")).to_contain_text("Texto pedido", timeout=15_000)
        await page.get_by_test_id("refine-text").fill("Hazlo más corto")
        await page.keyboard.press("Enter")
        await expect(page.get_by_test_id("piece")).to_contain_text("Versión 2", timeout=15_000)

        await go("")
        await page.get_by_test_id("analyse").click()
        await expect(page.get_by_test_id("analysis")).to_contain_text(
            "Terminado: 5 de 5 pasos", timeout=30_000
        )
        await expect(page.get_by_test_id("state")).to_have_text("WAITING")


def _empty_pdf(studio: Studio) -> Path:
    from tests.support.hostile_files import pdf

    path = studio.app.settings.data_dir / "escaneado.pdf"
    path.write_bytes(pdf(""))
    return path


async def _edit_and_compare(page: Page) -> None:
    """Evidence on hover and on a click; an answer edited in place, locked, compared, handed on as a file."""
    quoted = page.locator("button.basis.documents").first
    await quoted.hover()
    await expect(page.get_by_role("tooltip")).to_be_visible()
    await quoted.click()
    await expect(quoted).to_have_attribute("aria-expanded", "true")
    answer = page.get_by_test_id("answer-nombre")
    await answer.get_by_role("button", name=re.compile("Editar")).click()
    await answer.get_by_test_id("edit").fill("Rosa")
    await answer.get_by_role("button", name="Guardar").click()
    await expect(page.get_by_test_id("persona-name")).to_have_text("Rosa")
    await expect(answer).to_contain_text("escrita por una persona")
    await page.get_by_test_id("build").click()
    await expect(page.get_by_text("Versión 3")).to_be_visible()
    await expect(page.get_by_test_id("persona-name")).to_have_text("Rosa")
    await page.get_by_role("button", name="Comparar").click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("Escape")
    async with page.expect_download() as given:
        await page.get_by_test_id("export-pdf").click()
    file = await (await given.value).path()
    assert file.read_bytes().startswith(b"%PDF")


async def test_talking_with_the_team_on_a_phone_in_english(studio: Studio, open_page: OpenPage) -> None:
    async with open_page("/studio/chat", size=PHONE, locale="en-GB") as page:
        await page.get_by_role("textbox", name="Write a message").fill("hello")
        await page.keyboard.press("Enter")
        talk = page.get_by_test_id("talk")
        await expect(talk).to_contain_text("What do you offer?", timeout=15_000)
        await expect(talk).to_contain_text("hello")
        await page.get_by_role("textbox", name="Write a message").fill("skip all")
        await page.keyboard.press("Enter")
        await expect(talk).to_contain_text("Buyer persona “Lucía”, version 1", timeout=15_000)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await page.reload()
        await expect(page.get_by_test_id("talk")).to_contain_text("What do you offer?")
        await page.get_by_role("button", name="Menu").click()
        await page.get_by_role("link", name="Journey").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Journey")
        await page.goto(f"{studio.url}/preferences?language=es&theme=dark&next=/studio/journey")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Recorrido")
        await expect(page.locator("body")).to_have_class(re.compile("body--dark"))
        await page.get_by_test_id("project").click()
        await page.get_by_text("demo", exact=True).click()
        await expect(page.get_by_text("El proyecto «demo» es de otro equipo.")).to_be_visible()


async def test_what_documents_hold_is_text_and_nothing_else(studio: Studio, open_page: OpenPage) -> None:
    """Markup in titles, texts, answers and messages is shown as it is written, and runs nowhere."""
    evil = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"
    library = studio.app.library
    document, _ = await library.add(
        BROTA, "a.txt", f"Su problema es {evil} las plantas.".encode(), title=evil
    )
    await library.read(BROTA, document.id)
    async with open_page("/studio/documents") as page:
        await expect(page.get_by_text("<img src=x").first).to_be_visible()
        await page.get_by_label("Buscar en los documentos").fill("problema plantas")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Coincide")).to_be_visible()
        await page.goto(f"{studio.url}/studio/persona")
        await page.get_by_test_id("build").click()
        answer = page.get_by_test_id("answer-nombre")
        await answer.get_by_role("button", name=re.compile("Editar")).click(timeout=15_000)
        await answer.get_by_test_id("edit").fill(evil)
        await answer.get_by_role("button", name="Guardar").click()
        await expect(page.get_by_test_id("persona-name")).to_contain_text("<script>")
        await page.goto(f"{studio.url}/studio/chat")
        await page.get_by_role("textbox", name="Escribe un mensaje").fill(evil)
        await page.keyboard.press("Enter")
        await expect(page.get_by_test_id("talk")).to_contain_text("<img src=x", timeout=15_000)
        assert "run" not in await page.title()
        assert await page.locator("img[src=x]").count() == 0


async def test_an_analyst_looks_and_changes_nothing(studio: Studio, open_page: OpenPage) -> None:
    async with open_page("/studio/documents", ANALYST) as page:
        await expect(page.get_by_text("Todavía no hay documentos")).to_be_visible()
        assert await page.locator("input[type=file]").count() == 0
        await page.goto(f"{studio.url}/studio")
        await page.get_by_test_id("analyse").click()
        await expect(page.get_by_text("Con tu rol se mira")).to_be_visible()


async def test_an_operator_is_shown_the_account_instead(open_page: OpenPage) -> None:
    async with open_page("/studio", OPERATOR) as page:
        await page.wait_for_url("**/account**")


async def test_who_has_left_the_project_can_do_nothing_on_an_open_page(
    studio: Studio, open_page: OpenPage
) -> None:
    async with open_page() as page:
        await expect(page.get_by_test_id("state")).to_be_visible()
        users = await known_users(studio.app.database)
        user = next(each["user_id"] for each in users if each["email"] == MARKETER)
        for project in (BROTA, studio.app.default_project):
            await leave_project(studio.app.database, project, user)
        await page.get_by_test_id("analyse").click()
        await page.wait_for_url(re.compile("/account|/sign-in"))
