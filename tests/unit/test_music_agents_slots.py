"""What plays read from a message: from its words, the catalogue, and what was said before."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from tests.support.music_speakers import Speak, music_team, speaker

from relevo.agents.team import Team
from relevo.domain.conversation import Awaiting
from relevo.domain.ids import AgentName
from relevo.domain.signals import Language
from relevo.storage.database import Database
from relevo.storage.embedded import Cluster


@pytest.fixture(scope="module")
def team() -> Team:
    return music_team()


@pytest.fixture
async def speak(cluster: Cluster, demo_name: str, team: Team) -> AsyncIterator[Speak]:
    database = Database(cluster.url("relevo_app", demo_name), 4)
    await database.open()
    yield await speaker(database, team)
    await database.close()


async def test_slots_read_releases_and_what_was_asked(speak: Speak, team: Team) -> None:
    read = team.slots
    ana = speak("ana", release="Nocturna")
    assert await read["title"]("y luz de enero?", ana) == "Luz de Enero"
    assert await read["title"]("estado de «Otra Cosa»", ana) == "Otra Cosa"
    assert await read["title"]("estado del lanzamiento Xilófono Cuántico", ana) == "Xilófono Cuántico"
    assert await read["title"]("por qué?", ana) is None
    assert await read["own_title"]("y luz de enero?", ana) == "Luz de Enero"
    assert await read["own_title"]("y «Otra Cosa»?", ana) is None
    assert await read["title_or_last"]("por qué?", ana) == "Nocturna"
    assert await read["title_or_last"]("cuáles son mis lanzamientos", ana) is None
    stranger = speak()
    assert await read["title_or_last"]("por qué?", stranger) is None
    assert await read["own_title"]("y luz de enero?", stranger) is None
    assert await read["title"]("bajen mi disco", stranger) == "bajen mi disco"
    ana.state = replace(ana.state, awaiting=Awaiting(AgentName("support"), "takedown", "title"))
    assert await read["title"]("la de la playa", ana) == "la de la playa"


async def test_slots_remember_the_conversation(speak: Speak, team: Team) -> None:
    read = team.slots
    known = speak(
        "stranger",
        Language.ES,
        artists=4,
        releases=9,
        plan_of_interest="Básico",
        recommended_plan="Pro",
        period="2026-Q1",
    )
    assert await read["artists"]("y si lo pago anual?", known) == 4
    assert await read["releases"]("ahora con 20 lanzamientos", known) == 20
    assert await read["billing"]("y si lo pago anual?", known) == "yearly"
    assert await read["quoted_plan"]("y si lo pago anual?", known) is None
    assert await read["quoted_plan"]("mejor el label", known) == "Label"
    assert await read["wanted_plan"]("regístrame", known) == "Básico"
    assert await read["period"]("y el trimestre anterior?", known) == "2025-Q4"
    known.state = replace(known.state, awaiting=Awaiting(AgentName("sales"), "quote", "artists"))
    assert await read["artists"]("unos doce", known) == 12
    known.state = replace(known.state, awaiting=Awaiting(AgentName("sales"), "signup", "name"))
    assert await read["name"]("Tom Reed, tom.reed@example.com", known) == "Tom Reed"
    assert await read["email"]("Tom Reed, tom.reed@example.com", known) == "tom.reed@example.com"


async def test_a_bare_request_for_a_ticket_is_about_what_was_told_before(speak: Speak, team: Team) -> None:
    context = speak("ana")
    assert await team.slots["problem"]("quiero abrir un ticket", context) is None
    told = "mi canción Nocturna salió en el perfil de otra artista"
    assert await team.slots["told_in_brief"](told, context) == told
    later = speak("ana", **context.learned)
    assert await team.slots["problem"]("ábreme un ticket para que lo arreglen", later) == told


async def test_cover_slots(speak: Speak, team: Team) -> None:
    text = "mi portada es de 1400 x 1400 px en webp, pesa 12,5 MB, es CMYK y lleva mi instagram"
    names = ("width", "height", "megabytes", "format", "colour", "shows")
    read = [await team.slots[f"artwork_{name}"](text, speak()) for name in names]
    assert read == [1400, 1400, 12.5, "webp", "cmyk", ["web_address"]]
