"""`relevo ask` and `relevo chat`: talk with a team from the terminal."""

import asyncio
import secrets
from typing import Annotated, Any

import typer
from rich.prompt import Prompt

from relevo.agents.identity import Identified
from relevo.agents.unavailable import Unavailable
from relevo.api.replies import Awaited, news
from relevo.app import App
from relevo.bootstrap import channel_names, open_app
from relevo.cli.console import console, fail, print_json, run
from relevo.cli.logs import set_up
from relevo.cli.project import OfProject, chosen
from relevo.domain.ids import ChannelName, ProjectId
from relevo.domain.message import InboundMessage
from relevo.pipeline.receive import receive
from relevo.settings import Settings, load_settings

CHATS = ("api", "web")
"""The channels that are chats: people read their replies where they write."""

As = Annotated[str | None, typer.Option("--as", help="In the demo: one of its named customers")]
From = Annotated[
    str | None, typer.Option("--from", help="Who writes: the same ID goes on with the same talk")
]
Channel = Annotated[str, typer.Option(help="Channel the message comes in by")]


def ask(
    text: Annotated[str, typer.Argument(help="What to say")],
    sender: From = None,
    channel: Channel = "api",
    speak_as: As = None,
    project: OfProject = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything about the answer")] = False,
) -> None:
    """Says one thing and prints the answer."""
    settings = load_settings()
    set_up("warning")
    if not text.strip():
        fail("there is nothing to ask: the text is empty")
    if len(text) > settings.max_message_chars:
        fail(f"the text is longer than {settings.max_message_chars} characters (MAX_MESSAGE_CHARS)")
    known = (*CHATS, *channel_names())
    if channel not in known:
        fail(f"--channel: no channel {channel!r}; there are: {', '.join(known)}")
    reply = run(_ask(settings, text, sender, channel, speak_as, project))
    if as_json:
        print_json(_flat(reply))
    else:
        _show(reply)


def chat(sender: From = None, speak_as: As = None, project: OfProject = None) -> None:
    """Talks until you say /bye."""
    settings = load_settings()
    set_up("warning")
    run(_chat(settings, sender, speak_as, project))


async def _ask(
    settings: Settings,
    text: str,
    sender: str | None,
    channel: str,
    speak_as: str | None,
    project: str | None,
) -> dict[str, Any]:
    async with open_app(settings) as app:
        of_project = await chosen(app, project)
        return await say(app, of_project, text, sender or secrets.token_hex(8), channel, speak_as)


async def _chat(settings: Settings, sender: str | None, speak_as: str | None, project: str | None) -> None:
    sender = sender or secrets.token_hex(8)
    async with open_app(settings) as app:
        of_project = await chosen(app, project)
        console.print("Escribe tu mensaje; /bye termina. · Write your message; /bye ends.")
        while True:
            try:
                text = await asyncio.to_thread(Prompt.ask, "[bold]>[/]")
            except EOFError:  # Ctrl-D
                return
            if text.strip() == "/bye":
                return
            if text.strip():
                _show(await say(app, of_project, text, sender, "api", speak_as))


async def say(
    app: App, project: ProjectId, text: str, sender: str, channel: str, speak_as: str | None
) -> dict[str, Any]:
    """Puts one message through the whole way and returns its reply."""
    address = sender if channel != "api" else f"cli-{speak_as or 'stranger'}-{sender}"
    identified = await _identify(app, project, channel, address, speak_as)
    async with asyncio.timeout(app.settings.turn_deadline + 10):
        message = InboundMessage(
            project=project,
            channel=ChannelName(channel),
            address=address,
            provider_id=f"cli-{secrets.token_hex(12)}",
            text=text,
            sender_name=identified.name if identified else None,
            customer=identified.customer if identified else None,
        )
        stored = await receive(
            app.database, app.wakeups, message, per_minute=app.settings.max_messages_per_minute
        )
        awaited = Awaited(project, stored.conversation, stored.message)
        async with app.live.watch(project, stored.conversation) as queue:
            async for event in news(app, awaited, queue):
                if event.kind == "committed":
                    return {**event.data["reply"], "conversation": stored.conversation}
    fail("no answer came before the turn's deadline (TURN_DEADLINE)")


async def _identify(
    app: App, project: ProjectId, channel: str, address: str, speak_as: str | None
) -> Identified | None:
    team = await app.team_of(project)
    if speak_as and speak_as != "stranger":
        person: Identified | None = team.demo_people.get(speak_as)
        if person is None or not app.settings.demo:
            fail(f"--as: the demo knows {', '.join(team.demo_people) or 'nobody'}, not {speak_as!r}")
        return person
    if team.identify is None:
        return None
    engine, _ = await app.staff(project)
    try:
        found: Identified | None = await team.identify(engine.services, channel, address)
    except Unavailable as error:
        fail(f"who {address} is cannot be looked up: {error}")
    return found


def _flat(reply: dict[str, Any]) -> dict[str, Any]:
    """The reply as `ask --json` promises it."""
    import orjson

    signals = orjson.loads(orjson.dumps(reply["signals"], default=str)) or {}
    return {
        "reply": reply["content"],
        "agent": reply["agent"],
        "intent": signals.get("intent"),
        "language": signals.get("language"),
        "sentiment": signals.get("sentiment"),
        "priority": signals.get("priority"),
        "escalated": reply["escalated"],
        "handoffs": reply["handoffs"],
        "ticket": reply["ticket"],
        "tools": reply["tools"],
        "mode": reply["mode"],
        "milliseconds": reply["milliseconds"],
        "cost_usd": reply["cost_usd"],
        "conversation": reply["conversation"],
        "turn": reply["turn"],
    }


def _show(reply: dict[str, Any]) -> None:
    name = reply["agent"] or "—"
    console.print(f"[bold cyan]{name}[/]: ", end="")
    console.print(reply["content"] or "(a person has this conversation)", markup=False)
    console.print(f"[dim]{reply['mode']} · {reply['milliseconds']:.0f} ms · {reply['conversation']}[/]")
