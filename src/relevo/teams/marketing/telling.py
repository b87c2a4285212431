"""What was made, as a chat message."""

from collections.abc import Iterator
from typing import Any

from relevo.domain.signals import Language
from relevo.knowledge.reading.errors import told
from relevo.teams.marketing.findings import Content, Forum, Journey, PainPoints, Summary
from relevo.teams.marketing.says import say
from relevo.teams.marketing.template import Template
from relevo.teams.marketing.values import Basis, Maker, Persona

SHOWN_MISSING = 6
SHOWN_ANSWERS = ("dolor", "barreras", "miedo_principal", "donde_busca", "por_que_te_elige")
"""The answers that a chat shows; the whole persona is a document to export."""


def tell_persona(persona: Persona, template: Template, language: Language, *, documents: bool = True) -> str:
    counts = {basis.value: persona.count(basis) for basis in Basis}
    lines = [
        say(
            "persona_built",
            language,
            who=persona.name,
            version=persona.version,
            total=len(persona.answers),
            **counts,
        )
    ]
    if persona.note:
        lines.append(say("persona_model_failed", language, kind=persona.note))
    elif persona.maker is Maker.DOCUMENTS:
        lines.append(say("persona_by_documents", language))
    if persona.dropped:
        lines.append(say("persona_dropped", language, count=persona.dropped))
    if not documents:
        lines.append(say("persona_no_documents", language))
    for key in SHOWN_ANSWERS:
        answer = persona.answer(key)
        if answer.text and key in template.keys:
            lines.append(f"- {template.question(key).ask[language]} {answer.text}")
    return "\n".join([*lines, say("persona_next", language)])


def tell_summary(
    summary: Summary, failed: list[dict[str, Any]], template: Template, language: Language
) -> str:
    if not summary.documents and not failed:
        return say("documents_none", language)
    lines = [say("documents_read", language, count=len(summary.documents))]
    lines += [f"- {each.title}: {each.summary}" for each in summary.documents]
    lines += [
        say("documents_failed", language, title=each["title"], why=told(each["why"], language))
        for each in failed
    ]
    missing = [template.question(key).ask[language] for key in summary.missing if key in template.keys]
    if missing:
        more = f" (+{len(missing) - SHOWN_MISSING})" if len(missing) > SHOWN_MISSING else ""
        shown = " · ".join(missing[:SHOWN_MISSING]) + more
        lines.append(say("documents_missing", language, questions=shown))
    else:
        lines.append(say("documents_complete", language))
    return "\n".join(lines)


def tell_forum(forum: Forum, language: Language) -> str:
    bias = f"{forum.agreement_bias:.0%}"
    lines = [say("forum_head", language, title=forum.title, posts=len(forum.posts), bias=bias)]
    for post in forum.posts:
        lines.append(f"{post.number}. {post.author}: {post.text}")
        lines.append(f"   → {say('wish', language, text=post.wish)}")
    return "\n".join(lines)


def tell_pain_points(found: PainPoints, template: Template, language: Language) -> str:
    if not found.points:
        return say("pains_none", language)
    lines = [say("pains_head", language, count=len(found.points))]
    for each in found.points:
        lines.append(f"{each.rank}. {each.title} ({each.severity}/10)")
        behind = [template.question(key).ask[language] for key in each.answers if key in template.keys]
        behind += [f"#{number}" for number in each.posts]
        if behind:
            lines.append(f"   {say('behind', language, what=', '.join(behind))}")
    mined = [say("mined_pains", language)] if found.maker is Maker.DOCUMENTS else []
    return "\n".join([*lines, *mined])


def tell_journey(journey: Journey, language: Language) -> str:
    lines = [say("journey_head", language)]
    for phase in journey.phases:
        lines.append(
            say(
                "journey_phase",
                language,
                phase=say(phase.name, language),
                searches=len(phase.searches),
                questions=len(phase.questions),
                formats=", ".join(phase.formats),
            )
        )
        lines += [f"- {text}" for text in (*phase.searches, *phase.questions)]
    return "\n".join([*lines, *_mined(journey.maker, language)])


def tell_content(content: Content, language: Language) -> str:
    lines = [content.title, ""]
    for piece in content.pieces:
        lines += [piece.title] if piece.title and len(content.pieces) > 1 else []
        lines += [piece.text, ""]
    used = ", ".join(_used(content, language)) or say("nothing", language)
    lines.append(say("content_used", language, what=used))
    return "\n".join([*lines, say("content_refine", language, version=content.version)])


def _used(content: Content, language: Language) -> Iterator[str]:
    used = content.used
    if used.answers:
        yield say("answers", language, what=", ".join(used.answers))
    if used.pain_points:
        yield say("pain_points", language, what=", ".join(map(str, used.pain_points)))
    if used.documents:
        titles = dict.fromkeys(each.title for each in used.documents)
        yield say("documents", language, what=", ".join(titles))
    if used.recent_messages:
        yield say("talk", language, count=used.recent_messages)


def _mined(maker: Maker, language: Language) -> list[str]:
    return [say("mined", language)] if maker is Maker.DOCUMENTS else []
