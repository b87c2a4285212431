"""Relevo: teams of AI agents that talk with people."""

import os

# What is read back from LangGraph's checkpoints may not import and call whatever is named in them.
os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")
