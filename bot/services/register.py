"""The access register: every view, refusal, export and deletion, in the four columns of Order 799 art. 16(3)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from bot.domain.clearance import SHORTEST_REASON
from bot.domain.message import Address, MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right
from bot.domain.place import Name
from bot.domain.roster import Person
from bot.domain.sender import Sender
from bot.domain.snapshot import Act, RegisterEntry
from bot.domain.text import clean_line, spreadsheet_cell
from bot.errors import Reason, RefusedError
from bot.services.turn import Turn, Turns
from bot.storage.transaction import Transaction

LAST_SHOWN = 20
LONGEST = 200
DAYS = 7
MOST_DAYS = 3650
SEPARATORS = re.compile(r"\s*[;；|｜]\s*")

COLUMNS = ("编号", "时间", "事由", "内容", "单位", "姓名", "行为", "摄像头", "结果", "SHA-256")
"""Number and time; the law's reason, content, unit and name; then what else an auditor asks for."""

WORDS = {
    Act.VIEW: "查看",
    Act.REFUSAL: "拒绝",
    Act.EXPORT: "调取",
    Act.DELETION: "删除",
    Act.OUTSIDE_VIEW: "外部人员查阅",
}
OUTCOMES = {"done": "完成"}


class RegisterService:
    """Reading the register, and entering who came from outside."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def show(self, sender: Sender, days: int = DAYS) -> Outcome:
        """`/register [days]`: the newest lines of so many days, in the private chat."""
        return await self._turns.run(sender, show, days)

    async def enter(self, sender: Sender, words: str) -> Outcome:
        """`/register camera; name; unit; reason; content`: police or guardians were shown images."""
        return await self._turns.run(sender, enter_words, words)

    async def last(self, staff_id: str, limit: int = LAST_SHOWN) -> list[RegisterEntry]:
        """The newest lines, newest first; that they were read is noted. RefusedError without the right."""

        def unit(tx: Transaction) -> list[RegisterEntry]:
            return last(self._turn(tx, staff_id), limit)

        return await self._turns.database.write(unit)

    async def enter_outside_view(
        self, staff_id: str, camera_id: str, *, name: str, unit: str, reason: str, content: str
    ) -> RegisterEntry:
        """Police or guardians were shown images (art. 20, 21): entered by the safety office. See the unit."""
        said = {"name": name, "unit": unit, "reason": reason, "content": content}
        return await self._turns.database.write(
            lambda tx: enter_outside_view(self._turn(tx, staff_id), camera_id, **said)
        )

    def _turn(self, tx: Transaction, staff_id: str) -> Turn:
        person = tx.people.get(staff_id)
        if person is None:
            raise RefusedError(Reason.STRANGER)
        return Turn(tx, self._turns.school, self._turns.clock(), asker=person)


def enter(
    tx: Transaction,
    person: Person,
    act: Act,
    camera_id: str,
    *,
    at: datetime,
    reason: str,
    content: str,
    snapshot_id: int | None = None,
    incident_id: int | None = None,
    sha256: str | None = None,
    outcome: str = "done",
) -> RegisterEntry:
    """A line for somebody on the roster, in the caller's own unit; their department is the law's unit."""
    return _append(
        tx,
        RegisterEntry(
            at,
            act,
            camera_id,
            name=person.name.zh,
            unit=person.department,
            reason=clean_line(reason)[:LONGEST],
            content=content,
            staff_id=person.staff_id,
            snapshot_id=snapshot_id,
            incident_id=incident_id,
            sha256=sha256,
            outcome=outcome,
        ),
        by=person.staff_id,
    )


def enter_export(tx: Transaction, entry: RegisterEntry) -> RegisterEntry:
    """A line for somebody outside who gets a picture, by a command at the shell."""
    return _append(tx, entry, by="shell")


def show(turn: Turn, days: int) -> Outcome:
    """The newest lines. They name people: never in a group, wherever they were asked for."""
    turn.require(Right.KEEP_ROSTER, "register")
    since = turn.now - timedelta(days=min(max(days, 1), MOST_DAYS))
    found = turn.tx.register.between(since, turn.now + timedelta(seconds=1))
    lines = [_line(turn, entry) for entry in reversed(found[-LAST_SHOWN:])]
    params = {"lines": lines, "total": len(found), "days": days}
    return _privately(turn, params)


def enter_words(turn: Turn, words: str) -> Outcome:
    """The five parts in one line; told what is missing, with the form to copy."""
    turn.require(Right.KEEP_ROSTER, "register")
    camera, rest = turn.school.cameras.read(words)
    parts = [part for part in SEPARATORS.split(rest.strip("；;|｜ ")) if part]
    if camera is None:
        raise RefusedError(Reason.NO_SUCH_CAMERA, word=SEPARATORS.split(words)[0])
    if len(parts) < len(_OUTSIDE):
        raise RefusedError(Reason.NOT_A_LOOK)
    # Whoever writes a semicolon in the content means it.
    said = dict(zip(_OUTSIDE, [*parts[:3], "；".join(parts[3:])], strict=True))
    entry = enter_outside_view(turn, camera.id, **said)
    return _privately(turn, {"lines": [_line(turn, entry)], "total": 1, "entered": entry.id})


_OUTSIDE = ("name", "unit", "reason", "content")


def _privately(turn: Turn, params: dict[str, Any]) -> Outcome:
    turn.tell(
        Address.person(turn.person.staff_id),
        MessageKind.REGISTER,
        params,
        needs_right=Right.KEEP_ROSTER.value,
    )
    is_here = turn.sender is not None and turn.sender.is_private
    return Outcome(Done.NOTHING if is_here else Done.SENT_PRIVATELY)


def _line(turn: Turn, entry: RegisterEntry) -> dict[str, Any]:
    camera = turn.school.cameras.get(entry.camera_id)
    name = camera.name if camera else Name(entry.camera_id, entry.camera_id)
    return {
        "id": entry.id,
        "at": entry.at.isoformat(),
        "act": entry.act.value,
        "camera": name.to_params(),
        "name": entry.name,
        "unit": entry.unit,
        "reason": entry.reason,
        "content": entry.content,
        "outcome": entry.outcome,
        "snapshot": entry.snapshot_id,
    }


def last(turn: Turn, limit: int = LAST_SHOWN) -> list[RegisterEntry]:
    """For `/register`."""
    turn.require(Right.KEEP_ROSTER, "register")
    return turn.tx.register.last(limit)


def enter_outside_view(
    turn: Turn, camera_id: str, *, name: str, unit: str, reason: str, content: str
) -> RegisterEntry:
    """Art. 20 (state organs) and 21 (person concerned, close relatives, guardians: view only, no copy).

    RefusedError when one of the law's four is missing; guardians may write their relation as `unit`.
    """
    turn.require(Right.KEEP_ROSTER, "register")
    name, unit, reason, content = (clean_line(words)[:LONGEST] for words in (name, unit, reason, content))
    if not (name and unit and content):
        raise RefusedError(Reason.WORDS_MISSING, command="register")
    if len(reason) < SHORTEST_REASON:
        raise RefusedError(Reason.REASON_TOO_SHORT)
    entry = RegisterEntry(
        turn.now,
        Act.OUTSIDE_VIEW,
        camera_id,
        name=name,
        unit=unit,
        reason=reason,
        content=content,
        outcome=f"entered by {turn.person.staff_id}",
    )
    return _append(turn.tx, entry, by=turn.person.staff_id)


def export_register(
    tx: Transaction, begin: datetime, end: datetime, *, by: str, at: datetime, zone: tzinfo = UTC
) -> list[dict[str, str]]:
    """Rows under COLUMNS, from `begin` up to but not including `end`, oldest first; the export itself is noted.

    Times are those of `zone`, as people there read them, with their offset.
    """
    rows = rows_of(tx.register.between(begin, end), zone)
    tx.audit.append("export register", at=at, actor=by, details={"rows": len(rows)})
    return rows


def rows_of(entries: Iterable[RegisterEntry], zone: tzinfo) -> list[dict[str, str]]:
    """Lines of the register under COLUMNS, with times as people in `zone` read them."""
    return [
        dict(
            zip(
                COLUMNS,
                (
                    *(str(one.id), one.at.astimezone(zone).isoformat(" ", "seconds")),
                    *(one.reason, one.content, one.unit, one.name),
                    *(
                        WORDS[one.act],
                        one.camera_id,
                        OUTCOMES.get(one.outcome, one.outcome),
                        one.sha256 or "",
                    ),
                ),
                strict=True,
            )
        )
        for one in entries
    ]


def as_csv(rows: list[dict[str, str]]) -> bytes:
    """The export for a spreadsheet: UTF-8 with a byte-order mark, which Excel in China needs."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([spreadsheet_cell(row[column]) for column in COLUMNS] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _append(tx: Transaction, entry: RegisterEntry, *, by: str) -> RegisterEntry:
    """Also into the hash chain, by number and hash only: who removes a line of the register is found out."""
    kept = tx.register.append(entry)
    details = {"camera": kept.camera_id, "sha256": kept.sha256}
    tx.audit.append(f"register {kept.act.value}", at=kept.at, actor=by, subject=str(kept.id), details=details)
    return kept
