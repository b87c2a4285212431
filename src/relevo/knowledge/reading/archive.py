"""Zipped documents, opened with suspicion: what they would unpack to, and where to."""

import io
import zipfile

from relevo.knowledge.reading.errors import Unreadable, Why

MOST_ENTRIES = 5_000
MOST_BYTES = 100_000_000
"""What all entries may unpack to together; an entry is never read beyond the size it declares."""
_ENCRYPTED = 0x1


def opened(body: bytes) -> zipfile.ZipFile:
    """The archive. Raises Unreadable for a bomb, for paths that lead out of it, for a password."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(body))
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise Unreadable(Why.BROKEN) from error
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise Unreadable(Why.BOMB)
    if any(_leads_out(entry.filename) for entry in entries):
        raise Unreadable(Why.TRAVERSAL)
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise Unreadable(Why.PASSWORD)
    return archive


def _leads_out(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0]
