"""Who does the next thing, by rules and without a model: a pure function of how the project stands.

The first rule that fits decides:

| rule | state | agent |
|---|---|---|
| person | as it was | human |
| command | as it was | assistant: cancel or resume the analysis, see or change the first answers |
| analysis | as it was | assistant: begin the whole analysis in the background |
| onboarding | INITIAL, ONBOARDING | assistant, until the questions are answered or skipped |
| no_persona | BUYER_PERSONA | buyer_persona |
| documents_pending | DOCUMENT_PROCESSING | document_processor |
| content_request | CONTENT_GENERATION | content_generator, and by no other rule |
| analysis_request | of the finding | its agent |
| waiting | WAITING | assistant |

A request for a persona ends the onboarding: who asks for the work need not answer first.
"""

from dataclasses import dataclass
from enum import StrEnum

from relevo.domain.ids import AgentName
from relevo.teams.marketing.requests import Wish, content_request, wish_of


class State(StrEnum):
    """What the team is at."""

    INITIAL = "INITIAL"
    ONBOARDING = "ONBOARDING"
    DOCUMENT_PROCESSING = "DOCUMENT_PROCESSING"
    BUYER_PERSONA = "BUYER_PERSONA"
    FORUM = "FORUM"
    PAIN_POINTS = "PAIN_POINTS"
    JOURNEY = "JOURNEY"
    WAITING = "WAITING"
    CONTENT_GENERATION = "CONTENT_GENERATION"


ASSISTANT = AgentName("assistant")
HUMAN = AgentName("human")
AGENTS = {
    State.DOCUMENT_PROCESSING: AgentName("document_processor"),
    State.BUYER_PERSONA: AgentName("buyer_persona"),
    State.FORUM: AgentName("forum"),
    State.PAIN_POINTS: AgentName("pain_points"),
    State.JOURNEY: AgentName("journey"),
    State.CONTENT_GENERATION: AgentName("content_generator"),
}
FINDINGS = {
    Wish.FORUM: State.FORUM,
    Wish.PAIN_POINTS: State.PAIN_POINTS,
    Wish.JOURNEY: State.JOURNEY,
    Wish.PERSONA: State.BUYER_PERSONA,
    Wish.DOCUMENTS: State.DOCUMENT_PROCESSING,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How the project stands. ``begun``: a first question was put; ``onboarded``: none is left to put."""

    begun: bool = False
    onboarded: bool = False
    persona: bool = False
    documents_pending: int = 0
    analysis_runs: bool = False
    after_content: bool = False
    """Whether content was what the conversation was about last."""


@dataclass(frozen=True, slots=True)
class Step:
    state: State
    agent: AgentName
    rule: str


OF_STEPS = {
    "documents": State.DOCUMENT_PROCESSING,
    "persona": State.BUYER_PERSONA,
    "forum": State.FORUM,
    "pain_points": State.PAIN_POINTS,
    "journey": State.JOURNEY,
}


def state_of(standing: Standing, analysing: str = "") -> State:
    """What the project is at while nobody asks for anything; ``analysing``: its analysis' step."""
    if analysing in OF_STEPS:
        return OF_STEPS[analysing]
    if not standing.persona:
        return State.BUYER_PERSONA if standing.onboarded else _before_persona(standing)
    return State.DOCUMENT_PROCESSING if standing.documents_pending else State.WAITING


def step(standing: Standing, text: str) -> Step:
    """What is done next about ``text``."""
    wish = wish_of(text)
    asks_content = content_request(text, after_content=standing.after_content) is not None
    resting = State.WAITING if standing.persona else _before_persona(standing)
    if wish is Wish.PERSON:
        return Step(resting, HUMAN, "person")
    if wish in (Wish.CANCEL, Wish.RESUME, Wish.BRIEF):
        return Step(resting, ASSISTANT, "command")
    if wish is Wish.ANALYSIS or standing.analysis_runs:
        rule = "analysis" if wish is Wish.ANALYSIS else "analysis_runs"
        if not (standing.persona and (asks_content or wish in FINDINGS)):
            return Step(resting, ASSISTANT, rule)
    if not standing.persona:
        if not standing.onboarded and wish is not Wish.PERSONA:
            return Step(_before_persona(standing), ASSISTANT, "onboarding")
        return _by(State.BUYER_PERSONA, "no_persona")
    if standing.documents_pending:
        return _by(State.DOCUMENT_PROCESSING, "documents_pending")
    if asks_content:
        return _by(State.CONTENT_GENERATION, "content_request")
    if wish in FINDINGS:
        return _by(FINDINGS[wish], "analysis_request")
    return Step(State.WAITING, ASSISTANT, "waiting")


def _before_persona(standing: Standing) -> State:
    return State.ONBOARDING if standing.begun else State.INITIAL


def _by(state: State, rule: str) -> Step:
    return Step(state, AGENTS[state], rule)
