"""What the list page keeps on a phone: through a recount, other hands, a full storage, a wrong clock."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from bot.domain.response import ResponseAction
from tests.browser.counting import SOON_MS, counting, is_sent, phone, row
from tests.browser.demo import CHROMIUM, browser
from tests.support.skips import skip_missing


@pytest.fixture(autouse=True)
def _chromium():
    if not CHROMIUM.exists():
        skip_missing(f"a browser at {CHROMIUM}")


@pytest.fixture
async def stage(tmp_path):
    async with counting(tmp_path) as one:
        yield one


@pytest.fixture
async def chromium():
    async with browser() as one:
        yield one


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


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
