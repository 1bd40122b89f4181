"""What the school keeps up when nothing happens: training and its certificates."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.services.patrolling import point_codes
from tests.support.cast import CENTRE, CHEN, EMILY, LI, SUN, WANG, WU

pytestmark = pytest.mark.both_databases
MONDAY = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)  # 08:00 in Shanghai
PHOTO = b"\xff\xd8\xff\xe0 a picture"
TEN = MONDAY + timedelta(hours=2)


async def at(stage, moment):
    """The clock stands there; what is due is dealt with."""
    stage.clock.set(moment)
    await stage.muster.services.readiness.tick()
    await stage.quiet()


async def camera_until(stage, person):
    return await stage.read(lambda tx: tx.people.get(person.staff_id).camera_training_until)


async def test_a_training_is_entered_by_names_and_a_pass_gives_the_camera_certificate(stage):
    await at(stage, TEN)
    li = stage.phone(LI)
    await li.send("/training 视频监控管理; 2026-11-23; 王工; 区公安分局; 监控; 2031-11-22")
    card = await stage.says(LI, "🎓 培训 1：视频监控管理")
    assert "外请专家：王工 · 区公安分局" in card["text"]
    assert "监控查看资格，有效期至 2031-11-22" in card["text"]
    await li.press(card, "登记参训人员")
    await stage.says(LI, "培训 1：哪些人参加了")
    await li.send("陈刚、Sun Li，T7\n李四")
    card = await stage.says(LI, "参训 3 人：通过 0 人")
    assert "查无此人或有重名：李四" in card["text"]
    await li.send("/training 1 failed 吴涛")
    card = await stage.says(LI, "未通过 1 人")
    await li.press(card, "全部通过")
    card = await stage.says(LI, "通过 2 人，未通过 1 人")
    for person in (CHEN, SUN):
        assert await camera_until(stage, person) == date(2031, 11, 22)
    assert await camera_until(stage, WU) == date(2030, 1, 1)
    await stage.phone(SUN).send("/training")
    assert "camera certificate: valid until 2031-11-22" in (await stage.says(SUN, "🎓 Training"))["text"]
    await li.press(card, "撤销最近一次登记")
    await stage.says(LI, "参训 3 人：通过 0 人，未通过 1 人")
    assert await camera_until(stage, CHEN) == date(2030, 1, 1)


async def test_an_old_button_undoes_nothing_newer_and_a_press_twice_does_nothing(stage):
    li = stage.phone(LI)
    await li.send("/training AED")
    await stage.says(LI, "🎓 培训 1：AED")
    await li.send("/training 1 吴涛")
    old = await stage.says(LI, "参训 1 人")
    await li.send("/training 1 passed")
    await stage.says(LI, "通过 1 人")
    press = await li.press(old, "撤销最近一次登记")
    assert "只能撤销最近一次登记" in (await li.wait_answer(press))["text"]
    press = await li.press(old, "全部通过")
    assert "已经处理过了" in (await li.wait_answer(press))["text"]
    for said in ("参训 1 人：通过 0 人", "尚未登记"):
        await li.send("/training 1 undo")
        await stage.says(LI, said)
    await li.send("/training 1 undo")
    await stage.says(LI, "培训 1 已删除")
    await li.send("/training 1")
    await stage.says(LI, "没有编号为 1 的培训")
    await li.send("/training ; 2026-13-40")
    await stage.says(LI, "请这样填写")


async def test_a_certificate_is_reminded_of_once_a_step_whatever_happens(stage):
    await at(stage, MONDAY)
    await stage.phone(LI).send("/training 消防安全培训; 2026-11-23; ; ; 消防安全; +40")
    await stage.says(LI, "🎓 培训 1")
    await stage.phone(LI).send("/training 1 passed Emily Carter")
    await stage.says(LI, "通过 1 人")
    for day in (5, 10, 11, 20, 33, 34, 41, 42, 80):
        await at(stage, TEN + timedelta(days=day))
        await stage.stop()
        await stage.start()
        await at(stage, TEN + timedelta(days=day, hours=1))
    own = [message["text"] for message in stage.heard(EMILY, "🎫")]
    assert own == [
        "🎫 Your 消防安全 is valid until 2027-01-02. Please ask the safety office for the next training.",
        "🎫 Your 消防安全 is valid until 2027-01-02. Please ask the safety office for the next training.",
        "🎫 Your 消防安全 ran out on 2027-01-02. The safety office knows.",
    ]
    office = stage.heard(LI, "🎫 证书到期提醒")
    assert len(office) == 3
    assert "艾米丽：消防安全，有效期至 2027-01-02" in office[0]["text"]


async def test_of_steps_that_passed_while_it_was_down_only_the_nearest_is_told(stage):
    await at(stage, MONDAY)
    await stage.phone(LI).send("/training 急救; 今天; ; ; 急救员; +40")
    await stage.says(LI, "🎓 培训 1")
    await stage.phone(LI).send("/training 1 passed Emily Carter")
    await stage.says(LI, "通过 1 人")
    await at(stage, TEN + timedelta(days=36))
    assert len(stage.heard(EMILY, "🎫")) == 1
    await at(stage, TEN + timedelta(days=20))
    await at(stage, TEN + timedelta(days=37))
    assert len(stage.heard(EMILY, "🎫")) == 1


async def test_what_a_patrol_found_reaches_the_safety_office_with_its_photo(stage):
    rules = replace(stage.muster.school.readiness, patrol_zones=("gym",))
    stage.muster.services.patrol._turns.school = replace(stage.muster.school, readiness=rules)
    codes = await stage.muster.database.write(point_codes, ("gym",))
    emily = stage.phone(EMILY)
    await emily.start(f"patrol-{codes['gym']}")
    card = await stage.says(EMILY, "You are checked in.")
    await emily.press(card, "Something is wrong")
    await stage.says(EMILY, "write it in your next message, or send a photo")
    sent = await emily.send_photo(PHOTO, "fire door is blocked")
    told = await stage.says(LI, "⚠️ 发现问题：“fire door is blocked”")
    assert told["photo"] == sent["photo"]
    assert told["has_protected_content"]
    own = await stage.says(EMILY, "⚠️ Found: “fire door is blocked”")
    assert "photo" not in own
    visit = await stage.read(lambda tx: tx.patrols.get(1))
    assert visit.photo == sent["photo"][-1]["file_id"]
    await stage.phone(LI).press(told, "上报为事件")
    await stage.says(LI, "2026-0001")
    await stage.quiet()
    assert not [m for m in stage.phone(CHEN).messages(chat=CENTRE) if "photo" in m]


async def test_a_photo_without_words_is_a_finding_and_a_voice_note_is_none(stage):
    rules = replace(stage.muster.school.readiness, patrol_zones=("gym",))
    stage.muster.services.patrol._turns.school = replace(stage.muster.school, readiness=rules)
    codes = await stage.muster.database.write(point_codes, ("gym",))
    wang = stage.phone(WANG)
    await wang.start(f"patrol-{codes['gym']}")
    await wang.press(await stage.says(WANG, "签到成功"), "发现问题")
    await stage.says(WANG, "也可以发照片")
    await wang.send_voice(b"OggS")
    await stage.says(WANG, "没有记入任何事件")
    await wang.send_photo(PHOTO)
    told = await stage.says(LI, "⚠️ 发现问题：“📷”")
    assert "photo" in told
