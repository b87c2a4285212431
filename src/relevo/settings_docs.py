"""Writes .env.example and docs/configuration.md from Settings: ``python -m relevo.settings_docs``."""

from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from relevo.settings import Settings

GROUPS = {
    "data_dir": "Where things are",
    "llm_provider": "The language model",
    "turn_deadline": "Turns and limits",
    "desk_hours": "People",
    "twilio_account_sid": "WhatsApp through Twilio",
    "hello_world_secret": "The hello-world channel",
}
"""The titles of the groups, by the field each begins with."""

HEAD = """# Configuration

Relevo reads its settings from the environment, and from a file `.env` in the folder it is started in; the environment
goes first. No setting is needed to begin. Copy `.env.example` to `.env` and change what you need. A setting that cannot
be read stops the start and is named; `relevo doctor` checks that what is set works, and tells of variables that nothing
reads but that look like one of these. In `.env`, quotes around a value and ` # comments` after it are left out.

This page and `.env.example` are written from the code, by `python -m relevo.settings_docs`.
"""  # noqa: E501 - a page of text


def env_example() -> str:
    """The text of .env.example: each setting with its default, commented out, under a line about it."""
    lines = ["# Settings of Relevo, with their defaults. Take the # away to change one."]
    for name, field in Settings.model_fields.items():
        if name in GROUPS:
            lines += ["", f"# --- {GROUPS[name]}"]
        lines += [f"# {field.description}", f"#{name.upper()}={default_of(field)}"]
    return "\n".join(lines) + "\n"


def configuration_page() -> str:
    """The text of docs/configuration.md: the same as a table for each group."""
    lines = [HEAD.rstrip()]
    for name, field in Settings.model_fields.items():
        if name in GROUPS:
            lines += ["", f"## {GROUPS[name]}", "", "| Setting | What it is | Default |", "|---|---|---|"]
        default = f"`{default_of(field)}`" if default_of(field) else "none"
        lines.append(f"| `{name.upper()}` | {field.description}{choices_of(field)} | {default} |")
    return "\n".join(lines) + "\n"


def default_of(field: FieldInfo) -> str:
    """The default as one writes it in .env; empty where there is none."""
    value: Any = field.default
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def choices_of(field: FieldInfo) -> str:
    """The values a setting may have, where they are few and its description does not say them already."""
    choices = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
    told = all(choice in (field.description or "") for choice in choices)
    return "" if told else f": {', '.join(choices)}"


def write(root: Path) -> None:
    """Writes both files of the repository at ``root``."""
    (root / ".env.example").write_text(env_example(), "utf-8")
    (root / "docs" / "configuration.md").write_text(configuration_page(), "utf-8")


if __name__ == "__main__":
    write(Path.cwd())
