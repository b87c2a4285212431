"""How documents are cut into passages: within headings, at paragraphs, at sentences only where it must."""

from hypothesis import given
from hypothesis import strategies as st

from relevo.domain.knowledge import Place
from relevo.domain.signals import Language
from relevo.knowledge.block import Block
from relevo.knowledge.chunk import MOST_CHARS, USUAL_CHARS, passages


def test_a_passage_stands_under_its_headings_and_never_reaches_into_the_next() -> None:
    made = passages(
        [
            Block("Guía", 1),
            Block("Para empezar."),
            Block("Portadas", 2),
            Block("Miden 3000 píxeles."),
            Block("Sin logotipos."),
            Block("Audio", 2),
            Block("En WAV."),
            Block("Pagos", 1),
            Block("Cada mes."),
        ]
    )
    assert [(each.text, each.place.headings) for each in made] == [
        ("Para empezar.", ("Guía",)),
        ("Miden 3000 píxeles.\nSin logotipos.", ("Guía", "Portadas")),
        ("En WAV.", ("Guía", "Audio")),
        ("Cada mes.", ("Pagos",)),
    ]


def test_page_and_second_are_those_of_the_beginning() -> None:
    made = passages([Block("uno " * 280, page=1), Block("dos " * 280, page=2), Block("tres.", seconds=7.5)])
    assert [(each.place.page, each.place.seconds) for each in made] == [(1, None), (2, None)]
    assert str(Place(("A", "B"), 3, 3725.0)) == "A › B, p. 3, 1:02:05"


def test_a_heading_with_nothing_under_it_is_text_too() -> None:
    made = passages([Block("Índice", 1), Block("Anexo", 1), Block("Texto."), Block("Fin", 1)])
    assert [each.text for each in made] == ["Índice", "Texto.", "Fin"]


def test_long_paragraphs_are_cut_at_sentences() -> None:
    sentence = "Esta frase tiene exactamente siete palabras más."
    made = passages([Block(" ".join([sentence] * 100))])
    assert len(made) == 5
    assert all(each.text.endswith(".") and each.text.startswith("Esta") for each in made)
    assert max(len(each.text) for each in made) < USUAL_CHARS * 1.2


def test_each_passage_has_its_own_language() -> None:
    made = passages([
        Block("Reglas", 1), Block("La portada no puede llevar el logotipo de una tienda ni de una marca."),
        Block("Rules", 1), Block("The artwork must not have the logo of a store."),
        Block("ISRC", 1), Block("QM-XYZ-26-00001"),
    ])  # fmt: skip
    assert [each.language for each in made] == [Language.ES, Language.EN, Language.ES]


@given(st.lists(st.text(min_size=1, max_size=9_000), max_size=6))
def test_nothing_is_lost_and_nothing_is_too_long(texts: list[str]) -> None:
    made = passages([Block(text) for text in texts])
    assert "".join("".join(texts).split()) == "".join("".join(each.text for each in made).split())
    assert all(len(each.text) <= max(MOST_CHARS, USUAL_CHARS * 2) for each in made)
