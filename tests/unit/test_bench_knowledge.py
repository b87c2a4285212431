"""The benchmark of knowledge measures what it says: its language, its questions, BM25, its table."""

from datetime import date
from itertools import islice

import pytest
from bench.corpus import queries, texts, tongue
from bench.knowledge import Size, knowledge
from bench.knowledge_table import knowledge as table
from bench.retrieval import Bm25, questions, rank, recalls

from relevo.domain.signals import Language
from relevo.knowledge.articles import Article
from relevo.knowledge.words import language_of, sentences, terms
from relevo.storage.embedded import Cluster


@pytest.mark.parametrize("language", list(Language))
def test_the_made_up_language_is_the_same_each_time_and_repeats_its_words_as_texts_do(
    language: Language,
) -> None:
    words = tongue(language)
    assert len(set(words.known)) == len(words.known)
    said = list(islice(texts(words, "one"), 400))
    assert said == list(islice(texts(tongue(language), "one"), 400))
    assert said[:3] != list(islice(texts(words, "other"), 3))
    assert {language_of(each) for each in said} == {language}
    assert all(500 < len(each) < 1_500 and len(sentences(each)) == 6 for each in said)
    held = [set(terms(each, language)) for each in said]
    shares = sorted((sum(term in each for each in held) / 400 for term in set().union(*held)), reverse=True)
    assert 0.2 < shares[0] < 0.4
    assert 0.08 < shares[39] < 0.2
    asked = list(islice(queries(said, language, "q"), 100))
    assert asked == list(islice(queries(said, language, "q"), 100))
    assert len(set(asked)) == 100
    own = [set(terms(each, language)) for each in asked]
    best = [max(len(each & passage) for passage in held) / len(each) for each in own]
    assert sum(best) / len(best) > 0.7


def article(id: str, title: str, body: str) -> Article:
    return Article(id, Language.ES, title, (), (), date(2026, 1, 1), body, "")


def test_bm25_ranks_the_rarer_word_and_the_shorter_article_first() -> None:
    filling = " y".join(f" relleno{number}" for number in range(40))
    bm25 = Bm25(
        [
            article("long", "Pagos", f"Se paga la regalía. {filling}"),
            article("short", "Pagos", "Se paga la regalía."),
            article("cover", "Portadas", "Se paga la portada."),
        ],
        Language.ES,
    )
    assert bm25.ranked("¿cuándo pagan regalías?") == ["short", "long", "cover"]
    assert bm25.ranked("portadas pagadas")[0] == "cover"
    assert bm25.ranked("penicilina") == []


def test_ranks_and_shares() -> None:
    assert rank(["a", "b", "c"], frozenset("bc")) == 2
    assert rank([*"abcdefghijk"], frozenset("k")) is None  # the eleventh
    assert recalls([1, 6, None, 2]) == {"recall@1": 0.25, "recall@5": 0.5, "mrr": (1 + 1 / 6 + 1 / 2) / 4}
    assert {each.language for each in questions()} == set(Language)
    assert all(each.right for each in questions())


async def test_a_small_run_has_every_figure(cluster: Cluster) -> None:
    found = await knowledge(cluster, Size(100, 1, 20, 10, 2, 20, 1, 2))
    assert [set(each) for each in found["search"]] == [{"p50_ms", "p99_ms", "most_ms", "own_cpu_ms"}] * 2
    assert found["marketing"]["persona_calls"] == 1
    assert [each["calls"] for each in found["marketing"]["analysis"]] == [5, 5]
    for language in Language:
        both = found["retrieval"][language]
        assert both["relevo"]["recall@1"] >= both["bm25"]["recall@1"]
        assert both["relevo"]["recall@5"] >= both["bm25"]["recall@5"]
    lines = table({"knowledge": found}).splitlines()
    assert any(line.startswith("| Search over 100 passages, p50 | ") for line in lines)
    assert "| Model calls of a whole analysis | 5 | ≤ 20 |" in lines
