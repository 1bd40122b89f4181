"""What somebody writes who has reported nothing: set aside for a while, one press away from an incident."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.domain.incident import Incident
from bot.domain.media import NO_WORDS
from bot.domain.message import Lane, MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.text import shorten
from bot.services.discretion import is_told_to_all
from bot.services.hearing import WORDS_WINDOW
from bot.services.turn import Turn
from bot.storage.transaction import Transaction

# Of one person; the newest.
ASIDE_KEPT = 10
WORDS_LIMIT = 1000
_PREFIX = "aside:"


def set_aside(turn: Turn, words: str) -> Outcome:
    """Say plainly that it belongs to nothing, with a button for each incident that it may be about."""
    open_now = offered(turn) if words not in NO_WORDS else []
    if open_now:
        line = {"words": shorten(words, WORDS_LIMIT), "at": turn.now.isoformat()}
        turn.tx.facts.set(_key(turn), [*_lines(turn), line][-ASIDE_KEPT:])
    params = {
        "phone": turn.school.alarm_phone,
        "incidents": [
            {"id": one.id, "number": one.number, "kind": one.kind and one.kind.value} for one in open_now
        ],
    }
    turn.reply(MessageKind.LOST_WORDS, params, lane=Lane.COMMAND, coalesce=f"lost:{turn.person.staff_id}")
    return Outcome(Done.NOTHING)


def offered(turn: Turn) -> list[Incident]:
    """Those in force that everybody on the staff may read of, newest first."""
    return [
        one
        for one in turn.tx.incidents.list_open()
        if one.is_in_force and one.suspended_at is None and is_told_to_all(one)
    ]


def take_aside(turn: Turn) -> str:
    """All that whoever asks wrote lately and that went nowhere; it does not come twice."""
    words = "\n".join(line["words"] for line in _lines(turn))
    turn.tx.facts.delete(_key(turn))
    return words


def forget_asides(tx: Transaction, now: datetime) -> None:
    """What was set aside, once no press adds it any more."""
    for key, lines in tx.facts.under(_PREFIX).items():
        if not _fresh(lines, now):
            tx.facts.delete(key)


def _lines(turn: Turn) -> list[dict[str, Any]]:
    return _fresh(turn.tx.facts.get(_key(turn)) or [], turn.now)


def _fresh(lines: list[dict[str, Any]], now: datetime) -> list[dict[str, Any]]:
    return [line for line in lines if datetime.fromisoformat(line["at"]) > now - WORDS_WINDOW]


def _key(turn: Turn) -> str:
    return f"{_PREFIX}{turn.person.staff_id}"
