"""What makes vectors of texts: a port, and what says that it could not."""

from collections.abc import Sequence
from typing import Protocol

from relevo.domain.signals import Language


class EmbeddingFailed(Exception):
    """The embedding gave no vectors; what is found is found by words alone."""


class Embedder(Protocol):
    """Makes a vector of each text. Vectors of different ``name`` are never compared."""

    @property
    def name(self) -> str: ...

    @property
    def speaks(self) -> frozenset[Language]:
        """The languages whose texts it tells apart by their meaning."""
        ...

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector for each text, all of the same length. Raises EmbeddingFailed."""
        ...

    async def close(self) -> None: ...
