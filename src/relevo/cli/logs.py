"""Structured logs: readable on a terminal, JSON elsewhere."""

import logging
import sys
from typing import Any

import structlog

from relevo.secrets import hidden

TRACES = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)  # they hold what customers wrote
)


def set_up(level: str) -> None:
    """Sends logs at ``level`` and above to the error stream."""
    number = logging.getLevelNamesMapping()[level.upper()]
    terminal = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)  # no locals
    renderer = terminal if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _as_is if sys.stderr.isatty() else TRACES,
            renderer,
            _hide,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Hiding("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


class _Hiding(logging.Formatter):
    """Libraries' log lines, without our secrets."""

    def format(self, record: logging.LogRecord) -> str:
        return hidden(super().format(record))


def _hide(logger: object, name: str, line: Any) -> str:
    return hidden(str(line))


def _as_is(logger: object, name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    return event
