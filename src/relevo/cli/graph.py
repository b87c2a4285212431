"""`relevo graph`: how a team is wired."""

from typing import Annotated

import typer

from relevo.bootstrap import load_teams
from relevo.cli.console import fail
from relevo.pipeline.graph import build_graph
from relevo.settings import load_settings


def graph(team: Annotated[str, typer.Option(help="Which team")] = "music") -> None:
    """Prints a team's graph as a Mermaid diagram."""
    teams = load_teams(load_settings().teams_path)
    if team not in teams:
        fail(f"no team {team!r}; there are: {', '.join(sorted(teams))}")
    typer.echo(build_graph(teams[team]).get_graph().draw_mermaid())
