"""Letters with one-time links, over SMTP; in Spanish and English, as nobody knows what the reader speaks."""

from dataclasses import dataclass
from email.message import EmailMessage
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from relevo.settings import Misconfigured, Settings

SEND_SECONDS = 20.0
_PORTS = {"smtp": 587, "smtps": 465}


class NotSent(Exception):
    """A letter did not go out; the message says why, without the password."""


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server: ``smtps`` speaks TLS from the first word, ``smtp`` begins it (STARTTLS)."""

    scheme: str
    host: str
    port: int
    user: str | None
    password: str | None

    @property
    def local(self) -> bool:
        """Whether the server is on this machine: it alone is spoken with in the clear where it has no TLS."""
        try:
            return self.host == "localhost" or ip_address(self.host).is_loopback
        except ValueError:
            return False


def read_server(url: str) -> Server:
    """``smtp://user:password@mail.example.com:587`` or ``smtps://…:465``. Raises ValueError otherwise."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError("expected smtp://user:password@mail.example.com:587 or smtps://…:465")
    return Server(
        parts.scheme,
        parts.hostname,
        port or _PORTS[parts.scheme],
        unquote(parts.username) if parts.username else None,
        unquote(parts.password) if parts.password else None,
    )


class Mailer:
    """Sends letters through one server. Each is a connection of its own: there are few."""

    def __init__(self, server: Server, sender: str) -> None:
        self._server = server
        self._sender = sender

    async def send(self, to: str, subject: str, text: str) -> None:
        """Raises NotSent."""
        import aiosmtplib  # a tenth of a second that only letters need

        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = self._sender, to, subject
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(text)
        server = self._server
        try:
            await aiosmtplib.send(
                letter,
                hostname=server.host,
                port=server.port,
                username=server.user,
                password=server.password,
                use_tls=server.scheme == "smtps",
                start_tls=False if server.scheme == "smtps" else (None if server.local else True),
                timeout=SEND_SECONDS,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            raise NotSent(f"{server.host}: {type(error).__name__}: {error}") from error


def mailer_of(settings: Settings) -> Mailer | None:
    """What sends letters, None where SMTP_URL is not set. Raises Misconfigured."""
    if settings.smtp_url is None:
        return None
    if settings.smtp_from is None:
        raise Misconfigured("SMTP_FROM is needed with SMTP_URL")
    try:
        return Mailer(read_server(settings.smtp_url.get_secret_value()), settings.smtp_from)
    except ValueError as error:
        raise Misconfigured(f"SMTP_URL: {error}") from error


def invitation(link: str, project: str, days: int) -> tuple[str, str]:
    """Subject and text of the letter that invites into a project."""
    return (
        f"Invitación a {project} · Invitation to {project}",
        f"Te han invitado al proyecto {project}. El enlace sirve una vez, durante {days} días:\n\n"
        f"You have been invited to the project {project}. The link opens once, within {days} days:\n\n"
        f"{link}\n",
    )


def reset(link: str, minutes: int) -> tuple[str, str]:
    """Subject and text of the letter to who has lost their password."""
    return (
        "Una contraseña nueva · A new password",
        f"Con este enlace puedes poner una contraseña nueva. Sirve una vez, durante {minutes} minutos. "
        "Si no lo has pedido, no hagas nada: tu contraseña sigue siendo la misma.\n\n"
        f"With this link you can set a new password. It opens once, within {minutes} minutes. "
        "If you did not ask for it, do nothing: your password stays as it is.\n\n"
        f"{link}\n",
    )
