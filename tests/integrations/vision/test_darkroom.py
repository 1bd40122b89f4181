"""A child that breaks takes nothing with it."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from bot.domain.recipe import Faces, Mark, Recipe
from bot.errors import DevelopingError, UndevelopableError
from integrations.vision.darkroom import Darkroom
from integrations.vision.weights import Weights
from tests.integrations.vision.scenes import bomb, jpeg, pixels, yard

SHOWN = Recipe(faces=Faces.SHOWN, mark=Mark("东门", "18:50", ("事件",), "【演练】", "T017"))


@pytest.fixture
async def darkroom():
    room = Darkroom(children=2, deadline_s=10)
    yield room
    await room.close()
    assert room.pids == []


async def test_a_picture_is_developed_and_measured_in_a_child(darkroom):
    assert pixels(await darkroom.develop(jpeg(yard()), SHOWN)).shape[1] == 640
    reading = await darkroom.measure(jpeg(yard()))
    assert 80 < reading.mean < 140


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM])
async def test_after_a_crash_the_next_picture_comes(darkroom, how):
    await darkroom.warm_up()
    for pid in darkroom.pids:
        os.kill(pid, how)
    with_errors = [
        await asyncio.gather(darkroom.develop(jpeg(yard()), SHOWN), return_exceptions=True) for _ in "123"
    ]
    assert isinstance(with_errors[-1][0], bytes)


async def test_a_hanging_child_costs_its_deadline_and_no_more():
    room = Darkroom(children=1, deadline_s=1.5)
    await room.warm_up()
    [hung] = room.pids
    os.kill(hung, signal.SIGSTOP)
    async with asyncio.timeout(20):
        with pytest.raises(DevelopingError, match="no picture within"):
            await room.develop(jpeg(yard()), SHOWN)
    await room.warm_up()
    assert hung not in room.pids
    assert await room.develop(jpeg(yard()), SHOWN)
    await room.close()


async def test_garbage_is_refused_without_a_child(darkroom):
    for data in (b"", b"<html>", bomb()):
        with pytest.raises(UndevelopableError):
            await darkroom.develop(data, SHOWN)
    assert darkroom.pids == []


async def test_more_than_the_queue_holds_is_refused_at_once():
    room = Darkroom(children=1, queue=2, deadline_s=10)
    answers = await asyncio.gather(
        *(room.develop(jpeg(yard()), SHOWN) for _ in range(4)), return_exceptions=True
    )
    assert [type(answer) for answer in answers] == [bytes, bytes, DevelopingError, DevelopingError]
    await room.close()


async def test_sixteen_at_once_are_all_developed(darkroom):
    assert all(await asyncio.gather(*(darkroom.develop(jpeg(yard(n)), SHOWN) for n in range(16))))
    assert len(darkroom.pids) <= 2


async def test_children_end_when_nobody_needs_them():
    room = Darkroom(children=1, idle_s=0.1)
    await room.warm_up()
    await asyncio.sleep(0.5)
    assert room.pids == []
    await room.close()


async def test_a_child_that_talks_nonsense_is_an_error():
    room = Darkroom(children=1, program=("-c", "import sys; sys.stdout.write('x' * 100000)"))
    with pytest.raises(DevelopingError, match="does not start"):
        await room.develop(jpeg(yard()), SHOWN)
    await room.close()


async def test_wrong_weights_are_told_and_the_whole_picture_is_pixelated(tmp_path):
    path = tmp_path / "faces.onnx"
    path.write_bytes(b"other")
    room = Darkroom(children=1, weights=Weights(path, "0" * 64))
    await room.develop(jpeg(yard()), Recipe())
    assert "SHA-256" in room.detector_problem
    await room.close()
