"""`GET /openapi.json`: what the web routes take and answer, for who connects a machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from aiohttp import web

DOCUMENT: Final[dict[str, Any]] = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))


def routes() -> list[web.RouteDef]:
    """For the application's router."""

    async def openapi(_: web.Request) -> web.Response:
        return web.json_response(DOCUMENT)

    return [web.get("/openapi.json", openapi)]
