"""`relevo replay`: a conversation's turns run again as the teams are today, and what differs."""

from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.text import Text

from relevo.app import App
from relevo.cli.console import console, fail, print_json
from relevo.cli.project import OfProject, within
from relevo.desk.quote import quoted
from relevo.domain.ids import ConversationId, ProjectId
from relevo.pipeline.replay import Replayed
from relevo.pipeline.replay import replay as run_again
from relevo.storage.turns import read_turns


def replay(
    conversation: Annotated[
        str, typer.Argument(help="A conversation's id (c_…), as ask and the API show it")
    ],
    turn: Annotated[str | None, typer.Argument(help="One turn's id, as trace shows it; all without")] = None,
    project: OfProject = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was and what is, whole")] = False,
) -> None:
    """Runs stored turns again with side effects off; ends with status 2 where something differs.

    Each turn begins from its own snapshot. Tools that read are called; what a tool changed is answered from
    the record. A model that is configured is asked, and paid.
    """

    async def job(app: App, of_project: ProjectId) -> list[Replayed]:
        async with app.database.project(of_project) as connection:
            turns = await read_turns(connection, of_project, ConversationId(conversation))
        chosen = [each for each in turns if turn is None or each["id"] == turn]
        if not chosen:
            fail(f"no such turn: relevo trace {conversation} shows those there are")
        engine, _ = await app.staff(of_project)
        return [await run_again(engine, each) for each in chosen]

    again = within(project, job)
    if as_json:
        print_json([_record(each) for each in again])
    else:
        for each in again:
            _show(each)
        changed = sum(1 for each in again if each.differences)
        console.rule(style="dim")
        console.print(f"{len(again)} turns run again, {changed} came out different")
    if any(each.differences for each in again):
        raise typer.Exit(2)


def _record(again: Replayed) -> dict[str, Any]:
    return {**asdict(again), "differences": list(again.differences)}


def _show(again: Replayed) -> None:
    console.rule(str(again.turn), align="left", style="dim")
    console.print(Text("customer: ", "bold").append(quoted(again.asked), "not bold default"))
    if not again.differences:
        console.print(Text("  the same as then", "dim"))
    for name, (then, now) in again.differences.items():
        console.print(Text(f"  {name}", "bold"))
        console.print(Text("    then  ", "dim").append(quoted(_words(then)), "default"))
        console.print(Text("    now   ", "dim").append(quoted(_words(now)), "default"))


def _words(value: Any) -> str:
    if isinstance(value, tuple):
        return "; ".join(value) or "none"
    return str(value)
