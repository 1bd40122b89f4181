"""Bullying and violence: no topic, only the roles of the plan, and nobody else learns that it is there."""

from __future__ import annotations

import aiohttp

from bot.domain.action import Press, Verb
from bot.services.board import board_data
from bot.services.turn import Turn
from tests.support.after_action import accepted, made, with_document, words_of
from tests.support.announcing import press_data
from tests.support.cast import CENTRE, CHEN, EMILY, LI, SUN, WANG, WU, ZHAO, ZHENG
from tests.support.restricted import KNOW, OTHERS, WORDS, bullying, centre_says, heard, page_of

__all__ = ["bullying"]


async def test_only_the_roles_of_its_plan_hear_of_it(bullying):
    stage = bullying
    for person in KNOW:
        assert WORDS in heard(stage, person) or "🔒" in heard(stage, person)
    for person in OTHERS:
        assert stage.phone(person).messages() == [], person.name.en
    assert stage.topics() == []
    assert not any("2026-0001" in text for text in await centre_says(stage))


async def test_its_tasks_go_to_those_roles_with_their_deadlines(bullying):
    stage = bullying
    assert "带到安全、安静的地方" in heard(stage, LI)
    assert "不留影像" in heard(stage, ZHENG)
    assert "Talk with the others apart" in heard(stage, SUN)
    assert "不得隐瞒" in heard(stage, ZHAO)
    await stage.after(minutes=11)
    await stage.quiet()
    assert "以下任务尚无人落实" in heard(stage, ZHAO) + heard(stage, LI) or "Nobody does this yet" in heard(
        stage, SUN
    )
    assert heard(stage, CHEN) == ""


async def test_to_others_its_number_does_not_exist(bullying):
    stage = bullying
    for command in ("/ack 2026-0001", "/timeline 2026-0001", "/command 2026-0001", "/task 2026-0001"):
        said = await stage.phone(CHEN).send(command)
        await stage.says(CHEN, "没有编号为 2026-0001 的事件", after=said["message_id"])
    said = await stage.phone(CHEN).send("/ack")
    await stage.says(CHEN, "目前没有未结束的事件", after=said["message_id"])
    for person in (CHEN, EMILY):
        said = await stage.phone(person).send("/status")
        await stage.says(person, "🟢", after=said["message_id"])
    said = await stage.phone(CHEN).send("/incidents")
    await stage.says(CHEN, "还没有任何事件", after=said["message_id"])
    await stage.phone(ZHAO).send("/status")
    await stage.says(ZHAO, "欺凌或性侵害")


async def test_it_is_not_on_the_wall(bullying):
    board = await bullying.read(
        lambda tx: board_data(Turn(tx, bullying.muster.school, bullying.clock(), asker=ZHAO))
    )
    assert board["incidents"] == []


async def test_it_is_led_and_ended_in_private(bullying):
    stage = bullying
    await stage.phone(ZHAO).send("/command")
    await stage.says(ZHAO, "总指挥：赵敏")
    await stage.phone(ZHAO).send("/evacuate")
    await stage.says(ZHAO, "本事件须保密，下达指令会让全校知情")
    await stage.phone(ZHAO).send("/command 2026-0001 陈刚")
    await stage.says(ZHAO, "陈刚无权知悉本事件")
    await stage.phone(ZHAO).send("/task @陈刚 去看看")
    await stage.says(ZHAO, "陈刚无权知悉本事件", after=0)
    await stage.phone(SUN).send("/note the parents were told")
    await stage.says(ZHAO, "the parents were told")
    await stage.phone(ZHAO).send("/allclear")
    confirm = await stage.says(ZHAO, "发布解除令")
    await stage.phone(ZHAO).press(confirm, "确认解除")
    await stage.says(WANG, "警报解除")
    await stage.phone(ZHAO).send("/close 已妥善处理")
    await stage.says(ZHAO, "审定")
    await accepted(stage)
    await stage.phone(ZHAO).send("/close 已妥善处理")
    await stage.says(ZHAO, "已结案")
    await stage.quiet()
    assert heard(stage, CHEN) == ""
    assert await centre_says(stage) == []


async def test_its_report_goes_only_to_who_may_know_of_it_with_all_its_sections(bullying):
    stage = bullying
    await stage.phone(ZHAO).send("/call 110 民警十分钟到")
    await stage.phone(ZHAO).send("/allclear")
    confirm = await stage.says(ZHAO, "发布解除令")
    await stage.phone(ZHAO).press(confirm, "确认解除")
    await stage.quiet()
    await made(stage)
    words = words_of(stage, await stage.says(ZHAO, with_document("2026-0001")))
    assert [part for part in ("任务落实情况", "对外联系", "民警十分钟到") if part not in words] == []
    for person in OTHERS:
        assert stage.phone(person).messages() == [], person.name.en
    said = await stage.phone(CHEN).send("/afteraction 2026-0001")
    await stage.says(CHEN, "没有编号为 2026-0001 的事件", after=said["message_id"])


async def test_an_sos_never_drowns_in_it(bullying):
    stage = bullying
    await stage.phone(EMILY).send("🆘 SOS")
    await stage.says(EMILY, "Received: incident 2026-0002")
    await stage.says(CHEN, "🚨 🆘 紧急求助")
    await stage.phone(WANG).send("🆘 SOS")
    await stage.says(WANG, "事件 2026-0002")


async def test_a_drill_goes_on_beside_it(stage):
    await stage.phone(LI).send("/drill fire A3")
    await stage.topic_named("【演练】2026-0001")
    await stage.phone(WANG).send(f"/report violence A3 {WORDS}")
    await stage.quiet()
    assert "暂停" not in heard(stage, EMILY)
    assert (await stage.read(lambda tx: tx.incidents.get(1))).suspended_at is None


async def test_its_link_for_outside_is_given_by_those_in_the_know_and_names_nobody(bullying):
    stage = bullying
    await stage.phone(LI).send("/injured 2026-0001 1 light")
    await stage.phone(LI).send("/call 2026-0001 110 张警官：学生1 已带离")
    said = await stage.phone(LI).send("/liaison 2026-0001 派出所 张警官")
    given = await stage.says(LI, "/liaison/", after=said["message_id"])
    await stage.quiet()
    status, shown = await page_of(stage, given)
    assert status == 200
    for fact in ("欺凌或性侵害", "bullying or abuse", "教学楼A座三层", "1人（轻伤1人）"):
        assert fact in shown or fact.capitalize() in shown, fact
    for name in (WORDS, "围堵", "学生1", "王芳", "Wang Fang", "李明", "Li Ming", "赵敏", "带离"):
        assert name not in shown, name
    await stage.says(LI, "提供给派出所 张警官的链接已于")
    for command in ("/liaison 2026-0001 区教育局", "/liaison 2026-0001"):
        said = await stage.phone(CHEN).send(command)
        told = await stage.says(CHEN, "没有编号为 2026-0001 的事件", after=said["message_id"])
    forged = Press(Verb.LIAISON_REVOKE, 1).encode()
    assert "该事件已不存在" in await press_data(stage, CHEN, told, forged)
    assert (await stage.read(lambda tx: tx.liaison_links.get(1))).revoked_at is None
    await stage.quiet()
    assert await centre_says(stage) == []


async def test_it_stands_on_no_page_or_feed_and_in_no_digest_but_as_a_number(bullying):
    stage = bullying
    secrets = ("2026-0001", "欺凌", "ullying", "教学楼A座三层", "Building A, floor 3", WORDS)
    async with aiohttp.ClientSession() as public:
        for path in ("/announcements", "/announcements.atom"):
            async with public.get(f"{stage.muster.web_url}{path}") as page:
                shown = await page.text()
            assert page.status == 200
            assert [one for one in secrets if one in shown] == [], path
    for kind in ("today", "week"):
        said = await stage.phone(ZHAO).send(f"/digest {kind}")
        got = await stage.says(
            ZHAO, lambda m: "1 起保密事件" in m.get("text", m.get("caption", "")), after=said["message_id"]
        )
        shown = got.get("text", got.get("caption", ""))
        assert [one for one in secrets if one in shown] == [], kind
    printed = words_of(stage, await stage.says(ZHAO, with_document("1 起保密事件")))
    assert [one for one in secrets if one.replace(" ", "") in printed] == []
    for person in (CHEN, LI):
        said = await stage.phone(person).send("/drills")
        shown = (await stage.says(person, "演练", after=said["message_id"]))["text"]
        assert [one for one in secrets if one in shown] == []


async def test_no_announcement_is_about_it(bullying):
    stage = bullying
    await stage.phone(ZHAO).send("/announce 2026-0001 学校已妥善处理。")
    await stage.says(ZHAO, "通告不得与之关联")
    said = await stage.phone(ZHAO).send("/announce 2026-0001")
    await stage.says(ZHAO, "通告不得与之关联", after=said["message_id"])
    await stage.phone(ZHAO).send("/announce 学校严肃对待每一起投诉。")
    card = await stage.says(ZHAO, "📝")
    assert "2026-0001" not in card["text"]
    await stage.phone(CHEN).send("/announce 明天停课。")
    card = await stage.says(CHEN, "📝")
    forged = Press(Verb.ANNOUNCE_ABOUT, 2, "1").encode()
    assert "该事件已不存在" in await press_data(stage, CHEN, card, forged)
    assert (await stage.read(lambda tx: tx.announcements.get(2))).incident_id is None


async def test_what_is_to_be_done_because_of_it_is_listed_for_those_who_may_know(bullying):
    stage = bullying
    await stage.phone(LI).send("/corrective 2026-0001 吴涛 +7 走廊加装照明")
    await stage.says(LI, "吴涛无权知悉本事件")
    await stage.phone(LI).send("/corrective 2026-0001 郑洁 +7 每周与学生面谈")
    await stage.says(ZHENG, "整改措施 1 由您负责")
    for command in ("/corrective", "/planchange"):
        said = await stage.phone(CHEN).send(command)
        got = await stage.says(CHEN, "没有", after=said["message_id"])
        assert "面谈" not in got["text"]
    for command in ("/corrected 1 已完成", "/planchange 1"):
        said = await stage.phone(CHEN).send(command)
        await stage.says(CHEN, "没有编号为 1 的整改措施", after=said["message_id"])
    await stage.phone(ZHENG).send("/planchange 1 fire scene minutes 4")
    await stage.phone(ZHENG).press(await stage.says(ZHENG, "预案"), "理由同整改措施")
    await stage.phone(ZHENG).press(await stage.says(ZHENG, "提交校长"), "提交校长")
    await stage.says(ZHAO, "预案修订 1")
    for command, answer in (("/planchange", "没有待"), ("/corrective", "没有")):
        said = await stage.phone(CHEN).send(command)
        got = await stage.says(CHEN, answer, after=said["message_id"])
        assert "面谈" not in got["text"]
    assert "面谈" not in heard(stage, CHEN)
    await stage.phone(LI).send("/corrective")
    await stage.says(LI, "面谈")


async def test_by_hand_it_goes_to_the_principal_and_the_deputies_alone(stage):
    await stage.phone(WANG).send("/report medical A3 学生割腕")
    thread = await stage.topic_named("2026-0001")
    await stage.phone(CHEN).send("/command 2026-0001")
    await stage.says(CHEN, "陈刚", chat=CENTRE, thread=thread)
    asked = await stage.says(WU, "在监控室调看")
    said = await stage.phone(LI).send("/restrict 涉及学生隐私", chat=CENTRE, thread=thread)
    await stage.says(LI, "请在私聊中", chat=CENTRE, thread=thread, after=said["message_id"])
    said = await stage.phone(LI).send("/restrict 2026-0001 密")
    await stage.says(LI, "写明事由", after=said["message_id"])
    said = await stage.phone(EMILY).send("/restrict 2026-0001 涉及学生隐私")
    await stage.quiet()
    assert not (await stage.read(lambda tx: tx.incidents.get(1))).is_restricted

    await stage.phone(LI).send("/restrict 2026-0001 涉及学生隐私")
    await stage.says(LI, "🔒 2026-0001已设为保密事件")
    await stage.says(ZHAO, "🔒 保密事件")
    await stage.says(SUN, "🔒 Restricted")
    await stage.says(CHEN, "🔒 本事件须保密", chat=CENTRE, thread=thread)
    gone = await stage.says(WU, lambda m: m["message_id"] == asked["message_id"] and "不再需要" in m["text"])
    assert "教学楼" not in gone["text"]
    await stage.quiet()
    incident = await stage.read(lambda tx: tx.incidents.get(1))
    assert (incident.is_restricted, incident.commander_id) == (True, None)
    assert "涉及学生隐私" not in heard(stage, CHEN)
    for person in (CHEN, LI):
        said = await stage.phone(person).send("/timeline 2026-0001")
        await stage.says(person, "没有编号为 2026-0001 的事件", after=said["message_id"])
    await stage.phone(ZHAO).send("/timeline 2026-0001")
    await stage.says(ZHAO, "李明设为保密事件：涉及学生隐私")
    said = await stage.phone(ZHAO).send("/restrict 2026-0001 涉及学生隐私")
    await stage.says(ZHAO, "已是保密事件", after=said["message_id"])


async def test_what_the_whole_school_was_told_to_do_is_not_restricted_by_hand(stage):
    await stage.phone(WANG).send("/report fire A3")
    await stage.topic_named("2026-0001")
    await stage.phone(ZHAO).send("/evacuate 2026-0001")
    await stage.phone(ZHAO).press(await stage.says(ZHAO, "疏散"), "确认")
    await stage.says(WANG, "疏散")
    said = await stage.phone(ZHAO).send("/restrict 2026-0001 涉及学生隐私")
    await stage.says(ZHAO, "指令执行期间不能设为保密", after=said["message_id"])
    assert not (await stage.read(lambda tx: tx.incidents.get(1))).is_restricted
