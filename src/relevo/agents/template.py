"""The template language of playbooks: Jinja, sandboxed, strict about names, with a few filters."""

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment


def money(value: Any, currency: str = "USD") -> str:
    """``182.4`` → ``182.40 USD``; thousands are set apart by a comma, as on the statements."""
    return f"{Decimal(str(value)):,.2f} {currency}"


def day(value: Any) -> str:
    """A date or its ISO text → ``2026-05-15``."""
    if isinstance(value, (date, datetime)):
        return value.isoformat()[:10]
    return str(value)[:10]


ENVIRONMENT = SandboxedEnvironment(
    undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
)
ENVIRONMENT.filters.update(money=money, day=day)


@lru_cache(maxsize=2**13)
def check(source: str) -> None:
    """Raises jinja2.TemplateSyntaxError where ``source`` is no template; each is read once."""
    ENVIRONMENT.parse(source)
