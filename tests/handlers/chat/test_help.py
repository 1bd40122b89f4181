"""`/help` offers what its reader's roles may do, all of it and nothing else."""

from __future__ import annotations

import re

import pytest
from telegram.ext import CommandHandler

from bot.domain.roster import Role
from tests.support.cast import BY_ROLE, CHEN, EMILY
from tests.support.door import Door

# Besides the roles that it is for: whose own action, task or incident it is.
OWN = {"corrective", "corrected", "planchange", "afteraction", "call"}
# Everybody's, and they would begin something.
BEGINS = {"sos", "report"}
WORDS = {"command": "2026-0001", "call": "119", "snapshot": "gate", "corrected": "1 done", "planchange": "1"}
REFUSED = (
    *("您没有此项权限", "您没有负责的班级", "监控画面仅限"),
    *("Your role does not include this", "You lead no class", "Camera pictures are for"),
)


def commands(door: Door) -> set[str]:
    handlers = [one for group in door._application.handlers.values() for one in group]
    return {name for one in handlers if isinstance(one, CommandHandler) for name in one.commands} - {"start"}


@pytest.mark.parametrize("role", Role, ids=lambda role: role.value)
async def test_it_offers_exactly_what_the_reader_may_do(door, role):
    person = BY_ROLE[role]
    await door.send(EMILY, "/report fire A3 smoke")
    await door.send(CHEN, "/evacuate")
    await door.press(CHEN, "yes:1:")
    (page,) = await door.send(person, "/help")
    offered = set(re.findall(r"^/([a-z]+) –", page.text, re.MULTILINE))
    done = set(BEGINS)
    for name in sorted(commands(door) - BEGINS):
        said = await door.send(person, f"/{name} {WORDS.get(name, '')}".strip())
        own = [one.text for one in said if one.to == f"person:{person.staff_id}"]
        if not [text for text in own if any(word in text for word in REFUSED)]:
            done.add(name)
    assert offered <= done
    assert done - offered <= OWN
