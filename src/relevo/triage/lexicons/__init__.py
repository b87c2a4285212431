"""Word lists that triage reads with, in both languages at once."""

from pathlib import Path

LEXICONS = Path(__file__).parent
