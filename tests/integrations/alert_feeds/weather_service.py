"""A weather service that gives the answers it was told to; the last one stays."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.test_utils import TestServer


@dataclass
class Answer:
    status: int = 200
    data: bytes = b'{"alerts": []}'
    headers: dict[str, str] = field(default_factory=dict)
    is_packed: bool = False
    etag: str = ""


class WeatherService:
    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.requests: list[web.Request] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.port}/weatheralert/v1/current/31.2/121.5?token=caiyun-2711-secret"

    @asynccontextmanager
    async def on(self) -> AsyncIterator[WeatherService]:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._handle)
        self._server = TestServer(app)
        await self._server.start_server()
        try:
            yield self
        finally:
            await self._server.close()

    async def _handle(self, request: web.Request) -> web.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        headers = dict(answer.headers)
        if answer.etag:
            headers["ETag"] = answer.etag
            if request.headers.get("If-None-Match") == answer.etag:
                return web.Response(status=304, headers=headers)
        if answer.is_packed:
            headers["Content-Encoding"] = "gzip"
        data = gzip.compress(answer.data) if answer.is_packed else answer.data
        headers.setdefault("Content-Type", "application/json")
        return web.Response(status=answer.status, body=data, headers=headers)
