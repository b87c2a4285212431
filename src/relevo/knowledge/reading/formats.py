"""Which reader a file gets: by its extension, which its first bytes must bear out."""

from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import PurePosixPath

from relevo.knowledge.block import Block
from relevo.knowledge.reading.errors import Unreadable, Why

Reader = Callable[[bytes], Iterable[Block]]

READERS = {
    ".txt": "text.plain",
    ".md": "text.markdown",
    ".html": "html.page",
    ".htm": "html.page",
    ".csv": "table.rows",
    ".srt": "subtitles.cues",
    ".vtt": "subtitles.cues",
    ".pdf": "pdf.pages",
    ".docx": "word.paragraphs",
    ".pptx": "slides.slides",
    ".epub": "epub.chapters",
}
"""The function, under relevo.knowledge.reading, that reads each kind; imported when it is needed."""
_MAGIC = {".pdf": b"%PDF-", ".docx": b"PK\x03\x04", ".pptx": b"PK\x03\x04", ".epub": b"PK\x03\x04"}
_OTHERS = (*_MAGIC.values(), b"\xd0\xcf\x11\xe0", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x7fELF", b"MZ")
_LOCKED_OFFICE = (
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # an OLE container: how Office stores what has a password
)
_HEAD = 1_024


def suffix_of(name: str) -> str:
    """The extension that tells the reader. Raises Unreadable for no name, and for no kind we read."""
    if not name or name != name.strip() or len(name) > 255 or not name.isprintable():
        raise Unreadable(Why.NAME)
    if "/" in name or "\\" in name or name.startswith("."):
        raise Unreadable(Why.NAME)
    suffix = PurePosixPath(name).suffix.lower()
    if suffix not in READERS:
        raise Unreadable(Why.UNKNOWN_KIND)
    return suffix


def check_kind(body: bytes, suffix: str) -> None:
    """Raises Unreadable where the bytes are empty, or plainly not of the kind that the extension says."""
    if not body.strip():
        raise Unreadable(Why.EMPTY)
    head = body[:_HEAD]
    magic = _MAGIC.get(suffix)
    if suffix in (".docx", ".pptx") and head.startswith(_LOCKED_OFFICE):
        raise Unreadable(Why.PASSWORD)
    if magic is not None:
        fits = magic in head if suffix == ".pdf" else head.startswith(magic)
    else:
        fits = not head.startswith(_OTHERS) and not _binary(head)
    if not fits:
        raise Unreadable(Why.WRONG_KIND)


def reader_of(suffix: str) -> Reader:
    module, _, name = READERS[suffix].partition(".")
    reader: Reader = getattr(import_module(f"relevo.knowledge.reading.{module}"), name)
    return reader


def _binary(head: bytes) -> bool:
    return b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff"))
