"""A link opens one page once; a session ends with its time, or with its person's rights."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.domain.page import LINK_LIFE, SESSION_LIFE, Page
from bot.domain.roster import Role
from bot.domain.roster_diff import Roster
from bot.services import entering
from bot.services.enrolling import make_invite
from bot.services.entering import REFUSALS_NOTED, make_link
from bot.services.importing import apply_roster
from bot.services.turn import Turn
from bot.storage.tables import page_links, page_sessions
from tests.support.cast import CAST, CHEN, EMILY, LI, STRANGER, WANG
from tests.support.door import Door, open_door

SECOND = timedelta(seconds=1)


@pytest.fixture
async def door(tmp_path):
    async with open_door(tmp_path) as one:
        yield one


async def link(door: Door, person=WANG, page=Page.HEADCOUNT) -> str:
    def make(tx):
        return make_link(Turn(tx, door.school, door.now), person.staff_id, page)

    return await door.database.write(make)


async def entered(door: Door) -> list[tuple[str, str]]:
    """(who, outcome) of every entry in the audit log."""
    return [(actor, outcome) for actor, act, outcome in await door.audited() if act == "enter"]


async def test_a_link_opens_its_page_for_its_reader(door):
    entry = await door.services.entry.enter_by_link(await link(door, EMILY))
    assert (entry.staff_id, entry.page, entry.locale) == (EMILY.staff_id, Page.HEADCOUNT, "en")
    assert entry.expires_at == door.now + SESSION_LIFE[Page.HEADCOUNT]
    visitor = await door.services.entry.whoami(entry.token, Page.HEADCOUNT)
    assert (visitor.person.name, visitor.locale, visitor.expires_at) == (EMILY.name, "en", entry.expires_at)
    assert await entered(door) == [(EMILY.staff_id, "done")]


async def test_of_fifty_who_open_one_link_at_once_one_gets_in(door):
    code = await link(door)
    entries = await asyncio.gather(*[door.services.entry.enter_by_link(code) for _ in range(50)])
    assert len([entry for entry in entries if entry is not None]) == 1
    outcomes = [outcome for _, outcome in await entered(door)]
    assert outcomes.count("done") == 1


async def test_a_link_is_good_for_ten_minutes(door):
    codes = [await link(door), await link(door)]
    door.now += LINK_LIFE - SECOND
    assert await door.services.entry.enter_by_link(codes[0]) is not None
    door.now += SECOND
    assert await door.services.entry.enter_by_link(codes[1]) is None
    assert await entered(door) == [(WANG.staff_id, "done"), (WANG.staff_id, "refused")]


@pytest.mark.parametrize("page", Page)
async def test_a_session_ends_with_its_time(door, page):
    entry = await door.services.entry.enter_by_link(await link(door, CHEN, page))
    door.now += SESSION_LIFE[page] - SECOND
    assert await door.services.entry.whoami(entry.token, page) is not None
    door.now += SECOND
    assert await door.services.entry.whoami(entry.token, page) is None


async def test_a_session_is_for_one_page(door):
    entry = await door.services.entry.enter_by_link(await link(door, LI, Page.BOARD))
    assert await door.services.entry.whoami(entry.token, Page.BOARD) is not None
    assert await door.services.entry.whoami(entry.token, Page.HEADCOUNT) is None


@pytest.mark.parametrize("guess", ["", "x" * 32, "\ud800", "🆘"])
async def test_a_guess_opens_nothing_and_leaves_nothing(door, guess, monkeypatch):
    monkeypatch.setattr(door.database, "write", None)
    assert await door.services.entry.enter_by_link(guess) is None
    assert await door.services.entry.whoami(guess, Page.HEADCOUNT) is None


async def test_asking_who_it_is_writes_nothing(door, monkeypatch):
    entry = await door.services.entry.enter_by_link(await link(door))
    monkeypatch.setattr(door.database, "write", None)
    assert await door.services.entry.whoami(entry.token, Page.HEADCOUNT) is not None


async def test_who_is_revoked_is_out_at_once(door):
    entry, unused = await door.services.entry.enter_by_link(await link(door)), await link(door)
    await door.send(LI, f"/revoke {WANG.staff_id}")
    assert await door.services.entry.whoami(entry.token, Page.HEADCOUNT) is None
    assert await door.services.entry.enter_by_link(unused) is None


async def test_a_session_from_before_does_not_come_back_with_its_person(door):
    entry, unused = await door.services.entry.enter_by_link(await link(door)), await link(door)
    await door.send(LI, f"/revoke {WANG.staff_id}")
    await door.database.write(lambda tx: tx.people.save([WANG]))
    assert await door.services.entry.whoami(entry.token, Page.HEADCOUNT) is None
    assert await door.services.entry.enter_by_link(unused) is None


async def test_a_new_phone_ends_what_the_old_one_opened(door):
    entry = await door.services.entry.enter_by_link(await link(door))
    invite = await door.database.write(lambda tx: make_invite(tx, WANG.staff_id, now=door.now))
    await door.send(STRANGER, f"/start {invite}")
    assert await door.services.entry.whoami(entry.token, Page.HEADCOUNT) is None
    assert await door.services.entry.enter_by_telegram(WANG.telegram_id, Page.HEADCOUNT) is None
    assert await door.services.entry.enter_by_telegram(STRANGER, Page.HEADCOUNT) is not None


async def test_who_leaves_with_a_roster_and_comes_back_with_another_enters_anew(door):
    entry = await door.services.entry.enter_by_link(await link(door))
    everyone = {person.staff_id: person for person in CAST}
    without = {key: person for key, person in everyone.items() if key != WANG.staff_id}
    for people in (without, everyone):
        await door.database.write(apply_roster, Roster(people=people), by="test", at=door.now)
    assert (await door.read(lambda tx: tx.people.get(WANG.staff_id))).is_active
    assert await door.services.entry.whoami(entry.token, Page.HEADCOUNT) is None


async def test_a_link_of_somebody_without_rights_is_spent_and_noted(door):
    code = await link(door)
    await door.database.write(lambda tx: tx.people.revoke(WANG.staff_id))
    assert await door.services.entry.enter_by_link(code) is None
    await door.database.write(lambda tx: tx.people.save([WANG]))
    assert await door.services.entry.enter_by_link(code) is None
    assert await entered(door) == [(WANG.staff_id, "refused"), (WANG.staff_id, "refused")]


async def test_the_board_is_for_the_desk(door):
    assert await door.services.entry.enter_by_link(await link(door, WANG, Page.BOARD)) is None
    assert await door.services.entry.enter_by_telegram(EMILY.telegram_id, Page.BOARD) is None
    entry = await door.services.entry.enter_by_telegram(CHEN.telegram_id, Page.BOARD)
    await door.database.write(lambda tx: tx.people.save([_demoted(CHEN)]))
    assert await door.services.entry.whoami(entry.token, Page.BOARD) is None
    assert await entered(door) == [
        (WANG.staff_id, "refused"),
        (EMILY.staff_id, "refused"),
        (CHEN.staff_id, "done"),
    ]


async def test_an_enrolled_account_comes_in_by_telegram(door):
    entry = await door.services.entry.enter_by_telegram(WANG.telegram_id, Page.HEADCOUNT)
    assert (await door.services.entry.whoami(entry.token, Page.HEADCOUNT)).person.staff_id == WANG.staff_id
    assert await entered(door) == [(WANG.staff_id, "done")]


async def test_a_stranger_s_account_costs_the_writer_nothing(door, monkeypatch):
    monkeypatch.setattr(door.database, "write", None)
    assert await door.services.entry.enter_by_telegram(1999, Page.HEADCOUNT) is None


async def test_a_dead_link_fills_no_log(door, monkeypatch):
    monkeypatch.setattr(entering, "LINKS_REMEMBERED", 2)
    codes = [await link(door) for _ in range(3)]
    for code in codes:
        await door.services.entry.enter_by_link(code)
    for _ in range(3 * REFUSALS_NOTED):
        await door.services.entry.enter_by_link(codes[0])
    outcomes = [outcome for _, outcome in await entered(door)]
    assert outcomes == ["done"] * 3 + ["refused"] * REFUSALS_NOTED
    for code in codes:
        await door.services.entry.enter_by_link(code)
    assert len(door.services.entry._refused) == 2


async def test_what_is_over_is_purged_and_the_rest_stays(door):
    await door.services.entry.enter_by_link(await link(door, LI))
    door.now += SESSION_LIFE[Page.HEADCOUNT]
    entry = await door.services.entry.enter_by_link(await link(door, LI, Page.BOARD))
    await link(door)
    assert await counts(door) == (3, 2)
    await door.services.entry.purge()
    assert await counts(door) == (2, 1)
    assert await door.services.entry.whoami(entry.token, Page.BOARD) is not None


async def test_neither_code_nor_token_is_in_the_database(door):
    code = await link(door)
    entry = await door.services.entry.enter_by_link(code)
    files = [door.database.path, *door.database.path.parent.glob("*-wal")]
    kept = b"".join(file.read_bytes() for file in files)
    assert WANG.staff_id.encode() in kept
    assert code.encode() not in kept
    assert entry.token.encode() not in kept
    assert entry.token not in repr(entry)


async def counts(door: Door) -> tuple[int, int]:
    def look(tx):
        return tuple(len(tx.connection.execute(select(table)).all()) for table in (page_links, page_sessions))

    return await door.read(look)


def _demoted(person):
    return replace(person, roles=frozenset({Role.STAFF}))
