"""The wiring of cameras: keys are made when needed; streams follow the incidents, also after a restart."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import pytest

from bot.app import school_of
from bot.cameras import CameraParts
from bot.config import load
from tests.support.cast import CHEN, EMILY, LI
from tests.support.door import open_door

CAMERAS = """
[[zones]]
id = "gate"
name = "东门"
kind = "gate"

[[cameras]]
id = "gate"
zone = "gate"
name = "东门"
stream_url = "rtsp://127.0.0.1:9/gate"

[[cameras]]
id = "A3"
zone = "A3"
name = "走廊"
stream_url = "rtsp://127.0.0.1:9/A3"
"""


@dataclass
class Streams:
    """What would be kept open."""

    kept: set[str] = field(default_factory=set)

    async def keep_only(self, wanted):
        self.kept = {camera.id for camera in wanted}

    async def close(self):
        self.kept = set()


@dataclass
class Children:
    """What would be warmed up."""

    times: int = 0

    async def warm_up(self):
        self.times += 1

    async def close(self):
        pass


@pytest.fixture
async def door(tmp_path):
    async with open_door(tmp_path) as one:
        yield one


@asynccontextmanager
async def parts_of(door, tmp_path, more=CAMERAS):
    path = tmp_path / "school.toml"
    text = path.read_text("utf-8")
    path.write_text(text if "[[cameras]]" in text else text + more, "utf-8")
    settings = load(path, {})
    door.turns.school = school_of(settings)
    async with AsyncExitStack() as stack:
        parts = CameraParts(settings, door.turns, door.services.watching, door.languages)
        parts.source.warm, parts.darkroom = Streams(), Children()
        await parts.start(stack)
        yield parts


async def until(what):
    async with asyncio.timeout(5):
        while not what():
            await asyncio.sleep(0.01)


async def test_the_streams_of_the_place_are_kept_from_the_report_to_the_end(door, tmp_path):
    async with parts_of(door, tmp_path) as parts:
        await door.send(EMILY, "/report fire A3")
        await until(lambda: parts.source.warm.kept == {"A3"})
        assert parts.darkroom.times >= 1
        await door.send(CHEN, "/evacuate 2026-0001 gate")
        await door.press(CHEN, "yes:1:")
        await until(lambda: parts.source.warm.kept == {"A3", "gate"})
        await door.send(CHEN, "/cancel 2026-0001 burnt toast")
        await until(lambda: parts.source.warm.kept == set())


async def test_a_restart_takes_up_the_streams_of_what_is_still_open(door, tmp_path):
    await door.send(EMILY, "/report fire A3")
    async with parts_of(door, tmp_path) as parts:
        await until(lambda: parts.source.warm.kept == {"A3"})


async def test_a_drill_that_is_suspended_needs_no_stream(door, tmp_path):
    async with parts_of(door, tmp_path) as parts:
        await door.send(LI, "/drill fire A3")
        await until(lambda: parts.source.warm.kept == {"A3"})
        await door.send(EMILY, "/sos")
        await until(lambda: parts.source.warm.kept == set())


async def test_no_picture_key_is_made_for_a_school_without_cameras(door, tmp_path):
    async with parts_of(door, tmp_path, more="") as parts:
        assert not (tmp_path / "var" / "picture.key").exists()
        assert (tmp_path / "var" / "audit.key").exists()
        assert parts.vault.usage().used == 0


async def test_the_keys_are_their_owners_alone_and_stay_the_same(door, tmp_path):
    seen = []
    for _ in range(2):
        async with parts_of(door, tmp_path) as parts:
            files = [tmp_path / "var" / name for name in ("picture.key", "audit.key")]
            assert [file.stat().st_mode & 0o777 for file in files] == [0o600, 0o600]
            seen.append((files[0].read_bytes(), parts.signer.public_key))
    assert seen[0] == seen[1]


async def test_the_head_of_the_audit_log_is_signed(door, tmp_path):
    async with parts_of(door, tmp_path) as parts:
        [sign] = [tick for tick in parts.ticks() if tick.name == "sign"]
        await door.send(EMILY, "/sos")
        await door.send(CHEN, "/ack 2026-0001")
        await sign.do()
    assert (await door.read(lambda tx: tx.facts.get("audit-head")))["row"] >= 1
