"""Files made to harm: each gets a message of its own, the process that reads it is the only one to suffer."""

import asyncio
import resource
from collections.abc import Callable

import psutil
import pytest
from tests.support.hostile_files import (
    bomb,
    docx,
    endless_pdf,
    exploding_pdf,
    laughing_docx,
    pdf,
    zipped,
)

from relevo.domain.signals import Language
from relevo.knowledge.reading.apart import Limits, read_apart
from relevo.knowledge.reading.errors import Unreadable, Why, told
from relevo.knowledge.reading.formats import READERS, suffix_of

SMALL = Limits(megabytes=400, seconds=6, output=5_000_000)

HOSTILE: dict[str, tuple[str, Callable[[], bytes], set[Why]]] = {
    "an exploding PDF": (".pdf", exploding_pdf, {Why.MEMORY, Why.TIME, Why.TOO_MUCH_TEXT}),
    "an endless PDF": (".pdf", endless_pdf, {Why.TIME, Why.TOO_MUCH_TEXT}),
    "a zip bomb in Word": (".docx", lambda: bomb("docx"), {Why.BOMB}),
    "a zip bomb in a book": (".epub", lambda: bomb("epub"), {Why.BOMB}),
    "a path out of the archive": (
        ".epub",
        lambda: zipped({"META-INF/container.xml": b"<a/>", "../../etc/cron.d/x": b"x"}),
        {Why.TRAVERSAL},
    ),
    "a picture that says it is a PDF": (".pdf", lambda: b"\x89PNG\r\n\x1a\n" + b"x" * 99, {Why.WRONG_KIND}),
    "a program that says it is text": (".txt", lambda: b"\x7fELF\x02\x01\0\0" + b"x" * 99, {Why.WRONG_KIND}),
    "a zip that says it is Word": (".docx", lambda: zipped({"a.txt": b"x"}), {Why.WRONG_KIND}),
    "a PDF with a password": (".pdf", lambda: pdf("secreto", encrypted=True), {Why.PASSWORD}),
    "a Word document with a password": (
        ".docx",
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        {Why.PASSWORD},
    ),
    "an empty file": (".txt", lambda: b"", {Why.EMPTY}),
    "a file of spaces": (".md", lambda: b" \n\t " * 99, {Why.EMPTY}),
    "a scanned PDF": (".pdf", lambda: pdf("", ""), {Why.NO_TEXT}),
    "a damaged PDF": (".pdf", lambda: b"%PDF-1.4\n" + b"x" * 99, {Why.BROKEN}),
    "half a Word document": (".docx", lambda: docx("hola " * 999)[:9_000], {Why.BROKEN}),
    "entities without end": (".docx", laughing_docx, {Why.BROKEN, Why.NO_TEXT, Why.MEMORY}),
    "more text than is taken": (".txt", lambda: b"palabra " * 900_000, {Why.TOO_MUCH_TEXT}),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_file_is_refused_with_its_own_message(name: str) -> None:
    suffix, make, expected = HOSTILE[name]
    body = make()
    assert len(body) < 10_000_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Unreadable) as refused:
        await read_apart(body, suffix, "", SMALL)
    assert refused.value.why in expected
    assert not psutil.Process().children(recursive=True) or not _readers()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kB, of our own process


def _readers() -> list[psutil.Process]:
    own = psutil.Process().children(recursive=True)
    return [each for each in own if "relevo.knowledge.reading.child" in " ".join(each.cmdline())]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../../etc/passwd.txt", Why.NAME),
        ("..\\secret.md", Why.NAME),
        ("/etc/hosts.txt", Why.NAME),
        ("a\0b.txt", Why.NAME),
        ("a\nb.txt", Why.NAME),
        (".htaccess.txt", Why.NAME),
        ("", Why.NAME),
        ("x" * 300 + ".txt", Why.NAME),
        ("program.exe", Why.UNKNOWN_KIND),
        ("archive.zip", Why.UNKNOWN_KIND),
        ("none", Why.UNKNOWN_KIND),
    ],
)
def test_a_name_that_is_none_is_refused(name: str, why: Why) -> None:
    with pytest.raises(Unreadable) as refused:
        suffix_of(name)
    assert refused.value.why is why


async def test_who_waits_for_a_reader_waits_alone() -> None:
    """While a file is being read to no end, everybody else goes on; given up, its reader is gone."""
    reading = asyncio.create_task(read_apart(endless_pdf(), ".pdf", "", SMALL))
    assert await read_apart(b"hola", ".txt", "") != []
    reading.cancel()
    with pytest.raises((asyncio.CancelledError, Unreadable)):
        await reading
    assert _readers() == []


def test_every_reason_has_a_sentence_of_its_own_in_every_language() -> None:
    for language in Language:
        sentences = [told(why, language) for why in Why]
        assert len(set(sentences)) == len(Why)
        assert not set(sentences) & set(Why)
    assert all(suffix in told(Why.UNKNOWN_KIND) for suffix in READERS if suffix != ".htm")
