"""`relevo eval`: how good the reading of messages, the finding of passages and the memory of talks is."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from relevo.bootstrap import load_teams, model_of, open_app
from relevo.cli.console import console, fail, print_json, run
from relevo.cli.logs import set_up
from relevo.domain.clock import Deadline, SystemClock
from relevo.domain.conversation import ConversationState
from relevo.domain.signals import Language, Signals
from relevo.insight.eval_routing import judge, read_lines, report
from relevo.pipeline.triage import Triage
from relevo.settings import Settings, load_settings
from relevo.triage.local import LocalTriage

app = typer.Typer(help="Measure quality.", no_args_is_help=True)
SECONDS_A_MESSAGE = 60.0


@app.callback()
def _group() -> None:
    """Measure quality."""


@app.command("routing")
def routing(
    file: Annotated[Path, typer.Argument(help="JSON lines: text, language, intent, sentiment, urgent")],
    team: Annotated[str, typer.Option(help="Which team reads")] = "music",
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Reads labelled messages and prints accuracy per label and the confusion table."""
    settings = load_settings()
    set_up("warning")
    try:
        result = run(_routing(settings, file, team))
    except (OSError, ValueError) as error:
        fail(str(error))
    if as_json:
        print_json(result)
    else:
        _show(result)


class Format(StrEnum):
    """How questions and passages are written down."""

    SQUAD = "squad"


@app.command("retrieval")
def retrieval(
    file: Annotated[Path, typer.Argument(help="Paragraphs with the questions they answer")],
    format_: Annotated[Format, typer.Option("--format", help="How the file is written")] = Format.SQUAD,
    language: Annotated[Language, typer.Option("--lang", help="Language of the file")] = Language.ES,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Asks every question of a file and counts how often the right paragraph is found."""
    from relevo.insight import eval_retrieval

    set_up("warning")

    async def work() -> dict[str, Any]:
        paragraphs = eval_retrieval.read_squad(file)
        if not any(questions for _, questions in paragraphs):
            raise ValueError(f"{file} asks nothing")
        async with open_app(load_settings(), working=False) as opened:
            return eval_retrieval.report(await eval_retrieval.judge(opened.database, paragraphs, language))

    try:
        result = run(work())
    except (OSError, ValueError) as error:
        fail(str(error))
    if as_json:
        print_json(result)
        return
    table = Table("figure", "value", title=f"{result['questions']} questions")
    for name in ("recall@1", "recall@5", "recall@10", "mrr"):
        table.add_row(name, str(result[name]))
    spent = result["milliseconds"]
    table.add_row("milliseconds p50 / p99", f"{spent['p50']} / {spent['p99']}")
    console.print(table)


class TalkFormat(StrEnum):
    """How talks and questions about them are written down."""

    LOCOMO = "locomo"


@app.command("memory")
def memory(
    file: Annotated[Path, typer.Argument(help="Long talks with questions and the turns that answer them")],
    format_: Annotated[
        TalkFormat, typer.Option("--format", help="How the file is written")
    ] = TalkFormat.LOCOMO,
    language: Annotated[Language, typer.Option("--lang", help="Language of the file")] = Language.EN,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Asks every question of a file and counts how much of its evidence is found, by category."""
    from relevo.insight import eval_memory

    set_up("warning")

    async def work() -> dict[str, Any]:
        talks = eval_memory.read_locomo(file)
        async with open_app(load_settings(), working=False) as opened:
            judged = await eval_memory.judge(opened.database, talks, language)
        if not judged:
            raise ValueError(f"{file} asks nothing that its talks hold")
        return eval_memory.report(judged)

    try:
        result = run(work())
    except (OSError, ValueError) as error:
        fail(str(error))
    if as_json:
        print_json(result)
        return
    table = Table("category", "questions", "recall@5", "recall@10", title="evidence found")
    for category, found in [*result["by_category"].items(), ("all", result)]:
        figures = (str(found[name]) for name in ("questions", "recall@5", "recall@10"))
        table.add_row(category, *figures)
    console.print(table)
    spent = result["milliseconds"]
    console.print(f"milliseconds p50 / p99: {spent['p50']} / {spent['p99']}", markup=False)


async def _routing(settings: Settings, file: Path, name: str) -> dict[str, Any]:
    team = load_teams(settings.teams_path).get(name)
    if team is None:
        fail(f"no team {name!r}")
    clock = SystemClock()
    model = model_of(settings, clock)
    triage = Triage(LocalTriage.of_team(team.folder), team, model, settings.triage)

    async def read(text: str) -> Signals:
        signals, _ = await triage.read(text, ConversationState(), Deadline.after(clock, SECONDS_A_MESSAGE))
        return signals

    lines = read_lines(file)
    if not lines:
        fail(f"{file} has no lines")
    await judge(lines[:20], read)
    result = report(await judge(lines, read))
    if model is not None:
        await model.close()
    return result


def _show(result: dict[str, Any]) -> None:
    figures = Table("figure", "value", title=f"{result['messages']} messages")
    for name in (
        "intent_accuracy",
        "sentiment_accuracy",
        "urgent_recall",
        "urgent_false_alarms",
        "language_accuracy",
    ):
        figures.add_row(name.replace("_", " "), str(result[name]))
    for language, share in result["by_language"].items():
        figures.add_row(f"intent accuracy {language}", str(share))
    figures.add_row("read by the model", str(result["by_model"]))
    figures.add_row(
        "milliseconds p50 / p99", f"{result['milliseconds']['p50']} / {result['milliseconds']['p99']}"
    )
    console.print(figures)
    labels = sorted({*result["confusion"], *(label for row in result["confusion"].values() for label in row)})
    table = Table("intent", "recall", "precision", *(f"→ {label}" for label in labels), title="confusion")
    for label, row in result["confusion"].items():
        own = result["by_intent"][label]
        table.add_row(
            label, str(own["recall"]), str(own["precision"]), *(str(row.get(each, "")) for each in labels)
        )
    console.print(table)
