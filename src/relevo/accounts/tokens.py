"""Secrets that are handed out: random, and kept only as their hash; and what is derived from a secret."""

import hashlib
import hmac
import secrets


def new_token() -> str:
    """256 random bits, fit for a cookie or an address."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> bytes:
    """SHA-256 of a token. It is 256 random bits: a slow hash would add nothing."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def keyed(secret: str, *parts: str) -> bytes:
    """HMAC-SHA256 of ``parts``, each told from the next."""
    whole = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
    return hmac.new(secret.encode(), whole, hashlib.sha256).digest()
