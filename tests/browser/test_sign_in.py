"""The sign-in pages in Chromium, on a phone, with the keyboard alone; their policy breaks nothing."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, async_playwright, expect
from tests.browser.test_talk import CHROMIUM, FLAGS
from tests.support.accounts import PASSWORD, make_user
from tests.support.http import Site, served

from relevo.accounts.roles import Role
from relevo.app import App
from relevo.domain.ids import ProjectId
from relevo.storage.projects import create_project


@pytest.fixture
async def site(app: App) -> AsyncIterator[Site]:
    await create_project(app.database, ProjectId("second"), "music", "Second")
    await make_user(app, "ana@example.com", {"demo": Role.MARKETER, "second": Role.OWNER})
    async with served(app) as running:
        yield running


@pytest.fixture
async def page(site: Site) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = await browser.new_context(locale="es-MX", viewport={"width": 390, "height": 844})
        page = await context.new_page()
        await page.goto(f"{site.url}/sign-in")
        yield page
        await browser.close()


async def test_somebody_signs_in_changes_project_and_signs_out_by_keyboard(page: Page) -> None:
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if "Policy" in message.text else None)
    await expect(page.locator("#email")).to_be_focused()
    await page.keyboard.type("ana@example.com")
    await page.keyboard.press("Tab")
    await page.keyboard.type("not the password")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_have_text("El correo o la contraseña no son correctos.")
    await expect(page.locator("#email")).to_have_value("ana@example.com")
    await page.locator("#password").focus()
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("who")).to_have_text("ana@example.com")
    await expect(page.get_by_test_id("role")).to_have_text("marketing")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    await page.get_by_label("Cambiar de proyecto").focus()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("project")).to_have_text("second")
    await expect(page.get_by_test_id("role")).to_have_text("propietario")

    await page.get_by_role("link", name="English").click()
    await page.get_by_role("button", name="Sign out", exact=True).press("Enter")
    await expect(page.get_by_role("status")).to_have_text("You are signed out.")
    assert refused == []


async def test_a_script_of_ours_gets_an_access_token(page: Page, site: Site) -> None:
    await page.locator("#email").fill("ana@example.com")
    await page.locator("#password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("who")).to_be_visible()
    await page.goto(site.url)
    answer = await page.evaluate(
        """async () => {
            const account = await (await fetch("/api/account")).json();
            const headers = { "X-CSRF-Token": account.csrf };
            const answer = await fetch("/api/session", { method: "POST", headers });
            const { access_token: token } = await answer.json();
            const bearer = { Authorization: `Bearer ${token}` };
            const chat = await fetch("/api/chats", { method: "POST", headers: bearer });
            return [account.role, chat.status, document.cookie];
        }"""
    )
    assert answer == ["marketer", 201, ""]
