"""Local secrets: made once, kept in the data folder for its owner alone."""

import contextlib
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path

_HIDDEN: set[str] = set()
SHORTEST_HIDDEN = 6
"""Shorter secrets are not looked for in text: they would be found in innocent words."""


def hide(secret: str) -> None:
    """From now on ``hidden`` finds this secret in what the process says."""
    if len(secret) >= SHORTEST_HIDDEN:
        _HIDDEN.update((secret, json.dumps(secret)[1:-1]))


def hidden(text: str) -> str:
    """``text`` with stars in the place of secrets."""
    for secret in sorted(_HIDDEN, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def read_or_make(path: Path, make: Callable[[], str]) -> str:
    """The secret in ``path``; where there is none, a new one is kept there with mode 0600.

    Raises PermissionError when the file can be read by others, ValueError when it is empty.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        secret = make()
        aside = path.with_name(f".{path.name}.{os.getpid()}")
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secret + "\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(aside, path)  # whole or not at all, and only one of two processes that start at once
        aside.unlink()
    if path.stat().st_mode & 0o077:
        raise PermissionError(f"{path} holds a secret: others may not read it (chmod 600 {path})")
    kept = path.read_text("utf-8").strip()
    if not kept:
        raise ValueError(f"{path} is empty: put the secret back, or remove the file for a new one to be made")
    return kept


def random_secret() -> str:
    """256 random bits, in hex."""
    return secrets.token_hex(32)


def derived(secret: str, purpose: str) -> str:
    """A secret of its own for one purpose (HMAC-SHA256 of the purpose's name), in hex."""
    return hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).hexdigest()
