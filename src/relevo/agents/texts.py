"""A text that customers read: it exists in every language, and its template can be read."""

from typing import Annotated

from jinja2 import TemplateSyntaxError
from pydantic import AfterValidator

from relevo.domain.signals import Language


def _in_every_language(texts: dict[Language, str]) -> dict[Language, str]:
    missing = [language.value for language in Language if not texts.get(language, "").strip()]
    if missing:
        raise ValueError(f"no text in: {', '.join(missing)}")
    return texts


def _readable(texts: dict[Language, str]) -> dict[Language, str]:
    from relevo.agents.template import check

    for language, source in texts.items():
        try:
            check(source)
        except TemplateSyntaxError as error:
            raise ValueError(f"the template in {language} cannot be read: {error}") from error
    return texts


Texts = Annotated[dict[Language, str], AfterValidator(_in_every_language)]
Templates = Annotated[dict[Language, str], AfterValidator(_in_every_language), AfterValidator(_readable)]
