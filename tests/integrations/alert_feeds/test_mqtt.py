from __future__ import annotations

import asyncio
import socket
import subprocess
import sys

import pytest
from aiomqtt import Message
from structlog import get_logger
from structlog.testing import capture_logs

from bot.errors import StorageBusyError
from integrations.alert_feeds import FEEDS, FeedSettings, mqtt
from integrations.alert_feeds.mqtt import MqttFeed
from tests.integrations.alert_feeds.broker import HOST, Cable, StrictBroker, amqtt_broker, publish
from tests.integrations.alert_feeds.kept import Kept, running, until


def _feed(port: int, kept: Kept, *, login: str = "muster", **settings: str) -> MqttFeed:
    url = f"mqtt://{login}@{HOST}:{port}"
    return MqttFeed(FeedSettings(source="frigate", url=url, **settings), kept)


async def test_a_review_arrives_as_it_was_published():
    kept = Kept()
    async with amqtt_broker() as port:
        feed = _feed(port, kept)
        assert not feed.is_connected
        assert feed.last_ok_at is None
        async with running(feed):
            await until(lambda: feed.is_connected)
            await publish(port, '{"type": "new"}')
            assert await kept.until(1) == ['{"type": "new"}']
            assert feed.last_ok_at is not None
        assert not feed.is_connected
    assert dict(kept.bodies[0].headers) == {"mqtt-topic": "frigate/reviews"}
    assert kept.bodies[0].peer == HOST


async def test_what_was_published_while_the_cable_was_out_arrives():
    kept = Kept()
    async with amqtt_broker() as port, Cable(port) as cable:
        feed = _feed(cable.port, kept)
        async with running(feed):
            await until(lambda: feed.is_connected)
            await publish(port, "before")
            await kept.until(1)
            for turn in range(2):
                await cable.pull()
                await until(lambda: not feed.is_connected)
                await publish(port, f"{turn} away", f"{turn} still away")
                await cable.plug()
                await until(lambda: feed.is_connected)
                await publish(port, f"{turn} back")
                await kept.until(1 + 3 * (turn + 1))
    assert sorted(kept.texts) == sorted(
        ["before", *(f"{turn} {word}" for turn in range(2) for word in ("away", "still away", "back"))]
    )


async def test_what_was_published_before_muster_was_started_again_arrives():
    kept = Kept()
    async with amqtt_broker() as port:
        feed = _feed(port, kept)
        async with running(feed):
            await until(lambda: feed.is_connected)
        await publish(port, "at night")
        async with running(_feed(port, kept)):
            assert await kept.until(1) == ["at night"]


async def test_a_broker_that_was_restarted_in_mid_stream_is_found_again():
    kept = Kept()
    async with amqtt_broker() as port:
        feed = _feed(port, kept)
        task = asyncio.ensure_future(feed.run())
        await until(lambda: feed.is_connected)
        await publish(port, "first")
        await kept.until(1)
    await until(lambda: not feed.is_connected)
    await asyncio.sleep(0.2)
    async with amqtt_broker(port):
        await until(lambda: feed.is_connected)
        await publish(port, "second")
        assert await kept.until(2) == ["first", "second"]
        task.cancel()
        await asyncio.wait((task,))


async def test_a_retained_review_is_marked():
    kept = Kept()
    async with amqtt_broker() as port:
        await publish(port, "old", retain=True)
        async with running(_feed(port, kept)):
            await kept.until(1)
            await publish(port, "new")
            await kept.until(2)
    assert [body.headers.get("mqtt-retain") for body in kept.bodies] == ["1", None]


async def test_a_broker_that_refuses_the_login_is_asked_again_and_the_password_stays_secret(caplog):
    async with amqtt_broker() as port:
        settings = FeedSettings(source="frigate", url=f"mqtt://{HOST}:{port}", password="gate-2711-secret")
        with capture_logs() as logs:
            feed = MqttFeed(settings, Kept())
            async with running(feed):
                await until(lambda: sum(line["event"] == "alert_feed.disconnected" for line in logs) >= 2)
    assert not feed.is_connected
    assert {line["source"] for line in logs} == {"frigate"}
    assert "secret" not in str(logs) + caplog.text + repr(settings)


async def test_nothing_is_acknowledged_before_it_is_kept():
    kept = Kept()
    kept.is_open.clear()
    async with StrictBroker(b"one", b"two") as broker:
        feed = _feed(broker.port, kept)
        async with running(feed):
            await until(lambda: kept.offers == 1)
            await asyncio.sleep(0.1)
            assert broker.acknowledged == []
            kept.is_open.set()
            await until(lambda: broker.acknowledged == [1, 2])
    assert kept.texts == ["one", "two"]


async def test_what_was_not_kept_when_muster_died_comes_again():
    stuck, kept = Kept(), Kept()
    stuck.is_open.clear()
    async with StrictBroker(b"one", b"two") as broker:
        async with running(_feed(broker.port, stuck)):
            await until(lambda: stuck.offers == 1)
        async with running(_feed(broker.port, kept)):
            assert await kept.until(2) == ["one", "two"]


async def test_a_busy_database_is_offered_the_same_message_until_it_takes_it():
    kept = Kept(StorageBusyError(), StorageBusyError(), StorageBusyError())
    with capture_logs() as logs:
        async with StrictBroker(b"one", b"two") as broker, running(_feed(broker.port, kept)):
            await until(lambda: broker.acknowledged == [1, 2])
    assert kept.texts == ["one", "two"]
    assert [line["event"] for line in logs if "kept" in line["event"]] == [
        "alert_feed.not_kept",
        "alert_feed.kept_at_last",
    ]


async def test_a_message_that_breaks_the_receiver_does_not_hold_up_the_next():
    kept = Kept(KeyError("a defect"))
    async with StrictBroker(b"one", b"two") as broker, running(_feed(broker.port, kept)):
        await until(lambda: broker.acknowledged == [1, 2])
    assert kept.texts == ["two"]


async def test_a_message_beyond_the_cap_is_done_with_and_an_empty_one_means_nothing():
    largest = b"x" * mqtt.MAX_PAYLOAD_BYTES
    kept = Kept()
    async with StrictBroker(b"", largest + b"x", largest) as broker, running(_feed(broker.port, kept)):
        await until(lambda: broker.acknowledged == [1, 2, 3])
    assert [len(body.data) for body in kept.bodies] == [len(largest)]


async def test_more_than_fits_in_memory_is_left_with_the_broker_and_fetched_in_order(monkeypatch):
    boxes = []

    class Seen(mqtt._Mailbox):
        def __init__(self, log):
            super().__init__(log)
            boxes.append(self)

    monkeypatch.setattr(mqtt, "MAX_WAITING", 3)
    monkeypatch.setattr(mqtt, "_Mailbox", Seen)
    kept = Kept()
    kept.is_open.clear()
    messages = [f"message {number}" for number in range(8)]
    async with StrictBroker(*map(str.encode, messages)) as broker, running(_feed(broker.port, kept)):
        await until(lambda: kept.offers == 1 and boxes[0].has_overflowed)
        kept.is_open.set()
        await until(lambda: len(broker.acknowledged) == 8)
    assert kept.texts == messages
    assert len(broker.connects) > 1


def test_nothing_overtakes_what_was_left_with_the_broker(monkeypatch):
    monkeypatch.setattr(mqtt, "MAX_WAITING", 1)
    first, left, late, unheld = (
        Message("frigate/reviews", b"x", qos, retain=False, mid=mid, properties=None)
        for mid, qos in enumerate([1, 1, 1, 0])
    )
    mailbox = mqtt._Mailbox(get_logger())
    mailbox.put_nowait(first)
    with pytest.raises(asyncio.QueueFull):
        mailbox.put_nowait(left)
    assert mailbox.get_nowait() is first
    with pytest.raises(asyncio.QueueFull):
        mailbox.put_nowait(late)
    mailbox.put_nowait(unheld)
    assert mailbox.get_nowait() is unheld


async def test_a_lasting_session_is_asked_for_with_the_same_client_id():
    async with StrictBroker() as broker:
        feed = _feed(broker.port, Kept(), login="a%20user:pass%2Fword", topic="site/reviews")
        async with running(feed):
            await until(lambda: feed.is_connected)
            broker.drop()
            await until(lambda: len(broker.connects) == 2 and feed.is_connected)
    assert broker.connects[0] == broker.connects[1]
    protocol, flags, rest = broker.connects[0][:7], broker.connects[0][7], broker.connects[0][10:]
    assert protocol == b"\x00\x04MQTT\x04"
    assert not flags & 0b10, "clean session"
    assert rest == b"\x00\x0emuster-frigate\x00\x06a user\x00\x09pass/word"
    assert broker.subscribed[0] == b"\x00\x0csite/reviews\x01"


async def test_a_refused_subscription_is_no_connection():
    with capture_logs() as logs:
        async with StrictBroker(suback=0x80) as broker:
            feed = _feed(broker.port, Kept())
            async with running(feed):
                await until(lambda: len(broker.connects) == 2)
                assert not feed.is_connected
    assert "the broker refuses the subscription" in {line.get("reason") for line in logs}


async def test_a_broker_that_never_answers_is_left_and_no_socket_stays(monkeypatch):
    monkeypatch.setattr(mqtt, "TIMEOUT_S", 0.1)
    async with StrictBroker(connack=None) as broker:
        async with running(_feed(broker.port, Kept())):
            await until(lambda: len(broker.connects) == 3)
        await until(lambda: not broker._writers)


async def test_a_feed_that_is_stopped_while_it_connects_leaves_no_socket():
    with socket.create_server((HOST, 0)) as listener:
        task = asyncio.ensure_future(_feed(listener.getsockname()[1], Kept()).run())
        await asyncio.sleep(0.05)
        task.cancel()
        broker, _ = listener.accept()
        broker.close()
        await asyncio.wait((task,))
        assert task.cancelled()


@pytest.mark.parametrize("url", ["http://broker", "mqtt://", "mqtt://[::1", "mqtt://broker:port", ""])
def test_an_address_of_no_broker_is_refused_and_not_repeated(url):
    with pytest.raises(ValueError, match="the url") as refusal:
        FEEDS["frigate"](FeedSettings(source="frigate", url=url), Kept())
    assert "broker" not in str(refusal.value)


def test_aiomqtt_is_not_loaded_before_it_is_needed():
    code = "import sys, integrations.alert_feeds; sys.exit('aiomqtt' in sys.modules or 'paho' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)
