"""An announcement to 3,000 people, more than one in twenty of whom have blocked the bot; in simulated time."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.domain.announcement import AnnouncementState
from bot.domain.channel import TELEGRAM, Channel
from bot.domain.message import CHANNEL, Address, DeliveryState, Draft, Lane, MessageKind
from bot.domain.place import Campus, Name
from bot.domain.roster import Person, Role
from bot.domain.sender import IncidentRef, Sender
from bot.domain.typed_texts import read_texts
from bot.errors import ChatGoneError
from bot.i18n import Languages
from bot.messages import Renderer
from bot.services import Services
from bot.services.school import School
from bot.services.turn import Turns
from tests.support.engine import START, engine, simulate

PEOPLE = 3000
FEWER = 300
BLOCKED_EVERY = 19
ZONE = ZoneInfo("Asia/Shanghai")
FIRST = 1_000_000
AUTHOR, APPROVER = 100_001, 100_002
SCHOOL = School(
    name="青城中学",
    name_en="Qingcheng",
    timezone=ZONE,
    locale="zh_Hans",
    alarm_phone="",
    campus=Campus({}, {}),
    channels=(Channel(CHANNEL, TELEGRAM, Name("频道", "Channel")),),
)


def person(number, *roles):
    return Person(
        f"P{number:06}",
        Name(f"老师{number}"),
        roles=frozenset({Role.STAFF, *roles}),
        telegram_id=FIRST + number,
        roster_locale="en" if number % 3 == 0 else "zh_Hans",
    )


def sender(user, number, *, is_press=True):
    return Sender(
        FIRST + user, ("telegram", str(number)), None, is_private=True, is_press=is_press, message_id=1
    )


def clock_of(loop):
    """The simulated time, for the writer's thread too."""
    return lambda: START + timedelta(seconds=loop.time())


def is_blocked(call):
    """More than one in twenty of all, by number."""
    number = call.delivery.chat_id - FIRST
    return 0 < number < PEOPLE and number % BLOCKED_EVERY == 0


def has_blocked(call):
    """What the Bot API says then."""
    if is_blocked(call):
        raise ChatGoneError("Forbidden: bot was blocked by the user")


async def published(services, database, people=PEOPLE):
    """Written by one, approved by another."""
    updates = [(str(number), "x", "{}") for number in (1, 2, 3, 10, 11, 12)]
    await database.write(lambda tx: tx.inbox.add_many("telegram", updates, START))
    await database.write(
        lambda tx: tx.people.save(
            [
                *(person(number) for number in range(1, people - 1 - len(tx.people.list_active()))),
                person(AUTHOR, Role.SAFETY_OFFICE),
                person(APPROVER, Role.PRINCIPAL),
            ]
        )
    )
    texts = read_texts("停课\n明天停课。\n---\nNo school\nThere is no school tomorrow.")
    await services.announcements.write(sender(AUTHOR, 1, is_press=False), IncidentRef(), texts)
    draft = await database.read(lambda tx: tx.announcements.get(1))
    await services.announcements.submit(sender(AUTHOR, 2), 1, draft.mark)
    outcome = await services.publications.approve(sender(APPROVER, 3), 1, draft.mark)
    assert outcome.refusal is None


def test_everybody_hears_in_little_more_than_the_limits_own_time_and_the_card_counts_who_did_not(tmp_path):
    async def story():
        words = Renderer(Languages(ZONE, "zh_Hans"))
        async with engine(tmp_path, answer=has_blocked, words=words) as world:
            services = Services.of(Turns(world.database, SCHOOL, clock_of(asyncio.get_running_loop())))
            await published(services, world.database)
            began = asyncio.get_running_loop().time()
            await asyncio.sleep(50)
            sos = Draft(Address.person("P000001"), MessageKind.DONE, {"done": "noted"}, lane=Lane.ALARM)
            asked_at = asyncio.get_running_loop().time()
            await world.add(sos)
            while (figures := await world.database.read(lambda tx: tx.readers.figures(1))).waiting:
                assert asyncio.get_running_loop().time() - began < 300
                await asyncio.sleep(5)
                await services.announcement_clock.tick()
            for _ in range(3):
                await asyncio.sleep(5)
                await services.announcement_clock.tick()
            return world, figures, began, asked_at

    world, figures, began, asked_at = simulate(story)
    told = [c for c in world.transport.delivered if c.delivery.kind is MessageKind.ANNOUNCEMENT]
    blocked = len({call.delivery.chat_id for call in world.transport.calls if is_blocked(call)})
    assert blocked >= PEOPLE * 0.05
    assert figures.audience == PEOPLE
    assert figures.states == {DeliveryState.SENT: PEOPLE - 1 - blocked, DeliveryState.FAILED: blocked}
    assert figures.unconnected == 1
    assert figures.errors == {"ChatGoneError: Forbidden: bot was blocked by the user": blocked}
    assert len({call.delivery.chat_id for call in told}) == len(told) == PEOPLE - 1 - blocked + 1
    assert max(call.at for call in told) - began <= PEOPLE / 29 * 1.05
    assert [channel.state for channel in figures.channels] == [DeliveryState.SENT]
    english = [call for call in told if call.delivery.locale == "en"]
    assert all("There is no school tomorrow." in call.text and "停课" not in call.text for call in english)
    alarm = next(call for call in world.transport.delivered if call.delivery.lane is Lane.ALARM)
    assert alarm.at - asked_at < 0.2
    centre = [c for c in world.transport.calls if c.delivery.kind is MessageKind.TROUBLE]
    assert centre == [], "150 names in the command centre's group would bury what is going on there"
    cards = [c for c in world.transport.delivered if c.delivery.kind is MessageKind.ANNOUNCEMENT_FIGURES]
    last = {card.delivery.chat_id: card.text for card in cards}
    assert f"公众</b>，{PEOPLE} 人\n已送达 {PEOPLE - 1 - blocked}" in last[FIRST + AUTHOR]
    assert f"{PEOPLE - 1 - blocked} delivered · {blocked} failed · 1 without chat" in last[FIRST + APPROVER]
    assert len(cards) < 100, "the card is brought up to date every few seconds, not with each of 3,000"


def test_a_correction_midway_stops_the_old_text_for_all_who_have_not_got_it(tmp_path):
    async def story():
        words = Renderer(Languages(ZONE, "zh_Hans"))
        async with engine(tmp_path, words=words) as world:
            services = Services.of(Turns(world.database, SCHOOL, clock_of(asyncio.get_running_loop())))
            await published(services, world.database, FEWER)
            await asyncio.sleep(4)
            texts = read_texts("明天上午停课。")
            await services.announcements.rewrite(sender(AUTHOR, 10, is_press=False), "2026-A001", texts)
            draft = await world.database.read(lambda tx: tx.announcements.get(2))
            await services.announcements.submit(sender(AUTHOR, 11), 2, draft.mark)
            await services.publications.approve(sender(APPROVER, 12), 2, draft.mark)
            corrected_at = asyncio.get_running_loop().time()
            while (await world.database.read(lambda tx: tx.readers.figures(2))).waiting:
                assert asyncio.get_running_loop().time() < 400
                await asyncio.sleep(2)
            await asyncio.sleep(20)
            old = await world.database.read(lambda tx: tx.readers.figures(1))
            states = await world.database.read(
                lambda tx: [one.state for one in tx.announcements.chain("2026-A001")]
            )
            return world, old, states, corrected_at

    world, old, states, corrected_at = simulate(story)
    posts = [c for c in world.transport.delivered if c.delivery.kind is MessageKind.ANNOUNCEMENT]
    first = [c for c in posts if c.delivery.params["revision"] == 1 and c.method == "send"]
    edits = [c for c in posts if c.method == "edit"]
    second = [c for c in posts if c.delivery.params["revision"] == 2 and c.method == "send"]
    assert max(c.at for c in first) <= corrected_at + 1, "no old text after the new one"
    assert len(second) == FEWER
    assert {c.delivery.chat_id for c in edits} == {c.delivery.chat_id for c in first}
    assert old.states[DeliveryState.SENT] + old.states[DeliveryState.SUPERSEDED] == FEWER - 1
    assert states == [AnnouncementState.PUBLISHED, AnnouncementState.PUBLISHED]
