"""The after-action report says how ready the school was, as of the incident's own day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.domain.equipment import Equipment, EquipmentKind, Inspection
from bot.domain.patrol import Visit, VisitState
from bot.domain.readiness import ReadinessRules
from bot.i18n import LOCALES
from bot.messages.after_action_readiness import readiness_page
from bot.services.after_action_readiness import readiness
from bot.services.after_action_reading import Reading
from tests.support.cast import CHEN, EMILY, HAN, LI, WU, ZHAO
from tests.support.door import Door, open_door
from tests.support.reading import LANGUAGES

pytestmark = pytest.mark.both_databases
RULES = ReadinessRules(patrol_zones=("A3", "gym"), patrols_per_day=5)


@pytest.fixture
async def door(tmp_path):
    async with open_door(tmp_path) as door:
        yield door


async def told(door: Door, number: int):
    """The section of that incident, read now."""
    school = replace(door.school, readiness=RULES)

    def read(tx):
        incident = tx.incidents.get(number)
        return readiness(Reading(tx, school, incident, tx.after_actions.get(number), [], [], door.now))

    return await door.read(read)


async def drilled(door: Door, words: str, number: int) -> None:
    """A drill, from its order to its all-clear."""
    await door.send(LI, words)
    await door.send(CHEN, f"/allclear 2026-{number:04}")
    ask = next(
        said for said in reversed(door.said) if any("确认" in b.label for r in said.buttons for b in r)
    )
    await door.press(CHEN, ask.data("确认"))


async def took_on(door: Door, who) -> None:
    """The newest offer of a task on that phone is accepted."""
    offer = next(
        said
        for said in reversed(door.said)
        if said.to == f"person:{who.staff_id}" and any("接受" in b.label for r in said.buttons for b in r)
    )
    await door.press(who, offer.data("接受"))


async def test_the_last_drill_of_the_kind_and_the_plan_it_ran_on(door):
    await drilled(door, "/drill fire gym", 1)
    door.now += timedelta(days=12)
    await drilled(door, "/drill earthquake A3", 2)
    door.now += timedelta(days=2)
    await door.send(EMILY, "/report fire A3 smoke")
    found = await told(door, 3)
    assert found["drill"] == {"number": "2026-0001", "held_on": "2026-11-23", "days": 14, "plan_version": 1}
    assert found["plan_version"] == 1
    await door.send(EMILY, "/report medical gym 骨折")
    assert (await told(door, 4))["drill"] is None


async def test_who_acted_is_shown_with_what_they_held_on_that_day_and_no_later_training_helps(door):
    await door.send(LI, "/training 消防安全; -20; 王工; 区消防大队; 消防安全; 2027-11-02")
    await door.send(LI, f"/training 1 passed {HAN.name.zh}")
    await door.send(LI, "/training 急救; -400; ; ; 急救员; -30")
    await door.send(LI, f"/training 2 passed {WU.name.zh}")
    await door.send(EMILY, "/report fire A3 smoke")
    await took_on(door, HAN)
    await took_on(door, WU)
    door.now += timedelta(days=3)
    await door.send(LI, "/training 急救; 今天; ; ; 急救员; +300")
    await door.send(LI, f"/training 3 passed {WU.name.zh}")
    found = await told(door, 1)
    assert (found["trained"], found["untrained"]) == (1, 1)
    assert [(one["who"]["zh"], one["tasks"], one["certificates"]) for one in found["people"]] == [
        (WU.name.zh, 1, []),
        (HAN.name.zh, 1, [{"name": "消防安全", "until": "2027-11-02"}]),
    ]


async def test_an_inspection_made_up_for_afterwards_was_overdue_all_the_same(door):
    kind, due_on = EquipmentKind.EXTINGUISHER, date(2026, 11, 1)
    there = [Equipment(f"F-{n}", kind, zone, due_on=due_on) for n, zone in enumerate(("A3", "A3", "gym"))]
    fine = Equipment("F-9", kind, "A3", due_on=date(2026, 11, 23))
    await door.database.write(lambda tx: tx.equipment.save([*there, fine]))
    await door.send(EMILY, "/report fire A3 smoke")

    def made_up_for(tx):
        later = door.now + timedelta(hours=1)
        inspection = Inspection("F-0", LI.staff_id, later, due_before=due_on, due_after=date(2026, 12, 23))
        tx.inspections.add(inspection)
        tx.equipment.save([replace(there[0], due_on=inspection.due_after)])

    await door.database.write(made_up_for)
    overdue = (await told(door, 1))["inspections"]
    assert [(one["number"], one["due_on"]) for one in overdue] == [
        ("F-0", "2026-11-01"),
        ("F-1", "2026-11-01"),
    ]


async def test_the_rounds_of_a_key_area_on_that_day(door):
    def visits(tx):
        for hours, zone, state in (
            (-30, "A3", VisitState.ALL_WELL),
            (-2, "A3", VisitState.ALL_WELL),
            (-1, "gym", VisitState.ALL_WELL),
            (1, "A3", VisitState.FINDING),
        ):
            tx.patrols.add(Visit(0, zone, HAN.staff_id, door.now + timedelta(hours=hours), state))

    await door.database.write(visits)
    await door.send(EMILY, "/report fire A3 smoke")
    patrols = (await told(door, 1))["patrols"]
    last = {"who": HAN.name.to_params(), "at": (door.now - timedelta(hours=2)).isoformat()}
    assert patrols == {"n": 2, "per_day": 5, "findings": 1, "last": last}
    await door.send(ZHAO, "/report medical dorm 晕倒")
    assert (await told(door, 2))["patrols"] is None


@pytest.mark.parametrize("locale", LOCALES)
def test_its_page_has_no_section_without_data_and_says_none_where_there_is_none(locale):
    assert readiness_page({}, LANGUAGES[locale]) == []
    nothing = {"drill": None, "plan_version": None, "trained": 0, "untrained": 0, "people": []}
    page = readiness_page({"readiness": nothing | {"inspections": [], "patrols": None}}, LANGUAGES[locale])
    assert [block["block"] for block in page] == ["facts", "text"]
    assert len(page[0]["rows"]) == 3, "an incident without a plan says nothing of one"
