"""What a number alone means: a count, or a class that is called so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.headcount import Said, Source
from bot.domain.incident import Kind, Mode, Severity
from bot.domain.outcome import Done
from bot.domain.response import ResponseAction
from bot.domain.roster import Pupil, SchoolClass
from bot.domain.roster_diff import Roster
from bot.services.counting import Mark, say
from bot.services.headcounts import say_by_name
from bot.services.importing import apply_roster
from bot.services.opening import open_incident
from bot.services.responding import order_action
from bot.services.turn import Turn
from tests.support import cast
from tests.support.cast import CHEN, WANG
from tests.support.door import MONDAY, open_door

LEAD = replace(WANG, classes=("701",))


@pytest.fixture
async def door(tmp_path):
    """A roll call runs in a school whose classes are called 701 and 702."""
    async with open_door(tmp_path) as one:
        classes = {name: SchoolClass(name, "7", "gym", "field") for name in ("701", "702")}
        pupils = {f"{n}": Pupil(f"{n}", f"同学{n}", "701") for n in range(70101, 70141)}
        people = {person.staff_id: person for person in cast.CAST} | {LEAD.staff_id: LEAD}
        await one.database.write(apply_roster, Roster(people, classes, pupils), by="test", at=MONDAY)

        def order(tx):
            turn = Turn(tx, one.school, one.now, asker=CHEN)
            drill = open_incident(
                turn, mode=Mode.DRILL, severity=Severity.MINOR, kind=Kind.FIRE, zone="A3", reporter_id=None
            )
            order_action(turn, drill, ResponseAction.EVACUATE, ())

        await one.database.write(order)
        yield one


async def said(door, number):
    """What `/headcount N` of the lead of 701 did, and how many of the class are here then."""

    def say(tx):
        turn = Turn(tx, door.school, door.now, asker=LEAD)
        outcome = say_by_name(turn, "", Mark(Said.NUMBER, number=number), Source.CHAT)
        return outcome.done, tx.headcounts.find_class(1, "701").count.tally

    return await door.database.write(say)


async def test_a_number_alone_counts_the_own_class(door):
    done, tally = await said(door, 38)
    assert (done, tally.present, tally.missing) == (Done.COUNTED, 38, 2)


async def test_a_number_that_is_a_class_s_name_asks_about_the_class(door):
    done, tally = await said(door, 701)
    assert (done, tally.unknown, tally.extra) == (Done.NOTHING, 40, 0)


async def test_who_is_found_after_a_number_leaves_no_nameless_missing_pupil_behind(door):
    await said(door, 38)

    def find(tx):
        turn = Turn(tx, door.school, door.now, asker=LEAD)
        roll_call, counted = tx.roll_calls.get(1), tx.headcounts.find_class(1, "701")
        one, other = tx.headcounts.pupils(1, "701")[:2]
        for mark in (Mark(Said.MISSING, one.id), Mark(Said.MISSING, other.id), Mark(Said.WITH_ME, one.id)):
            counted = say(turn, roll_call, counted, [mark])
        return counted.count.tally

    tally = await door.database.write(find)
    assert (tally.present, tally.missing, tally.unnamed_missing, tally.unknown) == (38, 1, 0, 1)
    _, tally = await said(door, 39)
    assert (tally.present, tally.missing, tally.unknown) == (39, 1, 0)
