"""Which part of a message asks for a deed, rather than asks about it, denies it or tells of it."""

import re

from relevo.triage.normalise import fold

_SENTENCES = re.compile(r"(?<=[.!?;\n,])\s*")
_LEADS = (
    r"\W*(?:(?:y|e|pero|oye|oiga|hola|buenas|ok|okay|bueno|entonces|pues|perdon|disculpa|and|but|so|hey|hi"
    r"|well|sorry|then|also|please|porfa|por favor|una (?:duda|pregunta)|quick question|quisiera saber"
    r"|quiero saber|me gustaria saber|necesito saber|me puedes decir|me dices|dime|sabes|do you know"
    r"|can you tell me|tell me|i want to know|i wonder|wondering)\W+)*"
)
_ABOUT = re.compile(
    _LEADS
    + r"(?:(?:que|q) (?:pasa|paso|pasaria|sucede|significa|tan|tanto|necesito|requisitos|es|hago si)|por ?que"
    r"|porq|como|cuando|cuant[oa]s?|donde|adonde|a donde|cual(?:es)?|quien(?:es)?|hay|existe|tiene costo"
    r"|se puede|es posible|what|why|how|when|where|which|who|whose|is there|is it|are there|does|did|has"
    r"|have you|will it)\b"
)
_SUPPOSED = re.compile(
    r"\b(?:si (?:doy|pido|retiro|saco|borro|bajo|quito|cancelo)|what if|if i|what happens)\b"
)
_DENIED = re.compile(
    r"\b(?:no|nunca|jamas|tampoco|sin|not|never|without|cannot|cant|wont"
    r"|(?:do|did|does|have|has|had|is|was|are|were|could|would|should)nt)\b"
)
_APOSTROPHES = str.maketrans("", "", "'’´`")
_TOLD = re.compile(
    r"\b(?:ya (?:pedi|hice|solicite|retire|di|lo pedi|la pedi)|(?:pedi|solicite|hice) (?:un|el|mi|una|la)\b"
    r"|me (?:dieron|bajaron|quitaron|borraron|retiraron)|dieron de"
    r"|(?:el|un|mi) \w+ que (?:pedi|hice|solicite)|the \w+ i (?:requested|made|asked)"
    r"|i (?:already )?(?:requested|asked for|made|submitted|withdrew)|they (?:took|removed|deleted)"
    r"|was (?:taken|removed|deleted))\b"
)


def requests_in(text: str) -> str:
    """The sentences and clauses of ``text`` that may ask for a deed.

    Left out are questions about it ("cuánto tarda un retiro?", "what happens if I delete it"), what is denied
    ("no quiero darlo de baja") and what has been ("ya pedí un retiro"). A plain yes-or-no question stays: "me
    retiras 60?" asks for it.
    """
    kept = [part for part in _SENTENCES.split(text) if part.strip() and not _only_speaks(fold(part))]
    return " ".join(kept)


def _only_speaks(part: str) -> bool:
    part = part.translate(_APOSTROPHES)
    if _ABOUT.match(part) is not None:
        return True
    return any(pattern.search(part) is not None for pattern in (_SUPPOSED, _DENIED, _TOLD))
