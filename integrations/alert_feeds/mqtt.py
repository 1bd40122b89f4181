"""Frigate's reviews from an MQTT broker.

QoS 1 with a lasting session: what the broker holds for us while we are away arrives, and a message is acknowledged
only after it was kept. (Frigate publishes with QoS 0 unless its `mqtt.qos` says 1; such messages nobody holds.)

Retained messages are handed on with the header `mqtt-retain: 1`, not skipped: amqtt and its ancestor HBMQTT set the
flag on all that they held for an absent client. An old review comes with the fingerprint and start that it had.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import AsyncExitStack
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, cast

import structlog
from structlog.typing import FilteringBoundLogger

from bot.domain.alert_format import Body
from bot.ports import Clock, utc_now
from integrations.alert_feeds.address import address_of
from integrations.alert_feeds.feed import Deliver, FeedSettings
from integrations.alert_feeds.offering import offer
from integrations.alert_feeds.reconnecting import reconnect
from integrations.alert_feeds.side_by_side import side_by_side

if TYPE_CHECKING:
    from aiomqtt import Client, Message

TOPIC: Final = "frigate/reviews"
PORTS: Final = {"mqtt": 1883, "mqtts": 8883}
KEEPALIVE_S: Final = 30
TIMEOUT_S: Final = 10.0
"""For the broker's answer to connect, subscribe and disconnect."""
MAX_PAYLOAD_BYTES: Final = 256 * 1024
MAX_WAITING: Final = 5_000
MAX_WAITING_BYTES: Final = 8 * 1024 * 1024

_QOS: Final = 1
_LOOK_S: Final = 0.02
_FAILURE: Final = 0x80
"""The least SUBACK code that is a refusal: MQTT 3.1.1, section 3.9.3."""


class MqttFeed:
    """One topic of one broker. Two clients with one `client_id` at a broker throw each other out."""

    def __init__(self, settings: FeedSettings, deliver: Deliver, *, clock: Clock = utc_now) -> None:
        self._address = address_of(settings, PORTS)
        self._topic = settings.topic or TOPIC
        self._client_id = settings.client_id or f"muster-{settings.source}"
        self._deliver = deliver
        self._clock = clock
        self._log: FilteringBoundLogger = structlog.get_logger(__name__).bind(source=settings.source)
        self.is_connected = False
        self.last_ok_at: datetime | None = None

    async def run(self) -> None:
        """Until cancelled; that may take a connection attempt's time, for it runs in a thread."""
        await reconnect(self._connection, log=self._log)

    async def _connection(self) -> float:
        from aiomqtt import MqttError  # noqa: PLC0415 - loaded on first use

        mailbox = _Mailbox(self._log)
        try:
            async with AsyncExitStack() as stack:
                client = await self._connect(stack, mailbox)
                # Side by side: amqtt answers a subscription only when what it held for us is acknowledged.
                await side_by_side(self._subscribe(client), self._listen(client, mailbox))
        except MqttError as error:  # its words are the broker's or the socket's, without address or login
            self._log.warning("alert_feed.disconnected", reason=str(error))
        finally:
            self.is_connected = False
        return 0.0

    async def _connect(self, stack: AsyncExitStack, mailbox: _Mailbox) -> Client:
        client = await self._client(mailbox)
        stack.callback(_hang_up, client)
        entering = asyncio.ensure_future(stack.enter_async_context(client))
        try:
            await asyncio.shield(entering)
        except asyncio.CancelledError:
            # The connecting thread cannot be stopped, and would leave a socket behind.
            while not entering.done() and _paho(client).socket() is None:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(_LOOK_S)
            entering.cancel()
            await asyncio.wait((entering,))
            raise
        return client

    async def _client(self, mailbox: _Mailbox) -> Client:
        import aiomqtt  # noqa: PLC0415 - loaded on first use

        is_secure = self._address.scheme == "mqtts"
        client = aiomqtt.Client(
            self._address.host,
            self._address.port,
            username=self._address.username or None,
            password=self._address.password or None,
            identifier=self._client_id,
            clean_session=False,
            queue_type=cast("Any", lambda maxsize: mailbox),  # noqa: ARG005 - the mailbox has its own bounds
            timeout=TIMEOUT_S,
            keepalive=KEEPALIVE_S,
            tls_context=await asyncio.to_thread(ssl.create_default_context) if is_secure else None,
        )
        _paho(client).manual_ack_set(True)
        return client

    async def _subscribe(self, client: Client) -> None:
        from aiomqtt import MqttError  # noqa: PLC0415 - loaded on first use

        codes = await client.subscribe(self._topic, qos=_QOS)
        if any(getattr(code, "value", code) >= _FAILURE for code in codes):
            raise MqttError("the broker refuses the subscription")
        self.is_connected = True
        self._log.info("alert_feed.connected", topic=self._topic)

    async def _listen(self, client: Client, mailbox: _Mailbox) -> None:
        from aiomqtt import MqttError  # noqa: PLC0415 - loaded on first use

        async for message in client.messages:
            await self._keep(message)
            _paho(client).ack(message.mid, message.qos)
            if mailbox.has_overflowed and mailbox.empty():
                raise MqttError("more came than fits: the rest will come again")

    async def _keep(self, message: Message) -> None:
        if not message.payload:  # that is how a retained message is cleared
            return
        await offer(self._deliver, self._body(message), log=self._log)
        self.last_ok_at = self._clock()

    def _body(self, message: Message) -> Body:
        headers = {"mqtt-topic": str(message.topic)} | ({"mqtt-retain": "1"} if message.retain else {})
        return Body(
            bytes(message.payload),
            content_type="application/json",
            headers=headers,
            peer=self._address.host,
        )


class _Mailbox(asyncio.Queue["Message"]):
    """Messages that came and are not kept yet.

    What does not fit stays unacknowledged, and so does all that follows, to keep the order: after a reconnect the
    broker sends it again. A payload beyond the cap is emptied, so that it will be acknowledged and done with.
    """

    def __init__(self, log: FilteringBoundLogger) -> None:
        super().__init__()
        self.has_overflowed = False
        self._log = log
        self._bytes = 0

    def full(self) -> bool:
        return self.qsize() >= MAX_WAITING or self._bytes >= MAX_WAITING_BYTES

    def put_nowait(self, item: Message) -> None:
        """QueueFull, which aiomqtt takes for "discard"."""
        if len(item.payload) > MAX_PAYLOAD_BYTES:
            self._log.warning("alert_feed.too_big", size=len(item.payload), limit=MAX_PAYLOAD_BYTES)
            item.payload = b""
        if self.full() or (self.has_overflowed and item.qos):
            self.has_overflowed = True
            raise asyncio.QueueFull
        super().put_nowait(item)

    def _put(self, item: Message) -> None:
        self._bytes += len(item.payload)
        super()._put(item)

    def _get(self) -> Message:
        item = super()._get()
        self._bytes -= len(item.payload)
        return item


def _paho(client: Client) -> Any:
    """The client beneath: aiomqtt 2 has no names of its own for acknowledging by hand and for hanging up."""
    return client._client  # noqa: SLF001


def _hang_up(client: Client) -> None:
    """Close the socket if it is still open: aiomqtt leaves that of a broker which took the call and said nothing."""
    paho = _paho(client)
    if paho.socket() is not None:
        paho.disconnect()
        paho.loop_write()
