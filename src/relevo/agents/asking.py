"""How code asks the model on a turn's account: bounded in calls, each call on the record."""

from collections.abc import Callable
from dataclasses import dataclass, field

from relevo.domain.clock import Deadline
from relevo.llm.errors import ModelError
from relevo.llm.port import Account, Model, ModelCall, ModelReply, ModelRequest

MOST_OF_ONE = 4
"""Wire calls that one question may take at most (relevo.llm.ladder)."""


class OutOfCalls(ModelError):
    """The work has made as many calls to the model as it may."""

    kind = "out_of_calls"


@dataclass(slots=True)
class Asking:
    """The model as one piece of work may use it. ``calls`` is the record of those made.

    A question is not asked where it could take the work over ``most`` wire calls. ``clean`` takes out of a
    text what must not leave (images, links): whatever a model wrote goes through it.
    """

    model: Model
    deadline: Deadline
    account: Account
    clean: Callable[[str], str]
    most: int | None = None
    calls: list[ModelCall] = field(default_factory=list)

    @property
    def made(self) -> int:
        """Wire calls so far."""
        return sum(call.wire_calls for call in self.calls)

    async def ask(self, request: ModelRequest, on_text: Callable[[str], None] | None = None) -> ModelReply:
        """See ``Model.ask``. Raises OutOfCalls too."""
        if self.most is not None and self.made + MOST_OF_ONE > self.most:
            raise OutOfCalls(f"{self.made} of {self.most} calls are made")
        try:
            reply = await self.model.ask(request, self.deadline, on_text)
        except ModelError as error:
            self.calls.extend(error.calls)
            raise
        self.calls.extend(reply.calls)
        return reply
