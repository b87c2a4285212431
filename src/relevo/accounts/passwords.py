"""Passwords: hashed with argon2id in threads of their own, so that the event loop goes on meanwhile."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

LEAST_PASSWORD_CHARS = 12
MOST_PASSWORD_CHARS = 200
HASHING_AT_ONCE = 2
"""Threads that hash: each takes 64 MiB for as long as it does."""
MOST_HASHING = 40
"""Passwords that may wait to be hashed: 40 take 8 s of processor time."""

_HASHER = PasswordHash((Argon2Hasher(),))  # RFC 9106's second choice: 64 MiB, 3 passes, 4 lanes; 0.2 s
_NOBODYS = "$argon2id$v=19$m=65536,t=3,p=4$VGlWJtIv0dkpSKUSlCO7yQ$JJdIPk4EmJNNGUzq5CmmjB3qwXt7gud5y3RPF+FwxBM"
"""The hash of a password that nobody knows, with the same parameters: to refuse a stranger takes as long."""
_THREADS = ThreadPoolExecutor(HASHING_AT_ONCE, thread_name_prefix="passwords")
_lock = threading.Lock()
_waiting = 0

Result = TypeVar("Result")


class Busy(Exception):
    """Too many passwords wait to be hashed; nothing was looked at."""


def check_new(password: str, email: str) -> None:
    """Raises ValueError with ``short``, ``long`` or ``email`` where a new password is not good enough."""
    if len(password) < LEAST_PASSWORD_CHARS or len(set(password)) < 4:
        raise ValueError("short")
    if len(password) > MOST_PASSWORD_CHARS:
        raise ValueError("long")
    if password.strip().lower() == email:
        raise ValueError("email")


async def hash_password(password: str) -> str:
    """The password's argon2id hash, with its salt and parameters. Raises Busy."""
    return await _in_a_thread(lambda: _HASHER.hash(_bytes(password)))


async def verify(password: str, kept: str | None) -> bool:
    """Whether ``kept`` is the password's hash. None, for who has none, takes as long. Raises Busy."""

    def work() -> bool:
        try:
            right = _HASHER.verify(_bytes(password), kept or _NOBODYS)
        except UnknownHashError:
            return False
        return right and kept is not None

    return await _in_a_thread(work)


def _bytes(password: str) -> bytes:
    return password[: MOST_PASSWORD_CHARS + 1].encode("utf-8", "replace")


async def _in_a_thread(work: Callable[[], Result]) -> Result:
    _count(1)
    future = _THREADS.submit(work)
    future.add_done_callback(lambda _: _count(-1))
    return await asyncio.wrap_future(future)


def _count(change: int) -> None:
    global _waiting
    with _lock:
        if change > 0 and _waiting >= MOST_HASHING:
            raise Busy
        _waiting += change
