"""Transcripts of videos on YouTube, as a file of subtitles that is read like any other.

Only YouTube's own hosts are asked, whatever its answers name. A transcript may be missing, switched off, or
kept from servers: then somebody gives it as a file.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from requests import RequestException, Session
from requests.adapters import HTTPAdapter

from relevo.knowledge.fetch import Page
from relevo.knowledge.reading.errors import Unreadable, Why
from relevo.knowledge.video_address import HOSTS

if TYPE_CHECKING:
    from youtube_transcript_api import FetchedTranscript

LANGUAGES = ("es", "es-419", "es-ES", "es-MX", "en", "en-US", "en-GB")
"""Which transcript is taken where there are several: the first of these."""
SECONDS = 20.0


class OnlyYouTube(HTTPAdapter):
    """Lets a session ask YouTube and nobody else, also where it is sent on."""

    def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        parts = urlsplit(request.url)
        if parts.scheme != "https" or (parts.hostname or "") not in HOSTS:
            raise RequestException("not YouTube")
        return super().send(request, *args, **{**kwargs, "timeout": SECONDS})


def youtube_session() -> Session:
    session = Session()
    session.trust_env = False
    for scheme in ("https://", "http://"):
        session.mount(scheme, OnlyYouTube())
    return session


class Transcripts:
    """Fetches transcripts; ``session`` makes what talks with YouTube."""

    def __init__(self, session: Callable[[], Session] = youtube_session) -> None:
        self._session = session

    async def fetch(self, video: str) -> Page:
        """The transcript as subtitles (.vtt) with their times. Raises Unreadable."""
        return await asyncio.to_thread(self._fetch, video)

    def _fetch(self, video: str) -> Page:
        from youtube_transcript_api import YouTubeTranscriptApi, YouTubeTranscriptApiException

        try:
            with self._session() as session:
                found = YouTubeTranscriptApi(http_client=session).fetch(video, LANGUAGES)
        except (YouTubeTranscriptApiException, RequestException, ValueError) as error:
            raise Unreadable(Why.NO_TRANSCRIPT) from error
        return Page(f"{video}.vtt", _subtitles(found).encode(), f"YouTube {video}")


def _subtitles(found: "FetchedTranscript") -> str:
    parts = ["WEBVTT"]
    for each in found:
        text = " ".join(each.text.split())
        if text:
            parts.append(f"{_time(each.start)} --> {_time(each.start + each.duration)}\n{text}")
    return "\n\n".join(parts) + "\n"


def _time(seconds: float) -> str:
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}.{milliseconds:03}"
