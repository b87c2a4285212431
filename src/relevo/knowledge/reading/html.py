"""Web pages: their headings and text, without what a reader of the page does not see."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from lxml import etree, html

from relevo.knowledge.block import Block
from relevo.knowledge.reading.text import decoded

_SKIPPED = frozenset({
    "script", "style", "noscript", "template", "svg", "math", "head", "nav", "footer", "aside", "form",
    "button", "select", "iframe", "object", "canvas", "audio", "video",
})  # fmt: skip
_BLOCKS = frozenset({
    "p", "div", "section", "article", "main", "header", "ul", "ol", "li", "dl", "dt", "dd", "table", "tr",
    "blockquote", "pre", "figure", "figcaption", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "body", "address",
    "details", "summary", "caption",
})  # fmt: skip
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0(?![.\d])", re.IGNORECASE
)
_SPACE = re.compile(r"\s+")
_DECLARED = re.compile(
    rb"<(?:\?xml[^>]{0,200}encoding|meta[^>]{0,200}charset)\s*=\s*[\"']?([\w-]{2,40})", re.I
)


def page(body: bytes) -> Iterator[Block]:
    """The page's blocks; those of its ``main`` part alone, where it has one."""
    text = _text(body)
    if not text.strip():
        return
    root = html.document_fromstring(text, parser=html.HTMLParser(no_network=True, remove_comments=True))
    mains = list(root.iter("main"))
    yield from blocks(mains[0] if len(mains) == 1 else root)


def title_of(body: bytes) -> str:
    """What the page calls itself; empty where it does not say."""
    found = re.search(r"<title[^>]{0,200}>([^<]{1,300})", _text(body[:100_000]), re.IGNORECASE)
    return " ".join(unescape(found[1]).split()) if found else ""


def blocks(root: Any) -> Iterator[Block]:
    """The blocks of a parsed tree, in order."""
    said: list[str] = []
    level = 0

    def flush() -> Iterator[Block]:
        text = _SPACE.sub(" ", "".join(said)).strip(" |")
        said.clear()
        if text:
            yield Block(text, level)

    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tag = element.tag if isinstance(element.tag, str) else ""
        tag = tag.rpartition("}")[2].lower()
        if event == "start":
            if not tag or tag in _SKIPPED or _hidden(element):
                walk.skip_subtree()
                continue
            if tag in _BLOCKS:
                yield from flush()
                level = int(tag[1]) if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit() else level
            said.append(element.text or "")
            continue
        if tag in _BLOCKS and tag not in _SKIPPED:
            yield from flush()
            if len(tag) == 2 and tag[0] == "h":
                level = 0
        elif tag in ("td", "th"):
            said.append(" | ")
        elif tag == "br":
            said.append(" ")
        if element is not root:
            said.append(element.tail or "")
    yield from flush()


def _hidden(element: Any) -> bool:
    """Whether the element is not shown: its text was not written for a reader."""
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    style = element.get("style")
    return bool(style and _HIDDEN.search(style))


def _text(body: bytes) -> str:
    declared = _DECLARED.search(body[:2_000])
    if declared:
        try:
            return body.decode(declared[1].decode("ascii"), "strict").replace("\0", "")
        except (LookupError, UnicodeDecodeError):
            pass
    return re.sub(r"^\s*<\?xml[^>]{0,200}\?>", "", decoded(body))
