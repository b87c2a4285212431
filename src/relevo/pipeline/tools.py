"""Calls a tool: arguments checked, ownership checked, an effect done once per (message, tool, arguments)."""

from collections.abc import Mapping
from typing import Any

import orjson

from relevo.agents.tool import Proposal, Tool, ToolContext, ToolError, ToolFunction
from relevo.agents.unavailable import NotDone, StillUnclear, Unavailable, Unclear
from relevo.domain.conversation import digest
from relevo.domain.ids import MessageId
from relevo.domain.message import ToolCall
from relevo.pipeline.state import TurnContext
from relevo.storage.effects import begin_effect, find_effects, record_effect

UNCLEAR = "unclear_effect"
"""The fact that names the tool of which it is not known whether it did what it was asked for: it is not used
again while the ticket is open by which a person finds out."""


async def call_tool(
    turn: TurnContext, tool: Tool, raw: Mapping[str, Any], context: ToolContext
) -> tuple[ToolCall, Proposal | None]:
    """Runs ``tool``; a confirmable one only proposes. A ToolError becomes a call that is not ``ok``.

    Raises Fenced or TakenOver when the turn may not act any more.
    """
    turn.publish("tool", name=tool.name)
    started = turn.engine.clock.monotonic()
    proposal: Proposal | None = None
    try:
        arguments = tool.parse(raw)
        if tool.effect and context.state.ticket is not None and tool.name == context.state.facts.get(UNCLEAR):
            raise StillUnclear
        if tool.confirm:
            outcome = await tool.function(context, **arguments)
            proposal = outcome if isinstance(outcome, Proposal) else None
            result = plain(proposal.shown if proposal else outcome)
        elif tool.effect:
            result = await once(turn, tool.name, tool.function, arguments, context)
        else:
            await turn.guard()
            result = plain(await tool.function(context, **arguments))
        ok = True
    except ToolError as error:
        result, ok = explain(error, context), False
    elapsed = (turn.engine.clock.monotonic() - started) * 1000
    return ToolCall(tool.name, plain(dict(raw)), result, ok, round(elapsed, 2)), proposal


async def once(
    turn: TurnContext, name: str, function: ToolFunction, arguments: Mapping[str, Any], context: ToolContext
) -> Any:
    """Does an effect unless it was done for this message already; returns what it returned the first time.

    That it begins is written before, what it returned after, each in a transaction of its own. Where a crash
    falls between, the turn runs again with the same idempotency key, by which the service knows what it did.
    Raises NotDone or Unclear where the service gives no answer: after an earlier try, only Unclear is true.
    """
    conversation = turn.held.conversation
    key = digest(dict(arguments))
    if turn.recorded is not None:
        return _from_record(turn.recorded, name)
    async with turn.engine.database.project(conversation.project) as connection:
        done = await find_effects(connection, conversation.project, context.message, name)
    known = _done_before(turn, name, key, done)
    if known is not None and done[known] is not None:
        turn.effects[name, known] = done[known]
        return done[known]
    await turn.guard(fresh=True)
    async with turn.engine.database.project(conversation.project) as connection:
        await begin_effect(connection, conversation.project, context.message, name, key)
    context.idempotency_key = context.key_for(name, arguments)
    try:
        result = plain(await function(context, **arguments))
    except Unavailable as error:
        if not isinstance(error, Unclear) and known is None:
            raise NotDone(error.why) from error
        context.learn(UNCLEAR, name)
        raise Unclear(error.why) from error
    finally:
        context.idempotency_key = ""
    async with turn.engine.database.project(conversation.project) as connection:
        await record_effect(connection, conversation.project, context.message, name, key, result)
    turn.effects[name, key] = result
    return result


def _from_record(recorded: Mapping[str, list[Any]], name: str) -> Any:
    """What the tool's next effect returned then. Raises ToolError where there was none."""
    if not recorded.get(name):
        raise ToolError(
            "not_in_replay",
            {"es": "En una repetición no se hace nada de verdad.", "en": "A replay does nothing for real."},
        )
    return recorded[name].pop(0)


async def has_begun(turn: TurnContext, message: MessageId, tool: str) -> bool:
    """Whether a turn that did not finish has begun the tool's effect for ``message``, and perhaps done it."""
    project = turn.held.conversation.project
    async with turn.engine.database.project(project) as connection:
        return bool(await find_effects(connection, project, message, tool))


def _done_before(turn: TurnContext, name: str, key: str, done: Mapping[str, Any]) -> str | None:
    """The recorded effect this call repeats. A turn that is run again may word its arguments otherwise (more
    has been written, a model speaks differently): there each record stands for the next call of its tool."""
    if key in done:
        return key
    if not turn.held.rerun:
        return None
    return next((each for each in done if (name, each) not in turn.effects), None)


def explain(error: ToolError, context: ToolContext) -> dict[str, Any]:
    """A refusal as the model and the templates read it."""
    return {"error": error.code, "message": error.texts[context.language], **plain(error.details)}


def plain(value: Any) -> Any:
    """``value`` as plain JSON: what is stored, shown to the model, and given to templates."""
    return orjson.loads(orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS))
