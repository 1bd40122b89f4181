"""What somebody is asked in private about an announcement and answers with their next words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from bot.domain.announcement import LANGUAGES, Text
from bot.domain.message import Address, MessageKind
from bot.domain.moment import read_moment
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right
from bot.domain.sender import Sender
from bot.domain.text import clean_text
from bot.domain.typed_texts import read_texts
from bot.errors import Reason, RefusedError
from bot.services.announcement_cards import show_draft
from bot.services.announcing import checked, drafted, rewrite, set_moment
from bot.services.drafts import MORE, by_id, expect_more, mine, reword
from bot.services.publishing import require_publisher, require_undecided, send_back
from bot.services.turn import Turn, Turns
from bot.storage.announcements import Question
from bot.storage.transaction import Transaction

# After this somebody who writes means something else: perhaps a report.
ANSWER_WITHIN = timedelta(minutes=5)
# The pieces of one text come within seconds.
MORE_WITHIN = timedelta(seconds=20)
_SENTENCE_ENDS = ("。", "！", "？", "…", "；", ".", "!", "?", "”")
TIMES = ("publish_at", "expires_at")
RETURN = "return"
CORRECT = "correct"


class DictationService:
    """Asks, and takes the answer."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def ask(self, sender: Sender, announcement_id: int, wanted: str) -> Outcome:
        """`wanted`: a language, `publish_at`, `expires_at`, `return` or `correct`."""
        return await self._turns.run(sender, ask, announcement_id, wanted)

    async def is_asked(self, telegram_id: int) -> bool:
        """Whether this person's next words are an answer."""
        now = self._turns.clock()

        def unit(tx: Transaction) -> bool:
            person = tx.people.by_telegram(telegram_id)
            asked = tx.announcements.question_of(person.staff_id) if person else None
            return asked is not None and abs(now - asked.asked_at) <= _within(asked)

        return await self._turns.database.read(unit)

    async def answer(self, sender: Sender, words: str) -> Outcome:
        """The words are taken as what was asked for."""
        return await self._turns.run(sender, answer, words)

    async def never_mind(self, sender: Sender) -> Outcome:
        """Their next words are not an answer."""
        return await self._turns.run(sender, never_mind)


def ask(turn: Turn, announcement_id: int, wanted: str) -> Outcome:
    """Only who may do it is asked."""
    announcement = by_id(turn, announcement_id)
    if wanted in (*LANGUAGES, *TIMES):
        mine(turn, announcement_id)
    elif wanted == RETURN:
        turn.require(Right.PUBLISH, "announcement")
        require_publisher(turn, announcement)
        require_undecided(turn, announcement)
    elif wanted == CORRECT:
        turn.require(Right.RUN_DESK, "announce")
    else:
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    turn.tx.announcements.ask(Question(turn.person.staff_id, announcement.id, wanted, turn.now))
    params = {
        "number": announcement.number,
        "mode": announcement.mode.value,
        "wanted": wanted,
        "id": announcement.id,
    }
    turn.tell(Address.person(turn.person.staff_id), MessageKind.ANNOUNCEMENT_QUESTION, params)
    return Outcome(is_told=True)


def answer(turn: Turn, words: str) -> Outcome:
    """What was asked last. A refused answer is rolled back with all that it did: the question stays open."""
    asked = turn.tx.announcements.question_of(turn.person.staff_id)
    if asked is None:
        return Outcome()
    turn.tx.announcements.drop_question(turn.person.staff_id)
    if asked.wanted.startswith(MORE):
        return _take_more(turn, asked, words)
    return _ANSWERS[asked.wanted](turn, asked, words)


def _within(asked: Question) -> timedelta:
    return MORE_WITHIN if asked.wanted.startswith(MORE) else ANSWER_WITHIN


def _take_more(turn: Turn, asked: Question, words: str) -> Outcome:
    """The next piece of a text that the author's app has cut."""
    draft, language = mine(turn, asked.announcement_id), asked.wanted.removeprefix(MORE)
    before, piece = draft.texts[language], clean_text(words)
    whole = Text(f"{before.body}{_seam(before.body)}{piece}", before.title)
    texts = {**draft.texts, **checked(turn, {language: whole})}
    changed = reword(turn, draft, texts)
    expect_more(turn, changed, {language: Text(piece)})
    show_draft(turn, changed)
    return drafted(turn, changed)


def _seam(before: str) -> str:
    """What the app took away where it cut: the end of a line, a blank, or nothing within a Chinese sentence."""
    if before.endswith(_SENTENCE_ENDS):
        return "\n"
    return " " if before[-1].isascii() else ""


def never_mind(turn: Turn) -> Outcome:
    """Also when there was nothing to answer."""
    turn.tx.announcements.drop_question(turn.person.staff_id)
    return Outcome(Done.NEVER_MIND)


def _take_text(turn: Turn, asked: Question, words: str) -> Outcome:
    draft = mine(turn, asked.announcement_id)
    said = checked(turn, {asked.wanted: Text.read(words)})
    changed = reword(turn, draft, {**draft.texts, **said})
    expect_more(turn, changed, said)
    show_draft(turn, changed)
    return drafted(turn, changed)


def _take_time(turn: Turn, asked: Question, words: str) -> Outcome:
    moment = read_moment(words, turn.now, turn.school.timezone)
    if moment is None:
        raise RefusedError(Reason.NOT_A_TIME)
    changed = set_moment(turn, mine(turn, asked.announcement_id), asked.wanted, moment)
    show_draft(turn, changed)
    return drafted(turn, changed)


def _take_reason(turn: Turn, asked: Question, words: str) -> Outcome:
    return send_back(turn, asked.announcement_id, words)


def _take_correction(turn: Turn, asked: Question, words: str) -> Outcome:
    return rewrite(turn, by_id(turn, asked.announcement_id).number, read_texts(words))


_ANSWERS: dict[str, Callable[[Turn, Question, str], Outcome]] = {
    **dict.fromkeys(LANGUAGES, _take_text),
    **dict.fromkeys(TIMES, _take_time),
    RETURN: _take_reason,
    CORRECT: _take_correction,
}
