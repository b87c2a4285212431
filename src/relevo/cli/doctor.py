"""`relevo doctor`: what works, what does not, and which setting to change."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import psycopg
import typer
from rich.markup import escape

from relevo.agents.unavailable import Unavailable
from relevo.app import App
from relevo.bootstrap import open_app
from relevo.channels.port import ChannelError, SendFailed
from relevo.cli.console import console, run
from relevo.cli.logs import set_up
from relevo.domain.clock import Clock, Deadline
from relevo.domain.ids import ChannelName, ProjectId
from relevo.knowledge.embedding import EmbeddingFailed
from relevo.llm.errors import ModelError
from relevo.llm.port import ModelRequest
from relevo.settings import Misconfigured, Settings, load_settings
from relevo.settings_checks import mistyped
from relevo.storage.embedded import ClusterError
from relevo.storage.migrate import MigrationRefused
from relevo.storage.projects import addresses_of_project, known_projects

WHATSAPP = ChannelName("whatsapp")
PROBE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Finding:
    """``ok`` None means that there is nothing to check. ``advice`` says which setting to change."""

    what: str
    ok: bool | None
    says: str
    advice: str = ""


def doctor() -> None:
    """Checks configuration, database, Redis, model and channels."""
    set_up("error")
    findings = run(examine())
    for finding in findings:
        mark = {True: "[green]✓[/]", False: "[red]✗[/]", None: "[dim]·[/]"}[finding.ok]
        console.print(f"{mark} {escape(finding.what)}: ", end="")
        console.print(finding.says, markup=False)
        if finding.advice:
            console.print(f"    → {finding.advice}", markup=False)
    if any(finding.ok is False for finding in findings):
        raise typer.Exit(1)


async def examine(clock: Clock | None = None) -> list[Finding]:
    """Everything that is checked, in order; what cannot be reached ends the rest that needs it."""
    try:
        settings = load_settings()
    except Misconfigured as error:
        return [
            Finding("configuration", False, str(error), "change these variables in .env or the environment")
        ]
    findings = [Finding("configuration", True, "readable"), *_mistyped()]
    try:
        async with open_app(settings, working=False, clock=clock) as app:
            findings += [each async for each in _database(app)]
            findings += [await _redis(app), await _model(app), await _embeddings(app)]
            findings += [each async for each in _outside(app)]
            findings += [each async for each in _channels(app)]
            findings += await _addresses(app)
            findings += _identity(settings)
    except Misconfigured as error:
        findings.append(Finding("configuration", False, str(error), "change this variable"))
    except (psycopg.Error, MigrationRefused) as error:
        advice = "DATABASE_URL: an address that answers (or leave it empty to use the embedded database)"
        findings.append(Finding("database", False, str(error).strip(), advice))
    except ClusterError as error:
        findings.append(
            Finding("database", False, str(error), "DATA_DIR: a folder that can be written, or DATABASE_URL")
        )
    return findings


def _mistyped() -> list[Finding]:
    """Variables that look like misspelt ones of ours: nothing reads them."""
    found = mistyped(Settings.model_fields)
    return [
        Finding(f"variable {name}", None, "nothing reads it", f"{meant}, if that is what is meant")
        for name, meant in found.items()
    ]


async def _database(app: App) -> AsyncIterator[Finding]:
    async with app.database.door() as connection:
        row = await (
            await connection.execute("SELECT version() AS version, session_user AS login")
        ).fetchone()
        found = await (
            await connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = session_user")
        ).fetchone()
    kind = "DATABASE_URL" if app.settings.database_url else "embedded"
    yield Finding("database", True, f"{str(row and row['version']).split(' on ')[0]} ({kind})")
    if found and found["rolsuper"]:
        yield Finding(
            "database role", True, f"connected as superuser {row and row['login']}, acting as relevo_app",
            "DATABASE_URL: in production log in as a role that is only a member of relevo_app",
        )  # fmt: skip


async def _redis(app: App) -> Finding:
    if app.memory.ping is None:
        return Finding("redis", None, "not configured: the short memory lives in this process")
    from redis import RedisError

    try:
        await app.memory.ping()
    except (RedisError, OSError) as error:
        return Finding("redis", False, f"no answer: {error}", "REDIS_URL: redis://host:6379/0, or empty")
    return Finding("redis", True, "answers, and keeps the short memory")


async def _embeddings(app: App) -> Finding:
    if app.embedder is None:
        return Finding("embeddings", None, "none: documents are found by words", "EMBEDDINGS=openai:…")
    try:
        [vector] = await app.embedder.embed(["ok"])
    except EmbeddingFailed as error:
        return Finding("embeddings", False, str(error), "OPENAI_API_KEY, or EMBEDDINGS_BASE_URL")
    spoken = ", ".join(sorted(app.embedder.speaks))
    return Finding("embeddings", True, f"{app.embedder.name} answers: {len(vector)} numbers, for {spoken}")


async def _model(app: App) -> Finding:
    settings = app.settings
    if app.model is None:
        return Finding(
            "model", None, "none: playbooks answer", "LLM_PROVIDER=openai and OPENAI_API_KEY to use one"
        )
    request = ModelRequest([{"role": "user", "content": "Reply with: ok"}], max_tokens=5, purpose="doctor")
    try:
        await app.model.ask(request, Deadline.after(app.clock, PROBE_SECONDS))
    except ModelError as error:
        advice = {
            "refused": f"{_key_variable(settings)}, or LLM_MODEL",
            "connection": "LLM_BASE_URL, or the network",
            "timeout": "LLM_BASE_URL, or a larger LLM_CALL_TIMEOUT",
            "quota": "the account's credit at the provider",
        }.get(error.kind, "LLM_PROVIDER, LLM_MODEL")
        return Finding("model", False, f"{settings.llm_model}: {error.kind}: {error}", advice)
    return Finding("model", True, f"{settings.llm_model} ({settings.llm_provider}) answers")


async def _outside(app: App) -> AsyncIterator[Finding]:
    """The systems that teams work with, such as the distributor's own."""
    for team, outside in app.outside.items():
        what = f"{team} {outside.name}"
        try:
            await outside.ping()
        except Unavailable as error:
            variables = f"{outside.name.upper()}_URL, {outside.name.upper()}_KEY"
            yield Finding(what, False, str(error), f"{variables}; until then people are told that it is away")
        else:
            yield Finding(what, True, "answers")


def _key_variable(settings: Settings) -> str:
    """The variable that the model's key was read from, or may be written to."""
    own = f"{settings.llm_provider.upper()}_API_KEY"
    return own if getattr(settings, own.lower(), None) and not settings.llm_api_key else "LLM_API_KEY"


async def _channels(app: App) -> AsyncIterator[Finding]:
    if not app.channels:
        yield Finding("channels", None, "web and API only", "TWILIO_ACCOUNT_SID and the others for WhatsApp")
    for name, channel in app.channels.items():
        try:
            await channel.check()
            yield Finding(f"channel {name}", True, "credentials work")
        except ChannelError as error:
            advice = _twilio_advice(error) if name == WHATSAPP else f"its variables (docs/channels/{name}.md)"
            yield Finding(f"channel {name}", False, str(error), advice)
        if name == WHATSAPP and app.settings.public_url is None:
            yield Finding(
                "channel whatsapp", False, "delivery reports cannot reach us and signatures may not match",
                "PUBLIC_URL: the https address Twilio calls",
            )  # fmt: skip


def _twilio_advice(error: ChannelError) -> str:
    """The variable behind a failure: Twilio refused the login, knows no such account, or was not reached."""
    if "TWILIO_AUTH_TOKEN" in str(error):
        return "TWILIO_AUTH_TOKEN: the auth token of the account in TWILIO_ACCOUNT_SID"
    if isinstance(error, SendFailed):
        return "TWILIO_ACCOUNT_SID: the account on the first page of Twilio's console"
    return "the network, or TWILIO_API_BASE: empty for Twilio's own"


async def _addresses(app: App) -> list[Finding]:
    """Whose our addresses are. What comes to one that two projects claim is not taken."""
    claims: dict[tuple[ChannelName, str], list[ProjectId]] = {}
    for project in await known_projects(app.database):
        for channel, address in await addresses_of_project(app.database, project.id):
            claims.setdefault((channel, address), []).append(project.id)
    findings = [
        Finding(
            f"address {address}", False, f"{' and '.join(projects)} claim it: nothing sent to it is taken",
            f"relevo project address PROJECT {channel} {address}: it is that project's alone from then on",
        )
        for (channel, address), projects in claims.items() if len(projects) > 1
    ]  # fmt: skip
    if WHATSAPP in app.channels and not any(channel == WHATSAPP for channel, _ in claims):
        findings.append(
            Finding("addresses", False, "no number is any project's",
                    "TWILIO_WHATSAPP_FROM: our number, such as whatsapp:+14155238886")
        )  # fmt: skip
    return findings


def _identity(settings: Settings) -> list[Finding]:
    if settings.customer_token_secret is None:
        return [Finding("customer tokens", None, "signed with a local secret",
                        "CUSTOMER_TOKEN_SECRET: 32 characters or more, shared with your site")]  # fmt: skip
    return [Finding("customer tokens", True, "CUSTOMER_TOKEN_SECRET is set")]
