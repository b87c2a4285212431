"""A quote counts only where it stands, word for word: planted false ones are dropped."""

import pytest

from relevo.teams.marketing.quotes import Source, checked, stands_in
from relevo.teams.marketing.values import Answer, Basis

TEXT = (
    "Lucía vive en Valencia. No es caro, dice, «si alguien responde»;\n  su miedo es fallar   otra vez. "
    "Gana 1.650 euros al mes — y paga una hipoteca."
)
SOURCES = [
    Source(1, "Vendemos huertos a familias con balcón."),
    Source(2, TEXT, "d_1", "entrevistas", 7, "Lucía, p. 3"),
    Source(3, "Odian las semillas caducadas.", "d_2", "encuesta", 9, "p. 1"),
]


@pytest.mark.parametrize(
    "quote",
    [
        "vive en Valencia",
        "LUCÍA VIVE EN VALENCIA",
        'dice, "si alguien responde"',
        "dice, “si alguien responde”",
        "«su miedo es fallar otra vez»",
        "fallar\notra vez.",
        "1.650 euros al mes",
        "vive\u00a0en Valencia",
        "Luci\u0301a vive en Valencia",
    ],
)
def test_space_marks_and_case_may_differ(quote: str) -> None:
    assert stands_in(quote, TEXT)


@pytest.mark.parametrize(
    "quote",
    [
        "vive en Barcelona",
        "vive en la ciudad de Valencia",
        "Lucia vive en Valencia",  # another spelling
        "es fallar … hipoteca",  # two pieces joined
        "fallar otra hipoteca",
        "ive en Valencia",  # begins within a word
        "vive en Valenci",
        "Valencia",  # one word proves nothing
        "1.650",
        "",
        "   ",
        "«»",
        "gana 1650 euros al mes",
        "odian las semillas caducadas",
    ],
)
def test_what_is_not_there_is_no_quote(quote: str) -> None:
    assert not stands_in(quote, TEXT)


def answer(basis: Basis = Basis.DOCUMENTS, text: str = "Algo") -> Answer:
    return Answer(key="dolor", text=text, basis=basis)


def test_the_place_comes_from_where_it_stands_not_from_where_it_is_said_to() -> None:
    found, dropped = checked(answer(), [("su miedo es fallar", 3)], SOURCES)
    assert dropped == 0
    assert found.basis is Basis.DOCUMENTS
    [quote] = found.quotes
    assert (quote.document, quote.title, quote.passage, quote.place) == (
        "d_1",
        "entrevistas",
        7,
        "Lucía, p. 3",
    )


def test_a_false_quote_is_dropped_and_the_answer_is_inferred() -> None:
    found, dropped = checked(answer(), [("le encanta pagar más", 2), ("semillas de oro puro", 3)], SOURCES)
    assert (found.basis, found.quotes, dropped) == (Basis.INFERRED, (), 2)
    assert found.text == "Algo"


def test_one_true_quote_among_false_ones_is_enough_and_the_only_one_kept() -> None:
    found, dropped = checked(answer(), [("le encanta pagar más", 2), ("paga una hipoteca", 2)], SOURCES)
    assert (found.basis, dropped) == (Basis.DOCUMENTS, 1)
    assert [each.text for each in found.quotes] == ["paga una hipoteca"]


def test_a_claim_without_any_quote_is_inferred() -> None:
    assert checked(answer(), [], SOURCES)[0].basis is Basis.INFERRED
    assert checked(answer(Basis.ONBOARDING), [], SOURCES)[0].basis is Basis.INFERRED


def test_an_inferred_answer_that_does_quote_a_document_stands_on_it() -> None:
    found, _ = checked(answer(Basis.INFERRED), [("vive en Valencia", 2)], SOURCES)
    assert found.basis is Basis.DOCUMENTS


def test_what_was_answered_at_the_start_is_onboarding() -> None:
    found, _ = checked(answer(), [("huertos a familias", 1)], SOURCES)
    assert found.basis is Basis.ONBOARDING
    assert found.quotes[0].document == ""


@pytest.mark.parametrize("text", ["", "  "])
def test_no_answer_is_unknown_whatever_it_claims(text: str) -> None:
    assert checked(answer(text=text), [("vive en Valencia", 2)], SOURCES)[0].basis is Basis.UNKNOWN
