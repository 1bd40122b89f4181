"""Arrival by a live location: noted near the place, and nothing else of where somebody was is kept anywhere."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.storage.tables import deliveries, inbox, timeline
from tests.scenarios.test_on_scene import TANG, thread
from tests.support.cast import CENTRE, CHEN, EMILY, HAN, WANG

__all__ = ["thread"]
A3 = (30.2741, 120.1551)
FAR = (30.2805, 120.1551)  # 700 m north
NEAR = (30.27435, 120.1551)  # 28 m north
DIGITS = ("30.2741", "30.2805", "30.27435", "120.1551")


async def place(stage, key, where=A3):
    """The school's settings have coordinates, and Muster starts again with them."""
    await stage.quiet()
    await stage.stop()
    path = stage.folder / "school.toml"
    text = path.read_text("utf-8")
    path.write_text(text.replace(key, f"location = [{where[0]}, {where[1]}]\n{key}", 1), encoding="utf-8")
    await stage.start()


@pytest.fixture
async def placed(stage, thread):
    """The zone that burns has coordinates, and two are sent there."""
    await place(stage, 'id = "A3"')
    await stage.phone(CHEN).send("/dispatch")
    await stage.says(HAN, "请赶赴现场")
    await stage.says(TANG, "Go there, look, and report.")
    return stage


async def kept(stage):
    """All that the database holds of messages, lines and updates, as one text."""

    def unit(tx):
        columns = (deliveries.c.params, timeline.c.params, inbox.c.payload)
        return " ".join(str(tx.connection.scalars(select(column)).all()) for column in columns)

    return await stage.read(unit)


async def test_near_the_place_it_says_arrived_and_nothing_else_of_the_way_is_kept(placed, thread):
    stage = placed
    han = stage.phone(HAN)
    shared = await han.send_location(*FAR, live_period=900)
    await stage.says(HAN, "到达现场附近时系统自动记录")
    await stage.says(CHEN, "🏃 韩磊：正在前往", chat=CENTRE, thread=thread)
    await han.move(shared, 30.2790, 120.1551)
    await han.move(shared, *NEAR)
    await stage.says(HAN, "之外不保存您的位置")
    await stage.says(CHEN, "📍 韩磊：已到达（据位置判断）", chat=CENTRE, thread=thread)
    await stage.says(TANG, "📍 ⭐ Han Lei: arrived")
    await han.move(shared, *FAR, is_over=True)
    await stage.quiet()
    found = await kept(stage)
    assert not [digits for digits in (*DIGITS, "30.279") if digits in found]


async def test_who_shares_at_the_place_has_arrived_at_once(placed, thread):
    await placed.phone(TANG).send_location(*NEAR, live_period=900)
    told = await placed.says(TANG, "2026-0001: arrived at")
    assert "you may stop sharing it" in told["text"]
    await placed.says(CHEN, "📍 唐志强：已到达（据位置判断）", chat=CENTRE, thread=thread)


async def test_a_reading_that_may_be_far_off_proves_nothing(placed, thread):
    han = placed.phone(HAN)
    shared = await han.send_location(*FAR, live_period=900)
    await placed.says(HAN, "前往途中")
    await han.move(shared, *NEAR, accuracy=400)
    await placed.quiet()
    assert [one.state for one in await sent(placed)] == ["going", "asked"]
    await han.move(shared, *NEAR, accuracy=20)
    await placed.says(CHEN, "📍 韩磊：已到达（据位置判断）", chat=CENTRE, thread=thread)


async def test_a_place_that_is_only_pinned_is_no_arrival_and_nor_is_somebody_else_s(placed, thread):
    await placed.phone(HAN).send_location(*NEAR)
    await placed.phone(EMILY).send_location(*NEAR, live_period=900)
    await placed.quiet()
    assert [one.state for one in await sent(placed)] == ["asked", "asked"]


async def test_who_only_passes_by_while_asked_is_not_put_on_the_way(placed, thread):
    tang = placed.phone(TANG)
    shared = await tang.send_location(*FAR, live_period=900)
    await placed.says(TANG, "your arrival is noted by itself")
    asked = await placed.says(TANG, "🚶")
    await tang.press(asked, "I am there")
    await placed.says(CHEN, "📍 唐志强：已到达", chat=CENTRE, thread=thread)
    await tang.move(shared, *FAR)
    await placed.quiet()
    assert sorted(one.state for one in await sent(placed)) == ["arrived", "asked"]


async def test_without_coordinates_it_says_on_the_way_and_that_the_button_is_needed(stage, thread):
    await stage.phone(CHEN).send("/dispatch")
    await stage.says(HAN, "请赶赴现场")
    han, tang = stage.phone(HAN), stage.phone(TANG)
    shared = await han.send_location(*NEAR, live_period=900)
    await stage.says(HAN, "学校未设置该地点的坐标，到达后请点“已到达”")
    await tang.send_location(*NEAR, live_period=900)
    await stage.says(TANG, "press “I am there” when you arrive")
    await han.move(shared, *A3)
    await stage.quiet()
    assert [one.state for one in await sent(stage)] == ["going", "going"]
    assert "30.27435" not in await kept(stage)


async def test_the_school_s_own_coordinates_serve_a_place_that_has_none(stage, thread):
    await place(stage, 'alarm_phone = "0571-0110"')
    await stage.phone(CHEN).send("/dispatch")
    await stage.says(HAN, "请赶赴现场")
    await stage.phone(HAN).send_location(*NEAR, live_period=900)
    await stage.says(CHEN, "📍 韩磊：已到达（据位置判断）", chat=CENTRE, thread=thread)


async def test_a_reporter_who_shares_where_they_are_still_reports_a_place_and_only_once(stage, thread):
    wang = stage.phone(WANG)
    shared = await wang.send_location(*FAR, live_period=900)
    await stage.says(CHEN, "📍 30.28050, 120.15510", chat=CENTRE, thread=thread)
    await wang.move(shared, *NEAR)
    await stage.quiet()
    assert "30.27435" not in await kept(stage)


async def sent(stage):
    """Han and Tang, in this order."""
    return await stage.read(lambda tx: [tx.on_scene.get(1, person.staff_id) for person in (HAN, TANG)])
