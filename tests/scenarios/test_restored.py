"""A machine is lost: the school goes on elsewhere with last night's backup, and nobody is told anything twice."""

from __future__ import annotations

import asyncio
import secrets

from bot.ports import utc_now
from bot.services.backing_up import back_up, restore
from bot.storage.database import Database
from tests.support import databases
from tests.support.announcing import drafted, press, press_shown, publish, with_settings
from tests.support.cast import CENTRE, CHEN, EMILY, LI, WANG, ZHAO
from tests.support.stage import staged

KEY = secrets.token_bytes(32)


async def _go_on_elsewhere(stage, backup):
    settings = stage.folder / "school.toml"
    text = settings.read_text("utf-8").partition("\n[database]")[0]
    elsewhere = databases.database_url(stage.folder / "elsewhere" / "muster.db")
    settings.write_text(f'{text}\n[database]\nurl = "{elsewhere}"\n', "utf-8")
    target = Database(elsewhere, folder=stage.folder / "elsewhere")
    target.folder.mkdir(exist_ok=True)
    with backup.open("rb") as file:
        await asyncio.to_thread(restore, target, file, KEY, now=stage.clock())
    await stage.start()
    await stage.quiet()


async def test_a_button_of_a_lost_incident_does_nothing_to_a_new_one(tmp_path):
    async with staged(tmp_path) as stage:
        stage.clock.set(utc_now())  # as Telegram's
        await stage.phone(EMILY).send("/report medical A3")
        kept = await _card(stage, "2026-0001")
        await stage.quiet()
        backup = tmp_path / "backup"
        await asyncio.to_thread(back_up, stage.muster.database, backup, KEY, now=stage.clock())
        await stage.phone(EMILY).send("/report fire A3")
        lost = await _card(stage, "2026-0002")
        # in the lost time its card was edited, as every press edits it
        await stage.phone(CHEN).press(kept["message_id"], "已看到", chat=CENTRE)
        await stage.quiet()
        await stage.stop()
        await asyncio.sleep(1.1)  # Telegram's times are whole seconds
        await _go_on_elsewhere(stage, backup)
        await stage.phone(WANG).send("/report chemical A3")
        fresh = await _card(stage, "2026-0201")
        await stage.quiet()

        assert "恢复" in await _pressed(stage, lost)
        assert await _acknowledged(stage) == [None, None]
        for card in (kept, fresh):
            assert "恢复" not in await _pressed(stage, card)
        assert None not in await _acknowledged(stage)


async def _card(stage, number):
    thread = await stage.topic_named(number)
    return await stage.says(CHEN, "已报告，待确认", chat=CENTRE, thread=thread)


async def _pressed(stage, card):
    phone = stage.phone(CHEN)
    query = await phone.press(card["message_id"], "已看到", chat=CENTRE)
    return (await phone.wait_answer(query))["text"]


async def _acknowledged(stage):
    await stage.quiet()
    return await stage.read(lambda tx: [one.acknowledged_by for one in tx.incidents.list_open()])


async def test_a_running_muster_is_backed_up_and_goes_on_elsewhere(tmp_path):
    """The drill as a school does it: back up in the middle of an incident, lose the machine, go on."""
    async with staged(tmp_path) as stage:
        await stage.phone(EMILY).send("/report fire A3")
        thread = await stage.topic_named("2026-0001")
        await stage.quiet()
        backup = tmp_path / "backup"
        await asyncio.to_thread(back_up, stage.muster.database, backup, KEY, now=stage.clock())
        await stage.stop()
        told = {chat: len(stage.simulator.chat(chat).messages) for chat in (CENTRE, CHEN.telegram_id)}

        await _go_on_elsewhere(stage, backup)
        assert {chat: len(stage.simulator.chat(chat).messages) for chat in told} == told
        await stage.phone(CHEN).send("/note 恢复后", chat=CENTRE, thread=thread)
        await stage.says(CHEN, "恢复后", chat=CENTRE, thread=thread)


async def _backed_up(stage):
    backup = stage.folder / "backup"
    await stage.quiet()
    await asyncio.to_thread(back_up, stage.muster.database, backup, KEY, now=stage.clock())
    return backup


async def test_an_announcement_that_may_be_out_already_is_asked_about_and_not_published_again(tmp_path):
    async with staged(tmp_path) as stage:
        card = await drafted(stage, LI, "/announce 明天停课。")
        await press(stage, LI, card, "时间")
        await press_shown(stage, LI, "一小时后")
        await press_shown(stage, LI, "提交审批")
        await press(stage, ZHAO, await stage.says(ZHAO, "提请审批"), "批准")
        backup = await _backed_up(stage)
        await stage.after(hours=2)
        await stage.says(WANG, "明天停课")
        await stage.quiet()
        told = len(stage.heard(WANG, "明天停课"))
        await stage.stop()
        await _go_on_elsewhere(stage, backup)
        await stage.after(seconds=2)
        request = await stage.says(ZHAO, "可能已经发布")
        await stage.quiet()
        assert len(stage.heard(WANG, "明天停课")) == told
        await press(stage, ZHAO, request, "批准")
        await stage.quiet()
        assert len(stage.heard(WANG, "明天停课")) == told + 1


async def test_what_waited_for_the_morning_is_asked_about_too(tmp_path):
    async with staged(tmp_path) as stage:
        await with_settings(stage, '[announcements]\nquiet = "09:00-15:00"')
        await publish(stage, "/announce 明天停课。")
        backup = await _backed_up(stage)
        await stage.after(hours=7)
        await stage.says(WANG, "明天停课")
        await stage.stop()
        told = len(stage.heard(WANG, "明天停课"))
        await _go_on_elsewhere(stage, backup)
        await stage.after(seconds=2)
        await stage.says(ZHAO, "可能已经发布")
        await stage.quiet()
        assert len(stage.heard(WANG, "明天停课")) == told


async def test_a_digest_that_was_due_meanwhile_is_not_sent_again(tmp_path):
    async with staged(tmp_path) as stage:
        await stage.muster.services.digests.tick()
        backup = await _backed_up(stage)
        before = len(stage.phone(ZHAO).messages())
        await stage.after(days=3, hours=8)
        await stage.muster.services.digests.tick()
        await stage.quiet()
        told = len(stage.phone(ZHAO).messages())
        assert told > before
        await stage.stop()
        await _go_on_elsewhere(stage, backup)
        await stage.muster.services.digests.tick()
        await stage.quiet()
        assert len(stage.phone(ZHAO).messages()) == told
