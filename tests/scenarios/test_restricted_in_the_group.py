"""Who may know of a restricted incident asks and acts in the group: the answer comes in private."""

from __future__ import annotations

import pytest

from tests.support.cast import CENTRE, CHEN, EMILY, LI, SUN, WANG, WU, ZHAO
from tests.support.restricted import WORDS, bullying, centre_says, heard

__all__ = ["bullying"]

SECRETS = ("2026-0001", "欺凌", "ullying", "教学楼A座三层", "Building A, floor 3", WORDS, "面谈")
LISTS = (
    "/status",
    "/incidents",
    "/corrective",
    "/planchange",
    "/task",
    "/drills",
    "/digest",
    "/patrol",
    "/training",
)
BARE = (
    *(
        "/ack",
        "/command",
        "/note 家长已到",
        "/severity 2",
        "/severity",
        "/timeline",
        "/injured 1 light",
        "/call 110",
    ),
    *(
        "/dispatch",
        "/liaison 派出所",
        "/district",
        "/reporting",
        "/evacuate",
        "/task @郑洁 去看看",
        "/equipment",
    ),
    *(
        "/announce",
        "/snapshot",
        "/retain",
        "/afteraction",
        "/restrict 涉及学生隐私",
        "/plan",
        "/hold",
        "/command 陈刚",
    ),
    *(
        "/footage A3 10:00-10:05",
        "/observe 10:02; A3; 围堵; 校服; 楼下",
        "/allclear",
        "/cancel",
        "/close 结束",
    ),
)

TAKES_NO_NUMBER = ("/equipment", "/plan")


async def said_in_the_group(stage):
    """What the bot said there."""
    await stage.quiet()
    return [text for text in await centre_says(stage) if not text.startswith("/")]


@pytest.mark.parametrize("person", [ZHAO, LI])
async def test_no_list_that_is_asked_for_in_the_group_names_it(bullying, person):
    stage = bullying
    await stage.phone(LI).send("/corrective 2026-0001 郑洁 +7 每周与学生面谈")
    await stage.says(LI, "已通知郑洁")
    for command in LISTS:
        await stage.phone(person).send(command, chat=CENTRE)
    told = "\n".join(await said_in_the_group(stage))
    assert "🟢" in told
    assert [one for one in SECRETS if one in told] == []


async def test_no_command_in_the_group_is_answered_there_with_its_number(bullying):
    stage = bullying
    for command in BARE:
        await stage.phone(ZHAO).send(command, chat=CENTRE)
        name, _, words = command.partition(" ")
        if name in TAKES_NO_NUMBER:
            continue
        await stage.phone(ZHAO).send(f"{name} 2026-0001 {words}".strip(), chat=CENTRE)
    assert [one for one in await said_in_the_group(stage) if any(word in one for word in SECRETS)] == []


async def test_the_only_incident_of_the_group_is_meant_there_though_a_restricted_one_is_open(bullying):
    stage = bullying
    await stage.phone(EMILY).send("/report fire gym smoke")
    await stage.topic_named("2026-0002")
    await stage.phone(ZHAO).send("/ack", chat=CENTRE)
    await stage.says(ZHAO, "2026-0002", chat=CENTRE)
    await stage.quiet()
    both = await stage.read(lambda tx: [tx.incidents.get(key).acknowledged_by for key in (1, 2)])
    assert both == [None, ZHAO.staff_id]


async def test_named_by_its_number_it_is_acted_on_and_answered_in_private(bullying):
    stage = bullying
    await stage.phone(SUN).send("/note 2026-0001 the parents were told", chat=CENTRE)
    await stage.says(SUN, "2026-0001")
    assert await said_in_the_group(stage) == []
    await stage.phone(ZHAO).send("/timeline 2026-0001")
    await stage.says(ZHAO, "the parents were told")
    assert heard(stage, CHEN) == ""


async def test_what_was_ordered_in_its_topic_is_turned_there_and_said_in_private(stage):
    """Locked down before anybody said what it was: the principal may not have to look for another chat."""
    await stage.phone(WANG).send("🆘 SOS")
    thread = await stage.topic_named("2026-0001")
    receipt = await stage.says(WANG, "已收到")
    await stage.phone(ZHAO).send("/lockdown", chat=CENTRE, thread=thread)
    asked = await stage.says(ZHAO, "下达封控指令", chat=CENTRE, thread=thread)
    await stage.phone(ZHAO).press(asked["message_id"], "确认封控", chat=CENTRE)
    await stage.says(WU, "封控")
    await stage.phone(ZHAO).send("/evacuate", chat=CENTRE, thread=thread)
    asked = await stage.says(ZHAO, "下达疏散指令", chat=CENTRE, thread=thread)
    await stage.phone(WANG).press(receipt, "欺凌或性侵害")
    await stage.says(ZHAO, "🔒 保密事件")
    await stage.quiet()
    own = {m["message_id"]: m.get("text") for m in stage.phone(ZHAO).messages()}
    await stage.phone(ZHAO).press(asked["message_id"], "确认疏散", chat=CENTRE)
    await stage.says(WU, "疏散")
    await stage.says(ZHAO, "确认，正在发给")
    await stage.quiet()
    now = {m["message_id"]: m.get("text") for m in stage.phone(ZHAO).messages()}
    assert [text for key, text in own.items() if "🔒" not in text and now[key] != text] == []
    assert not [text for text in await said_in_the_group(stage) if "欺凌" in text]
