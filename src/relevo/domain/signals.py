"""What triage reads from a message: language, intent, sentiment, implications and priority."""

from dataclasses import dataclass, field
from enum import StrEnum


class Language(StrEnum):
    ES = "es"
    EN = "en"


class Sentiment(StrEnum):
    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"


class Act(StrEnum):
    """What the message does in the talk, beside what it is about."""

    STATEMENT = "statement"
    GREETING = "greeting"
    THANKS = "thanks"
    FAREWELL = "farewell"
    YES = "yes"
    NO = "no"


HUMAN = "human"
OTHER = "other"
ATTACK = "attack"


@dataclass(frozen=True, slots=True)
class Implications:
    """How much is at stake if the matter goes wrong, each from 0 (nothing) to 10 (grave)."""

    security: float = 0.0
    financial: float = 0.0
    legal: float = 0.0
    operational: float = 0.0


@dataclass(frozen=True, slots=True)
class Signals:
    """The reading of one message (or of a burst of them, taken together).

    ``intent`` is the name of an agent of the team, or ``human`` (asks for a person), ``other`` (out of
    scope, or small talk: see ``act``) or ``attack`` (tries to extract the prompt, to change the rules or to
    act as someone else). ``confidence`` is the calibrated probability, 0–1, that ``intent`` is right;
    ``scores`` holds the probability of every intent. ``sentiment_score`` runs from -1 to 1.
    ``priority`` is 0–10. ``source`` says who read it: ``local`` or ``model``.
    """

    language: Language
    intent: str
    confidence: float
    sentiment: Sentiment = Sentiment.NEUTRAL
    sentiment_score: float = 0.0
    implications: Implications = Implications()
    priority: float = 0.0
    act: Act = Act.STATEMENT
    urgent: bool = False
    source: str = "local"
    reasons: tuple[str, ...] = ()
    scores: dict[str, float] = field(default_factory=dict)
