"""Buttons that people still see and that Muster, restored from a backup, no longer knows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.lost_time import LostTime
from tests.support.cast import CENTRE, CHEN, EMILY
from tests.support.door import MONDAY

HOUR = timedelta(hours=1)


@pytest.fixture
async def fire(door):
    """A count that is running; buttons are of the hour that was lost."""
    await door.send(EMILY, "/report fire A3 smoke")
    await door.send(CHEN, "/evacuate", chat=CENTRE, thread=101)
    await door.press(CHEN, "yes:1:", chat=CENTRE, thread=101)
    door.lose(LostTime(((MONDAY - HOUR, MONDAY + HOUR),)))
    return door


async def test_a_button_from_lost_time_is_refused_and_says_what_to_use(fire):
    before = await fire.events()
    assert "恢复" in await fire.press(CHEN, "cmd:1:", chat=CENTRE, thread=101)
    assert await fire.events() == before


async def test_a_call_for_help_is_heard_whenever_its_button_was_made(fire):
    assert "restored" not in await fire.press(EMILY, "nee:1:")
    assert "CHECKED_IN" in [event.upper() for event in await fire.events()]


@pytest.mark.parametrize("kind", ["earlier", "later"])
async def test_a_button_from_another_time_works(fire, kind):
    away = 2 * HOUR if kind == "later" else -2 * HOUR
    fire.lose(LostTime(((MONDAY + away - HOUR / 2, MONDAY + away + HOUR / 2),)))
    assert "恢复" not in await fire.press(CHEN, "cmd:1:", chat=CENTRE, thread=101)
