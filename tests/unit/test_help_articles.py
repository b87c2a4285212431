"""The help centre: whole in both languages, and true to the terms, rules and playbooks it speaks of."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import product
from pathlib import Path

import pytest

from relevo.domain.signals import Language
from relevo.pipeline.confirm import VALID
from relevo.teams.music.backend.plans import load_terms
from relevo.teams.music.backend.pricing import price
from relevo.teams.music.backend.sales import Billing, QuoteRequest
from relevo.teams.music.metadata.artwork import MOST_MEGABYTES, SIDE
from relevo.teams.music.metadata.titles import MOST_CHARACTERS

TEAM = Path(__file__).parents[2] / "src/relevo/teams/music"
FOLDER = TEAM / "knowledge"
IDS = sorted(path.stem for path in (FOLDER / "es").glob("*.md"))
ARTICLES = [(language, id) for id in IDS for language in Language]
TERMS = load_terms()
FEWEST, FEWEST_WORDS, MOST_WORDS = 44, 120, 350

_HEAD = re.compile(
    r"---\ntitle: (?P<title>\S.*)\ntags: \[(?P<tags>[^\[\]]+)\]\nagents: \[(?P<agents>[a-z, ]+)\]\n"
    r"reviewed: (?P<reviewed>\d{4}-\d\d-\d\d)\n---\n\n(?P<body>(?:.|\n)+)"
)
_UNITS = {
    "USD": r"USD",
    "%": r"%",
    "px": r"px",
    "MB": r"MB",
    "kHz": r"kHz",
    "bits": r"bits",
    "working days": r"días\s+hábiles|working\s+days",
    "days": r"días|days",
    "hours": r"horas?|hours?",
    "weeks": r"semanas|weeks",
    "months": r"meses|months",
    "minutes": r"minutos|minutes",
    "seconds": r"segundos|seconds",
    "characters": r"caracteres|characters",
    "digits": r"cifras|digits",
    "letters": r"letras|letters",
    "stores": r"tiendas|stores",
    "artists": r"artistas?|artists?",
    "releases": r"lanzamientos|releases",
}
_NUMBER = r"\d+(?:[.,x]\d+)*"
_FIGURE = re.compile(
    rf"(?<![\w.,])(?P<one>{_NUMBER})(?:\s+(?:a|o|to|or)\s+(?P<two>{_NUMBER}))?,?\s*"
    r"(?:extra\s+|adicional(?:es)?\s+)?"
    + "(?:"
    + "|".join(rf"(?P<u{at}>{words})" for at, words in enumerate(_UNITS.values()))
    + r")(?!\w)"
)
_STEP = re.compile(r"^\d+\.\s", re.MULTILINE)

# What playbooks and prompts say and the terms do not: the figure, and the Spanish words it stands in there.
TOLD = {
    ("7", "days"): "al menos 7 días antes",
    ("3", "working days"): "de 3 a 7 días hábiles",
    ("7", "working days"): "de 3 a 7 días hábiles",
    ("30", "days"): "la revisión tarda hasta 30 días",
    ("30", "%"): "puede llegar al 30 %",
    ("30", "seconds"): "menos de 30 segundos",
    ("100", "%"): "entre todos suman 100 %",
    ("13", "digits"): "12 cifras (UPC) o 13 (EAN)",
    ("12", "digits"): "12 cifras (UPC) o 13 (EAN)",
    (
        "12",
        "characters",
    ): "Son 12 caracteres: país (2 letras), titular (3), año (2 cifras) y número (5 cifras)",
    ("2", "letters"): "país (2 letras)",
    ("3", "letters"): "titular (3)",
    ("2", "digits"): "año (2 cifras)",
    ("5", "digits"): "número (5 cifras)",
}
FORBIDDEN = {
    Language.ES: r"vosotros|vuestr[oa]s?|ordenador|podés|tenés|querés|escribí|vos|usted(?:es)?|garantiz\w+"
    r"|prometemos|TODO|lorem|prompts?|gpt|openai|llm|tokens?",
    Language.EN: r"guarantee\w*|we promise|TODO|lorem|prompts?|gpt|openai|llm|tokens?",
}


@dataclass(frozen=True)
class Article:
    title: str
    tags: tuple[str, ...]
    agents: tuple[str, ...]
    reviewed: date
    body: str

    @property
    def figures(self) -> frozenset[tuple[str, str]]:
        return frozenset(_figures(self.body))

    @property
    def numbers(self) -> frozenset[str]:
        return frozenset(re.findall(r"(?<!\w)" + _NUMBER, _STEP.sub("", self.body)))


@cache
def article(language: Language, id: str) -> Article:
    written = (FOLDER / language.value / f"{id}.md").read_text("utf-8")
    head = _HEAD.fullmatch(written)
    assert head, f"{language.value}/{id}.md: its front matter is not as README.md says"
    return Article(
        title=head["title"],
        tags=tuple(tag.strip() for tag in head["tags"].split(",")),
        agents=tuple(name.strip() for name in head["agents"].split(",")),
        reviewed=date.fromisoformat(head["reviewed"]),
        body=head["body"],
    )


def _spans(text: str) -> Iterator[tuple[str, str | None, str]]:
    """Each figure with its unit's English name; the second number where it is a span: "de 2 a 5 días"."""
    for found in _FIGURE.finditer(_STEP.sub("", text)):
        unit = next(name for at, name in enumerate(_UNITS) if found[f"u{at}"])
        yield found["one"], found["two"], unit


def _figures(text: str) -> Iterator[tuple[str, str]]:
    for one, two, unit in _spans(text):
        yield one, unit
        if two is not None:
            yield two, unit


@cache
def _said() -> str:
    """Everything that the team's data, playbooks and prompts say, on one line."""
    files = [*TEAM.glob("*.toml"), *TEAM.glob("data/*.toml"), *TEAM.glob("agents/*/*.toml")]
    files += TEAM.glob("agents/*/prompt.*.md")
    return " ".join(" ".join(path.read_text("utf-8") for path in files).split())


@cache
def _of_the_terms() -> frozenset[tuple[str, str]]:
    """Every figure that follows from the terms and from the rules in code."""
    sums = {(f"{TERMS.minimum_withdrawal.amount:.2f}", "USD")}
    for plan, artists, billing in product(TERMS.plans, range(1, 31), Billing):
        if plan.holds(artists, 0):
            priced = price(TERMS, QuoteRequest(artists, 0, billing, plan.id))
            sums |= {(f"{money.amount:.2f}", "USD") for money in (priced.total, priced.saving)}
        if plan.extra_artist is not None:
            sums.add((f"{plan.extra_artist.amount:.2f}", "USD"))
    days = {TERMS.review_days, *TERMS.store_days, *TERMS.payout_days}
    hours = {found for plan in TERMS.plans for found in _figures(plan.support[Language.ES])}
    return frozenset(
        sums
        | hours
        | {(str(number), "working days") for number in days}
        | {(str(TERMS.quote_days), "days"), (str(TERMS.upload_weeks), "weeks")}
        | {(str(TERMS.yearly_months), "months"), (str(12 - TERMS.yearly_months), "months")}
        | {(str(plan.royalties_kept), "%") for plan in TERMS.plans}
        | {(str(plan.stores), "stores") for plan in TERMS.plans}
        | {(str(plan.artists), "artists") for plan in TERMS.plans}
        | {(str(plan.releases), "releases") for plan in TERMS.plans if plan.releases}
        | {(str(bits), "bits") for bits in TERMS.audio_bits}
        | {(str(TERMS.audio_khz), "kHz"), (str(TERMS.most_artists), "artists")}
        | {(f"{SIDE}x{SIDE}", "px"), (str(MOST_MEGABYTES), "MB"), (str(MOST_CHARACTERS), "characters")}
        | {(str(int(VALID.total_seconds() // 60)), "minutes")}
    )


# Numbers that people might have, in examples: nothing is claimed by them.
_EXAMPLES = {(str(artists), "artists") for artists in (2, 5, 8, 9, 25)} | {("3", "MB")}


def test_there_are_enough_and_each_is_in_both_languages() -> None:
    assert len(IDS) >= FEWEST
    assert sorted(path.stem for path in (FOLDER / "en").glob("*.md")) == IDS
    assert all(re.fullmatch(r"[a-z]+(?:-[a-z]+)*", id) for id in IDS)


@pytest.mark.parametrize(("language", "id"), ARTICLES)
def test_its_front_matter_is_complete(language: Language, id: str) -> None:
    read = article(language, id)
    assert set(read.agents) <= {"sales", "support", "royalties"}
    assert len(read.tags) >= 2 and all(read.tags)
    assert not set(read.title) & set(':#"[]{}'), "a title needs no quotes to be read as YAML"
    other = article(Language.EN, id)
    assert (read.agents, read.reviewed) == (other.agents, other.reviewed)
    assert len(read.tags) == len(other.tags)


@pytest.mark.parametrize("language", list(Language))
def test_no_two_have_one_title(language: Language) -> None:
    titles = [article(language, id).title for id in IDS]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize(("language", "id"), ARTICLES)
def test_it_is_short_and_has_headings(language: Language, id: str) -> None:
    body = article(language, id).body
    assert FEWEST_WORDS <= len(re.findall(r"\w[\w'’.-]*", body)) <= MOST_WORDS
    headings = re.findall(r"^(#+) \S", body, re.MULTILINE)
    assert len(headings) >= 2 and set(headings) == {"##"}
    assert max(map(len, body.splitlines())) <= 110


@pytest.mark.parametrize("id", IDS)
def test_both_languages_say_the_same_figures(id: str) -> None:
    spanish, english = (article(language, id) for language in (Language.ES, Language.EN))
    assert spanish.figures == english.figures
    assert spanish.numbers == english.numbers
    shapes = [re.findall(r"^(?:##|-|\d+\.)(?= )", each.body, re.MULTILINE) for each in (spanish, english)]
    assert shapes[0] == shapes[1], "the same headings, lists and steps"


@pytest.mark.parametrize(("language", "id"), ARTICLES)
def test_its_figures_are_those_of_the_product(language: Language, id: str) -> None:
    unknown = article(language, id).figures - _of_the_terms() - TOLD.keys() - _EXAMPLES
    assert not unknown


@pytest.mark.parametrize(("language", "id"), ARTICLES)
def test_its_working_days_are_those_of_the_terms(language: Language, id: str) -> None:
    """Spans: what stores, payouts and a change of profile take. Alone: the review, a payout's last day."""
    known = {TERMS.store_days, TERMS.payout_days, (3, 7), (TERMS.review_days,), (TERMS.payout_days[1],)}
    for one, two, unit in _spans(article(language, id).body):
        if unit == "working days":
            assert ((int(one), int(two)) if two else (int(one),)) in known


@pytest.mark.parametrize("figure", TOLD)
def test_what_playbooks_say_they_still_say(figure: tuple[str, str]) -> None:
    assert TOLD[figure] in _said()
    assert any(figure in article(Language.ES, id).figures for id in IDS), "no article says it any more"


def test_the_plans_article_is_the_plans() -> None:
    for language in Language:
        sections = article(language, "plans").body.split("## ")
        for plan in TERMS.plans:
            told = " ".join(next(part for part in sections if part.startswith(plan.name)).split())
            said = set(_figures(told))
            assert (f"{plan.monthly.amount:.2f}", "USD") in said
            assert (str(plan.artists), "artists") in said
            assert (str(plan.stores), "stores") in said
            assert any(f"{plan.royalties_kept}{space}%" in told for space in ("", " "))
            assert (f"{plan.releases} " in told) is (plan.releases is not None)
            if plan.extra_artist is not None:
                assert f"{plan.extra_artist.amount:.2f} USD" in told
            assert set(_figures(plan.support[language])) <= said


@pytest.mark.parametrize("language", list(Language))
def test_the_yearly_article_has_each_price_and_saving(language: Language) -> None:
    said = article(language, "yearly-payment").body
    for plan in TERMS.plans:
        yearly = price(TERMS, QuoteRequest(plan.artists, 0, Billing.YEARLY, plan.id))
        assert f"{plan.name}: {yearly.total}" in said
        assert str(yearly.saving) in said


@pytest.mark.parametrize("language", list(Language))
def test_the_stores_article_names_the_main_ones(language: Language) -> None:
    said = " ".join(article(language, "stores").body.split())
    assert all(store in said for store in TERMS.stores)


@pytest.mark.parametrize(("language", "id"), ARTICLES)
def test_menus_are_those_that_playbooks_name(language: Language, id: str) -> None:
    body = " ".join(article(language, id).body.split())
    menus = re.findall(r"\*\*([^*]+ → [^*]+)\*\*", body)
    assert body.count("→") == len(menus), "a way through menus stands in bold"
    assert all(menu in _said() for menu in menus)


@pytest.mark.parametrize(("language", "id"), ARTICLES)
def test_it_sends_nobody_elsewhere(language: Language, id: str) -> None:
    body = article(language, id).body
    known = tomllib.loads((TEAM / "team.toml").read_text("utf-8"))["links"]
    hosts = re.findall(r"\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|io|app|mx|co|es|tv|fm|ai|me)\b", body)
    assert set(hosts) <= set(known)
    assert not re.search(r"https?:|www\.|\]\(|@|\+\d{2}|\d{7,}", body.replace("MXABC2600001", ""))


@pytest.mark.parametrize(("language", "id"), ARTICLES)
def test_its_words_are_those_of_the_house(language: Language, id: str) -> None:
    read = article(language, id)
    text = f"{read.title}\n{' '.join(read.tags)}\n{read.body}"
    assert not re.findall(rf"\b(?:{FORBIDDEN[language]})\b", text)
    assert ("“" if language is Language.ES else "«") not in text
    assert text.count("«") == text.count("»") and text.count("“") == text.count("”")


@pytest.mark.parametrize("id", IDS)
def test_both_languages_send_to_a_person_alike(id: str) -> None:
    spanish, english = (article(language, id).body for language in (Language.ES, Language.EN))
    assert spanish.count("«una persona»") == english.count("“a person”")
    assert "una persona" not in english and "“a person”" not in spanish
