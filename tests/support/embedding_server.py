"""A loopback server of OpenAI's ``POST /embeddings``: it knows some English words and is noise elsewhere."""

import hashlib
import math
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

DIMENSIONS = 64
MEANINGS = (
    {"car", "cars", "automobile", "vehicle"},
    {"doctor", "physician", "surgeon"},
    {"cheap", "affordable", "inexpensive", "price"},
    {"dog", "dogs", "puppy", "hound"},
)


@dataclass
class EmbeddingServer:
    """``fault`` is answered instead of vectors: a status, or a word for a wrong answer."""

    url: str = ""
    fault: int | str | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.asked.append(body)
        if isinstance(self.fault, int):
            return web.json_response({"error": {"message": "no", "type": "x"}}, status=self.fault)
        data = [
            {"object": "embedding", "index": number, "embedding": vector(text)}
            for number, text in enumerate(body["input"])
        ]
        if self.fault == "short":
            data = data[:-1]
        if self.fault == "empty":
            data = [each | {"embedding": []} for each in data]
        usage = {"prompt_tokens": 1, "total_tokens": 1}
        return web.json_response(
            {"object": "list", "model": body["model"], "data": data[::-1], "usage": usage}
        )


def vector(text: str) -> list[float]:
    """Words of one meaning point one way; every other word points where its letters say."""
    sums = [0.0] * DIMENSIONS
    for word in re.findall(r"\w+", text.lower()):
        meant = next((number for number, words in enumerate(MEANINGS) if word in words), None)
        if meant is not None:
            sums[meant] += 5.0
        digest = hashlib.sha256(word.encode()).digest()
        for place, byte in enumerate(digest):
            sums[4 + place % (DIMENSIONS - 4)] += (byte - 127.5) / 1000
    length = math.sqrt(sum(each * each for each in sums)) or 1.0
    return [each / length for each in sums]


@asynccontextmanager
async def embedding_server() -> AsyncIterator[EmbeddingServer]:
    server = EmbeddingServer()
    app = web.Application()
    app.router.add_post("/v1/embeddings", server.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    server.url = f"http://{host}:{port}/v1"
    yield server
    await runner.cleanup()
