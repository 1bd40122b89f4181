"""Every button of Muster's that somebody else could forge, over one incident that has everything."""

from __future__ import annotations

from itertools import product

import pytest

from bot.domain.action import Verb
from tests.handlers.chat.test_rights import mark, state_of
from tests.support.cast import CHEN, EMILY, LI, STRANGER, WANG, ZHAO
from tests.support.door import Door

SUBJECTS = ("1", "9" * 18)
VALUES = ("", "9" * 20, "7-3", "\x00²", "{mark}")
# What a teacher may do, in their own name: report, choose a language, say how they are, see their own tasks.
OWN = {
    Verb.NEW_REPORT_KIND,
    Verb.NEW_REPORT_ZONE,
    Verb.NEW_REPORT_PLACES,
    Verb.LANGUAGE,
    Verb.SAFE,
    Verb.NEED_HELP,
    Verb.AWAY,
    Verb.TASKS,
}


@pytest.fixture
async def fire(door: Door) -> Door:
    """A report, an order, a count, tasks, a draft sent in, a corrective action and a change to a plan."""
    await door.send(WANG, "/report fire A3 smoke")
    await door.send(CHEN, "/command")
    await door.send(CHEN, "/evacuate")
    await door.press(CHEN, "yes:1:")
    await door.send(LI, "/task 赵敏 打开东门")
    await door.send(LI, "/announce 明天停课。")
    await door.press(LI, f"nsu:1:{await mark(door)}")
    await door.send(LI, "/corrective 吴涛 +7 move the bins")
    await door.send(LI, "/planchange 1 fire scene minutes 3")
    return door


@pytest.mark.parametrize("who", [EMILY, STRANGER], ids=["teacher", "stranger"])
async def test_nobody_gets_in_by_a_forged_button(fire, who):
    before, events = await state_of(fire), await fire.events()
    said, sign = len(fire.said), await mark(fire)
    for verb, subject, value in product(sorted(set(Verb) - OWN), SUBJECTS, VALUES):
        await fire.press(who, f"{verb}:{subject}:{value}".replace("{mark}", sign))
    assert await state_of(fire) == before
    assert await fire.events() == events
    assert [(one.to, one.text) for one in fire.said[said:]] == []


@pytest.mark.parametrize("who", [LI, ZHAO], ids=["office", "principal"])
async def test_a_number_that_no_button_says_is_answered_also_to_who_may_press(fire, who):
    for verb, value in product(sorted(Verb), ("9" * 30, "minutes=" + "9" * 30)):
        await fire.press(who, f"{verb}:1:{value}")
