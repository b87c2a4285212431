"""Releases, where they are delivered, and their removal."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType

from relevo.teams.music.backend.reasons import Reason

ReleaseId = NewType("ReleaseId", str)


class ReleaseState(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    REJECTED = "rejected"
    SCHEDULED = "scheduled"
    LIVE = "live"
    TAKEDOWN_REQUESTED = "takedown_requested"
    TAKEN_DOWN = "taken_down"


class DeliveryState(StrEnum):
    PENDING = "pending"
    SENT = "sent"
    LIVE = "live"
    FAILED = "failed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Release:
    """A single, EP or album. ``rejections`` is filled when its state is rejected."""

    id: ReleaseId
    title: str
    artist: str
    state: ReleaseState
    upc: str
    release_date: date | None = None
    rejections: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class ReleaseSearch:
    """``found`` is the one release that was meant; else ``close`` holds what could be, best first."""

    found: Release | None
    close: tuple[Release, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    store: str
    state: DeliveryState
    live_on: date | None = None


@dataclass(frozen=True, slots=True)
class Track:
    isrc: str
    title: str
    position: int


@dataclass(frozen=True, slots=True)
class Takedown:
    number: str
    release: ReleaseId
    title: str
    requested_at: datetime
