"""Word documents."""

import io
import re
from collections.abc import Iterator
from zipfile import BadZipFile

from docx import Document
from docx.opc.exceptions import PackageNotFoundError
from docx.text.paragraph import Paragraph

from relevo.knowledge.block import Block
from relevo.knowledge.reading.archive import opened
from relevo.knowledge.reading.errors import Unreadable, Why

_HEADING = re.compile(r"^(?:heading|t[íi]tulo)\s*([1-6])$", re.IGNORECASE)


def paragraphs(body: bytes) -> Iterator[Block]:
    """Paragraphs with their headings, and tables row by row; hidden text is left out."""
    if "word/document.xml" not in opened(body).namelist():
        raise Unreadable(Why.WRONG_KIND)
    try:
        document = Document(io.BytesIO(body))
    except (PackageNotFoundError, BadZipFile, KeyError, ValueError) as error:
        raise Unreadable(Why.BROKEN) from error
    for item in document.iter_inner_content():
        if isinstance(item, Paragraph):
            text = _shown(item)
            if text:
                yield Block(text, _level(item))
            continue
        for row in item.rows:
            cells = dict.fromkeys(" ".join(cell.text.split()) for cell in row.cells)
            told = " | ".join(cell for cell in cells if cell)
            if told:
                yield Block(told)


def _shown(paragraph: Paragraph) -> str:
    hidden = any(run.font.hidden for run in paragraph.runs)
    text = "".join(run.text for run in paragraph.runs if not run.font.hidden) if hidden else paragraph.text
    return text.strip()


def _level(paragraph: Paragraph) -> int:
    name = paragraph.style.name if paragraph.style is not None else None
    if name is None:
        return 0
    if name.lower() == "title":
        return 1
    found = _HEADING.match(name)
    return int(found[1]) if found else 0
