"""Which addresses are this machine itself, since what travels to any other one travels under TLS; and which are one
sender's."""

import ipaddress
from functools import lru_cache


@lru_cache(1024)
def is_loopback(host: str) -> bool:
    """Whether `host` is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@lru_cache(1024)
def sender_at(host: str) -> str:
    """Whom an address is counted for. Of IPv6 that is its first half: the other half belongs to whoever was given the
    first, and they can have as many addresses as they like."""
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return host
    if found.version == 4 or found.is_loopback:
        return host
    return str(found.ipv4_mapped or ipaddress.IPv6Address(int(found) >> 64 << 64))
