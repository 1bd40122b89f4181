"""A feed's url, taken apart: the login never travels on inside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from integrations.alert_feeds.feed import FeedSettings


@dataclass(frozen=True)
class Address:
    """Where and as whom. `url` has no login."""

    scheme: str
    host: str
    port: int
    url: str = field(repr=False)
    username: str = ""
    password: str = field(default="", repr=False)


def address_of(settings: FeedSettings, ports: Mapping[str, int]) -> Address:
    """The address, if its scheme is one of `ports` (scheme and preset port). ValueError, which repeats no url."""
    try:
        parts = urlsplit(settings.url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError("the url cannot be read") from None
    if parts.scheme not in ports or not host:
        raise ValueError(f"the url opens with none of {', '.join(f'{scheme}://' for scheme in ports)}")
    return Address(
        scheme=parts.scheme,
        host=host,
        port=port or ports[parts.scheme],
        url=parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl(),
        username=settings.username or unquote(parts.username or ""),
        password=settings.password or unquote(parts.password or ""),
    )
