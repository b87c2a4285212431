"""A tool: a typed function an agent may call, by a model's wish or by a play's.

A tool is an async function whose first parameter is the ToolContext and whose other parameters become the
JSON schema the model sees. Who is speaking comes from the context, never from an argument.

    @tool()
    async def get_plans(context: ToolContext) -> dict[str, Any]:
        "The plans with their prices."

    @tool(effect=True)            # changes something: recorded once per (message, tool, arguments)
    async def create_ticket(context: ToolContext, subject: str) -> dict[str, Any]: ...

    @tool(confirm=True)           # proposes; what it does happens only after the person says yes
    async def request_withdrawal(context: ToolContext, amount: Decimal | None = None) -> Proposal: ...

    @request_withdrawal.confirmed
    async def withdraw(context: ToolContext, amount: Decimal) -> dict[str, Any]: ...
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from relevo.agents.asking import Asking
from relevo.domain.clock import Clock
from relevo.domain.conversation import ConversationState, Person, digest
from relevo.domain.ids import AgentName, ConversationId, CustomerRef, MessageId, ProjectId
from relevo.domain.message import Said
from relevo.domain.signals import Language
from relevo.llm.port import ToolSpec

Service = TypeVar("Service")
ToolFunction = Callable[..., Awaitable[Any]]


class ToolError(Exception):
    """The tool could not do it; ``texts`` says why to the person, by language. ``code`` names the reason.

    ``person=True`` among the details: the texts promise one, and one is fetched.
    """

    def __init__(self, code: str, texts: Mapping[str, str], **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.texts = texts
        self.details = details


class NotIdentified(ToolError):
    """The matter needs a known customer, and this conversation has none."""

    def __init__(self) -> None:
        super().__init__(
            "not_identified",
            {
                "es": "Para ver datos de una cuenta necesito saber quién eres: escríbenos desde el WhatsApp "
                "registrado en tu cuenta o inicia sesión en la web y abre el chat desde ahí.",
                "en": "To look at an account I need to know who you are: write to us from the WhatsApp "
                "number registered on your account, or sign in on the website and open the chat from there.",
            },
        )


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a confirmable tool would do: the exact ``arguments`` code computed, and what to show."""

    arguments: dict[str, Any]
    shown: dict[str, Any]


def _nobody_watches(kind: str, /, **data: Any) -> None:
    """Where no turn is watched."""


@dataclass(slots=True)
class ToolContext:
    """The conversation a tool is called in. ``message`` is the oldest customer message of the turn."""

    project: ProjectId
    conversation: ConversationId
    person: Person
    agent: AgentName
    language: Language
    state: ConversationState
    message: MessageId
    clock: Clock
    services: Mapping[type[Any], Any]
    idempotency_key: str = ""
    """Set while an effect runs: the same key comes again when a turn is run again after a crash."""
    learned: dict[str, Any] = field(default_factory=dict)
    asking: Asking | None = None
    """The model as the tool may use it; None where there is none, or the tool's agent speaks by itself."""
    recent: Sequence[Said] = ()
    """The talk so far, where the tool's agent answers by code."""
    publish: Callable[..., None] = _nobody_watches
    """Tells whoever watches the turn: ``publish(kind, **data)``. Losing it loses nothing."""
    preview: Callable[[str], None] | None = None
    """Shows text while it is written, in pieces ("" takes it back); None where nobody watches."""

    def customer(self) -> CustomerRef:
        """The proved customer. Raises NotIdentified for a person we do not know."""
        if self.person.customer is None:
            raise NotIdentified
        return self.person.customer

    def service(self, kind: type[Service]) -> Service:
        """The team's service of this type. Raises KeyError when the team has none."""
        return cast("Service", self.services[kind])

    def learn(self, slot: str, value: Any) -> None:
        """Keeps a fact of this conversation, for the other agents and the person's profile."""
        self.learned[slot] = value

    def key_for(self, tool: str, arguments: Mapping[str, Any]) -> str:
        """The idempotency key of calling ``tool`` with ``arguments`` for this message."""
        return f"{self.message}:{tool}:{digest(dict(arguments))[:32]}"


@dataclass(slots=True)
class Tool:
    name: str
    description: str
    function: ToolFunction
    arguments: type[BaseModel]
    effect: bool = False
    confirm: bool = False
    on_confirmed: ToolFunction | None = None
    spec: ToolSpec = field(init=False)

    def __post_init__(self) -> None:
        schema = self.arguments.model_json_schema()
        schema.pop("title", None)
        schema.setdefault("properties", {})
        for value in schema["properties"].values():
            value.pop("title", None)
        self.spec = ToolSpec(self.name, self.description, schema)

    def confirmed(self, function: ToolFunction) -> ToolFunction:
        """Decorates what a confirmable tool does once the person has said yes."""
        self.on_confirmed = function
        return function

    def parse(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Checks and converts arguments. Raises ToolError ``bad_arguments``, which names the wrong ones."""
        try:
            model = self.arguments.model_validate(dict(arguments))
        except ValidationError as error:
            wrong = "; ".join(
                f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}" for item in error.errors()
            )
            raise ToolError(
                "bad_arguments",
                {"es": "Me falta un dato o no lo entendí bien.", "en": "A detail is missing or unclear."},
                wrong=wrong,
            ) from error
        return {name: getattr(model, name) for name in type(model).model_fields}


def tool(*, effect: bool = False, confirm: bool = False) -> Callable[[ToolFunction], Tool]:
    """Makes a tool of a function: its name, the first paragraph of its docstring, its typed parameters."""

    def decorate(function: ToolFunction) -> Tool:
        fields: dict[str, Any] = {}
        for parameter in list(inspect.signature(function, eval_str=True).parameters.values())[1:]:
            default = ... if parameter.default is inspect.Parameter.empty else parameter.default
            fields[parameter.name] = (parameter.annotation, default)
        arguments = create_model(
            f"{function.__name__}_arguments", __config__=ConfigDict(extra="forbid"), **fields
        )
        description = inspect.cleandoc(function.__doc__ or "").split("\n\n")[0].replace("\n", " ")
        return Tool(function.__name__, description, function, arguments, effect or confirm, confirm)

    return decorate
