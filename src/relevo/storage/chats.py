"""Chats: conversations that are read where they are written, on the web and through the API."""

from dataclasses import dataclass, replace
from typing import Any

from relevo.domain.ids import AgentName, ChannelName, ConversationId, MessageId, ProjectId, new_id
from relevo.domain.message import InboundMessage
from relevo.storage.database import Connection
from relevo.storage.inbox import begin_conversation
from relevo.storage.people import person_for


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat as its reader sees it."""

    id: ConversationId
    channel: ChannelName
    address: str
    agent: AgentName | None
    owner: str | None
    ticket: int | None
    version: int


async def open_chat(connection: Connection, draft: InboundMessage) -> ConversationId:
    """Opens an idle chat for whoever ``draft`` says is speaking; its id ends the chat's address."""
    chat = ConversationId(new_id("c"))
    address = f"{draft.address}/{chat}" if draft.address else chat
    draft = replace(draft, address=address)
    await begin_conversation(connection, draft, chat, await person_for(connection, draft))
    return chat


async def read_chat(connection: Connection, project: ProjectId, chat: ConversationId) -> Chat | None:
    row = await (
        await connection.execute(
            """
            SELECT c.id, c.channel, c.address, c.state ->> 'agent' AS agent, c.owner, c.version,
                   (SELECT max(number) FROM tickets t WHERE t.project_id = c.project_id
                      AND t.conversation_id = c.id AND t.state <> 'closed') AS ticket
            FROM conversations c WHERE c.project_id = %s AND c.id = %s
            """,
            (project, chat),
        )
    ).fetchone()
    if row is None:
        return None
    return Chat(
        ConversationId(row["id"]), ChannelName(row["channel"]), row["address"], row["agent"], row["owner"],
        row["ticket"], row["version"],
    )  # fmt: skip


async def read_answer(
    connection: Connection, project: ProjectId, message: MessageId
) -> dict[str, Any] | None:
    """The reply to a message, as the turn that answered it was recorded; None while there is none."""
    turn = await (
        await connection.execute(
            "SELECT t.* FROM messages m JOIN turns t ON t.project_id = m.project_id AND t.id = m.turn_id"
            " WHERE m.project_id = %s AND m.id = %s AND m.state = 'done'",
            (project, message),
        )
    ).fetchone()
    if turn is None:
        return None
    said = await (
        await connection.execute(
            "SELECT id, body FROM messages WHERE project_id = %s AND conversation_id = %s AND turn_id = %s"
            " AND role = 'agent' ORDER BY id",
            (project, turn["conversation_id"], turn["id"]),
        )
    ).fetchall()
    return {**turn, "messages": [(row["id"], row["body"]) for row in said]}
