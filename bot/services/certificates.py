"""Certificates that run out: told ahead of time, to who holds them and to the safety office, once each."""

from __future__ import annotations

from typing import Any

from bot.domain.digest import DAY
from bot.domain.message import Address, Lane, MessageKind
from bot.domain.permission import Right
from bot.domain.training import due_step
from bot.services.after_actions import office_of
from bot.services.training import certificates
from bot.services.turn import Turn

# One that ran out longer ago than this is history: no new school begins with a flood.
OVER_FOR_DAYS = 30


def remind_of_certificates(turn: Turn) -> None:
    """Of steps that passed while Muster was down only the nearest is told; a renewed one begins anew."""
    today = turn.school.day(turn.now)
    told: list[dict[str, Any]] = []
    for one in certificates(turn.tx, today - OVER_FOR_DAYS * DAY):
        step = due_step(one.until, today, turn.school.readiness.certificate_days)
        subject = f"certificate:{one.staff_id}:{one.name}"[:180] + f":{one.until}"
        person = turn.tx.people.get(one.staff_id)
        if step is None or person is None or not turn.tx.told_once.claim(subject, step, turn.now):
            continue
        for passed in turn.school.readiness.certificate_days:
            if (
                passed > step
            ):  # what was told nearer the end is not told farther from it, should a clock go back
                turn.tx.told_once.claim(subject, passed, turn.now)
        line = {"who": person.name.to_params(), "name": one.name, "until": one.until.isoformat()}
        told.append(line)
        if person.is_reachable:
            _tell(turn, person.staff_id, {"certificates": [line], "is_own": True, "today": today.isoformat()})
    for person in office_of(turn) if told else ():
        params = {"certificates": told, "is_own": False, "today": today.isoformat()}
        _tell(turn, person.staff_id, params)


def _tell(turn: Turn, staff_id: str, params: dict[str, Any]) -> None:
    turn.tell(
        Address.person(staff_id),
        MessageKind.CERTIFICATES,
        params,
        lane=Lane.DIGEST,
        needs_right=Right.REPORT.value,
    )
