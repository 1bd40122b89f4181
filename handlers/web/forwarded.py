"""Who really asks, when a reverse proxy stands in front: only proxies that the settings name are believed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Middleware

HEADER: Final = "X-Forwarded-For"
Network = IPv4Network | IPv6Network
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def behind(proxies: tuple[Network, ...]) -> Middleware:
    """Have `request.remote` be the address that the nearest proxy of ours saw (ASVS 5.0, 4.1.3)."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        asker = asker_of(request.remote or "", request.headers.getall(HEADER, []), proxies)
        return await handler(request if asker == request.remote else request.clone(remote=asker))

    return middleware


def asker_of(peer: str, told: list[str], proxies: tuple[Network, ...]) -> str:
    """The last address in the chain that is no proxy of ours; whoever is not one is believed nothing."""
    chain = [word.strip() for line in told for word in line.split(",")]
    asker = peer
    while chain and is_ours(asker, proxies):
        asker = chain.pop()
    return asker if _is_address(asker) else peer


def is_ours(address: str, proxies: tuple[Network, ...]) -> bool:
    """Whether it lies in one of these networks."""
    return _is_address(address) and any(ip_address(address) in network for network in proxies)


def _is_address(word: str) -> bool:
    try:
        ip_address(word)
    except ValueError:
        return False
    return True
