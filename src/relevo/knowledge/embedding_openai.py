"""Vectors from a server that speaks OpenAI's protocol: ``POST /embeddings``, in batches."""

import math
from collections.abc import Sequence

from openai import AsyncOpenAI, OpenAIError

from relevo.domain.signals import Language
from relevo.insight.metrics import EMBEDDINGS_FAILED
from relevo.knowledge.embedding import EmbeddingFailed

BATCH = 64
"""Texts in one request."""
MOST_CHARS = 8_000
"""Letters of one text that are sent: models take about 8,000 tokens."""


class OpenAIEmbedder:
    """An ``Embedder`` over the official client, which tries a request twice more."""

    def __init__(
        self, model: str, base_url: str | None, api_key: str, speaks: frozenset[Language], seconds: float
    ) -> None:
        self._model = model
        self._speaks = speaks
        self._client = AsyncOpenAI(api_key=api_key, base_url=base_url, timeout=seconds, max_retries=2)

    @property
    def name(self) -> str:
        return self._model

    @property
    def speaks(self) -> frozenset[Language]:
        return self._speaks

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        vectors: list[list[float]] = []
        for start in range(0, len(texts), BATCH):
            vectors += await self._batch([text[:MOST_CHARS] for text in texts[start : start + BATCH]])
        if len({len(vector) for vector in vectors}) > 1:
            raise self._failed("vectors of different lengths")
        return vectors

    async def close(self) -> None:
        await self._client.close()

    async def _batch(self, texts: list[str]) -> list[list[float]]:
        try:
            answer = await self._client.embeddings.create(
                model=self._model, input=texts, encoding_format="float"
            )
        except OpenAIError as error:
            raise self._failed(type(error).__name__) from error
        vectors = [each.embedding for each in sorted(answer.data, key=lambda each: each.index)]
        fine = all(vector and all(map(math.isfinite, vector)) for vector in vectors)
        if len(vectors) != len(texts) or not fine:
            raise self._failed("not a vector for each text")
        return vectors

    def _failed(self, why: str) -> EmbeddingFailed:
        EMBEDDINGS_FAILED.inc()
        return EmbeddingFailed(f"{self._model}: {why}")
