"""The report as Markdown; what documents say cannot become markup of its own."""

import re

from relevo.teams.marketing.export.report import Line, Report

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~!])")


def as_markdown(report: Report) -> bytes:
    return ("\n".join(map(_written, report.lines())).strip() + "\n").encode()


def _written(line: Line) -> str:
    text = escaped(line.text)
    label = f"**{escaped(line.label)}** " if line.label else ""
    match line.style:
        case "title":
            return f"# {text}\n"
        case "heading":
            return f"\n## {text}\n"
        case "subheading":
            return f"\n### {text}\n"
        case "point":
            return f"- {label}{text}"
        case "quote":
            return f"  - {text}"
        case "text":
            return f"{label}{text}\n"


def escaped(text: str) -> str:
    """``text`` as Markdown shows it: in one line, nothing in it is a link, an image or a tag."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
