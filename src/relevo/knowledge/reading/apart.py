"""Reads a file in a process of its own, with limits on memory, time and what it may say."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from dataclasses import dataclass

from relevo.domain.knowledge import Indexed, Passage, Place
from relevo.domain.signals import Language
from relevo.knowledge.reading.errors import Unreadable, Why

CHUNK = 65_536
MOST_OUTPUT = 60_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """``seconds`` of processor time, twice as many by the clock; ``output`` in bytes of JSON lines."""

    megabytes: int = 512
    seconds: int = 20
    output: int = MOST_OUTPUT


USUAL = Limits()


async def read_apart(body: bytes, suffix: str, title: str, limits: Limits = USUAL) -> list[Indexed]:
    """The passages of a file. Raises Unreadable and leaves no process behind, cancelled or not."""
    process: Process | None = None
    try:
        async with asyncio.timeout(2 * limits.seconds):  # the start of the process is in it, too
            process = await _begun(suffix, title, limits)
            said = await _talk(process, body, limits.output)
            code = await process.wait()
    except TimeoutError as error:
        raise Unreadable(Why.TIME) from error
    finally:
        if process is not None:
            await _end(process)
    return _understood(said, code)


async def _begun(suffix: str, title: str, limits: Limits) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        "-m",
        "relevo.knowledge.reading.child",
        suffix,
        str(limits.megabytes),
        str(limits.seconds),
        title,
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        env={"PYTHONUTF8": "1", "PYTHONHASHSEED": "0"},
        cwd="/",
        start_new_session=True,
    )


async def _talk(process: Process, body: bytes, most: int) -> bytes:
    assert process.stdin is not None  # noqa: S101 - both are pipes
    assert process.stdout is not None  # noqa: S101
    feeding = asyncio.create_task(_feed(process.stdin, body))
    said = bytearray()
    try:
        while chunk := await process.stdout.read(CHUNK):
            said += chunk
            if len(said) > most:
                raise Unreadable(Why.TOO_MUCH_TEXT)
    finally:
        feeding.cancel()
        with suppress(asyncio.CancelledError):
            await feeding
    return bytes(said)


async def _feed(pipe: asyncio.StreamWriter, body: bytes) -> None:
    with suppress(BrokenPipeError, ConnectionResetError):
        pipe.write(body)
        await pipe.drain()
        pipe.close()


async def _end(process: Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def _understood(said: bytes, code: int) -> list[Indexed]:
    lines = said.splitlines()
    last = json.loads(lines[-1]) if lines and code == 0 else None
    if not isinstance(last, dict):
        raise Unreadable(_ended_by(code))
    if last["why"] is not None:
        raise Unreadable(Why(last["why"]))
    return [_indexed(*json.loads(line)) for line in lines[:-1]]


def _indexed(
    text: str,
    language: str,
    headings: list[str],
    page: int | None,
    seconds: float | None,
    weights: dict[str, float],
) -> Indexed:
    return Indexed(Passage(text, Language(language), Place(tuple(headings), page, seconds)), weights)


def _ended_by(code: int) -> Why:
    """What a process that did not come to its end died of."""
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        return Why.TIME
    return Why.MEMORY if code < 0 else Why.BROKEN
