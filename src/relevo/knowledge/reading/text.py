"""Plain text and Markdown."""

import re
from collections.abc import Iterator

from relevo.knowledge.block import Block

_BLANK = re.compile(r"\n[ \t]*\n")
_HEADING = re.compile(r"^(#{1,6})[ \t]+(.+?)[ \t#]*$")
_ITEM = re.compile(r"[-*+][ \t]|\d{1,3}[.)][ \t]|\||>")
_IMAGE = re.compile(r"!\[([^\]\n]{0,500})\]\([^)\s]{0,2000}[^)\n]{0,200}\)")
_LINK = re.compile(r"\[([^\]\n]{1,500})\]\([^)\s]{0,2000}[^)\n]{0,200}\)")
_MARKS = re.compile(r"(\*\*|__|`)(?=\S)(.{1,500}?)(?<=\S)\1")
_COMMENT = re.compile(r"<!--.{0,10000}?-->", re.DOTALL)


def decoded(body: bytes) -> str:
    """The text of ``body``: by its mark, as UTF-8, or else as Western Europe wrote before."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = body.decode("utf-16", "replace")
    else:
        try:
            text = body.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = body.decode("cp1252", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def plain(body: bytes) -> Iterator[Block]:
    """A block for each paragraph: what stands between empty lines."""
    for paragraph in _BLANK.split(decoded(body)):
        if paragraph.strip():
            yield Block(paragraph.strip())


def markdown(body: bytes) -> Iterator[Block]:
    """Headings and paragraphs, lines joined that were only wrapped.

    Links and images are their words; comments and a head are left out.
    """
    text = _COMMENT.sub("", decoded(body)).lstrip("\n")
    if text.startswith("---\n") and (end := text.find("\n---", 4)) > 0:
        text = text[end + 4 :]
    paragraph: list[str] = []
    fenced = False
    for line in text.split("\n"):
        if line.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
            continue
        heading = None if fenced else _HEADING.match(line)
        if heading or not line.strip():
            if paragraph:
                yield Block("\n".join(paragraph))
                paragraph = []
            if heading:
                yield Block(_unmarked(heading[2]), len(heading[1]))
            continue
        said = line.rstrip() if fenced else _unmarked(line.strip())
        if paragraph and not fenced and not _ITEM.match(said):
            paragraph[-1] += f" {said}"
        else:
            paragraph.append(said)
    if paragraph:
        yield Block("\n".join(paragraph))


def _unmarked(line: str) -> str:
    return _MARKS.sub(r"\2", _LINK.sub(r"\1", _IMAGE.sub(r"\1", line)))
