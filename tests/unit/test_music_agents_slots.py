"""What plays read from a message: from its words, the catalogue, and what was said before."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date

import pytest
from tests.support.music_speakers import Speak, music_team, speaker

from relevo.agents.team import Team
from relevo.domain.conversation import Awaiting
from relevo.domain.ids import AgentName
from relevo.domain.signals import Language
from relevo.storage.database import Database
from relevo.storage.embedded import Cluster
from relevo.teams.music import artwork_told, mentions
from relevo.teams.music.periods import periods_in


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
    assert await read["wanted_plan"]("regístrame", known) == "Pro"  # Básico does not hold four artists
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


@pytest.mark.parametrize(
    ("text", "artists"),
    [
        ("somos dos bandas y un solista", 3),
        ("3 artistas, 2 duos y 1 solista", 6),
        ("somos una banda de 4 integrantes", 1),
        ("we're a band of five", 1),
        ("cotización para 1.5 artistas", None),
        ("precio para 0 artistas", None),
        ("quiero agregar un artista a mi cuenta", None),
        ("tengo 3 artistas y quiero agregar otro artista", 3),
    ],
)
def test_artists_are_counted_as_plans_count_them(text: str, artists: int | None) -> None:
    assert mentions.artists_in(text) == artists


@pytest.mark.parametrize(
    ("text", "streams"),
    [
        ("con 100 mil streams cuánto me llega?", 100_000),
        ("un millón de reproducciones", 1_000_000),
        ("50k plays", 50_000),
        ("a thousand plays", 1_000),
        ("mil reproducciones cuánto es", 1_000),
        ("cuánto paga por stream", None),
    ],
)
def test_a_number_of_streams_is_read(text: str, streams: int | None) -> None:
    assert mentions.streams_in(text) == streams


def test_two_periods_are_compared() -> None:
    today = date(2026, 11, 27)
    assert periods_in("compare q1 and q2", today) == ["2026-Q1", "2026-Q2"]
    assert periods_in("el primer y el segundo trimestre", today) == ["2026-Q1", "2026-Q2"]
    assert periods_in("2025 contra 2026-Q1", today)[-1] == "2026-Q1"
    assert periods_in("cuánto gané en mayo", today) == ["2026-05"]


def test_a_malformed_code_and_a_single_side_are_read() -> None:
    assert mentions.isrc_in("what about US-RC1-76-0783") == "US-RC1-76-0783"
    assert mentions.isrc_in("el 15-03-2026 a las 10") is None
    assert artwork_told.READERS["artwork_width"]("mi portada tiene 1400 pixeles") == 1400
    assert artwork_told.READERS["artwork_height"]("mi portada tiene 1400 pixeles") == 1400


async def test_a_release_is_described_while_releases_are_spoken_of(speak: Speak, team: Team) -> None:
    read = team.slots["own_title"]
    assert await read("y el de Los Faros que sale en enero?", speak("bruno")) is None
    spoken = speak("bruno", spoken_of="release")
    assert await read("y el de Mara Quintero?", spoken) == "Piedra y Sal"
    assert await read("y el que sale en enero?", spoken) == "Todo el Norte"
    assert await read("y ciudad?", speak("ana", spoken_of="release")) == "Ciudad Dormida"
    assert await read("y el rechazado?", speak("ana", spoken_of="release")) == "Luz de Enero"
    assert await read("quiero dar de baja Azotea", speak("ana")) == "Azotea"


async def test_whose_earnings_are_asked_for(speak: Speak, team: Team) -> None:
    read = team.slots["earner"]
    assert await read("cuánto gané con Nocturna?", speak("ana")) == "Nocturna"
    assert await read("cuánto ganó Mara Quintero?", speak("bruno")) == "Mara Quintero"
    assert await read("how much did Blue Sky make?", speak("ana")) == "Blue Sky"
    for text in (
        "how much did I earn in March",
        "cuánto gané con Spotify",
        "cuánto gané con Apple en México",
    ):
        assert await read(text, speak("ana")) is None
    assert await team.slots["stores"]("spoti y apple", speak("ana")) == ["Spotify", "Apple Music"]
    counting = speak("ana", spoken_of="earnings", earnings_stores=["Spotify"])
    assert await team.slots["stores"]("y con 100 mil streams?", counting) == ["Spotify"]


async def test_a_plan_too_small_is_not_signed_up_for(speak: Speak, team: Team) -> None:
    context = speak(artists=2)
    assert await team.slots["wanted_plan"]("quiero el básico para 2 artistas", context) is None
    assert (context.learned["too_small_plan"], context.learned["recommended_plan"]) == ("Básico", "Pro")
    assert await team.slots["wanted_plan"]("sí", speak(artists=2, recommended_plan="Pro")) == "Pro"
    assert await team.slots["wanted_plan"]("quiero registrarme", speak("bruno")) == "Label"
    assert await team.slots["artists"]("cotización para 1.5 artistas", speak(artists=8)) is None
    assert await team.slots["email"]("quiero el label", speak("ana")) == "ana@example.com"


async def test_a_problem_told_with_the_wish_for_a_ticket_is_not_asked_again(speak: Speak, team: Team) -> None:
    text = "quiero abrir un ticket, mi canción Nocturna suena distorsionada"
    assert await team.slots["problem"](text, speak("ana")) == text
    assert await team.slots["problem"]("quiero abrir un ticket por favor", speak("ana")) is None
