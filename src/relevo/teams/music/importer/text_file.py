"""Opens a text file as people's programs write them, and tidies its cells."""

import codecs
import re
import unicodedata
from pathlib import Path

MOST_BYTES = 256 * 1024 * 1024
_CHUNK = 1024 * 1024
_SPACES = re.compile(r"\s+")


class ImportRefused(Exception):
    """The file as a whole cannot be imported; the message says why."""


def encoding_of(path: Path) -> str:
    """UTF-8, or UTF-16 where its mark stands at the beginning. Nothing else is guessed: a wrong guess would
    spoil every accent without a word.

    Raises ImportRefused naming the first line that is neither, or for a file that is too large.
    """
    if path.stat().st_size > MOST_BYTES:
        raise ImportRefused(f"the file is larger than {MOST_BYTES // 1024 // 1024} MB; split it")
    with path.open("rb") as file:
        start = file.read(2)
        file.seek(0)
        encoding = "utf-16" if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"
        decoder = codecs.getincrementaldecoder(encoding)()
        line = 1
        while True:
            chunk = file.read(_CHUNK)
            try:
                line += decoder.decode(chunk, final=not chunk).count("\n")
            except UnicodeDecodeError as error:
                line += error.object[: error.start].count(b"\n")
                name = "UTF-16" if encoding == "utf-16" else "UTF-8"
                raise ImportRefused(
                    f"line {line} is not {name}; save the file as “CSV UTF-8” (or as text in UTF-8)"
                ) from error
            if not chunk:
                return encoding


def tidy(cell: str) -> str:
    """The cell without invisible characters (zero-width spaces, direction marks), each run of spaces of any
    kind being one space."""
    if cell.isascii():
        return cell.strip()
    seen = "".join(each for each in cell if unicodedata.category(each) != "Cf")
    return _SPACES.sub(" ", seen).strip()
