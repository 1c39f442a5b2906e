"""The one way out: every call to somebody else (subscribers, the EHR, a token issuer) goes through ``outgoing_client``.

At each request the origin is compared with the list, the host is resolved, every address of it is checked, and the
connection goes to the checked address itself, while TLS still proves the name. So a name that changes its address
between check and call (rebinding) gains nothing. Redirects are not followed, proxies of the environment not used,
answers cut off by size and time.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from ipaddress import ip_address
from typing import Final

import httpx

from app.addresses import IP, BadAddress, Network, Origin, UnknownName, check_ip, check_origin, private_network
from app.config import Settings

LARGEST_ANSWER: Final = 1_048_576
"""Bytes of an answer's body; what comes after is not read."""
_MOST_ADDRESSES: Final = 4
"""Addresses of one name that are tried."""

Resolve = Callable[[str, int], Awaitable[list[IP]]]
"""Host and port → all its addresses, in the order of preference."""


class AddressRefused(httpx.RequestError):
    """Not an address that we call."""


class AnswerTooLarge(httpx.ReadError):
    """More than LARGEST_ANSWER, or packed, which may hide more."""


async def resolve(host: str, port: int) -> list[IP]:
    """The addresses of a host by the system's resolver. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(ip_address(entry[4][0]) for entry in found))


async def checked_addresses(
    url: str, allowed: Collection[str], settings: Settings, resolver: Resolve | None = None
) -> tuple[Origin, list[IP]]:
    """The origin and the addresses that a URL may be called at: the check at registering and at each sending.

    One bad address among several refuses them all.

    :raises BadAddress: the form, the list, the name, or an address behind it
    """
    origin = check_origin(url, allowed, local=settings.sandbox)
    try:
        async with asyncio.timeout(settings.send_timeout):
            addresses = await (resolver or resolve)(origin.host, origin.port)
    except (OSError, UnicodeError, ValueError):
        addresses = []
    if not addresses:
        raise UnknownName("The address's name is not known.")
    networks: list[Network] = [private_network(text) for text in settings.private_networks]
    for address in addresses:
        check_ip(address, networks, local=settings.sandbox)
    return origin, addresses[:_MOST_ADDRESSES]


class CheckedTransport(httpx.AsyncBaseTransport):
    """httpx's transport behind the check. One pool for each origin: a connection proven for one name serves no other.

    ``allowed`` are the origins of this client, ``resolver`` and ``tls`` are for tests.
    """

    def __init__(
        self,
        settings: Settings,
        allowed: Collection[str],
        resolver: Resolve | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._settings = settings
        self._allowed = allowed
        self._resolver = resolver
        self._tls = tls
        self._pools: dict[Origin, httpx.AsyncHTTPTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send to a checked address. Raises AddressRefused, or what httpx raises."""
        deadline = asyncio.get_running_loop().time() + self._settings.send_timeout
        try:
            origin, addresses = await checked_addresses(str(request.url), self._allowed, self._settings, self._resolver)
        except UnknownName as unknown:
            raise httpx.ConnectError(str(unknown), request=request) from None
        except BadAddress as broken:
            raise AddressRefused(str(broken), request=request) from None
        async with _until(deadline, request):
            answer = await self._first(request, origin, addresses)
        if answer.headers.get("content-encoding", "identity") != "identity":
            await answer.aclose()
            raise AnswerTooLarge("The answer is packed.", request=request)
        assert isinstance(answer.stream, httpx.AsyncByteStream)
        answer.stream = _Capped(answer.stream, deadline, request)
        return answer

    async def _first(self, request: httpx.Request, origin: Origin, addresses: list[IP]) -> httpx.Response:
        """The answer of the first address that takes the connection."""
        pool = self._pools.get(origin)
        if pool is None:
            # The machine's own certificate authorities: a hospital adds its own there.
            tls = False if origin.scheme == "http" else self._tls or ssl.create_default_context()
            pool = self._pools[origin] = httpx.AsyncHTTPTransport(verify=tls, trust_env=False)
        for address in addresses[:-1]:
            try:
                return await pool.handle_async_request(_pinned(request, origin, address))
            except httpx.ConnectError:
                continue
        return await pool.handle_async_request(_pinned(request, origin, addresses[-1]))

    async def aclose(self) -> None:
        """Close all connections."""
        for pool in self._pools.values():
            await pool.aclose()


def outgoing_client(settings: Settings, allowed: Collection[str]) -> httpx.AsyncClient:
    """A client that reaches these origins and no other; closed by ``async with``.

    What is sent with it, a secret too, cannot reach another origin.
    """
    return httpx.AsyncClient(
        transport=CheckedTransport(settings, allowed),
        follow_redirects=False,
        trust_env=False,
        timeout=settings.send_timeout,
        headers={"accept-encoding": "identity", "user-agent": "samband"},
    )


def _pinned(request: httpx.Request, origin: Origin, address: IP) -> httpx.Request:
    """The same request to an address: the Host header and the name that TLS proves stay the origin's."""
    return httpx.Request(
        request.method,
        request.url.copy_with(host=str(address)),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": origin.host},
    )


@asynccontextmanager
async def _until(deadline: float, request: httpx.Request) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout_at(deadline):
            yield
    except TimeoutError:
        raise httpx.ReadTimeout("The answer takes too long.", request=request) from None


class _Capped(httpx.AsyncByteStream):
    """A body that ends in an error when it is too long or too slow."""

    def __init__(self, stream: httpx.AsyncByteStream, deadline: float, request: httpx.Request) -> None:
        self._stream = stream
        self._deadline = deadline
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = 0
        parts = aiter(self._stream)
        while True:
            async with _until(self._deadline, self._request):
                part = await anext(parts, None)
            if part is None:
                return
            read += len(part)
            if read > LARGEST_ANSWER:
                raise AnswerTooLarge("The answer is too large.", request=self._request)
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()
