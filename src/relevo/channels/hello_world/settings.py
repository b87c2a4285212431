"""What the channel needs to know, and how it is read from the application's settings."""

from typing import Annotated, Protocol

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class HelloWorldSettings(BaseModel):
    """``secret`` is shared with the provider; replies are posted to ``url``. ``timeout`` is in seconds."""

    model_config = ConfigDict(frozen=True)

    secret: SecretStr
    url: Annotated[str, Field(pattern="^https?://")]
    timeout: Annotated[float, Field(gt=0)] = 10.0


class ApplicationSettings(Protocol):
    """The part of the application's settings that this channel reads."""

    @property
    def hello_world_secret(self) -> SecretStr | None: ...
    @property
    def hello_world_url(self) -> str | None: ...


def from_application(settings: ApplicationSettings) -> HelloWorldSettings | None:
    """Reads the channel's settings; None when they are not set. Raises ValueError for a wrong address."""
    if not settings.hello_world_secret or not settings.hello_world_url:
        return None
    if not settings.hello_world_url.startswith(("http://", "https://")):
        raise ValueError("HELLO_WORLD_URL: expected an address that begins with https:// or http://")
    return HelloWorldSettings(secret=settings.hello_world_secret, url=settings.hello_world_url)
