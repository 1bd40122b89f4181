"""Whoever may no longer know of an incident: their presses and commands change and show nothing of it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from telegram.ext import CommandHandler

from bot.domain.action import Verb
from bot.domain.message import MessageKind
from bot.storage import tables
from bot.storage.tables import announcements
from tests.support.cast import CENTRE, CHEN, HAN, LI, SUN, WANG, ZHAO
from tests.support.door import MONDAY, Door

WORDS = "学生割腕"
SECRETS = ("2026-0001", WORDS, "教学楼A座三层")
# Incidents, orders, tasks, calls, links, reports: their ids begin at 1 here.
SUBJECTS = range(1, 5)
# What a button must say to do anything; all others are pressed without a value.
VALUES = {
    Verb.ORDER: "EVACUATE",
    Verb.SEVERITY: "1",
    Verb.CANCEL: str(int(MONDAY.timestamp())),
    Verb.ALERT_JOIN: "1",
    Verb.CAMERA_CHOOSE: "gate",
    Verb.ANNOUNCE_READY: "rumour",
    Verb.ANNOUNCE_ABOUT: "1",
    Verb.TASK_HAND_OVER: "T11",
    Verb.CALL: "110",
    Verb.SCENE_STATE: "arrived",
    Verb.SCENE_REPORT: "wca",
    Verb.HOT_WASH_GRADE: "good",
    Verb.HOT_WASH_WORDS: "cause",
    Verb.REPORT_WORDS: "cause",
    Verb.REPORT_ACCEPT: "1",
    Verb.REPORT_RETURN: "1",
    Verb.INJURED: "light:1:2",
    Verb.INJURED_PUPIL: "light",
    Verb.INJURED_STAFF: "serious",
    Verb.DISTRICT_SEND: "0",
}
# A report of something else.
ELSEWHERE = {Verb.NEW_REPORT_KIND, Verb.NEW_REPORT_ZONE, Verb.NEW_REPORT_PLACES}
OF_IT = (
    *(tables.timeline, tables.reports, tables.orders, tables.due_reports, tables.tasks, tables.agency_calls),
    *(
        tables.injured_numbers,
        tables.injured_pupils,
        tables.injured_staff,
        tables.liaison_links,
        tables.on_scene,
    ),
    *(tables.after_actions, tables.after_action_words, tables.corrective_actions),
)


@pytest.fixture
async def case(door: Door) -> Door:
    """Much hangs on it, an all-clear is asked for and not confirmed; then the safety office restricts it by hand."""
    await door.send(WANG, f"/report medical A3 {WORDS}")
    await door.send(CHEN, "/command")
    await door.send(CHEN, "/dispatch 韩磊")
    await door.press(HAN, "scs:1:going")
    await door.send(CHEN, "/task @李明 守住东门")
    await door.send(CHEN, "/call 120")
    await door.send(CHEN, "/injured 1 light")
    await door.send(CHEN, "/injured @冯雪 轻伤")
    await door.send(CHEN, "/liaison 派出所")
    await door.send(LI, "/announce 2026-0001 今天下午停课。")
    await door.send(SUN, "/allclear 2026-0001")
    await door.send(LI, "/restrict 2026-0001 涉及学生隐私")
    assert (await door.incident()).is_restricted
    return door


async def of_it(door: Door) -> list[list[Any]]:
    """The incident and all that hangs on it."""

    def rows(tx: Any) -> list[list[Any]]:
        found = [select(tables.incidents).where(tables.incidents.c.id == 1)]
        found += [select(table).where(table.c.incident_id == 1) for table in OF_IT]
        found += [select(announcements.c.id).where(announcements.c.incident_id == 1)]
        return [tx.connection.execute(query).all() for query in found]

    return await door.read(rows)


@pytest.mark.parametrize("who", [CHEN, LI, HAN], ids=["commander", "office", "scene"])
async def test_no_button_does_or_shows_anything(case, who):
    before, said, toasts = await of_it(case), len(case.said), len(case.toasts)
    for verb in sorted(set(Verb) - ELSEWHERE):
        for subject in SUBJECTS:
            await case.press(who, f"{verb}:{subject}:{VALUES.get(verb, '')}")
            assert await of_it(case) == before, verb
    shown = [one.text for one in case.said[said:]] + case.toasts[toasts:]
    assert [text for text in shown if any(secret in text for secret in SECRETS)] == []


@pytest.mark.parametrize("who", [CHEN, LI], ids=["commander", "office"])
async def test_no_command_does_or_shows_anything(case, who):
    before, said = await of_it(case), len(case.said)
    for name in commands(case):
        for words in ("", "2026-0001", "2026-0001 1 word and more"):
            await case.send(who, f"/{name} {words}".strip())
            assert await of_it(case) == before, name
    shown = [one.text.replace("没有编号为 2026-0001 的事件", "") for one in case.said[said:]]
    assert [text for text in shown if WORDS in text] == []


def commands(door: Door) -> list[str]:
    """All but those that report something else."""
    handlers = [one for group in door._application.handlers.values() for one in group]
    found = {name for one in handlers if isinstance(one, CommandHandler) for name in one.commands}
    return sorted(found - {"sos", "report"})


async def test_who_may_know_of_it_still_ends_it(case):
    await case.press(ZHAO, "yes:1:")
    assert (await case.incident()).status == "ALL_CLEAR"


async def test_which_report_is_meant_is_asked_of_those_alone_that_one_may_know_of(case):
    await case.press(ZHAO, "yes:1:")
    await case.send(WANG, "/report fire A3 smoke")
    await case.send(CHEN, "/allclear 2026-0002")
    await case.press(CHEN, "yes:2:")
    await case.services.after_actions.tick()
    await case.collect()
    said = len(case.said)
    await case.send(CHEN, "/afteraction")
    await case.send(ZHAO, "/afteraction", chat=CENTRE)
    told = [(one.to, one.kind) for one in case.said[said:]]
    assert told == [(f"person:{who.staff_id}", MessageKind.AFTER_ACTION) for who in (CHEN, ZHAO)]
    assert not [one.text for one in case.said[said:] if "2026-0001" in one.text]
