"""`relevo costs`: what the models cost."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from relevo.app import App
from relevo.cli.console import console, print_json
from relevo.cli.project import OfProject, within
from relevo.domain.ids import ProjectId
from relevo.storage.costs import Costs, Spent, read_costs


def costs(
    project: OfProject = None,
    days: Annotated[int, typer.Option(min=1, max=3650, help="How many days back")] = 30,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures")] = False,
) -> None:
    """Shows tokens and cost of a project's turns: by agent, by model and by day."""

    async def job(app: App, of_project: ProjectId) -> Costs:
        async with app.database.project(of_project) as connection:
            return await read_costs(connection, of_project, days)

    found = within(project, job)
    if as_json:
        print_json({**asdict(found), "total": asdict(found.total)})
        return
    console.print(_table("agent", "turns", [*found.by_agent, found.total]))
    console.print(_table("model", "calls", found.by_model))
    console.print(_table("day (UTC)", "turns", found.by_day))


def _table(what: str, times: str, rows: Sequence[Spent]) -> Table:
    table = Table(what)
    for name in (times, "tokens in", "tokens out", "US dollars"):
        table.add_column(name, justify="right")
    for row in rows:
        figures = (row.times, row.input_tokens, row.output_tokens)
        table.add_row(Text(row.name), *(f"{figure:,}" for figure in figures), f"{row.cost_usd:,.6f}")
    return table
