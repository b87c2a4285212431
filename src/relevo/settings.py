"""Every setting, read from the environment or a .env file; an unsafe or unreadable one stops the start."""

from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from relevo.domain.opening import parse_hours
from relevo.secrets import hide
from relevo.settings_checks import (
    DOTENV,
    ENCODING,
    database_address,
    embeddings,
    languages,
    lines_of,
    networks,
    passwords_in,
    redis_address,
    secret_fields,
    whatsapp_address,
)


class Misconfigured(Exception):
    """A setting is missing or wrong; the message names the variable and says what it takes."""


class Settings(BaseSettings):
    """The configuration of one installation. Variable names are the field names in capitals."""

    model_config = SettingsConfigDict(
        env_file=DOTENV,
        env_file_encoding=ENCODING,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    # Where things are
    data_dir: Path = Field(Path(".relevo"), description="Folder of the embedded database and local secrets")
    database_url: SecretStr | None = Field(
        None, description="PostgreSQL address (libpq URL); empty: the embedded one is started"
    )
    host: str = Field("127.0.0.1", description="Address the web server listens on")
    port: int = Field(8000, ge=1, le=65535, description="Port the web server listens on")
    public_url: str | None = Field(
        None,
        description="Address under which the world reaches this server, such as https://care.example.com",
    )
    trusted_proxies: str = Field(
        "", description="Addresses or networks, comma separated, whose X-Forwarded-* headers are believed"
    )
    teams_path: Path | None = Field(None, description="Folder with further teams, beside the built-in ones")
    team: str = Field("music", description="Team of the demo project and of projects created without one")
    secret_key: SecretStr | None = Field(
        None, description="Secret that signs visitors' cookies; empty: one is made and kept in DATA_DIR"
    )
    demo: bool = Field(True, description="Load the demo project, and let visitors speak as its customers")
    redis_url: SecretStr | None = Field(
        None, description="Redis address for the short memory; empty: it is kept in the process"
    )
    redis_timeout: float = Field(
        0.2, gt=0, description="Seconds Redis may take before a turn goes on without"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level logged")

    # The language model
    llm_provider: Literal["openai", "openrouter", "compatible", "none"] = Field(
        "none", description="Who serves the model: openai, openrouter, compatible (with LLM_BASE_URL) or none"
    )
    llm_model: str = Field("gpt-4o", description="Name of the model")
    llm_base_url: str | None = Field(None, description="Address of a server that speaks OpenAI's protocol")
    llm_api_key: SecretStr | None = Field(None, description="Key for the model, whoever serves it")
    openai_api_key: SecretStr | None = Field(None, description="Key for OpenAI, where LLM_API_KEY is empty")
    openrouter_api_key: SecretStr | None = Field(
        None, description="Key for OpenRouter, where LLM_API_KEY is empty"
    )
    llm_fallback: str | None = Field(
        None, description="Model asked once where the first gives no answer: provider:model"
    )
    llm_fallback_base_url: str | None = Field(
        None, description="Address of the fallback's server, where its provider is compatible"
    )
    llm_fallback_api_key: SecretStr | None = Field(
        None, description="Key for the fallback, where it is not the provider's own setting"
    )
    llm_max_usd_conversation: float | None = Field(
        0.5, gt=0, description="US dollars models may cost in one conversation; then playbooks answer"
    )
    llm_max_usd_day: float | None = Field(
        50.0, gt=0, description="US dollars models may cost a project in a day (UTC)"
    )
    llm_max_usd_month: float | None = Field(
        None, gt=0, description="US dollars models may cost a project in a month (UTC)"
    )
    llm_call_timeout: float = Field(20.0, gt=0, description="Seconds one call to the model may take")
    triage: Literal["auto", "local", "model"] = Field(
        "auto", description="Who reads messages: local, model, or auto (the model only when local is unsure)"
    )

    # Turns and limits
    turn_deadline: float = Field(60.0, gt=0, description="Seconds a turn may take")
    lease_seconds: float = Field(
        15.0, gt=1, description="Seconds a worker owns a conversation unless renewed"
    )
    max_attempts: int = Field(5, ge=1, description="Tries after which a message is set aside as dead")
    workers: int = Field(64, ge=1, description="Conversations one process works on at the same time")
    max_message_chars: int = Field(4000, ge=1, description="Longest message taken, in characters")
    max_messages_per_minute: int = Field(30, ge=1, description="Messages one person may send in a minute")
    max_tool_steps: int = Field(10, ge=1, description="Tool calls an agent may make in one turn")
    pool_size: int = Field(10, ge=2, description="Database connections one process keeps")

    # Knowledge
    knowledge_max_file_mb: int = Field(10, ge=1, le=200, description="Megabytes a document may have")
    knowledge_max_project_mb: int = Field(100, ge=1, description="Megabytes a project's documents may have")
    embeddings: str = Field(
        "none", description="What makes vectors of documents: openai:text-embedding-3-small, or none"
    )
    embeddings_base_url: str | None = Field(
        None, description="Address of another server that speaks OpenAI's protocol for embeddings"
    )
    embeddings_api_key: SecretStr | None = Field(
        None, description="Key for the embeddings, where it is not OPENAI_API_KEY"
    )
    embeddings_languages: str = Field(
        "es,en", description="Languages the embeddings speak; others are found by words alone"
    )
    embeddings_timeout: float = Field(10.0, gt=0, description="Seconds a call for embeddings may take")
    knowledge_reader_mb: int = Field(512, ge=256, description="Megabytes reading a document may take")
    knowledge_reader_seconds: int = Field(20, ge=1, description="Seconds of work reading one may take")

    checkpoints: Literal["off", "memory", "postgres"] = Field(
        "off", description="Where LangGraph keeps checkpoints of turns, for its tools: off, memory, postgres"
    )

    # People
    desk_hours: str = Field("mon-fri 09:00-18:00", description="When people answer: days and hours")
    desk_timezone: str = Field("America/Mexico_City", description="Time zone of DESK_HOURS")
    customer_token_secret: SecretStr | None = Field(
        None, description="Secret (32 bytes or more) that signs customer tokens for web and API, HS256"
    )
    smtp_url: SecretStr | None = Field(
        None, description="Mail server: smtp://user:password@host:587 or smtps://…:465; empty: no mail"
    )
    smtp_from: str | None = Field(None, description="Address that letters are from, such as care@example.com")

    # The distributor's own system
    label_api_url: str | None = Field(
        None,
        description="Address of the distributor's API (docs/label-api.md); empty: our own tables are asked",
    )
    label_api_key: SecretStr | None = Field(None, description="Key sent to LABEL_API_URL as a bearer token")
    label_api_timeout: float = Field(
        5.0, gt=0, le=30, description="Seconds a read from LABEL_API_URL may take, and each try of a request"
    )
    # WhatsApp through Twilio
    twilio_account_sid: str | None = Field(None, description="Twilio account, AC…")
    twilio_auth_token: SecretStr | None = Field(
        None, description="Twilio auth token; during a rotation both, comma separated"
    )
    twilio_whatsapp_from: str | None = Field(None, description="Our WhatsApp address, whatsapp:+14155238886")
    twilio_messaging_service_sid: str | None = Field(
        None, description="Messaging service to send through, MG…"
    )
    twilio_subaccounts: str = Field(
        "", description="Sub-accounts whose webhooks are ours too, comma separated"
    )
    twilio_api_base: str = Field("https://api.twilio.com", description="Address of Twilio's REST API")

    # The hello-world channel
    hello_world_secret: SecretStr | None = Field(None, description="Shared secret of the example channel")
    hello_world_url: str | None = Field(None, description="Where the example channel posts its replies")

    @field_validator("desk_timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError) as error:
            raise ValueError(
                f"no such time zone: {value!r}, expected a name such as America/Bogota"
            ) from error
        return value

    @field_validator("embeddings")
    @classmethod
    def _embeddings_can_be_made(cls, value: str) -> str:
        return embeddings(value)

    @field_validator("embeddings_languages")
    @classmethod
    def _languages_are_ours(cls, value: str) -> str:
        return languages(value)

    @field_validator("llm_fallback")
    @classmethod
    def _provider_and_model(cls, value: str | None) -> str | None:
        provider, _, model = (value or "").partition(":")
        if value is not None and (provider not in ("openai", "openrouter", "compatible") or not model):
            raise ValueError("expected provider:model, such as openrouter:anthropic/claude-haiku-4.5")
        return value

    @field_validator("desk_hours")
    @classmethod
    def _readable_hours(cls, value: str) -> str:
        parse_hours(value)
        return value

    @field_validator("public_url")
    @classmethod
    def _plain_address(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("expected an address that begins with https:// or http://")
        return value.rstrip("/") if value else value

    @field_validator("database_url", "redis_url")
    @classmethod
    def _readable_address(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is not None:
            check = database_address if info.field_name == "database_url" else redis_address
            check(value.get_secret_value())
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _readable_networks(cls, value: str) -> str:
        return networks(value)

    @field_validator("twilio_whatsapp_from")
    @classmethod
    def _whatsapp_address(cls, value: str | None) -> str | None:
        return whatsapp_address(value) if value else value

    @field_validator("customer_token_secret")
    @classmethod
    def _long_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < 32:
            raise ValueError("a secret of 32 characters or more is needed (try: openssl rand -hex 32)")
        return value

    @model_validator(mode="after")
    def _complete(self) -> "Settings":
        wrong = []
        if self.llm_provider == "compatible" and not self.llm_base_url:
            wrong.append("LLM_BASE_URL is needed with LLM_PROVIDER=compatible")
        if self.llm_provider in ("openai", "openrouter") and self.model_key is None:
            name = self.llm_provider
            wrong.append(f"{name.upper()}_API_KEY (or LLM_API_KEY) is needed with LLM_PROVIDER={name}")
        if self.twilio_account_sid and not self.twilio_auth_token:
            wrong.append("TWILIO_AUTH_TOKEN is needed with TWILIO_ACCOUNT_SID")
        if self.triage == "model" and self.llm_provider == "none":
            wrong.append("TRIAGE=model needs a model: set LLM_PROVIDER, or TRIAGE=auto")
        if wrong:
            raise ValueError("\n".join(wrong))
        return self

    @property
    def model_key(self) -> str | None:
        """The key for the configured provider, None when there is none."""
        return self._key(self.llm_provider, self.llm_api_key)

    @property
    def fallback(self) -> tuple[str, str, str | None] | None:
        """Provider, model and key of LLM_FALLBACK; None without one."""
        if self.llm_fallback is None:
            return None
        provider, _, model = self.llm_fallback.partition(":")
        same = self.llm_api_key if provider == self.llm_provider else None
        return provider, model, self._key(provider, self.llm_fallback_api_key or same)

    def _key(self, provider: str, given: SecretStr | None) -> str | None:
        own = {"openai": self.openai_api_key, "openrouter": self.openrouter_api_key}.get(provider)
        key = given or own
        return key.get_secret_value() if key else None


def load_settings(**overrides: object) -> Settings:
    """Reads the settings; from then on their secrets are hidden in what the process says and logs.

    Raises Misconfigured with one line per wrong variable.
    """
    try:
        settings = Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        raise Misconfigured(lines_of(error, secret_fields(Settings.model_fields))) from None
    except UnicodeDecodeError:
        raise Misconfigured(f"{DOTENV}: expected text in UTF-8; save the file in that encoding") from None
    except OSError as error:
        raise Misconfigured(f"{DOTENV}: {error.strerror}; make it readable, or remove it") from error
    for name in secret_fields(Settings.model_fields):
        secret: SecretStr | None = getattr(settings, name)
        for said in passwords_in(secret.get_secret_value()) if secret else ():
            hide(said)
    return settings
