"""The installation behind a request, and the address under which it was made, as the world saw it."""

from ipaddress import ip_address, ip_network

from fastapi import Request

from relevo.app import App


def app_of(request: Request) -> App:
    app: App = request.app.state.relevo
    return app


def public_url_of(request: Request) -> str:
    """The public URL of the request: PUBLIC_URL where set, else what a trusted proxy or the client says.

    X-Forwarded-Proto and X-Forwarded-Host count only when the direct peer is in TRUSTED_PROXIES.
    """
    settings = app_of(request).settings
    path = request.scope.get("raw_path", request.url.path.encode()).decode("latin-1")
    query = request.scope["query_string"].decode("latin-1")
    tail = f"{path}?{query}" if query else path
    if settings.public_url:
        return f"{settings.public_url}{tail}"
    scheme, host = request.url.scheme, request.headers.get("host", "")
    if _trusted(request, settings.trusted_proxies):
        scheme = request.headers.get("x-forwarded-proto", scheme).split(",")[0].strip()
        host = request.headers.get("x-forwarded-host", host).split(",")[0].strip()
    return f"{scheme}://{host}{tail}"


def _trusted(request: Request, proxies: str) -> bool:
    if not proxies or request.client is None:
        return False
    try:
        peer = ip_address(request.client.host)
    except ValueError:
        return False
    return any(peer in ip_network(each.strip(), strict=False) for each in proxies.split(","))
