"""What identifies a thing: one type per kind of id, so that swapped ids fail in mypy."""

import os
import time
from typing import NewType

ProjectId = NewType("ProjectId", str)
ConversationId = NewType("ConversationId", str)
PersonId = NewType("PersonId", str)
MessageId = NewType("MessageId", int)
TurnId = NewType("TurnId", str)
TicketId = NewType("TicketId", str)
AgentName = NewType("AgentName", str)
ChannelName = NewType("ChannelName", str)
CustomerRef = NewType("CustomerRef", str)
DocumentId = NewType("DocumentId", str)


def new_id(prefix: str) -> str:
    """A new id such as ``c_0199f2…``: a prefix, 48 bits of Unix milliseconds, 80 random bits, in hex.

    Ids made later sort later (the layout of UUID version 7, RFC 9562 section 5.7, without its version
    bits), so that they fill an index from one end.
    """
    return f"{prefix}_{time.time_ns() // 1_000_000:012x}{os.urandom(10).hex()}"
