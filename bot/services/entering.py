"""The ways into Muster's own pages: a one-time link, or a Telegram Mini App; then a session until its end."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from bot.domain.page import LINK_LIFE, SESSION_LIFE, Page, PageLink, PageSession, may_be_on
from bot.domain.roster import Person
from bot.services.enrolling import hash_code
from bot.services.turn import Turn, Turns
from bot.storage.transaction import Transaction

# 192 bits; NIST SP 800-63B asks for 64 at least in a session's secret.
SECRET_BYTES: Final = 24
# A dead link that somebody tries for hours must not fill a log that is kept for years.
REFUSALS_NOTED: Final = 5
LINKS_REMEMBERED: Final = 1_000


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody is in. `token` is told this once; only its hash is kept. `locale`: the reader's, or the school's."""

    token: str = field(repr=False)
    staff_id: str
    page: Page
    locale: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks on a page, as the roster has them now."""

    person: Person
    locale: str
    expires_at: datetime


class EntryService:
    """Opening pages, and asking who is on them."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        # Code hash → how often it was refused.
        self._refused: OrderedDict[str, int] = OrderedDict()

    async def enter_by_link(self, code: str) -> Entry | None:
        """Spend the link and open a session; None when it is unknown, spent, too old, or its reader has no right.

        Guesses only read: they cost the writer nothing and leave nothing in the log.
        """
        code_hash = hash_code(code)
        if await self._turns.database.read(lambda tx: tx.pages.link(code_hash)) is None:
            return None
        is_noted = self._refused.get(code_hash, 0) < REFUSALS_NOTED
        entry = await self._write(lambda turn: enter_by_link(turn, code_hash, is_noted=is_noted))
        if entry is None:
            self._count(code_hash)
        return entry

    async def enter_by_telegram(self, telegram_id: int, page: Page) -> Entry | None:
        """Open a session for the account in validated init data; None when it is not enrolled or has no right."""
        if await self._turns.database.read(lambda tx: tx.people.by_telegram(telegram_id)) is None:
            return None
        return await self._write(lambda turn: enter_by_telegram(turn, telegram_id, page))

    async def whoami(self, token: str, page: Page) -> Visitor | None:
        """Who has this token, looked up anew at every call: who is revoked is out at once."""
        school, now = self._turns.school, self._turns.clock()

        def look(tx: Transaction) -> Visitor | None:
            session = tx.pages.session(hash_code(token))
            if session is None or session.page is not page or session.expires_at <= now:
                return None
            person = tx.people.get(session.staff_id)
            if person is None or not may_be_on(person, page):
                return None
            return Visitor(person, person.locale or school.locale, session.expires_at)

        return await self._turns.database.read(look)

    async def purge(self) -> None:
        """Forget what opens nothing any more."""
        now = self._turns.clock()
        await self._turns.database.write(lambda tx: tx.pages.purge(now))

    async def _write(self, unit: Callable[[Turn], Entry | None]) -> Entry | None:
        return await self._turns.database.write(
            lambda tx: unit(Turn(tx, self._turns.school, self._turns.clock()))
        )

    def _count(self, code_hash: str) -> None:
        self._refused[code_hash] = self._refused.pop(code_hash, 0) + 1
        while len(self._refused) > LINKS_REMEMBERED:
            self._refused.popitem(last=False)


def make_link(turn: Turn, staff_id: str, page: Page) -> str:
    """A fresh one-time code for this person, for `/enter/{code}`. The caller has checked the right to ask for it."""
    code = secrets.token_urlsafe(SECRET_BYTES)
    turn.tx.pages.add_link(hash_code(code), PageLink(staff_id, page, turn.now + LINK_LIFE))
    return code


def enter_by_link(turn: Turn, code_hash: str, *, is_noted: bool = True) -> Entry | None:
    """Spend it and open the session in one; `is_noted`: whether a refusal goes into the audit log."""
    spent = turn.tx.pages.use_link(code_hash, turn.now)
    link = spent or turn.tx.pages.link(code_hash)
    if link is None:
        return None
    turn.asker = turn.tx.people.get(link.staff_id)
    if spent is not None and turn.asker is not None and may_be_on(turn.asker, link.page):
        return _open(turn, link.page, by="link")
    if is_noted:
        why = "no right" if spent else "used" if link.used_at else "too old"
        turn.audit("enter", subject=link.page.value, outcome="refused", by="link", why=why)
    return None


def enter_by_telegram(turn: Turn, telegram_id: int, page: Page) -> Entry | None:
    """Open the session for an enrolled person who may be on this page."""
    turn.asker = turn.tx.people.by_telegram(telegram_id)
    if turn.asker is None:
        return None
    if not may_be_on(turn.asker, page):
        turn.audit("enter", subject=page.value, outcome="refused", by="telegram", why="no right")
        return None
    return _open(turn, page, by="telegram")


def _open(turn: Turn, page: Page, *, by: str) -> Entry:
    person, expires_at = turn.person, turn.now + SESSION_LIFE[page]
    token = secrets.token_urlsafe(SECRET_BYTES)
    session = PageSession(person.staff_id, page, turn.now, expires_at)
    turn.tx.pages.start_session(hash_code(token), session)
    turn.audit("enter", subject=page.value, by=by)
    return Entry(token, person.staff_id, page, person.locale or turn.school.locale, expires_at)
