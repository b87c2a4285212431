"""What may leave in an answer a model wrote: text and listed links; no image, no other address."""

import pytest

from relevo.pipeline.egress import clean

LINKS = frozenset({"ayuda.example.com"})


@pytest.mark.parametrize(
    "text",
    [
        "![x](https://evil.example/a.png)",
        "![x][r]\n[r]: https://evil.example/a.png",
        "[clic](https://evil.example/?d=182.40)",
        "[clic][r]\n\n[r]: https://evil.example",
        '<img src="https://evil.example/a">',
        "<https://evil.example>",
        "https://evil.example/x",
        "http://ayuda.example.com/x",
        "HTTPS://EVIL.EXAMPLE",
        "www.evil.example/x",
        "ftp://evil.example",
        "javascript:alert(1)",
        "data:text/html;base64,AAAA",
        "mailto:a@evil.example",
        "//evil.example/a",
        "https://ayuda.example.com@evil.example/",
        "https://ayuda.example.com.evil.example/",
    ],
)
def test_what_could_carry_something_out_is_gone(text: str) -> None:
    left = clean(f"Hola. {text} Gracias.", LINKS)
    assert "evil" not in left.lower()
    assert "http" not in left.lower()
    assert left.startswith("Hola.")


@pytest.mark.parametrize(
    "text",
    [
        "El plan Pro cuesta 49.99 USD al mes.",
        "Horario: 9:00 a 18:00",
        "Lee https://ayuda.example.com/portadas antes",
        "Mira [la guía](https://ayuda.example.com/portadas)",
        "Tu código: MX-ABC-26-00001 (ISRC)",
        "a < b y c > d no es una etiqueta",
    ],
)
def test_plain_words_and_listed_links_stay(text: str) -> None:
    assert clean(text, LINKS) == text
