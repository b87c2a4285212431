"""What keeps a piece of work from being done, in words for the person.

Missing
├── NeedsPersona   there is no persona yet
├── NeedsModel     it cannot be done without a language model
└── NeedsContent   there is no content yet to refine
"""

from typing import ClassVar

from relevo.domain.signals import Language


class Missing(Exception):
    """Something has to be there first; ``texts`` say what."""

    code = "missing"
    texts: ClassVar[dict[str, str]]


class NeedsPersona(Missing):
    code = "needs_persona"
    texts: ClassVar[dict[str, str]] = {
        Language.ES: "Para eso hace falta primero el buyer persona: escribe «crea el buyer persona».",
        Language.EN: "That needs the buyer persona first: write “create the buyer persona”.",
    }


class NeedsModel(Missing):
    code = "needs_model"
    texts: ClassVar[dict[str, str]] = {
        Language.ES: "Para eso hace falta un modelo de lenguaje y esta instalación no tiene ninguno "
        "configurado: sin él no me lo invento. Lo que sí puedo hacer con tus documentos: el buyer persona "
        "con citas, los puntos de dolor y las búsquedas del recorrido.",
        Language.EN: "That needs a language model, and this installation has none configured: without one I "
        "make nothing up. What I can do from your documents: the buyer persona with quotes, the pain points "
        "and the searches of the journey.",
    }


class NeedsContent(Missing):
    code = "needs_content"
    texts: ClassVar[dict[str, str]] = {
        Language.ES: "Todavía no hay contenido que cambiar. Pídeme uno: «escribe un post sobre…».",
        Language.EN: "There is no content to change yet. Ask for some: “write a post about…”.",
    }
