"""Which plans a message names: "el pro", "plan label", "$19.99"; not a label in another sense."""

import re
from functools import cache

from relevo.teams.music.backend.plans import Plan, load_terms
from relevo.triage.normalise import fold

_ALSO_NOUNS = frozenset({"label", "sello", "disquera", "etiqueta", "starter"})
"""Names that mean something else, too: they count beside the word plan or another plan's name."""

_BESIDE = (
    r"(?:(?:plan|plans|planes|tier|paquete|suscripcion)\s+(?:de\s+|el\s+)?"
    r"|\b{others}\s+(?:o|u|y|e|al?|n|or|and|to|vs|versus)\s+(?:el\s+|al\s+|la\s+|the\s+)?)"
)
_AFTER = r"\s+(?:plan|tier|package|subscription|one)\b"
_OWNED = re.compile(
    r"\b(?:tengo|tenemos|estoy (?:en|con)|estamos (?:en|con)|mi plan(?: actual)?(?: es)?|my|i have|we have"
    r"|i ?m on|i am on|we are on|currently on|paso del?|subir del?|cambiar del?|pasar(?:me)? del?|from)"
    r"(?:\s+(?:el|un|la|the|a|plan))*\s*$"
)


@cache
def _patterns() -> list[tuple[Plan, re.Pattern[str]]]:
    names = {plan.id: {fold(name) for name in (plan.name, *plan.aliases)} for plan in load_terms().plans}
    patterns = []
    for plan in load_terms().plans:
        others = "|".join(sorted(set().union(*names.values()) - names[plan.id]))
        plain = "|".join(sorted(names[plan.id] - _ALSO_NOUNS))
        nouns = "|".join(sorted(names[plan.id] & _ALSO_NOUNS))
        price = re.escape(str(plan.monthly.amount))
        either = [rf"(?<![\d.]){price}(?!\d)"]
        if plain:
            either.append(rf"(?<!spotify )(?<!youtube )\b(?:{plain})\b")
        if nouns:
            before = _BESIDE.replace("{others}", f"(?:{others})")
            either += [
                rf"{before}(?:{nouns})\b",
                rf"\b(?:{nouns}){_AFTER}",
                rf"^\W*(?:(?:y|and|or|o|what about|on|with|with|con|en|del?|el|the)\s+)*(?:{nouns})\W*$",
            ]
            either += [r"\b(?:el|al|del) label\b"] if "label" in names[plan.id] else []
        patterns.append((plan, re.compile("|".join(either))))
    return patterns


def plans_in(text: str) -> tuple[Plan, ...]:
    """The plans ``text`` names, in the order of their price."""
    folded = fold(text)
    return tuple(plan for plan, pattern in _patterns() if pattern.search(folded))


def plan_in(text: str) -> Plan | None:
    """The one plan ``text`` names; None where it names several, or none."""
    plans = plans_in(text)
    return plans[0] if len(plans) == 1 else None


def plan_wanted(text: str) -> Plan | None:
    """The one plan that is asked about, leaving out one the person says they have."""
    folded = fold(text)
    wanted = []
    for plan, pattern in _patterns():
        found = pattern.search(folded)
        if found and not _OWNED.search(folded[: found.start()]):
            wanted.append(plan)
    return wanted[0] if len(wanted) == 1 else None
