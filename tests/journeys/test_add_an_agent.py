"""A fourth agent is a folder: put beside the others, it is routed to, handed to and spoken with."""

import shutil
from pathlib import Path

import pytest
from tests.journeys.conftest import OpenDesk
from tests.journeys.scripts import MODEL, MODES
from tests.journeys.talk import Talk
from tests.support.model_protocol import Answer

import relevo.teams.music
from relevo.settings import Misconfigured

FILES = {
    "agent.toml": """
[title]
es = "Videos"
en = "Videos"

[matters]
es = "Videoclips: producirlos, publicarlos en Vevo y cuánto tardan."
en = "Music videos: producing them, publishing them on Vevo and how long that takes."

[transition]
es = "Te paso con Videos, que lleva los videoclips."
en = "I'm passing you to Videos, who looks after music videos."

[fallback]
es = "Puedo contarte cómo publicar tu videoclip en Vevo. ¿Qué necesitas saber?"
en = "I can tell you how to publish your music video on Vevo. What would you like to know?"
""",
    "prompt.es.md": "Atiendes videoclips. Usa `video_terms` antes de decir plazos.\n",
    "prompt.en.md": "You look after music videos. Use `video_terms` before you tell how long things take.\n",
    "tools.py": '''"""What the videos agent can do."""

from typing import Any

from relevo.agents.tool import ToolContext, tool


@tool()
async def video_terms(context: ToolContext) -> dict[str, Any]:
    """How many working days a music video takes to be published."""
    return {"days": 12}
''',
    "playbook.toml": """
[[play]]
name = "publish"
tool = "video_terms"
[play.keywords]
es = ["videoclip", "video en vevo", "canal de vevo"]
en = ["music video", "video on vevo", "vevo channel"]
[play.examples]
es = ["¿cómo publico mi videoclip en vevo?", "cuánto tarda un videoclip"]
en = ["how do I publish my music video on vevo?", "how long does a music video take"]
[play.say]
es = "Tu videoclip queda publicado en Vevo en unos {{ result.days }} días hábiles."
en = "Your music video is published on Vevo within about {{ result.days }} working days."
""",
    "examples.es.txt": """
¿cómo publico mi videoclip en vevo?
quiero subir un videoclip
cuánto tarda mi videoclip en salir en vevo
ya grabamos el videoclip, cómo lo publican
necesito un canal de vevo para mi videoclip
publican videoclips?
mi videoclip está listo, qué formato piden
el director terminó el videoclip y lo quiero en vevo
videoclip oficial en vevo
dónde mando el archivo del videoclip
""",
    "examples.en.txt": """
how do I publish my music video on vevo?
I want to upload a music video
how long until my music video is on vevo
we shot the music video, how do you publish it
I need a vevo channel for my music video
do you publish music videos?
my music video is ready, which format do you want
the director finished the music video and I want it on vevo
official music video on vevo
where do I send the music video file
""",
}
ASKED = {
    "es": "¿cuánto tarda mi videoclip en salir en Vevo?",
    "en": "how long until my music video is on Vevo?",
}


@pytest.fixture
def teams(tmp_path: Path) -> Path:
    """A folder of teams with a copy of the music team in it."""
    source = Path(relevo.teams.music.__file__).parent
    shutil.copytree(source, tmp_path / "teams" / "music", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "teams"


@pytest.fixture
def videos(teams: Path) -> Path:
    """The new agent's folder, the only thing that is added."""
    folder = teams / "music" / "agents" / "videos"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text.lstrip(), "utf-8")
    return folder


@pytest.mark.parametrize("mode", MODES)
async def test_a_new_folder_is_a_new_agent(new_desk: OpenDesk, teams: Path, videos: Path, mode: str) -> None:
    async with new_desk(mode, teams_path=teams) as desk:
        if mode == MODEL:
            desk.model.script(_brain)
        for language, text in ASKED.items():
            talk = await Talk.begin(desk, "ana")
            await talk.say(text, "12", agent="videos")

            # It is handed to, and hands on, like the others.
            talk = await Talk.begin(desk, "ana")
            first, back = _around(language)
            await talk.say(first, agent="royalties")
            passed = await talk.say(text, "12", "Videos", agent="videos")
            assert [(each["from"], each["to"]) for each in passed["handoffs"]] == [("royalties", "videos")]
            returned = await talk.say(back, agent="support")
            assert [(each["from"], each["to"]) for each in returned["handoffs"]] == [("videos", "support")]


async def test_the_others_can_hand_over_to_it(new_desk: OpenDesk, teams: Path, videos: Path) -> None:
    async with new_desk(MODEL, teams_path=teams) as desk:
        desk.model.answer(
            Answer(tools=(("hand_off", {"to": "videos", "reason": "a music video"}),)), "Aquí Videos."
        )
        talk = await Talk.begin(desk, "ana")
        reply = await talk.say("¿cuánto cuesta el plan Pro?", "Aquí Videos.", agent="videos")
        assert [(each["from"], each["to"], each["kind"]) for each in reply["handoffs"]] == [
            ("sales", "videos", "explicit")
        ]
        tools = {tool["function"]["name"] for tool in desk.model.requests[-1]["tools"]}
        assert tools == {"video_terms", "hand_off", "escalate_to_human"}


async def test_without_the_folder_nobody_knows_of_it(new_desk: OpenDesk, teams: Path) -> None:
    async with new_desk(teams_path=teams) as desk:
        talk = await Talk.begin(desk, "ana")
        reply = await talk.say(ASKED["es"])
        assert reply["agent"] != "videos"


@pytest.mark.parametrize(
    ("file", "written", "said"),
    [
        ("agent.toml", "[title]\nes = 'Videos'\n", "matters"),
        ("agent.toml", FILES["agent.toml"].replace('en = "Videos"\n', ""), "no text in: en"),
        ("agent.toml", "title = nothing", "line 1"),
        ("agent.toml", FILES["agent.toml"] + "\n[colour]\nes = 'rojo'\n", "colour"),
        ("playbook.toml", FILES["playbook.toml"].replace("video_terms", "video_prices"), "video_prices"),
        ("playbook.toml", FILES["playbook.toml"].replace("{{ result.days }}", "{{ result.days"), "publish"),
        ("playbook.toml", FILES["playbook.toml"] + "shout = true\n", "shout"),
        (
            "playbook.toml",
            FILES["playbook.toml"].replace('tool = "video_terms"', 'args = { day = "weekday" }'),
            "weekday",
        ),
        ("tools.py", "async def video_terms(context:\n", "tools.py"),
        ("tools.py", "import no_such_module\n", "no_such_module"),
    ],
)
async def test_a_mistake_stops_the_start_with_the_files_name(
    new_desk: OpenDesk, teams: Path, videos: Path, file: str, written: str, said: str
) -> None:
    (videos / file).write_text(written, "utf-8")
    with pytest.raises(Misconfigured) as raised:
        async with new_desk(teams_path=teams):
            pytest.fail("it started")
    assert str(videos / file) in str(raised.value)
    assert said in str(raised.value)


def _around(language: str) -> tuple[str, str]:
    """Another agent's matter to begin with, and one to go on to."""
    if language == "es":
        return "¿cuál es mi saldo?", "¿por qué me rechazaron la portada de Luz de Enero?"
    return "what's my balance?", "why was the artwork of Luz de Enero rejected?"


def _brain(request: dict[str, object]) -> Answer:
    """Calls the agent's first tool that needs no argument, then repeats what it returned."""
    messages, tools = request["messages"], request["tools"]
    assert isinstance(messages, list) and isinstance(tools, list)
    if messages[-1]["role"] == "tool":
        return Answer(f"Aquí está: {messages[-1]['content']}")
    functions = [tool["function"] for tool in tools]
    name = next(each["name"] for each in functions if not each["parameters"].get("required"))
    return Answer(tools=((name, {}),))
