"""MQTT brokers for tests: amqtt behind a cable that can be pulled, and one that does as it is told."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Self

import aiomqtt
from amqtt.broker import Broker

HOST = "127.0.0.1"
_NAMED_ONLY = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": False}}
"""amqtt holds nothing for anonymous clients, and takes all for anonymous when it allows any."""


@asynccontextmanager
async def amqtt_broker(port: int = 0) -> AsyncIterator[int]:
    """A broker on loopback; its port."""
    broker = Broker(
        {"listeners": {"default": {"type": "tcp", "bind": f"{HOST}:{port}"}}, "plugins": _NAMED_ONLY}
    )
    await broker.start()
    try:
        (server,) = broker._servers.values()
        yield server.instance.sockets[0].getsockname()[1]
    finally:
        await broker.shutdown()


async def publish(port: int, *payloads: str, topic: str = "frigate/reviews", retain: bool = False) -> None:
    async with aiomqtt.Client(HOST, port, username="frigate", identifier="frigate") as client:
        for payload in payloads:
            await client.publish(topic, payload, qos=1, retain=retain)


class Cable:
    """A TCP relay to `port`. Pulled, it drops every connection and takes no new one."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self.port = 0

    async def plug(self) -> None:
        self._server = await asyncio.start_server(self._relay, HOST, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def pull(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        while self._writers:
            await asyncio.sleep(0.005)

    async def __aenter__(self) -> Self:
        await self.plug()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.pull()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(HOST, self._to)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, far_writer}
        await asyncio.wait(
            [
                asyncio.ensure_future(_pump(reader, far_writer)),
                asyncio.ensure_future(_pump(far_reader, writer)),
            ]
        )
        self._writers -= {writer, far_writer}


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


class StrictBroker:
    """Holds every message until it is acknowledged, as MQTT 3.1.1 section 4.4 wants, and sends it again after a
    reconnect. amqtt forgets what was under way when the connection broke.
    """

    def __init__(self, *messages: bytes, connack: int | None = 0, suback: int = 1) -> None:
        self.held = dict(enumerate(messages, start=1))
        self.connack = connack
        self.suback = suback
        self.acknowledged: list[int] = []
        self.connects: list[bytes] = []
        self.subscribed: list[bytes] = []
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, HOST, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.drop()
        while self._writers:
            await asyncio.sleep(0.005)

    def drop(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                kind, data = await _packet(reader)
                self._answer(kind, data, writer)
        self._writers.discard(writer)
        writer.close()

    def _answer(self, kind: int, data: bytes, writer: asyncio.StreamWriter) -> None:
        match kind:
            case 1:
                self.connects.append(data)
                if self.connack is not None:
                    writer.write(bytes((0x20, 2, 0, self.connack)))
            case 8:
                self.subscribed.append(data[2:])
                writer.write(bytes((0x90, 3)) + data[:2] + bytes((self.suback,)))
                for mid, payload in self.held.items():
                    writer.write(_publish(mid, payload))
            case 4:
                (mid,) = struct.unpack("!H", data)
                self.acknowledged.append(mid)
                self.held.pop(mid, None)
            case 12:
                writer.write(b"\xd0\x00")
            case 14:
                writer.close()
            case _:
                raise AssertionError(kind)


async def _packet(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readexactly(1))[0]
    length = shift = 0
    while True:
        digit = (await reader.readexactly(1))[0]
        length |= (digit & 0x7F) << shift
        shift += 7
        if digit < 0x80:
            return head >> 4, await reader.readexactly(length)


def _publish(mid: int, payload: bytes, topic: bytes = b"frigate/reviews") -> bytes:
    data = struct.pack("!H", len(topic)) + topic + struct.pack("!H", mid) + payload
    length, digits = len(data), bytearray()
    while True:
        length, digit = divmod(length, 0x80)
        digits.append(digit | (0x80 if length else 0))
        if not length:
            return b"\x32" + bytes(digits) + data
