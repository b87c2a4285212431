"""What may leave in a reply a model wrote: text, and links to places the team has listed; nothing else."""

import re
from collections.abc import Collection
from urllib.parse import urlsplit

from relevo.pipeline.state import TurnContext

_IMAGE = re.compile(r"!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])")
_LINK = re.compile(r"\[([^\]]*)\]\(([^)]*)\)")
_REFERENCE = re.compile(r"(?m)^\s*\[[^\]]+\]:\s*\S+.*$")
_REFERENCED = re.compile(r"\[([^\]]+)\]\[[^\]]*\]")
_TAG = re.compile(r"<[a-zA-Z/!?][^>]{0,2000}>")
_ADDRESS = re.compile(
    r"(?i)(?:\b[a-z][a-z0-9+.-]{1,20}:/{0,2}|\bwww\.|(?<![\w:/])//|\b(?:[\w-]+\.)+[a-z]{2,}/)[^\s<>\"')\]]*"
)
"""A scheme, www, a host after two slashes, or a bare host with a path: what readers make into links."""
_SCHEMES = frozenset({"http", "https", "ftp", "data", "javascript", "file", "mailto", "tel"})


def clean(text: str, links: Collection[str]) -> str:
    """``text`` without images, tags and addresses whose host is not in ``links`` (a link keeps its words)."""
    text = _IMAGE.sub("", text)
    text = _REFERENCE.sub("", text)
    text = _REFERENCED.sub(r"\1", text)
    text = _LINK.sub(lambda found: found.group(0 if _allowed(found.group(2), links) else 1), text)
    text = _TAG.sub("", text)
    text = _ADDRESS.sub(lambda found: found.group(0) if _is_plain(found.group(0), links) else "", text)
    return text.strip()


def _is_plain(address: str, links: Collection[str]) -> bool:
    """An allowed address, or a colon in prose such as "Pro:49"."""
    scheme = address.split(":", 1)[0].lower()
    is_address = scheme in _SCHEMES or "/" in address or address.lower().startswith("www.")
    return _allowed(address, links) if is_address else True


def _allowed(address: str, links: Collection[str]) -> bool:
    parts = urlsplit(address if "//" in address else f"//{address}")
    return parts.scheme in ("", "https") and (parts.hostname or "") in links


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
