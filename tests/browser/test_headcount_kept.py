"""What the list page keeps on a phone: through a recount, other hands, a full storage, a wrong clock."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from urllib.parse import quote

import pytest
from playwright.async_api import expect

from bot.domain.headcount import PupilState, Said
from bot.domain.response import ResponseAction
from bot.ports import utc_now
from tests.browser.counting import CARTER, SOON_MS, button, choose, counting, is_sent, phone, row, until
from tests.support import cast
from tests.support.cast import EMILY, LI, WANG
from tests.support.init_data import init_data


@pytest.fixture
async def stage(tmp_path):
    async with counting(tmp_path) as one:
        yield one


async def cut(route):
    await route.abort("internetdisconnected")


async def test_a_tap_from_before_a_recount_is_not_said_after_it(stage, chromium):
    await stage.begin(ResponseAction.LOCKDOWN)
    async with phone(chromium, stage, is_refusal=True) as page:
        await stage.enter(page)
        await expect(row(page, "赵子涵")).to_be_visible()
        await page.context.set_offline(True)
        await row(page, "赵子涵").locator(".tick").click()
        await row(page, "钱子涵").locator(".tick").click()
        await button(page, "其余 38 人到齐").or_(button(page, "全部到齐（40）")).click()
        await stage.order(ResponseAction.EVACUATE)
        await page.context.set_offline(False)
        await expect(page.locator(".notice-line")).to_contain_text("重新清点", timeout=SOON_MS)
        await is_sent(page)
        await expect(page.locator(".notice-line")).to_have_count(1)
        assert (await stage.counted()).count.tally.present == 0
        await button(page, "全部到齐（40）").click(timeout=SOON_MS)
        await is_sent(page)
    assert (await stage.counted()).count.tally.present == 40


# ── other hands ────────────────────────────────────────────────────────────────────────────────────────────
async def test_who_enters_by_a_new_link_never_taps_in_the_name_of_who_was_there(stage, chromium):
    await stage.begin()
    async with phone(chromium, stage) as page:
        await stage.enter(page)
        await expect(row(page, "赵子涵")).to_be_visible()
        await page.route("**/headcount/marks", cut)
        await row(page, "赵子涵").locator(".tick").click()
        is_slow = asyncio.Event()

        async def wait(route):
            await is_slow.wait()
            await route.fallback()

        await page.route("**/headcount/data*", wait)
        await stage.enter(page, CARTER)
        await expect(page.locator(".empty[role=status]")).to_be_visible()
        assert not page.url.endswith("new")
        await expect(page.locator(".row")).to_have_count(0)
        is_slow.set()
        await page.unroute("**/headcount/marks", cut)
        await row(page, "钱子涵").locator(".tick").click(timeout=SOON_MS)
        await until(lambda: said_by(stage, CARTER))
        assert not await said_by(stage, WANG)
        await stage.enter(page)
        await until(lambda: said_by(stage, WANG))
    assert await stage.said(Said.WITH_ME) == 2


async def test_another_s_telegram_shows_nothing_of_who_was_there(stage, chromium):
    await stage.begin()
    async with phone(chromium, stage) as page:
        await stage.enter(page)
        await expect(row(page, "赵子涵")).to_be_visible()
        await page.goto("about:blank")
        await page.route("**/enter/telegram/*", cut)
        said = quote(init_data(cast.TOKEN, EMILY.telegram_id, at=stage.clock()), safe="")
        await page.goto(f"{stage.running.web_url}/headcount#tgWebAppData={said}&tgWebAppVersion=8.0")
        await expect(page.get_by_text(re.compile("无网络"))).to_be_visible()
        await expect(page.locator(".row")).to_have_count(0)


async def said_by(stage, person):
    return any(one.said_by == person.staff_id for one in await stage.read(lambda tx: tx.headcounts.said(1)))


# ── words that come late ───────────────────────────────────────────────────────────────────────────────────
async def test_words_that_went_along_are_not_sent_again(stage, chromium):
    await stage.begin()
    async with phone(chromium, stage) as page, phone(chromium, stage) as other:
        await page.clock.install()
        await stage.enter(page)
        await stage.enter(other, CARTER)
        await choose(page, "赵子涵", "未到")
        await page.get_by_label("最后见于何处？").fill("体育馆")
        await page.clock.run_for(20_000)
        await until(lambda: has(stage, PupilState.MISSING, "体育馆"))
        await choose(other, "赵子涵", "With me")
        await until(lambda: has(stage, PupilState.PRESENT))
        await button(page, "发送").click()
        await row(page, "钱子涵").locator(".tick").click()
        await is_sent(page)
        assert await stage.said(Said.MISSING) == 1
        assert await has(stage, PupilState.PRESENT)


async def test_words_for_a_pupil_who_was_found_meanwhile_do_not_make_them_missing(stage, chromium):
    await stage.begin()
    async with phone(chromium, stage) as page, phone(chromium, stage) as other:
        await page.clock.install()
        await stage.enter(page)
        await stage.enter(other, CARTER)
        await choose(page, "赵子涵", "未到")
        await page.clock.run_for(20_000)
        await until(lambda: has(stage, PupilState.MISSING))
        await choose(other, "赵子涵", "With me")
        await until(lambda: has(stage, PupilState.PRESENT))
        await page.get_by_label("最后见于何处？").fill("体育馆")
        await button(page, "发送").click()
        await is_sent(page)
        assert await has(stage, PupilState.PRESENT)


async def test_words_typed_after_the_mark_left_are_sent_though_nobody_pressed_send(stage, chromium):
    await stage.begin()
    async with phone(chromium, stage) as page:
        await page.clock.install()
        await stage.enter(page)
        await choose(page, "赵子涵", "未到")
        await page.clock.run_for(20_000)
        await until(lambda: has(stage, PupilState.MISSING))
        await page.get_by_label("最后见于何处？").press_sequentially("体育馆")
        await page.keyboard.press("Escape")
        await until(lambda: has(stage, PupilState.MISSING, "体育馆"))
        await is_sent(page)
    assert await stage.said(Said.MISSING) == 2


async def test_words_follow_their_mark_when_both_waited_for_the_line(stage, chromium):
    await stage.begin()
    async with phone(chromium, stage) as page:
        await page.clock.install()
        await stage.enter(page)
        await row(page, "赵子涵").locator(".tick").click()
        await is_sent(page)
        await page.route("**/headcount/marks", cut)
        await choose(page, "赵子涵", "未到")
        await page.clock.run_for(20_000)
        await page.get_by_label("最后见于何处？").fill("体育馆")
        await button(page, "发送").click()
        await page.unroute("**/headcount/marks")
        await page.clock.run_for(20_000)
        await until(lambda: has(stage, PupilState.MISSING, "体育馆"))


async def has(stage, state, words=""):
    """What is known of the first pupil."""
    one = (await stage.read(lambda tx: tx.headcounts.pupils(1, "7-3")))[0]
    return one.status.state is state and one.status.words == words


# ── a full storage ─────────────────────────────────────────────────────────────────────────────────────────
FULL = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };"


async def test_on_a_full_phone_a_tap_is_shown_and_sent(stage, chromium):
    await stage.begin()
    async with phone(chromium, stage) as page:
        await stage.enter(page)
        await expect(row(page, "赵子涵")).to_be_visible()
        await page.evaluate(f"{{ {FULL} 0; }}")
        await page.route("**/headcount/marks", cut)
        await row(page, "赵子涵").locator(".tick").click()
        await choose(page, "钱子涵", "未到")
        await page.get_by_label("最后见于何处？").fill("体育馆")
        await button(page, "发送").click()
        await expect(row(page, "赵子涵")).to_contain_text("待发送")
        await expect(page.locator(".net")).to_contain_text("2 项待发送")
        await page.unroute("**/headcount/marks")
        await expect(page.locator(".net")).to_be_hidden(timeout=SOON_MS)
        await expect(row(page, "赵子涵")).not_to_contain_text("待发送")
    assert [await stage.said(said) for said in (Said.WITH_ME, Said.MISSING)] == [1, 1]


async def test_what_a_phone_kept_before_it_was_full_is_shown_and_sent(stage, chromium):
    await stage.begin()
    async with phone(chromium, stage) as page:
        await stage.enter(page)
        await expect(row(page, "赵子涵")).to_be_visible()
        await page.route("**/headcount/marks", cut)
        await row(page, "赵子涵").locator(".tick").click()
        await page.add_init_script(f"{{ {FULL} }}")
        await page.reload()
        await expect(row(page, "赵子涵")).to_contain_text("待发送")
        await page.unroute("**/headcount/marks")
        await is_sent(page)
    assert await stage.said(Said.WITH_ME) == 1


async def test_without_any_storage_the_page_works_for_as_long_as_it_is_open(stage, chromium):
    await stage.begin()
    async with phone(chromium, stage) as page:
        refuse = "{ get() { throw new DOMException('no', 'SecurityError'); } }"
        for name in ("localStorage", "sessionStorage"):
            await page.add_init_script(f"Object.defineProperty(window, '{name}', {refuse});")
        await stage.enter(page)
        await row(page, "赵子涵").locator(".tick").click()
        await until(lambda: said_by(stage, WANG))


# ── too late ───────────────────────────────────────────────────────────────────────────────────────────────
async def test_entries_that_waited_for_a_new_link_are_told_to_be_too_late(stage, chromium):
    await stage.begin()
    async with phone(chromium, stage, is_refusal=True) as page:
        await stage.enter(page)
        await expect(row(page, "赵子涵")).to_be_visible()
        await page.context.set_offline(True)
        await row(page, "赵子涵").locator(".tick").click()
        await page.context.clear_cookies()
        await page.context.set_offline(False)
        await expect(page.locator(".kept")).to_be_visible(timeout=SOON_MS)
        await page.evaluate("dispatchEvent(new Event('online'))")
        await asyncio.sleep(5)
        await expect(page.locator(".kept")).to_have_count(1)
        await page.evaluate(FORGED, MARK | {"who": CARTER.staff_id, "at": int(utc_now().timestamp() * 1000)})
        await stage.close()
        await stage.enter(page)
        await expect(page.locator(".notice-line")).to_contain_text("1 项", timeout=SOON_MS)
        (kept,) = await page.evaluate("Object.keys(localStorage)")
        assert kept.endswith(":forged")
        await stage.enter(page, CARTER)
        await expect(page.locator(".notice-line")).to_contain_text("too late", timeout=SOON_MS)
        assert await page.evaluate("Object.keys(localStorage)") == []


FORGED = "(mark) => localStorage.setItem(`muster.mark:${mark.at}:${mark.key}`, JSON.stringify(mark))"
MARK = {"key": "forged", "said": "all", "class_id": 1, "hold": 0}


# ── a clock that is put right ──────────────────────────────────────────────────────────────────────────────
SKEWED = """{
  const now = Date.now.bind(Date);
  Date.now = () => now() + Number(sessionStorage.skew || 0);
}"""


@asynccontextmanager
async def skewed(stage, chromium):
    await stage.begin()
    async with phone(chromium, stage) as page:
        await page.add_init_script(SKEWED)
        await stage.enter(page)
        await expect(row(page, "赵子涵")).to_be_visible()
        yield page


async def skew(page, milliseconds):
    await page.evaluate("by => { sessionStorage.skew = by }", milliseconds)


async def test_what_was_tapped_by_a_slow_clock_is_not_too_old(stage, chromium):
    async with skewed(stage, chromium) as page:
        await page.route("**/headcount/marks", cut)
        await skew(page, -13 * 3600_000)
        await row(page, "赵子涵").locator(".tick").click()
        await skew(page, 0)
        await page.unroute("**/headcount/marks")
        await until(lambda: has(stage, PupilState.PRESENT))
        await is_sent(page)


async def test_what_was_tapped_by_a_fast_clock_stays_before_what_came_after_it(stage, chromium):
    async with skewed(stage, chromium) as page:
        await page.route("**/headcount/marks", cut)
        await skew(page, 600_000)
        await choose(page, "赵子涵", "未到")
        await skew(page, 0)
        await page.reload()
        await choose(page, "赵子涵", "在我这里")
        await page.unroute("**/headcount/marks")
        await until(lambda: has(stage, PupilState.PRESENT))
        await is_sent(page)
    said = [one.said for one in await stage.read(lambda tx: tx.headcounts.said(1))]
    assert said == [Said.MISSING, Said.WITH_ME]


async def test_a_clock_put_right_while_words_are_typed_holds_nothing_back(stage, chromium):
    async with skewed(stage, chromium) as page:
        await skew(page, 600_000)
        await choose(page, "赵子涵", "未到")
        await skew(page, 0)
        await until(lambda: has(stage, PupilState.MISSING))


# ── the page says how it is ────────────────────────────────────────────────────────────────────────────────
async def test_the_paper_switch_shows_what_holds(stage, chromium):
    await stage.begin()
    async with phone(chromium, stage, width=1440, height=900) as page:
        await stage.enter(page, LI)
        await page.locator(".cell").first.click()
        switch = page.get_by_role("switch")
        await switch.check()
        more = {"lang": "en"}

        async def change(route):
            answer = await route.fetch()
            await route.fulfill(response=answer, json=await answer.json() | more)

        await page.route("**/headcount/data*", change)
        await expect(page.get_by_text("I am entering a paper sheet")).to_be_visible(timeout=SOON_MS)
        await expect(switch).to_be_checked()
        more = {"lang": "en", "staff_id": CARTER.staff_id}
        await expect(switch).not_to_be_checked(timeout=SOON_MS)


async def test_what_another_tab_sent_is_no_bad_line_here(stage, chromium):
    await stage.begin()
    async with phone(chromium, stage) as page:
        await stage.enter(page)
        await expect(row(page, "赵子涵")).to_be_visible()
        await page.route("**/headcount/marks", cut)
        await row(page, "赵子涵").locator(".tick").click()
        await expect(page.locator(".net")).to_contain_text("1 项待发送")
        tab = await page.context.new_page()
        await tab.goto(page.url)
        await is_sent(tab)
        await expect(page.locator(".net")).to_be_hidden(timeout=SOON_MS)
