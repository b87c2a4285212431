"""Are the settings readable, and how is it said where they are not: a line for each, and never a secret."""

import difflib
import os
import re
from collections.abc import Collection, Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from dotenv import dotenv_values
from pydantic import ValidationError

from relevo.domain.signals import Language

DOTENV = Path(".env")
ENCODING = "utf-8-sig"
"""UTF-8, with or without the mark that some editors put before it."""
DATABASE = (
    "expected postgresql://user:password@host:5432/name, odd characters of the password as %40 and so on"
)
REDIS = "expected redis://host:6379/0, odd characters of the password as %40 and so on"
_PASSWORD = re.compile(r"://[^/?#@:]*:([^/?#]*)@")
"""Read by hand: an address of several hosts is none to urllib."""
ALIKE, ALIKE_OUTSIDE = 0.75, 0.85
"""How much of a name must agree with one of ours to be taken for it, in .env and in the environment, where
others' names stand too."""


def database_address(url: str) -> str:
    """The address, where libpq can read it. Raises ValueError, which quotes none of it."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        parts = conninfo_to_dict(url)
    except ProgrammingError:
        raise ValueError(DATABASE) from None
    ports = str(parts.get("port", "")).split(",")
    named = f"{parts.get('host', '')}{parts.get('dbname', '')}"
    if "@" in named or not all(port == "" or (port.isascii() and port.isdigit()) for port in ports):
        raise ValueError(DATABASE)  # the password was cut at an odd character: parts of it stand elsewhere
    return url


def redis_address(url: str) -> str:
    """The address, where it can be one of Redis. Raises ValueError, which quotes none of it."""
    try:
        parts = urlsplit(url)
        place = parts.scheme in ("redis", "rediss") and bool(parts.hostname) and parts.port != 0
        number = parts.path.strip("/")
    except ValueError:
        raise ValueError(REDIS) from None
    if not (parts.scheme == "unix" and parts.path) and not (place and (number.isdigit() or not number)):
        raise ValueError(REDIS)
    return url


def networks(text: str) -> str:
    """Addresses and networks, comma separated. Raises ValueError naming the first that is neither."""
    for each in filter(None, (item.strip() for item in text.split(","))):
        try:
            ip_network(each, strict=False)
        except ValueError:
            raise ValueError(
                f"expected addresses or networks such as 10.0.0.0/8, comma separated, not {each!r}"
            ) from None
    return text


def embeddings(text: str) -> str:
    """Who makes vectors, as ``provider:model`` or ``none``. Raises ValueError."""
    provider, _, model = text.partition(":")
    if text != "none" and (provider != "openai" or not model.strip()):
        raise ValueError("expected openai:MODEL, such as openai:text-embedding-3-small, or none")
    return text


def languages(text: str) -> str:
    """Languages of ours, comma separated. Raises ValueError."""
    named = {each.strip() for each in text.split(",") if each.strip()}
    if not named or named - set(Language):
        raise ValueError(f"expected languages of {', '.join(Language)}, comma separated")
    return text


def whatsapp_address(text: str) -> str:
    """Our number as WhatsApp's addresses are written, from however a person writes a number."""
    number = re.sub(r"[\s().\-\u2010-\u2015]", "", text)
    number = re.sub(r"^whatsapp:", "", number, flags=re.IGNORECASE)
    return f"whatsapp:+{number}" if re.fullmatch(r"[0-9]+", number) else f"whatsapp:{number}"


def lines_of(error: ValidationError, secrets: Collection[str]) -> str:
    """A line for each variable that is wrong. What stood in one of the fields ``secrets`` is not quoted."""
    lines = []
    for item in error.errors(include_url=False, include_context=False):
        name = ".".join(str(part) for part in item["loc"])
        problem = item["msg"].removeprefix("Value error, ")
        if name and problem.startswith("Input should be "):
            problem = problem.replace("Input should be", "expected").partition(", unable to")[0]
            if name.lower() not in secrets:
                problem += f", not {str(item['input'])[:60]!r}"
        lines.append(f"{name.upper()}: {problem}" if name else problem)
    return "\n".join(lines)


def mistyped(known: Collection[str], environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """Variables that are none of ours but look like one, with the one they look like.

    ``known`` are the fields' names. Raises OSError or UnicodeDecodeError where .env cannot be read.
    """
    names = [name.upper() for name in known]
    written = dotenv_values(DOTENV, encoding=ENCODING) if DOTENV.is_file() else {}
    outside = os.environ if environment is None else environment
    found: dict[str, str] = {}
    for given, alike in ((written, ALIKE), (outside, ALIKE_OUTSIDE)):
        found |= {
            name: meant[0]
            for name in given
            if name.upper() not in names
            and (given is written or "_" in name)
            and (meant := difflib.get_close_matches(name.upper(), names, 1, alike))
        }
    return found


def passwords_in(secret: str) -> set[str]:
    """What must not be said of a secret: the whole; each of several; and of an address its password."""
    found = {secret, *(item.strip() for item in secret.split(","))}
    if "://" in secret:
        inside = _PASSWORD.search(secret)
        given = inside[1] if inside is not None else ""
        asked = dict(parse_qsl(secret.partition("?")[2]))
        found = {secret, given, unquote(given), *asked.get("password", "").split()}
    elif "password=" in secret:
        from psycopg.conninfo import conninfo_to_dict

        found |= {str(conninfo_to_dict(secret).get("password", ""))}
    return found - {""}


def secret_fields(fields: Mapping[str, Any]) -> set[str]:
    """The names of the fields that hold secrets."""
    return {name for name, field in fields.items() if "SecretStr" in str(field.annotation)}
