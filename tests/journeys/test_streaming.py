"""Streamed answers and the events of a chat: a preview, then the message; what a person at the desk says."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
import psycopg
from tests.conftest import DEMO
from tests.journeys.conftest import OpenDesk
from tests.journeys.scripts import Desk
from tests.journeys.talk import Talk, rows

BALANCE = "¿cuál es mi saldo?"
SSE = {"Accept": "text/event-stream"}


@dataclass(frozen=True, slots=True)
class Event:
    kind: str
    data: dict[str, Any]
    id: str | None


async def events(stream: httpx.Response) -> AsyncIterator[Event]:
    """The events of a stream, as they come."""
    fields: dict[str, str] = {}
    async for line in stream.aiter_lines():
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif "event" in fields:
            yield Event(fields["event"], orjson.loads(fields["data"]), fields.get("id"))
            fields = {}


async def streamed(talk: Talk, text: str, **headers: str) -> list[Event]:
    """Writes ``text`` and returns every event of the streamed answer."""
    url = f"/api/chats/{talk.chat}/messages"
    async with talk.desk.site.client.stream(
        "POST", url, json={"content": text}, headers=SSE | headers
    ) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        return [event async for event in events(answer)]


@asynccontextmanager
async def watching(
    talk: Talk, after: int = 0, seen: str | None = None
) -> AsyncIterator[AsyncIterator[Event]]:
    """The chat's events stream."""
    url = f"/api/chats/{talk.chat}/events?after={after}"
    headers = SSE | ({"Last-Event-ID": seen} if seen is not None else {})
    async with (
        asyncio.timeout(60),
        talk.desk.site.client.stream("GET", url, headers=headers) as answer,
    ):
        yield events(answer)


async def until(stream: AsyncIterator[Event], kind: str) -> Event:
    """The next event of a kind. Raises AssertionError when the stream ends without one."""
    async for event in stream:
        if event.kind == kind:
            return event
    raise AssertionError(f"the stream ended without {kind}")


def shown(found: list[Event]) -> str:
    """What a reader of the previews has before the message comes: a reset takes it away."""
    text = ""
    for event in found:
        text = "" if event.kind == "reset" else text + event.data["text"] if event.kind == "delta" else text
    return text


async def test_a_preview_then_the_message_then_the_reply(model_desk: Desk) -> None:
    talk = await Talk.begin(model_desk)
    model_desk.model.answer(
        "Tu saldo está bien. Mira https://evil.example/x y ![foto](https://evil.example/p)."
    )
    found = await streamed(talk, BALANCE)

    kinds = [event.kind for event in found]
    assert kinds[0] == "turn" and kinds[-1] == "reply" and kinds.count("delta") > 2
    assert kinds.index("delta") < kinds.index("message") < kinds.index("reply")
    [message] = [event.data for event in found if event.kind == "message"]
    reply = found[-1].data
    assert message["content"] == reply["content"]
    assert "saldo está bien" in shown(found)
    everything = orjson.dumps([event.data for event in found]).decode()
    assert "evil.example" not in everything  # neither the preview nor the message lets it out
    assert {event.data["turn"] for event in found} == {reply["turn"]}


async def test_without_a_model_the_message_comes_at_once(new_desk: OpenDesk) -> None:
    async with new_desk() as desk:
        talk = await Talk.begin(desk)
        found = await streamed(talk, BALANCE)
        kinds = [event.kind for event in found]
        assert "delta" not in kinds and kinds[-2:] == ["message", "reply"]
        assert "182.40" in found[-1].data["content"]
        handed = await streamed(talk, "¿cuánto cuesta el plan Pro?")
        assert [(e.data["from"], e.data["to"]) for e in handed if e.kind == "handoff"] == [
            ("royalties", "sales")
        ]


async def test_a_preview_that_breaks_off_is_withdrawn(model_desk: Desk) -> None:
    talk = await Talk.begin(model_desk)
    await talk.say(BALANCE, "182.40")
    model_desk.model.fail("cut_mid_stream")
    found = await streamed(talk, BALANCE)
    kinds = [event.kind for event in found]
    assert kinds.index("delta") < kinds.index("reset") < kinds.index("message")
    assert "182.40" in found[-1].data["content"]
    assert "mucho gusto" not in found[-1].data["content"]


async def test_a_person_who_takes_over_withdraws_the_preview(model_desk: Desk, demo_admin_url: str) -> None:
    """While the model writes its sentence a person takes the chat: what was shown goes, nothing is kept."""
    talk = await Talk.begin(model_desk)

    def taken_meanwhile(request: dict[str, Any]) -> str:
        with psycopg.connect(demo_admin_url, autocommit=True) as connection:
            connection.execute("UPDATE conversations SET owner = 'marta', version = version + 1")
        return "Claro, con mucho gusto te lo digo"

    model_desk.model.script(taken_meanwhile)
    found = await streamed(talk, BALANCE)
    kinds = [event.kind for event in found]
    assert kinds.index("delta") < kinds.index("reset")
    assert shown(found) == "" and "message" not in kinds
    assert (found[-1].kind, found[-1].data["mode"], found[-1].data["content"]) == ("reply", "silence", "")
    assert [message["content"] for message in await talk.messages()] == [BALANCE]


async def test_a_turn_that_lost_its_lease_withdraws_its_preview(
    model_desk: Desk, demo_admin_url: str
) -> None:
    """Another worker has the chat by the time the sentence is done: its answer is the only one kept."""
    talk = await Talk.begin(model_desk)
    said: list[str] = []

    def fenced_meanwhile(request: dict[str, Any]) -> str:
        said.append(f"Claro, con mucho gusto, respuesta {len(said) + 1}")
        if len(said) == 1:
            with psycopg.connect(demo_admin_url, autocommit=True) as connection:
                connection.execute(
                    "UPDATE conversations SET lease_token = nextval('lease_tokens'), due_at = now()"
                )
        return said[-1]

    model_desk.model.script(fenced_meanwhile)
    found = await streamed(talk, BALANCE)
    kinds = [event.kind for event in found]
    assert kinds.index("delta") < kinds.index("reset") < kinds.index("message")
    assert found[-1].data["content"] == said[-1] == "Claro, con mucho gusto, respuesta 2"
    assert [message["content"] for message in await talk.messages()] == [BALANCE, said[-1]]


async def test_the_desks_words_arrive_on_the_events_stream(desk: Desk) -> None:
    operator = desk.site.app.operator
    talk = await Talk.begin(desk)
    asked = await talk.say("quiero hablar con una persona", agent="human")
    number, last = asked["ticket"]["number"], asked["message_ids"][-1]

    async with watching(talk, after=last) as stream:
        await operator.take(DEMO, number, "marta")
        assert (await until(stream, "owner")).data == {"owner": "marta"}
        await operator.say(DEMO, number, "marta", "Hola Ana, soy Marta.")
        said = await until(stream, "message")
        assert (said.data["role"], said.data["name"], said.data["content"]) == (
            "operator", "marta", "Hola Ana, soy Marta.",
        )  # fmt: skip
        await operator.give_back(DEMO, number, "marta", "todo listo", "Te sigo atendiendo yo.")
        assert (await until(stream, "message")).data["content"] == "Te sigo atendiendo yo."

    # A reader who comes back gets what it missed, once.
    async with watching(talk, seen=said.id) as stream:
        assert (await until(stream, "message")).data["content"] == "Te sigo atendiendo yo."


async def test_two_readers_see_the_same_messages(model_desk: Desk) -> None:
    talk = await Talk.begin(model_desk)
    async with watching(talk) as first, watching(talk) as second:
        reply = await talk.say(BALANCE, "182.40")
        for stream in (first, second):
            got = [await until(stream, "message") for _ in range(1 + len(reply["message_ids"]))]
            assert [event.data["content"] for event in got] == [BALANCE, reply["content"]]
            assert [int(event.id or 0) for event in got] == sorted(int(event.id or 0) for event in got)


async def test_the_same_key_and_body_gets_the_same_reply(desk: Desk) -> None:
    talk = await Talk.begin(desk)
    key = {"Idempotency-Key": "order-1"}
    first = await talk.send(BALANCE, **key)
    calls = desk.model_calls
    again = await talk.send(BALANCE, **key)
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json()["content"] == first.json()["content"]
    assert again.json()["turn"] == first.json()["turn"]
    assert desk.model_calls == calls
    [replayed] = [event for event in await streamed(talk, BALANCE, **key) if event.kind == "reply"]
    assert replayed.data["turn"] == first.json()["turn"]

    # In another chat the same key is another message.
    other = await Talk.begin(desk)
    elsewhere = await other.send(BALANCE, **key)
    assert elsewhere.json()["turn"] != first.json()["turn"]


async def test_the_same_key_with_another_body_is_refused(desk: Desk) -> None:
    talk = await Talk.begin(desk)
    key = {"Idempotency-Key": "order-1"}
    await talk.send(BALANCE, **key)
    refused = await talk.send("quiero retirar todo mi saldo", **key)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "key_reused")
    again = await talk.send("quiero retirar todo mi saldo", **key, Accept="text/event-stream")
    assert (again.status_code, again.json()) == (422, refused.json())
    assert len(await rows(desk, "SELECT 1 AS one FROM turns")) == 1


async def test_a_key_that_is_none_is_refused(new_desk: OpenDesk) -> None:
    async with new_desk() as desk:
        talk = await Talk.begin(desk)
        for key in (b"", "con ñ".encode(), b"x" * 201):
            answer = await desk.site.client.post(
                f"/api/chats/{talk.chat}/messages",
                json={"content": BALANCE},
                headers={b"Idempotency-Key": key},
            )
            assert answer.status_code == 422, key
        assert await rows(desk, "SELECT 1 AS one FROM turns") == []


async def test_ten_at_once_with_one_key_are_one_turn(desk: Desk) -> None:
    talk = await Talk.begin(desk)
    answers = await asyncio.gather(*(talk.send(BALANCE, **{"Idempotency-Key": "once"}) for _ in range(10)))
    assert [answer.status_code for answer in answers] == [200] * 10
    assert len({answer.json()["turn"] for answer in answers}) == 1
    assert len({answer.json()["content"] for answer in answers}) == 1
    [counted] = await rows(
        desk,
        "SELECT (SELECT count(*) FROM turns) AS turns,"
        " (SELECT count(*) FROM messages WHERE role = 'customer') AS messages",
    )
    assert (counted["turns"], counted["messages"]) == (1, 1)
    assert len(await talk.messages()) == 2


async def test_a_burst_gets_one_answer(desk: Desk) -> None:
    """Messages written while a turn is busy share the next one's reply, in the order they came."""
    talk = await Talk.begin(desk)
    texts = ["hola", "una pregunta", BALANCE]
    answers = await asyncio.gather(*(talk.send(text) for text in texts))
    assert [answer.status_code for answer in answers] == [200] * 3
    assert await rows(desk, "SELECT 1 AS one FROM messages WHERE state <> 'done' AND role = 'customer'") == []
    assert any("182.40" in answer.json()["content"] for answer in answers)
