"""The list page in real browsers: one thumb, a bad line, two leads at once, and nobody counted twice."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from playwright.async_api import expect

from bot.domain.headcount import PupilState, Said
from bot.domain.incident import Mode
from bot.domain.response import ResponseAction
from bot.ports import utc_now
from tests.browser.axe import require_axe, serious
from tests.browser.counting import (
    CARTER,
    SOON_MS,
    button,
    choose,
    counting,
    is_kept_offline,
    is_sent,
    phone,
    row,
    until,
)
from tests.support import cast
from tests.support.cast import LI, QIAN, WANG
from tests.support.init_data import init_data

SMALLEST_TARGET = 44


@pytest.fixture
async def stage(tmp_path):
    async with counting(tmp_path) as one:
        yield one


def figure(page, name):
    return page.locator(f'[data-figure="{name}"] dd')


# ── ticking ────────────────────────────────────────────────────────────────────────────────────────────────
async def test_one_press_says_that_all_are_here(stage, chromium):
    await stage.begin()
    async with phone(chromium, stage) as page:
        await stage.enter(page)
        await button(page, "全部到齐（40）").click()
        await expect(page.locator(".done")).to_have_text("已上报：全部到齐（40）")
        await expect(figure(page, "present")).to_have_text("40")
        await is_sent(page)
        assert await page.evaluate("document.documentElement.scrollWidth") == 360
    assert (await stage.counted()).count.tally.present == 40


async def test_who_is_not_there_is_named_with_where_they_were_seen(stage, chromium):
    await stage.begin(mode=Mode.REAL)
    async with phone(chromium, stage) as page:
        await stage.enter(page)
        await expect(page.locator(".mode")).to_be_hidden()
        await row(page, "赵子涵").locator(".tick").click()
        await expect(row(page, "赵子涵")).to_contain_text("在我这里")
        await choose(page, "钱子涵", "未到")
        await page.get_by_label("最后见于何处？").fill("体育馆门口")
        await button(page, "发送").click()
        await choose(page, "孙子涵", "已由…接走")
        await page.keyboard.press("Escape")
        await button(page, "其余 38 人到齐").click()
        await expect(page.locator(".done")).to_have_text("已清点：1 人未到")
        await is_sent(page)
        await button(page, "未到优先").click()
        await expect(page.locator(".row").first).to_contain_text("钱子涵")
    pupils = await stage.read(lambda tx: tx.headcounts.pupils(1, "7-3"))
    assert [one.status.state for one in pupils[:3]] == [
        PupilState.PRESENT,
        PupilState.MISSING,
        PupilState.LEFT,
    ]
    assert pupils[1].status.words == "体育馆门口"
    assert await stage.said(Said.MISSING) == 1, "the words go along with the mark"


async def test_a_tick_is_never_taken_back_by_a_second_tap(stage, chromium):
    await stage.begin()
    async with phone(chromium, stage) as page:
        await stage.enter(page)
        tick = row(page, "赵子涵").locator(".tick")
        await tick.click()
        await tick.click()
        sheet = page.get_by_role("dialog")
        await expect(sheet.get_by_role("button")).to_have_text(
            ["在我这里", "未到", "受伤", "已由…接走", "今日缺勤", "取消"]
        )
        await page.keyboard.press("Escape")
        await expect(tick).to_be_focused()
        await is_sent(page)
    assert await stage.said(Said.WITH_ME) == 1


async def test_words_that_come_late_are_sent_after_the_mark(stage, chromium):
    await stage.begin()
    async with phone(chromium, stage) as page:
        await page.clock.install()
        await stage.enter(page)
        await choose(page, "赵子涵", "受伤")
        await expect(page.get_by_label("在哪里？")).to_be_focused()
        await page.clock.run_for(20_000)
        await until(lambda: is_injured(stage))
        await page.get_by_label("在哪里？").fill("东侧楼梯")
        await button(page, "发送").click()
        await until(lambda: is_injured(stage, "东侧楼梯"))


async def test_words_are_not_lost_when_the_answer_to_the_mark_was(stage, chromium):
    await stage.begin()
    async with phone(chromium, stage) as page:
        await stage.enter(page)
        lost = 0

        async def lose(route):
            nonlocal lost
            await route.fetch()
            lost += 1
            await route.abort("internetdisconnected")

        await page.route("**/headcount/marks", lose)
        await choose(page, "赵子涵", "受伤")
        # Another app comes to the front: what waits is sent.
        await page.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
        await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        await until(lambda: is_injured(stage))
        await page.get_by_label("在哪里？").fill("东侧楼梯")
        await page.unroute("**/headcount/marks")
        await button(page, "发送").click()
        await until(lambda: is_injured(stage, "东侧楼梯"))
        assert lost >= 1


async def is_injured(stage, words=""):
    one = (await stage.read(lambda tx: tx.headcounts.pupils(1, "7-3")))[0]
    return one.status.state is PupilState.INJURED and one.status.words == words


async def test_a_number_a_guest_and_a_call_for_help(stage, chromium):
    await stage.begin()
    async with phone(chromium, stage) as page:
        await stage.enter(page, CARTER)
        await button(page, "Number only").click()
        await button(page, "One less").click()
        await button(page, "39 are here").click()
        await expect(figure(page, "missing")).to_have_text("1")
        await button(page, "+ Pupil of another class").click()
        await page.get_by_role("searchbox").fill("70412")
        await page.get_by_role("dialog").get_by_role("button", name="7-4 · 70412").click()
        await expect(page.get_by_role("heading", name="Pupils of other classes with us")).to_be_visible()
        await expect(page.locator(".row").last).to_contain_text("With me")
        await button(page, "Need help").click()
        await page.keyboard.press("Escape")
        await button(page, "Need help").click()
        await button(page, "Yes, call for help").click()
        await expect(page.get_by_text("Help was called for.")).to_be_visible()
        await button(page, "Help is here").click()
        await button(page, "Yes, help is here").click()
        await expect(page.get_by_text("Help was called for.")).to_be_hidden()
        await is_sent(page)
    guests = await stage.read(lambda tx: tx.headcounts.guests(1, "7-3"))
    assert [one.student_no for one in guests] == ["70412"]
    assert [await stage.said(said) for said in (Said.HELP, Said.HELP_OVER)] == [1, 1]


# ── a bad line ─────────────────────────────────────────────────────────────────────────────────────────────
async def test_what_is_tapped_without_a_line_survives_a_reload_and_is_sent_once(stage, chromium):
    await stage.begin()
    async with phone(chromium, stage) as page:
        await stage.enter(page)
        await row(page, "赵子涵").locator(".tick").click()
        await is_sent(page)
        await is_kept_offline(page)
        await page.context.set_offline(True)
        await row(page, "钱子涵").locator(".tick").click()
        await choose(page, "孙子涵", "今日缺勤")
        await expect(page.locator(".net")).to_have_text("无网络，2 项待发送。")
        await page.reload()
        await expect(row(page, "钱子涵")).to_contain_text("待发送")
        await expect(row(page, "孙子涵")).to_contain_text("今日缺勤")
        await expect(page.locator(".net")).to_contain_text("2 项待发送")
        assert await stage.said(Said.WITH_ME) == 1
        await page.context.set_offline(False)
        await is_sent(page)
        await expect(page.locator(".net")).to_be_hidden(timeout=SOON_MS)
    assert (await stage.said(Said.WITH_ME), await stage.said(Said.ABSENT)) == (2, 1)


async def test_an_answer_that_got_lost_makes_no_second_mark(stage, chromium):
    await stage.begin()
    async with phone(chromium, stage) as page:
        await stage.enter(page)
        lost = 2

        async def lose(route):
            nonlocal lost
            await route.fetch()
            lost -= 1
            await (route.abort("internetdisconnected") if lost >= 0 else route.fallback())

        await page.route("**/headcount/marks", lose)
        await row(page, "赵子涵").locator(".tick").click()
        await is_sent(page)
    assert await stage.said(Said.WITH_ME) == 1


async def test_a_guest_network_s_login_page_takes_no_mark(stage, chromium):
    await stage.begin()
    async with phone(chromium, stage) as page:
        await stage.enter(page)
        is_caught = True

        async def catch(route):
            await (route.fulfill(body="<h1>Log in</h1>") if is_caught else route.fallback())

        await page.route("**/headcount/marks", catch)
        await row(page, "赵子涵").locator(".tick").click()
        await expect(page.locator(".net")).to_contain_text("1 项待发送")
        is_caught = False
        await is_sent(page)
    assert await stage.said(Said.WITH_ME) == 1


async def test_one_refused_mark_is_told_and_the_others_go_on(stage, chromium):
    await stage.begin()
    async with phone(chromium, stage, is_refusal=True) as page:
        await stage.enter(page)
        await expect(row(page, "赵子涵")).to_be_visible()
        await page.context.set_offline(True)
        await row(page, "赵子涵").locator(".tick").click()
        forged = "(mark) => localStorage.setItem(`muster.mark:${mark.at}:${mark.key}`, JSON.stringify(mark))"
        bad = {"key": "bad", "said": "with_me", "pupil": 9999, "class_id": 1, "who": "T1", "hold": 0}
        await page.evaluate(forged, bad | {"at": int(utc_now().timestamp() * 1000)})
        await row(page, "钱子涵").locator(".tick").click()
        await page.context.set_offline(False)
        await expect(page.locator(".notice-line")).to_contain_text("【演练】", timeout=SOON_MS)
        await is_sent(page)
        assert (
            await page.evaluate("Object.keys(localStorage).filter((one) => one.includes('mark')).length") == 0
        )
    assert await stage.said(Said.WITH_ME) == 2


async def test_the_end_of_the_roll_call_leaves_nothing_on_the_phone(stage, chromium):
    await stage.begin()
    async with phone(chromium, stage, is_refusal=True) as page:
        await stage.enter(page)
        await row(page, "赵子涵").locator(".tick").click()
        await is_sent(page)
        assert "赵子涵" in await page.evaluate("JSON.stringify(localStorage)")
        await page.context.set_offline(True)
        await row(page, "钱子涵").locator(".tick").click()
        await stage.close()
        await page.context.set_offline(False)
        await expect(page.get_by_text("当前没有进行中的点名")).to_be_visible(timeout=SOON_MS)
        assert await page.evaluate("Object.keys(localStorage).length") == 0
    assert await stage.said(Said.WITH_ME) == 1


async def test_the_first_visit_on_a_dead_line_says_so_and_comes_through_by_itself(stage, chromium):
    await stage.begin()
    async with phone(chromium, stage) as page:
        is_dead = True

        async def die(route):
            await (route.abort("internetdisconnected") if is_dead else route.fallback())

        await page.route("**/headcount/data*", die)
        await stage.enter(page)
        await expect(page.get_by_text("无网络，正在重试…")).to_be_visible()
        is_dead = False
        await expect(row(page, "赵子涵")).to_be_visible(timeout=SOON_MS)


async def test_without_a_session_the_page_says_where_to_get_one(stage, chromium):
    await stage.begin()
    async with phone(chromium, stage, is_refusal=True) as page:
        await page.goto(f"{stage.running.web_url}/headcount")
        await expect(page.get_by_role("heading", name="请通过机器人发来的链接打开本页面")).to_be_visible()
        assert "赵子涵" not in await page.content()


# ── several people ─────────────────────────────────────────────────────────────────────────────────────────
async def test_two_leads_see_each_other_and_their_disagreement(stage, chromium):
    await stage.begin()
    async with phone(chromium, stage) as wang, phone(chromium, stage, width=1440, height=900) as carter:
        await stage.enter(wang)
        await stage.enter(carter, CARTER)
        await row(wang, "赵子涵").locator(".tick").click()
        await expect(row(carter, "赵子涵")).to_contain_text("With Wang Fang", timeout=SOON_MS)
        await choose(carter, "钱子涵", "Missing")
        await button(carter, "Nothing to add").click()
        await expect(row(wang, "钱子涵")).to_contain_text("未到", timeout=SOON_MS)
        await button(wang, "其余 39 人到齐").click()
        await expect(figure(carter, "present")).to_have_text("39", timeout=SOON_MS)
        await choose(wang, "孙子涵", "未到")
        await button(wang, "没有补充").click()
        await expect(row(carter, "孙子涵")).to_contain_text("Missing", timeout=SOON_MS)
        await choose(wang, "钱子涵", "今日缺勤")
        await expect(row(carter, "钱子涵")).to_contain_text(
            "Emily Carter says missing, Wang Fang does not.", timeout=SOON_MS
        )
        await expect(wang.get_by_role("alert")).to_contain_text("双方上报不一致", timeout=SOON_MS)


async def test_a_grade_lead_goes_from_class_to_class_by_tabs(stage, chromium):
    await stage.begin()
    async with phone(chromium, stage) as page:
        await stage.enter(page, QIAN)
        await expect(page.locator(".tab")).to_have_text(["7-3 0/40", "7-4 0/38"])
        await page.locator(".tab").last.click()
        await button(page, "全部到齐（38）").click()
        await expect(page.locator(".tab").last).to_have_attribute("data-state", "complete")
        await is_sent(page)
        await page.reload()
        await expect(page.locator(".top h1")).to_have_text("7-4")
    assert (await stage.counted("7-4")).said_by == QIAN.staff_id


async def test_the_safety_office_finds_a_class_and_enters_its_paper_sheet(stage, chromium):
    await stage.begin()
    async with phone(chromium, stage, width=1440, height=900) as page:
        await stage.enter(page, LI)
        await expect(page.locator(".cell")).to_have_count(26)
        await page.get_by_placeholder("查找班级").fill("8-1")
        await expect(page.locator(".cell")).to_have_count(4)
        await page.locator(".cell").first.click()
        await page.get_by_role("switch").click()
        await button(page, "全部到齐（4）").click()
        await is_sent(page)
        await page.go_back()
        await expect(page.locator(".cell").first).to_contain_text("已清点")
    assert (await stage.counted("8-1")).is_paper


# ── inside Telegram, in a lockdown, for everybody ──────────────────────────────────────────────────────────
async def test_inside_telegram_the_page_opens_by_itself(stage, chromium):
    await stage.begin()
    said = quote(init_data(cast.TOKEN, WANG.telegram_id, at=stage.clock()), safe="")
    theme = quote('{"bg_color":"#17212b"}', safe="")
    async with phone(chromium, stage) as page:
        url = f"{stage.running.web_url}/headcount#tgWebAppData={said}&tgWebAppVersion=8.0"
        await page.goto(f"{url}&tgWebAppThemeParams={theme}")
        await row(page, "赵子涵").locator(".tick").click()
        await is_sent(page)
        assert "tgWebApp" not in page.url
        assert await page.evaluate("document.documentElement.dataset.scheme") == "dark"
        assert await page.context.cookies() == []
        await page.reload()
        await expect(row(page, "赵子涵")).to_contain_text("在我这里")


async def test_in_a_lockdown_the_page_is_dark_and_asks_for_silence(stage, chromium):
    await stage.begin(ResponseAction.LOCKDOWN, Mode.REAL)
    async with phone(chromium, stage, color_scheme="light") as page:
        await stage.enter(page)
        await expect(page.get_by_text("手机静音")).to_be_visible()
        assert await page.evaluate("document.documentElement.dataset.scheme") == "dark"


async def test_every_target_is_large_and_the_keyboard_is_enough(stage, chromium):
    await stage.begin()
    async with phone(chromium, stage) as page:
        await stage.enter(page)
        await expect(row(page, "赵子涵")).to_be_visible()
        for one in await page.locator("button:visible").all():
            box = await one.bounding_box()
            assert min(box["width"], box["height"]) >= SMALLEST_TARGET
        for one in await page.locator(".tick, .dots, .big, .tool").all():
            assert (await one.bounding_box())["height"] >= 56
        tick = row(page, "赵子涵").locator(".tick")
        await tick.focus()
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("dialog").get_by_role("button", name="在我这里")).to_be_focused()
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.keyboard.type("操场东侧")
        await page.keyboard.press("Enter")
        await expect(row(page, "赵子涵")).to_contain_text(re.compile("操场东侧.*未到"))
        await is_sent(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
async def test_axe_finds_nothing_serious(stage, chromium, scheme, width):
    require_axe()
    await stage.begin()
    async with phone(chromium, stage, width=width, color_scheme=scheme, bypass_csp=True) as page:
        await stage.enter(page)
        await row(page, "赵子涵").locator(".tick").click()
        for name, choice in (
            ("钱子涵", "未到"),
            ("孙子涵", "受伤"),
            ("李子涵", "已由…接走"),
            ("周子涵", "今日缺勤"),
        ):
            await choose(page, name, choice)
            await page.keyboard.press("Escape")
        await is_sent(page)
        assert await serious(page) == []
        await row(page, "赵子涵").locator(".dots").click()
        assert await serious(page) == []
        await stage.enter(page, LI)
        await expect(page.locator(".cell").first).to_be_visible()
        assert await serious(page) == []
