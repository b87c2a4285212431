"""The persona and what was found out about it, as a file to hand on: Markdown, PDF, DOCX, JSON."""

from collections.abc import Callable

from relevo.teams.marketing.export.as_docx import as_docx
from relevo.teams.marketing.export.as_json import as_json
from relevo.teams.marketing.export.as_markdown import as_markdown
from relevo.teams.marketing.export.as_pdf import as_pdf
from relevo.teams.marketing.export.gather import report_of
from relevo.teams.marketing.export.report import Report

FORMATS: dict[str, Callable[[Report], bytes]] = {
    "json": as_json,
    "md": as_markdown,
    "pdf": as_pdf,
    "docx": as_docx,
}
"""What writes a report, by the ending of the file's name."""
TYPES = {
    "json": "application/json",
    "md": "text/markdown; charset=utf-8",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
"""What each of the files is, as HTTP says it."""

__all__ = ["FORMATS", "TYPES", "Report", "report_of"]
