"""Which sites may show a project's widget: origins, as they are written down and as browsers tell them."""

import re

from relevo.app import App
from relevo.domain.ids import ProjectId
from relevo.storage.projects import read_origins

LOOPBACK = ("http://localhost:*", "http://127.0.0.1:*")
"""Sites on one's own machine; the demo's project allows them without being told."""
_ORIGIN = re.compile(r"(https?)://([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::(\d{1,5}|\*))?")
_TOLD = re.compile(r"https?://[a-z0-9.-]+(?::\d{1,5})?")
_DEFAULT_PORT = {"https": "443", "http": "80"}


def read_origin(text: str) -> str:
    """An origin as browsers write it; only one's own machine goes without https, or with any port (`*`).

    Raises ValueError saying what is expected.
    """
    found = _ORIGIN.fullmatch(text.strip().lower().removesuffix("/"))
    if found is None:
        raise ValueError(f"expected an origin such as https://shop.example, without a path: {text!r}")
    scheme, host, port = found.groups()
    own = host in ("localhost", "127.0.0.1") or host.endswith(".localhost")
    if not own and (scheme == "http" or port == "*"):
        raise ValueError(f"only localhost goes without https or with any port: {text!r}")
    return f"{scheme}://{host}" + (f":{port}" if port and port != _DEFAULT_PORT[scheme] else "")


def covers(allowed: str, origin: str) -> bool:
    """Whether ``allowed``, which may end in `:*`, is or covers ``origin``, which a browser told."""
    base = allowed.removesuffix(":*")
    return origin == base or (allowed != base and origin.rpartition(":")[0] == base)


async def may_show(app: App, project: ProjectId, origin: str, own: str) -> bool:
    """Whether a page of ``origin`` may show the project's widget; not, where there is no such project.

    ``own`` is our origin: the demo's site stands there.
    """
    if _TOLD.fullmatch(origin) is None:
        return False
    allowed = await read_origins(app.database, project)
    if app.settings.demo and project == app.default_project:
        allowed = [*allowed, *LOOPBACK, own]
    return any(covers(each, origin) for each in allowed)
