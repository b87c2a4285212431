"""What makes vectors of documents, as the settings name it."""

from relevo.domain.signals import Language
from relevo.knowledge.embedding import Embedder
from relevo.settings import Misconfigured, Settings
from relevo.storage.database import Database
from relevo.storage.knowledge_vectors import has_vectors

NO_ROOM = "EMBEDDINGS: the database has no extension vector (pgvector); install it, or set EMBEDDINGS=none"
NO_KEY = "EMBEDDINGS: set OPENAI_API_KEY or EMBEDDINGS_API_KEY"


async def embedder_of(settings: Settings, database: Database) -> Embedder | None:
    """The configured embedder, None for ``none``. Raises Misconfigured naming the setting to change."""
    if settings.embeddings == "none":
        return None
    key = settings.embeddings_api_key or settings.openai_api_key
    if key is None and settings.embeddings_base_url is None:
        raise Misconfigured(NO_KEY)
    async with database.door() as connection:
        if not await has_vectors(connection):
            raise Misconfigured(NO_ROOM)
    from relevo.knowledge.embedding_openai import OpenAIEmbedder  # the client takes a second or two

    return OpenAIEmbedder(
        settings.embeddings.partition(":")[2],
        settings.embeddings_base_url,
        key.get_secret_value() if key else "not-needed",
        frozenset(
            Language(each.strip()) for each in settings.embeddings_languages.split(",") if each.strip()
        ),
        settings.embeddings_timeout,
    )
