"""The persona without a model: each question is looked up in the documents, and answered in their words.

Nothing is made up. A question that no sentence answers is ``unknown``.
"""

import re
from collections import Counter
from collections.abc import Iterable

from relevo.domain.ids import ProjectId
from relevo.domain.knowledge import Found
from relevo.domain.signals import Language
from relevo.knowledge.port import Search
from relevo.teams.marketing.mining import look, mined, quote_of, said_in
from relevo.teams.marketing.template import Question, Template
from relevo.teams.marketing.values import Answer, Basis, Brief, Quote

MOST_SENTENCES = 2
FROM_BRIEF = {"solucion": "offer", "ubicacion": "market", "info_adicional": "audience"}
"""Questions that what was answered at the start answers too, by the name of the onboarding's question."""


async def answers_from_documents(
    search: Search, project: ProjectId, template: Template, brief: Brief
) -> tuple[Answer, ...]:
    """An answer for every question of the template."""
    used: Counter[str] = Counter()
    answers = []
    for question in template.questions:
        found = await look(search, project, query_of(question))
        answer = _answer(question, found, used)
        if answer.basis is Basis.UNKNOWN:
            answer = _from_brief(question.key, brief) or answer
        used.update(quote.text for quote in answer.quotes)
        answers.append(answer)
    return tuple(answers)


def query_of(question: Question) -> str:
    """What is looked for: the question and its cues, in both languages, since documents may be in either."""
    cues = (cue for language in Language for cue in question.cues.get(language, ()))
    return " ".join((*question.ask.values(), *cues))


def _answer(question: Question, found: list[Found], used: Counter[str]) -> Answer:
    if question.finds:
        return _fact(question, found)
    hits = mined(found, question.cues)
    hits.sort(key=lambda each: used[each.text] - len(each.hits))  # sentences are spread over the questions
    quotes: dict[str, Quote] = {}
    for each in hits[: 1 + MOST_SENTENCES]:
        surer = len(each.hits) >= len(hits[0].hits)  # a second sentence says it no less plainly
        if len(quotes) < MOST_SENTENCES and used[each.text] < MOST_SENTENCES and surer:
            quotes.setdefault(each.text, each.quote)
    if not quotes:
        return Answer(key=question.key)
    return Answer(
        key=question.key, text=" ".join(quotes), basis=Basis.DOCUMENTS, quotes=tuple(quotes.values())
    )


def _fact(question: Question, found: Iterable[Found]) -> Answer:
    """What a pattern finds in the first sentence that has it."""
    for passage in found:
        for sentence in said_in(passage):
            for pattern in question.finds.get(passage.language, ()):
                if match := re.search(pattern, sentence):
                    return Answer(
                        key=question.key,
                        text=match.group(1),
                        basis=Basis.DOCUMENTS,
                        quotes=(quote_of(passage, sentence),),
                    )
    return Answer(key=question.key)


def _from_brief(key: str, brief: Brief) -> Answer | None:
    said = brief.answers.get(FROM_BRIEF.get(key, ""), "").strip()
    if not said:
        return None
    return Answer(key=key, text=said, basis=Basis.ONBOARDING, quotes=(Quote(text=said),))
