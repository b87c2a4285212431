"""The last scene, over real processes: a withdrawal survives a kill -9 between the payout and its record."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, LiteralString

import aiohttp
import psycopg
from tests.support.processes import Installation, installation, until
from tests.support.twilio_server import ACCOUNT, OUR_NUMBER, TOKEN, TwilioServer, post_webhook

import relevo.teams.music
from relevo.storage.embedded import embedded_cluster

EXAMPLES = Path(relevo.teams.music.__path__[0]) / "data" / "examples"
LUCIA = "whatsapp:+525550000101"
BALANCE = "133.63"
"""What the example statements leave Lucía: 104.15504 + 29.48085, rounded down."""

Admin = psycopg.AsyncConnection[tuple[Any, ...]]


@contextlib.asynccontextmanager
async def administrator(made: Installation) -> AsyncIterator[Admin]:
    """A superuser's connection to the installation's embedded database."""
    async with embedded_cluster(made.folder / "data" / "postgres") as cluster:
        url = cluster.url("relevo_admin", "relevo")
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            yield connection


async def count(connection: Admin, query: LiteralString) -> int:
    row = await (await connection.execute(query)).fetchone()
    assert row is not None
    return int(row[0])


async def test_one_withdrawal_and_one_reply_whatever_dies() -> None:
    async with (
        TwilioServer() as twilio,
        installation(
            DEMO="false",
            DESK_HOURS="always",
            LEASE_SECONDS="3",
            TWILIO_ACCOUNT_SID=ACCOUNT,
            TWILIO_AUTH_TOKEN=TOKEN,
            TWILIO_WHATSAPP_FROM=OUR_NUMBER,
            TWILIO_API_BASE=twilio.base,
        ) as made,
        aiohttp.ClientSession() as session,
    ):
        imported = await made.run(
            "music", "import", str(EXAMPLES / "releases.csv"), str(EXAMPLES / "statements.csv")
        )
        assert "0 bad" in imported

        async def write(text: str, number: int) -> None:
            status, _ = await post_webhook(session, made.url, body=text, sender=LUCIA, sid=f"SM{number:032x}")
            assert status == 200

        async def replies(number: int) -> bool:
            return len(twilio.sent) >= number

        await made.start()
        async with administrator(made) as database:
            await write("quiero retirar mi saldo", 1)
            await until(lambda: replies(1), "the question whether to withdraw")
            assert BALANCE in twilio.sent[0]["Body"]

            await database.execute("BEGIN")
            await database.execute("LOCK TABLE effects IN EXCLUSIVE MODE")
            await write("sí, confirmo", 2)

            async def paid() -> bool:
                return await count(database, "SELECT count(*) FROM music_payouts") == 1

            await until(paid, "the payout")
            await made.kill()
            await database.execute("ROLLBACK")
            assert await count(database, "SELECT count(*) FROM effects") == 0
            assert len(twilio.sent) == 1

            await made.start()
            await until(lambda: replies(2), "the reply after the restart")
            assert BALANCE in twilio.sent[1]["Body"]
            assert await count(database, "SELECT count(*) FROM music_payouts") == 1
            assert await count(database, "SELECT count(*) FROM turns") == 2

            await write("ahora quiero hablar con una persona", 3)
            await until(lambda: replies(3), "the word about the person")
            assert "1" in twilio.sent[2]["Body"]

            assert "hablar con una persona" in await made.run("desk", "list", "--json")
            await made.run("desk", "take", "1", "--me", "Lucero")
            await made.run("desk", "say", "1", "Hola Lucía, soy Lucero. ¿Qué necesitas?", "--me", "Lucero")
            await until(lambda: replies(4), "the person's word")
            assert twilio.sent[3]["Body"] == "Hola Lucía, soy Lucero. ¿Qué necesitas?"
            assert twilio.sent[3]["To"] == LUCIA
            assert len(twilio.sent) == 4
            assert await count(database, "SELECT count(*) FROM music_payouts") == 1
