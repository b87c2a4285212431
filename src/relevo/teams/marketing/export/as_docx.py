"""The report as a Word document, with its own styles for headings and lists."""

import io

from relevo.teams.marketing.export.report import Report

_STYLES = {
    "title": "Title",
    "heading": "Heading 1",
    "subheading": "Heading 2",
    "text": "Normal",
    "point": "List Bullet",
    "quote": "List Bullet 2",
}


def as_docx(report: Report) -> bytes:
    from docx import Document

    document = Document()
    document.core_properties.title = report.lines()[0].text
    document.core_properties.language = str(report.language)
    for line in report.lines():
        paragraph = document.add_paragraph(style=_STYLES[line.style])
        if line.label:
            paragraph.add_run(f"{_written(line.label)} ").bold = True
        run = paragraph.add_run(_written(line.text))
        run.italic = line.style == "quote"
    held = io.BytesIO()
    document.save(held)
    return held.getvalue()


def _written(text: str) -> str:
    """Without the control characters that XML cannot hold."""
    return "".join(char for char in text if char.isprintable() or char in "\n\t")
