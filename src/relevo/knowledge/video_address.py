"""Which addresses show a video of YouTube."""

import re
from urllib.parse import parse_qs, urlsplit

HOSTS = frozenset({"youtube.com", "www.youtube.com", "m.youtube.com", "music.youtube.com"})
SHORT = "youtu.be"
_ID = re.compile(r"[A-Za-z0-9_-]{11}")


def video_in(address: str) -> str | None:
    """The id of the video that an address shows; None for what is no video of YouTube."""
    try:
        parts = urlsplit(address.strip())
        host = (parts.hostname or "").lower()
    except ValueError:
        return None
    if parts.scheme not in ("http", "https"):
        return None
    path = [each for each in parts.path.split("/") if each]
    found = ""
    if host == SHORT and path:
        found = path[0]
    elif host in HOSTS and path[:1] == ["watch"]:
        found = parse_qs(parts.query).get("v", [""])[0]
    elif host in HOSTS and len(path) > 1 and path[0] in ("shorts", "embed", "live"):
        found = path[1]
    return found if _ID.fullmatch(found) else None
