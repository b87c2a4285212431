"""Two hundred artists and labels, their thousand releases and fifty thousand statement lines."""

from datetime import date, timedelta

from relevo.teams.music.demo.rows import Row, Rows

CUSTOMERS = 200
RELEASES_EACH = 5
LINES_EACH_PERIOD = 50

FIRST = [
    "Alba", "Bernardo", "Camila", "Darío", "Elena", "Fabián", "Gabriela", "Hugo", "Inés", "Joaquín",
    "Karla", "Leonel", "Marina", "Nicolás", "Olivia", "Pablo", "Renata", "Samuel", "Teresa", "Valentín",
]  # fmt: skip
LAST = [
    "Acosta", "Benítez", "Cárdenas", "Duarte", "Espinoza", "Fuentes", "Guerrero", "Herrera", "Ibarra",
    "Lozano",
]  # fmt: skip
STAGE = [
    "Río", "Cometa", "Nopal", "Ámbar", "Faro", "Selva", "Cobre", "Neón", "Brújula", "Marfil", "Ceniza",
    "Trueno", "Jade", "Puente", "Arena",
]  # fmt: skip
THING = [
    "Casa", "Calle", "Lluvia", "Noche", "Ventana", "Marea", "Estación", "Carretera", "Ciudad", "Sombra",
    "Playa", "Montaña", "Radio", "Luna", "Cometa", "Bahía", "Fiesta", "Verano", "Invierno", "Espejo",
]  # fmt: skip
TAIL = [
    "Azul", "de Papel", "en Llamas", "sin Nombre", "de Ayer", "Lejana", "de Cristal", "del Sur",
    "Eterna",
]  # fmt: skip
HOME = ("MX", "CO", "AR", "CL", "PE", "US", "ES", "EC")
REJECTIONS: tuple[Row, ...] = (
    {"code": "artwork_blurry"},
    {"code": "artwork_store_logo"},
    {"code": "artwork_not_square", "values": {"found": "3000x2400", "needed": "3000x3000"}},
    {"code": "audio_quality"},
    {"code": "rights_unclear"},
    {"code": "duplicate_release"},
)
STATES = ("live",) * 16 + ("in_review", "rejected", "scheduled", "draft")
PERIODS = (
    ("2025-Q3", date(2025, 11, 15)),
    ("2025-Q4", date(2026, 2, 15)),
    ("2026-Q1", date(2026, 5, 15)),
    ("2026-Q2", date(2026, 8, 15)),
    ("2026-Q3", date(2026, 11, 15)),
)


def add_generated(rows: Rows, stores: tuple[str, ...]) -> None:
    for index in range(1, CUSTOMERS + 1):
        customer = _customer(rows, index)
        rows.tables["music_customers"].append(customer)
        tracks = _releases(rows, customer, stores)
        _statements(rows, customer, tracks, popularity=int(200 + rows.random.paretovariate(1.2) * 300))


def _customer(rows: Rows, index: int) -> Row:
    """Every tenth is a label; a few have an expired or missing tax form or an unverified account."""
    pick = rows.random.choice
    label = index % 10 == 0
    stage = " ".join(rows.random.sample(STAGE, 2))
    return {
        "id": f"artist-{index:03}", "role": "label" if label else "artist",
        "name": f"{pick(FIRST)} {pick(LAST)}", "known_as": f"Discos {stage}" if label else stage,
        "email": f"artist{index:03}@example.com", "phone": f"+52155501{index:05}",
        "plan": "label" if label else pick(("basico", "basico", "pro")), "country": pick(HOME),
        "language": "en" if index % 5 == 0 else "es", "currency": "USD",
        "account_state": "unverified" if index % 20 == 7 else "verified",
        "account_hint": f"••{rows.random.randrange(10_000):04}",
        "tax_state": {3: "expired", 11: "missing"}.get(index % 25, "valid"),
        "tax_expires_on": {3: date(2026, 6, 30), 11: None}.get(index % 25, date(2035, 12, 31)),
        "joined_on": date(2024, 1, 1) + timedelta(days=rows.random.randrange(500)),
    }  # fmt: skip


def _releases(rows: Rows, customer: Row, stores: tuple[str, ...]) -> list[tuple[str, str]]:
    """Adds the releases and returns the tracks of those in the stores; the first always is."""
    heard: list[tuple[str, str]] = []
    titles: set[str] = set()
    while len(titles) < RELEASES_EACH:
        title = f"{rows.random.choice(THING)} {rows.random.choice(TAIL)}"
        if title in titles:
            continue
        state = rows.random.choice(STATES) if titles else "live"
        titles.add(title)
        day = date(2027, 2, 5) if state == "scheduled" else date(2024, 3, 1)
        reasons = rows.random.sample(REJECTIONS, rows.random.choice((1, 1, 2))) if state == "rejected" else []
        tracks = [title, *rows.random.sample(THING, rows.random.choice((0, 0, 2)))]
        made = rows.release(
            customer["id"], title, customer["known_as"], state,
            None if state == "draft" else day + timedelta(days=rows.random.randrange(480)), stores, tracks,
            reasons,
        )  # fmt: skip
        heard += made if state == "live" else []
    return heard


def _statements(rows: Rows, customer: Row, tracks: list[tuple[str, str]], popularity: int) -> None:
    cause = {"expired": "tax_form_expired", "missing": "tax_form_missing"}.get(customer["tax_state"])
    if cause is None and customer["account_state"] == "unverified":
        cause = "account_unverified"
    for period, due in PERIODS:
        columns: Row = {"due_on": due}
        state = "paid" if period < "2026-Q2" else "available" if period == "2026-Q2" else "accruing"
        if state == "paid":
            columns |= {"paid_on": due, "reference": f"PAY-{period}-{customer['id']}".upper()}
        elif state == "available" and cause is not None:
            state, columns["hold"] = "on_hold", {"code": cause}
        rows.statement(customer["id"], period, state, tracks, LINES_EACH_PERIOD, popularity, **columns)
