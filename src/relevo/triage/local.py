"""The local triage: everything read from one message, in well under a millisecond, without a model."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from relevo.domain.signals import ATTACK, HUMAN, OTHER, Act, Language, Signals
from relevo.triage.attack import danger
from relevo.triage.classifier import Classifier
from relevo.triage.dialogue import act_of
from relevo.triage.implications import weigh
from relevo.triage.language import LanguageDetector
from relevo.triage.loader import load_examples, load_rules
from relevo.triage.normalise import prepare
from relevo.triage.priority import URGENT, priority
from relevo.triage.rules import RuleFile, Rules, read_rules
from relevo.triage.sentiment import SentimentReader

LEXICONS = Path(__file__).parent / "lexicons"
_CORE_RULES = ("stakes.toml", "attack.toml")
_ATTACK_FOR_SURE = 8.0
_EXPLICIT_HURRY = 5.0


class LocalTriage:
    """Reads messages with what it learnt from a team's examples and rules."""

    def __init__(
        self, classifier: Classifier, languages: LanguageDetector, sentiment: SentimentReader, rules: Rules
    ) -> None:
        self._classifier = classifier
        self._languages = languages
        self._sentiment = sentiment
        self._rules = rules

    @classmethod
    def train(
        cls,
        examples: Mapping[str, Mapping[Language, Sequence[str]]],
        lexicons: Sequence[RuleFile] = (),
    ) -> "LocalTriage":
        """Learn from ``examples`` (intent → language → lines) and a team's own rules in ``lexicons``."""
        lines = {
            language: [line for own in examples.values() for line in own.get(language, ())]
            for language in Language
        }
        core = [read_rules(LEXICONS / name) for name in _CORE_RULES]
        return cls(
            Classifier.train(examples),
            LanguageDetector.train(lines),
            SentimentReader.load(LEXICONS / "sentiment.toml"),
            Rules.compile([*core, *lexicons]),
        )

    @classmethod
    def of_team(cls, team_dir: Path) -> "LocalTriage":
        """Learn from a team's folder."""
        return cls.train(load_examples(team_dir), load_rules(team_dir))

    def read(
        self, text: str, *, previous: Language | None = None, active: str | None = None, contacts: int = 0
    ) -> Signals:
        """Read one message.

        ``previous`` is the language of the talk so far, ``active`` the agent who leads it, ``contacts`` how
        many earlier contacts the same unsolved matter had. Pure and bounded: any text gets an answer.
        """
        message = prepare(text)
        language = self._languages.detect(message, previous)
        act = act_of(message)
        verdict = self._classifier.read(message, language)
        scores = dict(verdict.scores)
        intent = max(scores, key=scores.__getitem__) if scores else OTHER
        threat, reasons = danger(message, self._rules)
        if threat >= _ATTACK_FOR_SURE:
            intent = ATTACK
            scores[ATTACK] = max(scores.get(ATTACK, 0.0), threat / 10)
        elif act is not Act.STATEMENT or not message.words:
            intent = OTHER
        holding = self._rules.holding(self._rules.concepts.spot(message))
        stakes = weigh(holding)
        urgency = max((rule.weights.get("urgency", 0.0) for rule in holding), default=0.0)
        feeling = self._sentiment.read(message)
        score = priority(stakes, sentiment_score=feeling.score, urgency=urgency, contacts=contacts)
        return Signals(
            language=language,
            intent=intent,
            confidence=scores.get(intent, 0.0),
            sentiment=feeling.sentiment,
            sentiment_score=round(feeling.score, 3),
            implications=stakes,
            priority=score,
            act=act,
            urgent=intent != ATTACK and (score >= URGENT or urgency >= _EXPLICIT_HURRY),
            reasons=(*reasons, *(rule.reason for rule in holding if "attack" not in rule.weights)),
            scores=scores,
        )
