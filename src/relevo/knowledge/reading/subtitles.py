"""Transcripts with times: SubRip and WebVTT."""

import re
from collections.abc import Iterator

from relevo.knowledge.block import Block
from relevo.knowledge.reading.text import decoded

_TIME = re.compile(r"^(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})[ \t]+-->")
_SPEAKER = re.compile(r"<v(?:\.[\w.]{1,50})?[ \t]+([^>]{1,100})>")
_TAG = re.compile(r"<[^>]{0,200}>|\{\\[^}]{0,100}\}")
_USUAL = 400  # characters of speech in one block
_ENDS = (".", "!", "?", "…")


def cues(body: bytes) -> Iterator[Block]:
    """What is said, some sentences to a block, each with the second at which it begins."""
    held, since = "", 0.0
    for seconds, text in _spoken(decoded(body)):
        if held and text.startswith(held):
            held = text  # captions that roll on say their last line again
            continue
        if not held:
            since = seconds
        held = f"{held} {text}".strip()
        if len(held) >= _USUAL and (held.endswith(_ENDS) or len(held) > 2 * _USUAL):
            yield Block(held, seconds=since)
            held = ""
    if held:
        yield Block(held, seconds=since)


def _spoken(text: str) -> Iterator[tuple[float, str]]:
    last = ""
    for part in re.split(r"\n[ \t]*\n", text):
        lines = [line.strip() for line in part.strip().split("\n")]
        place = next((index for index, line in enumerate(lines[:3]) if _TIME.match(line)), None)
        if place is None:
            continue  # the header, a note, a style
        found = _TIME.match(lines[place])
        assert found is not None  # noqa: S101 - it was just found
        seconds = int(found[1] or 0) * 3600 + int(found[2]) * 60 + int(found[3])
        words = _TAG.sub("", _SPEAKER.sub(r"\1: ", " ".join(lines[place + 1 :])))
        said = " ".join(words.split())
        if said and said != last:
            last = said
            yield seconds + int(found[4].ljust(3, "0")) / 1000, said
