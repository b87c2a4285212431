"""The forum: the persona, or several, complains in a thread; every post says what it wishes for instead."""

from pydantic import BaseModel, Field

from relevo.teams.marketing.ask import Question, ask
from relevo.teams.marketing.desk import Desk
from relevo.teams.marketing.findings import Forum, Post
from relevo.teams.marketing.needs import NeedsModel, NeedsPersona
from relevo.teams.marketing.values import Maker, Persona

AGENT = "forum"
FEWEST, MOST = 10, 30
VOICE = ("lenguaje", "frase_textual", "relaciones", "excusas")
"""The answers that say how the persona speaks."""
LONGEST = 2_000


class SaidPost(BaseModel):
    author: str
    text: str
    wish: str = Field(min_length=1, description="The solution the author wishes for")
    praises: bool = Field(description="Whether the post merely praises and complains of nothing")


class SaidForum(BaseModel):
    title: str
    posts: list[SaidPost]


async def simulate_forum(desk: Desk, origin: str | None = None) -> Forum:
    """Makes and stores the next version of the forum. Raises NeedsPersona, NeedsModel, ModelError."""
    personas = await desk.works.personas()
    if not personas:
        raise NeedsPersona
    if desk.asking is None:
        raise NeedsModel
    question = Question(
        AGENT,
        desk.language,
        {"posts": FEWEST + 2, "personas": [_shown(each) for each in personas]},
        purpose="forum",
        temperature=0.9,
    )
    said = await ask(desk.asking, question, SaidForum, _wrong)
    posts = tuple(
        Post(
            number=number,
            author=each.author[:100],
            text=each.text[:LONGEST],
            wish=each.wish[:LONGEST],
            praises=each.praises,
        )
        for number, each in enumerate(said.posts[:MOST], 1)
    )
    main = next((each for each in personas if each.id == "main"), personas[0])
    forum = Forum(
        language=desk.language,
        maker=Maker.MODEL,
        persona=main.id,
        persona_version=main.version,
        title=said.title[:300],
        posts=posts,
    )
    return await desk.works.store(forum, origin)


def _wrong(said: SaidForum) -> str:
    if len(said.posts) < FEWEST:
        return f"there are {len(said.posts)} posts, at least {FEWEST} are needed"
    if len({each.text.strip().casefold() for each in said.posts}) < FEWEST:
        return "posts repeat each other word for word"
    return ""


def _shown(persona: Persona) -> dict[str, object]:
    return {
        "name": persona.name,
        "speaks_like": {key: persona.answer(key).text for key in VOICE if persona.answer(key).text},
        "answers": {each.key: each.text for each in persona.answers if each.text},
    }
