"""When people answer: opening hours, time zones, and how the next opening is said."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from relevo.desk.hours import DeskHours
from relevo.domain.opening import parse_hours
from relevo.domain.signals import Language

BOGOTA = ZoneInfo("America/Bogota")
HOURS = DeskHours(parse_hours("mon-fri 09:00-18:00, sat 10:00-14:00"), BOGOTA)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BOGOTA).astimezone(UTC)


@pytest.mark.parametrize(
    ("when", "open_"),
    [
        ("2026-01-05T08:59:59", False),
        ("2026-01-05T09:00:00", True),
        ("2026-01-05T17:59:59", True),
        ("2026-01-05T18:00:00", False),
        ("2026-01-10T11:00:00", True),
        ("2026-01-11T11:00:00", False),
    ],
)
def test_it_is_open_by_local_time(when: str, open_: bool) -> None:
    assert HOURS.is_open(at(when)) is open_


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-01-05T07:00:00", "2026-01-05T09:00:00"),
        ("2026-01-05T19:00:00", "2026-01-06T09:00:00"),
        ("2026-01-10T15:00:00", "2026-01-12T09:00:00"),
    ],
)
def test_the_next_opening(now: str, opens: str) -> None:
    assert HOURS.next_opening(at(now)) == at(opens)


def test_it_is_said_in_both_languages() -> None:
    saturday = at("2026-01-10T15:00:00")
    assert HOURS.when(saturday, Language.ES) == {"day": "el lunes", "time": "09:00", "zone": "Bogota"}
    assert HOURS.when(saturday, Language.EN)["day"] == "on Monday"
    assert HOURS.when(at("2026-01-11T12:00:00"), Language.ES)["day"] == "mañana"
    assert HOURS.when(at("2026-01-12T08:00:00"), Language.EN)["day"] == "today"


def test_a_desk_may_always_be_open() -> None:
    assert DeskHours(parse_hours("always"), BOGOTA).is_open(at("2026-01-11T03:00:00"))


@pytest.mark.parametrize(
    "text", ["", "mon 9-18", "lun-vie 09:00-18:00", "mon-fri 18:00-09:00", "fri-mon 09:00-10:00"]
)
def test_hours_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected 'mon-fri"):
        parse_hours(text)
