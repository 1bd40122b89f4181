"""`/static/…`: the pages' scripts and styles, read once at start and known by their content."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from aiohttp import ETag, web

FOLDER: Final = Path(__file__).parent / "static"
# Anything else in the folder is not served.
CONTENT_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml; charset=utf-8",
    ".webmanifest": "application/manifest+json; charset=utf-8",
}
# With the content's hash in the address the answer never changes; without it (a module that imports another) the
# browser asks each time, and is mostly told 304.
FOR_EVER: Final = "public, max-age=31536000, immutable"
ASK_EACH_TIME: Final = "no-cache"


@dataclass(frozen=True, slots=True)
class _Asset:
    data: bytes = field(repr=False)
    content_type: str
    version: str


class Assets:
    """The files of one folder, by their path in it. A change on disk shows after the next start."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._assets = {
            path.relative_to(folder).as_posix(): _read(path)
            for path in sorted(folder.rglob("*"))
            if path.suffix in CONTENT_TYPES
        }

    def url(self, name: str) -> str:
        """The address with the content's hash, for templates. KeyError when there is no such file."""
        return f"/static/{name}?v={self._assets[name].version}"

    def routes(self) -> list[web.RouteDef]:
        """For the application's router."""
        return [web.get("/static/{name:.+}", self.get)]

    async def get(self, request: web.Request) -> web.Response:
        """The file, or 304 when the browser has it already. Nothing in it is secret."""
        asset = self._assets.get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound
        is_named = request.query.get("v") == asset.version
        has_it = any(tag.value in {asset.version, "*"} for tag in request.if_none_match or ())
        answer = web.Response(status=304) if has_it else web.Response(body=asset.data)
        if not has_it:
            answer.headers["Content-Type"] = asset.content_type
        answer.etag = ETag(asset.version)
        answer.headers["Cache-Control"] = FOR_EVER if is_named else ASK_EACH_TIME
        return answer


def _read(path: Path) -> _Asset:
    data = path.read_bytes()
    return _Asset(data, CONTENT_TYPES[path.suffix], hashlib.sha256(data).hexdigest()[:16])
