"""Bullying and violence: no topic, only the roles of the plan, and nobody else learns that it is there."""

from __future__ import annotations

import re

import aiohttp
import pytest

from bot.domain.action import Press, Verb
from bot.services.board import board_data
from bot.services.turn import Turn
from tests.support.after_action import accepted, made, with_document, words_of
from tests.support.announcing import drafted, press, press_data, publish, submitted, with_button
from tests.support.cast import CENTRE, CHEN, EMILY, FENG, HAN, LI, QIAN, SUN, WANG, WU, ZHAO, ZHENG

KNOW = (ZHAO, SUN, LI, ZHENG)
OTHERS = (CHEN, WU, QIAN, FENG, HAN, EMILY)
WORDS = "7-3 有学生被多人围堵"


def heard(stage, person):
    return "\n".join(message.get("text", "") for message in stage.phone(person).messages())


async def centre_says(stage):
    """All that was ever said in the command centre."""
    return [
        message.get("text", "")
        for topic in (1, *(one.id for one in stage.phone(CHEN).topics(CENTRE)))
        for message in stage.phone(CHEN).messages(chat=CENTRE, thread=topic)
    ]


@pytest.fixture
async def bullying(stage):
    await stage.phone(WANG).send(f"/report bullying A3 {WORDS}")
    await stage.says(WANG, "已收到，事件 2026-0001")
    await stage.says(ZHAO, "🔒 保密事件")
    await stage.quiet()
    return stage


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
    await stage.says(ZHAO, "校园欺凌")


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


async def test_an_sos_that_turns_out_to_be_bullying_is_sealed(stage):
    await stage.phone(WANG).send("🆘 SOS")
    thread = await stage.topic_named("2026-0001")
    receipt = await stage.says(WANG, "已收到")
    await stage.says(CHEN, "紧急求助")
    await stage.quiet()
    await stage.phone(WANG).press(receipt, "校园欺凌")
    await stage.says(CHEN, "🔒 本事件须保密", chat=CENTRE, thread=thread)
    await stage.says(ZHAO, "🔒 保密事件")
    await stage.quiet()
    assert "欺凌" not in heard(stage, CHEN)
    assert not any("欺凌" in text for text in await centre_says(stage))
    assert "欺凌" not in "".join(stage.topics())


async def named_late(stage):
    """An SOS that goes by the plan for anything for a while, until its reporter presses the kind."""
    await stage.phone(WANG).send("🆘 SOS")
    await stage.topic_named("2026-0001")
    receipt = await stage.says(WANG, "已收到")
    await stage.after(seconds=21)
    await stage.says(WU, "调看")
    await stage.quiet()
    return receipt


def kinds_of(receipt):
    """Button → what it sends, also once the message has others."""
    rows = receipt["reply_markup"]["inline_keyboard"]
    return {button["text"]: button.get("callback_data") for row in rows for button in row}


def button_named(receipt, words):
    return next(data for text, data in kinds_of(receipt).items() if words in text)


async def test_who_was_asked_before_the_kind_was_named_reads_only_that_it_is_no_longer_needed(stage):
    receipt = await named_late(stage)
    cameras = await stage.says(WU, "调看")
    await stage.phone(WU).press(cameras, "接受")
    await stage.says(WU, "🔵 由您负责")
    await stage.phone(CHEN).send("/task @冯雪 守住东门")
    gate = await stage.says(FENG, "守住东门")
    await stage.quiet()
    await stage.phone(WANG).press(receipt, "校园欺凌")
    await stage.says(ZHAO, "🔒 保密事件")
    await stage.says(FENG, "✖️ 不再需要。")
    await stage.quiet()
    for person in OTHERS:
        assert "欺凌" not in heard(stage, person), person.name.en
        assert "ullying" not in heard(stage, person), person.name.en
        open_tasks = await stage.read(lambda tx, who=person: tx.tasks.owned_by(who.staff_id))
        assert open_tasks == [], person.name.en
    [shown] = [one["text"] for one in stage.heard(WU, "📌")]
    assert shown.splitlines()[0] == "📌 2026-0001"
    assert shown.splitlines()[-1] == "✖️ 不再需要。"
    said = await stage.phone(FENG).send("/task")
    await stage.says(FENG, "您目前没有任务", after=said["message_id"])
    assert "结束" in await press_data(stage, FENG, gate, button_named(gate, "接受"))
    await stage.says(LI, "守住东门")


async def test_who_may_not_know_is_taken_off_the_scene(stage):
    await stage.phone(WANG).send("🆘 SOS")
    thread = await stage.topic_named("2026-0001")
    receipt = await stage.says(WANG, "已收到")
    await stage.phone(CHEN).send("/dispatch", chat=CENTRE, thread=thread)
    asked = await stage.says(HAN, "请赶赴现场")
    await stage.phone(HAN).press(asked, "我去")
    leads = await stage.says(HAN, "您是现场负责人")
    await stage.phone(WANG).press(receipt, "校园欺凌")
    sealed = await stage.says(HAN, "🚶 2026-0001\n✖️ 不再需要。")
    assert sealed["message_id"] == leads["message_id"]
    assert not sealed.get("reply_markup")
    said = await press_data(stage, HAN, leads, button_named(leads, "到达"))
    await stage.quiet()
    assert said
    assert "欺凌" not in heard(stage, HAN)
    assert await stage.read(lambda tx: tx.on_scene.of_incident(1)) == []


async def test_another_kind_after_that_opens_it_to_nobody_and_shuts_out_nobody(stage):
    await stage.phone(WANG).send("🆘 SOS")
    await stage.topic_named("2026-0001")
    receipt = await stage.says(WANG, "已收到")
    await press_data(stage, WANG, receipt, button_named(receipt, "欺凌"))
    await stage.says(ZHAO, "🔒 保密事件")
    await stage.quiet()
    before = {person: heard(stage, person) for person in OTHERS}
    await press_data(stage, WANG, receipt, button_named(receipt, "伤病"))
    await stage.says(ZHENG, "急救箱和AED")
    await stage.quiet()
    assert {person: heard(stage, person) for person in OTHERS} == before
    await stage.phone(LI).send("/status")
    await stage.says(LI, "伤病")


async def test_its_end_tells_those_who_were_asked_before_nothing_of_what_it_was(stage):
    receipt = await named_late(stage)
    await stage.phone(WANG).press(receipt, "校园欺凌")
    await stage.says(ZHAO, "🔒 保密事件")
    await stage.phone(ZHAO).send("/cancel 学生只是在打闹")
    await stage.says(ZHAO, "打闹")
    await stage.says(WU, "误报")
    await stage.quiet()
    for person in OTHERS:
        assert not [one for one in ("欺凌", "ullying", "打闹") if one in heard(stage, person)], person.name.en


async def test_who_commanded_before_and_may_not_know_hears_no_more_of_it(stage):
    receipt = await named_late(stage)
    await stage.phone(CHEN).send("/command")
    await stage.phone(CHEN).send("/call 110")
    text = await stage.says(CHEN, "请拨打")
    await stage.quiet()
    await stage.phone(WANG).press(receipt, "校园欺凌")
    await stage.says(ZHAO, "🔒 保密事件")
    assert "该事件已不存在" in await press_data(stage, CHEN, text, button_named(text, "对方已接听"))
    await stage.after(minutes=40)
    await stage.says(ZHAO, "🔴 首报：已迟报")
    await stage.quiet()
    assert "欺凌" not in heard(stage, CHEN)
    assert not stage.heard(CHEN, "首报：已迟报")


async def page_of(stage, message):
    """What somebody outside reads behind the link, in both languages."""
    [url] = re.findall(r"http://[^/\s]+(/liaison/\S+)", message["text"])
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as officer:
        async with officer.post(f"{stage.muster.web_url}{url}") as page:
            shown = await page.text()
        async with officer.get(f"{stage.muster.web_url}/liaison?lang=en") as page:
            return page.status, shown + await page.text()


async def test_its_link_for_outside_is_given_by_those_in_the_know_and_names_nobody(bullying):
    stage = bullying
    await stage.phone(LI).send("/injured 2026-0001 1 light")
    await stage.phone(LI).send("/call 2026-0001 110 张警官：学生1 已带离")
    said = await stage.phone(LI).send("/liaison 2026-0001 派出所 张警官")
    given = await stage.says(LI, "/liaison/", after=said["message_id"])
    await stage.quiet()
    status, shown = await page_of(stage, given)
    assert status == 200
    for fact in ("校园欺凌", "bullying", "教学楼A座三层", "1人（轻伤1人）"):
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


async def test_what_turns_out_to_be_restricted_ends_the_links_of_those_who_may_not_know_of_it(stage):
    await stage.phone(WANG).send("🆘 SOS")
    await stage.topic_named("2026-0001")
    receipt = await stage.says(WANG, "已收到")
    for person, unit in ((CHEN, "Fire brigade"), (LI, "派出所")):
        await stage.phone(person).send(f"/liaison {unit}")
        await stage.says(person, "/liaison/")
    given = {person: await stage.says(person, "/liaison/") for person in (CHEN, LI)}
    assert (await page_of(stage, given[CHEN]))[0] == 200
    await stage.phone(WANG).press(receipt, "校园欺凌")
    await stage.says(ZHAO, "🔒 保密事件")
    await stage.quiet()
    links = await stage.read(lambda tx: tx.liaison_links.of_incident(1))
    assert [link.revoked_at is not None for link in links] == [True, False]
    assert (await page_of(stage, given[LI]))[0] == 200
    said = await stage.phone(ZHAO).send("/timeline 2026-0001")
    await stage.says(ZHAO, "提供给Fire brigade的链接已失效：本事件已转为保密事件", after=said["message_id"])


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


async def named_as_bullying(stage, receipt):
    """Whoever pressed SOS says what it is: now few may know of it."""
    await stage.phone(WANG).press(receipt, "校园欺凌")
    await stage.says(ZHAO, "🔒 保密事件")


async def test_what_was_to_be_announced_about_it_is_out_of_date_as_soon_as_it_is_restricted(stage):
    await stage.phone(WANG).send("🆘 SOS")
    await stage.topic_named("2026-0001")
    receipt = await stage.says(WANG, "已收到")
    _, request = await submitted(stage, LI, "/announce 教学楼A座有情况，请勿靠近。")
    assert "关联事件 2026-0001" in request["text"]
    card = await drafted(stage, LI, "/announce 2026-0001 今天下午停课。", "今天下午停课")
    await press(stage, LI, card, "时间")
    await press(stage, LI, await with_button(stage, LI, "一小时后"), "一小时后")
    await press(stage, LI, await with_button(stage, LI, "提交审批"), "提交审批")
    later = await stage.says(ZHAO, "2026-A002：李明提请审批")
    assert "已批准，将于" in await press(stage, ZHAO, later, "批准")
    draft = await stage.read(lambda tx: tx.announcements.get(1))

    await named_as_bullying(stage, receipt)
    await stage.after(seconds=5)
    await stage.quiet()
    assert await press_data(stage, ZHAO, request, f"nap:1:{draft.mark}")
    await stage.after(hours=2)
    await stage.quiet()
    both = await stage.read(lambda tx: [tx.announcements.get(key) for key in (1, 2)])
    assert [(one.state, one.published_at) for one in both] == [("EXPIRED", None)] * 2
    cards = [m["text"] for who in (LI, ZHAO, CHEN) for m in stage.heard(who, "⌛ 已过期")]
    assert cards
    assert not any("2026-0001" in text for text in cards)


async def test_approving_in_the_very_moment_is_refused_and_a_correction_of_what_is_out_is_not(stage):
    await stage.phone(WANG).send("🆘 SOS")
    await stage.topic_named("2026-0001")
    receipt = await stage.says(WANG, "已收到")
    await publish(stage, "/announce 教学楼A座有情况，请勿靠近。")
    await stage.says(WANG, "请勿靠近")
    card = await drafted(stage, LI, "/announce 2026-A001 教学楼A座一切正常。", "一切正常")
    _, request = await submitted(stage, LI, "/announce 今天下午停课。", asks="2026-A002：李明提请审批")
    unsent = await stage.read(lambda tx: tx.announcements.get(3))
    await named_as_bullying(stage, receipt)

    def hold(tx):
        tx.announcements.save(unsent, due_at=None)

    await stage.muster.database.write(hold)
    assert "2026-0001为保密事件" in await press_data(stage, ZHAO, request, f"nap:3:{unsent.mark}")
    await press(stage, LI, card, "提交审批")
    await press(stage, ZHAO, await stage.says(ZHAO, "2026-A001 r2：李明提请审批"), "批准")
    await stage.says(WANG, "一切正常")


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
    await stage.says(ZHAO, "先发布解除令", after=said["message_id"])
    assert not (await stage.read(lambda tx: tx.incidents.get(1))).is_restricted
