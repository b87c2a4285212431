"""What a customer's words say about a tool's arguments, or about the fields of triage, by their names."""

import re
from typing import Any

from tests.support.music_matters import bare, is_english, matter

_PLANS = ("label", "pro", "basico", "basic")


def arguments(schema: dict[str, Any], message: str, earlier: list[str]) -> dict[str, Any]:
    """What the schema requires, and what else the message plainly says."""
    required = schema.get("required", ())
    given: dict[str, Any] = {}
    for name, part in schema.get("properties", {}).items():
        value = _told(name, message, _resolved(part, schema), earlier)
        if value is None and name in required:
            value = fill(part, name, message, schema)
        if value is not None:
            given[name] = value
    return given


def _resolved(part: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """``part`` with the definition it refers to."""
    found = dict(part)
    for reference in [part, *part.get("anyOf", ()), *part.get("allOf", ())]:
        if "$ref" in reference:
            found |= root.get("$defs", {}).get(reference["$ref"].rpartition("/")[2], {})
    return found


def _told(name: str, message: str, schema: dict[str, Any], earlier: list[str]) -> Any:
    """What the message says about the argument ``name``; None where it says nothing."""
    plain = bare(message)
    choices = _choices(schema)
    if choices and (named := next((c for c in choices if bare(str(c)) in plain), None)) is not None:
        return named
    if name == "title" and "judged" in schema.get("description", ""):
        return title_in(message) if re.search(r"titul|title", plain) else None
    if name in ("title", "release", "song", "track", "release_title"):
        return title_in(message) or next(filter(None, (title_in(text) for text in reversed(earlier))), None)
    if name in ("isrc", "upc"):
        code = re.search(
            r"\b\d{11,13}\b" if name == "upc" else r"\b(?=\w*[A-Za-z])[A-Za-z0-9]{5}\d{6,7}\b", message
        )
        return code.group() if code else None
    if name == "artwork_shows":
        return ["web_address"] if re.search(r"\b(web\w*|url|instagram|link)\b", plain) else None
    if name == "plan":
        plan = next((p for p in _PLANS if re.search(rf"\b{p}\b", plain)), None)
        return (_named(plan, choices) if choices else plan) if plan else None
    if name in ("billing", "cycle", "payment", "yearly", "annual"):
        return _billing(name, plain, choices)
    if name == "period":
        return _period(plain)
    if name in ("by", "group_by", "dimension"):
        words = {
            "store": "tienda|store",
            "country": "pais|country",
            "track": "cancion|track|song",
            "stream": "stream",
        }
        found = next((key for key, pattern in words.items() if re.search(pattern, plain)), None)
        return found if not choices or found in choices else None
    if name in ("artists", "artist_count", "releases", "release_count", "amount"):
        return _number(name, plain, schema)
    if name == "name":
        named = re.search(r"(?i:\b(?:soy|me llamo|i'm|i am|my name is)) ((?:[A-ZÁÉÍÓÚÑ]\w+ ?){1,3})", message)
        return named.group(1).strip() if named else None
    if name == "email":
        found_email = re.search(r"[\w.+-]+@[\w.-]+\w", message)
        return found_email.group() if found_email else None
    if name in ("reason", "subject", "summary", "description", "details"):
        return message[:200]
    return None


def title_in(message: str) -> str | None:
    """The title of a release the message speaks of: quoted, written in capitals, or after its usual words."""
    if quoted := re.search(r"[\"“«'‘]([^\"”»'’]{2,60})[\"”»'’]", message):
        return quoted.group(1)
    word = r"[A-ZÁÉÍÓÚÑ][\wáéíóúñ]+"
    for found in re.finditer(rf"{word}(?: (?:de|del|la|las|los|el|of|the|{word}))*(?<! de)(?<! of)", message):
        text = found.group()
        if found.start() > 0 and not re.fullmatch(
            r"ISRC|UPC|Spotify|Pro|Label|Básico|USD|Apple|Deezer", text
        ):
            return text
    after = re.search(
        r"(?:rechazaron|estado de|status of|port\w+ de|lanzamiento|release|single|disco)\s+(?:de\s+)?"
        r"([\w\sáéíóúñ]{3,40})",
        message,
        re.IGNORECASE,
    )
    return after.group(1).strip() if after else None


def _number(name: str, plain: str, schema: dict[str, Any]) -> float | int | str | None:
    near = {
        "artist": r"(\d+) artist",
        "releas": r"(\d+) (?:releas|lanzam|disco|single)",
        "amount": r"(\d+(?:\.\d+)?)",
    }
    pattern = next(value for key, value in near.items() if name.startswith(key))
    found = re.search(pattern, plain)
    if not found:
        return None
    types = {schema.get("type"), *(part.get("type") for part in schema.get("anyOf", ()))}
    if "integer" in types:
        return int(float(found.group(1)))
    return float(found.group(1)) if "number" in types else found.group(1)


def _billing(name: str, plain: str, choices: list[Any]) -> Any:
    monthly = re.search(r"mensual|al mes\b|monthly|a month", plain)
    yearly = None if monthly else re.search(r"anual|pag\w+ .*ano\b|yearly|annual", plain)
    if name in ("yearly", "annual"):
        return True if yearly else None
    wanted = ("year", "annual", "anual") if yearly else ("month", "mensual") if monthly else ()
    return next((c for c in choices if str(c).lower().startswith(wanted)), None) if wanted else None


def _period(plain: str) -> str | None:
    if found := re.search(r"(20\d\d)-?q([1-4])", plain):
        return f"{found.group(1)}-Q{found.group(2)}"
    words = {
        "primer": 1,
        "first": 1,
        "segundo": 2,
        "second": 2,
        "tercer": 3,
        "third": 3,
        "cuarto": 4,
        "fourth": 4,
    }
    for word, quarter in words.items():
        if re.search(rf"\b{word}\b.*(trimestre|quarter)", plain):
            year = re.search(r"20\d\d", plain)
            return f"{year.group() if year else 2026}-Q{quarter}"
    return None


def _named(plan: str, choices: list[Any]) -> Any:
    return next((c for c in choices if bare(str(c)).startswith(plan[:5])), None)


def _choices(schema: dict[str, Any]) -> list[Any]:
    parts = [schema, *schema.get("anyOf", ())]
    return [choice for part in parts for choice in part.get("enum", ())]


def fill(schema: dict[str, Any], name: str, message: str, root: dict[str, Any]) -> Any:
    """A plausible value for the schema; names that triage uses are read from the message's words."""
    if "$ref" in schema:
        schema = root.get("$defs", {}).get(schema["$ref"].rpartition("/")[2], {})
    if "anyOf" in schema:
        return fill(schema["anyOf"][0], name, message, root)
    if "properties" in schema:
        return {key: fill(part, key, message, root) for key, part in schema["properties"].items()}
    read = _reading(name, message)
    choices = schema.get("enum", ())
    if choices:
        return read if read in choices else choices[0]
    match schema.get("type"):
        case "array":
            return []
        case "boolean":
            return read if isinstance(read, bool) else False
        case "integer" | "number":
            value = read if isinstance(read, int | float) else schema.get("minimum", 1)
            return int(value) if schema["type"] == "integer" else value
    return read if isinstance(read, str) else message[:120] or "?"


def _reading(name: str, message: str) -> Any:
    """What triage would read from the message for the field ``name``."""
    plain = bare(message)
    angry = bool(re.search(r"abuso|estafa|scam|inutil|useless|wtf|harto|demand|!!|robo|terrible", plain))
    pleased = bool(re.search(r"gracias|thank|genial|great|perfecto|amable", plain))
    hacked = bool(re.search(r"hack|login from|cambi\w+ la cuenta", plain))
    match name:
        case "language":
            return "en" if is_english(message, []) else "es"
        case "intent":
            if re.search(
                r"ignor\w* .*(instruc|rules)|system prompt|modo (admin|desarroll)|developer mode", plain
            ):
                return "attack"
            return matter(plain, [])[1] or "other"
        case "sentiment":
            return "negative" if angry or hacked else "positive" if pleased else "neutral"
        case "sentiment_score":
            return -0.8 if angry or hacked else 0.7 if pleased else 0.0
        case "urgent":
            return (angry and hacked) or bool(re.search(r"urgent|ahora mismo|right now", plain))
        case "confidence":
            return 0.9
        case "security":
            return 9 if hacked else 0
        case "financial":
            return 5 if re.search(r"pago|dinero|money|saldo|balance|paid", plain) else 0
        case "legal":
            return 7 if re.search(r"abogado|lawyer|demand|sue\b", plain) else 0
        case "operational":
            return 4 if re.search(r"rechaz|reject|error|no puedo", plain) else 0
        case "priority":
            return 9 if hacked else 6 if angry else 3
    return None
