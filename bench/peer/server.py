"""The usual choice behind FastAPI: a LangGraph swarm of two agents whose state PostgreSQL keeps.

Written as its own documentation shows it. It runs in an environment of its own (bench/peer/requirements.txt),
with MODEL_URL and DATABASE_URL set:  uvicorn server:app
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from langchain.agents import create_agent
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.graph.state import CompiledStateGraph
from langgraph_swarm import create_handoff_tool, create_swarm
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool
from pydantic import BaseModel

SALES = (
    "Atiendes Ventas en una distribuidora de música. Responde en español, breve y cordial. Los precios los "
    "da get_price, no los inventes. Si la persona tiene un problema con su música, pásala a soporte."
)
SUPPORT = (
    "Atiendes Soporte en una distribuidora de música. Responde en español, paso a paso. check_status dice "
    "cómo está un lanzamiento. Si la persona pregunta por precios, pásala a ventas."
)


@tool
def get_price(plan: str) -> str:
    """Precio de un plan, por su nombre."""
    return f"Plan {plan}: 49.99 USD al año, lanzamientos sin límite, se conserva el 100 % de las regalías."


@tool
def check_status(release: str) -> str:
    """Estado de un lanzamiento, por su título."""
    return f"{release}: entregado a Spotify, Apple Music y YouTube; en revisión en Deezer, uno a tres días."


def build(saver: AsyncPostgresSaver) -> CompiledStateGraph:
    """Two agents, each with a tool and a way to the other."""
    model = ChatOpenAI(
        model="stub", base_url=os.environ["MODEL_URL"], api_key="none", use_responses_api=False, max_retries=0
    )
    to_support, to_sales = create_handoff_tool(agent_name="support"), create_handoff_tool(agent_name="sales")
    sales = create_agent(model, [get_price, to_support], system_prompt=SALES, name="sales")
    support = create_agent(model, [check_status, to_sales], system_prompt=SUPPORT, name="support")
    return create_swarm([sales, support], default_active_agent="sales").compile(checkpointer=saver)


@asynccontextmanager
async def lifespan(served: FastAPI) -> AsyncIterator[None]:
    async with AsyncConnectionPool(
        os.environ["DATABASE_URL"],
        min_size=1,
        max_size=10,
        open=False,
        kwargs={"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row},
    ) as pool:
        saver = AsyncPostgresSaver(pool)
        await saver.setup()
        served.state.graph = build(saver)
        yield


app = FastAPI(lifespan=lifespan)


class Message(BaseModel):
    conversation: str
    content: str


class Reply(BaseModel):
    content: str


class Past(BaseModel):
    """A conversation as it was: pairs of what was said and answered."""

    conversation: str
    turns: list[tuple[str, str]]


def _thread(conversation: str) -> RunnableConfig:
    return {"configurable": {"thread_id": conversation}}


@app.post("/chat")
async def chat(message: Message) -> Reply:
    done = await app.state.graph.ainvoke(
        {"messages": [HumanMessage(message.content)]}, _thread(message.conversation)
    )
    return Reply(content=done["messages"][-1].content)


@app.post("/past")
async def past(given: Past) -> dict[str, int]:
    """Writes a past at once, so that nobody has to wait until it has been talked through."""
    messages: list[AnyMessage] = []
    for said, answered in given.turns:
        messages += [HumanMessage(said), AIMessage(answered)]
    values = {"messages": messages, "active_agent": "sales"}
    await app.state.graph.aupdate_state(_thread(given.conversation), values, as_node="sales")
    return {"messages": len(messages)}


@app.get("/ready")
async def is_ready() -> dict[str, bool]:
    return {"ready": True}
