"""Cuts what was read into passages: within headings, at paragraphs, at sentences only where it must."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from relevo.domain.knowledge import Passage, Place
from relevo.domain.signals import Language
from relevo.knowledge.block import Block
from relevo.knowledge.words import language_of, sentences

USUAL_CHARS = 1_200
"""Short paragraphs under one heading are joined up to this length."""
MOST_CHARS = 2_400
"""A paragraph up to this length stays whole: cutting those of 1,000 cost recall (measured)."""


def passages(
    blocks: Iterable[Block], default: Language = Language.ES, *, known: bool = False
) -> list[Passage]:
    """The passages of a document. ``default`` is the language of those that show none; ``known``: of all."""
    made = [_passage(group, default) for group in _groups(_placed(blocks))]
    if known:
        return made
    whole = language_of(" ".join(each.text for each in made[:20]), default)
    return [replace(each, language=language_of(each.text, whole)) for each in made]


def _placed(blocks: Iterable[Block]) -> Iterator[tuple[str, Place]]:
    """Each piece of text with the headings it stands under; what is too long in pieces."""
    path: list[tuple[int, str]] = []
    bare: tuple[str, Place] | None = None
    for block in blocks:
        text = block.text.strip()
        if not text:
            continue
        if block.level:
            path = [*(above for above in path if above[0] < block.level), (block.level, text[:200])]
            place = Place(tuple(heading for _, heading in path), block.page, block.seconds)
            if bare is not None and bare[1].headings != place.headings[: len(bare[1].headings)]:
                yield bare  # a heading with nothing under it is text too
            bare = (text, place)
            continue
        bare = None
        place = Place(tuple(heading for _, heading in path), block.page, block.seconds)
        for piece in _pieces(text):
            yield piece, place
    if bare is not None:
        yield bare


def _pieces(text: str) -> Iterator[str]:
    """``text`` whole, or cut into about equal pieces at its sentences."""
    if len(text) <= MOST_CHARS:
        yield text
        return
    parts = [part for sentence in sentences(text) for part in _cut(sentence)]
    count = -(-len(text) // USUAL_CHARS)
    share, held = len(text) / count, ""
    for part in parts:
        if held and len(held) + len(part) > share * 1.15:
            yield held
            held = ""
        held = f"{held} {part}".strip()
    if held:
        yield held


def _cut(sentence: str) -> Iterator[str]:
    while len(sentence) > MOST_CHARS:
        end = sentence.rfind(" ", USUAL_CHARS // 2, USUAL_CHARS)
        end = end if end > 0 else USUAL_CHARS
        yield sentence[:end].strip()
        sentence = sentence[end:].strip()
    if sentence:
        yield sentence


def _groups(placed: Iterable[tuple[str, Place]]) -> Iterator[list[tuple[str, Place]]]:
    """Neighbours under the same headings, joined while they are short."""
    group: list[tuple[str, Place]] = []
    length = 0
    for text, place in placed:
        apart = group and place.headings != group[0][1].headings
        if group and (apart or length + len(text) > USUAL_CHARS):
            yield group
            group, length = [], 0
        group.append((text, place))
        length += len(text) + 1
    if group:
        yield group


def _passage(group: Sequence[tuple[str, Place]], default: Language) -> Passage:
    return Passage("\n".join(text for text, _ in group), default, group[0][1])
