"""Who does the next thing: the rules, and that content comes of a request for it and of nothing else."""

import ast
from itertools import product
from pathlib import Path

import pytest
from tests.unit.test_marketing_requests import CONTENT, NOTHING, OTHERS, REFINEMENTS

import relevo
from relevo.teams.marketing.router import AGENTS, ASSISTANT, HUMAN, Standing, State, step

READY = Standing(begun=True, onboarded=True, persona=True)
SOURCE = Path(relevo.__file__).parent
CONTENT_AGENT = AGENTS[State.CONTENT_GENERATION]


@pytest.mark.parametrize(
    ("standing", "text", "state", "agent"),
    [
        (Standing(), "hola", State.INITIAL, ASSISTANT),
        (Standing(begun=True), "Vendemos ropa", State.ONBOARDING, ASSISTANT),
        (Standing(begun=True), "escribe un post", State.ONBOARDING, ASSISTANT),
        (Standing(), "Quiero crear mi buyer persona", State.BUYER_PERSONA, "buyer_persona"),
        (Standing(begun=True, onboarded=True), "hola", State.BUYER_PERSONA, "buyer_persona"),
        (Standing(onboarded=True, documents_pending=2), "hola", State.BUYER_PERSONA, "buyer_persona"),
        (Standing(onboarded=True), "write a post", State.BUYER_PERSONA, "buyer_persona"),
        (Standing(onboarded=True, persona=True, documents_pending=1), "hola", State.DOCUMENT_PROCESSING,
         "document_processor"),
        (Standing(onboarded=True, persona=True, documents_pending=1), "escribe un post",
         State.DOCUMENT_PROCESSING, "document_processor"),
        (READY, "hola", State.WAITING, ASSISTANT),
        (READY, "escribe un post", State.CONTENT_GENERATION, "content_generator"),
        (READY, "write a post", State.CONTENT_GENERATION, "content_generator"),
        (READY, "crea el foro", State.FORUM, "forum"),
        (READY, "find the pain points", State.PAIN_POINTS, "pain_points"),
        (READY, "traza el recorrido", State.JOURNEY, "journey"),
        (READY, "create the persona again", State.BUYER_PERSONA, "buyer_persona"),
        (READY, "resume los documentos", State.DOCUMENT_PROCESSING, "document_processor"),
        (READY, "análisis completo", State.WAITING, ASSISTANT),
        (READY, "quiero hablar con una persona", State.WAITING, HUMAN),
        (Standing(analysis_runs=True), "hola", State.INITIAL, ASSISTANT),
        (Standing(onboarded=True, persona=True, analysis_runs=True), "cancela", State.WAITING, ASSISTANT),
        (Standing(onboarded=True, persona=True, analysis_runs=True), "escribe un post",
         State.CONTENT_GENERATION, "content_generator"),
    ],
)  # fmt: skip
def test_the_first_rule_that_fits_decides(standing: Standing, text: str, state: State, agent: str) -> None:
    decided = step(standing, text)
    assert (decided.state, decided.agent) == (state, agent)


def test_every_state_but_the_resting_ones_has_an_agent() -> None:
    resting = {State.INITIAL, State.ONBOARDING, State.WAITING}
    assert set(AGENTS) == set(State) - resting


STANDINGS = [
    Standing(begun, onboarded, persona, pending, runs, after)
    for begun, onboarded, persona, pending, runs, after in product(
        (False, True), (False, True), (False, True), (0, 2), (False, True), (False, True)
    )
]


@pytest.mark.parametrize("text", [*NOTHING, *OTHERS, "", "   ", "?", "😀", "x" * 10_000])
def test_nothing_but_a_request_for_content_leads_to_content(text: str) -> None:
    for standing in STANDINGS:
        assert step(standing, text).agent != CONTENT_AGENT


@pytest.mark.parametrize("text", REFINEMENTS)
def test_a_change_leads_to_content_only_right_after_content(text: str) -> None:
    for standing in STANDINGS:
        if not standing.after_content:
            assert step(standing, text).agent != CONTENT_AGENT


@pytest.mark.parametrize("text", CONTENT)
def test_a_request_for_content_is_met_once_there_is_a_persona_and_nothing_to_read(text: str) -> None:
    for standing in STANDINGS:
        decided = step(standing, text)
        if standing.persona and not standing.documents_pending:
            assert (decided.agent, decided.rule) == (CONTENT_AGENT, "content_request")
        else:
            assert decided.agent != CONTENT_AGENT


def _names_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    found = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    found |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return found | {
        alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names
    }


@pytest.mark.parametrize(
    ("name", "where"),
    [
        (
            "write_content",
            {
                "teams/marketing/content.py",
                "teams/marketing/agents/content_generator/tools.py",
                "api/marketing/content.py",
                "console/studio/content.py",
            },
        ),
        ("store_content", {"teams/marketing/content.py", "teams/marketing/works.py"}),
        ("ContentRequest", {"teams/marketing/content.py", "teams/marketing/requests.py"}),
    ],
)
def test_content_is_written_in_one_place_with_a_key_made_in_one_place(name: str, where: set[str]) -> None:
    """The function that writes, the one that stores, and the request that is needed for it."""
    using = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if name in _names_in(path) or f"def {name}" in path.read_text("utf-8")
    }
    assert using <= where
