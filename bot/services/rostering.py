"""Roster files sent to the bot: shown as a diff first, applied by one press, whole or not at all."""

from __future__ import annotations

import hashlib
from typing import Any

from bot.domain.message import MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right, has_right
from bot.domain.roster_diff import Noun
from bot.domain.roster_file import Assembled, RosterFile, assemble
from bot.domain.sender import Sender
from bot.errors import Reason, RefusedError
from bot.services.importing import apply_roster, current_roster, named, preview_roster, roster_after, summary
from bot.services.leaving import take_back
from bot.services.turn import Turn, Turns

PROBLEMS_SHOWN = 15
NAMES_SHOWN = 40
# Of these files a bad row's own words may stand in a chat.
TOLD_WHOLE = frozenset({Noun.PEOPLE, Noun.CLASSES, Noun.SHIFTS, Noun.EQUIPMENT})


class RosterService:
    """The safety office's import from chat."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def may_import(self, telegram_id: int) -> bool:
        """Whether a file from this account is meant as a roster; anybody else's is just a file."""
        person = await self._turns.database.read(lambda tx: tx.people.by_telegram(telegram_id))
        return person is not None and has_right(person, Right.KEEP_ROSTER)

    async def preview(self, sender: Sender, files: list[RosterFile], document: dict[str, str]) -> Outcome:
        """What it would change, with a button; `document` finds the file again when it is pressed."""
        return await self._turns.run(sender, preview, files, document)

    async def show(self, sender: Sender) -> Outcome:
        """`/roster`: how many there are, and how many of them no message can reach."""
        return await self._turns.run(sender, show)

    async def refuse(self, sender: Sender) -> Outcome:
        """The file could not be fetched."""
        return await self._turns.run(sender, refuse)

    async def document_of(self, telegram_id: int) -> dict[str, str] | None:
        """The file that this account sent last."""
        found: dict[str, str] | None = await self._turns.database.read(
            lambda tx: tx.facts.get(f"roster-file:{telegram_id}")
        )
        return found

    async def apply(self, sender: Sender, files: list[RosterFile]) -> Outcome:
        """The press: applied now."""
        return await self._turns.run(sender, apply, files)


def show(turn: Turn) -> Outcome:
    """Numbers, and the names of colleagues that are not connected."""
    turn.require(Right.KEEP_ROSTER, "roster")
    staff = turn.tx.people.list_active()
    waiting = [person for person in staff if person.telegram_id is None or person.is_unreachable]
    params = {
        "staff": len(staff),
        "unreachable": [person.name.to_params() for person in waiting[:NAMES_SHOWN]],
        "unreachable_count": len(waiting),
        "classes": len(turn.tx.roster.classes()),
        "pupils": turn.tx.roster.count_pupils(),
    }
    turn.reply(MessageKind.ROSTER, params)
    return Outcome(Done.NOTHING)


def mark_of(file_id: str) -> str:
    """What a button says about the file above it."""
    return hashlib.sha256(file_id.encode("utf-8", "replace")).hexdigest()[:16]


def refuse(turn: Turn) -> Outcome:
    """Say so, instead of silence."""
    turn.require(Right.KEEP_ROSTER, "roster preview")
    raise RefusedError(Reason.ROSTER_FILE)


def preview(turn: Turn, files: list[RosterFile], document: dict[str, str]) -> Outcome:
    """Counts only: names stay on the school's own pages."""
    turn.require(Right.KEEP_ROSTER, "roster preview")
    assembled = _assemble(turn, files)
    params: dict[str, Any] = {"problems": _problems(assembled, files)}
    if not assembled.problems:
        change = preview_roster(turn.tx, assembled.roster)
        params |= {"summary": summary(change), "is_drastic": change.is_drastic, "is_empty": change.is_empty}
        then = roster_after(turn.tx, assembled.roster)
        params |= {"errors": turn.school.roster_errors(then, turn.now)[:PROBLEMS_SHOWN]}
        params |= {"barred": [person.name.to_params() for person in change.barred]}
        params |= {"mark": mark_of(document["file_id"]), "named": named(change)[:NAMES_SHOWN]}
        turn.tx.facts.set(f"roster-file:{turn.person.telegram_id}", document)
    turn.reply(MessageKind.ROSTER_DIFF, params)
    return Outcome(Done.NOTHING)


def apply(turn: Turn, files: list[RosterFile]) -> Outcome:
    """The diff is worked out anew: the roster may have changed since it was shown."""
    turn.require(Right.KEEP_ROSTER, "roster import")
    assembled = _assemble(turn, files)
    if assembled.problems:
        raise RefusedError(Reason.ROSTER_FILE)
    change = apply_roster(turn.tx, assembled.roster, by=turn.person.staff_id, at=turn.now)
    take_back(turn)
    params = {"problems": [], "summary": summary(change), "is_applied": True}
    edited = turn.sender.message_id if turn.sender and turn.sender.is_press else None
    turn.reply(MessageKind.ROSTER_DIFF, params, edit_of=edited)
    return Outcome(Done.ROSTER_APPLIED, is_told=True)


def _assemble(turn: Turn, files: list[RosterFile]) -> Assembled:
    return assemble(files, current=current_roster(turn.tx), campus=turn.school.campus)


def _problems(assembled: Assembled, files: list[RosterFile]) -> list[str]:
    """What a row says is not for chat where it may be of pupils: also of a file of which nobody can tell the noun."""
    told_whole = {file.name for file in files if file.noun in TOLD_WHOLE}
    shown = [
        str(problem)
        if problem.file in told_whole
        else f"{problem.file}:{problem.line}: {problem.reason.value}"
        for problem in assembled.problems[:PROBLEMS_SHOWN]
    ]
    more = len(assembled.problems) - len(shown)
    return [*shown, f"… +{more}"] if more > 0 else shown
