"""Where Muster may look: every address of a camera passes here before anything is opened."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from bot.domain.camera import Camera
from bot.errors import CameraForbiddenError

HTTP: Final = frozenset({"http", "https"})
RTSP: Final = frozenset({"rtsp", "rtsps"})

# Two programs read such a url in two ways, so the one that is checked may not be the one that is opened.
_AMBIGUOUS = re.compile(r"[\\\s\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Target:
    """A url that was allowed. `url` has no login; `username` and `password` are empty when there is none."""

    url: str = field(repr=False)
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @property
    def url_with_login(self) -> str:
        """For FFmpeg, which takes a login in no other way. Never to be logged or given as an argument."""
        if not self.username:
            return self.url
        scheme, _, rest = self.url.partition("://")
        return f"{scheme}://{quote(self.username, safe='')}:{quote(self.password, safe='')}@{rest}"


class Access:
    """The hosts that may be spoken to: by preset those in the cameras' own urls, loopback included."""

    def __init__(self, hosts: Iterable[str]) -> None:
        self._hosts = frozenset(host.casefold() for host in hosts)

    @classmethod
    def of(cls, cameras: Iterable[Camera], *, hosts: Iterable[str] = ()) -> Access:
        """`hosts`, or else the preset. A url that cannot be read adds none, and is refused when opened."""
        if named := tuple(hosts):
            return cls(named)
        urls = [url for camera in cameras for url in (camera.snapshot_url, camera.stream_url)]
        return cls(host for url in urls if (host := _host(url)))

    def target(self, camera: Camera, url: str, schemes: frozenset[str]) -> Target:
        """The url, taken apart and put together again, if it is allowed; else `CameraForbiddenError`."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise CameraForbiddenError(camera.id, "its url cannot be read") from None
        if _AMBIGUOUS.search(url) or parts.netloc.count("@") > 1:
            raise CameraForbiddenError(camera.id, "its url can be read in two ways")
        if parts.scheme not in schemes:
            raise CameraForbiddenError(camera.id, f"its url opens with none of {', '.join(sorted(schemes))}")
        if not host or host not in self._hosts:
            raise CameraForbiddenError(camera.id, "its url names a host that is not allowed")
        named = f"[{host}]" if ":" in host else host
        place = f"{named}:{port}" if port else named
        return Target(
            url=parts._replace(netloc=place, fragment="").geturl(),
            username=camera.username or unquote(parts.username or ""),
            password=camera.password or unquote(parts.password or ""),
        )


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
