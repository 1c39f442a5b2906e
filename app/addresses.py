"""Which addresses we may call: the form of a URL, an exact list of origins, and which IP addresses are anybody's.

Pure: the settings and every caller use the same rules. ``app/security/outgoing.py`` does the calling.
A URL is read by a grammar so narrow that no other reader can see another host in it.
"""

import re
from collections.abc import Collection, Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, NamedTuple

IP = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_URL = re.compile(
    r"(?P<scheme>https?)://(?:(?P<name>[A-Za-z0-9.\-]{1,253})|\[(?P<v6>[0-9A-Fa-f:.]{2,45})\])(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<rest>/[A-Za-z0-9/._~!$&'()*+,;=:@%\-]*(?:\?[A-Za-z0-9/?._~!$&'()*+,;=:@%\-]*)?)?"
)
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?")
_V4 = re.compile(r"(?:(?:0|[1-9][0-9]{0,2})\.){3}(?:0|[1-9][0-9]{0,2})")
# A last label of digits, or 0x and digits, is a number to some readers: 127.1, 0x7f.1, 2130706433.
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}

_NOT_PUBLIC: Final[tuple[Network, ...]] = tuple(
    ip_network(text)
    for text in (
        # IANA IPv4 Special-Purpose Address Registry, multicast, reserved.
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16"),
        *("192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        "168.63.129.16/32",  # a cloud's metadata, on an address that looks public
        # IPv6 global unicast is 2000::/3; in it: Teredo and other protocols, documentation, 6to4.
        *("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"),
    )
)
_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
_NEVER: Final[tuple[Network, ...]] = tuple(
    ip_network(text)
    for text in (
        *("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "168.63.129.16/32", "100.100.100.200/32", "192.0.0.0/24"),
        *("224.0.0.0/4", "240.0.0.0/4", "::/3", "fd00:ec2::254/128", "fe80::/10", "ff00::/8", "2001::/32", "2002::/16"),
    )
)
"""This machine, its metadata services, and IPv4 in disguise: not even an operator's list of networks opens these."""


class BadAddress(ValueError):
    """An address that we do not call; the text is the rule, never the address."""


class UnknownName(BadAddress):
    """The host has no address now; it may have one later."""


class Origin(NamedTuple):
    """Scheme, host (lower case; IPv6 without brackets, in its shortest form) and port of a URL."""

    scheme: str
    host: str
    port: int


def origin_of(url: str) -> Origin:
    """The origin of an absolute http(s) URL. Raises BadAddress for any form that two readers may take apart."""
    found = _URL.fullmatch(url)
    if found is None:
        raise BadAddress(
            "The address must be https://host[:port]/path in plain characters, without credentials or a fragment."
        )
    scheme = found["scheme"]
    port = int(found["port"] or _DEFAULT_PORTS[scheme])
    if not 0 < port < 65_536:
        raise BadAddress("The address's port is none.")
    return Origin(scheme, _version_6(found["v6"]) if found["v6"] else _name(found["name"]), port)


def is_plain_origin(url: str) -> bool:
    """Whether a URL is an origin alone, without a path: what an operator's list holds."""
    try:
        origin_of(url)
    except BadAddress:
        return False
    return "/" not in url.partition("://")[2]


def _version_6(text: str) -> str:
    try:
        return IPv6Address(text).compressed
    except ValueError:
        raise BadAddress("The address's host is no IPv6 address.") from None


def _name(text: str) -> str:
    labels = text.split(".")
    if not all(_LABEL.fullmatch(label) for label in labels):
        raise BadAddress("The address's host is not a name by RFC 1123.")
    if _NUMBER.fullmatch(labels[-1]) and not (_V4.fullmatch(text) and all(int(label) < 256 for label in labels)):
        raise BadAddress("The address's host is a number in a form other than four decimal parts.")
    return text.lower()


def check_origin(url: str, allowed: Iterable[str], *, local: bool) -> Origin:
    """The origin of a URL that is on the list, compared whole.

    ``local`` (the sandbox): http on a loopback address instead, whatever the list says.

    :raises BadAddress: the form, the scheme, or not on the list
    """
    origin = origin_of(url)
    if local:
        if origin.scheme != "http" or not is_loopback(origin.host):
            raise BadAddress("The sandbox sends to http on a loopback address only.")
        return origin
    if origin.scheme != "https":
        raise BadAddress("The address must be https.")
    if origin not in {origin_of(one) for one in allowed}:
        raise BadAddress("The address's origin is not on the operator's list.")
    return origin


def check_host(host: str, networks: Collection[Network] = (), *, local: bool) -> None:
    """The same of an origin's host, as far as it can be known without asking for its name. Raises BadAddress."""
    try:
        ip = ip_address(host)
    except ValueError:
        if not local and host.rpartition(".")[2] == "localhost":
            raise BadAddress("The address's name is this machine's own.") from None
        return
    check_ip(ip, networks, local=local)


def check_ip(ip: IP, networks: Collection[Network] = (), *, local: bool) -> None:
    """Refuse what is not a public address, nor in one of the operator's private ``networks``. Raises BadAddress."""
    if local:
        if not ip.is_loopback:
            raise BadAddress("The sandbox sends to a loopback address only.")
    elif not (is_public(ip) or (not _is_in(ip, _NEVER) and _is_in(ip, networks))):
        raise BadAddress("The address's name leads to a machine that is not called: private, local or reserved.")


def is_public(ip: IP) -> bool:
    """Whether an IP address is a machine on the internet; IPv6 that carries an IPv4 address never is."""
    if isinstance(ip, IPv6Address) and (ip.scope_id is not None or ip not in _GLOBAL_UNICAST):
        return False
    return not _is_in(ip, _NOT_PUBLIC)


def private_network(text: str) -> Network:
    """A network that an operator opens. Raises ValueError: not a network, too wide, or one that is never called."""
    network = ip_network(text)
    if network.prefixlen < 8 or any(network.version == one.version and network.overlaps(one) for one in _NEVER):
        raise ValueError("not a network that may be opened")
    return network


def is_loopback(host: str) -> bool:
    """Whether an address or name is this machine itself."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_in(ip: IP, networks: Iterable[Network]) -> bool:
    return any(ip.version == network.version and ip in network for network in networks)
