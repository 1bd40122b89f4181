"""The server's clock was wrong, 8 hours or months ahead, and is set right: nobody is left alone because of that."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.cast import EMILY, WANG
from tests.support.door import MONDAY, open_door

pytestmark = pytest.mark.both_databases
AHEAD = timedelta(hours=8)
SOS = "🆘 SOS"


@pytest.fixture
async def door(tmp_path):
    """While its clock is 8 hours ahead."""
    async with open_door(tmp_path) as door:
        door.now = MONDAY + AHEAD
        yield door


async def test_an_sos_sent_while_the_clock_was_ahead_swallows_no_later_one(door):
    await door.send(WANG, SOS)
    door.now = MONDAY + timedelta(hours=1)
    await door.send(WANG, SOS)
    assert (await door.incident(2)).opened_at == door.now


async def test_nobody_elses_report_joins_an_incident_of_the_future(door):
    await door.send(WANG, SOS)
    door.now = MONDAY
    await door.send(EMILY, SOS)
    assert (await door.incident(2)).reporter_id == EMILY.staff_id


async def test_a_second_press_is_the_same_report_although_the_clock_went_back_a_little(door):
    await door.send(WANG, SOS)
    door.now -= timedelta(seconds=30)
    await door.send(WANG, SOS)
    assert await door.incident(2) is None
