"""Which model the settings name, with its ladder, ceilings, prices and fallback."""

from typing import cast

from relevo.domain.clock import Clock
from relevo.llm.budgeted import Treasury
from relevo.llm.build import ModelConfig, Provider, build_model
from relevo.llm.port import Model
from relevo.settings import Misconfigured, Settings
from relevo.storage.database import Database
from relevo.storage.spend import Ceilings


def model_of(settings: Settings, clock: Clock, database: Database | None = None) -> Model | None:
    """The configured model, None without one; with ``database`` its ceilings hold.

    Raises Misconfigured naming the setting to change.
    """
    config = ModelConfig(
        provider=settings.llm_provider,
        model=settings.llm_model,
        base_url=settings.llm_base_url,
        api_key=settings.model_key,
        call_timeout=settings.llm_call_timeout,
        fallback=_fallback_of(settings),
    )
    ceilings = Ceilings(
        settings.llm_max_usd_conversation, settings.llm_max_usd_day, settings.llm_max_usd_month
    )
    treasury = (
        Treasury(database, clock, ceilings) if database is not None and ceilings != Ceilings() else None
    )
    try:
        return build_model(config, clock, treasury)
    except ValueError as error:
        raise Misconfigured(str(error)) from error


def _fallback_of(settings: Settings) -> ModelConfig | None:
    if settings.fallback is None:
        return None
    provider, model, key = settings.fallback
    return ModelConfig(
        provider=cast("Provider", provider),
        model=model,
        base_url=settings.llm_fallback_base_url,
        api_key=key,
        call_timeout=settings.llm_call_timeout,
    )
