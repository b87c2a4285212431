"""The report as PDF, in a font with Latin, Greek and Cyrillic letters; a sign it lacks becomes a box."""

from typing import TYPE_CHECKING, cast

from relevo.teams.marketing.export.report import Line, Report

if TYPE_CHECKING:
    from fpdf import FPDF
    from fpdf.fonts import TTFFont

FONT = "report"
_SIZES = {"title": 20.0, "heading": 15.0, "subheading": 12.5, "text": 10.5, "point": 10.5, "quote": 9.0}
_ABOVE = {"title": 0.0, "heading": 5.0, "subheading": 3.0, "text": 1.0, "point": 1.2, "quote": 0.4}
_INDENT = {"point": 4.0, "quote": 8.0}


def as_pdf(report: Report) -> bytes:
    from font_source_sans_pro import font_files_ttf  # type: ignore[import-untyped]
    from fpdf import FPDF

    pdf = FPDF(format="A4")
    pdf.add_font(FONT, "", font_files_ttf["SourceSansPro"])
    pdf.add_font(FONT, "B", font_files_ttf["SourceSansProBold"])
    pdf.set_title(report.lines()[0].text)
    pdf.set_lang(str(report.language))
    pdf.set_auto_page_break(True, margin=18)
    pdf.set_margin(18)
    pdf.add_page()
    for line in report.lines():
        _write(pdf, line)
    return bytes(pdf.output())


def _write(pdf: "FPDF", line: Line) -> None:
    size = _SIZES[line.style]
    pdf.ln(_ABOVE[line.style])
    pdf.set_left_margin(18 + _INDENT.get(line.style, 0.0))
    pdf.set_x(pdf.l_margin)
    pdf.set_text_color(*((90, 90, 90) if line.style == "quote" else (0, 0, 0)))
    bold = line.style in ("title", "heading", "subheading")
    height = size * 0.45
    if line.label:
        pdf.set_font(FONT, "B", size)
        pdf.write(height, f"{_shown(pdf, line.label)} ")
    pdf.set_font(FONT, "B" if bold else "", size)
    pdf.write(height, _shown(pdf, line.text))
    pdf.ln(height)


def _shown(pdf: "FPDF", text: str) -> str:
    known = cast("TTFFont", pdf.fonts[FONT]).cmap
    return "".join(char if ord(char) in known else "\u25a1" for char in " ".join(text.split()))
