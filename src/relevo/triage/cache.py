"""Keeps what triage learnt between starts: JSON, believed only when whole and made from the same inputs."""

import hashlib
import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson


def digest(parts: Iterable[bytes]) -> str:
    """A digest of ``parts`` in this order; moving a byte from one part to the next changes it."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "big"))
        whole.update(part)
    return whole.hexdigest()


def digest_of(files: Iterable[Path], above: Path) -> str:
    """A digest of the names, relative to ``above``, and the contents of ``files``. Raises OSError."""
    named = sorted((path.relative_to(above).as_posix(), path) for path in files)
    return digest(part for name, path in named for part in (name.encode(), path.read_bytes()))


def load(path: Path, key: str) -> Any:
    """What was saved at ``path`` under ``key``; None where it is absent, broken or of another key."""
    try:
        seal, _, body = path.read_bytes().partition(b"\n")
        return orjson.loads(body) if seal.decode() == digest([key.encode(), body]) else None
    except (OSError, ValueError):
        return None


def save(path: Path, key: str, learnt: Any) -> None:
    """Write ``learnt`` at ``path``, whole or not at all, for its owner only. Where that fails, do without."""
    body = orjson.dumps(learnt)
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # made with mode 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(digest([key.encode(), body]).encode() + b"\n" + body)
            os.replace(name, path)
        except OSError:
            os.unlink(name)
