"""Notices to the district: nothing goes by itself, one press sends one, and what came of it is told."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from aiohttp import web

from tests.handlers.web.machines import staged_with
from tests.scenarios.test_loudspeaker import heard, pa, verified
from tests.support.cast import CENTRE, CHEN, EMILY, LI, SUN, WANG
from tests.support.receivers import robot

CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"


def cap(said):
    return ET.fromstring(said["data"]["cap"])


async def fire(stage, words="/report fire A3 学生1 cries"):
    await stage.phone(WANG).send(words)
    return await stage.topic_named("2026-0001")


async def test_one_press_sends_one_notice_and_the_card_says_that_it_was_taken(tmp_path):
    async with robot() as server, staged_with(tmp_path, pa(server, '"district"')) as stage:
        thread = await fire(stage)
        await stage.phone(SUN).send("/injured 2 light")
        await stage.phone(LI).send("/district")
        asked = await stage.says(LI, "系统通报不能代替电话报告")
        await stage.quiet()
        assert server.requests == []
        await stage.phone(LI).press(asked, "立即发送")
        said = verified(await heard(server, 1))
        again = await stage.phone(LI).press(asked, "立即发送")
        await stage.phone(LI).wait_answer(again)
        await stage.says(CHEN, "李明向校园广播发送第1次通报", chat=CENTRE, thread=thread)
        await stage.quiet()
        await stage.after(seconds=1)
        await stage.says(CHEN, "📤 校园广播：通报已接收", chat=CENTRE, thread=thread)
        assert (said["type"], said["data"]["injured"]["light"]) == ("incident.alert", 2)
        root = cap(said)
        assert root.findtext(f"{CAP}status") == "Actual"
        assert root.findtext(f"{CAP}identifier") == "2026-0001-d1"
        assert [one.text for one in root.iter(f"{CAP}event")] == ["火灾", "Fire"]
        for name in ("王芳", "Wang Fang", "孙丽", "学生1", "cries"):
            assert name not in str(said)
        assert len(server.requests) == 1
        await stage.phone(SUN).send("/district")
        asked = await stage.says(SUN, "Notice 2 of incident 2026-0001: Fire")
        await stage.phone(SUN).press(asked, "Send it now")
        root = cap(verified(await heard(server, 2)))
        assert root.findtext(f"{CAP}msgType") == "Update"
        assert root.findtext(f"{CAP}references").split(",")[1] == "2026-0001-d1"
        events = [one.event.value for one in await stage.read(lambda tx: tx.timeline.all(1))]
        assert "report_sent" not in events
        assert "agency_called" not in events


async def test_a_drill_is_an_exercise_and_a_refused_notice_asks_for_the_phone(tmp_path):
    answers = [web.Response(status=400)]
    async with robot(answers=answers) as server, staged_with(tmp_path, pa(server, '"district"')) as stage:
        await stage.phone(CHEN).send("/drill fire A3")
        thread = await stage.topic_named("【演练】2026-0001")
        await stage.phone(SUN).send("/district")
        await stage.phone(SUN).press(
            await stage.says(SUN, "Nothing is sent before you press."), "Send it now"
        )
        said = verified(await heard(server, 1))
        assert said["data"]["title"]["zh_Hans"].startswith("【演练】")
        assert cap(said).findtext(f"{CAP}status") == "Exercise"
        await stage.quiet()
        await stage.after(seconds=1)
        await stage.says(CHEN, "通报失败，请电话报告", chat=CENTRE, thread=thread)


async def test_who_may_not_and_where_there_is_no_door(stage):
    await fire(stage)
    await stage.phone(EMILY).send("/district")
    await stage.says(EMILY, "Your role does not include this.")
    await stage.phone(SUN).send("/district")
    await stage.says(SUN, "No platform of the district is set up")


async def test_a_restricted_incident_goes_to_no_machine(tmp_path):
    async with robot() as server, staged_with(tmp_path, pa(server, '"district"')) as stage:
        await stage.phone(LI).send("/report bullying gym")
        await stage.says(LI, "2026-0001")
        await stage.phone(LI).send("/district 2026-0001")
        await stage.says(LI, "系统不予发送")
        await stage.quiet()
        assert server.requests == []
