"""A small real proxy: HTTP CONNECT or SOCKS5, on loopback, counting what goes through."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

_REPLY_LENGTH = {1: 4, 4: 16}


class Proxy:
    """`url` as it stands in `[telegram] proxy`; `connections` that were made for somebody."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self.url = ""
        self.connections = 0
        self._writers: set[asyncio.StreamWriter] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            host, port = await (
                self._connect(reader) if self._kind == "http" else self._socks(reader, writer)
            )
            there, back = await asyncio.open_connection(host, port)
            self.connections += 1
            self._writers.add(back)
            writer.write(
                b"HTTP/1.1 200 OK\r\n\r\n" if self._kind == "http" else b"\x05\x00\x00\x01" + bytes(6)
            )
            await asyncio.gather(_pipe(reader, back), _pipe(there, writer))
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def break_all(self) -> None:
        """Every connection through it ends at once."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _connect(self, reader: asyncio.StreamReader) -> tuple[str, int]:
        head = await reader.readuntil(b"\r\n\r\n")
        method, target, _ = head.split(b" ", 2)
        assert method == b"CONNECT", head
        host, _, port = target.decode().rpartition(":")
        return host.strip("[]"), int(port)

    async def _socks(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[str, int]:
        version, count = await reader.readexactly(2)
        assert version == 5
        await reader.readexactly(count)
        writer.write(b"\x05\x00")
        _, command, _, kind = await reader.readexactly(4)
        assert command == 1
        if kind == 3:
            (length,) = await reader.readexactly(1)
            host = (await reader.readexactly(length)).decode()
        else:
            address = await reader.readexactly(_REPLY_LENGTH[kind])
            host = ".".join(map(str, address))
        return host, int.from_bytes(await reader.readexactly(2))


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    with suppress(OSError, RuntimeError):
        writer.close()


@asynccontextmanager
async def proxy(kind: str) -> AsyncIterator[Proxy]:
    """Running; at the end nothing of it is left."""
    made = Proxy(kind)
    async with await asyncio.start_server(made.serve, "127.0.0.1", 0) as listening:
        made.url = f"{kind}://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        yield made
        await made.break_all()
        listening.close()
