"""The next message of somebody who was asked for words is the answer, and no report."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from bot.domain.after_action import WORDS_WITHIN, Question
from bot.domain.media import Media
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right
from bot.domain.sender import IncidentRef
from bot.domain.training import Result
from bot.services.after_actions import give_back
from bot.services.correcting import PROOF, finish
from bot.services.dispatching import BY_VOICE, answer_by_voice
from bot.services.headcounts import add_pupil_words, pupil_words_asked_at
from bot.services.hearing import take_where, where_asked_at
from bot.services.hot_wash import OFFICIAL, RETURN, answer, keep
from bot.services.inspecting import PHOTO, PHOTO_WITHIN, confirm
from bot.services.patrolling import FINDING, keep_finding
from bot.services.plan_changing import REASON, TITLE, take_words
from bot.services.plan_deciding import REMARKS, give_change_back
from bot.services.tasking import proof_asked_at, prove_task
from bot.services.training import AWAITED, enter
from bot.services.turn import Turn

# (turn, the subject's number, what was asked, the words)
Taker = Callable[[Turn, int, str, str], Outcome]


def take_awaited(turn: Turn, words: str, media: Media | None) -> Outcome | None:
    """The words, picture or voice note that somebody was asked for; None when this message is about something else.

    Of several questions it answers the newest that it can. What they reported since they were asked comes first:
    somebody who calls for help is not answering a question.
    """
    asked = [(at, take) for asked_at, take in _QUESTIONS if (at := asked_at(turn)) is not None]
    for at, take in sorted(asked, key=lambda one: one[0], reverse=True):
        if not _has_reported(turn, at) and (said := take(turn, words, media)) is not None:
            return said
    return None


def _has_reported(turn: Turn, since: datetime) -> bool:
    reported = turn.tx.reports.latest_of(turn.person.staff_id, since=since, now=turn.now)
    return reported is not None and reported.at > since


def _asked_at(turn: Turn) -> datetime | None:
    awaited = turn.tx.after_actions.awaited(turn.person.staff_id)
    return awaited.asked_at if awaited else None


def _take_pupil_words(turn: Turn, words: str, media: Media | None) -> Outcome | None:
    return add_pupil_words(turn, words) if media is None else None


def _take(turn: Turn, words: str, media: Media | None) -> Outcome | None:
    awaited = turn.tx.after_actions.awaited(turn.person.staff_id)
    if awaited is None or not _is_wanted(awaited.what, media):
        return None
    turn.tx.after_actions.forget_awaited(turn.person.staff_id)
    within = PHOTO_WITHIN if awaited.what == PHOTO else WORDS_WITHIN
    if abs(turn.now - awaited.asked_at) > within:
        return None
    if media is not None and awaited.what.startswith(BY_VOICE):
        return answer_by_voice(turn, awaited.subject, awaited.what, words, media)
    if awaited.what == FINDING:
        return keep_finding(turn, awaited.subject, words, media)
    take = _TAKERS.get(awaited.what, _answer_question)
    return take(turn, awaited.subject, awaited.what, words)


def _is_wanted(what: str, media: Media | None) -> bool:
    """A picture, a voice note, or words, as it was asked."""
    if what == PHOTO:
        return media is not None and not media.is_voice
    if what.startswith(BY_VOICE):
        return media is not None and media.is_voice
    return media is None or (what == FINDING and not media.is_voice)


def _answer_question(turn: Turn, subject: int, what: str, words: str) -> Outcome:
    """A question of the evaluation: one's own view, or the safety office's text for the report."""
    ref, question = IncidentRef(subject), Question(what.removeprefix(OFFICIAL))
    if not what.startswith(OFFICIAL):
        return answer(turn, ref, question, words)
    turn.require(Right.RUN_DESK, "after-action report")
    incident = turn.incident(ref)
    keep(turn, incident, question, words, is_official=True)
    return Outcome(Done.WORDS_KEPT, {"number": incident.number, "question": question.value})


def _entering(result: Result) -> Taker:
    return lambda turn, subject, _, words: enter(turn, subject, result, words)


_TAKERS: dict[str, Taker] = {
    RETURN: lambda turn, subject, _, words: give_back(turn, IncidentRef(subject), words, 0),
    REMARKS: lambda turn, subject, _, words: give_change_back(turn, subject, words),
    **dict.fromkeys((TITLE, REASON), take_words),
    PROOF: lambda turn, subject, _, words: finish(turn, subject, words),
    PHOTO: lambda turn, subject, _, words: confirm(turn, subject, words),
    **{what: _entering(result) for result, what in AWAITED.items()},
}

# When the question was asked, and who takes the answer.
_QUESTIONS: Final = (
    (pupil_words_asked_at, _take_pupil_words),
    (_asked_at, _take),
    (proof_asked_at, prove_task),
    (where_asked_at, take_where),
)
