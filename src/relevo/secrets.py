"""Local secrets: made once, kept in the data folder for its owner alone."""

import hashlib
import hmac
import os
import secrets
from collections.abc import Callable
from pathlib import Path


def read_or_make(path: Path, make: Callable[[], str]) -> str:
    """The secret in ``path``; where there is none, a new one is kept there with mode 0600.

    Raises PermissionError when the file can be read by others.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if path.stat().st_mode & 0o077:
            raise PermissionError(
                f"{path} holds a secret: others may not read it (chmod 600 {path})"
            ) from None
        return path.read_text("utf-8").strip()
    secret = make()
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(secret + "\n")
    return secret


def random_secret() -> str:
    """256 random bits, in hex."""
    return secrets.token_hex(32)


def derived(secret: str, purpose: str) -> str:
    """A secret of its own for one purpose (HMAC-SHA256 of the purpose's name), in hex."""
    return hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).hexdigest()
