"""The whole story over real processes: import, a withdrawal, a kill at the worst moment, and a person."""

import asyncio
import contextlib
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import psycopg
import pytest
from psycopg.rows import dict_row
from tests.support.processes import RELEVO, Processes, free_port, until
from tests.support.twilio_server import ACCOUNT, OUR_NUMBER, TOKEN, post_webhook

from relevo.storage.embedded import Cluster, embedded_cluster

PROJECT = "main"
PHONE = "+525550000777"
WRITER = f"whatsapp:{PHONE}"
RELEASES = f"""\
customer_id,customer_name,artist,title,upc,status,phone,plan,language,payout_account,payout_hint,tax_form
C-7,Marta Ruiz,Marta Ruiz,Faro,750100000010,live,{PHONE},pro,es,verified,CLABE ••7777,valid
"""
STATEMENTS = """\
customer_id,period,store,country,title,units,amount,status
C-7,2026-Q1,Spotify,MX,Faro,30000,90.15,available
C-7,2026-Q1,Apple Music,MX,Faro,5000,33.35,available
"""
BALANCE = "123.50"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that PostgreSQL's own account may pass through when root runs the tests."""
    path = Path(tempfile.mkdtemp(prefix="relevo-scene-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@dataclass(slots=True)
class Scene:
    """The processes, and the two sides from which one can look at them: Twilio's and the database's."""

    processes: Processes
    session: aiohttp.ClientSession
    twilio: str
    relevo: str
    cluster: Cluster
    messages: int = 0

    async def sent(self) -> list[str]:
        """What arrived at Twilio for the customer, in order."""
        async with self.session.get(f"{self.twilio}/_sent") as answer:
            return [form["Body"] for form in await answer.json() if form["To"] == WRITER]

    async def arrives(self, word: str, after: int) -> str:
        """Waits for a message with ``word`` after the first ``after`` ones."""

        async def look() -> str | None:
            return next((text for text in (await self.sent())[after:] if word in text), None)

        return await until(f"a message with {word!r} at Twilio", look)

    async def write(self, text: str) -> None:
        """Twilio posts what the customer wrote, signed; it is acknowledged."""
        self.messages += 1
        status, _ = await post_webhook(
            self.session, self.relevo, body=text, sid=f"SM{self.messages:032x}", sender=WRITER
        )
        assert status == 200

    async def rows(self, query: str) -> list[dict[str, Any]]:
        connection = await psycopg.AsyncConnection.connect(
            self.cluster.url("relevo_app", "relevo"), row_factory=dict_row
        )
        async with connection:
            await connection.execute("SELECT set_config('relevo.project', %s, true)", (PROJECT,))
            return await (await connection.execute(query)).fetchall()

    async def serve(self) -> Any:
        server = self.processes.start("serve", *RELEVO, "serve")

        async def ready() -> bool | None:
            assert server.poll() is None, self.processes.log("serve")
            with contextlib.suppress(aiohttp.ClientError):
                async with self.session.get(f"{self.relevo}/readyz") as answer:
                    return answer.status == 200
            return None

        await until("ready", ready)
        return server

    async def at_rest(self) -> None:
        """Waits until no conversation is due and no part waits to be sent."""

        async def look() -> bool:
            left = await self.rows(
                "SELECT (SELECT count(*) FROM conversations WHERE due_at IS NOT NULL)"
                " + (SELECT count(*) FROM outbox WHERE due_at IS NOT NULL) AS n"
            )
            return bool(left[0]["n"] == 0)

        await until("at rest", look)


@pytest.fixture
async def scene(folder: Path) -> AsyncIterator[Scene]:
    twilio, relevo = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
    processes = Processes(
        folder,
        {
            "DATA_DIR": str(folder / "data"),
            "DEMO": "false",
            "PORT": relevo.rpartition(":")[2],
            "PUBLIC_URL": relevo,
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_WHATSAPP_FROM": OUR_NUMBER,
            "TWILIO_API_BASE": twilio,
            "LEASE_SECONDS": "3",
            "DESK_HOURS": "always",
        },
    )
    try:
        async with (
            aiohttp.ClientSession() as session,
            embedded_cluster(folder / "data" / "postgres") as cluster,
        ):
            processes.start(
                "twilio",
                sys.executable,
                "-m",
                "tests.support.twilio_server",
                "--port",
                twilio.rpartition(":")[2],
            )
            yield Scene(processes, session, twilio, relevo, cluster)
            await asyncio.to_thread(processes.end)
    finally:
        await asyncio.to_thread(processes.end)


HELD_RECORDS = """
CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN PERFORM pg_advisory_xact_lock(42); RETURN NEW; END $$;
CREATE TRIGGER hold BEFORE UPDATE ON effects FOR EACH ROW EXECUTE FUNCTION hold()
"""
"""What an effect came to is written only when nobody holds lock 42."""


@pytest.mark.timeout(300)
async def test_the_last_scene(scene: Scene, folder: Path) -> None:
    (folder / "releases.csv").write_text(RELEASES, "utf-8")
    (folder / "statements.csv").write_text(STATEMENTS, "utf-8")
    await scene.processes.run("import", *RELEVO, "music", "import", "releases.csv", "statements.csv")
    server = await scene.serve()

    await scene.write("quiero retirar mi saldo")
    question = await scene.arrives(BALANCE, after=0)
    assert "7777" in question
    await scene.at_rest()
    asked = len(await scene.sent())

    lock = await psycopg.AsyncConnection.connect(scene.cluster.url("relevo_admin", "relevo"), autocommit=True)
    async with lock:
        await lock.execute(HELD_RECORDS)
        await lock.execute("SELECT pg_advisory_lock(42)")
        await scene.write("sí, confirmo")
        await until("a payout made", lambda: scene.rows("SELECT number FROM music_payouts"))
        await until(
            "its record waiting",
            lambda: scene.rows(
                "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = 42 AND NOT granted"
            ),
        )
        assert len(await scene.sent()) == asked
        server.send_signal(signal.SIGKILL)
        await asyncio.to_thread(server.wait, 30)
    effects = "SELECT result FROM effects WHERE tool = 'request_withdrawal'"
    assert await scene.rows(effects) == [{"result": None}]

    server = await scene.serve()
    payouts = await scene.rows("SELECT number, amount::text FROM music_payouts")
    await scene.arrives(payouts[0]["number"], after=asked)
    await scene.at_rest()
    assert await scene.rows("SELECT number, amount::text FROM music_payouts") == payouts
    assert [row["amount"] for row in payouts] == [BALANCE]
    assert len(await scene.sent()) == asked + 1
    answered = await scene.rows("SELECT state FROM messages WHERE role = 'customer'")
    assert [row["state"] for row in answered] == ["done", "done"]

    await scene.write("confirmo")
    await scene.arrives("", after=asked + 1)
    await scene.at_rest()
    assert len(await scene.rows("SELECT number FROM music_payouts")) == 1

    before = len(await scene.sent())
    await scene.write("quiero hablar con una persona")
    ticket = (await until("a ticket", lambda: scene.rows("SELECT number FROM tickets")))[0]["number"]
    await scene.arrives(str(ticket), after=before)
    await scene.at_rest()
    before = len(await scene.sent())
    await scene.processes.run("take", *RELEVO, "desk", "take", str(ticket), "--me", "Eva")
    await scene.processes.run(
        "say", *RELEVO, "desk", "say", str(ticket), "Hola Marta, soy Eva.", "--me", "Eva"
    )
    await scene.arrives("soy Eva", after=before)
    await scene.write("gracias Eva")
    await scene.at_rest()
    assert (await scene.sent())[before:] == ["Hola Marta, soy Eva."]

    server.terminate()
    assert await asyncio.to_thread(server.wait, 60) == 0
