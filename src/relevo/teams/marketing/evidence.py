"""The texts a persona is made from, numbered: the brief and the passages that its questions find."""

from collections import defaultdict

from relevo.domain.knowledge import Found
from relevo.teams.marketing.desk import Desk
from relevo.teams.marketing.from_documents import query_of
from relevo.teams.marketing.mining import look
from relevo.teams.marketing.quotes import Source
from relevo.teams.marketing.template import Question
from relevo.teams.marketing.values import Brief

OF_EACH = 3
"""Passages that each question brings in."""
MOST_CHARS = 48_000
"""Letters of documents in one prompt: about 14,000 tokens."""


async def sources_for(desk: Desk, questions: tuple[Question, ...], brief: Brief) -> list[Source]:
    """The brief's answers, then the passages; those that most questions ask for come first."""
    wanted: dict[int, float] = defaultdict(float)
    passages: dict[int, Found] = {}
    for question in questions:
        for rank, found in enumerate(await look(desk.search, desk.project, query_of(question), OF_EACH)):
            passages[found.passage] = found
            wanted[found.passage] += 1 / (1 + rank)
    told = [text for text in brief.answers.values() if text.strip()]
    sources = [Source(number, text) for number, text in enumerate(told, 1)]
    room = MOST_CHARS
    for id in sorted(wanted, key=lambda each: (-wanted[each], each)):
        found = passages[id]
        room -= len(found.text)
        if room < 0:
            break
        sources.append(
            Source(len(sources) + 1, found.text, found.document, found.title, id, str(found.place))
        )
    return sources


def shown(sources: list[Source]) -> list[dict[str, object]]:
    """The sources as a model reads them."""
    return [
        {"source": each.number, "from": each.title or "onboarding", "place": each.place, "text": each.text}
        for each in sources
    ]
