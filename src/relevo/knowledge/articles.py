"""Help articles as a team keeps them: ``knowledge/<language>/<id>.md``, with a head between ``---`` lines."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from relevo.domain.ids import DocumentId
from relevo.domain.signals import Language

ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class _Head(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    tags: list[str] = []
    agents: list[str] = []
    reviewed: date


@dataclass(frozen=True, slots=True)
class Article:
    """``agents`` are those that may quote it; empty: all of them."""

    id: str
    language: Language
    title: str
    tags: tuple[str, ...]
    agents: tuple[str, ...]
    reviewed: date
    body: str
    digest: str

    @property
    def document(self) -> DocumentId:
        return document_of(self.language, self.id)


def document_of(language: Language, id: str) -> DocumentId:
    """The id of the document that holds an article in a project."""
    return DocumentId(f"help-{language}-{id}")


def read_articles(folder: Path) -> list[Article]:
    """The articles of a team's folder; none where there is no folder. Raises ValueError naming the file."""
    return [
        _article(path, language) for language in Language for path in sorted((folder / language).glob("*.md"))
    ]


def _article(path: Path, language: Language) -> Article:
    raw = path.read_bytes()
    head, body = _parted(raw.decode("utf-8"), path)
    if not ID.fullmatch(path.stem):
        raise ValueError(f"{path}: an article's name has small letters, figures and hyphens only")
    try:
        known = _Head.model_validate(dict(_fields(head, path)))
    except ValidationError as error:
        item = error.errors()[0]
        raise ValueError(f"{path}: {'.'.join(map(str, item['loc']))}: {item['msg']}") from error
    digest = hashlib.sha256(f"help:{language}:{path.stem}:".encode() + raw).hexdigest()
    return Article(
        path.stem, language, known.title, tuple(known.tags), tuple(known.agents), known.reviewed, body, digest
    )


def _parted(text: str, path: Path) -> tuple[str, str]:
    lines = text.replace("\r\n", "\n")
    if not lines.startswith("---\n") or (end := lines.find("\n---\n", 3)) < 0:
        raise ValueError(f"{path}: no head between --- lines")
    return lines[4:end], lines[end + 5 :].strip()


def _fields(head: str, path: Path) -> Iterator[tuple[str, str | list[str]]]:
    """``name: value`` and ``name: [one, two]``, a line each."""
    for line in head.split("\n"):
        if not line.strip():
            continue
        name, colon, value = line.partition(":")
        if not colon:
            raise ValueError(f"{path}: cannot read the line {line!r} of its head")
        value = value.strip()
        if value.startswith("[") and value.endswith("]"):
            yield name.strip(), [each.strip() for each in value[1:-1].split(",") if each.strip()]
        else:
            yield name.strip(), value
