"""Follow-ups: what a short message means by what was spoken of, and second thoughts about what waits."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
from tests.support.music_speakers import Speak, music_team, speaker

from relevo.agents.playbook import render
from relevo.agents.team import Team
from relevo.domain.conversation import Awaiting, PendingAction
from relevo.domain.ids import AgentName
from relevo.domain.signals import Language
from relevo.pipeline.confirm import Verdict, verdict
from relevo.pipeline.state import TurnContext
from relevo.pipeline.with_playbook import ELSEWHERE
from relevo.storage.database import Database
from relevo.storage.embedded import Cluster

PENDING = PendingAction(
    "request_withdrawal", AgentName("royalties"), {}, {}, 1, datetime(2030, 1, 1, tzinfo=UTC)
)


@pytest.fixture(scope="module")
def team() -> Team:
    return music_team()


@pytest.fixture
async def speak(cluster: Cluster, demo_name: str, team: Team) -> AsyncIterator[Speak]:
    database = Database(cluster.url("relevo_app", demo_name), 4)
    await database.open()
    yield await speaker(database, team)
    await database.close()


def _heard(*texts: str) -> TurnContext:
    messages = [SimpleNamespace(id=at, text=text) for at, text in enumerate(texts, start=2)]
    return cast("TurnContext", SimpleNamespace(held=SimpleNamespace(pending=messages)))


@pytest.mark.parametrize(
    "text",
    [
        "mejor no, espera",
        "no, espera",
        "no, mejor nada",
        "ya no quiero",
        "wait",
        "hold on",
        "actually no, leave it",
        "me arrepentí",
    ],
)
def test_second_thoughts_leave_nothing_open(text: str) -> None:
    assert verdict(_heard(text), PENDING, []) is Verdict.DECLINED


@pytest.mark.parametrize(
    "text", ["espera, ¿cuánto cobran?", "mejor 80", "espera, que sean 80", "cuánto tarda"]
)
def test_a_question_or_another_figure_is_no_second_thought(text: str) -> None:
    assert verdict(_heard(text), PENDING, []) is Verdict.OTHER


def test_a_yes_still_confirms() -> None:
    assert verdict(_heard("sí, confirmo"), PENDING, []) is Verdict.CONFIRMED


async def test_a_bare_count_is_artists_while_plans_are_spoken_of(speak: Speak, team: Team) -> None:
    read = team.slots["artists_again"]
    assert await read("y con 7?", speak()) is None
    assert await read("y con 7?", speak(spoken_of="plans")) == 7
    assert await read("somos cuatro", speak(spoken_of="plans")) == 4
    assert await read("y si después metemos otro artista", speak(spoken_of="plans", artists=3)) == 4
    assert await read("hmm what about the cheaper one", speak(spoken_of="plans")) is None
    asked = speak("stranger", Language.EN, spoken_of="plans")
    asked.state.facts["artists"] = 4
    assert await team.slots["releases"]("hmm what about the cheaper one", asked) is None


async def test_earnings_go_on_only_after_money_was_spoken_of(speak: Speak, team: Team) -> None:
    read = team.slots["earnings_again"]
    assert await read("y con apple?", speak("ana")) is None
    assert await read("no voy a pagar un diseñador", speak("ana", spoken_of="release")) is None
    assert await read("y con apple?", speak("ana", spoken_of="earnings")) == "store"
    assert await read("y en México?", speak("ana", spoken_of="balance")) == "country"
    assert (
        await read("y el año pasado?", speak("ana", spoken_of="earnings", earnings_by="country")) == "country"
    )
    assert await team.slots["by"]("mil reproducciones cuánto es", speak("ana")) == "store"
    assert await team.slots["by"]("y cuánto ha dejado?", speak("ana", spoken_of="release")) == "track"


async def test_what_is_pointed_at_is_the_release_last_spoken_of(speak: Speak, team: Team) -> None:
    read = team.slots["title_meant"]
    assert await read("can you take it down", speak("ana", release="Nocturna")) == "Nocturna"
    assert await read("bájalo", speak("ana", release="Nocturna")) == "Nocturna"
    assert await read("quiero bajar un disco", speak("ana", release="Nocturna")) is None
    assert await team.slots["title_or_last"]("y el otro?", speak("ana", release="Nocturna")) is None


async def test_a_plan_is_wanted_by_its_price_and_two_are_compared(speak: Speak, team: Team) -> None:
    assert await team.slots["wanted_plan"]("sign me up for the cheap one", speak()) == "Básico"
    assert await team.slots["plan"]("and on label?", speak()) == "Label"
    assert await team.slots["plans_named"]("difference between pro and the label plan", speak()) == [
        "Pro",
        "Label",
    ]
    assert await team.slots["plans_named"]("cuánto cuesta el pro", speak()) is None


async def test_a_name_is_read_from_the_end_of_an_answer(speak: Speak, team: Team) -> None:
    asked = speak()
    asked.state = cast("Any", asked.state).__class__(awaiting=Awaiting(AgentName("sales"), "signup", "name"))
    assert await team.slots["name"]("its for my buddy Tom Reyes", asked) == "Tom Reyes"
    assert await team.slots["name"]("no sé", asked) is None


async def test_a_problem_that_is_only_announced_is_asked_for(speak: Speak, team: Team) -> None:
    context = speak("ana")
    context.state = cast("Any", context.state).__class__(problems=("tengo un problema",))
    assert await team.slots["problem"]("tengo un problema", context) is None


@pytest.mark.parametrize(
    ("agent", "language", "text", "play"),
    [
        ("royalties", "es", "quiero sacar todo", "withdraw"),
        ("royalties", "es", "ya y cuanto es lo minimo q puedo retirar", "minimum"),
        ("royalties", "es", "buenas, sigo sin cobrar el segundo trimestre", "hold"),
        ("royalties", "en", "can I take out two hundred bucks?", "withdraw"),
        ("royalties", "es", "ya renové el formulario ayer", "form_sent"),
        ("royalties", "es", "y en qué cuenta", "which_account"),
        (
            "royalties",
            "en",
            "someone's been in my account and my money is going somewhere else",
            "stolen_money",
        ),
        ("royalties", "es", "no entiendo nada de lo que me dices", "not_clear"),
        ("support", "es", "la imagen de mi single no paso la revision, ayuda", "artwork_rejected"),
        ("support", "en", "can you take it down", "takedown"),
        ("support", "es", "ya probé otro navegador y nada", "still_failing"),
        ("support", "es", "y sin el instagram?", "artwork_rules"),
        ("support", "es", "espera, me arrepentí", "takedown_undo"),
        ("sales", "es", "cuanto sería con 3 artistas", "which_plan"),
        ("sales", "es", "quiero comprar reproducciones en spotify", "fake_streams"),
        ("sales", "es", "cuál es mi plan actual", "current_plan"),
        ("sales", "es", "como me identifico?", "identify"),
        ("sales", "en", "what are your hours", "hours"),
        ("sales", "es", "y bajar a pro?", "change_plan"),
        ("sales", "es", "y si todavía no tengo cuenta cuánto cuesta el básico?", "plan_details"),
        ("sales", "es", "no tengo cuenta con ustedes", "no_account"),
        ("sales", "es", "me cobraron dos veces", "charged_wrongly"),
        ("support", "es", "y el isrc de nocturna cual es", "codes"),
    ],
)
def test_wordings_of_real_talks_find_their_play(
    team: Team, agent: str, language: str, text: str, play: str
) -> None:
    match = team.agents[AgentName(agent)].playbook.match(text, Language(language))
    assert match is not None
    assert match.play.name == play


def test_a_two_word_keyword_takes_a_long_message_from_another_agent(team: Team) -> None:
    text = (
        "buenas tardes señorita, mire yo no sé nada de computadoras pero mi nieto canta muy bonito y me "
        "dijeron que ustedes ponen la música en el internet, cuánto me cobrarían"
    )
    match = team.agents[AgentName("sales")].playbook.match(text, Language.ES)
    assert match is not None
    assert match.score >= ELSEWHERE


async def test_what_a_cover_no_longer_shows_is_not_held_against_it(speak: Speak, team: Team) -> None:
    read = team.slots["artwork_shows"]
    assert await read("y si la subo de 4000x4000 sin mi web?", speak()) is None
    assert await read("ya es de 3000 pero dejé mi instagram", speak()) == ["web_address"]


def test_what_is_done_is_not_said_to_be_left(team: Team) -> None:
    for name in ("royalties", "support"):
        play = team.agents[AgentName(name)].playbook.get("never_mind")
        assert play is not None
        done = render(play.say[Language.EN], facts={"spoken_of": "requested"})
        assert "can't undo" in done
        assert "can't undo" not in render(play.say[Language.EN], facts={})


def test_yearly_is_ten_months_as_the_terms_say(team: Team) -> None:
    from relevo.teams.music.backend.plans import load_terms

    play = team.agents[AgentName("sales")].playbook.get("quote")
    assert play is not None
    asked = render(play.ask["artists"][Language.EN], slots={"billing": "yearly"}, facts={})
    assert f"{load_terms().yearly_months} months instead of 12" in asked
