"""Three customers with a story: a rejected cover, an unpaid quarter, a hacked account."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from relevo.domain.ids import CustomerRef
from relevo.domain.signals import Language
from relevo.teams.music.demo.rows import Row, Rows


@dataclass(frozen=True, slots=True)
class DemoCustomer:
    """``label`` says, by language, who it is and what their trouble is, for a list to choose from."""

    ref: CustomerRef
    name: str
    phone: str
    language: Language
    label: dict[Language, str]


DEMO_CUSTOMERS = {
    "ana": DemoCustomer(
        CustomerRef("ana"),
        "Ana Torres",
        "+5215550000001",
        Language.ES,
        {
            Language.ES: "Ana Torres, artista: le rechazaron una portada",
            Language.EN: "Ana Torres, artist: a cover was rejected",
        },
    ),
    "bruno": DemoCustomer(
        CustomerRef("bruno"),
        "Bruno Díaz",
        "+573000000002",
        Language.ES,
        {
            Language.ES: "Bruno Díaz, sello Casa Norte: no le pagaron un trimestre",
            Language.EN: "Bruno Díaz, label Casa Norte: a quarter was not paid",
        },
    ),
    "carla": DemoCustomer(
        CustomerRef("carla"),
        "Carla Smith",
        "+15550000003",
        Language.EN,
        {
            Language.ES: "Carla Smith, artista: entraron en su cuenta",
            Language.EN: "Carla Smith, artist: her account was hacked",
        },
    ),
}
"""By the short name that a visitor may take on."""


def add_named(rows: Rows, stores: tuple[str, ...], now: datetime) -> None:
    """Adds the three. Their facts are fixed, but for Carla's trouble, which is always two days old."""
    _ana(rows, stores)
    _bruno(rows, stores)
    _carla(rows, stores, now)


def _ana(rows: Rows, stores: tuple[str, ...]) -> None:
    rows.tables["music_customers"].append(
        _customer("ana", known_as="Ana Luz", plan="pro", country="MX", account_hint="CLABE ••4821")
    )
    night = rows.release("ana", "Nocturna", "Ana Luz", "live", date(2025, 11, 7), stores)
    city = rows.release(
        "ana", "Ciudad Dormida", "Ana Luz", "live", date(2025, 6, 20), stores,
        ("Ciudad Dormida", "Azotea", "Último Metro"),
    )  # fmt: skip
    cover: list[Row] = [
        {"code": "artwork_too_small", "values": {"found": "1400x1400", "needed": "3000x3000"}},
        {"code": "artwork_web_address"},
    ]
    rows.release(
        "ana", "Luz de Enero", "Ana Luz", "rejected", date(2026, 9, 4), stores,
        rejections=cover,
    )  # fmt: skip
    _paid(rows, "ana", "2025-Q4", "118.90", date(2026, 2, 15), night + city)
    _paid(rows, "ana", "2026-Q1", "141.15", date(2026, 5, 15), night + city)
    _earned(rows, "ana", "2026-Q2", "available", "182.40", night + city)


def _bruno(rows: Rows, stores: tuple[str, ...]) -> None:
    rows.tables["music_customers"].append(
        _customer(
            "bruno", role="label", known_as="Casa Norte", plan="label", country="CO",
            account_hint="Bancolombia ••0937", tax_state="expired", tax_expires_on=date(2026, 6, 30),
        )
    )  # fmt: skip
    tide = rows.release("bruno", "Marea", "Los Faros", "live", date(2025, 8, 15), stores)
    stone = rows.release(
        "bruno", "Piedra y Sal", "Mara Quintero", "live", date(2025, 10, 3), stores,
        ("Piedra y Sal", "Camino Viejo", "La Orilla"),
    )  # fmt: skip
    rows.release("bruno", "Todo el Norte", "Los Faros", "scheduled", date(2027, 1, 15), stores)
    _paid(rows, "bruno", "2025-Q4", "871.36", date(2026, 2, 15), tide + stone)
    _paid(rows, "bruno", "2026-Q1", "964.20", date(2026, 5, 15), tide + stone)
    _earned(
        rows, "bruno", "2026-Q2", "on_hold", "1284.55", tide + stone, due_on=date(2026, 8, 15),
        hold={"code": "tax_form_expired", "values": {"expired_on": "2026-06-30"}},
    )  # fmt: skip


def _carla(rows: Rows, stores: tuple[str, ...], now: datetime) -> None:
    changed = now - timedelta(days=2)
    rows.tables["music_customers"].append(
        _customer(
            "carla", known_as="CARLA S", plan="basico", country="US", account_hint="IBAN ••7702",
            account_state="changed", account_changed_at=changed, frozen={"code": "suspicious_login"},
        )
    )  # fmt: skip
    rows.tables["music_account_events"] += [
        {
            "customer_id": "carla", "kind": "unknown_login", "at": changed - timedelta(minutes=40),
            "country": "NL", "detail": "new device",
        },
        {
            "customer_id": "carla", "kind": "payout_account_changed", "at": changed, "country": "NL",
            "detail": "ACH ••1150 → IBAN ••7702",
        },
    ]  # fmt: skip
    moons = rows.release("carla", "Paper Moons", "CARLA S", "live", date(2025, 9, 12), stores)
    _paid(rows, "carla", "2026-Q1", "88.45", date(2026, 5, 15), moons)
    _earned(rows, "carla", "2026-Q2", "available", "96.10", moons)


def _customer(name: str, **columns: Any) -> dict[str, Any]:
    known = DEMO_CUSTOMERS[name]
    return {
        "id": known.ref, "role": "artist", "name": known.name, "email": f"{name}@example.com",
        "phone": known.phone, "language": known.language.value, "currency": "USD",
        "account_state": "verified", "tax_state": "valid", "tax_expires_on": date(2035, 12, 31),
        "joined_on": date(2025, 5, 2), **columns,
    }  # fmt: skip


def _paid(
    rows: Rows, customer: str, period: str, total: str, on: date, tracks: list[tuple[str, str]]
) -> None:
    reference = f"PAY-{period}-{customer}".upper()
    _earned(rows, customer, period, "paid", total, tracks, due_on=on, paid_on=on, reference=reference)


def _earned(
    rows: Rows,
    customer: str,
    period: str,
    state: str,
    total: str,
    tracks: list[tuple[str, str]],
    **columns: Any,
) -> None:
    rows.statement(customer, period, state, tracks, 40, 1_500, Decimal(total), **columns)
