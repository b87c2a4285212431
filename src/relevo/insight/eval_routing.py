"""How well messages are read: accuracy by label, urgency, sentiment, and the confusion table."""

import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from relevo.domain.signals import Language, Signals


class Line(BaseModel):
    """One labelled message of the file (JSON lines)."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    text: str
    language: Language
    intent: str
    sentiment: str | None = None
    urgent: bool | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    line: Line
    signals: Signals
    milliseconds: float


def read_lines(path: Path) -> list[Line]:
    """Raises ValueError naming the line that cannot be read."""
    adapter = TypeAdapter(Line)
    lines = []
    for number, raw in enumerate(path.read_text("utf-8").splitlines(), 1):
        if raw.strip():
            try:
                lines.append(adapter.validate_json(raw))
            except ValidationError as error:
                raise ValueError(f"{path}, line {number}: {error.errors()[0]['msg']}") from error
    return lines


async def judge(lines: Sequence[Line], read: Callable[[str], Awaitable[Signals]]) -> list[Judged]:
    judged = []
    for line in lines:
        started = time.perf_counter()
        signals = await read(line.text)
        judged.append(Judged(line, signals, (time.perf_counter() - started) * 1000))
    return judged


def report(judged: Sequence[Judged]) -> dict[str, Any]:
    """Shares are 0–1. ``confusion`` counts by true label, then by the label read."""
    confusion: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for each in judged:
        confusion[each.line.intent][each.signals.intent] += 1
    read_as = Counter(each.signals.intent for each in judged)
    spent = sorted(each.milliseconds for each in judged)
    felt = [each for each in judged if each.line.sentiment is not None]
    pressed = [each for each in judged if each.line.urgent is not None]
    urgent = [each for each in pressed if each.line.urgent]
    calm = [each for each in pressed if not each.line.urgent]
    return {
        "messages": len(judged),
        "intent_accuracy": _share(each.signals.intent == each.line.intent for each in judged),
        "by_intent": {
            label: {
                "messages": sum(row.values()),
                "recall": round(row[label] / sum(row.values()), 4),
                "precision": round(row[label] / read_as[label], 4) if read_as[label] else None,
            }
            for label, row in sorted(confusion.items())
        },
        "by_language": {
            language: _share(
                each.signals.intent == each.line.intent for each in judged if each.line.language is language
            )
            for language in Language
        },
        "language_accuracy": _share(each.signals.language == each.line.language for each in judged),
        "sentiment_accuracy": _share(each.signals.sentiment == each.line.sentiment for each in felt),
        "urgent_recall": _share(each.signals.urgent for each in urgent),
        "urgent_false_alarms": _share(each.signals.urgent for each in calm),
        "by_model": sum(each.signals.source == "model" for each in judged),
        "milliseconds": {"p50": _quantile(spent, 0.5), "p99": _quantile(spent, 0.99)},
        "confusion": {label: dict(row) for label, row in sorted(confusion.items())},
    }


def _share(hits: Any) -> float | None:
    found = [bool(hit) for hit in hits]
    return round(sum(found) / len(found), 4) if found else None


def _quantile(ordered: Sequence[float], q: float) -> float | None:
    return round(ordered[min(len(ordered) - 1, int(q * len(ordered)))], 3) if ordered else None
