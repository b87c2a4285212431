"""`relevo trace` and `relevo graph`: how answers came about, and how a team is wired."""

from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from relevo.bootstrap import load_teams, open_app
from relevo.cli.console import console, fail, print_json, run
from relevo.cli.logs import set_up
from relevo.domain.ids import ConversationId
from relevo.pipeline.graph import build_graph
from relevo.settings import Settings, load_settings
from relevo.storage.turns import read_turns


def trace(
    conversation: Annotated[
        str, typer.Argument(help="A conversation's id (c_…), as ask and the API show it")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole records")] = False,
) -> None:
    """Shows how every turn of a conversation was decided and answered."""
    settings = load_settings()
    set_up("warning")
    turns = run(_turns(settings, conversation))
    if not turns:
        fail(f"no conversation {conversation!r}, or it has no turns yet")
    if as_json:
        print_json(turns)
        return
    for turn in turns:
        console.print(_table(turn))


async def _turns(settings: Settings, conversation: str) -> list[dict[str, Any]]:
    async with (
        open_app(settings, working=False) as app,
        app.database.project(app.default_project) as connection,
    ):
        return await read_turns(connection, app.default_project, ConversationId(conversation))


def _table(turn: dict[str, Any]) -> Table:
    """One turn; what customers wrote is shown as text, never as the terminal's markup."""
    found = turn["trace"]
    signals = found["signals"]
    table = Table(
        title=f"{turn['id']} · {turn['created_at']:%Y-%m-%d %H:%M:%S}", show_header=False, expand=True
    )
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    read = f"{signals['intent']} ({signals['confidence']:.2f}, {signals['source']})"
    felt = f"{signals['sentiment']} · priority {signals['priority']:.1f}"
    table.add_row("signals", Text(f"{read} · {signals['language']} · {felt}"))
    table.add_row("decision", Text(f"{turn['route']}: {turn['reason']} [{turn['rule']}]"))
    table.add_row("memory", Text(str(found["memory"])))
    for call in found["tools"]:
        table.add_row("tool", Text(f"{call['name']}({call['arguments']}) → {call['result']}"))
    for call in found["calls"]:
        tokens = f"{call['input_tokens']}+{call['output_tokens']} tokens"
        said = f"{call['model']} {call['purpose']}: {call['wire_calls']} calls, {tokens}"
        table.add_row("model", Text(f"{said}, {call['error'] or 'ok'}"))
    for each in found["handoffs"]:
        whole = "state whole" if each["digest_before"] == each["digest_after"] else "STATE CHANGED"
        passed = f"{each['giver']} → {each['receiver']} ({each['kind']})"
        table.add_row("handoff", Text(f"{passed}: {each['reason']}; {whole}"))
    steps = ", ".join(f"{step['name']} {step['milliseconds']} ms" for step in found["steps"])
    table.add_row("steps", Text(steps))
    spent = f"{turn['milliseconds']:.1f} ms · ${turn['cost_usd']}"
    table.add_row("answer", Text(f"{turn['agent']} · {turn['mode']} · {spent}"))
    return table


def graph(team: Annotated[str, typer.Option(help="Which team")] = "music") -> None:
    """Prints a team's graph as a Mermaid diagram."""
    teams = load_teams(load_settings().teams_path)
    if team not in teams:
        fail(f"no team {team!r}; there are: {', '.join(sorted(teams))}")
    typer.echo(build_graph(teams[team]).get_graph().draw_mermaid())
