"""Whether a search for an answer is sure enough to give it: BM25's score alone cannot say.

The rule: an article answers when it holds at least two of the question's words, and by weight two fifths of
them, one tenth of them in its title, tags or headings; and when the next article is worth no more than
seven tenths of it. tests/eval/help_questions.jsonl holds questions and what answers them: the bounds were
chosen on its tuning part; tests/unit/test_knowledge_help.py keeps what the others showed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from relevo.domain.knowledge import Found
from relevo.triage.normalise import prepare

LEAST_COVERED = 0.4
LEAST_HEADED = 0.1
LEAST_WORDS = 2
MOST_OF_NEXT = 0.7

_ABOUT_ASKING = frozenset({
    "quiero", "quisiera", "puedo", "puede", "pueden", "necesito", "saber", "pasa", "hago", "hacen", "tengo",
    "quiere", "decir", "dan", "das", "me", "mi", "ayudas", "ayuda", "favor", "dime", "mas",
    "want", "need", "know", "get", "got", "make", "does", "mean", "can", "tell", "please", "help", "like",
    "would", "have", "happens",
})  # fmt: skip
"""Words of asking, which say nothing of what is asked."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """An article by its best passage, and what it is worth: the passage's score, and what the title adds."""

    found: Found
    worth: float


def question(text: str) -> str:
    """What a message asks for, as a search takes it: abbreviations written out, words of asking left out."""
    return " ".join(word for word in prepare(text).words if word not in _ABOUT_ASKING)


def ranked(found: Sequence[Found]) -> list[Ranked]:
    """The articles of the passages found, best first; words in title and tags count once more."""
    best: dict[str, Ranked] = {}
    for each in found:
        worth = each.score + each.titled
        if each.document not in best or worth > best[each.document].worth:
            best[each.document] = Ranked(each, worth)
    return sorted(best.values(), key=lambda each: (-each.worth, each.found.passage))


def sure(articles: Sequence[Ranked]) -> Ranked | None:
    """The first article, where it surely answers."""
    if not articles:
        return None
    first = articles[0]
    known = (
        len(first.found.matched) >= LEAST_WORDS
        and first.found.covered >= LEAST_COVERED
        and first.found.headed >= LEAST_HEADED
    )
    alone = len(articles) == 1 or articles[1].worth <= MOST_OF_NEXT * first.worth
    return first if known and alone else None
