"""Who leaves, or is something else from now on, holds nothing that only the right had given."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.roster import Role
from bot.domain.roster_diff import Roster
from bot.ports import utc_now
from bot.services.importing import apply_roster
from tests.support.cast import CAST, CENTRE, CHEN, HAN, LI, SUN, WANG, ZHAO


async def imported(stage, *, without=(), **roles):
    """A new list at the shell, while Muster runs or not; the clock ticks once."""
    people = {one.staff_id: one for one in CAST if one not in without}
    for staff_id, held in roles.items():
        people[staff_id] = replace(people[staff_id], roles=frozenset({Role.STAFF, *held}))
    await stage.muster.database.write(apply_roster, Roster(people=people), by="shell", at=utc_now())
    await stage.after(seconds=1)


async def a_fire(stage):
    await stage.phone(WANG).send("/report fire A3 有烟")
    thread = await stage.topic_named("2026-0001")
    await stage.phone(CHEN).send("/command")
    await stage.says(CHEN, "您已担任总指挥")
    return thread


async def commander(stage):
    return (await stage.read(lambda tx: tx.incidents.get(1))).commander_id


@pytest.mark.parametrize("how", [{"without": (CHEN,)}, {"T3": ()}], ids=["gone", "without the role"])
async def test_a_commander_whom_a_new_list_takes_the_right_from_leaves_a_command_to_be_taken(stage, how):
    thread = await a_fire(stage)
    await imported(stage, **how)
    await stage.says(LI, "陈刚被取消权限，不再担任总指挥", chat=CENTRE, thread=thread)
    await stage.says(LI, "尚无总指挥", chat=CENTRE, thread=thread)
    assert await commander(stage) is None
    await stage.after(seconds=121)
    await stage.says(SUN, "2026-0001 still has no commander (reminder 1)")


async def test_a_list_that_came_while_muster_was_down_takes_effect_at_its_start(stage):
    await a_fire(stage)
    await stage.quiet()
    database = stage.muster.database
    await stage.stop()
    people = {one.staff_id: one for one in CAST if one is not CHEN}
    database.write_now(apply_roster, Roster(people=people), by="shell", at=utc_now())
    await stage.start()
    await stage.after(seconds=1)
    assert await commander(stage) is None


async def test_a_list_sent_to_the_bot_takes_command_away_with_the_same_press(stage):
    await a_fire(stage)
    whole = "工号,姓名\n" + "".join(f"{one.staff_id},{one.name.zh}\n" for one in CAST if one is not CHEN)
    await stage.phone(LI).send_document("staff.csv", whole.encode())
    await stage.phone(LI).press(await stage.says(LI, "移除 1"), "确认导入")
    await stage.says(LI, "✅ 名册已更新")
    assert await commander(stage) is None
    assert not await stage.read(lambda tx: tx.facts.get("rights-lost"))


async def test_the_tasks_and_the_place_on_the_scene_of_who_is_gone_are_somebody_elses(stage):
    await stage.phone(WANG).send("/report fire A3 有烟")
    thread = await stage.topic_named("2026-0001")
    await stage.phone(HAN).press(await stage.says(HAN, "切断着火区域的电源和燃气"), "接受")
    await stage.says(HAN, "🔵 由您负责")
    await stage.phone(CHEN).send("/dispatch 韩磊", chat=CENTRE, thread=thread)
    await stage.says(HAN, "请赶赴现场")
    await imported(stage, without=(HAN,))
    await stage.says(LI, "切断着火区域的电源和燃气")
    assert await stage.read(lambda tx: (tx.tasks.owned_by("T11"), tx.on_scene.of_incident(1))) == ([], [])


async def revoked(stage):
    await stage.phone(LI).send("/revoke 陈刚")


async def gone(stage):
    await imported(stage, without=(CHEN,))


async def without_the_role(stage):
    await imported(stage, T3=())


@pytest.mark.parametrize("leaves", [revoked, gone, without_the_role])
async def test_the_links_that_somebody_gave_to_strangers_end_with_the_right_to(stage, leaves):
    thread = await a_fire(stage)
    for who in CHEN, ZHAO:
        await stage.phone(who).send(f"/liaison {who.staff_id}的消防中队")
        await stage.says(who, "/liaison/")
    await leaves(stage)
    await stage.says(ZHAO, "提供给T3的消防中队的链接已失效：陈刚不再有提供权限", chat=CENTRE, thread=thread)
    links = await stage.read(lambda tx: tx.liaison_links.of_incident(1))
    assert [(link.made_by, link.revoked_at is not None) for link in links] == [("T3", True), ("T5", False)]
    acts = [(row.act, row.subject) for row in await stage.read(lambda tx: list(tx.audit.rows()))]
    assert acts.count(("liaison_revoked", "2026-0001")) == 1
