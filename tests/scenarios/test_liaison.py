"""A link for the liaison officer outside: made for somebody, opened once, read, taken back; all of it on record."""

from __future__ import annotations

import re

import aiohttp

from tests.support.cast import CENTRE, CHEN, EMILY, HAN, LI, SUN, WANG


def address(stage, message):
    """The link in the message, at the port where Muster listens."""
    [url] = re.findall(r"http://\S+/liaison/\S+", message["text"])
    return re.sub(r"^http://[^/]+", stage.muster.web_url, url)


def browser():
    return aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))


async def made(stage, who=LI, unit="消防中队 周队长"):
    await stage.phone(WANG).send("/report fire A3 学生1 is in the smoke")
    thread = await stage.topic_named("2026-0001")
    await stage.phone(who).send(f"/liaison {unit}")
    return thread, await stage.says(who, "/liaison/")


async def test_the_officer_reads_facts_without_names_and_every_opening_is_on_record(stage):
    thread, message = await made(stage)
    await stage.says(CHEN, "李明向消防中队 周队长提供情况查看链接", chat=CENTRE, thread=thread)
    await stage.phone(CHEN).send("/evacuate", chat=CENTRE, thread=thread)
    await stage.phone(CHEN).press(
        await stage.says(CHEN, "下达疏散指令", chat=CENTRE, thread=thread), "确认疏散"
    )
    await stage.phone(SUN).send("/injured 2 light 1 serious")
    await stage.phone(SUN).send("/call 119 two engines, Sun Li waits at the gate")
    await stage.quiet()
    async with browser() as officer:
        async with officer.get(address(stage, message)) as door:
            assert (door.status, door.headers["Referrer-Policy"]) == (200, "no-referrer")
            assert "script-src 'self'" in door.headers["Content-Security-Policy"]
            assert "<script" not in await door.text()
        async with officer.post(address(stage, message)) as page:
            assert (page.status, page.url.path) == (200, "/liaison")
            assert page.headers["Cache-Control"] == "no-store"
            shown = await page.text()
        async with officer.get(f"{stage.muster.web_url}/liaison?lang=en") as page:
            english = await page.text()
    for fact in (
        "火灾",
        "教学楼A座三层",
        "疏散",
        "3人（重伤1人、轻伤2人）",
        "操场",
        "0571-0110",
        "消防（119）",
        "应到5人",
    ):
        assert fact in shown
    assert "3 (1 serious, 2 light)" in english
    for name in ("王芳", "陈刚", "孙丽", "李明", "学生1", "Wang Fang", "Chen Gang", "Sun Li", "two engines"):
        assert name not in shown + english
    opened = await stage.says(LI, "提供给消防中队 周队长的链接已于")
    events = [one.event.value for one in await stage.read(lambda tx: tx.timeline.all(1))]
    assert events.count("liaison_opened") == 1
    acts = [row.act for row in await stage.read(lambda tx: list(tx.audit.rows()))]
    assert acts.count("liaison_opened") == 1
    await stage.phone(LI).press(opened, "收回链接")
    await stage.says(CHEN, "李明收回提供给消防中队 周队长的链接", chat=CENTRE, thread=thread)


async def test_it_opens_once_ends_in_time_and_at_once_when_taken_back(stage):
    _, message = await made(stage)
    async with browser() as officer, browser() as other:
        assert (await officer.post(address(stage, message))).status == 200
        assert (await other.get(address(stage, message))).status == 410
        assert (await other.post(address(stage, message))).status == 410
        assert (await other.get(f"{stage.muster.web_url}/liaison")).status == 401
        await stage.after(minutes=2)
        assert (await officer.get(f"{stage.muster.web_url}/liaison")).status == 200
        events = [one.event.value for one in await stage.read(lambda tx: tx.timeline.all(1))]
        assert events.count("liaison_opened") == 2
        await stage.after(hours=4)
        assert (await officer.get(f"{stage.muster.web_url}/liaison")).status == 401
    await stage.phone(LI).send("/liaison 派出所 王警官")
    fresh = await stage.says(LI, "⚪ 派出所 王警官")
    await stage.phone(LI).press(fresh, "收回：派出所")
    await stage.says(LI, "🚫 派出所 王警官（李明提供）：已收回")
    async with browser() as officer:
        assert (await officer.post(address(stage, fresh))).status == 410


async def test_only_the_desk_gives_one_and_guesses_have_to_wait(stage):
    await stage.phone(WANG).send("/report fire A3")
    await stage.topic_named("2026-0001")
    for person, words in ((EMILY, "Your role does not include this."), (HAN, "您没有此项权限")):
        await stage.phone(person).send("/liaison Police")
        await stage.says(person, words)
    await stage.phone(SUN).send("/liaison")
    await stage.says(SUN, "No link was given to anybody outside.")
    async with browser() as stranger:
        statuses = [
            (await stranger.get(f"{stage.muster.web_url}/liaison/guess{n}")).status for n in range(22)
        ]
    assert statuses[0] == 410
    assert statuses[-1] == 429


async def test_a_restricted_incident_is_known_to_few_also_here(stage):
    await stage.phone(LI).send("/report bullying gym")
    await stage.says(LI, "2026-0001")
    await stage.quiet()
    known = await stage.read(lambda tx: tx.incidents.get(1).is_restricted)
    assert known
    await stage.phone(HAN).send("/liaison 2026-0001 派出所")
    await stage.says(HAN, "您没有此项权限")
