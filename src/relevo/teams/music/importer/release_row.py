"""One row of releases.csv, read: what it says of the customer, the release, its stores and its tracks."""

from dataclasses import dataclass
from typing import Any

from relevo.domain.signals import Language
from relevo.teams.music.backend.customers import AccountState, CustomerRole, TaxFormState
from relevo.teams.music.backend.phones import spellings
from relevo.teams.music.backend.plans import Terms
from relevo.teams.music.backend.reasons import known_reasons
from relevo.teams.music.backend.releases import DeliveryState, ReleaseState
from relevo.teams.music.importer import fields
from relevo.teams.music.importer.csv_file import Row
from relevo.teams.music.importer.fields import BadCell
from relevo.teams.music.metadata import check_upc

LIST = "|"


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """``customer`` holds only what the row says; the others are rows of their tables."""

    number: int
    customer: dict[str, Any]
    release: dict[str, Any]
    deliveries: list[dict[str, Any]]
    tracks: list[dict[str, Any]]

    def join(self, there: dict[str, Any]) -> None:
        """Takes over the stored release's id, and what an import may not undo or did not say."""
        for part in (*self.deliveries, *self.tracks):
            part["release_id"] = there["id"]
        self.release["id"] = there["id"]
        self.release["release_date"] = self.release["release_date"] or there["release_date"]
        if (
            there["state"] == ReleaseState.TAKEDOWN_REQUESTED
            and self.release["state"] != ReleaseState.TAKEN_DOWN
        ):
            self.release["state"] = there["state"]


def parse(row: Row, terms: Terms) -> ReleaseRow:
    """Raises BadCell."""
    customer = fields.text(row, "customer_id", 64)
    upc = _upc(row)
    state = fields.choice(row, "status", [state.value for state in ReleaseState])
    if state is None:
        raise BadCell("status is missing")
    rejections = [_rejection(item) for item in _items(row, "rejections")]
    if rejections and state != ReleaseState.REJECTED:
        raise BadCell("rejections are given, but the status is not rejected")
    release = {
        "customer_id": customer, "id": upc, "upc": upc, "title": fields.text(row, "title"),
        "artist": fields.text(row, "artist"), "state": state, "release_date": fields.day(row, "release_date"),
        "rejections": rejections,
    }  # fmt: skip
    of_release = {"customer_id": customer, "release_id": upc}
    return ReleaseRow(
        row.line,
        {"id": customer, **_customer(row, terms)},
        release,
        [{**of_release, **delivery} for delivery in _deliveries(row, terms)],
        [{**of_release, "position": at, **_track(item)} for at, item in enumerate(_items(row, "tracks"), 1)],
    )


def _customer(row: Row, terms: Terms) -> dict[str, Any]:
    plan = fields.optional(row, "plan")
    known_plan = terms.plan_named(plan) if plan else None
    if plan and known_plan is None:
        raise BadCell(f"plan is “{plan}”; the plans are {', '.join(each.id for each in terms.plans)}")
    phone = fields.optional(row, "phone")
    numbers = spellings(phone) if phone else []
    if phone and not numbers:
        raise BadCell(f"phone is “{phone}”; it must be like +525550000001")
    country = fields.optional(row, "country", 2)
    said = {
        "name": fields.optional(row, "customer_name"),
        "known_as": fields.optional(row, "known_as"),
        "role": fields.choice(row, "role", [role.value for role in CustomerRole]),
        "email": fields.optional(row, "email"),
        "phone": numbers[0] if numbers else None,
        "plan": known_plan.id if known_plan else None,
        "country": country.upper() if country else None,
        "language": fields.choice(row, "language", [language.value for language in Language]),
        "account_state": fields.choice(row, "payout_account", [state.value for state in AccountState]),
        "account_hint": fields.optional(row, "payout_hint", 60),
        "tax_state": fields.choice(row, "tax_form", [state.value for state in TaxFormState]),
        "tax_expires_on": fields.day(row, "tax_form_expires"),
    }
    return {column: value for column, value in said.items() if value is not None}


def _upc(row: Row) -> str:
    """Digits only; an EAN-13 that begins with 0 is the UPC without it."""
    written = fields.text(row, "upc", 40)
    if wrong := check_upc(written):
        raise BadCell(f"upc: {wrong[0].text(Language.EN)}")
    digits = "".join(char for char in written if char.isdigit())
    return digits[1:] if len(digits) == 13 and digits[0] == "0" else digits


def _items(row: Row, column: str) -> list[str]:
    listed = fields.optional(row, column, 4_000) or ""
    return [item.strip() for item in listed.split(LIST) if item.strip()]


def _deliveries(row: Row, terms: Terms) -> list[dict[str, Any]]:
    """Items such as ``Spotify=live``; a store alone is pending."""
    states: dict[str, str] = {}
    for item in _items(row, "stores"):
        store, _, state = (part.strip() for part in item.partition("="))
        state = state.lower() or DeliveryState.PENDING.value
        if not store or state not in list(DeliveryState):
            raise BadCell(
                f"stores: “{item}” must be like Spotify=live, with one of {', '.join(DeliveryState)}"
            )
        name = fields.store_name(store, terms.stores)
        if name in states:
            raise BadCell(f"stores: {name} stands twice")
        states[name] = state
    return [{"store": store, "state": state} for store, state in states.items()]


def _track(item: str) -> dict[str, Any]:
    """``MXABC2600001=Nocturna``."""
    isrc, equals, title = (part.strip() for part in item.partition("="))
    if not equals or not title:
        raise BadCell(f"tracks: “{item}” must be like MXABC2600001=Nocturna")
    return {"isrc": fields.isrc(isrc), "title": title}


def _rejection(item: str) -> dict[str, Any]:
    """``artwork_too_small:found=1400x1400,needed=3000x3000``, as {"code", "values"}."""
    code, _, pairs = (part.strip() for part in item.partition(":"))
    if code not in known_reasons():
        raise BadCell(f"rejections: there is no reason “{code}”")
    values = dict(pair.split("=", 1) for pair in pairs.split(",") if "=" in pair)
    return {"code": code, **({"values": values} if values else {})}
