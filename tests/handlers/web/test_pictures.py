"""A camera posts its event with a picture: kept by its hash, for a time, and shown to nobody here."""

from __future__ import annotations

import asyncio
import hashlib
import json
import stat

import pytest
from sqlalchemy import select

from bot.services.receiving import PICTURE_KEPT
from bot.storage.tables import inbox, pictures
from tests.handlers.web.machines import bearer, machines_at, signed, smoke, staged_with
from tests.support.cast import CENTRE, CHEN

RECORDER = """
[[cameras]]
id = "corridor"
zone = "A3"
name = "走廊"
snapshot_url = "http://127.0.0.1:9/picture"

[[alert_sources]]
id = "recorder"
format = "hikvision"
token = "recorder-token"
opens = "review"
channels = { 1 = "corridor" }
flood_per_minute = 5

[[alert_sources]]
id = "dorm-recorder"
format = "hikvision"
token = "dorm-token"
opens = "review"
zone = "dorm"
"""
RECORDER_IN = bearer("recorder-token")
MARK = "MIME_boundary"
MULTIPART = {"Content-Type": f"multipart/form-data; boundary={MARK}"}
EVENT = """<?xml version="1.0" encoding="UTF-8"?>
<EventNotificationAlert version="2.0" xmlns="http://www.hikvision.com/ver20/XMLSchema">
<ipAddress>10.0.0.64</ipAddress><macAddress>ac:b9:2f:49:44:75</macAddress><channelID>{channel}</channelID>
<activePostCount>{posts}</activePostCount><eventType>{kind}</eventType><eventState>active</eventState>
<eventDescription>intrusion alarm</eventDescription></EventNotificationAlert>"""


def jpeg(number: int = 0, size: int = 20_000) -> bytes:
    return b"\xff\xd8\xff\xe0" + number.to_bytes(4) + b"\x5a" * size + b"\xff\xd9"


def event(picture: bytes, *, channel: int = 1, posts: int = 1, kind: str = "fielddetection") -> bytes:
    """As a camera of Hikvision's writes it."""
    xml = EVENT.format(channel=channel, posts=posts, kind=kind).encode()
    parts = [
        (b'Content-Disposition: form-data; name="event.xml"\r\nContent-Type: application/xml', xml),
        (b'Content-Disposition: form-data; name="scene.jpg"\r\nContent-Type: image/jpeg', picture),
    ]
    dashes = b"--" + MARK.encode()
    body = b"".join(dashes + b"\r\n" + head + b"\r\n\r\n" + data + b"\r\n" for head, data in parts)
    return body + dashes + b"--\r\n"


@pytest.fixture
async def stage(tmp_path):
    async with staged_with(tmp_path, RECORDER) as stage:
        yield stage


@pytest.fixture
async def machines(stage):
    async with machines_at(stage) as machines:
        yield machines


def files(stage):
    folder = stage.muster.database.path.parent / "pictures"
    return sorted(folder.iterdir()) if folder.exists() else []


async def rows(stage):
    return await stage.read(lambda tx: tx.connection.execute(select(pictures)).all())


async def post(machines, picture, **of):
    return await machines.post("recorder", event(picture, **of), {**RECORDER_IN, **MULTIPART})


async def test_a_picture_is_kept_by_its_hash_for_its_owner_alone(stage, machines):
    assert (await post(machines, jpeg())).status == 202
    (file,) = files(stage)
    assert file.name == hashlib.sha256(jpeg()).hexdigest()
    assert file.read_bytes() == jpeg()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    (row,) = await rows(stage)
    assert (row.sha256, row.source, row.content_type, row.size) == (
        file.name,
        "recorder",
        "image/jpeg",
        len(jpeg()),
    )
    assert row.expires_at - row.received_at == PICTURE_KEPT


async def test_no_chat_message_and_no_inbox_row_holds_it(stage, machines):
    await post(machines, jpeg())
    await stage.says(CHEN, "❓ intrusion alarm", chat=CENTRE)
    await stage.quiet()
    payloads = await stage.read(lambda tx: list(tx.connection.scalars(select(inbox.c.payload))))
    (payload,) = [text for text in payloads if "fielddetection" in text]
    assert len(payload) < 2_000
    assert "picture" not in json.loads(payload)
    digest = hashlib.sha256(jpeg()).hexdigest()
    calls = list(stage.simulator.calls)
    assert {call.method for call in calls}.isdisjoint({"sendPhoto", "sendDocument", "sendMediaGroup"})
    assert not [call for call in calls if digest in repr(call.params) or "JFIF" in repr(call.params)]


async def test_it_is_erased_after_its_time_and_the_hash_stays(stage, machines):
    await post(machines, jpeg())
    await stage.quiet()
    stage.clock.ahead += PICTURE_KEPT / 2
    await post(machines, jpeg(1), kind="linedetection")
    stage.clock.ahead += PICTURE_KEPT / 2
    await stage.muster.receiving.purge()
    assert [file.name for file in files(stage)] == [hashlib.sha256(jpeg(1)).hexdigest()]
    erased = {row.sha256: row.erased_at is not None for row in await rows(stage)}
    assert erased == {
        hashlib.sha256(jpeg(0)).hexdigest(): True,
        hashlib.sha256(jpeg(1)).hexdigest(): False,
    }
    await stage.muster.receiving.purge()
    stage.clock.ahead += PICTURE_KEPT
    await stage.muster.receiving.purge()
    assert files(stage) == []


async def test_a_repeat_brings_no_further_picture(stage, machines):
    assert (await post(machines, jpeg(0))).status == 202
    await stage.quiet()
    for number in range(1, 4):
        assert (await post(machines, jpeg(number), posts=number + 1)).status == 200
    assert len(files(stage)) == 1


async def test_a_source_that_floods_fills_no_disk(stage, machines):
    for number in range(20):
        await post(machines, jpeg(number), channel=1, kind=f"kind{number}")
        await stage.quiet()
    assert 5 <= len(files(stage)) <= 6
    assert len(await rows(stage)) == len(files(stage))


async def test_nothing_is_kept_from_a_private_room_or_of_a_face(stage, machines):
    dorm = {**bearer("dorm-token"), **MULTIPART}
    assert (await machines.post("dorm-recorder", event(jpeg()), dorm)).status == 202
    assert (await post(machines, jpeg(), kind="faceCapture")).status == 200
    assert files(stage) == []
    assert await rows(stage) == []


async def test_what_only_says_that_it_is_a_picture_is_not_kept(stage, machines):
    assert (await post(machines, b"<script>alert(1)</script>" * 100)).status == 202
    assert files(stage) == []


async def test_the_same_picture_at_once_is_one_file(stage, machines):
    bodies = [event(jpeg(size=2_000_000), kind=f"kind{number}") for number in range(4)]
    headers = {**RECORDER_IN, **MULTIPART}
    # a raw body of that size is worth a warning to aiohttp's client only
    posts = (machines.post("recorder", chunks(body), headers) for body in bodies)
    answers = await asyncio.gather(*posts)
    assert {answer.status for answer in answers} == {202}
    assert len(files(stage)) == 1


async def chunks(body):
    for start in range(0, len(body), 65_536):
        yield body[start : start + 65_536]


async def test_a_picture_that_cannot_be_written_is_not_accepted(stage, machines, monkeypatch):
    def full(data: bytes) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(stage.muster.pictures, "keep", full)
    answer = await post(machines, jpeg())
    assert answer.status == 503
    assert await stage.read(lambda tx: tx.alerts.get(1)) is None
    monkeypatch.undo()
    assert (await post(machines, jpeg())).status == 202
    assert len(files(stage)) == 1


async def test_a_signature_does_not_carry_pictures(machines):
    body = json.dumps(smoke()).encode()
    headers = {**signed(body), **MULTIPART}
    assert (await machines.post("recorder", event(jpeg()), headers)).status == 401
