"""Which addresses are on the public web: never this machine, its network, or a way around to them."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

_NOT_PUBLIC_4 = (IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"))
_PUBLIC_6 = IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "2620:4f:8000::/48"))
)
"""Teredo, 6to4 and their like carry another address inside; documentation belongs to nobody. What lies
outside 2000::/3 (mapped, NAT64, local, link-local) is never public."""
PORTS = frozenset({80, 443})


def is_public(address: str) -> bool:
    """Whether an IP address, as the resolver gives it, is one of the public web."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return _public_4(parsed) if isinstance(parsed, IPv4Address) else _public_6(parsed)


def _public_4(address: IPv4Address) -> bool:
    odd = address.is_multicast or address.is_reserved or any(address in net for net in _NOT_PUBLIC_4)
    return address.is_global and not odd


def _public_6(address: IPv6Address) -> bool:
    return address in _PUBLIC_6 and not any(address in net for net in _NOT_PUBLIC_6)


def parsed(address: str) -> SplitResult | None:
    """The parts of a web address that may be asked for; None where it names anything else."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or not address.isprintable():
        return None
    if parts.username is not None or parts.password is not None or (port or 443) not in PORTS:
        return None
    return parts
