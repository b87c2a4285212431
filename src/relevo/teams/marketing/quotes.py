"""Does a quote really stand in the text it is said to be from?

Only white space, the shape of quotation marks and dashes, and upper or lower case may differ; the quote
begins and ends where words do. Nothing is guessed: what is not there is no quote.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from relevo.teams.marketing.values import Answer, Basis, Quote

FEWEST_WORDS = 2
"""A single word stands somewhere in any text: it proves nothing."""
MOST_QUOTES = 3
_MARKS = str.maketrans({**dict.fromkeys("“”„«»‟″", '"'), **dict.fromkeys("‘’‚‛′`´", "'"), "\u00ad": None})
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Source:
    """A text that may be quoted. ``number`` is what a model calls it by."""

    number: int
    text: str
    document: str = ""
    title: str = ""
    passage: int | None = None
    place: str = ""

    @property
    def of_documents(self) -> bool:
        return bool(self.document)


def stands_in(quote: str, text: str) -> bool:
    """Whether ``quote`` stands in ``text``, word for word."""
    looked_for = normal(quote).strip(" \"'")
    if len(looked_for.split()) < FEWEST_WORDS:
        return False
    held = normal(text)
    at = held.find(looked_for)
    while at >= 0:
        end = at + len(looked_for)
        if not _cuts(held, at) and not _cuts(held, end):
            return True
        at = held.find(looked_for, at + 1)
    return False


def normal(text: str) -> str:
    """``text`` with one kind of space and quotation mark, in lower case."""
    composed = unicodedata.normalize("NFC", text).translate(_MARKS)
    return _SPACE.sub(" ", composed).strip().casefold()


def _cuts(text: str, at: int) -> bool:
    """Whether a word goes on across this place."""
    return 0 < at < len(text) and text[at - 1].isalnum() and text[at].isalnum()


def located(quote: str, said_from: int | None, sources: Sequence[Source]) -> Quote | None:
    """The quote with the place where it was found: first where it is said to stand, then anywhere shown."""
    first = [each for each in sources if each.number == said_from]
    rest = [each for each in sources if each.number != said_from]
    for source in (*first, *rest):
        if stands_in(quote, source.text):
            return Quote(
                text=_SPACE.sub(" ", quote).strip(),
                document=source.document,
                title=source.title,
                passage=source.passage,
                place=source.place,
            )
    return None


def checked(
    answer: Answer, said: Iterable[tuple[str, int | None]], sources: Sequence[Source]
) -> tuple[Answer, int]:
    """The answer with the quotes that stand somewhere and the basis they allow; how many were dropped.

    ``said`` are the quotes a model gave, each with the number of the text it says it is from.
    """
    given = [(quote, number) for quote, number in said if quote.strip()]
    found = [located(quote, number, sources) for quote, number in given]
    quotes = tuple(dict.fromkeys(each for each in found if each is not None))[:MOST_QUOTES]
    dropped = sum(each is None for each in found)
    return answer.model_copy(update={"quotes": quotes, "basis": _basis(answer, quotes)}), dropped


def _basis(answer: Answer, quotes: Sequence[Quote]) -> Basis:
    if not answer.text.strip() or answer.basis is Basis.UNKNOWN:
        return Basis.UNKNOWN
    if any(each.document for each in quotes):
        return Basis.DOCUMENTS
    return Basis.ONBOARDING if quotes else Basis.INFERRED
