"""The vectors of passages, compared exactly within a project.

A project's rows are read by their key, so that what other projects hold neither slows a search nor costs it
recall. ``halfvec`` keeps a number in two bytes.
"""

from collections.abc import Sequence

from relevo.domain.ids import DocumentId, ProjectId
from relevo.domain.signals import Language
from relevo.storage.database import Connection


async def store_vectors(
    connection: Connection,
    project: ProjectId,
    document: DocumentId,
    model: str,
    vectors: Sequence[Sequence[float]],
) -> None:
    """Gives a document's passages their vectors, one each in their order. They go when the passages go."""
    await connection.execute(
        """
        INSERT INTO knowledge_vectors (project_id, model, passage_id, document_id, language, vector,
            dimensions)
        SELECT p.project_id, %s, p.id, p.document_id, p.language, v.vector::halfvec,
            vector_dims(v.vector::halfvec)
        FROM unnest(%s::text[]) WITH ORDINALITY AS v (vector, number)
        JOIN knowledge_passages p ON p.project_id = %s AND p.document_id = %s AND p.position = v.number - 1
        """,
        (model, [_written(each) for each in vectors], project, document),
    )


async def nearest_passages(
    connection: Connection,
    project: ProjectId,
    model: str,
    vector: Sequence[float],
    languages: Sequence[Language],
    most: int,
) -> list[tuple[int, float]]:
    """The passages in these languages nearest to ``vector`` with their cosine similarity, best first.

    Only vectors of the same model and length are compared.
    """
    rows = await (
        await connection.execute(
            """
            SELECT n.passage_id, 1 - n.distance AS likeness FROM (
                SELECT v.passage_id, v.vector <=> %(vector)s::halfvec AS distance FROM knowledge_vectors v
                WHERE v.project_id = %(project)s AND v.model = %(model)s AND v.language = ANY(%(languages)s)
                  AND v.dimensions = %(dimensions)s
            ) n
            ORDER BY n.distance, n.passage_id LIMIT %(most)s
            """,
            {
                "project": project,
                "model": model,
                "vector": _written(vector),
                "dimensions": len(vector),
                "languages": [each.value for each in languages],
                "most": most,
            },
        )
    ).fetchall()
    return [(row["passage_id"], row["likeness"]) for row in rows]


def _written(vector: Sequence[float]) -> str:
    return f"[{','.join(format(value, '.6g') for value in vector)}]"


async def has_vectors(connection: Connection) -> bool:
    """Whether the database keeps vectors: the extension ``vector`` was there when it was migrated."""
    row = await (await connection.execute("SELECT to_regclass('knowledge_vectors') AS found")).fetchone()
    return row is not None and row["found"] is not None
