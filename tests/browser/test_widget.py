"""The widget in a page of another origin, in Chromium, with the running product behind it."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from playwright.async_api import (
    BrowserContext,
    Error,
    FrameLocator,
    Locator,
    Page,
    async_playwright,
    expect,
)
from tests.support.host_page import HostPage, host_page
from tests.support.http import Site, served

from relevo.app import App
from relevo.domain.ids import ProjectId
from relevo.storage.projects import add_origin, remove_origin

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PATIENCE = 20_000
"""Milliseconds the page may take to show what it should: the machine may be busy."""
DEMO = ProjectId("demo")

expect.set_options(timeout=PATIENCE)


@pytest.fixture
async def site(app: App) -> AsyncIterator[Site]:
    async with served(app) as running:
        yield running


@pytest.fixture
async def shop(site: Site) -> AsyncIterator[HostPage]:
    async with host_page(site.url) as page:
        yield page


@contextlib.asynccontextmanager
async def browser(profile: Path, third_parties: int) -> AsyncIterator[BrowserContext]:
    """Chromium as its settings say of third parties' cookies, which is of their storage too: 0 yes, 1 no."""
    (profile / "Default").mkdir(parents=True)
    settings = {"profile": {"cookie_controls_mode": third_parties}}
    (profile / "Default/Preferences").write_text(json.dumps(settings))
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch_persistent_context(
            profile,
            executable_path=CHROMIUM,
            args=FLAGS,
            locale="es-MX",
            viewport={"width": 1100, "height": 800},
        )
        yield opened
        await opened.close()


@pytest.fixture
async def context(tmp_path: Path) -> AsyncIterator[BrowserContext]:
    """A browser as most have it: it gives a frame of another site storage of its own."""
    async with browser(tmp_path / "usual", 0) as opened:
        yield opened


@pytest.fixture
async def strict(tmp_path: Path) -> AsyncIterator[BrowserContext]:
    """One that refuses such a frame all storage."""
    async with browser(tmp_path / "strict", 1) as opened:
        yield opened


async def watched(context: BrowserContext) -> AsyncIterator[Page]:
    page = await context.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.on("console", lambda line: broken.append(line.text) if line.type == "error" else None)
    yield page
    assert broken == []


@pytest.fixture
async def page(context: BrowserContext, shop: HostPage) -> AsyncIterator[Page]:
    async for opened in watched(context):
        yield opened


@pytest.fixture
async def noisy_page(context: BrowserContext) -> Page:
    """A page where the browser is expected to complain."""
    return await context.new_page()


def launcher(page: Page) -> Locator:
    return page.locator("relevo-widget button")


def chat(page: Page) -> FrameLocator:
    return page.frame_locator("relevo-widget iframe")


def messages(page: Page, role: str) -> Locator:
    return chat(page).locator(f"[data-testid=message][data-role={role}]")


async def write(page: Page, text: str) -> None:
    await chat(page).get_by_test_id("composer").fill(text)
    await chat(page).get_by_test_id("composer").press("Enter")


async def heard(page: Page) -> Any:
    """What the host page's script noted in ``window.heard``."""
    return await page.evaluate("window.heard")


async def test_a_visitor_of_another_site_talks_and_a_person_answers(
    page: Page, shop: HostPage, site: Site, context: BrowserContext
) -> None:
    shop.script = (
        "window.heard = []; const listen = () => Relevo.on('unread', (count) => window.heard.push(count));"
        " window.Relevo ? listen() : addEventListener('relevo:ready', listen)"
    )
    await page.goto(shop.url)
    await launcher(page).click()
    await expect(chat(page).get_by_test_id("composer")).to_be_focused()
    await write(page, "¿Cuánto cuesta el plan Pro?")
    await expect(messages(page, "agent").last).to_contain_text("49.99")
    await expect(chat(page).get_by_test_id("trace-button")).to_have_count(0)

    await chat(page).get_by_test_id("person-button").click()
    await expect(chat(page).get_by_test_id("ticket-banner")).to_be_visible()
    [ticket] = [each.ticket for each in await site.app.operator.list(DEMO)]
    await site.app.operator.take(DEMO, ticket.number, "Lucía")
    await expect(chat(page).get_by_test_id("owner-banner")).to_contain_text("Lucía")

    await chat(page).get_by_test_id("close-widget").click()
    await expect(launcher(page)).to_be_focused()
    await site.app.operator.say(DEMO, ticket.number, "Lucía", "Hola, soy Lucía.")
    await expect(page.locator("relevo-widget .badge")).to_have_text("1")
    await expect(launcher(page)).to_have_attribute("aria-label", "Abrir el chat, 1 mensaje nuevo")
    assert (await heard(page))[-1] == 1

    await page.reload()  # elsewhere in the shop: what was not read is still not read
    await expect(page.locator("relevo-widget .badge")).to_have_text("1")
    await launcher(page).click()
    await expect(messages(page, "operator")).to_contain_text("soy Lucía")
    await expect(page.locator("relevo-widget .badge")).to_be_hidden()
    assert (await heard(page))[-1] == 0
    await expect(messages(page, "customer")).to_have_count(2)
    assert await context.cookies() == []


async def test_the_customers_token_identifies_and_their_leaving_counts(
    page: Page, shop: HostPage, app: App
) -> None:
    claims = {"sub": "ana", "aud": "demo", "exp": 4_102_444_800, "name": "Ana Torres"}
    token = jwt.encode(claims, app.customer_token_secret)
    shop.attributes += f' data-customer-token="{token}"'
    await page.goto(shop.url)
    await launcher(page).click()
    await write(page, "¿Cuál es mi saldo?")
    await expect(messages(page, "agent").last).to_contain_text("182.40")

    await page.evaluate("Relevo.identify(null)")
    await expect(messages(page, "agent")).to_have_count(0)
    await write(page, "¿Cuál es mi saldo?")
    await expect(messages(page, "agent")).not_to_have_count(0)
    await expect(chat(page).locator("body")).not_to_contain_text("182.40")

    await page.evaluate("token => Relevo.identify(token)", token)
    await expect(messages(page, "agent").last).to_contain_text("182.40")


async def test_a_token_that_ran_out_is_told_and_a_newer_one_sends_what_waited(
    noisy_page: Page, shop: HostPage, app: App
) -> None:
    page = noisy_page
    claims = {"sub": "ana", "aud": "demo", "exp": 1}
    shop.attributes += f' data-customer-token="{jwt.encode(claims, app.customer_token_secret)}"'
    await page.goto(shop.url)
    await launcher(page).click()
    await write(page, "¿Cuál es mi saldo?")
    await expect(chat(page).get_by_test_id("unproved-banner")).to_be_visible()
    newer = jwt.encode(claims | {"exp": 4_102_444_800}, app.customer_token_secret)
    await page.evaluate("token => Relevo.identify(token)", newer)
    await expect(messages(page, "agent").last).to_contain_text("182.40")
    await expect(chat(page).get_by_test_id("unproved-banner")).to_be_hidden()


async def test_a_site_that_is_not_allowed_shows_nothing_and_gets_nothing(
    noisy_page: Page, shop: HostPage, site: Site
) -> None:
    page, other = noisy_page, f"http://shop.localhost:{shop.port}"
    async with page.expect_event("requestfailed") as refused:
        await page.goto(f"{other}/")
    assert "/widget/demo" in (await refused.value).url
    await expect(launcher(page)).to_have_count(1)
    await expect(launcher(page)).to_be_hidden()

    await add_origin(site.app.database, DEMO, other)
    await page.reload()
    await expect(launcher(page)).to_be_visible()
    await remove_origin(site.app.database, DEMO, other)
    await page.reload()
    await expect(launcher(page)).to_have_count(1)
    await expect(launcher(page)).to_be_hidden()


async def test_a_site_that_says_it_is_another_is_not_shown_the_chat(
    noisy_page: Page, shop: HostPage, site: Site
) -> None:
    page = noisy_page
    lie = f"{site.url}/widget/demo?host=http://localhost:{shop.port}"
    shop.script = (
        f"const frame = document.createElement('iframe'); frame.src = '{lie}'; document.body.append(frame)"
    )
    await page.goto(f"http://shop.localhost:{shop.port}/")
    await page.wait_for_function("document.querySelector('body > iframe')")
    await expect(page.frame_locator("body > iframe").get_by_test_id("composer")).to_have_count(0)
    [frame] = [each for each in page.frames if each.name == "" and each != page.main_frame][-1:]
    assert "widget/demo" not in frame.url or "chrome-error" in frame.url


async def test_the_keyboard_alone_opens_writes_and_closes(page: Page, shop: HostPage) -> None:
    await page.goto(shop.url)
    await expect(launcher(page)).to_be_visible()
    await page.locator("#before").focus()
    await page.keyboard.press("Tab")
    await expect(launcher(page)).to_be_focused()
    await expect(launcher(page)).to_have_attribute("aria-expanded", "false")
    await page.keyboard.press("Enter")
    await expect(chat(page).get_by_test_id("composer")).to_be_focused()
    await expect(launcher(page)).to_have_attribute("aria-expanded", "true")
    await page.keyboard.type("¿Cuánto cuesta el plan Pro?")
    await page.keyboard.press("Enter")
    await expect(messages(page, "agent").last).to_contain_text("49.99")
    await chat(page).get_by_test_id("new-chat").focus()
    await page.keyboard.press("Enter")
    await expect(chat(page).get_by_test_id("confirm-new-chat")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(chat(page).get_by_test_id("confirm-new-chat")).to_be_hidden()
    await expect(launcher(page)).to_have_attribute("aria-expanded", "true")
    await page.keyboard.press("Escape")
    await expect(launcher(page)).to_be_focused()
    await expect(launcher(page)).to_have_attribute("aria-expanded", "false")
    await page.keyboard.press("Shift+Tab")
    await expect(page.locator("#before")).to_be_focused()


async def test_on_a_phone_it_fills_the_screen(page: Page, shop: HostPage) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.goto(shop.url)
    await launcher(page).click()
    await expect(chat(page).get_by_test_id("close-widget")).to_be_visible()
    await expect(launcher(page)).to_be_hidden()
    frame = page.locator("relevo-widget iframe")
    await frame.evaluate("it => Promise.all(it.parentElement.getAnimations().map(each => each.finished))")
    box = await frame.bounding_box()
    assert box is not None and box["x"] == 0 and box["y"] == 0
    await chat(page).get_by_test_id("close-widget").click()
    await expect(launcher(page)).to_be_focused()


HOSTILE = """
window.heard = [];
const frame = () => document.querySelector("relevo-widget").shadowRoot.querySelector("iframe");
addEventListener("message", ({ data, origin }) => window.heard.push({ data, origin }));
window.spoil = () => {
  const to = frame().contentWindow;
  for (const relevo of ["constructor", "__proto__", "ready", "session", "", null, 7, ["identify"]])
    to.postMessage({ relevo, value: [1] }, "*");
  to.postMessage(null, "*");
  to.postMessage("identify", "*");
};
window.look = async (care) => {
  const results = {};
  const attempt = async (name, job) => {
    try { results[name] = String(await job()); } catch (error) { results[name] = error.name; }
  };
  await attempt("document", () => frame().contentDocument);
  await attempt("body", () => frame().contentWindow.document.body.innerText);
  await attempt("storage", () => frame().contentWindow.localStorage.length);
  await attempt("address", () => frame().contentWindow.location.href);
  await attempt("fetch", async () => (await fetch(`${care}/api/session`)).text());
  return results;
};
"""


async def test_a_hostile_host_page_gets_nothing(noisy_page: Page, shop: HostPage, site: Site) -> None:
    page = noisy_page
    shop.script = HOSTILE
    shop.style = (
        "* { display: none !important; visibility: hidden !important; all: unset !important } "
        "relevo-widget, relevo-widget * { display: none !important; transform: scale(9) !important }"
        "html, body, #before { display: block !important; visibility: visible !important }"
    )
    await page.goto(shop.url)
    await launcher(page).click()
    await page.evaluate("window.spoil()")
    await write(page, "¿Cuánto cuesta el plan Pro?")
    await expect(messages(page, "agent").last).to_contain_text("49.99")
    tries = await page.evaluate("care => window.look(care)", site.url)
    assert tries == {
        "document": "null",
        "body": "SecurityError",
        "storage": "SecurityError",
        "address": "SecurityError",
        "fetch": "TypeError",
    }
    told = [each["data"] for each in await heard(page)]
    assert {each["relevo"] for each in told} <= {"ready", "language", "unread", "close"}
    assert "49.99" not in str(told)


async def test_only_the_page_around_it_is_heard(noisy_page: Page, shop: HostPage, site: Site) -> None:
    """Neither a window that opened it nor a frame beside it."""
    page = noisy_page
    await page.goto(shop.url)
    async with page.expect_popup() as opened:
        target = f"{site.url}/widget/demo?host=http://localhost:{shop.port}"
        await page.evaluate("target => void (window.child = window.open(target))", target)
    popup = await opened.value
    await popup.wait_for_load_state()
    await page.evaluate("window.child.postMessage({ relevo: 'hello', value: null }, '*')")
    await asyncio.sleep(0.3)
    await expect(popup.locator("#write")).to_have_attribute("inert", "")


async def test_a_tab_that_nobody_looks_at_holds_no_line(noisy_page: Page, shop: HostPage) -> None:
    """A browser has six to a server for all tabs together."""
    page = noisy_page
    await page.goto(shop.url)
    await launcher(page).click()
    await write(page, "¿Cuánto cuesta el plan Pro?")
    await expect(messages(page, "agent").last).to_contain_text("49.99")
    look = """hidden => {
        Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
        document.dispatchEvent(new Event('visibilitychange'));
    }"""
    async with page.expect_event("requestfailed") as ended:
        await page.frames[1].evaluate(look, True)
    assert "/events" in (await ended.value).url
    async with page.expect_event("request", lambda request: "/events" in request.url):
        await page.frames[1].evaluate(look, False)


async def test_included_twice_it_is_there_once(page: Page, shop: HostPage) -> None:
    shop.body += f'<script src="{shop.care}/widget.js" data-project="demo"></script>'
    await page.goto(shop.url)
    await expect(launcher(page)).to_be_visible()
    await expect(page.locator("relevo-widget")).to_have_count(1)


async def test_a_page_that_draws_itself_anew_keeps_the_conversation(page: Page, shop: HostPage) -> None:
    await page.goto(shop.url)
    await launcher(page).click()
    await write(page, "¿Cuánto cuesta el plan Pro?")
    await expect(messages(page, "agent").last).to_contain_text("49.99")
    await page.evaluate("document.body.replaceChildren()")
    await expect(messages(page, "agent").last).to_contain_text("49.99")
    await page.evaluate("document.body.replaceWith(document.createElement('body'))")
    await expect(messages(page, "agent").last).to_contain_text("49.99")
    await expect(page.locator("relevo-widget")).to_have_count(1)


async def test_where_the_browser_refuses_storage_the_talk_goes_on(
    strict: BrowserContext, shop: HostPage
) -> None:
    async for page in watched(strict):
        await page.goto(shop.url)
        await launcher(page).click()
        with pytest.raises(Error, match="Access is denied"):
            await page.frames[1].evaluate("localStorage.length")
        for count in (1, 2):
            await write(page, "¿Cuánto cuesta el plan Pro?")
            await expect(messages(page, "customer")).to_have_count(count)
            await expect(messages(page, "agent").nth(count - 1)).to_contain_text("49.99")


async def test_its_language_is_the_hosts_until_the_person_writes_in_theirs(
    page: Page, shop: HostPage
) -> None:
    shop.attributes = 'data-project="demo" data-language="en"'
    await page.goto(shop.url)
    await expect(launcher(page)).to_have_attribute("aria-label", "Open the chat")
    await launcher(page).click()
    person = chat(page).get_by_test_id("person-button")
    await expect(person).to_have_text("Talk to a person")
    await write(page, "¿Cuánto cuesta el plan Pro?")
    await expect(person).to_have_text("Hablar con una persona")
    await expect(launcher(page)).to_have_attribute("aria-label", "Cerrar el chat")


async def test_the_demo_s_shop_has_the_widget(page: Page, site: Site) -> None:
    await page.goto(f"{site.url}/widget-demo?as=ana")
    await launcher(page).click()
    await write(page, "¿Cuál es mi saldo?")
    await expect(messages(page, "agent").last).to_contain_text("182.40")
