"""Files that try to harm whoever reads them, and small honest ones of each kind; made here, not kept."""

import io
import zipfile
import zlib

from docx import Document
from pptx import Presentation

MEGABYTE = 1_000_000


def pdf(*pages: str, stream: bytes | None = None, encrypted: bool = False, kids: str | None = None) -> bytes:
    """A small PDF with a line of text on each page; ``stream`` replaces what the pages draw."""
    objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    numbers = []
    for text in pages:
        drawn = stream
        filters = b" /Filter /FlateDecode"
        if drawn is None:
            lines = b" ".join(
                b"(" + line.encode("latin-1") + b") Tj 0 -14 Td" for line in text.split("\n") if line
            )
            drawn, filters = b"BT /F1 12 Tf 40 740 Td " + lines + b" ET", b""
        numbers.append(len(objects) + 1)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R /Resources << /Font"
            b" << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica"
            b" /Encoding /WinAnsiEncoding >> >> >> >>" % (len(objects) + 2)
        )
        objects.append(b"<< /Length %d%s >>\nstream\n%s\nendstream" % (len(drawn), filters, drawn))
    listed = kids if kids is not None else " ".join(f"{number} 0 R" for number in numbers)
    objects[1] = f"<< /Type /Pages /Kids [{listed}] /Count {len(numbers)} >>".encode()
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    locked = (
        b" /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >> /ID [<00> <00>]"
        % (b"11" * 32, b"22" * 32)
        if encrypted
        else b""
    )
    out += b"trailer\n<< /Size %d /Root 1 0 R%s >>\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1,
        locked,
        start,
    )
    return bytes(out)


def exploding_pdf() -> bytes:
    """A page of under a megabyte that unpacks to more than memory allows."""
    packer = zlib.compressobj(9)
    text = b"BT /F1 12 Tf 40 740 Td " + b"(relevo relevo relevo) Tj 0 -1 Td " * 20_000
    packed = b"".join(packer.compress(text) for _ in range(1_200)) + packer.flush()
    return pdf("x", stream=packed)


def endless_pdf() -> bytes:
    """Thirty thousand pages that draw the same long text."""
    text = zlib.compress(b"BT /F1 1 Tf 0 700 Td " + b"(relevo) Tj 0 -1 Td " * 40_000 + b"ET")
    return pdf("x", stream=text, kids="3 0 R " * 4_999).replace(b"/Count 1 ", b"/Count 4999 ")


def zipped(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in entries.items():
            archive.writestr(name, body)
    return out.getvalue()


def docx(*texts: tuple[str, int] | str) -> bytes:
    """Paragraphs, and headings with their level."""
    document = Document()
    for each in texts:
        if isinstance(each, tuple):
            document.add_heading(each[0], each[1])
        else:
            document.add_paragraph(each)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def bomb(kind: str) -> bytes:
    """A .docx or .epub of some hundred kilobytes that unpacks to 300 MB."""
    name = {"docx": "word/document.xml", "epub": "META-INF/container.xml"}[kind]
    return zipped({name: b"<a/>", "big": b"\0" * (300 * MEGABYTE)})


def laughing_docx() -> bytes:
    """Entities that name each other until a billion are written."""
    entities = '<!ENTITY a0 "ja">' + "".join(
        f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, 10)
    )
    laughing = (
        f'<?xml version="1.0"?><!DOCTYPE d [{entities}]>'
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r>'
        "<w:t>&a9;</w:t></w:r></w:p></w:body></w:document>"
    ).encode()
    with zipfile.ZipFile(io.BytesIO(docx("x"))) as honest:
        parts = {name: honest.read(name) for name in honest.namelist()}
    return zipped(parts | {"word/document.xml": laughing})


def pptx(title: str, text: str, notes: str) -> bytes:
    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    slide.shapes.title.text_frame.text = title
    slide.placeholders[1].text_frame.text = text
    slide.notes_slide.notes_text_frame.text = notes
    out = io.BytesIO()
    presentation.save(out)
    return out.getvalue()


def epub(*chapters: str) -> bytes:
    container = b'<container><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
    items = "".join(f'<item id="c{n}" href="c{n}.xhtml"/>' for n in range(len(chapters)))
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters)))
    book = f"<package><manifest>{items}</manifest><spine>{spine}</spine></package>".encode()
    pages = {f"OEBPS/c{n}.xhtml": f"<html><body>{text}</body></html>" for n, text in enumerate(chapters)}
    parts = {"META-INF/container.xml": container, "OEBPS/book.opf": book}
    return zipped({"mimetype": b"application/epub+zip", **parts, **{k: v.encode() for k, v in pages.items()}})
