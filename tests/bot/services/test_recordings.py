"""The recorders' gaps and shortages are told once, to those who can mend them; a filing is not forgotten."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from bot.domain.camera_health import Filing, filing_due
from bot.domain.footage import Span
from bot.domain.message import MessageKind
from bot.errors import CameraUnreachableError
from bot.services.filing import FilingService
from bot.services.recordings import RecordingService
from tests.support.cast import LI, WU
from tests.support.door import MONDAY, open_door
from tests.support.watched import watched_school

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass
class FakeFootage:
    """Has the spans that it is given, by camera."""

    kept: dict[str, list[Span]]
    asked: list[str] = field(default_factory=list)
    is_down: bool = False

    async def oldest(self, camera, *, deadline_s):
        self.asked.append(camera.id)
        if self.is_down:
            raise CameraUnreachableError(camera.id, "no connection")
        return min((span.begin for span in self.kept.get(camera.id, [])), default=None)

    async def spans(self, camera, wanted, *, deadline_s):
        found = self.kept.get(camera.id, [])
        return [
            Span(max(s.begin, wanted.begin), min(s.end, wanted.end)) for s in found if s.end > wanted.begin
        ]


@pytest.fixture
async def door(tmp_path):
    async with open_door(tmp_path) as one:
        one.turns.school = watched_school(one.school, recorded={"gate": True})
        yield one


async def told(door, service):
    await service.tick()
    return [s for s in await door.collect() if s.kind in {MessageKind.FOOTAGE_NOTICE, MessageKind.FILING_DUE}]


async def test_what_is_in_order_is_asked_once_a_day_and_says_nothing(door):
    footage = FakeFootage({"gate": [Span(MONDAY - 31 * DAY, MONDAY)]})
    service = RecordingService(door.turns, footage)
    for _ in range(25):
        assert await told(door, service) == []
        door.now += HOUR
        footage.kept["gate"] = [Span(door.now - 31 * DAY, door.now)]
    assert footage.asked == ["gate", "gate"]


async def test_a_hole_is_told_to_the_it_centre_once_and_a_newer_one_again(door):
    hole = [Span(MONDAY - 31 * DAY, MONDAY - 5 * DAY), Span(MONDAY - 4 * DAY, MONDAY)]
    footage = FakeFootage({"gate": hole})
    service = RecordingService(door.turns, footage)
    (notice,) = await told(door, service)
    assert notice.to == f"person:{WU.staff_id}"
    assert "🟠 <b>东门</b>：录像有缺口" in notice.text
    door.now += DAY
    footage.kept["gate"] = [hole[0], Span(MONDAY - 4 * DAY, door.now)]
    assert await told(door, service) == []
    door.now += DAY
    footage.kept["gate"] = [hole[0], Span(MONDAY - 4 * DAY, MONDAY), Span(MONDAY + 30 * HOUR, door.now)]
    (notice,) = await told(door, service)
    assert "录像有缺口" in notice.text


async def test_one_that_erases_too_early_is_told_with_its_days_and_that_it_is_mended(door):
    footage = FakeFootage({"gate": [Span(MONDAY - 13 * DAY, MONDAY)]})
    service = RecordingService(door.turns, footage)
    assert await told(door, service) == []
    door.now += DAY
    footage.kept["gate"] = [Span(door.now - 12 * DAY, door.now)]
    (notice,) = await told(door, service)
    assert "录像保存时间不足；现有 12 天，应为 30 天" in notice.text
    (answer,) = await door.send(WU, "/cameras")
    assert "录像 12 天" in answer.text
    assert "⚠️ 录像保存时间不足" in answer.text
    door.now += DAY
    footage.kept["gate"] = [Span(door.now - 31 * DAY, door.now)]
    (notice,) = await told(door, service)
    assert "🟢 <b>东门</b>：录像恢复正常" in notice.text


async def test_a_recorder_that_restarts_is_not_told_and_one_that_stays_away_is(door):
    footage = FakeFootage({"gate": [Span(MONDAY - 31 * DAY, MONDAY)]})
    service = RecordingService(door.turns, footage)
    await told(door, service)
    footage.is_down = True
    door.now += DAY
    assert await told(door, service) == []
    assert len(footage.asked) == 2
    door.now += DAY
    (notice,) = await told(door, service)
    assert "录像机无应答" in notice.text


@pytest.mark.parametrize("is_down", [False, True])
async def test_recorders_are_asked_although_the_clock_was_months_ahead(door, is_down):
    door.now = MONDAY + 161 * DAY
    footage = FakeFootage({"gate": [Span(door.now - 31 * DAY, door.now)]})
    service = RecordingService(door.turns, footage)
    await told(door, service)
    door.now = MONDAY
    footage.is_down, footage.kept["gate"] = is_down, [Span(MONDAY - 13 * DAY, MONDAY)]
    await told(door, service)
    door.now += DAY
    footage.kept["gate"] = [Span(door.now - 12 * DAY, door.now)]
    await told(door, service)
    expected = "录像机无应答" if is_down else "录像保存时间不足"
    assert [expected in said.text for said in door.said if said.kind is MessageKind.FOOTAGE_NOTICE] == [True]


async def test_a_filing_is_reminded_although_the_clock_was_months_ahead(door):
    due = door.school.day(MONDAY) + 7 * DAY
    door.turns.school = watched_school(door.school, filings={"gate": Filing("gate", None, due)})
    service = FilingService(door.turns)
    door.now = MONDAY + 161 * DAY
    assert len(await told(door, service)) == 1
    door.now = MONDAY
    assert len(await told(door, service)) == 1
    assert await told(door, service) == []


async def test_a_camera_that_nothing_records_is_told_at_once(door):
    (notice,) = await told(door, RecordingService(door.turns, FakeFootage({})))
    assert "没有录像" in notice.text


@pytest.mark.parametrize(
    ("in_use_since", "due"),
    [
        (date(2026, 11, 1), date(2026, 12, 1)),
        (date(2025, 4, 1), date(2025, 5, 1)),
        (date(2019, 9, 1), date(2025, 6, 30)),
        (None, None),
    ],
)
def test_a_filing_is_due_as_the_law_says(in_use_since, due):
    assert filing_due(in_use_since) == due


async def test_a_filing_is_reminded_two_weeks_one_week_and_a_day_before_then_weekly(door):
    due = door.school.day(MONDAY) + 20 * DAY
    door.turns.school = watched_school(door.school, filings={"gate": Filing("gate", None, due)})
    service = FilingService(door.turns)
    days = []
    for day in range(40):
        for _ in range(2):
            if notices := await told(door, service):
                assert notices[0].to == f"person:{LI.staff_id}"
                days.append(20 - day)
        door.now += DAY
    assert days == [14, 7, 1, -6, -13]


async def test_who_has_filed_hears_nothing(door):
    door.now += 400 * DAY
    assert await told(door, FilingService(door.turns)) == []
