"""Transcripts of YouTube: which addresses are videos, what comes of them, what is said without one."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson
import pytest
from requests import RequestException, Session
from requests.adapters import HTTPAdapter

from relevo.domain.ids import ProjectId
from relevo.domain.knowledge import DocumentState
from relevo.knowledge.library import Library
from relevo.knowledge.reading.errors import Unreadable, Why
from relevo.knowledge.video_address import video_in
from relevo.knowledge.youtube import Transcripts, youtube_session
from relevo.storage.database import Database

VIDEO = "dQw4w9WgXcQ"
ADDRESS = f"https://www.youtube.com/watch?v={VIDEO}"


@pytest.mark.parametrize(
    ("address", "video"),
    [
        (ADDRESS, VIDEO),
        (f"https://youtube.com/watch?list=PL1&v={VIDEO}&t=42s", VIDEO),
        (f"https://m.youtube.com/watch?v={VIDEO}#x", VIDEO),
        (f"https://youtu.be/{VIDEO}?si=abc", VIDEO),
        (f"http://www.youtube.com/shorts/{VIDEO}", VIDEO),
        (f"https://www.youtube.com/live/{VIDEO}?feature=share", VIDEO),
        ("https://www.youtube.com/@somebody", None),
        ("https://www.youtube.com/watch?v=short", None),
        (f"https://youtube.com.evil.example/watch?v={VIDEO}", None),
        (f"https://evil.example/https://youtu.be/{VIDEO}", None),
        (f"file://youtube.com/watch?v={VIDEO}", None),
        ("http://[bad", None),
    ],
)
def test_which_addresses_are_videos(address: str, video: str | None) -> None:
    assert video_in(address) == video


@dataclass
class YouTube:
    """A loopback server that speaks what the client asks of YouTube; ``tracks`` are by language."""

    url: str
    tracks: dict[str, str]
    fault: str = ""

    def session(self) -> Session:
        """Takes every request for YouTube to the loopback server."""
        server = self

        class Here(HTTPAdapter):
            def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
                request.url = request.url.replace("https://www.youtube.com", server.url)
                return super().send(request, *args, **kwargs)

        session = Session()
        session.mount("https://", Here())
        return session

    def answer(self, path: str) -> tuple[int, bytes]:
        if self.fault == "status":
            return 429, b""
        if path.startswith("/watch"):
            if self.fault == "robot":
                return 200, b'<div class="g-recaptcha"></div>'
            return 200, b'<script>{"INNERTUBE_API_KEY": "key-1"}</script>'
        if path.startswith("/youtubei"):
            tracks = [
                {
                    "baseUrl": f"https://www.youtube.com/track/{code}",
                    "name": {"runs": [{"text": code}]},
                    "languageCode": code,
                    "isTranslatable": False,
                }
                for code in self.tracks
            ]
            renderer = {"captionTracks": tracks, "translationLanguages": []}
            captions = {"playerCaptionsTracklistRenderer": renderer} if tracks else {}
            return 200, orjson.dumps({"playabilityStatus": {"status": "OK"}, "captions": captions})
        return 200, self.tracks[path.rpartition("/")[2].partition("?")[0]].encode()


def track(*lines: tuple[float, str]) -> str:
    texts = "".join(f'<text start="{start}" dur="2.5">{text}</text>' for start, text in lines)
    return f'<?xml version="1.0" encoding="utf-8" ?><transcript>{texts}</transcript>'


SPANISH = track((0.0, "Hoy hablamos de la sequía en el balcón."), (3725.5, "El riego por goteo ahorra agua."))


@pytest.fixture
def youtube() -> Iterator[YouTube]:
    server = YouTube("", {"es": SPANISH, "en": track((0.0, "Today we talk about drought."))})

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = server.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def log_message(self, *_: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.url = f"http://127.0.0.1:{http.server_address[1]}"
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    yield server
    http.shutdown()
    http.server_close()
    thread.join()


async def test_a_transcript_is_read_with_its_times(
    database: Database, project: ProjectId, youtube: YouTube
) -> None:
    library = Library(database, transcripts=Transcripts(youtube.session))
    document, fresh = await library.add_address(project, ADDRESS)
    assert (fresh, document.source, document.title) == (True, ADDRESS, f"YouTube {VIDEO}")
    ready = await library.read(project, document.id)
    assert (ready.state, ready.language) == (DocumentState.READY, "es")
    found = await library.search.search(project, "riego por goteo")
    assert any("goteo" in each.text for each in found)
    assert found[0].place.seconds is not None
    again, fresh = await library.add_address(project, f"https://youtu.be/{VIDEO}")
    assert (again.id, fresh) == (document.id, False)


@pytest.mark.parametrize("fault", ["status", "robot", "no tracks", "other language"])
async def test_no_transcript_says_what_to_do_instead(
    database: Database, project: ProjectId, youtube: YouTube, fault: str
) -> None:
    youtube.fault = fault
    if fault == "no tracks":
        youtube.tracks = {}
    if fault == "other language":
        youtube.tracks = {"ja": track((0.0, "x"))}
    with pytest.raises(Unreadable) as refused:
        await Library(database, transcripts=Transcripts(youtube.session)).add_address(project, ADDRESS)
    assert refused.value.why is Why.NO_TRANSCRIPT
    assert ".srt" in str(refused.value)


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:1/", "https://169.254.169.254/", "http://www.youtube.com/", "https://x.example/"],
)
async def test_nobody_but_youtube_is_asked(address: str) -> None:
    with pytest.raises(RequestException, match="not YouTube"):
        await asyncio.to_thread(youtube_session().get, address)
