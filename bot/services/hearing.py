"""What somebody writes who is in it: on record, in the topic, and in private to those who deal with it.

Who calls for help is asked where they are; what they write then belongs to their call, not its first line alone.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bot.domain.incident import Incident
from bot.domain.media import NO_WORDS, Media
from bot.domain.message import Address, Draft, Lane, MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right
from bot.domain.text import shorten
from bot.domain.timeline import Event
from bot.services.brief import WORDS_IN_ALARM
from bot.services.chasing import RING_PAUSE, dealing_with
from bot.services.passing_on import record_sent
from bot.services.turn import Turn

# What somebody writes this soon after reporting or calling belongs to it.
WORDS_WINDOW = timedelta(minutes=30)


def hear(
    turn: Turn,
    incident: Incident,
    words: str,
    media: Media | None,
    *,
    school_class: str | None = None,
    **params: Any,
) -> Outcome:
    """Keep the words of whoever asks and pass them on. `school_class`: of who called for help, "" for themselves."""
    sent = record_sent(turn, incident, Event.WORDS_ADDED, words, media, **params)
    tell_dealing(turn, incident, {"words": _line(words, media)}, school_class=school_class)
    about = {"number": incident.number, "mode": incident.mode.value, **sent}
    about["is_over"] = not incident.is_in_force
    key = f"kept:{incident.id}:{turn.person.staff_id}"
    turn.reply(MessageKind.KEPT, about, incident, lane=Lane.COMMAND, coalesce=key)
    return Outcome(Done.NOTHING)


def _line(words: str, media: Media | None) -> str:
    said = "" if words in NO_WORDS else shorten(words, WORDS_IN_ALARM)
    return f"{media.sign} {said}".rstrip() if media else said or words


def tell_dealing(
    turn: Turn, incident: Incident, line: dict[str, Any], *, school_class: str | None = None
) -> None:
    """One more line in private to each who deals with the incident, whoever wrote it excepted.

    `line`: `words`, or the `kind` or `zone` of a button.
    """
    zone = turn.school.campus.name_of(incident.zone)
    params = {
        "mode": incident.mode.value,
        "number": incident.number,
        "kind": incident.kind and incident.kind.value,
        "zone": zone and zone.to_params(),
        "status": incident.status.value,
        "who": turn.person.name.to_params(),
        "phone": turn.person.phone,
        "class": school_class,
        "said": [line],
    }
    for staff_id in dealing_with(turn, incident):
        draft = Draft(
            Address.person(staff_id),
            MessageKind.WORDS,
            params,
            lane=Lane.ALARM if incident.is_in_force else Lane.COMMAND,
            incident_id=incident.id,
            is_silent=turn.is_hushed(incident),
            coalesce=f"words:{incident.id}:{turn.person.staff_id}",
            needs_right=Right.RUN_DESK.value,
        )
        if staff_id != turn.person.staff_id:
            turn.tx.outbox.gather(draft, turn.now, pause=RING_PAUSE)


def expect_where(turn: Turn, incident: Incident, *, school_class: str = "") -> None:
    """Who called for help just now is asked where they are."""
    call = {
        "incident": incident.id,
        "class": school_class,
        "at": turn.now.isoformat(),
        "until": (turn.now + WORDS_WINDOW).isoformat(),
    }
    turn.tx.facts.set(_key(turn), call)
    to, params = Address.person(turn.person.staff_id), {"mode": incident.mode.value}
    turn.tell(to, MessageKind.ASK_WHERE, params, incident, coalesce=f"where:{turn.person.staff_id}")


def end_call(turn: Turn) -> None:
    """They are safe, or help is there: what they write now is no call."""
    turn.tx.facts.delete(_key(turn))


def where_asked_at(turn: Turn) -> datetime | None:
    """When this person called for help, if their words are still awaited."""
    call = turn.tx.facts.get(_key(turn))
    return datetime.fromisoformat(call["at"]) if call else None


def take_where(turn: Turn, words: str, media: Media | None) -> Outcome | None:
    """A line of somebody who called for help; each keeps the call alive. None when that is over."""
    call = turn.tx.facts.get(_key(turn))
    incident = turn.tx.incidents.get(call["incident"]) if call else None
    if incident is None or incident.is_ended or datetime.fromisoformat(call["until"]) < turn.now:
        end_call(turn)
        return None
    turn.about = incident
    turn.tx.facts.set(_key(turn), call | {"until": (turn.now + WORDS_WINDOW).isoformat()})
    return hear(turn, incident, words, media, school_class=call["class"])


def _key(turn: Turn) -> str:
    return f"call:{turn.person.staff_id}"
