"""The local triage: everything read from one message, in well under a millisecond, without a model."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from relevo.domain.signals import ATTACK, OTHER, Act, Implications, Language, Signals
from relevo.triage.attack import danger
from relevo.triage.cache import digest, digest_of, load, save
from relevo.triage.classifier import Classifier, Verdict
from relevo.triage.concepts import Spots
from relevo.triage.dialogue import act_of
from relevo.triage.implications import hurry, weigh
from relevo.triage.language import LanguageDetector
from relevo.triage.lexicons import LEXICONS
from relevo.triage.loader import load_examples, load_rules, load_urgency, sources
from relevo.triage.normalise import Text, prepare
from relevo.triage.priority import URGENT, is_urgent, priority
from relevo.triage.rules import Rule, RuleFile, Rules, read_rules
from relevo.triage.sentiment import Feeling, SentimentReader
from relevo.triage.urgency import READS_AS_URGENT, THRESHOLD, THRESHOLD_ELSEWHERE, UrgencyReader

_CORE_RULES = ("topics.toml", "stakes.toml", "attack.toml")
_SENTIMENT = LEXICONS / "sentiment.toml"
_ATTACK_FOR_SURE = 8.0
_ATTACK_BY_GUESS = 0.55  # below it the classifier alone accuses nobody
_GRAVE = 8.0
_SURE_OF_ACT = 0.97
_STAYS = 2.0  # prior odds of staying with the agent who leads the talk
_TERSE = 4  # words; a longer message says for itself what it is about
_ANSWERS = 0.9  # share of "out of scope" that goes to the active agent where the message is terse
_HARDLY_KNOWN = 0.5  # less than this share of known words ...
_UNSURE = 0.5  # ... and no intent this probable: out of scope
_BELOW = 0.95


class LocalTriage:
    """Reads messages with what it learnt from a team's examples and rules."""

    def __init__(
        self,
        classifier: Classifier,
        languages: LanguageDetector,
        sentiment: SentimentReader,
        rules: Rules,
        urgency: UrgencyReader | None = None,
    ) -> None:
        self._classifier = classifier
        self._languages = languages
        self._sentiment = sentiment
        self._rules = rules
        self._urgency = urgency

    @classmethod
    def train(
        cls,
        examples: Mapping[str, Mapping[Language, Sequence[str]]],
        lexicons: Sequence[RuleFile] = (),
        urgency: Mapping[str, Mapping[Language, Sequence[str]]] | None = None,
    ) -> "LocalTriage":
        """Learn from ``examples`` (intent → language → lines) and a team's own rules in ``lexicons``.

        ``urgency`` holds a team's ``urgent`` and ``calm`` lines by language; without them the rules alone
        tell what is urgent.
        """
        return cls._train(examples, Rules.compile(_core_rules(), lexicons), urgency or {})

    @classmethod
    def of_team(cls, team_dir: Path, cache: Path | None = None) -> "LocalTriage":
        """Learn from a team's folder, or take from the file ``cache`` what was learnt there from the same.

        A cache that is absent, broken or made from other lines, rules or code is written anew; one that
        cannot be written is done without.
        """
        if cache is None:
            return cls.train(load_examples(team_dir), load_rules(team_dir), load_urgency(team_dir))
        key = digest([_digest_of_code().encode(), digest_of(sources(team_dir), team_dir).encode()])
        learnt = load(cache, key)
        if learnt is None:
            core, own = _core_rules(), load_rules(team_dir)
            triage = cls._train(load_examples(team_dir), Rules.compile(core, own), load_urgency(team_dir))
            learnt = {
                "classifier": triage._classifier.dump(),
                "languages": triage._languages.odds,
                "urgency": triage._urgency and triage._urgency.dump(),
                "rules": [
                    [file.model_dump(exclude_defaults=True) for file in files] for files in (core, own)
                ],
            }
            save(cache, key, learnt)
            return triage
        core, own = ([RuleFile.model_validate(file) for file in files] for files in learnt["rules"])
        return cls(
            Classifier.restore(learnt["classifier"]),
            LanguageDetector(learnt["languages"]),
            SentimentReader.load(_SENTIMENT),
            Rules.compile(core, own),
            learnt["urgency"] and UrgencyReader.restore(learnt["urgency"]),
        )

    @classmethod
    def _train(
        cls,
        examples: Mapping[str, Mapping[Language, Sequence[str]]],
        rules: Rules,
        urgency: Mapping[str, Mapping[Language, Sequence[str]]],
    ) -> "LocalTriage":
        lines = {
            language: [line for own in examples.values() for line in own.get(language, ())]
            for language in Language
        }
        return cls(
            Classifier.train(examples, lambda text: rules.topics(rules.concepts.spot(text))),
            LanguageDetector.train(lines),
            SentimentReader.load(_SENTIMENT),
            rules,
            UrgencyReader.train(urgency, examples, rules),
        )

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
        spots = self._rules.concepts.spot(message)
        holding = self._rules.holding(spots)
        threat, threats = danger(message, holding, self._rules)
        stakes = weigh(holding)
        if threat >= _ATTACK_FOR_SURE:
            verdict = self._classifier.read(message, self._rules.topics(spots))
            scores = _lift(verdict.scores, ATTACK, max(threat / 10, verdict.scores.get(ATTACK, 0.0)))
        elif act is not Act.STATEMENT or not message.words:
            scores = _lift(dict.fromkeys(self._classifier.labels, 1.0), OTHER, _SURE_OF_ACT)
        else:
            verdict = self._classifier.read(message, self._rules.topics(spots))
            scores = _guess(verdict, victim=stakes.security >= _GRAVE)
            if active in scores:
                off = not self._rules.elsewhere.isdisjoint(spots)
                scores = _stay(scores, active, off_topic=off or len(message.words) > _TERSE)
        intent = max(scores, key=scores.__getitem__)
        attacked = intent == ATTACK  # what an attacker talks of is not at stake, and tells no feeling
        if attacked:
            holding, stakes = [], Implications()
        urgency = hurry(holding)
        burden = max(stakes.security, stakes.financial, stakes.legal, stakes.operational)
        feeling = Feeling() if attacked else self._sentiment.read(message, burden)
        score = priority(stakes, sentiment_score=feeling.score, urgency=urgency, contacts=contacts)
        reasons = (*threats, *(rule.reason for rule in holding if "attack" not in rule.weights))
        urgent = is_urgent(score, urgency)
        if not urgent and self._reads_as_urgent(message, intent, act, spots, holding):
            urgent, score, reasons = True, max(score, URGENT), (*reasons, READS_AS_URGENT)
        return Signals(
            language=language,
            intent=intent,
            confidence=round(scores[intent], 4),
            sentiment=feeling.sentiment,
            sentiment_score=round(feeling.score, 3),
            implications=stakes,
            priority=score,
            act=act,
            urgent=urgent,
            reasons=reasons,
            scores={label: round(chance, 4) for label, chance in scores.items()},
        )

    def _reads_as_urgent(
        self, message: Text, intent: str, act: Act, spots: Spots, holding: Sequence[Rule]
    ) -> bool:
        """What is nobody's matter must sound more urgent: that it is nobody's is often a wrong guess then."""
        if self._urgency is None or intent == ATTACK or act is not Act.STATEMENT:
            return False
        least = THRESHOLD_ELSEWHERE if intent == OTHER else THRESHOLD
        return self._urgency.probability(message, self._rules, spots, holding) >= least


def _core_rules() -> list[RuleFile]:
    return [read_rules(LEXICONS / name) for name in _CORE_RULES]


def _digest_of_code() -> str:
    """A digest of this package: its code decides what is learnt as much as the examples do."""
    package = Path(__file__).parent
    return digest_of((path for kind in ("*.py", "*.toml") for path in package.rglob(kind)), package)


def _guess(verdict: Verdict, *, victim: bool) -> dict[str, float]:
    """The classifier's scores, with doubt resolved towards the harmless."""
    scores = {OTHER: 0.0, ATTACK: 0.0, **verdict.scores}
    harmless = max(chance for label, chance in scores.items() if label != ATTACK)
    if victim or scores[ATTACK] < _ATTACK_BY_GUESS:
        scores[ATTACK] = min(scores[ATTACK], _BELOW * harmless)
    if verdict.coverage < _HARDLY_KNOWN and harmless < _UNSURE and scores[ATTACK] < harmless:
        scores[OTHER] = harmless / _BELOW
    return _normal(scores)


def _stay(scores: Mapping[str, float], active: str, *, off_topic: bool) -> dict[str, float]:
    """The scores where ``active`` leads the talk: doubt speaks for staying.

    A terse message of no known matter ("Luna Rota", "50", "y eso?") answers what was asked: it is out of
    scope only when it names a matter from elsewhere.
    """
    stays = {**scores, active: scores[active] * _STAYS}
    if not off_topic and active != OTHER:
        stays[active] += _ANSWERS * stays[OTHER]
        stays[OTHER] *= 1.0 - _ANSWERS
    return _normal(stays)


def _normal(scores: Mapping[str, float]) -> dict[str, float]:
    whole = sum(scores.values()) or 1.0
    return {label: chance / whole for label, chance in scores.items()}


def _lift(scores: Mapping[str, float], label: str, chance: float) -> dict[str, float]:
    """``scores`` with ``label`` at ``chance`` at least, and the rest scaled down to a sum of one."""
    rest = sum(score for other, score in scores.items() if other != label)
    scale = (1.0 - chance) / rest if rest else 0.0
    return {**{other: score * scale for other, score in scores.items()}, label: chance}
