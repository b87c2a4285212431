"""The chat page alone in Chromium, against an in-memory API that can be told to fail."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Browser, Page, async_playwright, expect
from tests.support.chat_stub import World, create_stub

pytestmark = pytest.mark.asyncio(loop_scope="module")  # one browser for all

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
HOSTILE = "<img src=x onerror=\"document.title='hit'\"><script>document.title='hit'</script>"


@pytest.fixture
def world() -> World:
    return World(step=0.001)


@pytest_asyncio.fixture(loop_scope="module")
async def address(world: World) -> AsyncIterator[str]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(create_stub(world), log_level="critical", timeout_graceful_shutdown=0)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    server.should_exit = True
    await serving


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, address: str) -> AsyncIterator[Page]:
    context = await browser.new_context(locale="es-CO", viewport={"width": 390, "height": 844})
    page = await context.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.on("console", lambda line: broken.append(line.text) if "Security Policy" in line.text else None)
    await page.goto(address)
    await expect(page.get_by_test_id("welcome")).to_be_visible()
    yield page
    await context.close()
    assert broken == []


async def send(page: Page, text: str) -> None:
    await page.get_by_test_id("composer").fill(text)
    await page.get_by_test_id("composer").press("Enter")


def messages(page: Page, role: str) -> Any:
    return page.locator(f"[data-testid=message][data-role={role}]")


async def test_an_answer_names_its_agent_and_survives_a_reload(page: Page) -> None:
    await page.get_by_test_id("example").first.click()
    await expect(messages(page, "agent")).to_have_attribute("data-agent", "support")
    await page.reload()
    await expect(messages(page, "agent")).to_have_count(1)
    await expect(messages(page, "customer")).to_have_count(1)
    await expect(page.get_by_test_id("welcome")).to_be_hidden()


async def test_a_handoff_is_a_separator_between_two_agents(page: Page) -> None:
    await send(page, "¿Cuánto cuestan los planes?")
    await expect(messages(page, "agent")).to_have_count(1)
    await send(page, "¿Y por qué rechazaron mi portada?")
    handoff = page.get_by_test_id("handoff")
    await expect(handoff).to_contain_text("Te paso con Soporte")
    await expect(handoff).to_have_attribute("data-from", "sales")
    await expect(handoff).to_have_attribute("data-to", "support")


async def test_a_person_is_asked_for_takes_over_and_gives_back(page: Page, address: str) -> None:
    await page.get_by_test_id("person-button").click()
    await expect(page.get_by_test_id("ticket-banner")).to_contain_text("Ticket 7")
    await page.request.post(f"{address}stub/take")
    await expect(page.get_by_test_id("owner-banner")).to_contain_text("Lucía")
    await page.request.post(f"{address}stub/say?text=Hola")
    await expect(messages(page, "operator")).to_contain_text("Persona del equipo")
    await send(page, "Gracias")
    await expect(messages(page, "customer")).to_have_count(2)
    await expect(page.get_by_test_id("preview")).to_have_count(0)
    await page.request.post(f"{address}stub/return?text=Quedamos en vernos.")
    await expect(page.get_by_test_id("owner-banner")).to_be_hidden()
    returned = page.get_by_test_id("returned")
    await expect(returned).to_contain_text("Lucía dejó la conversación")
    await expect(returned).to_contain_text("Quedamos en vernos.")


async def test_a_closed_ticket_is_no_longer_shown(page: Page, address: str) -> None:
    await page.get_by_test_id("person-button").click()
    await expect(page.get_by_test_id("ticket-banner")).to_contain_text("Ticket 7")
    await page.request.post(f"{address}stub/close")
    await expect(page.get_by_test_id("ticket-banner")).to_be_hidden()


async def test_what_people_write_stays_text(page: Page) -> None:
    await send(page, HOSTILE)
    await expect(messages(page, "agent")).to_have_count(1)
    await expect(messages(page, "customer").get_by_test_id("message-text")).to_have_text(HOSTILE)
    assert await page.title() == "Relevo Música"


async def test_a_failed_message_is_sent_again_under_the_same_key(page: Page, world: World) -> None:
    world.faults.append((503, None))
    await send(page, "¿Cuánto cuestan los planes?")
    await expect(messages(page, "customer")).to_have_attribute("data-state", "failed")
    await page.get_by_test_id("retry").click()
    await expect(messages(page, "agent")).to_have_count(1)
    await expect(messages(page, "customer")).to_have_count(1)
    assert list(world.keys.values()) == [2]


async def test_a_busy_server_is_asked_again_when_it_said(page: Page, world: World) -> None:
    world.faults.append((429, 0))
    await send(page, "¿Cuánto cuestan los planes?")
    await expect(messages(page, "agent")).to_have_count(1)
    assert list(world.keys.values()) == [2]


async def test_a_refused_message_goes_back_to_be_edited(page: Page, world: World) -> None:
    world.faults.append((413, None))
    await send(page, "demasiado")
    await page.get_by_test_id("edit").click()
    await expect(page.get_by_test_id("composer")).to_have_value("demasiado")
    await expect(messages(page, "customer")).to_have_count(0)


async def test_messages_written_offline_leave_when_the_network_is_back(page: Page, world: World) -> None:
    await page.context.set_offline(True)
    await send(page, "¿Cuál es mi saldo?")
    await expect(page.get_by_test_id("connection-banner")).to_be_visible()
    await expect(page.locator("#status")).to_have_attribute("data-state", "away")
    await expect(page.get_by_test_id("attending")).to_have_text("Reconectando…")
    await expect(messages(page, "customer")).to_have_attribute("data-state", "failed")
    await page.context.set_offline(False)
    await expect(messages(page, "agent")).to_have_count(1)
    await expect(page.get_by_test_id("connection-banner")).to_be_hidden()
    assert len(world.keys) == 1


async def test_a_chat_the_server_lost_begins_anew_with_the_message(page: Page, world: World) -> None:
    await send(page, "¿Cuánto cuestan los planes?")
    await expect(messages(page, "agent")).to_have_count(1)
    world.talks.clear()
    await send(page, "¿Cuál es mi saldo?")
    await expect(messages(page, "agent")).to_have_attribute("data-agent", "royalties")
    await expect(messages(page, "customer")).to_have_count(1)


async def test_without_live_events_the_page_polls(page: Page, world: World, address: str) -> None:
    world.events_off = True
    await page.clock.install()
    await send(page, "¿Cuánto cuestan los planes?")
    await expect(messages(page, "agent")).to_have_count(1)
    await page.request.post(f"{address}stub/say?text=Hola")
    await page.clock.fast_forward(4_000)
    await expect(messages(page, "operator")).to_have_count(1)


async def test_each_speaker_has_a_chat_of_their_own(page: Page) -> None:
    await send(page, "¿Cuánto cuestan los planes?")
    await expect(messages(page, "agent")).to_have_count(1)
    await page.get_by_test_id("demo-switch").select_option("bruno")
    await expect(page.get_by_test_id("welcome")).to_contain_text("Bruno")
    await expect(messages(page, "agent")).to_have_count(0)
    await page.get_by_test_id("demo-switch").select_option("ana")
    await expect(messages(page, "agent")).to_have_count(1)


async def test_each_tab_goes_on_with_its_own_conversation(page: Page, world: World, address: str) -> None:
    await send(page, "¿Cuánto cuestan los planes?")
    await expect(messages(page, "agent")).to_have_count(1)
    other = await page.context.new_page()
    await other.goto(address)
    await expect(messages(other, "agent")).to_have_count(1)
    await other.get_by_test_id("new-chat").click()
    await other.get_by_test_id("confirm-new-chat").click()
    await send(other, "¿Cuál es mi saldo?")
    await expect(messages(other, "agent")).to_have_attribute("data-agent", "royalties")

    await expect(page.get_by_test_id("elsewhere-banner")).to_be_visible()
    await send(page, "¿Y el plan Pro?")
    await expect(messages(page, "customer")).to_have_count(2)
    await expect(page.get_by_test_id("elsewhere-banner")).to_be_hidden()
    await page.reload()
    await expect(messages(page, "customer")).to_have_count(2)
    await expect(messages(other, "customer")).to_have_count(1)
    assert [len(talk.messages) for talk in world.talks.values()] == [4, 2]


async def test_a_tab_can_go_over_to_the_conversation_of_another(page: Page, address: str) -> None:
    other = await page.context.new_page()
    await other.goto(address)
    await send(other, "¿Cuál es mi saldo?")
    await expect(messages(other, "agent")).to_have_count(1)
    await page.get_by_test_id("follow").click()
    await expect(messages(page, "agent")).to_have_attribute("data-agent", "royalties")
    await expect(page.get_by_test_id("elsewhere-banner")).to_be_hidden()


async def test_where_storage_is_refused_one_conversation_goes_on(page: Page, world: World) -> None:
    refuse = "() => { throw new DOMException('no', 'SecurityError') }"
    await page.add_init_script(
        f"for (const name of ['localStorage', 'sessionStorage'])"
        f" Object.defineProperty(window, name, {{ get: {refuse} }})"
    )
    await page.reload()
    await send(page, "¿Cuánto cuestan los planes?")
    await expect(messages(page, "agent")).to_have_count(1)
    await send(page, "¿Y el plan Pro?")
    await expect(messages(page, "agent")).to_have_count(2)
    assert len(world.talks) == 1


async def test_a_draft_survives_a_reload_and_stays_with_its_speaker(page: Page) -> None:
    composer = page.get_by_test_id("composer")
    await composer.fill("Quiero pregun")
    await page.reload()
    await expect(composer).to_have_value("Quiero pregun")
    await page.get_by_test_id("demo-switch").select_option("bruno")
    await expect(composer).to_have_value("")
    await page.get_by_test_id("demo-switch").select_option("ana")
    await expect(composer).to_have_value("Quiero pregun")
    await composer.press("Enter")
    await expect(messages(page, "agent")).to_have_count(1)
    await page.reload()
    await expect(composer).to_have_value("")


async def test_a_bad_customer_token_offers_to_go_on_unidentified(page: Page, address: str) -> None:
    await page.goto("about:blank")
    await page.goto(f"{address}#customer_token=a.b.c")
    await send(page, "¿Cuánto cuestan los planes?")
    await expect(page.get_by_test_id("unproved-banner")).to_contain_text("No pudimos confirmar que eres tú")
    await expect(page.locator("body")).not_to_contain_text("customer_token")
    await page.reload()
    await page.get_by_test_id("go-on").click()
    await expect(page.get_by_test_id("composer")).to_have_value("¿Cuánto cuestan los planes?")
    await page.get_by_test_id("composer").press("Enter")
    await expect(messages(page, "agent")).to_have_count(1)
    await page.reload()
    await expect(messages(page, "agent")).to_have_count(1)
    await expect(page.get_by_test_id("unproved-banner")).to_be_hidden()


LINKS = (
    "Mira https://ayuda.example/guia(1). No http://malo.example ni javascript:alert(1) ni https://a@b.example"
)


async def test_a_persons_links_can_be_followed_and_only_safe_ones(page: Page, address: str) -> None:
    await send(page, "Mira https://mio.example")
    await expect(messages(page, "agent")).to_have_count(1)
    await page.request.post(f"{address}stub/say", params={"text": f"{LINKS} {HOSTILE}"})
    link = messages(page, "operator").locator("a")
    await expect(link).to_have_count(1)
    await expect(link).to_have_attribute("href", "https://ayuda.example/guia(1)")
    await expect(link).to_have_attribute("rel", "noopener noreferrer")
    await expect(messages(page, "operator").get_by_test_id("message-text")).to_have_text(f"{LINKS} {HOSTILE}")
    await expect(messages(page, "customer").locator("a")).to_have_count(0)


async def test_an_article_of_our_help_opens_from_an_agents_answer(page: Page, world: World) -> None:
    await send(page, "¿Cuánto cuestan los planes?")
    await expect(messages(page, "agent")).to_have_count(1)
    [talk] = world.talks.values()
    said = "De nuestra ayuda: «Planes» /help/which-plan?lang=es, no x/help/a?lang=es ni /help/../etc?lang=es"
    world.say(talk, role="agent", agent="sales", content=said)
    link = messages(page, "agent").locator("a")
    await expect(link).to_have_count(1)
    await expect(link).to_have_attribute("href", "/help/which-plan?lang=es")
    await expect(link).to_have_attribute("rel", "noopener noreferrer")


async def test_an_agents_link_leads_only_to_listed_hosts(page: Page, world: World) -> None:
    await send(page, "¿Cuánto cuestan los planes?")
    await expect(messages(page, "agent")).to_have_count(1)
    [talk] = world.talks.values()
    said = "Entra en https://artists.spotify.com/c, no en https://artists.spotify.com.malo.example/c"
    world.say(talk, role="agent", agent="sales", content=said)
    await expect(messages(page, "agent").locator("a")).to_have_attribute(
        "href", "https://artists.spotify.com/c"
    )


async def test_a_new_conversation_is_asked_for_and_empty(page: Page) -> None:
    await send(page, "¿Cuánto cuestan los planes?")
    await expect(messages(page, "agent")).to_have_count(1)
    await page.get_by_test_id("new-chat").click()
    await page.get_by_test_id("confirm-new-chat").click()
    await expect(page.get_by_test_id("welcome")).to_be_visible()
    await page.reload()
    await expect(page.get_by_test_id("welcome")).to_be_visible()


async def test_the_language_follows_the_person_until_they_choose(page: Page) -> None:
    person = page.get_by_test_id("person-button")
    await send(page, "how much are the plans")
    await expect(person).to_have_text("Talk to a person")
    await page.get_by_test_id("language-es").click()
    await expect(person).to_have_text("Hablar con una persona")
    await send(page, "and the cover")
    await expect(messages(page, "agent")).to_have_count(2)
    await expect(person).to_have_text("Hablar con una persona")


async def test_a_reload_keeps_the_language_of_the_conversation(page: Page) -> None:
    await send(page, "how much are the plans")
    await expect(page.get_by_test_id("person-button")).to_have_text("Talk to a person")
    await page.reload()
    await expect(messages(page, "agent")).to_have_count(1)
    await expect(page.get_by_test_id("person-button")).to_have_text("Talk to a person")


async def test_the_trace_tells_its_reasons_in_the_language_of_the_page(page: Page) -> None:
    await page.get_by_test_id("person-button").click()
    await page.get_by_test_id("trace-button").last.click()
    drawer = page.get_by_test_id("trace-drawer")
    await expect(drawer).to_contain_text("Pide hablar con una persona.")
    await expect(drawer).to_contain_text("lo necesita hoy")
    await expect(drawer).to_contain_text("pedido por el cliente")
    await page.keyboard.press("Escape")
    await page.get_by_test_id("language-en").click()
    await page.get_by_test_id("trace-button").last.click()
    await expect(drawer).to_contain_text("They ask for a person.")
    await expect(drawer).to_contain_text("needs it today")


async def test_the_trace_opens_for_the_keyboard_and_closes_with_escape(page: Page) -> None:
    await send(page, "¿Por qué rechazaron mi portada?")
    button = page.get_by_test_id("trace-button")
    await button.focus()
    await page.keyboard.press("Enter")
    drawer = page.get_by_test_id("trace-drawer")
    await expect(drawer).to_contain_text("check_release_status")
    await expect(drawer).to_contain_text("Es asunto de Soporte, con 91 % de confianza.")
    inside = "document.getElementById('trace').contains(document.activeElement)"
    assert await page.evaluate(inside)
    await page.keyboard.press("Escape")
    await expect(drawer).to_be_hidden()
    await expect(button).to_be_focused()


async def test_the_composer_keeps_lines_and_counts_near_the_limit(page: Page) -> None:
    composer = page.get_by_test_id("composer")
    await composer.fill("uno")
    await composer.press("Shift+Enter")
    await composer.press_sequentially("dos")
    await composer.press("Enter")
    await expect(messages(page, "customer").get_by_test_id("message-text")).to_have_text(
        re.compile("uno\ndos")
    )
    await composer.fill("a" * 4_001)
    await expect(page.get_by_test_id("counter")).to_contain_text("acorta")
    await composer.press("Enter")
    await expect(messages(page, "customer")).to_have_count(1)


async def test_new_words_do_not_move_someone_who_reads_above(page: Page, address: str) -> None:
    for _ in range(3):
        await send(page, "¿Cuánto cuestan los planes?")
    await expect(messages(page, "agent")).to_have_count(3)
    room = page.locator("#room")
    await room.evaluate("room => { room.scrollTop = 0; }")
    await expect(page.get_by_test_id("new-messages")).to_have_text("Ir al final")
    await page.request.post(f"{address}stub/say?text=Hola")
    await expect(page.get_by_test_id("new-messages")).to_have_text("Mensajes nuevos")
    assert await room.evaluate("room => room.scrollTop") == 0
    await page.get_by_test_id("new-messages").click()
    await expect(page.get_by_test_id("new-messages")).to_be_hidden()


async def test_a_page_that_could_not_begin_can_be_tried_again(page: Page) -> None:
    await page.route("**/api/session", lambda route: route.abort())
    await page.reload()
    await expect(page.get_by_test_id("load-failed")).to_be_visible()
    await page.unroute("**/api/session")
    await page.get_by_text("Reintentar").click()
    await expect(page.get_by_test_id("welcome")).to_be_visible()
    await expect(page.get_by_test_id("load-failed")).to_be_hidden()


async def test_a_phone_on_its_side_leaves_room_for_messages(page: Page, address: str) -> None:
    await page.set_viewport_size({"width": 844, "height": 390})
    await page.get_by_test_id("person-button").click()
    await expect(page.get_by_test_id("ticket-banner")).to_be_visible()
    await page.request.post(f"{address}stub/take")
    await expect(page.get_by_test_id("owner-banner")).to_be_visible()
    assert await page.locator("#room").evaluate("room => room.clientHeight") > 200


async def test_nothing_is_wider_than_a_small_phone(page: Page) -> None:
    await page.set_viewport_size({"width": 320, "height": 568})
    await send(page, "x" * 300)
    await expect(messages(page, "agent")).to_have_count(1)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320
    assert await page.locator("#room").evaluate("room => room.scrollWidth <= room.clientWidth")
