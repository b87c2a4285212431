"""The music team's plays: each finds its own words, unseen wordings find their play, templates render."""

from pathlib import Path
from typing import Any

import pytest

import relevo.teams.music
from relevo.agents.playbook import CONFIDENT, Play, render
from relevo.agents.team import Team, load_team
from relevo.domain.conversation import Person
from relevo.domain.ids import AgentName, CustomerRef, PersonId
from relevo.domain.signals import Act, Language

FOLDER = Path(relevo.teams.music.__file__).parent
TALKING = (AgentName("sales"), AgentName("support"), AgentName("royalties"))

# Written after the playbooks and not used to tune them.
UNSEEN = [
    ("sales", "es", "prices", "me pasas las tarifas que manejan?"),
    ("sales", "es", "prices", "oye y esto cuánto cuesta al mes"),
    ("sales", "es", "prices", "quiero saber cuánto cobran ustedes"),
    ("sales", "es", "plan_details", "qué trae el plan pro exactamente?"),
    ("sales", "es", "plan_details", "cuánto vale el plan label"),
    ("sales", "es", "plan_differences", "en qué se diferencian los planes?"),
    ("sales", "es", "plan_differences", "qué diferencia hay del básico al label"),
    ("sales", "es", "which_plan", "tengo 6 artistas, qué plan me recomiendan ustedes"),
    ("sales", "es", "which_plan", "cuál plan me conviene siendo solista?"),
    ("sales", "es", "quote", "me podrían hacer una cotización para 15 artistas"),
    ("sales", "es", "quote", "cotízame 4 artistas y 20 lanzamientos anuales"),
    ("sales", "es", "signup", "ya, quiero contratar el básico"),
    ("sales", "es", "signup", "cómo creo mi cuenta? quiero registrarme hoy"),
    ("sales", "es", "switching", "actualmente estoy con cd baby, puedo pasar mi catálogo?"),
    ("sales", "es", "switching", "si migro desde tunecore pierdo mis reproducciones?"),
    ("sales", "es", "discounts", "manejan algún descuento por pago anual?"),
    ("sales", "es", "commission", "qué porcentaje de comisión se llevan?"),
    ("sales", "es", "stores", "en qué tiendas publican la música"),
    ("sales", "es", "cancelling", "puedo cancelar mi plan en cualquier momento?"),
    ("sales", "en", "prices", "could you send me the price list"),
    ("sales", "en", "prices", "how much does it cost to be with you guys"),
    ("sales", "en", "plan_details", "what does the pro plan include exactly"),
    ("sales", "en", "plan_differences", "difference between basic and label?"),
    ("sales", "en", "which_plan", "which plan should I take for 5 artists"),
    ("sales", "en", "quote", "I'd like a quote for 7 artists please"),
    ("sales", "en", "signup", "how do I sign up"),
    ("sales", "en", "switching", "I want to switch from DistroKid"),
    ("sales", "en", "discounts", "is there any discount if I pay for a year"),
    ("sales", "en", "commission", "what cut of my royalties do you take"),
    ("sales", "en", "stores", "which stores do you send the music to"),
    ("support", "es", "release_status", "en qué estado está mi sencillo?"),
    ("support", "es", "release_status", "mi disco no aparece en deezer todavía"),
    ("support", "es", "release_status", "cuándo sale mi canción en las tiendas"),
    ("support", "es", "artwork_rejected", "por qué me rechazaron la carátula de mi disco"),
    ("support", "es", "artwork_rejected", "sale que mi portada está rechazada"),
    ("support", "es", "artwork_rules", "de qué tamaño va la portada"),
    ("support", "es", "isrc_check", "me revisas este isrc: MXF552600123"),
    ("support", "es", "upc_check", "valida el upc 7501031311309 porfa"),
    ("support", "es", "delivery_times", "cuánto tarda en publicarse una canción"),
    ("support", "es", "takedown", "necesito que bajen mi disco de las tiendas"),
    ("support", "es", "takedown", "quiero dar de baja una canción"),
    ("support", "es", "wrong_profile", "mi tema quedó en el perfil de otro artista"),
    ("support", "es", "content_claim", "me llegó un reclamo de derechos en youtube por mi propia canción"),
    ("support", "es", "login_problem", "no puedo iniciar sesión, olvidé la clave"),
    ("support", "es", "upload_problem", "me da error al subir el audio"),
    ("support", "es", "hacked", "creo que me hackearon, cambiaron mi correo"),
    ("support", "es", "correction", "el título salió mal escrito, lo pueden corregir?"),
    ("support", "es", "ticket", "puedes abrir un ticket por favor"),
    ("support", "en", "release_status", "what's the status of my album"),
    ("support", "en", "release_status", "my song is not showing on Apple Music"),
    ("support", "en", "artwork_rejected", "why did my cover get rejected"),
    ("support", "en", "artwork_rules", "what are the cover art requirements"),
    ("support", "en", "isrc_check", "could you check this ISRC: GBAYE0601498"),
    ("support", "en", "takedown", "I need my single taken down from all stores"),
    ("support", "en", "wrong_profile", "my track went to the wrong artist profile"),
    ("support", "en", "login_problem", "I forgot my password and can't sign in"),
    ("support", "en", "hacked", "my account got hacked last night"),
    ("support", "en", "ticket", "raise a ticket please"),
    ("royalties", "es", "balance", "me dices mi saldo disponible?"),
    ("royalties", "es", "balance", "cuánta plata tengo ahora"),
    ("royalties", "es", "earnings", "cuánto gané en spotify el mes pasado"),
    ("royalties", "es", "earnings", "dame el desglose por canción"),
    ("royalties", "es", "last_payment", "de cuánto fue el último pago?"),
    ("royalties", "es", "hold", "por qué está retenido mi dinero"),
    ("royalties", "es", "hold", "no me han pagado el trimestre, qué pasa"),
    ("royalties", "es", "withdraw", "quiero retirar 80 dólares"),
    ("royalties", "es", "withdraw", "retira todo lo que tengo"),
    ("royalties", "es", "minimum", "cuál es el monto mínimo para retirar"),
    ("royalties", "es", "calendar", "cada cuánto pagan ustedes?"),
    ("royalties", "es", "splits", "cómo configuro los splits con mi banda"),
    ("royalties", "es", "tax", "qué formulario de impuestos tengo que llenar"),
    ("royalties", "es", "statement", "mándame el estado de cuenta del primer trimestre"),
    ("royalties", "en", "balance", "could you tell me my current balance"),
    ("royalties", "en", "earnings", "how much have I earned by country"),
    ("royalties", "en", "last_payment", "when was my latest payment and how much"),
    ("royalties", "en", "hold", "why is my payment on hold"),
    ("royalties", "en", "withdraw", "I want to withdraw 100 dollars"),
    ("royalties", "en", "minimum", "what is the minimum amount for a payout"),
    ("royalties", "en", "calendar", "how often do you pay out"),
    ("royalties", "en", "tax", "which tax form should I fill in"),
]  # fmt: skip


@pytest.fixture(scope="module")
def team() -> Team:
    return load_team(FOLDER, "relevo.teams.music")


def _plays(team: Team) -> list[tuple[AgentName, Play]]:
    return [(name, play) for name, agent in team.agents.items() for play in agent.playbook.plays]


def test_every_wording_of_a_play_finds_it(team: Team) -> None:
    strayed = []
    for name, play in _plays(team):
        for language in Language:
            for text in [*play.keywords.get(language, []), *play.examples.get(language, [])]:
                match = team.agents[name].playbook.match(text, language)
                if match is None or match.play.name != play.name or match.score < CONFIDENT:
                    strayed.append((name, play.name, language.value, text, match and match.play.name))
    assert strayed == [], strayed


def test_unseen_wordings_mostly_find_their_play(team: Team) -> None:
    strayed = []
    for agent, language, wanted, text in UNSEEN:
        match = team.agents[AgentName(agent)].playbook.match(text, Language(language))
        if match is None or match.play.name != wanted or match.score < CONFIDENT:
            strayed.append((wanted, text, match and (match.play.name, round(match.score, 2))))
    assert len(strayed) <= len(UNSEEN) // 10, strayed


def test_plays_exist_in_both_languages(team: Team) -> None:
    for name, play in _plays(team):
        assert set(play.say) == set(Language), (name, play.name)
        for texts in (*play.ask.values(), *play.sorry.values()):
            assert set(texts) == set(Language), (name, play.name)
        if play.act is None and "." not in play.name:
            assert all(play.examples.get(language) for language in Language), (name, play.name)


def test_plays_name_what_exists(team: Team) -> None:
    for name, play in _plays(team):
        assert set(play.args.values()) | set(play.require) <= set(team.slots), (name, play.name)
        assert set(play.require) <= set(play.ask), (name, play.name)
        assert play.hint is None or play.hint in team.slots, (name, play.name)
        if play.tool:
            known = team.agents[name].tools[play.tool].arguments.model_fields
            assert set(play.args) <= set(known), (name, play.name)


def test_confirmable_tools_have_a_play_for_their_outcome(team: Team) -> None:
    for agent in team.agents.values():
        for tool in agent.tools.values():
            if tool.confirm:
                assert tool.on_confirmed is not None
                assert agent.playbook.get(f"{tool.name}.done") is not None


def test_talking_agents_greet_thank_and_take_leave(team: Team) -> None:
    for name in TALKING:
        for act in (Act.GREETING, Act.THANKS, Act.FAREWELL):
            play = team.agents[name].playbook.for_act(act)
            assert play is not None
            for person in (Person(PersonId("p")), Person(PersonId("p"), "Ana Torres", CustomerRef("ana"))):
                for facts in ({}, {"plan_of_interest": "Pro"}):
                    for language in Language:
                        text = _said(play, language, None, facts, person)
                        assert text and "None" not in text


def test_plays_without_a_tool_render_for_anyone(team: Team) -> None:
    for name, play in _plays(team):
        if play.tool is None and play.act is None and "." not in play.name:
            for language in Language:
                assert len(_said(play, language, None, {}, Person(PersonId("p")))) > 20, (name, play.name)


def test_human_agent_only_advises(team: Team) -> None:
    agent = team.agents[team.human]
    assert agent.human and not agent.tools
    assert all(play.tool is None for play in agent.playbook.plays)
    match = agent.playbook.match("me hackearon la cuenta y cambiaron mi correo", Language.ES)
    assert match is not None and match.play.name == "account_in_danger" and match.score >= CONFIDENT


def _said(play: Play, language: Language, result: Any, facts: dict[str, Any], person: Person) -> str:
    return render(play.say[language], result=result, slots={}, facts=facts, person=person)
