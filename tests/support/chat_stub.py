"""A small in-memory server with the chat page's API, with faults on demand: for working on the page alone.

Run it with ``python -m tests.support.chat_stub 8123`` and open http://127.0.0.1:8123.
"""

import asyncio
import itertools
import json
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Header, HTTPException, Request
from fastapi.responses import FileResponse, JSONResponse, Response, StreamingResponse
from fastapi.staticfiles import StaticFiles

import relevo

STATIC = Path(relevo.__file__).parent / "api" / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
AGENTS = {
    "sales": ("Ventas", "Sales"),
    "support": ("Soporte", "Support"),
    "royalties": ("Regalías", "Royalties"),
}
PEOPLE = {"ana": "Ana Torres · Ana Luz", "bruno": "Bruno Díaz · Los Faroles", "carla": "Carla Mena · Carla M"}
ANSWERS = {
    "sales": (
        "Tenemos tres planes al mes:\n\n• Básico, $19.99: 1 artista y lanzamientos ilimitados.\n"
        "• Pro, $49.99: hasta 5 artistas, fecha de estreno y reportes diarios.\n"
        "• Label, $99.99: artistas ilimitados y adelantos.\n\n¿Para cuántos artistas lo necesitas?"
    ),
    "support": (
        "Veo que «Marea Alta» está rechazado en Spotify: la portada mide 1400 × 1400 y piden al menos "
        "3000 × 3000. Si subes una nueva hoy, se vuelve a enviar esta tarde."
    ),
    "royalties": (
        "Tu saldo disponible es $412.37 USD. El último pago fue de $180.20 el 15 de agosto. "
        "¿Quieres retirarlo?"
    ),
}


@dataclass
class Talk:
    """One chat: what is said in it and who listens."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    traces: dict[str, dict[str, Any]] = field(default_factory=dict)
    replies: dict[str, dict[str, Any]] = field(default_factory=dict)
    listeners: list[asyncio.Queue[tuple[str, dict[str, Any]]]] = field(default_factory=list)
    agent: str | None = None
    owner: str | None = None
    ticket: dict[str, int] | None = None


@dataclass
class World:
    """All state of the stub. ``faults`` are answers for the next sends: status and Retry-After."""

    talks: dict[str, Talk] = field(default_factory=dict)
    ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    faults: list[tuple[int, int | None]] = field(default_factory=list)
    keys: Counter[str] = field(default_factory=Counter)
    events_off: bool = False
    step: float = 0.03
    model: bool = False

    def say(self, talk: Talk, **values: Any) -> dict[str, Any]:
        message = {
            "id": next(self.ids),
            "agent": None,
            "name": None,
            "at": datetime.now(UTC).isoformat(),
            "turn": None,
            "kind": "answer",
            **values,
        }
        talk.messages.append(message)
        publish(talk, "message", message)
        return message


def publish(talk: Talk, event: str, data: dict[str, Any]) -> None:
    for queue in talk.listeners:
        queue.put_nowait((event, data))


def intent_of(text: str) -> str:
    words = text.lower()
    if any(word in words for word in ("persona", "person", "human")):
        return "human"
    if any(word in words for word in ("portada", "lanzamiento", "problema", "cover", "release")):
        return "support"
    if any(word in words for word in ("saldo", "pago", "pagado", "balance", "retirar")):
        return "royalties"
    return "sales"


def trace_of(turn: str, agent: str, intent: str, handoff: tuple[str, str] | None) -> dict[str, Any]:
    others = dict.fromkeys((*AGENTS, "human", "other", "attack"), 0.04)
    return {
        "turn": turn,
        "agent": agent,
        "mode": "playbook",
        "milliseconds": 184.6,
        "signals": {
            "language": "es",
            "intent": intent,
            "confidence": 0.91,
            "sentiment": "negative",
            "sentiment_score": -0.42,
            "priority": 5.4,
            "urgent": False,
            "implications": {"security": 0.0, "financial": 4.5, "legal": 0.5, "operational": 3.0},
            "scores": {**others, intent: 0.91},
            "source": "local",
            "reasons": ["needs it today", "una palabra del modelo"],
        },
        "decision": {
            "route": "human" if intent == "human" else "agent",
            "agent": agent,
            "reason": "the person asks for a person"
            if intent == "human"
            else f"{intent} with confidence 0.91",
            "rule": "asks_person" if intent == "human" else "intent",
        },
        "memory": {
            "session_messages": 6,
            "history_messages": 18,
            "profile": {"name": "Ana Torres", "plan": "Básico", "plan_of_interest": "Pro"},
            "facts": {"genre": "indie pop"},
            "tickets": 1,
        },
        "tools": [
            {
                "name": "check_release_status",
                "arguments": {"title": "Marea Alta"},
                "result": {
                    "title": "Marea Alta",
                    "stores": [
                        {"store": "Spotify", "state": "rejected", "reason": "artwork 1400×1400"},
                        {"store": "Apple Music", "state": "delivered", "reason": None},
                    ],
                },
                "ok": True,
                "milliseconds": 3.8,
            }
        ],
        "calls": [
            {
                "model": "gpt-mini",
                "purpose": "answer",
                "wire_calls": 2,
                "input_tokens": 1240,
                "output_tokens": 96,
                "cost_usd": 0.000244,
                "milliseconds": 812.0,
                "error": "429, una vez",
            }
        ]
        if agent == "support"
        else [],
        "handoffs": [
            {
                "giver": handoff[0],
                "receiver": handoff[1],
                "kind": "explicit" if handoff[1] == "human" else "implicit",
                "reason": "the person asks for a person"
                if handoff[1] == "human"
                else f"{intent} with confidence 0.91",
                "digest_before": "9f2c11d07be4aa",
                "digest_after": "9f2c11d07be4aa",
            }
        ]
        if handoff
        else [],
        "cost_usd": 0.000244 if agent == "support" else 0,
        "steps": [
            {"name": "recall", "milliseconds": 6.1},
            {"name": "triage", "milliseconds": 1.4},
            {"name": "route", "milliseconds": 0.1},
            {"name": "answer", "milliseconds": 168.0},
            {"name": "commit", "milliseconds": 9.0},
        ],
    }


async def take_turn(world: World, talk: Talk, content: str, turn: str) -> dict[str, Any]:
    """Plays one turn with its events; returns the reply."""
    intent = intent_of(content)
    agent = intent if intent in AGENTS else talk.agent or "sales"
    handoff = (talk.agent, agent) if talk.agent and talk.agent != agent else None
    passed = (agent, "human") if intent == "human" else handoff
    publish(talk, "turn", {"turn": turn, "agent": talk.agent or agent})
    await asyncio.sleep(world.step * 12)
    if handoff:
        publish(talk, "handoff", {"turn": turn, "from": handoff[0], "to": handoff[1]})
    text = ANSWERS[agent]
    kind = "answer"
    if intent == "human":
        talk.ticket = talk.ticket or {"number": 7}
        kind = "notice"
        text = (
            "Ya avisé a una persona del equipo: tu ticket es el 7. Estamos en horario de atención: te "
            "escribe por aquí en cuanto quede libre, hoy mismo. Mientras tanto sigo aquí."
        )
    elif agent == "support":
        publish(talk, "tool", {"turn": turn, "name": "check_release_status"})
        await asyncio.sleep(world.step * 10)
    for word in text.split(" "):
        publish(talk, "delta", {"turn": turn, "text": word + " "})
        await asyncio.sleep(world.step)
    ids = []
    if handoff:
        title = AGENTS[agent][0]
        sentence = f"Te paso con {title}, que lleva este tema."
        said = world.say(talk, role="agent", agent=handoff[0], content=sentence, turn=turn, kind="transition")
        ids.append(said["id"])
    talk.agent = agent
    talk.traces[turn] = trace_of(turn, agent, intent, passed)
    ids.append(world.say(talk, role="agent", agent=agent, content=text, turn=turn, kind=kind)["id"])
    if intent == "human":
        publish(talk, "ticket", {"number": 7})
    return {
        "content": text,
        "agent": agent,
        "signals": {"language": "en" if "the" in content.split() else "es", "intent": intent},
        "mode": "playbook",
        "handoffs": [],
        "ticket": talk.ticket,
        "turn": turn,
        "message_ids": ids,
    }


async def stream(world: World, talk: Talk) -> AsyncIterator[str]:
    queue: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue()
    talk.listeners.append(queue)
    yield ": open\n\n"
    try:
        while not world.events_off:
            event, data = await queue.get()
            yield f"event: {event}\ndata: {json.dumps(data)}\n\n"
    finally:
        talk.listeners.remove(queue)


def refuse(status: int, code: str, spanish: str, english: str, retry_after: int | None = None) -> Response:
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    error = {"code": code, "message": {"es": spanish, "en": english}}
    return JSONResponse({"error": error}, status_code=status, headers=headers)


def create_stub(world: World) -> FastAPI:
    app = FastAPI()

    def talk_of(chat_id: str) -> Talk:
        if chat_id not in world.talks:
            raise HTTPException(404)
        return world.talks[chat_id]

    @app.middleware("http")
    async def headers(request: Request, call_next: Any) -> Response:
        response: Response = await call_next(request)
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["Cache-Control"] = "no-store"
        return response

    @app.get("/")
    async def page() -> FileResponse:
        return FileResponse(STATIC / "chat.html")

    @app.get("/api/session")
    async def session() -> dict[str, Any]:
        return {
            "project": "demo",
            "team": {"es": "Relevo Música", "en": "Relevo Music"},
            "agents": [{"name": name, "title": {"es": es, "en": en}} for name, (es, en) in AGENTS.items()],
            "demo": True,
            "people": [{"name": name, "label": label, "language": "es"} for name, label in PEOPLE.items()],
            "model": world.model,
            "trace": True,
            "max_message_chars": 4000,
            "links": ["artists.spotify.com"],
        }

    @app.post("/api/chats", status_code=201, response_model=None)
    async def create(request: Request) -> Any:
        asked = await request.json()
        name = asked["as"]
        if asked.get("customer_token") is not None:
            return refuse(422, "bad_token", "El customer_token no es válido.", "The token is not valid.")
        chat_id = f"c_{next(world.ids)}"
        world.talks[chat_id] = Talk()
        customer = {"name": PEOPLE[name].split(" ·")[0]} if name else None
        return {"chat_id": chat_id, "customer": customer}

    @app.get("/api/chats/{chat_id}/messages", response_model=None)
    async def listing(chat_id: str, after: int = 0) -> Any:
        if chat_id not in world.talks:
            return refuse(404, "unknown_chat", "No existe.", "Unknown.")
        talk = world.talks[chat_id]
        messages = [message for message in talk.messages if message["id"] > after]
        return {"messages": messages, "agent": talk.agent, "owner": talk.owner, "ticket": talk.ticket}

    @app.post("/api/chats/{chat_id}/messages", response_model=None)
    async def send(chat_id: str, request: Request, idempotency_key: str = Header()) -> Any:
        if chat_id not in world.talks:
            return refuse(404, "unknown_chat", "No existe.", "Unknown.")
        talk = world.talks[chat_id]
        world.keys[idempotency_key] += 1
        if world.faults:
            status, retry_after = world.faults.pop(0)
            return refuse(status, "fault", "Ahora no podemos.", "We can't right now.", retry_after)
        if idempotency_key in talk.replies:
            return talk.replies[idempotency_key]
        content = (await request.json())["content"]
        world.say(talk, role="customer", content=content)
        if talk.owner:
            return {
                "content": "",
                "agent": None,
                "signals": {"language": "es"},
                "mode": "silence",
                "turn": None,
            }
        reply = await take_turn(world, talk, content, f"t_{next(world.ids)}")
        talk.replies[idempotency_key] = reply
        return reply

    @app.get("/api/chats/{chat_id}/events", response_model=None)
    async def events(chat_id: str) -> Response:
        if world.events_off:
            return refuse(503, "off", "No.", "No.")
        return StreamingResponse(stream(world, talk_of(chat_id)), media_type="text/event-stream")

    @app.get("/api/chats/{chat_id}/turns/{turn}")
    async def turn_trace(chat_id: str, turn: str) -> dict[str, Any]:
        return talk_of(chat_id).traces[turn]

    @app.post("/stub/{verb}")
    async def desk(verb: str, text: str = "") -> None:
        """Does to every chat what a person at the desk would: take, say, return, close."""
        for talk in world.talks.values():
            if verb == "take":
                talk.owner = "Lucía"
                publish(talk, "owner", {"owner": "Lucía"})
            elif verb == "say":
                world.say(talk, role="operator", name="Lucía", content=text)
            elif verb == "return":
                talk.owner = None
                world.say(talk, role="system", name="Lucía", content=f"Te sigo atendiendo yo. {text}".strip())
                publish(talk, "owner", {"owner": None})
            elif verb == "close":
                talk.owner, talk.ticket = None, None
                publish(talk, "owner", {"owner": None})
                publish(talk, "ticket", {"number": None})

    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    return app


if __name__ == "__main__":
    uvicorn.run(create_stub(World()), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
