"""Chats: open one, write in it, read it, watch it, and see how an answer came about."""

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from relevo.api.errors import ApiError
from relevo.api.models import ChatCreated, Messages, NewChat, NewMessage, Reply, Waiting
from relevo.api.principal import Caller, Principal, principal
from relevo.api.proofs import Customer, customer_of_token, may_see, proof_of, scope_of
from relevo.api.proxies import app_of
from relevo.api.replies import Awaited, news, stored_reply
from relevo.api.sse import SSE, Stream, frame, watch_chat
from relevo.app import App
from relevo.domain.ids import ConversationId, MessageId, TurnId
from relevo.domain.message import InboundMessage
from relevo.insight.metrics import MESSAGES
from relevo.pipeline.receive import TooMany, receive_in_chat
from relevo.queue.live import Event
from relevo.storage.chats import Chat, open_chat, read_chat
from relevo.storage.history import read_after
from relevo.storage.inbox import Stored
from relevo.storage.turns import read_turn

router = APIRouter(prefix="/api", tags=["chats"])

PAGE = 200


@router.post("/chats", status_code=201, summary="Open a chat")
async def create_chat(request: Request, caller: Caller, new: NewChat | None = None) -> ChatCreated:
    app = app_of(request)
    customer = await _customer(app, caller, new or NewChat.model_validate({}))
    draft = InboundMessage(
        caller.project,
        caller.channel,
        scope_of(caller, customer),
        "",
        "",
        customer.name if customer else None,
        customer.ref if customer else None,
    )
    async with app.database.project(caller.project) as connection:
        chat = await open_chat(connection, draft)
    return ChatCreated(chat_id=chat, customer={"name": customer.name} if customer else None)


async def _customer(app: App, caller: Principal, new: NewChat) -> Customer | None:
    if new.customer_token is not None:
        return customer_of_token(app, caller.project, new.customer_token)
    if new.speak_as is None or new.speak_as == "stranger":
        return None
    team = await app.team_of(caller.project)
    person = team.demo_people.get(new.speak_as)
    if not app.settings.demo or person is None:
        raise ApiError(422, "unreadable", f"nobody called {new.speak_as!r} to speak as")
    return Customer(person.customer, person.name)


@router.post(
    "/chats/{chat_id}/messages",
    response_model=Reply,
    summary="Write a message and get its reply",
    responses={
        200: {"content": {SSE: {"schema": {"type": "string"}}}},
        202: {"model": Waiting, "description": "The turn goes on past its deadline"},
    },
)
async def write_message(
    request: Request,
    caller: Caller,
    chat_id: str,
    new: NewMessage,
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
    accept: Annotated[str | None, Header()] = None,
) -> Response:
    """With ``Accept: text/event-stream`` the reply is streamed: events turn, delta, reset, handoff, tool,
    message, and last ``reply``, which holds what the JSON answer would."""
    app = app_of(request)
    if not new.content.strip():
        raise ApiError(422, "empty")
    if len(new.content) > app.settings.max_message_chars:
        raise ApiError(413, "too_long", {"most": app.settings.max_message_chars})
    chat = await _writable(request, caller, chat_id)
    if SSE in (accept or ""):
        return await _stream(app, caller, chat, new.content, idempotency_key)
    async with app.live.watch(caller.project, chat, previews=False) as queue:
        stored = await _store(app, caller, chat, new.content, idempotency_key)
        awaited = Awaited(caller.project, chat, stored.message)
        reply = None if stored.fresh else await stored_reply(app, awaited)
        if reply is None:
            async for event in news(app, awaited, queue):
                if event.kind == "committed":
                    reply = event.data["reply"]
    if reply is None:
        link = f"/api/chats/{chat}/messages?after={stored.message}"
        return JSONResponse(Waiting(messages=link).model_dump(), 202)
    return Response(orjson.dumps(reply, default=str), media_type="application/json")


async def _stream(
    app: App, caller: Principal, chat: ConversationId, content: str, key: str | None
) -> Response:
    """Takes the message in, which may still be refused with a status, and then streams its reply."""
    async with AsyncExitStack() as stack:
        queue = await stack.enter_async_context(app.live.watch(caller.project, chat))
        stored = await _store(app, caller, chat, content, key)
        awaited = Awaited(caller.project, chat, stored.message)
        known = None if stored.fresh else await stored_reply(app, awaited)
        return Stream(_frames(app, awaited, known, queue), stack.pop_all())


async def _frames(
    app: App, awaited: Awaited, known: dict[str, Any] | None, queue: "asyncio.Queue[Event]"
) -> AsyncIterator[bytes]:
    if known is not None:
        yield frame("reply", known)
        return
    async for event in news(app, awaited, queue):
        if event.kind == "committed":
            yield frame("reply", event.data["reply"])
        else:
            yield frame(event.kind, {"turn": event.turn, **event.data})


async def _chat(request: Request, caller: Principal, chat_id: str) -> Chat:
    """The chat, if it is the caller's. Raises ApiError 404, alike for unknown and for foreign ones."""
    app = app_of(request)
    async with app.database.project(caller.project) as connection:
        chat = await read_chat(connection, caller.project, ConversationId(chat_id.replace("\x00", "")))
    proof = proof_of(request, caller)
    if chat is None or not may_see(caller, chat, proof, app.clock.now().timestamp()):
        raise ApiError(404, "not_found")
    return chat


async def _writable(request: Request, caller: Principal, chat_id: str) -> ConversationId:
    """The chat to write in. A visitor's or a member's is looked up first: it may have ended for them. To a
    key every chat of its project is open, and ``_store`` finds out whether this is one: it needs no look.

    Raises ApiError 404 as ``_chat`` does.
    """
    if caller.scope:
        return (await _chat(request, caller, chat_id)).id
    return ConversationId(chat_id.replace("\x00", ""))


async def _store(app: App, caller: Principal, chat: ConversationId, content: str, key: str | None) -> Stored:
    """Takes the message in. The idempotency key, within its chat, is the inbox key: it never expires.

    Raises ApiError: 404, alike for unknown and for foreign chats, and what write_message lists.
    """
    if key is not None and (not key or not key.isascii() or not key.isprintable()):
        raise ApiError(422, "bad_key")
    hashed = hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()
    message = InboundMessage(
        project=caller.project,
        channel=caller.channel,
        address=f"{caller.scope}/" if caller.scope else "",
        provider_id=f"{chat}:{key or secrets.token_hex(16)}",
        text=content,
        meta={"body": hashed} if key else {},
    )
    most, lease = app.settings.max_messages_per_minute, app.settings.lease_seconds
    try:
        stored = await receive_in_chat(app.database, app.wakeups, message, chat, per_minute=most, lease=lease)
    except TooMany as error:
        MESSAGES.labels(caller.channel, "limited").inc()
        raise ApiError(429, "too_many", headers={"Retry-After": "60"}) from error
    if stored is None:
        raise ApiError(404, "not_found")
    MESSAGES.labels(caller.channel, "stored" if stored.fresh else "repeated").inc()
    if not stored.fresh and stored.meta.get("body") != hashed:
        raise ApiError(422, "key_reused")
    if stored.state == "dead":
        raise ApiError(500, "failed")
    return stored


@router.get("/chats/{chat_id}/messages", summary="Read a chat")
async def read_messages(
    request: Request, caller: Caller, chat_id: str, after: Annotated[int, Query(ge=0, lt=2**63)] = 0
) -> Messages:
    app = app_of(request)
    chat = await _chat(request, caller, chat_id)
    async with app.database.project(caller.project) as connection:
        rows = await read_after(connection, caller.project, chat.id, MessageId(after), PAGE)
    return Messages.model_validate(
        {
            "messages": [message_out(row) for row in rows],
            "agent": chat.agent,
            "owner": chat.owner,
            "ticket": {"number": chat.ticket} if chat.ticket else None,
        }
    )


def message_out(row: dict[str, Any]) -> dict[str, Any]:
    """A stored message as the API shows it."""
    agent = row["role"] == "agent"
    return {
        "id": row["id"],
        "role": row["role"],
        "agent": row["name"] if agent else None,
        "name": None if agent else row["name"],
        "content": row["body"],
        "at": row["created_at"].isoformat(),
        "turn": row["turn_id"],
        "kind": row["meta"].get("kind", "answer"),
    }


@router.get("/chats/{chat_id}/events", summary="Watch a chat", response_class=StreamingResponse)
async def watch(
    request: Request,
    caller: Caller,
    chat_id: str,
    after: Annotated[int, Query(ge=0, lt=2**63)] = 0,
    last_event_id: Annotated[int | None, Header(ge=0, lt=2**63)] = None,
) -> StreamingResponse:
    app = app_of(request)
    chat = await _chat(request, caller, chat_id)
    seen = after if last_event_id is None else last_event_id

    async def still_theirs() -> bool:
        try:
            return (await _chat(request, await principal(request), chat_id)).id == chat.id
        except ApiError:
            return False

    return Stream(watch_chat(app, caller.project, chat, MessageId(seen), message_out, still_theirs))


@router.get("/chats/{chat_id}/turns/{turn_id}", summary="See how a turn was answered")
async def trace(request: Request, caller: Caller, chat_id: str, turn_id: str) -> dict[str, Any]:
    """Signals, decision, memory, tools, model calls, cost and times. Visitors see it only in the demo."""
    app = app_of(request)
    if caller.scope and not app.settings.demo:
        raise ApiError(404, "not_found")
    chat = await _chat(request, caller, chat_id)
    async with app.database.project(caller.project) as connection:
        turn = await read_turn(connection, caller.project, chat.id, TurnId(turn_id.replace("\x00", "")))
    if turn is None:
        raise ApiError(404, "not_found")
    decision = {name: turn[name] for name in ("route", "agent", "reason", "rule")}
    return {
        "turn": turn["id"],
        "agent": turn["agent"],
        "mode": turn["mode"],
        "milliseconds": round(turn["milliseconds"], 2),
        "decision": decision,
        "cost_usd": float(turn["cost_usd"]),
        **turn["trace"],
    }
