"""How tools tell what the distributor answered: plain JSON in the person's language, refusals as errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from relevo.agents.tool import NotIdentified, ToolContext, ToolError
from relevo.domain.money import Money
from relevo.domain.signals import Language
from relevo.teams.music.backend.errors import InvalidPeriod, KeyTaken, Refused, UnknownCustomer
from relevo.teams.music.backend.port import LabelBackend
from relevo.teams.music.backend.reasons import Reason

SPOKEN_OF = "spoken_of"
"""The fact that says what the last tool was about, so that "y con 7?" or "mejor 80" is read as what it
follows: balance, earnings, payment, withdrawal, plans, release, title, takedown, or requested (what was
confirmed is on its way)."""


def distributor(context: ToolContext) -> LabelBackend:
    """The distributor's backend that the tool may ask."""
    backend: LabelBackend = context.services[LabelBackend]
    return backend


def told(reason: Reason, language: Language) -> dict[str, str]:
    """``code``, what is wrong (``text``) and its remedy (``fix``)."""
    return {"code": reason.code, "text": reason.text(language), "fix": reason.fix(language)}


def title_told(title: str, language: Language) -> str:
    """A title in the language's quotation marks."""
    return f"«{title}»" if language is Language.ES else f"“{title}”"


def shown(amount: Money | None) -> str | None:
    """``1,284.55 USD``."""
    return None if amount is None else str(amount)


def refusal(reason: Reason, *, person: bool = False) -> ToolError:
    """The ToolError that says why not and what can be done, in both languages; a person is fetched where
    that promises one, or ``person``."""
    texts = {code.value: f"{reason.text(code)} {reason.fix(code)}" for code in Language}
    return ToolError(reason.code, texts, **({"person": True} if person or reason.promises_person else {}))


@contextmanager
def refusals_told() -> Iterator[None]:
    """Turns what the backend raises into what the person is told. Raises ToolError, NotIdentified."""
    try:
        yield
    except Refused as error:
        raise refusal(error.reason) from error
    except UnknownCustomer as error:
        raise NotIdentified from error
    except InvalidPeriod as error:
        raise ToolError(
            "invalid_period",
            {
                "es": "No reconozco ese período. Dímelo como año, trimestre o mes: 2026, 2026-Q2 o 2026-06.",
                "en": "I don't recognise that period. Name it as 2026, 2026-Q2 or 2026-06.",
            },
        ) from error
    except KeyTaken as error:
        raise ToolError(
            "already_used",
            {
                "es": "Esa solicitud ya se usó para otra cosa, así que no hice nada. Pídemelo de nuevo.",
                "en": "That request was already used for something else, so I did nothing. Please ask again.",
            },
        ) from error


def compact(**values: Any) -> dict[str, Any]:
    """``values`` without those that are None."""
    return {name: value for name, value in values.items() if value is not None}
