"""A camera posts its event with a picture: kept encrypted, for a time, with its incident, and shown to nobody."""

from __future__ import annotations

import asyncio
import hashlib
import json
import stat
from datetime import timedelta

import cv2
import numpy as np
import pytest
from sqlalchemy import select

from bot.domain.snapshot import Act, Part
from bot.errors import StorageBusyError
from bot.services.evidence import Recipient, collect, seal
from bot.storage.tables import inbox
from bot.storage.vault import Label, Usage, Vault
from tests.handlers.web.machines import bearer, machines_at, signed, smoke, staged_with
from tests.support.cast import CENTRE, CHEN, LI

RECORDER = """
[[cameras]]
id = "corridor"
zone = "A3"
name = "走廊"
snapshot_url = "http://127.0.0.1:9/picture"

[[cameras]]
id = "gate"
zone = "A3"
name = "东门"
snapshot_url = "http://127.0.0.1:9/picture"
masks = [[[0, 0], [0.5, 0], [0.5, 1], [0, 1]]]

[[alert_sources]]
id = "recorder"
format = "hikvision"
token = "recorder-token"
opens = "review"
channels = { 1 = "corridor", 2 = "gate" }
flood_per_minute = 5

[[alert_sources]]
id = "dorm-recorder"
format = "hikvision"
token = "dorm-token"
opens = "review"
zone = "dorm"
"""
DAY = timedelta(days=1)
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


def photo() -> bytes:
    """White all over."""
    return cv2.imencode(".jpg", np.full((360, 640, 3), 255, np.uint8))[1].tobytes()


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
    folder = stage.muster.database.path.parent / "vault"
    return sorted(folder.iterdir()) if folder.exists() else []


async def rows(stage):
    """Oldest first."""
    return (await stage.read(lambda tx: tx.snapshots.list_kept()))[::-1]


async def opened(stage, number):
    """What the vault gives back."""
    row, key = await stage.read(
        lambda tx: (tx.snapshots.get(number), tx.snapshots.key(number, Part.ORIGINAL))
    )
    return stage.muster.cameras.vault.read(Label.of(row, Part.ORIGINAL), key)


async def post(machines, picture, **of):
    return await machines.post("recorder", event(picture, **of), {**RECORDER_IN, **MULTIPART})


async def test_a_picture_is_kept_encrypted_for_its_owner_alone(stage, machines):
    assert (await post(machines, jpeg())).status == 202
    (file,) = files(stage)
    assert jpeg()[4:400] not in file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert not (file.parent.parent / "pictures").exists()
    (row,) = await rows(stage)
    assert (row.original_sha256, row.camera_id, row.original_size, row.incident_id) == (
        hashlib.sha256(jpeg()).hexdigest(),
        "corridor",
        len(jpeg()),
        None,
    )
    assert row.expires_at - row.kept_at == 30 * DAY
    assert await opened(stage, row.id) == jpeg()


async def test_of_a_camera_that_the_settings_do_not_know_it_stands_under_its_source(stage, machines):
    await post(machines, jpeg(), channel=7)
    (row,) = await rows(stage)
    assert row.camera_id == "recorder"


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


async def test_it_is_erased_after_its_time_and_that_is_in_the_register(stage, machines):
    await post(machines, jpeg())
    await stage.quiet()
    stage.clock.ahead += 15 * DAY
    await post(machines, jpeg(1), kind="linedetection")
    stage.clock.ahead += 15 * DAY
    assert await stage.muster.watch.keeping.tick() == 1
    (left,) = await rows(stage)
    assert len(files(stage)) == 1
    assert await opened(stage, left.id) == jpeg(1)
    (line,) = await stage.read(lambda tx: tx.register.last())
    assert (line.act, line.sha256) == (Act.DELETION, hashlib.sha256(jpeg()).hexdigest())
    stage.clock.ahead += 15 * DAY
    assert await stage.muster.watch.keeping.tick() == 1
    assert files(stage) == []


async def test_it_belongs_to_the_incident_that_its_alert_becomes_part_of(stage, machines, tmp_path):
    await post(machines, jpeg())
    asked = await stage.says(CHEN, "❓ intrusion alarm", chat=CENTRE)
    await post(machines, jpeg(1), kind="linedetection")
    await stage.quiet()
    await stage.phone(CHEN).press(asked, "登记为事件")
    await stage.topic_named("2026-0001")
    await stage.quiet()
    assert [row.incident_id for row in await rows(stage)] == [1, 1]

    await stage.phone(LI).send("/retain 2026-0001 派出所调查取证")
    await stage.quiet()
    stage.clock.ahead += 31 * DAY
    assert await stage.muster.watch.keeping.tick() == 0

    to = Recipient("青城派出所", "王警官", "案件调查")
    zone = stage.muster.school.timezone
    _, pictures = await stage.muster.database.write(
        lambda tx: collect(tx, 1, to, at=stage.clock(), zone=zone)
    )
    vault = stage.muster.cameras.vault
    package = seal(tmp_path / "e", bytes(32), {}, pictures, vault=vault, signer=None, about={})
    handed = {one["sha256"] for one in package.files.values()}
    assert handed == {hashlib.sha256(jpeg(number)).hexdigest() for number in (0, 1)}
    assert package.missing == {}


async def test_an_alert_that_joins_by_itself_brings_its_picture_along(stage, machines):
    await stage.phone(CHEN).send("/report intruder A3 有人翻墙")
    await stage.topic_named("2026-0001")
    await post(machines, jpeg())
    await stage.quiet()
    assert [row.incident_id for row in await rows(stage)] == [1]


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


async def test_the_masks_of_its_camera_are_painted_before_anything_is_kept(stage, machines):
    assert (await post(machines, photo(), channel=2)).status == 202
    assert (await post(machines, photo(), channel=2, posts=2)).status == 200
    (row,) = await rows(stage)
    assert row.camera_id == "gate"
    kept = cv2.imdecode(np.frombuffer(await opened(stage, row.id), np.uint8), cv2.IMREAD_COLOR)
    assert kept[:, :300].max() < 64
    assert kept[:, 340:].min() > 200


async def test_what_cannot_be_masked_is_not_kept_but_its_alert_is(stage, machines):
    assert (await post(machines, jpeg(), channel=2)).status == 202
    await stage.says(CHEN, "❓ intrusion alarm", chat=CENTRE)
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
    def full(*_) -> None:
        raise StorageBusyError("No space left on device")

    monkeypatch.setattr(stage.muster.cameras.vault, "keep", full)
    answer = await post(machines, jpeg())
    assert answer.status == 503
    assert await stage.read(lambda tx: tx.alerts.get(1)) is None
    monkeypatch.undo()
    assert (await post(machines, jpeg())).status == 202
    assert len(files(stage)) == 1
    assert len(await rows(stage)) == 1


async def test_when_the_budget_for_pictures_is_spent_the_alert_is_accepted_without(
    stage, machines, monkeypatch
):
    monkeypatch.setattr(Vault, "usage", lambda _: Usage(1, 1))
    assert (await post(machines, jpeg())).status == 202
    await stage.says(CHEN, "❓ intrusion alarm", chat=CENTRE)
    assert files(stage) == []


async def test_a_signature_does_not_carry_pictures(machines):
    body = json.dumps(smoke()).encode()
    headers = {**signed(body), **MULTIPART}
    assert (await machines.post("recorder", event(jpeg()), headers)).status == 401
