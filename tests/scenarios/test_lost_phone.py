"""A phone is lost: its account is shut out for good, and its owner comes back on another phone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.roster_diff import Roster
from bot.errors import RefusedError
from bot.ports import utc_now
from bot.services.enrolling import make_invite
from bot.services.importing import apply_roster
from tests.support.cast import CAST, CHEN, EMILY, LI

NEW_PHONE = 3001
FILE = "工号,姓名,Telegram\n" + "".join(f"{one.staff_id},{one.name.zh},{one.telegram_id}\n" for one in CAST)


@pytest.fixture
async def lost(stage):
    """Chen's phone is stolen, and the safety office has said so."""
    stage.simulator.add_user(NEW_PHONE, "Chen", language_code="zh-hans")
    await stage.phone(LI).send("/revoke 陈刚")
    await stage.says(LI, "已取消陈刚的全部权限")
    return stage


async def imported(stage, *people):
    roster = Roster(people={one.staff_id: one for one in people or CAST})
    await stage.muster.database.write(apply_roster, roster, by="shell", at=utc_now())


async def chen(stage):
    person = await stage.read(lambda tx: tx.people.get(CHEN.staff_id))
    return person.is_active, person.telegram_id


async def invited(stage):
    return await stage.muster.database.write(make_invite, CHEN.staff_id, now=stage.clock())


async def acts(stage):
    rows = await stage.read(lambda tx: list(tx.audit.rows()))
    return [(row.act, row.details) for row in rows if row.subject == CHEN.staff_id]


async def test_an_invite_gives_the_rights_back_to_the_phone_that_opens_it(lost):
    code = await invited(lost)
    assert await chen(lost) == (False, None), "not before it is opened"
    await lost.phone(NEW_PHONE).start(code)
    await lost.says(NEW_PHONE, "陈刚，您好")
    assert await chen(lost) == (True, NEW_PHONE)
    await lost.phone(CHEN).send("/status")
    await lost.says(CHEN, "仅供本校教职工使用")
    assert await acts(lost) == [("invite", {"is_revoked": True}), ("enrol", {"is_reinstated": True})]


async def test_no_roster_gives_the_lost_phone_its_rights_back(lost):
    await imported(lost)
    assert await chen(lost) == (True, None)
    await imported(lost, *(one for one in CAST if one is not EMILY), replace(EMILY, telegram_id=1003))
    assert await lost.read(lambda tx: tx.people.by_telegram(CHEN.telegram_id)) is None, "nor somebody else's"
    code = await invited(lost)
    await lost.phone(NEW_PHONE).start(code)
    await lost.says(NEW_PHONE, "陈刚，您好")
    await imported(lost)
    assert await chen(lost) == (True, NEW_PHONE), "the file still names the old one"


async def test_who_opened_an_invite_on_another_phone_keeps_that_one_too(stage):
    stage.simulator.add_user(NEW_PHONE, "Chen", language_code="zh-hans")
    await stage.phone(NEW_PHONE).start(await invited(stage))
    await stage.says(NEW_PHONE, "陈刚，您好")
    await imported(stage)
    assert await chen(stage) == (True, NEW_PHONE)


async def test_the_account_is_good_again_once_an_invite_is_opened_with_it(lost):
    await lost.phone(CHEN).start(await invited(lost))
    await lost.says(CHEN, "陈刚，您好")
    await imported(lost)
    assert await chen(lost) == (True, CHEN.telegram_id)


async def test_the_preview_says_whose_account_is_not_taken(lost):
    await lost.phone(LI).send_document("staff.csv", FILE.encode())
    shown = await lost.says(LI, "该 Telegram 账号已停用")
    [line] = [line for line in shown["text"].splitlines() if "已停用" in line]
    assert line.endswith("：陈刚")


async def test_who_is_not_on_the_next_list_does_not_come_back_by_an_invite(lost):
    code = await invited(lost)
    await imported(lost, *(one for one in CAST if one is not CHEN))
    with pytest.raises(RefusedError):
        await invited(lost)
    await lost.phone(NEW_PHONE).start(code)
    await lost.says(NEW_PHONE, "邀请链接无效")
    assert await chen(lost) == (False, None)
