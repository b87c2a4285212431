"""When people answer, and how that is said to a customer."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from relevo.domain.signals import Language

_DAY_NAMES = {
    Language.ES: ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    Language.EN: ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}

_NEAR = {Language.ES: {0: "hoy", 1: "mañana"}, Language.EN: {0: "today", 1: "tomorrow"}}
_ON = {Language.ES: "el {}", Language.EN: "on {}"}


@dataclass(frozen=True, slots=True)
class DeskHours:
    """Opening and closing time by weekday (0 is Monday), in ``zone``."""

    days: dict[int, tuple[time, time]]
    zone: ZoneInfo

    def is_open(self, now: datetime) -> bool:
        local = now.astimezone(self.zone)
        span = self.days.get(local.weekday())
        return span is not None and span[0] <= local.time() < span[1]

    def next_opening(self, now: datetime) -> datetime:
        """The next time the desk opens after ``now``, in its zone. Raises LookupError when it never does."""
        local = now.astimezone(self.zone)
        for ahead in range(8):
            day = local.date() + timedelta(days=ahead)
            span = self.days.get(day.weekday())
            if span is None:
                continue
            opens = datetime.combine(day, span[0], self.zone)
            if opens > local:
                return opens
        raise LookupError("the desk has no opening hours")

    def when(self, now: datetime, language: Language) -> dict[str, str]:
        """The next opening in words: day, time and zone, as the team's text takes them."""
        opens = self.next_opening(now)
        ahead = (opens.date() - now.astimezone(self.zone).date()).days
        named = _DAY_NAMES[language][opens.weekday()]
        return {
            "day": _NEAR[language].get(ahead, _ON[language].format(named)),
            "time": opens.strftime("%H:%M"),
            "zone": str(self.zone).rsplit("/", 1)[-1].replace("_", " "),
        }
