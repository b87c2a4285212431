"""What the WhatsApp channel needs to know, and how it is read from the application's settings."""

from typing import Annotated, Protocol

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, ValidationError

ACCOUNT_SID = r"AC[0-9a-f]{32}"
SERVICE_SID = r"MG[0-9a-f]{32}"
WHATSAPP_NUMBER = r"whatsapp:\+[1-9][0-9]{6,14}"
"""E.164: a country code and at most 15 digits in all."""

AccountSid = Annotated[str, StringConstraints(pattern=f"^{ACCOUNT_SID}$")]


class WhatsAppSettings(BaseModel):
    """One Twilio account as the channel uses it.

    ``auth_tokens`` hold the current token first; the others (the next one during a rotation, those of
    sub-accounts, which sign with their own) are accepted on webhooks too. ``timeout`` is in seconds.
    """

    model_config = ConfigDict(frozen=True)

    account_sid: AccountSid
    auth_tokens: Annotated[tuple[SecretStr, ...], Field(min_length=1)]
    sender: Annotated[str, StringConstraints(pattern=f"^{WHATSAPP_NUMBER}$")] | None = None
    messaging_service_sid: Annotated[str, StringConstraints(pattern=f"^{SERVICE_SID}$")] | None = None
    subaccounts: frozenset[AccountSid] = frozenset()
    api_base: Annotated[str, StringConstraints(pattern="^https?://[^/]")] = "https://api.twilio.com"
    public_url: str | None = None
    timeout: Annotated[float, Field(gt=0)] = 10.0

    @property
    def accounts(self) -> frozenset[str]:
        """The accounts whose webhooks are ours."""
        return self.subaccounts | {self.account_sid}

    @property
    def status_callback(self) -> str | None:
        """Where Twilio reports what became of a message; None when we cannot be reached from outside."""
        return f"{self.public_url.rstrip('/')}/webhooks/whatsapp" if self.public_url else None


class ApplicationSettings(Protocol):
    """The part of the application's settings that this channel reads."""

    @property
    def twilio_account_sid(self) -> str | None: ...
    @property
    def twilio_auth_token(self) -> SecretStr | None: ...
    @property
    def twilio_whatsapp_from(self) -> str | None: ...
    @property
    def twilio_messaging_service_sid(self) -> str | None: ...
    @property
    def twilio_subaccounts(self) -> str: ...
    @property
    def twilio_api_base(self) -> str: ...
    @property
    def public_url(self) -> str | None: ...


_VARIABLES = {
    "account_sid": ("TWILIO_ACCOUNT_SID", "AC and 32 hexadecimal digits"),
    "auth_tokens": ("TWILIO_AUTH_TOKEN", "the account's auth token"),
    "sender": ("TWILIO_WHATSAPP_FROM", "a number such as whatsapp:+14155238886"),
    "messaging_service_sid": ("TWILIO_MESSAGING_SERVICE_SID", "MG and 32 hexadecimal digits"),
    "subaccounts": ("TWILIO_SUBACCOUNTS", "AC and 32 hexadecimal digits each, comma separated"),
    "api_base": ("TWILIO_API_BASE", "an address such as https://api.twilio.com"),
}


def from_application(settings: ApplicationSettings) -> WhatsAppSettings | None:
    """Reads the channel's settings; None when no account or no token is set.

    Raises ValueError with one line per wrong variable, which names it and says what it takes.
    """
    tokens = _listed(settings.twilio_auth_token.get_secret_value() if settings.twilio_auth_token else "")
    if not settings.twilio_account_sid or not tokens:
        return None
    sender = settings.twilio_whatsapp_from
    if sender and not sender.startswith("whatsapp:"):
        sender = f"whatsapp:{sender}"
    try:
        return WhatsAppSettings(
            account_sid=settings.twilio_account_sid,
            auth_tokens=tuple(SecretStr(token) for token in tokens),
            sender=sender or None,
            messaging_service_sid=settings.twilio_messaging_service_sid or None,
            subaccounts=frozenset(_listed(settings.twilio_subaccounts)),
            api_base=settings.twilio_api_base.rstrip("/"),
            public_url=settings.public_url,
        )
    except ValidationError as error:
        names = dict.fromkeys(str(item["loc"][0]) for item in error.errors())
        lines = [f"{_VARIABLES[name][0]}: expected {_VARIABLES[name][1]}" for name in names]
        raise ValueError("\n".join(lines)) from error


def _listed(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]
