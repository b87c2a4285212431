"""What may leave in a reply a model wrote: text, and links to places the team has listed; nothing else.

Every address is taken out unless its host is listed, with or without a scheme, since WhatsApp and others make
links of bare names too. E-mail addresses stay: nothing is fetched through them. Characters that cannot be
seen go first, so that none can hide in the middle of an address or carry text of its own.
"""

import re
import unicodedata
from collections.abc import Collection
from functools import lru_cache
from urllib.parse import urlsplit

from publicsuffixlist import PublicSuffixList

from relevo.agents.agent import Agent
from relevo.pipeline.disclosure import discloses
from relevo.pipeline.state import TurnContext

MOST_CHARS = 20_000
"""What is read of a reply; no channel carries so much."""
_PASSES = 4
"""What is left of a text may have come together as another address; who nests deeper gets no markup."""
_LOOKED_BACK = 500
"""Characters before a piece of a preview that are looked at with it."""
_KEPT_UNSEEN = frozenset("\t\n\u200d")
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3002: ".", 0xFF61: ".", 0x2024: "."}
"""Full-width forms, which browsers read as the ASCII they look like, and other full stops."""
_LOOKS_ASCII = re.compile("[\U0001d400-\U0001d7ff\u2460-\u24ff\u2100-\u214f]")
"""Letters of mathematics, in circles and the like: an address written with them works."""
_LOOKS_EMPTY = re.compile("[\u115f\u1160\u3164\uffa0\u034f\u2800]")
"""Letters and signs that Python holds to be printable, and nobody sees."""
_JOINER = re.compile(
    "(?<![\u2190-\U0001faff\ufe0f\U0001f3fb-\U0001f3ff])\u200d|\u200d(?![\u2190-\U0001faff])"
)
"""A joiner anywhere but between two emoji."""

_ENDLESS = re.compile(r"\S{1000,}")
_IMAGE = re.compile(r"!\[[^\]]{0,1000}\](?:\([^)]{0,2000}\)|\[[^\]]{0,1000}\])")
_LINK = re.compile(r"\[([^\]]{0,1000})\]\(([^)]{0,2000})\)")
_REFERENCE = re.compile(r"(?m)^[ \t]*\[[^\]]{1,1000}\]:[ \t]*\S+.*$")
_REFERENCED = re.compile(r"\[([^\]]{1,1000})\]\[[^\]]{0,1000}\]")
_TAG = re.compile(r"<(?=[a-zA-Z/!?])(?:[^<>]{0,2000}>)?")
_REST = r"[^\s<>\"')\]]*"
_SCHEMES = (
    "https?|ftps?|wss?|data|javascript|vbscript|file|blob|about|intent|mailto|tel|sms|whatsapp|tg|bitcoin"
    "|ethereum|litecoin|monero|lightning|magnet|skype|sip|sips|geo|market|ssh|git|irc|xmpp|callto|viber|line"
)
_ADDRESS = re.compile(
    rf"(?:{_SCHEMES}):{_REST}"
    rf"|(?<![\w+.-])[a-z][a-z0-9+.-]{{1,30}}:/{{2}}{_REST}"
    rf"|[/\\]{{2,}}[\w-]+(?:\.[\w-]+)+{_REST}"
    r"|(?P<mail>(?<![\w.+%@-])[\w.+%-]+@(?:[\w-]+\.)+[^\W\d_]{2,}(?![\w@:/?#\\-]|\.\w))"
    rf"|(?<![\w@-])www\.{_REST}"
    rf"|(?<![\w.-])(?:\d{{1,3}}\.){{3}}\d{{1,3}}[:/]{_REST}"
    rf"|(?<![\w-])(?P<host>(?:[\w-]+\.)+[\w-]*[^\W\d_][\w-]*)(?P<path>\.?(?::\d+)?(?:[/?#\\]{_REST})?)",
    re.IGNORECASE,
)


def clean(text: str, links: Collection[str]) -> str:
    """``text`` without images, tags and addresses whose host is not in ``links`` (a link keeps its words)."""
    text = _ENDLESS.sub("", _seen(text[:MOST_CHARS]))
    for _ in range(_PASSES):
        less = _once(text, links)
        if less == text:
            return text.strip()
        text = less
    bare = re.sub(r"[<>\[\]()!]", " ", text)
    return _ADDRESS.sub(lambda found: found["mail"] or " ", bare).strip()


def without_links(text: str) -> str:
    """``text`` without any image, tag or address."""
    return clean(text, ())


def _seen(text: str) -> str:
    """``text`` as it looks: without characters that cannot be seen, and in the letters it seems to be in."""
    text = text.translate(_WIDE)
    if text.isascii() and text.isprintable():
        return text
    text = _LOOKS_ASCII.sub(lambda found: _as_ascii(found[0]), text)
    if text.replace("\n", " ").isprintable() and not _LOOKS_EMPTY.search(text):
        return text
    shown = (char for char in text if char in _KEPT_UNSEEN or not _unseen(char))
    return _JOINER.sub("", "".join(shown))


def _as_ascii(char: str) -> str:
    plain = unicodedata.normalize("NFKC", char)
    return plain if len(plain) == 1 and plain.isascii() else char


@lru_cache(maxsize=4096)
def _unseen(char: str) -> bool:
    """Control and format characters, halves of characters, private and unassigned ones, odd spaces."""
    category = unicodedata.category(char)
    return category in ("Cc", "Cf", "Cs", "Co", "Cn") or _LOOKS_EMPTY.match(char) is not None


def _once(text: str, links: Collection[str]) -> str:
    text = _IMAGE.sub("", text)
    text = _REFERENCE.sub("", text)
    text = _REFERENCED.sub(r"\1", text)
    text = _LINK.sub(lambda found: found.group(0 if _allowed(found.group(2), links) else 1), text)
    text = _TAG.sub("", text)
    return _ADDRESS.sub(lambda found: found.group(0) if _stays(found, links) else "", text)


def _stays(found: re.Match[str], links: Collection[str]) -> bool:
    if found["mail"] or _allowed(found[0], links):
        return True
    return found["host"] is not None and not found["path"].strip(".") and not _is_domain(found["host"])


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False)


def _is_domain(host: str) -> bool:
    """Whether something made of words and full stops ends as the world's addresses do (publicsuffix.org)."""
    return _suffixes().publicsuffix(host.strip(".").lower()) is not None


def _allowed(address: str, links: Collection[str]) -> bool:
    """Whether ``address``, with or without https, is at a listed host."""
    try:
        parts = urlsplit(address if "//" in address else f"//{address}")
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    return parts.scheme in ("", "https") and port is None and parts.username is None and host in links


class Preview:
    """Streamed text on its way to those who watch: whole words only, each through ``clean``.

    What gives the agent's prompt away is withdrawn, and no more of it is shown.
    """

    def __init__(self, turn: TurnContext, agent: Agent) -> None:
        self._turn = turn
        self._agent = agent
        self._held = ""
        self._latest = ""
        self._muted = False
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
        self._latest = (self._latest + ready)[-_LOOKED_BACK:]
        if self._muted or discloses(self._latest, self._agent):
            self._muted = True
            self.withdraw()
            return
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
