"""What stores ask of a cover."""

from dataclasses import dataclass
from enum import StrEnum

from relevo.teams.music.backend.reasons import Reason

SIDE = 3000
MOST_MEGABYTES = 10
FORMATS = frozenset({"jpg", "jpeg", "png"})


class Shown(StrEnum):
    """What a cover must not show; the values are the ends of the reasons' codes."""

    WEB_ADDRESS = "web_address"
    PRICE = "price"
    STORE_LOGO = "store_logo"
    BLUR = "blurry"


@dataclass(frozen=True, slots=True)
class Artwork:
    """What is known of a cover; None is not known, and not judged. Sizes in pixels and megabytes."""

    width: int | None = None
    height: int | None = None
    megabytes: float | None = None
    format: str | None = None
    colour: str | None = None
    shows: frozenset[Shown] = frozenset()


def check_artwork(cover: Artwork) -> tuple[Reason, ...]:
    """Everything that is wrong with the cover: at least 3000x3000 and square, JPG or PNG, RGB, 10 MB at most,
    no addresses, prices, logos or blur."""
    found: list[Reason] = []
    needed = f"{SIDE}x{SIDE}"
    sides = [side for side in (cover.width, cover.height) if side is not None]
    size = "x".join(str(side) for side in sides)
    if sides and min(sides) < SIDE:
        found.append(Reason("artwork_too_small", {"found": size, "needed": needed}))
    if len(set(sides)) > 1:
        found.append(Reason("artwork_not_square", {"found": size, "needed": needed}))
    if cover.megabytes is not None and cover.megabytes > MOST_MEGABYTES:
        weight = {"found": f"{cover.megabytes:.1f}", "most": str(MOST_MEGABYTES)}
        found.append(Reason("artwork_too_heavy", weight))
    if cover.format is not None and cover.format.lower().lstrip(".") not in FORMATS:
        found.append(Reason("artwork_format", {"found": cover.format.upper().lstrip(".")[:10]}))
    if cover.colour is not None and cover.colour.upper() not in {"RGB", "SRGB"}:
        found.append(Reason("artwork_colour", {"found": cover.colour.upper()[:20]}))
    found += [Reason(f"artwork_{shown.value}") for shown in Shown if shown in cover.shows]
    return tuple(found)
