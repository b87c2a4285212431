"""Opening hours as a setting tells them."""

from datetime import time

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def parse_hours(text: str) -> dict[int, tuple[time, time]]:
    """``mon-fri 09:00-18:00, sat 10:00-14:00`` → opening and closing time by weekday (0 is Monday).

    ``always`` means every day round the clock. Raises ValueError saying what is expected.
    """
    if text.strip().lower() == "always":
        return dict.fromkeys(range(7), (time.min, time.max))
    hours: dict[int, tuple[time, time]] = {}
    try:
        for part in text.lower().split(","):
            days, span = part.split()
            first, _, last = days.partition("-")
            opens, closes = (time.fromisoformat(value) for value in span.split("-"))
            start, end = DAYS.index(first), DAYS.index(last or first)
            if opens >= closes or end < start:
                raise ValueError(part)
            hours.update(dict.fromkeys(range(start, end + 1), (opens, closes)))
    except ValueError as error:
        raise ValueError(
            f"cannot read {text!r}, expected 'mon-fri 09:00-18:00, sat 10:00-14:00' (for example) or 'always'"
        ) from error
    return hours
