"""PDF documents: their text page by page, under the headings of their outline."""

import re
from collections import Counter
from collections.abc import Iterator

import pypdfium2  # type: ignore[import-untyped]

from relevo.knowledge.block import Block
from relevo.knowledge.reading.errors import Unreadable, Why

MOST_PAGES = 5_000
_ENDS = (".", "!", "?", ":", "…", "”", '"')
_REPEATS = 4  # pages on which the same first or last line stands before it counts as a running head
_LETTER = re.compile(r"[^\W\d_]")


def pages(body: bytes) -> Iterator[Block]:
    try:
        document = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError as error:
        raise Unreadable(Why.PASSWORD if "password" in str(error).lower() else Why.BROKEN) from error
    if len(document) > MOST_PAGES:
        raise Unreadable(Why.TOO_MUCH_TEXT)
    lines = [_lines(document, number) for number in range(len(document))]
    running = _running_heads(lines)
    outline = _outline(document)
    for number, own in enumerate(lines, 1):
        kept = [line for line in own if _key(line) not in running]
        yield from _blocks(kept, number, outline.get(number, {}))


def _lines(document: pypdfium2.PdfDocument, number: int) -> list[str]:
    page = document[number]
    try:
        text = page.get_textpage().get_text_bounded()
    except pypdfium2.PdfiumError:
        return []
    finally:
        page.close()
    joined = re.sub(r"[\ufffe\u00ad]\r?\n?", "", text).replace("\0", "")
    return [line.strip() for line in joined.splitlines()]


def _running_heads(pages_: list[list[str]]) -> frozenset[str]:
    """First and last lines, figures aside, that stand on at least four pages and on half of them."""
    seen: Counter[str] = Counter()
    for lines in pages_:
        said = [line for line in lines if line]
        seen.update({_key(line) for line in (*said[:1], *said[-1:]) if len(line) < 120})
    least = max(_REPEATS, len(pages_) // 2)
    return frozenset(line for line, times in seen.items() if times >= least)


def _key(line: str) -> str:
    return re.sub(r"\d+", "#", line)


def _outline(document: pypdfium2.PdfDocument) -> dict[int, dict[str, int]]:
    """For each page the titles of the outline that lead to it, with their levels."""
    found: dict[int, dict[str, int]] = {}
    for item in document.get_toc(max_depth=6):
        destination = item.get_dest()
        index = destination.get_index() if destination else None
        title = " ".join(item.get_title().split())
        if index is not None and title:
            found.setdefault(index + 1, {})[title] = min(item.level + 1, 6)
    return found


def _blocks(lines: list[str], page: int, titles: dict[str, int]) -> Iterator[Block]:
    """Lines joined to paragraphs: one ends at an empty line, or where a sentence ends in a short line."""
    left = dict(titles)
    wide = max((len(line) for line in lines), default=0)
    held = ""
    shown = {" ".join(line.split()) for line in lines}
    for title in [title for title in left if title not in shown]:
        yield Block(title, left.pop(title), page=page)
    for line in lines:
        heading = left.pop(" ".join(line.split()), 0)
        if heading or not line:
            if held:
                yield Block(held, page=page)
                held = ""
            if heading:
                yield Block(line, heading, page=page)
            continue
        if held.endswith("-") and _LETTER.match(line) and line[0].islower():
            held = held[:-1] + line
        else:
            held = f"{held} {line}".strip()
        if line.endswith(_ENDS) and len(line) < 0.8 * wide:
            yield Block(held, page=page)
            held = ""
    if held:
        yield Block(held, page=page)
