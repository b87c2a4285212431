"""The demonstration's rows, table by table, and how a release becomes some of them."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from stdnum import ean

Row = dict[str, Any]

COUNTRIES = ("MX", "CO", "AR", "US", "ES", "CL", "PE", "EC", "BR", "GT")
PER_STREAM = {
    "Amazon Music": 402_000, "Apple Music": 735_000, "Deezer": 512_000, "Pandora": 133_000,
    "SoundCloud": 251_000, "Spotify": 341_000, "TIDAL": 1_150_000, "TikTok": 31_000, "YouTube Music": 198_000,
}  # fmt: skip
"""What a stream brings, in hundred-millionths of a dollar: invented, in the usual order of size."""

REACH = {
    "Amazon Music": 14, "Apple Music": 30, "Deezer": 12, "Pandora": 4, "SoundCloud": 8, "Spotify": 100,
    "TIDAL": 2, "TikTok": 60, "YouTube Music": 45,
}  # fmt: skip
"""How much is streamed at each store, in percent of the largest."""

UNIT = Decimal("0.00000001")


@dataclass(frozen=True, slots=True)
class Rows:
    """Table → rows to insert. ``random`` is seeded, so that every load makes the same ones."""

    random: random.Random
    tables: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    serial: list[int] = field(default_factory=lambda: [0])

    def release(
        self,
        customer: str,
        title: str,
        artist: str,
        state: str,
        release_date: date | None,
        stores: Sequence[str],
        tracks: Sequence[str] = (),
        rejections: Sequence[Row] = (),
    ) -> list[tuple[str, str]]:
        """Adds a release with its tracks and deliveries; returns (ISRC, title) of its tracks."""
        self.serial[0] += 1
        number = self.serial[0]
        digits = f"75012{number:07}"
        id = f"R{number:05}"
        self.tables["music_releases"].append(
            {
                "customer_id": customer, "id": id, "title": title, "artist": artist, "state": state,
                "upc": digits + ean.calc_check_digit(digits), "release_date": release_date,
                "rejections": list(rejections),
            }
        )  # fmt: skip
        delivered = {"live": "live", "scheduled": "sent"}.get(state, "pending")
        live_on = release_date + timedelta(days=1) if state == "live" and release_date else None
        of_release = {"customer_id": customer, "release_id": id}
        self.tables["music_deliveries"].extend(
            {**of_release, "store": store, "state": delivered, "live_on": live_on} for store in stores
        )
        made = [
            (f"MXRLV{25 + number % 2}{number * 4 + at:05}", name) for at, name in enumerate(tracks or [title])
        ]
        self.tables["music_tracks"].extend(
            {**of_release, "position": at, "isrc": isrc, "title": name}
            for at, (isrc, name) in enumerate(made, start=1)
        )
        return made

    def statement(
        self,
        customer: str,
        period: str,
        state: str,
        tracks: Sequence[tuple[str, str]],
        lines: int,
        mean_units: int,
        total: Decimal | None = None,
        **columns: Any,
    ) -> None:
        """Adds a statement and its lines; with ``total``, their sum is exactly that."""
        choice = [
            (track, store, country) for track in tracks for store in PER_STREAM for country in COUNTRIES
        ]
        amounts: list[tuple[int, int]] = []
        picked = self.random.sample(choice, lines)
        for _track, store, _country in picked:
            units = 1 + int(self.random.expovariate(1 / mean_units)) * REACH[store] // 25
            amounts.append((units, units * PER_STREAM[store]))
        if total is not None:
            amounts = _scaled(amounts, int(total / UNIT))
        for ((isrc, title), store, country), (units, amount) in zip(picked, amounts, strict=True):
            self.tables["music_statement_lines"].append(
                {
                    "customer_id": customer, "period": period, "store": store, "country": country,
                    "track": isrc, "usage": "stream", "title": title, "isrc": isrc, "units": units,
                    "amount": amount * UNIT,
                }
            )  # fmt: skip
        earned = sum(amount for _units, amount in amounts) * UNIT
        self.tables["music_statements"].append(
            {
                "customer_id": customer, "period": period, "state": state, "amount": earned,
                "currency": "USD", **columns,
            }
        )  # fmt: skip


def _scaled(amounts: list[tuple[int, int]], total: int) -> list[tuple[int, int]]:
    """The same proportions, adding up to ``total``; the first line takes what rounding leaves."""
    before = sum(amount for _units, amount in amounts)
    scaled = [(max(1, units * total // before), amount * total // before) for units, amount in amounts]
    units, amount = scaled[0]
    left = total - sum(amount for _units, amount in scaled)
    return [(units, amount + left), *scaled[1:]]
