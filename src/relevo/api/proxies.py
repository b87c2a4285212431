"""The installation behind a request, and the addresses it was made under and from, as the world saw it."""

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


def client_of(request: Request) -> str:
    """The network address of whoever asks: of X-Forwarded-For the last one that no trusted proxy has."""
    proxies = app_of(request).settings.trusted_proxies
    peer = request.client.host if request.client else ""
    told = [each.strip() for each in request.headers.get("x-forwarded-for", "").split(",") if each.strip()]
    while told and _is_trusted(peer, proxies):
        peer = told.pop()
    return peer


def _trusted(request: Request, proxies: str) -> bool:
    return request.client is not None and _is_trusted(request.client.host, proxies)


def _is_trusted(address: str, proxies: str) -> bool:
    if not proxies:
        return False
    try:
        peer = ip_address(address)
    except ValueError:
        return False
    return any(peer in ip_network(each.strip(), strict=False) for each in proxies.split(","))
