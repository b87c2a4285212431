"""From settings to the model the pipeline asks: ladder, fallback and meter around the wire client."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from relevo.domain.clock import Clock
from relevo.llm.budgeted import Budgeted, Treasury
from relevo.llm.fallback import Fallback
from relevo.llm.ladder import Ladder
from relevo.llm.metered import Metered
from relevo.llm.port import Model
from relevo.llm.prices import Prices

if TYPE_CHECKING:
    from relevo.llm.client import OpenAIModel

Provider = Literal["openai", "openrouter", "compatible", "none"]

_BASE_URLS = {"openai": "https://api.openai.com/v1", "openrouter": "https://openrouter.ai/api/v1"}
_NO_KEY = "not-needed"


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """Which model to ask and where. Times in seconds.

    ``base_url`` None means the provider's own address; ``compatible`` needs one. ``call_timeout`` bounds a
    plain answer and a stream's first piece, ``stream_gap`` the silence between a stream's pieces.
    ``fallback`` is the second model (``LLM_FALLBACK``); a fallback of its own is not looked at.
    """

    provider: Provider
    model: str = ""
    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    call_timeout: float = 20.0
    stream_gap: float = 10.0
    fallback: "ModelConfig | None" = None


def build_model(config: ModelConfig, clock: Clock, treasury: Treasury | None = None) -> Model | None:
    """The model of ``config``, None where the provider is ``none``; with ``treasury`` its ceilings hold.

    Raises ValueError, naming the environment variable to set, where the configuration cannot work.
    """
    if config.provider == "none":
        return None
    prices = Prices.load()
    model: Model = Ladder(_paid(config, clock, prices, treasury), clock)
    if config.fallback is not None and config.fallback.provider != "none":
        try:
            second = _paid(config.fallback, clock, prices, treasury)
        except ValueError as error:
            raise ValueError(f"LLM_FALLBACK: {error}") from error
        model = Fallback(model, second)
    return model


def _paid(config: ModelConfig, clock: Clock, prices: Prices, treasury: Treasury | None) -> Model:
    """The wire client whose every call has its price, and is made only where it may be."""
    model: Model = Metered(_wire_client(config, clock), prices)
    return model if treasury is None else Budgeted(model, config.model, prices, treasury)


def _wire_client(config: ModelConfig, clock: Clock) -> "OpenAIModel":
    address, key = _checked(config)
    # Importing the openai client takes a second or two, so it waits until a model is configured.
    from relevo.llm.client import Limits, OpenAIModel

    return OpenAIModel(
        model=config.model,
        base_url=address,
        api_key=key,
        clock=clock,
        limits=Limits(call=config.call_timeout, gap=min(config.stream_gap, config.call_timeout)),
        tokens_key="max_completion_tokens" if config.provider == "openai" else "max_tokens",
    )


def _checked(config: ModelConfig) -> tuple[str, str]:
    """The address and the key to use."""
    if config.provider not in ("openai", "openrouter", "compatible"):
        raise ValueError("LLM_PROVIDER must be openai, openrouter, compatible or none")
    if not config.model.strip():
        raise ValueError(f"LLM_MODEL is not set: name the model to ask at {config.provider}")
    if config.call_timeout <= 0:
        raise ValueError("LLM_CALL_TIMEOUT must be more than 0 seconds")
    address = config.base_url or _BASE_URLS.get(config.provider, "")
    if not address:
        raise ValueError("LLM_BASE_URL is not set: LLM_PROVIDER=compatible needs the server's address")
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("LLM_BASE_URL must be an address such as https://host/v1")
    return address, _checked_key(config)


def _checked_key(config: ModelConfig) -> str:
    own = {"openai": "OPENAI_API_KEY or ", "openrouter": "OPENROUTER_API_KEY or "}.get(config.provider, "")
    key = config.api_key or (_NO_KEY if config.provider == "compatible" else "")
    if not key:
        raise ValueError(f"{own}LLM_API_KEY is not set: LLM_PROVIDER={config.provider} needs a key")
    if not (key.isascii() and key.isprintable() and " " not in key):
        raise ValueError(
            f"{own}LLM_API_KEY holds characters that no key has (a space, a line end, an accent)"
        )
    return key
