"""Whoever heard a text hears what became of it: the channels of a correction and of a withdrawal."""

from __future__ import annotations

import asyncio
import base64
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

from bot.domain.audience import Audience, Group
from bot.services.publishing import publish as publish_text
from bot.services.turn import Turn
from tests.handlers.web.machines import staged_with
from tests.support.announcing import drafted, press, press_data, press_shown, publish, with_button
from tests.support.cast import CHEN, LI, WANG, ZHAO
from tests.support.receivers import robot

SECRET = "whsec_" + base64.b64encode(b"the loudspeakers' own key").decode()


def webhook(name, at, audience):
    return f"""
[[channels]]
id = "{name}"
kind = "webhook"
url = "{at.url}"
secret = "{SECRET}"
audiences = ["{audience}"]
"""


@asynccontextmanager
async def school(folder):
    """The stage with a loudspeaker for life-safety texts and a screen for the public ones."""
    async with (
        robot() as speaker,
        robot() as screen,
        staged_with(
            folder, webhook("speaker", speaker, "life_safety"), webhook("screen", screen, "public")
        ) as stage,
    ):
        stage.speaker, stage.screen = speaker, screen
        yield stage


async def heard(far, count):
    """The types of what arrived there, as soon as there are so many."""
    async with asyncio.timeout(10):
        while len(far.requests) < count:
            await asyncio.sleep(0.02)
    return [one.json["type"].removeprefix("announcement.") for one in far.requests]


async def take_back(stage, who=ZHAO):
    await press_shown(stage, who, "撤回")
    await press(stage, who, await stage.says(who, "确定撤回吗"), "确认撤回")
    await stage.says(WANG, "🚫 撤回")


async def ready_to_evacuate(stage):
    """The ready-made text, one press of the commander before it goes out."""
    await stage.phone(WANG).send("/report fire A3 smoke")
    await stage.topic_named("2026-0001")
    said = await stage.phone(CHEN).send("/announce")
    await press(stage, CHEN, await stage.says(CHEN, "发布通告", after=said["message_id"]), "立即疏散")
    return await with_button(stage, CHEN, "确认发布")


async def evacuate(stage):
    """By the commander alone."""
    await press(stage, CHEN, await ready_to_evacuate(stage), "确认发布")
    await stage.says(WANG, "📢")
    await stage.quiet()


async def test_a_loudspeaker_that_said_evacuate_hears_the_correction_and_the_withdrawal(tmp_path):
    async with school(tmp_path) as stage:
        await evacuate(stage)
        assert await heard(stage.speaker, 1) == ["alert"]
        await drafted(stage, CHEN, "/announce 2026-A001 请到北门集合。", "请到北门集合")
        # Its author writes on it: it stays as urgent, and still nobody publishes their own words alone.
        await drafted(stage, CHEN, "/announce 2026-A001 请到北门集合，不要去操场。", "不要去操场")
        _, correction = await stage.read(lambda tx: tx.announcements.chain("2026-A001"))
        assert correction.is_urgent
        await press_shown(stage, CHEN, "提交审批")
        await press(stage, ZHAO, await stage.says(ZHAO, "提请审批"), "批准")
        await stage.says(WANG, "不要去操场")
        assert await heard(stage.speaker, 2) == ["alert", "update"]
        await stage.quiet()
        await take_back(stage)
        assert await heard(stage.speaker, 3) == ["alert", "update", "cancel"]


async def test_a_correction_for_fewer_people_than_what_is_out_is_refused(tmp_path):
    async with school(tmp_path) as stage:
        await publish(stage, "/announce 明天停课。")
        assert await heard(stage.screen, 1) == ["alert"]
        card = await drafted(stage, LI, "/announce 2026-A001 明天不停课。", "明天不停课")
        await press(stage, LI, card, "对象")
        refused = await press_shown(stage, LI, "全体教职工")
        assert "请撤回原通告" in refused
        _, correction = await stage.read(lambda tx: tx.announcements.chain("2026-A001"))
        assert correction.audience.is_public
        await press_shown(stage, LI, "返回")
        await press_shown(stage, LI, "提交审批")
        await press(stage, ZHAO, await stage.says(ZHAO, "提请审批"), "批准")
        assert await heard(stage.screen, 2) == ["alert", "update"]
        assert stage.speaker.requests == []


async def test_a_narrower_correction_that_was_written_before_this_was_refused_is_not_approved(tmp_path):
    async with school(tmp_path) as stage:
        await publish(stage, "/announce 明天停课。")
        card = await drafted(stage, LI, "/announce 2026-A001 明天不停课。", "明天不停课")

        def narrow(tx):
            draft = replace(tx.announcements.chain("2026-A001")[-1], audience=Audience(Group.STAFF))
            tx.announcements.save(draft, due_at=None)
            return draft

        draft = await stage.muster.database.write(narrow)
        await press_data(stage, LI, card, f"nsu:{draft.id}:{draft.mark}")
        refused = await press(stage, ZHAO, await stage.says(ZHAO, "提请审批"), "批准")
        assert "请撤回原通告" in refused


async def test_a_channel_that_stood_in_for_telegram_hears_the_correction_although_telegram_is_back(tmp_path):
    stand_in = "[delivery]\nfallback_after_s = 5\n"
    async with (
        robot() as sms,
        staged_with(tmp_path, webhook("sms", sms, "public") + 'takes = ["fallback"]\n', stand_in) as stage,
    ):
        await ready_to_evacuate(stage)
        await stage.quiet()
        stage.simulator.faults.change({"outage": True})
        await stage.muster.database.write(_publish_now, stage.muster.school, stage.clock())
        stage.clock.ahead += timedelta(seconds=6)
        stage.muster._courier._verdicts.taken_at -= 6
        for _ in range(3):
            await stage.muster._channels.tick()
        assert await heard(sms, 1) == ["alert"]
        said = sms.requests[0].json["data"]
        assert "立即" in said["title"]["zh_Hans"] + said["text"]["zh_Hans"]
        assert "Evacuate" in said["title"]["en"] + said["text"]["en"]
        stage.simulator.faults.change({"outage": False})
        await stage.says(WANG, "📢")
        await drafted(stage, CHEN, "/announce 2026-A001 请到北门集合。", "请到北门集合")
        await press_shown(stage, CHEN, "提交审批")
        await press(stage, ZHAO, await stage.says(ZHAO, "提请审批"), "批准")
        assert await heard(sms, 2) == ["alert", "update"]


def _publish_now(tx, school, now):
    """The commander's press arrived just before Telegram went away."""
    [draft] = tx.announcements.chain("2026-A001")
    publish_text(Turn(tx, school, now), replace(draft, approver_id=CHEN.staff_id))
