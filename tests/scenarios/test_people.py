"""Who is who: invitations, languages, leaving."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.place import Name
from bot.domain.roster import Person
from bot.services.enrolling import make_invite
from tests.support.cast import CENTRE, CHEN, EMILY, LI, STRANGER, SUN, WANG, ZHAO

NEW_PHONE = 3001


async def invite(stage, person):
    return await stage.muster.database.write(make_invite, person.staff_id, now=stage.clock())


async def test_an_invitation_binds_a_phone_once_and_for_seven_days(stage):
    stage.simulator.add_user(NEW_PHONE, "<b>Wang\u202e</b>", language_code="en")
    code = await invite(stage, WANG)
    new, old = stage.phone(NEW_PHONE), stage.phone(WANG)

    await new.start(code)
    welcome = await stage.says(NEW_PHONE, "王芳，您好！这里是青城中学应急助手")
    assert "0571-0110" in welcome["text"], "the roster's language wins over the phone's"
    assert new.keyboard() == [["🆘 SOS"], ["📝 报告", "📋 情况", "❓ 帮助"]]
    await new.send("🆘 SOS")
    await stage.says(NEW_PHONE, "已收到，事件 2026-0001")

    await old.send("/status")
    await stage.says(WANG, "仅供本校教职工使用")
    await new.start(code)
    await stage.says(NEW_PHONE, "您好", after=welcome["message_id"])

    stage.simulator.add_user(NEW_PHONE + 1, "Second", language_code="en")
    await stage.phone(NEW_PHONE + 1).start(code)
    await stage.says(NEW_PHONE + 1, "This invitation is not valid: used, older than seven days, or mistyped.")
    late = await invite(stage, ZHAO)
    stage.clock.ahead += timedelta(days=7, seconds=1)
    stage.simulator.add_user(NEW_PHONE + 2, "Late")
    await stage.phone(NEW_PHONE + 2).start(late)
    told = await stage.says(NEW_PHONE + 2, "邀请链接无效：已使用、超过七天或有误")
    assert "This invitation is not valid" in told["text"], (
        "in both languages, as Muster does not know them yet"
    )
    await stage.quiet()
    refused = [row for row in await stage.read(lambda tx: list(tx.audit.rows())) if row.outcome == "refused"]
    assert [(row.act, row.subject) for row in refused] == [
        ("enrol", str(NEW_PHONE + 1)),
        ("enrol", str(NEW_PHONE + 2)),
    ]


async def test_an_account_belongs_to_one_person_only(stage):
    code = await invite(stage, ZHAO)
    await stage.phone(WANG).start(code)
    await stage.says(WANG, "此 Telegram 账号已绑定王芳")
    await stage.phone(EMILY).start(code)
    await stage.says(EMILY, "This Telegram account belongs to Emily Carter already.")
    await stage.quiet()
    assert (await stage.read(lambda tx: tx.people.get("T5"))).telegram_id == ZHAO.telegram_id
    stage.simulator.add_user(NEW_PHONE, "Zhao")
    await stage.phone(NEW_PHONE).start(code)
    await stage.says(NEW_PHONE, "赵敏，您好")  # a refused try does not use the invitation up


async def test_a_stranger_gets_one_polite_sentence_in_both_languages_a_day(stage):
    stranger = stage.phone(STRANGER)
    for text in ("/start", "🆘 SOS", "hello", "/start"):
        await stranger.send(text)
    told = await stage.says(
        STRANGER, "这里是青城中学应急助手，仅供本校教职工使用；如遇紧急情况，请拨打 0571-0110。"
    )
    assert "in an emergency please call 0571-0110" in told["text"]
    await stage.quiet()
    assert len([m for m in stranger.messages() if m["from"]["is_bot"]]) == 1
    assert stage.topics() == []
    stage.clock.ahead += timedelta(days=1)
    await stranger.send("hello again")
    await stage.says(STRANGER, "应急助手", after=told["message_id"])


async def test_silence_in_groups_for_who_is_not_on_the_roster(stage):
    stage.simulator.chat(CENTRE).members.add(STRANGER)
    before = len(stage.simulator.chat(CENTRE).messages)
    for text in ("/sos", "/status", "/evacuate", "hello"):
        await stage.phone(STRANGER).send(text, chat=CENTRE)
    await stage.quiet()
    assert len(stage.simulator.chat(CENTRE).messages) == before + 4
    assert stage.topics() == []


async def test_what_somebody_chose_wins_over_roster_phone_and_school(stage):
    await stage.phone(WANG).send("/help")
    await stage.says(WANG, "紧急求助")
    await stage.phone(WANG).send("/language en")
    await stage.says(WANG, "Muster speaks English with you now.")
    assert stage.phone(WANG).keyboard() == [["🆘 SOS"], ["📝 Report", "📋 Status", "❓ Help"]]
    await stage.phone(WANG).send("📋 Status")
    await stage.says(WANG, "Nothing is open.")
    await stage.phone(WANG).send("📋 情况")
    await stage.quiet()
    await stage.phone(WANG).send("/language 中文")
    await stage.says(WANG, "已切换为中文。")
    assert stage.phone(WANG).keyboard() == [["🆘 SOS"], ["📝 报告", "📋 情况", "❓ 帮助"]]

    await stage.phone(EMILY).send("/language klingon")
    asked = await stage.says(EMILY, "Which language?")
    press = await stage.phone(EMILY).press(asked, "中文")
    assert (await stage.phone(EMILY).wait_answer(press))["text"] == "已切换为中文。"
    await stage.phone(EMILY).send("❓ 帮助")
    await stage.says(EMILY, "/sos – 紧急求助")


async def test_without_a_choice_the_roster_then_the_phone_then_the_school_decide(stage):
    for number, code in ((11, "en-GB"), (12, "de")):
        person = Person(f"N{number}", Name(f"新人{number}"), telegram_id=4000 + number)
        stage.simulator.add_user(person.telegram_id, "New", language_code=code, started=True)
        await stage.muster.database.write(lambda tx, one=person: tx.people.save([one]))
        await stage.phone(person).send("/status")
    await stage.says(4011, "🟢 Nothing is open.")
    await stage.says(4012, "🟢 目前没有未结束的事件。")


async def test_who_is_revoked_loses_every_right_at_once(stage):
    await stage.phone(WANG).send("🆘 SOS")
    alarm = await stage.says(CHEN, "🚨")
    await stage.phone(CHEN).send("/evacuate")
    confirm = await stage.says(CHEN, "下达疏散指令")

    await stage.phone(LI).send("/revoke 陈刚")
    await stage.says(LI, "已取消陈刚的全部权限。")
    await stage.phone(SUN).send("/revoke T5")
    await stage.says(SUN, "Your role does not include this.")

    for message, label in ((alarm, "担任总指挥"), (confirm, "确认疏散")):
        press = await stage.phone(CHEN).press(message, label)
        assert (await stage.phone(CHEN).wait_answer(press))["text"] == "您不在本校名册中。"
    await stage.phone(CHEN).send("/allclear")
    await stage.says(CHEN, "仅供本校教职工使用")
    await stage.quiet()
    incident = await stage.read(lambda tx: tx.incidents.get(1))
    assert (incident.commander_id, incident.action, incident.status) == (None, None, "REPORTED")
    before = len(stage.phone(CHEN).messages())
    await stage.after(seconds=121)
    await stage.says(SUN, "reminder 1")
    await stage.quiet()
    assert len(stage.phone(CHEN).messages()) == before


async def test_a_commander_who_is_revoked_leaves_a_command_that_others_are_asked_to_take(stage):
    await stage.phone(WANG).send("🆘 SOS")
    thread = await stage.topic_named("2026-0001")
    await stage.phone(CHEN).send("/command")
    await stage.says(CHEN, "您已担任总指挥")
    await stage.phone(LI).send("/revoke T3")
    await stage.says(LI, "陈刚被取消权限，不再担任总指挥", chat=CENTRE, thread=thread)
    await stage.says(LI, "尚无总指挥", chat=CENTRE, thread=thread)

    await stage.phone(EMILY).send("🆘 SOS")
    await stage.says(SUN, "Emily Carter pressed SOS (report 2)")
    await stage.after(seconds=121)
    await stage.says(SUN, "2026-0001 still has no commander (reminder 1)")
    await stage.says(ZHAO, "2026-0001 仍无总指挥（第 1 次提醒）")


async def test_an_alarm_already_waiting_for_who_is_revoked_is_never_sent(stage):
    stage.simulator.faults.retry_after(15, CHEN.telegram_id)
    await stage.phone(WANG).send("🆘 SOS")
    await stage.says(SUN, "Reported by Wang Fang")
    await stage.phone(LI).send("/revoke T3")
    await stage.says(LI, "已取消陈刚的全部权限")
    await stage.quiet()
    assert stage.phone(CHEN).messages() == []
    states = await stage.read(lambda tx: tx.outbox.of_incident(1))
    assert {row["state"] for row in states if row["to"] == "person:T3"} == {"withdrawn"}


async def test_whoami_says_what_muster_knows(stage):
    await stage.phone(WANG).send("/whoami")
    told = await stage.says(WANG, "王芳 · T1")
    assert "职责：班主任" in told["text"]
    assert "班级：7-3" in told["text"]
    await stage.phone(SUN).send("/whoami")
    assert "Roles: vice-principal" in (await stage.says(SUN, "Sun Li · T6"))["text"]
    await stage.phone(EMILY).send("/whoami")
    assert "Roles: staff" in (await stage.says(EMILY, "Emily Carter · T2"))["text"]
