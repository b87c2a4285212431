"""A visitor talks with the running product in Chromium: a price, a visible handoff, a person who answers."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, async_playwright, expect
from tests.conftest import OpenApp
from tests.support.http import Site, served
from tests.support.model_server import ModelServer
from tests.support.music_brain import answer

from relevo.app import App
from relevo.domain.ids import ProjectId

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PATIENCE = 20_000
"""Milliseconds the page may take to show what it should: the machine may be busy."""

expect.set_options(timeout=PATIENCE)


@pytest.fixture
async def site(app: App) -> AsyncIterator[Site]:
    async with served(app) as running:
        yield running


async def open_page(url: str) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = await browser.new_context(locale="es-MX", viewport={"width": 390, "height": 844})
        page = await context.new_page()
        broken: list[str] = []
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.on("console", lambda line: broken.append(line.text) if line.type == "error" else None)
        await page.goto(url)
        await expect(page.get_by_test_id("composer")).to_be_visible()
        yield page
        await browser.close()
        assert broken == []


@pytest.fixture
async def page(site: Site) -> AsyncIterator[Page]:
    async for opened in open_page(site.url):
        yield opened


async def write(page: Page, text: str) -> None:
    await page.get_by_test_id("composer").fill(text)
    await page.get_by_test_id("composer").press("Enter")


async def test_price_then_problem_then_a_person_who_answers(page: Page, site: Site) -> None:
    await page.get_by_test_id("demo-switch").select_option("ana")
    await write(page, "¿Cuánto cuesta el plan Pro?")
    sales = page.locator("[data-testid=message][data-agent=sales]")
    await expect(sales.last).to_contain_text("49.99")

    await write(page, "Tengo un problema: rechazaron la portada de Luz de Enero")
    handoff = page.locator("[data-testid=handoff][data-to=support]")
    await expect(handoff).to_be_visible()
    support = page.locator("[data-testid=message][data-agent=support]")
    await expect(support.last).to_contain_text("3000")

    await page.get_by_test_id("person-button").click()
    await expect(page.get_by_test_id("ticket-banner")).to_be_visible()
    desk, project = site.app.operator, ProjectId("demo")
    [ticket] = [each.ticket for each in await desk.list(project)]
    assert ticket.reason == "the person asks for a person"

    await desk.take(project, ticket.number, "Lucía")
    await expect(page.get_by_test_id("owner-banner")).to_contain_text("Lucía")
    await desk.say(project, ticket.number, "Lucía", "Hola Ana, soy Lucía. Ya vi tu portada.")
    operator = page.locator("[data-testid=message][data-role=operator]")
    await expect(operator).to_contain_text("Ya vi tu portada")

    await page.reload()
    await expect(page.locator("[data-testid=message][data-role=operator]")).to_contain_text("soy Lucía")
    await expect(page.locator("[data-testid=message][data-role=customer]")).to_have_count(3)


async def test_an_answer_shows_how_it_came_about(page: Page) -> None:
    await write(page, "How much is the Label plan?")
    await expect(page.locator("[data-testid=message][data-agent=sales]").last).to_contain_text("99.99")
    await page.get_by_test_id("trace-button").last.click()
    drawer = page.get_by_test_id("trace-drawer")
    await expect(drawer).to_be_visible()
    await expect(drawer).to_contain_text("get_plans")
    await page.keyboard.press("Escape")
    await expect(drawer).to_be_hidden()


async def test_with_a_model_the_answer_is_streamed_and_committed(open_installation: OpenApp) -> None:
    async with ModelServer(answer) as model:
        app = await open_installation(
            llm_provider="compatible", llm_base_url=model.url, llm_api_key="test", llm_model="music"
        )
        async with served(app) as site:
            async for page in open_page(site.url):
                await write(page, "¿Cuánto cuesta el plan Pro?")
                sales = page.locator("[data-testid=message][data-agent=sales]")
                await expect(sales.last).to_contain_text("49.99")
                await expect(page.get_by_test_id("preview")).to_have_count(0)
