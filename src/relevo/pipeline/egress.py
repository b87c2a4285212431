"""What may leave in a reply a model wrote: text, and links to places the team has listed; nothing else.

Every address is taken out unless its host is listed, with or without a scheme, since WhatsApp and others make
links of bare names too. E-mail addresses stay: nothing is fetched through them. Characters that cannot be
seen go first, so that none can hide in the middle of an address or carry text of its own.
"""

import re
from collections.abc import Collection
from urllib.parse import urlsplit

from relevo.pipeline.state import TurnContext

_UNSEEN = (
    (0, 8), (0xB, 0x1F), (0x7F, 0x9F), (0xAD, 0xAD), (0x200B, 0x200B), (0x200E, 0x200F), (0x202A, 0x202E),
    (0x2060, 0x2069), (0xD800, 0xDFFF), (0xFEFF, 0xFEFF), (0xE0000, 0xE007F),
)  # fmt: skip
"""Control characters but for tab and new line, halves of characters, marks of direction, hidden tags."""
_INVISIBLE = {code: None for first, last in _UNSEEN for code in range(first, last + 1)}
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3002: ".", 0xFF61: "."}
"""Full-width forms, which browsers read as the ASCII they look like, and ideographic full stops."""

_IMAGE = re.compile(r"!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])")
_LINK = re.compile(r"\[([^\]]*)\]\(([^)]*)\)")
_REFERENCE = re.compile(r"(?m)^\s*\[[^\]]+\]:\s*\S+.*$")
_REFERENCED = re.compile(r"\[([^\]]+)\]\[[^\]]*\]")
_TAG = re.compile(r"<(?=[a-zA-Z/!?])(?:[^<>]{0,2000}>)?")
_REST = r"[^\s<>\"')\]]*"
_SCHEMES = "https?|ftps?|wss?|data|javascript|vbscript|file|blob|about|intent|mailto|tel|sms|whatsapp|tg"
_TOP = (
    "com|net|org|io|co|app|dev|xyz|info|biz|me|ly|gg|gl|ai|to|cc|tv|fm|mx|es|ar|cl|pe|br|uk|us|eu|de|fr|it|ru|cn"
    "|in|tk|ml|ga|top|site|online|link|click|shop|store|live|page|cloud|club|pro|work|zip|mov"
)
_ADDRESS = re.compile(
    rf"(?:{_SCHEMES}):{_REST}"
    rf"|(?<![\w+.-])[a-z][a-z0-9+.-]{{1,30}}:/{{2}}{_REST}"
    rf"|[/\\]{{2,}}[\w-]+(?:\.[\w-]+)+{_REST}"
    rf"|(?<![\w.@-])www\.{_REST}"
    rf"|(?<![\w.@-])(?:\d{{1,3}}\.){{3}}\d{{1,3}}[:/]{_REST}"
    rf"|(?<![\w.@-])(?:[\w-]+\.)+[^\W\d_]{{2,}}(?::\d+)?[/?#]{_REST}"
    rf"|(?<![\w.@-])(?:[\w-]+\.)+(?:{_TOP})(?![\w@.-]*\w)",
    re.IGNORECASE,
)


def clean(text: str, links: Collection[str]) -> str:
    """``text`` without images, tags and addresses whose host is not in ``links`` (a link keeps its words)."""
    text = text.translate(_INVISIBLE).translate(_WIDE)
    while (less := _once(text, links)) != text:  # what is left may have come together as another address
        text = less
    return text.strip()


def _once(text: str, links: Collection[str]) -> str:
    text = _IMAGE.sub("", text)
    text = _REFERENCE.sub("", text)
    text = _REFERENCED.sub(r"\1", text)
    text = _LINK.sub(lambda found: found.group(0 if _allowed(found.group(2), links) else 1), text)
    text = _TAG.sub("", text)
    return _ADDRESS.sub(lambda found: found.group(0) if _allowed(found.group(0), links) else "", text)


def _allowed(address: str, links: Collection[str]) -> bool:
    """Whether ``address``, with or without https, is at a listed host."""
    try:
        parts = urlsplit(address if "//" in address else f"//{address}")
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    return parts.scheme in ("", "https") and port is None and parts.username is None and host in links


class Preview:
    """Streamed text on its way to those who watch: whole words only, each through ``clean``."""

    def __init__(self, turn: TurnContext) -> None:
        self._turn = turn
        self._held = ""
        self._shown = False

    def add(self, piece: str) -> None:
        """Takes a piece of text; an empty one means that what came so far is void."""
        if not piece:
            self.withdraw()
            return
        self._held += piece
        cut = max(self._held.rfind(" "), self._held.rfind("\n"))
        if cut < 0 or _open_markup(self._held[:cut]):
            return
        ready, self._held = self._held[: cut + 1], self._held[cut + 1 :]
        self._turn.publish("delta", text=_keep_edges(ready, clean(ready, self._turn.engine.team.links)))
        self._shown = True

    def withdraw(self) -> None:
        self._held = ""
        if self._shown:
            self._turn.publish("reset")
            self._shown = False


def _open_markup(text: str) -> bool:
    """Whether a bracket stands open whose other half has not come yet."""
    return text.count("[") > text.count("]") or text.count("(") > text.count(")")


def _keep_edges(raw: str, cleaned: str) -> str:
    """``cleaned`` with the white space that stood around ``raw``: pieces are joined again by the reader."""
    head = raw[: len(raw) - len(raw.lstrip())]
    tail = raw[len(raw.rstrip()) :]
    return f"{head}{cleaned}{tail}" if cleaned else tail
