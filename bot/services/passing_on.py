"""Media from the scene: a voice note goes into the incident's topic, a picture to those alone who may see cameras.

A picture may show pupils, and in a group nothing can be taken back. A restricted incident has no topic: those who may
know of it hear its voice notes in private.
"""

from __future__ import annotations

from typing import Any

from bot.domain.clearance import barrier_of
from bot.domain.incident import Incident
from bot.domain.media import NO_WORDS, Media
from bot.domain.message import Address, Lane, MessageKind
from bot.domain.permission import Right
from bot.domain.roster import Person
from bot.domain.text import shorten
from bot.domain.timeline import Event
from bot.services.turn import Turn

# Bot API: a caption is at most 1024 characters, with who and when.
WORDS_IN_CAPTION = 700


def record_sent(
    turn: Turn,
    incident: Incident,
    event: Event,
    words: str,
    media: Media | None,
    *,
    part: str = "",
    **params: Any,
) -> dict[str, Any]:
    """Put on record what somebody wrote or sent, and pass media on; what the receipt tells its sender.

    A copy in the topic is its own line. `part`: the question of the form that it answers.
    """
    if media is None:
        turn.record(incident, event, words=words, **params)
        return {"media": None, "n": 0}
    is_line = bool(media.file_id) and _is_for_topic(incident, media)
    said = "" if media.is_voice and words in NO_WORDS else words
    kept = media.to_params() | ({"part": part} if part else {})
    turn.record(incident, event, words=said, is_quiet=is_line, **kept, **params)
    n = pass_on(turn, incident, media, words, part=part) if media.file_id else 0
    return {"media": media.kind.value, "n": n}


def pass_on(
    turn: Turn,
    incident: Incident,
    media: Media,
    words: str,
    *,
    part: str = "",
    title: dict[str, str] | None = None,
) -> int:
    """A copy into the topic, or to each who may hear or see it in private; how many these are.

    `title`: the task that it proves.
    """
    people = _private(turn, incident, media)
    copy = media_params(turn, media, words) | {"part": part, "title": title}
    copy |= {"number": incident.number, "mode": incident.mode.value}
    if _is_for_topic(incident, media):
        turn.tell(Address.topic(incident.id), MessageKind.MEDIA, copy, incident, lane=Lane.THREAD)
        turn.touch(incident)
    for person in people:
        turn.tell(
            Address.person(person.staff_id),
            MessageKind.MEDIA,
            copy,
            incident,
            lane=Lane.COMMAND,
            needs_right=(Right.REPORT if media.is_voice else Right.SEE_CAMERAS).value,
        )
    return len(people)


def media_params(turn: Turn, media: Media, words: str) -> dict[str, Any]:
    """Who sent it, when, and where its original lies."""
    return {
        "media": media.kind.value,
        "who": turn.person.name.to_params(),
        "at": turn.now.isoformat(),
        "words": "" if words in NO_WORDS else shorten(words, WORDS_IN_CAPTION),
        "original": original_of(turn),
    }


def original_of(turn: Turn) -> dict[str, int]:
    """The message itself, in the private chat of who sent it."""
    if turn.sender is None:
        raise RuntimeError("nobody asks in a tick")
    return {"chat_id": turn.sender.user_id, "message_id": turn.sender.message_id}


def _is_for_topic(incident: Incident, media: Media) -> bool:
    return media.is_voice and not incident.is_restricted


def _private(turn: Turn, incident: Incident, media: Media) -> list[Person]:
    """Who hears or sees it in private: who may know of it, and of pictures may see cameras, with a certificate."""
    if _is_for_topic(incident, media):
        return []
    day = turn.school.day(turn.now)
    return [
        one
        for one in turn.tx.people.list_active()
        if one.is_reachable
        and one.staff_id != turn.person.staff_id
        and turn.may_know(incident, one)
        and (media.is_voice or barrier_of(one, day) is None)
    ]
