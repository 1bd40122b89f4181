"""What makes a morning worth a message: whatever the principal would want to know before the first lesson."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.digest import DigestKind
from bot.domain.message import MessageKind
from bot.services.digest_figures import read_figures
from bot.services.digesting import has_news
from tests.support.cast import LI, ZHAO
from tests.support.door import MONDAY, open_door

pytestmark = pytest.mark.both_databases

GATE = {"zh": "东门", "en": "East gate"}
LATE = {"number": "2026-0001", "stage": "final", "n": 1, "due_at": MONDAY.isoformat()}
WORTH_TELLING = {
    "a camera is out": {"cameras": [{"name": GATE, "state": "offline"}]},
    "a report to the authorities is late": {"overdue": {"tasks": [], "reports": [LATE]}},
    "a task is late": {"overdue": {"tasks": [{"number": "2026-0001", "n": 2}], "reports": []}},
    "a recorder has gaps": {"recordings": [{"name": GATE, "faults": ["gaps"]}]},
    "a camera is to be filed": {"filings": [{"name": GATE, "due_on": "2026-11-25"}]},
    "a class has not reported": {"unreported": ["7-3"]},
}
READY = {
    "a certificate ends": {"certificates": [{"name": "消防安全"}]},
    "a patrol was missed": {"missed": [GATE]},
    "a drill is today": {"drills_today": [{"kind": "fire", "zone": None}]},
}


@pytest.fixture
async def door(tmp_path):
    async with open_door(tmp_path) as door:
        yield door


async def quiet(door):
    """The figures of a morning on which nothing is."""
    day = door.school.day(MONDAY)
    return await door.read(lambda tx: read_figures(tx, door.school, begin=day, end=day, now=MONDAY))


async def test_a_morning_on_which_nothing_is_has_no_news_and_each_of_these_is_news(door):
    data = await quiet(door)
    assert not has_news(DigestKind.MORNING, data)
    told = WORTH_TELLING | {what: {"readiness": data["readiness"] | one} for what, one in READY.items()}
    assert [what for what, one in told.items() if not has_news(DigestKind.MORNING, data | one)] == []
    working = [{"name": GATE, "state": "ok"}]
    assert not has_news(DigestKind.MORNING, data | {"cameras": working})


async def test_a_clock_that_was_months_ahead_for_a_moment_silences_no_digest(door):
    await door.services.digests.tick()
    door.now = MONDAY + timedelta(days=161)
    await door.services.digests.tick()
    door.now = MONDAY
    await door.services.digests.tick()
    await door.collect()
    before = len(door.said)
    for _ in range(8 * 24):
        door.now += timedelta(hours=1)
        await door.services.digests.tick()
        await door.collect()
    digests = [said for said in door.said[before:] if said.kind is MessageKind.DIGEST]
    assert len(digests) == 1, "on quiet days the weekly one only, and once"


async def test_the_morning_brief_tells_of_todays_planned_drill(door):
    await door.services.digests.tick()
    await door.send(LI, "/drills 11-24 火灾 A3 班主任知情")
    door.now = MONDAY + timedelta(hours=21, minutes=31)
    await door.services.digests.tick()
    await door.collect()
    [brief] = [said for said in door.said if said.kind is MessageKind.DIGEST]
    assert brief.to == f"person:{ZHAO.staff_id}"
    assert "🧯 今日有计划演练：🔥 火灾 · 教学楼A座三层" in brief.text
