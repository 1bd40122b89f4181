"""Who is who: invite links, language, who am I, revoking."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from bot.domain.message import CENTRE, Address, Lane, MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right, has_right
from bot.domain.roster import Person
from bot.domain.sender import Sender
from bot.domain.text import shorten
from bot.errors import Reason, RefusedError
from bot.services.absence import countable
from bot.services.leaving import shut_out, take_back
from bot.services.turn import Turn, Turns
from bot.storage.moved import keep_move
from bot.storage.revoked import (
    admit_account,
    bar_account,
    forget_revoked,
    is_revoked,
    note_revoked,
)
from bot.storage.transaction import Transaction

INVITE_LIFE = timedelta(days=7)
# Bot API: a deep link's payload is at most 64 characters of [A-Za-z0-9_-]; 24 bytes make 32 of them.
CODE_BYTES = 24


class EnrolmentService:
    """Binding people to their Telegram accounts."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def start(self, sender: Sender, code: str = "") -> Outcome:
        """`/start`, with or without an invite code."""
        if code:
            return await self._turns.enrol(sender, lambda turn: use_invite(turn, code))
        return await self._turns.run(sender, welcome)

    async def choose_language(self, sender: Sender, locale: str) -> Outcome:
        """`/language zh|en`, or its buttons."""
        return await self._turns.run(sender, choose_language, locale)

    async def ask_language(self, sender: Sender) -> Outcome:
        """`/language` alone."""
        return await self._turns.run(sender, show, MessageKind.LANGUAGE)

    async def help(self, sender: Sender) -> Outcome:
        """`/help`."""
        return await self._turns.run(sender, show, MessageKind.HELP)

    async def unknown_command(self, sender: Sender, word: str, nearest: str) -> Outcome:
        """A command that there is not; `nearest` is what may have been meant, or empty."""
        return await self._turns.run(sender, unknown_command, word, nearest)

    async def whoami(self, sender: Sender) -> Outcome:
        """`/whoami`: what Muster knows about the one who asks."""
        return await self._turns.run(sender, whoami)

    async def follow_centre(self, old: int, new: int) -> None:
        """The command centre's group has a new id."""
        await self._turns.tick(lambda turn: keep_move(turn.tx.facts, CENTRE, old=old, new=new))

    async def revoke(self, sender: Sender, word: str) -> Outcome:
        """`/revoke STAFF`."""
        return await self._turns.run(sender, revoke, word)


def make_invite(tx: Transaction, staff_id: str, *, now: datetime) -> str:
    """A fresh single-use code for this person; it is shown once and kept only as a hash.

    Who was revoked gets their rights back by opening it, on whatever phone that is, and not before.
    """
    person = tx.people.get(staff_id)
    if person is None or not _may_be_bound(tx, person):
        raise RefusedError(Reason.UNKNOWN_PERSON, word=staff_id)
    code = secrets.token_urlsafe(CODE_BYTES)
    tx.invites.add(hash_code(code), staff_id, expires_at=now + INVITE_LIFE)
    details = {} if person.is_active else {"is_revoked": True}
    tx.audit.append("invite", at=now, actor="shell", subject=staff_id, details=details)
    return code


def _may_be_bound(tx: Transaction, person: Person) -> bool:
    return person.is_active or is_revoked(tx.facts, person.staff_id)


def hash_code(code: str) -> str:
    """What the table keeps. The code has 192 random bits, so a plain hash cannot be guessed back."""
    return hashlib.sha256(code.encode("utf-8", "replace")).hexdigest()


def use_invite(turn: Turn, code: str) -> Outcome:
    """Bind the account, unless the code is unknown, spent, too old, or the account is somebody else's."""
    if turn.sender is None or not turn.sender.is_private:
        raise RefusedError(Reason.INVITE_INVALID)
    staff_id = turn.tx.invites.use(hash_code(code), turn.now)
    person = turn.tx.people.get(staff_id) if staff_id else None
    if person is None or not _may_be_bound(turn.tx, person):
        if turn.asker is not None:
            return welcome(turn)
        raise RefusedError(Reason.INVITE_INVALID)
    if turn.asker is not None and turn.asker.staff_id != person.staff_id:
        raise RefusedError(Reason.INVITE_TAKEN, who=turn.asker.name.to_params())
    _bind(turn.tx, person, turn.sender.user_id)
    turn.tx.pages.end_sessions_of(person.staff_id)  # of the account that was theirs before
    if turn.sender.locale:
        turn.tx.people.note_phone_locale(person.staff_id, turn.sender.locale)
    turn.asker = turn.tx.people.get(person.staff_id)
    back: dict[str, Any] = {} if person.is_active else {"is_reinstated": True}
    turn.audit("enrol", subject=person.staff_id, **back)
    return welcome(turn)


def _bind(tx: Transaction, person: Person, telegram_id: int) -> None:
    """The account that was theirs before is theirs no more, whatever a file says."""
    if person.telegram_id not in (None, telegram_id):
        bar_account(tx.facts, person.telegram_id)
    admit_account(tx.facts, telegram_id)
    tx.people.bind(person.staff_id, telegram_id)
    if not person.is_active:
        tx.people.reinstate(person.staff_id)
        forget_revoked(tx.facts, person.staff_id)


def welcome(turn: Turn) -> Outcome:
    """Greet by name and show the SOS button."""
    school = {"zh": turn.school.name, "en": turn.school.name_en}
    params = {"who": turn.person.name.to_params(), "school": school, "phone": turn.school.alarm_phone}
    turn.reply(MessageKind.WELCOME, {**params, **_rights(turn)}, lane=Lane.COMMAND)
    return Outcome(Done.NOTHING)


def show(turn: Turn, kind: MessageKind) -> Outcome:
    """A page of words that depends on nothing but the reader."""
    turn.reply(kind, {"phone": turn.school.alarm_phone, **_rights(turn)})
    return Outcome(Done.NOTHING)


def choose_language(turn: Turn, locale: str) -> Outcome:
    """From now on in this language, keyboard included."""
    turn.tx.people.choose_locale(turn.person.staff_id, locale)
    turn.asker = turn.tx.people.get(turn.person.staff_id)
    turn.tell(
        Address.person(turn.person.staff_id),
        MessageKind.DONE,
        {"done": Done.LANGUAGE_SET.value, "keyboard": True},
    )
    return Outcome(Done.LANGUAGE_SET, is_told=True)


def unknown_command(turn: Turn, word: str, nearest: str) -> Outcome:
    """Silence would look like obedience."""
    turn.require(Right.REPORT)
    raise RefusedError(Reason.UNKNOWN_COMMAND, word=shorten(word, 32), nearest=nearest)


def whoami(turn: Turn) -> Outcome:
    """Name, roles and classes."""
    person = turn.person
    params = {
        "who": person.name.to_params(),
        "staff_id": person.staff_id,
        "department": person.department,
        "roles": sorted(role.value for role in person.roles),
        "classes": list(person.classes),
    }
    turn.reply(MessageKind.WHOAMI, params)
    return Outcome(Done.NOTHING)


def revoke(turn: Turn, word: str) -> Outcome:
    """Every right ends now, also for messages already waiting to go out."""
    turn.require(Right.KEEP_ROSTER, f"revoke {word}")
    person = turn.tx.people.find(word)
    if person is None:
        raise RefusedError(Reason.UNKNOWN_PERSON, word=word)
    turn.tx.people.revoke(person.staff_id)
    note_revoked(turn.tx.facts, person.staff_id)
    if person.telegram_id is not None:
        bar_account(turn.tx.facts, person.telegram_id)
    shut_out(turn.tx, person.staff_id, turn.now)
    take_back(turn)
    return Outcome(Done.REVOKED, {"who": person.name.to_params()})


def _rights(turn: Turn) -> dict[str, Any]:
    return {
        "may_count": bool(countable(turn, turn.tx.roster.classes())),
        "rights": [right.value for right in Right if has_right(turn.person, right)],
    }
