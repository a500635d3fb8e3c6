"""Addresses of the outside world: never one of the own network, whatever a name server answers.

Whoever may enter an address could otherwise make this server read what only it can reach. A name is resolved once, its
addresses are judged, and the connection goes to the very address that was judged: a second answer of the name server
(DNS rebinding) changes nothing.
"""

import ipaddress
import socket
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

Lookup = Callable[[str, int], Iterable[str]]
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name.

    Raises
    ------
    LookupError : it has none.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise LookupError(f"There is no host {host!r}.") from error
    return list(dict.fromkeys(str(each[4][0]).partition("%")[0] for each in found))


def public(address: str) -> bool:
    """Whether an address is one of the open internet, whatever it is wrapped in."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if found in _NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return public(str(inner))
    return found.is_global and not found.is_multicast and not found.is_reserved


def pinned(request: "httpx.Request", address: str) -> "httpx.Request":
    """The same request, to the very address; the name stays in the header and in what the certificate has to say."""
    import httpx  # a tenth of a second that processes which ask nobody need not spend

    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers={**request.headers, "host": request.url.netloc.decode()},
        content=request.content,
        extensions={**request.extensions, "sni_hostname": request.url.host},
    )
