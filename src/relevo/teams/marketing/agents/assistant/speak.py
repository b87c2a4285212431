"""The assistant: first questions, the state of the project, the whole analysis. It writes no content."""

from typing import Any

from relevo.agents.speaking import Speaking, Spoken
from relevo.domain.signals import Language
from relevo.teams.marketing.onboarding import change_in, questions
from relevo.teams.marketing.requests import Wish, wish_of
from relevo.teams.marketing.router import AGENTS, State
from relevo.teams.marketing.says import say


async def speak(speaking: Speaking) -> Spoken:
    project = (await speaking.call("read_project")).result
    match wish_of(speaking.text):
        case Wish.CANCEL:
            done = await speaking.call("stop_analysis")
            return _said("analysis_stopping" if done.result.get("stopped") else "analysis_none", speaking)
        case Wish.RESUME:
            done = await speaking.call("go_on_with_analysis")
            if done.result.get("resumed"):
                return _said("analysis_resumed", speaking, done=done.result["done"], of=done.result["of"])
            return _said("analysis_nothing_to_resume", speaking)
        case Wish.BRIEF:
            return await _brief(speaking, project)
        case Wish.ANALYSIS if project["analysis"] is None:
            await speaking.call("start_analysis")
            return _said("analysis_begun", speaking)
    if project["analysis"] is not None:
        return _said("analysis_runs", speaking, **project["analysis"])
    if project["persona"] is None:
        return await _first_questions(speaking)
    return Spoken(_waiting(project, speaking.language))


async def _first_questions(speaking: Speaking) -> Spoken:
    kept = await speaking.call("keep_answer", text=speaking.text)
    language, key = speaking.language, kept.result["next"]
    if key is None:
        return Spoken(
            say("onboarding_done", language), AGENTS[State.BUYER_PERSONA], "the first questions are answered"
        )
    question = next(each.ask[language] for each in questions() if each.key == key)
    return Spoken(f"{say('hello' if kept.result['first'] else 'noted', language)}\n{question}")


async def _brief(speaking: Speaking, project: dict[str, Any]) -> Spoken:
    language = speaking.language
    if change_in(speaking.text) is not None:
        await speaking.call("change_answer", text=speaking.text)
        return Spoken(say("brief_changed", language))
    lines = [say("brief_head", language)]
    for each in questions():
        answer = project["answers"].get(each.key) or say("brief_empty", language)
        lines.append(f"- {each.ask[language]} {answer}")
    return Spoken("\n".join([*lines, say("brief_how", language)]))


def _waiting(project: dict[str, Any], language: Language) -> str:
    made = {
        name: say("yes" if project[key] else "not_yet", language)
        for name, key in (("forum", "forum"), ("pains", "pain_points"), ("journey", "journey"))
    }
    persona = project["persona"]
    return say(
        "waiting",
        language,
        who=persona["name"],
        version=persona["version"],
        content=project["content"],
        state=State.WAITING,
        **made,
    )


def _said(name: str, speaking: Speaking, **values: object) -> Spoken:
    return Spoken(say(name, speaking.language, **values))
