"""A corrective action changes a plan: proposed, read, approved; a version that outlives files and restarts."""

from __future__ import annotations

import shutil
from datetime import timedelta
from zoneinfo import ZoneInfo

from typer.testing import CliRunner

from bot.cli import cli
from bot.config.plans import READY_MADE
from bot.domain.incident import Kind
from tests.integrations.documents.pdf import Pdf
from tests.support.after_action import fire
from tests.support.cast import CENTRE, CHEN, HAN, LI, SUN, WU, ZHAO
from tests.support.stage import BEGINNING

SHANGHAI = ZoneInfo("Asia/Shanghai")


async def agreed(stage, owner="吴涛"):
    """Corrective action 1 is somebody's."""
    await stage.phone(LI).send(f"/corrective {owner} +30 起火层的现场处置组应在三分钟内到达")
    await stage.quiet()


async def shown(stage, person):
    """The newest message of Muster's on that phone, once all is quiet."""
    await stage.quiet()
    return [m for m in stage.phone(person).messages() if m.get("from", {}).get("is_bot")][-1]


async def chosen(stage, person, *labels):
    """Press one after the other on the same message."""
    for label in labels:
        await stage.phone(person).press(await shown(stage, person), label)
    return await shown(stage, person)


async def proposed(stage, words="/planchange 1 fire scene minutes 3", by=WU):
    """Typed in one line, with the action's own words as reason, and submitted."""
    await stage.phone(by).send(words)
    await chosen(stage, by, "理由同整改措施", "提交校长")


async def versions(stage):
    """Every approved version of the plan for fires."""
    found = await stage.read(lambda tx: tx.plan_changes.newest(Kind.FIRE))
    return found and (found.version, found.reason, found.approved_by)


async def test_by_buttons_from_a_corrective_action_to_the_plans_next_version(stage):
    await agreed(stage)
    thread = await fire(stage)
    mine = next(m for m in stage.phone(WU).messages() if "整改措施 1 由您负责" in m.get("text", ""))
    await stage.phone(WU).press(mine, "修订预案")
    await chosen(stage, WU, "火灾")
    got = await chosen(stage, WU, "带对讲机和应急包")
    assert "修订哪一项" in got["text"]
    got = await chosen(stage, WU, "时限", "3 分钟")
    assert "修订前：带对讲机和应急包赶到现场" in got["text"]
    assert "5 分钟" in got["text"]
    assert "修订后：带对讲机" in got["text"]
    await stage.phone(WU).send("演练中五分钟才到，太迟")
    got = await chosen(stage, WU, "提交校长")

    asked = await stage.says(ZHAO, "预案修订 1，吴涛提出")
    assert "第1版 → 第2版" in asked["text"]
    assert "演练中五分钟才到，太迟" in asked["text"]
    press = await stage.phone(ZHAO).press(asked, "批准")
    assert "自即日起执行预案第2版" in (await stage.phone(ZHAO).wait_answer(press))["text"]
    for person in (WU, LI):
        await stage.says(person, "预案修订 1 已批准（赵敏）")
    press = await stage.phone(ZHAO).press(asked, "批准")
    assert "已有审批结果" in (await stage.phone(ZHAO).wait_answer(press))["text"]
    assert await versions(stage) == (2, "演练中五分钟才到，太迟", ZHAO.staff_id)

    await stage.phone(LI).send("/plan fire")
    got = await stage.says(LI, "第2版 · 启动等级")
    assert "修订理由：“演练中五分钟才到，太迟”" in got["text"]
    await stage.phone(LI).send("/plan", chat=CENTRE, thread=thread)
    await stage.says(LI, "第1版 · 启动等级", chat=CENTRE, thread=thread)


async def test_the_next_incident_runs_on_it_also_after_a_restart(stage):
    await agreed(stage)
    await proposed(stage)
    await stage.phone(ZHAO).press(await stage.says(ZHAO, "预案修订 1"), "批准")
    await stage.quiet()
    await stage.stop()
    await stage.start()
    await fire(stage)
    await stage.quiet()
    task = await stage.read(lambda tx: next(t for t in tx.tasks.of_incident(1) if t.key == "scene"))
    assert task.within.total_seconds() == 180
    assert (await stage.read(lambda tx: tx.tasks.plan_of(1))).version == 2


async def test_returned_with_a_remark_the_plan_stays(stage):
    await agreed(stage)
    await proposed(stage)
    await stage.phone(ZHAO).press(await stage.says(ZHAO, "预案修订 1"), "退回")
    await stage.says(ZHAO, "预案修订 1：有何不足或错误")
    await stage.phone(ZHAO).send("三分钟做不到")
    got = await stage.says(WU, "预案修订 1 已退回（赵敏）")
    assert "“三分钟做不到”" in got["text"]
    assert await versions(stage) is None


async def test_what_a_bad_file_is_told_a_bad_change_is_told(stage):
    await agreed(stage)
    bad = {
        "minutes -5": "tasks.scene.minutes：不得小于 1",
        "minutes soon": "tasks.scene.minutes：须为整数",
        "role JANITOR": "tasks.scene.role：须为下列之一：PRINCIPAL, DEPUTY",
        "after extinguish": "tasks.extinguish.after：经由 scene 相互等待，永远无法开始",
        "after sweep": "tasks.scene.after：所等待的 sweep 仅在更高等级时才有",
        "remove": "tasks.extinguish.after：所等待的 scene 不是本预案的任务",
        "title 只有中文": "请写两种语言",
        "minutes 5": "预案现在就是这样写的",
        "colour red": "请写明整改措施编号",
    }
    for words, answer in bad.items():
        sent = await stage.phone(WU).send(f"/planchange 1 fire scene {words}")
        await stage.says(WU, answer, after=sent["message_id"])
    sent = await stage.phone(WU).send("/planchange 1 bullying add MEDICAL 5 陪同就医 | Go along")
    await stage.quiet()
    assert await stage.read(lambda tx: tx.plan_changes.proposed()) == []


async def test_a_new_task_by_buttons_and_words_with_one_language_missing(stage):
    await agreed(stage, "孙丽")
    await stage.phone(SUN).send("/planchange 1")
    got = await chosen(stage, SUN, "Fire", "A new task")
    assert "Chinese | English" in got["text"]
    await stage.phone(SUN).send("带上钥匙打开配电间 | -")
    got = await chosen(stage, SUN, "IT centre", "3 min")
    assert "Before: no such task" in got["text"]
    assert "in one language only" in got["text"]
    await chosen(stage, SUN, "As the corrective action says", "Submit")
    asked = await stage.says(ZHAO, "预案修订 1")
    await stage.phone(ZHAO).press(asked, "批准")
    await stage.says(SUN, "Plan change 1 is approved")
    plan = (await stage.read(lambda tx: tx.plan_changes.newest(Kind.FIRE))).plan
    assert (plan.tasks[-1].id, plan.tasks[-1].title.en) == ("added_1", "带上钥匙打开配电间")


async def test_only_its_owner_and_the_desk_propose_and_only_the_principal_decides(stage):
    await agreed(stage)
    await stage.phone(HAN).send("/planchange 1")
    await stage.says(HAN, "您没有此项权限")
    await proposed(stage, by=LI)
    asked = await stage.says(ZHAO, "预案修订 1，李明提出")
    await stage.phone(CHEN).send("/planchange")
    got = await stage.says(CHEN, "待校长审批的预案修订")
    await stage.phone(CHEN).press(got, "查看 1")
    got = await stage.says(CHEN, "预案修订 1，李明提出")
    assert "reply_markup" not in got
    await stage.phone(SUN).send("/planchange")
    await stage.phone(SUN).press(await stage.says(SUN, "wait for the principal"), "Show 1")
    await stage.phone(SUN).press(await stage.says(SUN, "Plan change 1"), "Approve")
    await stage.says(LI, "预案修订 1 已批准（孙丽）")
    press = await stage.phone(ZHAO).press(asked, "退回")
    assert "已有审批结果" in (await stage.phone(ZHAO).wait_answer(press))["text"]


async def test_a_deputy_does_not_decide_on_their_own_proposal(stage):
    await agreed(stage, "孙丽")
    await stage.phone(SUN).send("/planchange 1 fire scene minutes 3")
    await chosen(stage, SUN, "As the corrective action says", "Submit")
    await stage.phone(SUN).send("/planchange")
    await stage.phone(SUN).press(await stage.says(SUN, "wait for the principal"), "Show 1")
    press = await stage.phone(SUN).press(await stage.says(SUN, "Plan change 1"), "Approve")
    assert "Your own proposal" in (await stage.phone(SUN).wait_answer(press))["text"]


async def test_a_plan_that_moved_meanwhile_is_shown_again_before_it_is_approved(stage):
    await agreed(stage)
    await proposed(stage)
    await proposed(stage, "/planchange 1 fire cut_power role MEDICAL")
    first = await stage.says(ZHAO, "预案修订 1")
    second = await stage.says(ZHAO, "预案修订 2")
    await stage.phone(ZHAO).press(first, "批准")
    await stage.quiet()
    await stage.phone(ZHAO).press(second, "批准")
    again = await stage.says(ZHAO, "第2版 → 第3版")
    assert (await versions(stage))[0] == 2
    await stage.phone(ZHAO).press(again, "批准")
    await stage.quiet()
    plan = (await stage.read(lambda tx: tx.plan_changes.newest(Kind.FIRE))).plan
    told = {task.id: (task.role.value, task.within.total_seconds() // 60) for task in plan.tasks}
    assert (plan.version, told["scene"], told["cut_power"]) == (3, ("ON_SCENE", 3), ("MEDICAL", 5))


async def test_an_edited_file_does_not_take_back_what_was_approved_unless_its_version_says_so(stage):
    await agreed(stage)
    await proposed(stage)
    await stage.phone(ZHAO).press(await stage.says(ZHAO, "预案修订 1"), "批准")
    await stage.quiet()
    folder = stage.folder / "plans"
    folder.mkdir()
    own = folder / "fire.toml"
    shutil.copy(READY_MADE / "fire.toml", own)
    own.write_text(own.read_text("utf-8").replace("minutes = 8", "minutes = 9"), "utf-8")
    settings = stage.folder / "school.toml"
    settings.write_text(settings.read_text("utf-8") + '\n[plans]\nfolder = "plans"\n', "utf-8")

    await restarted(stage)
    await stage.says(LI, "文件 fire.toml 在批准之后被改动。如要以文件为准，请将其版本号改为 3 或更高")
    await stage.phone(LI).send("/plan fire")
    got = await stage.says(LI, "第2版 · 启动等级")
    assert "⚠️ 现行为校长批准的第2版" in got["text"]
    told = await by_shell(stage, "check")
    assert "plan fire: version 2, approved by 赵敏" in told
    assert "起火层的现场处置组应在三分钟内到达" in told
    assert "plans/fire.toml: was changed after the principal had approved version 2, which holds" in told

    await restarted(stage)
    notices = stage.heard(LI, "预案文件被改动")
    assert len(notices) == 1, "once for each state of the file"

    own.write_text(own.read_text("utf-8").replace("version = 1", "version = 3"), "utf-8")
    await restarted(stage)
    await stage.says(LI, "现行为文件 fire.toml（第3版）")
    assert "holds: its version 3 is above version 2" in await by_shell(stage, "check")


async def test_the_printed_book_has_the_changed_plan_and_its_reason(stage):
    await agreed(stage)
    await proposed(stage)
    await stage.phone(ZHAO).press(await stage.says(ZHAO, "预案修订 1"), "批准")
    await stage.quiet()
    await by_shell(stage, "plans", "-o", str(stage.folder / "plans.pdf"))
    pdf = Pdf((stage.folder / "plans.pdf").read_bytes())
    words = "".join(pdf.words(page) for page in range(len(pdf)))
    assert "第2版，赵敏于" in words
    assert "起火层的现场处置组应在三分钟内到达" in words


async def restarted(stage):
    """And the clock's first look at the files."""
    await stage.stop()
    await stage.start()
    await stage.muster.services.plan_decisions.tick()
    await stage.quiet()


async def by_shell(stage, *words):
    """What `muster` prints."""
    result = CliRunner().invoke(cli, [*words, "-c", str(stage.folder / "school.toml")])
    return result.output


async def test_what_waits_stands_in_the_morning_and_is_asked_again_after_three_days_then_weekly(stage):
    services = stage.muster.services

    async def after(days):
        stage.clock.set(BEGINNING.replace(hour=12) + timedelta(days=days))
        await services.readiness.tick()
        await stage.quiet()

    await after(0)
    await agreed(stage)
    await proposed(stage)
    await stage.says(ZHAO, "预案修订 1，吴涛提出")
    for day in (1, 2, 3, 4, 5, 9, 10, 11, 28, 30, 29):
        await after(day)
    again = [m["text"] for m in stage.heard(ZHAO, "已等待审批")]
    assert [words.partition("已等待审批 ")[2] for words in again] == ["3 天。", "10 天。", "28 天。"]
    await stage.phone(ZHAO).send("/digest today")
    await stage.says(ZHAO, "待校长审批的预案修订 1 项：1（/planchange）")
    await stage.phone(ZHAO).press(await stage.says(ZHAO, "已等待审批 28 天"), "批准")
    await stage.quiet()
    await after(60)
    assert len(stage.heard(ZHAO, "已等待审批")) == len(again)
    sent = await stage.phone(ZHAO).send("/digest today")
    assert "预案修订" not in (await stage.says(ZHAO, "当日小结", after=sent["message_id"]))["text"]
