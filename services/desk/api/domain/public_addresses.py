"""Addresses that a webhook may name, and addresses of the network that it may reach. Pure.

A webhook makes this machine ask an address that somebody typed: it must reach nothing that only we
reach. By https, at a public address; what a préfecture has in its own network its site names
(`webhooks` in site.yaml). What a name leads to is judged when it is connected to, each time.
"""

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import SplitResult, urlsplit

from shared.errors import Refused
from shared.site.tables.identity import WebhookPlaces

MOST: Final = 500
"""Characters of an address."""
_GLOBAL_UNICAST: Final = ip_network("2000::/3")
_TUNNELS: Final = (ip_network("2002::/16"), ip_network("2001::/32"))
"""6to4 and Teredo: an IPv4 address of any kind stands in them."""
_ENDS_IN_A_NUMBER: Final = re.compile(r"(0[xX][0-9a-fA-F]*|[0-9]+)")
_HOST: Final = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?\.?")

Network = IPv4Network | IPv6Network


def networks_of(places: WebhookPlaces) -> Sequence[Network]:
    """Parses the networks that a site names."""
    return [ip_network(written) for written in places.networks]


def reachable(address: str, networks: Sequence[Network]) -> bool:
    """Whether webhooks may be sent to an IP address, such as `192.0.2.1`.

    Public ones may be reached, and those of `networks`; what is no address may not.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    if found.is_unspecified or found.is_multicast:
        return False
    if any(found.version == network.version and found in network for network in networks):
        return True
    if isinstance(found, IPv4Address):
        return found.is_global and not found.is_reserved
    tunnelled = any(found in tunnel for tunnel in _TUNNELS)
    return found in _GLOBAL_UNICAST and found.is_global and not tunnelled


def parse_url(url: str, places: WebhookPlaces) -> SplitResult:
    """Parses the address of a webhook.

    Raises Refused: not https (save hosts that the site names), a user or fragment in it, a number
    that browsers read as an IPv4 address, or an address of the network that is not reachable.
    """
    parts = _split(url)
    host = parts.hostname or ""
    plain = host in places.plain_hosts
    if parts.scheme != "https" and not (parts.scheme == "http" and plain):
        raise Refused("A webhook is told by https.", "webhook-https")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise _refused()
    try:
        ip_address(host)
    except ValueError:
        last = host.rstrip(".").rpartition(".")[2]
        if not _HOST.fullmatch(host) or _ENDS_IN_A_NUMBER.fullmatch(last):
            raise _refused() from None
        return parts
    if not reachable(host, networks_of(places)):
        raise Refused("This address is of a private network.", "webhook-private")
    return parts


def _split(url: str) -> SplitResult:
    if len(url) > MOST or not url.isascii() or re.search(r"[\x00-\x20\x7f\\]", url):
        raise _refused()
    try:
        parts = urlsplit(url)
        if parts.port == 0:
            raise _refused()
    except ValueError:
        raise _refused() from None
    return parts


def _refused() -> Refused:
    return Refused(
        "Give an address such as https://application.example/vaguemestre.", "webhook-address"
    )
