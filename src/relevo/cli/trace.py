"""`relevo trace`: how the answers of a conversation came about."""

from typing import Annotated, Any

import orjson
import typer
from rich.text import Text

from relevo.app import App
from relevo.cli.console import console, fail, print_json
from relevo.cli.project import OfProject, within
from relevo.desk.quote import quoted
from relevo.domain.ids import ConversationId, ProjectId
from relevo.storage.turns import read_turns

RESULT_CHARACTERS = 120
"""So much of a tool's arguments and result is shown; `--json` has all of it."""


def trace(
    conversation: Annotated[
        str, typer.Argument(help="A conversation's id (c_…), as ask and the API show it")
    ],
    project: OfProject = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole records")] = False,
) -> None:
    """Shows what was said in every turn of a conversation, how it was decided, and what it cost."""

    async def job(app: App, of_project: ProjectId) -> list[dict[str, Any]]:
        async with app.database.project(of_project) as connection:
            return await read_turns(connection, of_project, ConversationId(conversation))

    turns = within(project, job)
    if not turns:
        fail(f"no conversation {conversation!r}, or it has no turns yet")
    if as_json:
        print_json(turns)
        return
    for turn in turns:
        _show(turn)
    console.rule(style="dim")
    console.print(_total(turns))


def _show(turn: dict[str, Any]) -> None:
    """One turn; what was written is shown as text, never as the terminal's markup."""
    console.rule(f"{turn['created_at']:%Y-%m-%d %H:%M:%S} · {turn['id']}", align="left", style="dim")
    for said in turn["said"]:
        line = Text(f"{said['name'] or said['role']}: ", "bold cyan" if said["name"] else "bold")
        console.print(line.append(quoted(said["text"]), "not bold default"))
    for what, says in _lines(turn):
        console.print(Text(f"  {what:<10}", "dim").append(quoted(says), "default"))


def _lines(turn: dict[str, Any]) -> list[tuple[str, str]]:
    found = turn["trace"]
    lines = [("signals", _signals(found["signals"]))]
    lines.append(("decision", f"{turn['route']}: {turn['reason']} [{turn['rule']}]"))
    for each in found["handoffs"]:
        whole = "state whole" if each["digest_before"] == each["digest_after"] else "STATE CHANGED"
        passed = f"{each['giver']} → {each['receiver']} ({each['kind']})"
        lines.append(("handoff", f"{passed}: {each['reason']}; {whole}"))
    for call in found["tools"]:
        failed = "" if call["ok"] else "failed: "
        asked = _short(call["arguments"]) if call["arguments"] else ""
        lines.append(("tool", f"{call['name']}({asked}) → {failed}{_short(call['result'])}"))
    for call in found["calls"]:
        spent = f"{call['wire_calls']} calls, {call['input_tokens']}+{call['output_tokens']} tokens"
        ended = call["error"] or "ok"
        lines.append(
            ("model", f"{call['model']} {call['purpose']}: {spent}, ${call['cost_usd']:.6f}, {ended}")
        )
    spent = f"{turn['milliseconds']:.0f} ms · ${turn['cost_usd']:.6f}"
    lines.append(("answer", f"{turn['agent'] or 'nobody'} · {turn['mode']} · {spent}"))
    return lines


def _signals(signals: dict[str, Any]) -> str:
    read = f"{signals['intent']} {signals['confidence']:.2f} ({signals['source']})"
    felt = f"{signals['sentiment']} · priority {signals['priority']:.1f}"
    why = f" ({', '.join(signals['reasons'])})" if signals.get("reasons") else ""
    return f"{read} · {signals['language']} · {felt}{why}"


def _short(value: Any) -> str:
    """A value as JSON, cut."""
    text = orjson.dumps(value, default=str).decode()
    return text if len(text) <= RESULT_CHARACTERS else f"{text[:RESULT_CHARACTERS]}…"


def _total(turns: list[dict[str, Any]]) -> str:
    calls = sum(call["wire_calls"] for turn in turns for call in turn["trace"]["calls"])
    tokens = f"{sum(turn['input_tokens'] for turn in turns)}+{sum(turn['output_tokens'] for turn in turns)}"
    cost = sum(turn["cost_usd"] for turn in turns)
    spent = sum(turn["milliseconds"] for turn in turns)
    return (
        f"{len(turns)} turns · {calls} model calls · {tokens} tokens (in+out) · ${cost:.6f} · {spent:.0f} ms"
    )
