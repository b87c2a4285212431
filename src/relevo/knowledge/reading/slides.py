"""Presentations: a slide is a page, its title a heading, the speaker's notes text."""

import io
from collections.abc import Iterable, Iterator
from typing import Any
from zipfile import BadZipFile

from pptx import Presentation
from pptx.exc import PackageNotFoundError
from pptx.shapes.group import GroupShape

from relevo.knowledge.block import Block
from relevo.knowledge.reading.archive import opened
from relevo.knowledge.reading.errors import Unreadable, Why


def slides(body: bytes) -> Iterator[Block]:
    if "ppt/presentation.xml" not in opened(body).namelist():
        raise Unreadable(Why.WRONG_KIND)
    try:
        presentation = Presentation(io.BytesIO(body))
    except (PackageNotFoundError, BadZipFile, KeyError, ValueError) as error:
        raise Unreadable(Why.BROKEN) from error
    for number, slide in enumerate(presentation.slides, 1):
        title = slide.shapes.title
        if title is not None and title.text_frame.text.strip():
            yield Block(" ".join(title.text_frame.text.split()), 1, page=number)
        for text in _texts(slide.shapes, title.shape_id if title is not None else None):
            yield Block(text, page=number)
        notes = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
        if notes is not None and notes.text.strip():
            yield Block(notes.text.strip(), page=number)


def _texts(shapes: Iterable[Any], title: int | None) -> Iterator[str]:
    for shape in shapes:
        if isinstance(shape, GroupShape):
            yield from _texts(shape.shapes, title)
        elif shape.shape_id == title:
            continue
        elif shape.has_text_frame and shape.text_frame.text.strip():
            yield shape.text_frame.text.strip()
        elif getattr(shape, "has_table", False):
            for row in shape.table.rows:
                told = " | ".join(cell.text.strip() for cell in row.cells if cell.text.strip())
                if told:
                    yield told
