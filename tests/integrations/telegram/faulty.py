"""A server on loopback that misbehaves as it is told, where the simulator is too well-mannered."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Self


@dataclass(frozen=True)
class Answer:
    """What to do with one request. `raw`: bytes as they are, then close; `byte_s`: byte after byte."""

    status: int = 200
    body: bytes = b'{"ok":true,"result":true}'
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    raw: bytes | None = None
    byte_s: float = 0.0
    is_silent: bool = False


HANG = Answer(is_silent=True)
CLOSE = Answer(raw=b"")
CUT = Answer(raw=b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"ok":true,"res')


def ok(result: Any) -> Answer:
    return Answer(body=json.dumps({"ok": True, "result": result}).encode())


def refusal(code: int, description: str, **parameters: int) -> Answer:
    body: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
    if parameters:
        body["parameters"] = parameters
    return Answer(status=code, body=json.dumps(body).encode())


def page(status: int, **headers: str) -> Answer:
    return Answer(status=status, body=b"<html><h1>Nope</h1></html>", headers=headers)


@dataclass
class Request:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def method(self) -> str:
        """The Bot API's method."""
        return self.path.rpartition("/")[2]


class FaultyServer:
    """Answers with `script`, one after the other, then with `otherwise`."""

    def __init__(self) -> None:
        self.script: deque[Answer] = deque()
        self.otherwise = ok(True)
        self.requests: list[Request] = []
        self.port = 0
        self._server: asyncio.Server | None = None
        self.connections = 0
        self._open: set[asyncio.StreamWriter] = set()
        self._ending = asyncio.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self._ending.set()
        while self._open:
            for writer in self._open:
                writer.close()
            await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open.add(writer)
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                while await self._answer_one(reader, writer):
                    pass
        finally:
            self._open.discard(writer)
            writer.close()

    async def _answer_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)
        }
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.requests.append(Request(head[0].split()[1], headers, body))
        answer = self.script.popleft() if self.script else self.otherwise
        if answer.is_silent:
            await self._ending.wait()
            return False
        await asyncio.sleep(answer.delay_s)
        content = answer.raw if answer.raw is not None else _http(answer)
        while answer.byte_s and content and not self._ending.is_set():
            writer.write(content[:1])
            content = content[1:]
            await asyncio.sleep(answer.byte_s)
        writer.write(content)
        await writer.drain()
        return answer.raw is None


def _http(answer: Answer) -> bytes:
    lines = [f"HTTP/1.1 {answer.status} X", f"Content-Length: {len(answer.body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in answer.headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + answer.body
