"""Words by their stem, so that "retirar", "retiro" and "retírame" are one."""

import threading
from functools import lru_cache

import snowballstemmer  # type: ignore[import-untyped]

from relevo.domain.signals import Language

_STEMMERS = {
    Language.ES: snowballstemmer.stemmer("spanish"),
    Language.EN: snowballstemmer.stemmer("english"),
}
_STEMMING = threading.Lock()  # Snowball's stemmers keep the word they work on in themselves


@lru_cache(maxsize=20_000)
def stem(word: str, language: Language) -> str:
    """The Snowball stem of a folded word."""
    if len(word) <= 3:
        return word
    with _STEMMING:
        return str(_STEMMERS[language].stemWord(word))
