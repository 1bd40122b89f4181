"""DESIGN's table of rights, written out once more: every command and button × every role."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from bot.domain.equipment import Equipment, EquipmentKind
from bot.domain.message import MessageKind
from bot.domain.roster import Person, Role
from bot.storage import tables
from tests.support.cast import BY_ROLE, CHEN, EMILY, LI, WANG, ZHAO
from tests.support.door import MONDAY, Door

LEADERS = {Role.PRINCIPAL, Role.DEPUTY, Role.COMMANDER}
DESK = {*LEADERS, Role.SAFETY_OFFICE}
OFFICE = {Role.SAFETY_OFFICE}
SIGNERS = {Role.PRINCIPAL, Role.DEPUTY}
COUNTERS = {Role.CLASS_LEAD, Role.GRADE_LEAD, Role.SAFETY_OFFICE}
EVERYONE = set(Role)
# All that counts; the language of somebody's phone is noted on any contact.
STATE = (
    select(tables.incidents),
    select(tables.reports),
    select(tables.timeline),
    select(tables.orders),
    select(tables.deadlines),
    select(tables.rings),
    select(tables.absences),
    select(tables.absence_counts),
    select(tables.announcements),
    select(tables.announcement_questions),
    select(tables.after_actions),
    select(tables.after_action_versions),
    select(tables.after_action_words),
    select(tables.awaited_words),
    select(tables.corrective_actions),
    select(tables.plan_changes),
    select(tables.plan_versions),
    select(tables.trainings),
    select(tables.training_entries),
    select(tables.patrol_visits),
    select(tables.planned_drills),
    select(tables.equipment),
    select(tables.inspections),
    select(*[column for column in tables.people.c if column.name != "phone_locale"]),
)

Prepare = Callable[[Door], Awaitable[Any]]


async def nothing(door: Door) -> None:
    pass


async def an_sos(door: Door) -> None:
    await door.send(EMILY, "/sos")


async def all_clear(door: Door) -> None:
    await an_sos(door)
    await an_order(door, "/allclear")
    await door.press(CHEN, "yes:1:")


async def a_report(door: Door) -> None:
    await all_clear(door)
    await door.services.after_actions.tick()
    await door.collect()


async def a_submitted_report(door: Door) -> None:
    await a_report(door)
    await door.send(LI, "/afteraction 2026-0001 submit")
    await door.services.after_actions.tick()
    await door.collect()


async def an_accepted_report(door: Door) -> None:
    await a_submitted_report(door)
    await door.send(ZHAO, "/afteraction 2026-0001 accept")


async def a_training(door: Door) -> None:
    await door.send(LI, "/training 灭火器; 2026-11-23; 王工; 消防大队; 消防安全")
    await door.send(LI, "/training 1 吴涛")


async def a_planned_drill(door: Door) -> None:
    await door.send(LI, "/drills +7 fire A3")


async def a_corrective_action(door: Door) -> None:
    await door.send(LI, "/corrective 吴涛 +7 move the bins")


async def a_plan_change(door: Door) -> None:
    await a_corrective_action(door)
    await door.send(LI, "/planchange 1 fire scene minutes 3")
    await door.press(LI, "pcp:1:reason=")


async def a_proposed_plan_change(door: Door) -> None:
    await a_plan_change(door)
    await door.press(LI, "pcs:1:")


async def a_list(door: Door) -> None:
    item = Equipment("MHQ-1", EquipmentKind.EXTINGUISHER, "A3", custodian_id="T7")
    await door.database.write(lambda tx: tx.equipment.save([item]))


async def an_order(door: Door, command: str = "/evacuate") -> None:
    if await door.incident() is None:
        await an_sos(door)
    await door.send(CHEN, f"{command} 2026-0001")


async def an_all_clear_order(door: Door) -> None:
    await an_order(door, "/allclear")


async def a_drill(door: Door) -> None:
    await door.send(LI, "/drill fire A3")


async def a_draft(door: Door) -> None:
    await door.send(LI, "/announce 明天停课。")


async def mark(door: Door) -> str:
    return (await door.read(lambda tx: tx.announcements.get(1))).mark


async def a_request(door: Door) -> None:
    await a_draft(door)
    await door.press(LI, f"nsu:1:{await mark(door)}")


async def an_announcement(door: Door) -> None:
    await a_request(door)
    await door.press(CHEN, f"nap:1:{await mark(door)}")


@dataclass(frozen=True)
class Act:
    """What somebody does; `answer`: a message of this kind is the effect, else the state changes."""

    what: str
    may: set[Role]
    prepare: Prepare = an_sos
    answer: MessageKind | None = None

    @property
    def is_press(self) -> bool:
        return not self.what.startswith("/")


ACTS = (
    # report, SOS, /safe, and who am I: everyone enrolled
    Act("/sos", EVERYONE, nothing),
    Act("/sos", EVERYONE, a_drill),
    Act("/report fire A3 smoke", EVERYONE, nothing),
    Act("/report", EVERYONE, nothing, MessageKind.ASK_REPORT),
    Act("nk:0:fire", EVERYONE, nothing, MessageKind.ASK_REPORT),
    Act("nz:0:fire:A3", EVERYONE, nothing),
    Act("/status", EVERYONE, an_sos, MessageKind.STATUS),
    Act("/help", EVERYONE, nothing, MessageKind.HELP),
    Act("/start", EVERYONE, nothing, MessageKind.WELCOME),
    Act("/whoami", EVERYONE, nothing, MessageKind.WHOAMI),
    Act("/language", EVERYONE, nothing, MessageKind.LANGUAGE),
    Act("/language en", EVERYONE, nothing),
    Act("lan:0:en", EVERYONE, nothing),
    # order a response action
    *(
        Act(f"/{action} 2026-0001", DESK, an_sos, MessageKind.CONFIRM)
        for action in ("evacuate", "lockdown", "shelter", "secure", "hold")
    ),
    Act("ord:1:EVACUATE", DESK, an_sos, MessageKind.CONFIRM),
    Act("yes:1:", DESK, an_order, MessageKind.DIRECTIVE),
    Act("no:1:", DESK, an_order, MessageKind.ORDER_SETTLED),
    # take command, severity, all-clear, cancel, close
    Act("/command 2026-0001", LEADERS),
    Act("/command 2026-0001 赵敏", LEADERS),
    Act("cmd:1:", LEADERS),
    Act("/severity 2026-0001 1", LEADERS),
    Act("/severity 2026-0001", LEADERS, an_sos, MessageKind.ASK_SEVERITY),
    Act("sev:1:4", LEADERS),
    Act("/allclear 2026-0001", LEADERS, an_sos, MessageKind.CONFIRM),
    Act("clr:1:", LEADERS, an_sos, MessageKind.CONFIRM),
    Act("yes:1:", LEADERS, an_all_clear_order, MessageKind.ALL_CLEAR),
    Act("no:1:", LEADERS, an_all_clear_order, MessageKind.ORDER_SETTLED),
    Act("/cancel 2026-0001 burnt toast", LEADERS),
    Act("can:1:", LEADERS, an_sos, MessageKind.CONFIRM),
    Act(f"fal:1:{int(MONDAY.timestamp())}", LEADERS),
    Act("/close 2026-0001 nobody hurt", LEADERS, an_accepted_report),
    # acknowledge, note, drill, incidents
    Act("/ack 2026-0001", DESK),
    Act("ack:1:", DESK),
    Act("/note 2026-0001 fire brigade is here", DESK),
    Act("/restrict 2026-0001 a pupil is concerned", DESK),
    Act("/drill fire A3", DESK, nothing),
    Act("/incidents", DESK, an_sos, MessageKind.INCIDENTS),
    Act("/timeline 2026-0001", DESK, an_sos, MessageKind.TIMELINE),
    Act("tl:1:", DESK, an_sos, MessageKind.TIMELINE),
    # who is away: the class's lead, the head of its grade, the safety office
    Act("/absent 7-3 2", COUNTERS, nothing),
    Act("/absent 7-3 01 02", COUNTERS, nothing),
    Act("/absent 7-3", COUNTERS, nothing, MessageKind.ABSENCES),
    Act("/absent", COUNTERS, nothing, MessageKind.ABSENCES),
    # how cameras are, who saw what, what was seen
    Act("/cameras", {*DESK, Role.IT_CENTRE}, nothing, MessageKind.CAMERAS),
    Act("/register", OFFICE, nothing, MessageKind.REGISTER),
    Act("/observe 2026-0001 10:02; gate; two people climb over; dark jackets; gym", LEADERS),
    # write an announcement; publish and take back
    Act("/announce 明天停课。", DESK, nothing, MessageKind.ANNOUNCEMENT_DRAFT),
    Act("/announce", DESK, nothing, MessageKind.ANNOUNCEMENT_MENU),
    Act("nan:1:", DESK, an_sos, MessageKind.ANNOUNCEMENT_MENU),
    Act("nrt:0:rumour", DESK, nothing, MessageKind.ANNOUNCEMENT_DRAFT),
    Act("/announcements", DESK, an_announcement, MessageKind.ANNOUNCEMENTS),
    Act("nwo:1:correct", DESK, an_announcement, MessageKind.ANNOUNCEMENT_QUESTION),
    Act("nsi:1:", DESK, an_announcement, MessageKind.ANNOUNCEMENT_SILENT),
    Act("nap:1:{mark}", LEADERS, a_request, MessageKind.ANNOUNCEMENT),
    Act("nwo:1:return", LEADERS, a_request, MessageKind.ANNOUNCEMENT_QUESTION),
    Act("nwd:1:", LEADERS, an_announcement, MessageKind.ANNOUNCEMENT),
    # the report of an incident: the desk completes and submits it, the principal and the deputies accept it
    Act("/afteraction 2026-0001", DESK, a_report, MessageKind.AFTER_ACTION),
    Act("aag:1:", DESK, a_report, MessageKind.AFTER_ACTION),
    Act("aaw:1:cause", DESK, a_report, MessageKind.ASK_WORDS),
    Act("/afteraction 2026-0001 submit", DESK, a_report),
    Act("aas:1:", DESK, a_report),
    Act("/afteraction 2026-0001 accept", SIGNERS, a_submitted_report),
    Act("aaa:1:2", SIGNERS, a_submitted_report),
    Act("/afteraction 2026-0001 return too short", SIGNERS, a_submitted_report),
    Act("aar:1:2", SIGNERS, a_submitted_report, MessageKind.ASK_WORDS),
    # corrective actions, digests
    Act("/corrective 孙丽 +7 move the bins", DESK, nothing),
    Act("/corrective", EVERYONE, nothing, MessageKind.CORRECTIVE_LIST),
    Act("/corrected 1 see the photo", {*DESK, Role.IT_CENTRE}, a_corrective_action),
    Act("cad:1:", {*DESK, Role.IT_CENTRE}, a_corrective_action, MessageKind.ASK_WORDS),
    Act("/planchange", EVERYONE, nothing, MessageKind.PLAN_CHANGES),
    Act("/planchange 1", {*DESK, Role.IT_CENTRE}, a_corrective_action),
    Act("pch:1:", {*DESK, Role.IT_CENTRE}, a_corrective_action),
    Act("/planchange 1 fire scene minutes 3", {*DESK, Role.IT_CENTRE}, a_corrective_action),
    Act("pcl:1:", DESK, a_proposed_plan_change, MessageKind.PLAN_CHANGE_REVIEW),
    Act("pcn:1:", SIGNERS, a_proposed_plan_change, MessageKind.ASK_WORDS),
    Act("/digest", SIGNERS, nothing, MessageKind.DIGEST),
    Act("dig:0:week", SIGNERS, nothing, MessageKind.DIGEST),
    Act("/review", SIGNERS, nothing, MessageKind.DIGEST),
    # equipment
    Act("/equipment", EVERYONE, nothing, MessageKind.EQUIPMENT_COUNTS),
    Act("/equipment A3", EVERYONE, nothing, MessageKind.EQUIPMENT),
    Act("/inspections", EVERYONE, nothing, MessageKind.INSPECTIONS),
    Act("eqi:1:", {*OFFICE, Role.IT_CENTRE}, a_list, MessageKind.INSPECTION_PHOTO),
    Act("eqn:1:", DESK, an_sos, MessageKind.EQUIPMENT),
    Act("equ:0:aed", EVERYONE, nothing, MessageKind.EQUIPMENT_USE),
    # readiness
    Act("/training", EVERYONE, nothing, MessageKind.TRAININGS),
    Act("/training AED", OFFICE, nothing),
    Act("/training 1", DESK, a_training, MessageKind.TRAINING),
    Act("trs:1:", DESK, a_training, MessageKind.TRAINING),
    Act("/training 1 孙丽", OFFICE, a_training),
    Act("/training 1 passed", OFFICE, a_training),
    Act("trp:1:", OFFICE, a_training),
    Act("trw:1:", OFFICE, a_training, MessageKind.ASK_WORDS),
    Act("trf:1:", OFFICE, a_training, MessageKind.ASK_WORDS),
    Act("tru:1:1", OFFICE, a_training),
    Act("/patrol", EVERYONE, nothing, MessageKind.PATROL),
    Act("/drills", DESK, nothing, MessageKind.DRILLS),
    Act("/drills +7 fire A3", DESK, nothing),
    Act("drd:1:", DESK, a_planned_drill),
    # revoke
    Act("/revoke T9", OFFICE, nothing),
)


GRANTED = [(act, role) for act in ACTS for role in Role if role in act.may]
REFUSED = [act for act in ACTS if act.may != EVERYONE]


def named(value: Act | Role) -> str:
    return value.value if isinstance(value, Role) else f"{value.what} ({value.prepare.__name__})"


@pytest.mark.parametrize(("act", "role"), GRANTED, ids=named)
async def test_a_right_does_what_it_says(door, act, role):
    person = BY_ROLE[role]
    await act.prepare(door)
    before, audited = await state_of(door), await door.audited()

    told = await do(door, act, person)

    used = (await door.audited())[len(audited) :]
    assert not [said for said in told if said.kind is MessageKind.REFUSED]
    if act.answer is None:
        assert await state_of(door) != before
    else:
        assert act.answer in {said.kind for said in told}
    assert all(outcome == "done" for _, _, outcome in used)
    assert act.may is EVERYONE or (person.staff_id, "done") in {(actor, o) for actor, _, o in used}


@pytest.mark.parametrize("act", REFUSED, ids=named)
async def test_who_lacks_a_right_changes_nothing_and_is_told_so(door, act):
    """One after the other: since nothing changes, each finds what the one before found."""
    await act.prepare(door)
    before = await state_of(door)
    for role in [role for role in Role if role not in act.may]:
        person, audited = BY_ROLE[role], await door.audited()

        told = await do(door, act, person)

        used = (await door.audited())[len(audited) :]
        assert await state_of(door) == before
        assert [(actor, outcome) for actor, _, outcome in used] == [(person.staff_id, "refused")]
        english = person.roster_locale == "en"
        said = door.toasts[-1] if act.is_press else "".join(said.text for said in told)
        assert ("Your role does not include this" if english else "您没有此项权限") in said
        assert {said.to for said in told} <= {f"person:{person.staff_id}"}


async def do(door: Door, act: Act, person: Person) -> list[Any]:
    before = len(door.said)
    if act.is_press:
        what = act.what.replace("{mark}", await mark(door)) if "{mark}" in act.what else act.what
        await door.press(person, what)
    else:
        await door.send(person, act.what)
    return door.said[before:]


async def state_of(door: Door) -> list[Any]:
    def rows(tx: Any) -> list[Any]:
        return [tx.connection.execute(query).all() for query in STATE]

    return await door.read(rows)


async def test_a_right_comes_from_the_person_and_not_from_the_chat(door):
    await door.send(WANG, "/sos")
    await door.send(WANG, "/evacuate", chat=-1001000000001, thread=101)

    assert "您没有此项权限" in door.said[-1].text
    assert door.said[-1].topic_of == 1
    assert not await door.read(lambda tx: tx.orders.get(1))


async def test_the_loss_of_a_role_counts_at_the_next_press(door):
    await door.send(EMILY, "/sos")
    await door.send(CHEN, "/evacuate")

    def demote(tx: Any) -> None:
        tx.connection.execute(
            tables.people.update().where(tables.people.c.staff_id == CHEN.staff_id).values(roles=["STAFF"])
        )

    await door.database.write(demote)

    assert "您没有此项权限" in await door.press(CHEN, "yes:1:")
    assert (await door.incident()).action is None
