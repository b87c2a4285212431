"""Where the distributor's API is and how it is asked, read from the application's settings."""

import ipaddress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr


@dataclass(frozen=True, slots=True)
class Access:
    """``url`` is what every path is added to; ``timeout`` the seconds one read may take, retry included, and
    one try of a request."""

    url: str
    key: SecretStr = field(repr=False)
    timeout: float = 5.0


def access_of(settings: Any) -> Access | None:
    """What LABEL_API_URL, LABEL_API_KEY and LABEL_API_TIMEOUT say; None without the first.

    Raises ValueError naming the variable that is missing or unsafe.
    """
    url: str | None = settings.label_api_url
    if url is None:
        return None
    key: SecretStr | None = settings.label_api_key
    if key is None:
        raise ValueError("LABEL_API_KEY is needed with LABEL_API_URL")
    if not key.get_secret_value().isascii() or not key.get_secret_value().isprintable():
        raise ValueError("LABEL_API_KEY: only printable ASCII can be sent as a header")
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(f"LABEL_API_URL: {error}") from error
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError("LABEL_API_URL: expected an address such as https://api.example.com/relevo/v1")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("LABEL_API_URL: only host, port and path; the key goes into LABEL_API_KEY")
    if parts.scheme == "http" and not _on_this_machine(host):
        raise ValueError("LABEL_API_URL: https is needed, or the key and customers' data travel unprotected")
    return Access(url.rstrip("/"), key, settings.label_api_timeout)


def _on_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
