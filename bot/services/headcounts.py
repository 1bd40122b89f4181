"""Headcounts by chat: `/headcount`, its buttons, the grid of pupils' numbers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from bot.domain.headcount import (
    ABOUT_PUPIL,
    STATE_OF,
    CountedClass,
    CountedPupil,
    PupilState,
    Said,
    Source,
)
from bot.domain.headcount_rights import find_class
from bot.domain.message import Address, Lane, MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.page import Page
from bot.domain.permission import Right, has_right
from bot.domain.roll_call import RollCall, unfinished
from bot.domain.roster import Person, SchoolClass
from bot.domain.sender import Sender
from bot.errors import Reason, RefusedError
from bot.services.counting import (
    Mark,
    counted_class,
    own_counted_classes,
    require_count,
    running_roll_call,
    say,
    say_of_class,
)
from bot.services.entering import make_link
from bot.services.tallying import (
    app_url,
    class_params,
    lost_lines,
    people_params,
    pupil_numbers,
    silent_staff,
    tally_message,
)
from bot.services.turn import Turn, Turns

# Six rows of four: the thumb hits them, and a phone shows them whole.
NUMBERS_A_PAGE: Final = 24
# What a lead writes this soon after marking a pupil is about that pupil.
WORDS_WITHIN: Final = timedelta(minutes=3)
CLASSES_AT_ONCE: Final = 6
# Of pupils in these states a press on the number asks; of the others it marks them missing at once.
_SPOKEN_FOR = frozenset({PupilState.MISSING, PupilState.INJURED, PupilState.LEFT, PupilState.ABSENT})


class HeadcountService:
    """What a class lead can do in chat; each method is one button or command."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def say(self, sender: Sender, class_id: int, said: Said, page: int | None = None) -> Outcome:
        """All here, the rest is here, help. `page`: of the grid of numbers under which it was pressed."""
        if page is not None:
            return await self._turns.run(sender, say_in_grid, class_id, said, page)
        return await self._turns.run(sender, say_of_class, class_id, Mark(said))

    async def pick(self, sender: Sender, class_id: int, page: int, *, is_new: bool) -> Outcome:
        """The grid of numbers; a new message, or the pressed one turned to another page."""
        return await self._turns.run(sender, pick, class_id, page, is_new)

    async def press_pupil(self, sender: Sender, class_id: int, pupil_id: int, page: int) -> Outcome:
        """A number: missing at once, or, of one who is spoken for, what to say now."""
        return await self._turns.run(sender, press_pupil, class_id, pupil_id, page)

    async def press_state(self, sender: Sender, class_id: int, pupil_id: int, said: Said) -> Outcome:
        """What is said about one pupil."""
        return await self._turns.run(sender, press_state, class_id, pupil_id, said)

    async def command(
        self, sender: Sender, class_word: str, count: int | None, *, is_all: bool, is_paper: bool
    ) -> Outcome:
        """`/headcount [class] [all|N] [paper]`; without a count the question again."""
        if count is None and not is_all:
            return await self._turns.run(sender, show, class_word)
        mark = Mark(Said.ALL) if is_all else Mark(Said.NUMBER, number=count)
        source = Source.PAPER if is_paper else Source.CHAT
        return await self._turns.run(sender, say_by_name, class_word, mark, source)

    async def list_lost(self, sender: Sender, roll_call_id: int, *, is_silent: bool) -> Outcome:
        """The tally card's lists: who is missing, or which classes are silent."""
        return await self._turns.run(sender, list_lost, roll_call_id, is_silent)

    async def open_page(self, sender: Sender, page: Page) -> Outcome:
        """A one-time link to a page, in private."""
        return await self._turns.run(sender, send_link, page)


def pick(turn: Turn, class_id: int, page: int, is_new: bool) -> Outcome:  # noqa: FBT001 - `Turns.run` passes it on
    """Show the numbers of one class."""
    roll_call, counted = counted_class(turn, class_id)
    require_count(turn, roll_call, counted)
    _show_grid(turn, roll_call, counted, page, is_new=is_new)
    return Outcome(Done.NOTHING)


def say_in_grid(turn: Turn, class_id: int, said: Said, page: int) -> Outcome:
    """What the grid shows above its numbers is no longer so."""
    outcome = say_of_class(turn, class_id, Mark(said))
    roll_call, counted = counted_class(turn, class_id)
    _show_grid(turn, roll_call, counted, page, is_new=False)
    return outcome


def press_pupil(turn: Turn, class_id: int, pupil_id: int, page: int) -> Outcome:
    """Most often a number is pressed because its pupil is not there."""
    roll_call, counted, pupil = _pressed(turn, class_id, pupil_id)
    if pupil.status.state in _SPOKEN_FOR:
        require_count(turn, roll_call, counted)
        _show_pupil(turn, roll_call, counted, pupil, page)
        return Outcome(Done.NOTHING)
    counted = say(turn, roll_call, counted, [Mark(Said.MISSING, pupil.id)])
    _expect_words(turn, counted, pupil, Said.MISSING)
    _show_grid(turn, roll_call, counted, page, is_new=False, just=pupil)
    return Outcome(Done.COUNTED, class_params(turn, roll_call, counted))


def press_state(turn: Turn, class_id: int, pupil_id: int, said: Said) -> Outcome:
    """From the pupil's own menu."""
    if said not in ABOUT_PUPIL:
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    roll_call, counted, pupil = _pressed(turn, class_id, pupil_id)
    counted = say(turn, roll_call, counted, [Mark(said, pupil.id)])
    if said is not Said.WITH_ME:
        _expect_words(turn, counted, pupil, said)
    _show_grid(turn, roll_call, counted, _page_of(turn, pupil), is_new=False, just=pupil)
    return Outcome(Done.COUNTED, class_params(turn, roll_call, counted))


def _pressed(turn: Turn, class_id: int, pupil_id: int) -> tuple[RollCall, CountedClass, CountedPupil]:
    roll_call, counted = counted_class(turn, class_id)
    pupil = turn.tx.headcounts.get_pupil(pupil_id)
    if pupil is None or pupil.roll_call_id != roll_call.id or pupil.school_class != counted.name:
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    return roll_call, counted, pupil


def _expect_words(turn: Turn, counted: CountedClass, pupil: CountedPupil, said: Said) -> None:
    waiting = {
        "class_id": counted.id,
        "pupil": pupil.id,
        "said": said.value,
        "until": (turn.now + WORDS_WITHIN).isoformat(),
    }
    turn.tx.facts.set(_words_key(turn), waiting)


def _words_key(turn: Turn) -> str:
    return f"pupil-words:{turn.person.staff_id}"


def pupil_words_asked_at(turn: Turn) -> datetime | None:
    """When this person was asked about a pupil, if the answer is still awaited."""
    waiting = turn.tx.facts.get(_words_key(turn))
    return datetime.fromisoformat(waiting["until"]) - WORDS_WITHIN if waiting else None


def add_pupil_words(turn: Turn, words: str) -> Outcome | None:
    """Where a pupil was last seen, where an injured one lies; None when no pupil waits for words."""
    waiting = turn.tx.facts.get(_words_key(turn))
    if not waiting or datetime.fromisoformat(waiting["until"]) < turn.now:
        return None
    turn.tx.facts.delete(_words_key(turn))
    about, said = turn.about, Said(waiting["said"])
    try:
        roll_call, counted, pupil = _pressed(turn, waiting["class_id"], waiting["pupil"])
    except RefusedError:
        turn.about = about
        return None
    if is_outdated(turn, pupil, said) or counted not in own_counted_classes(turn, roll_call):
        turn.about = about
        return None
    say(turn, roll_call, counted, [Mark(said, pupil.id, words=words)])
    pupil = turn.tx.headcounts.get_pupil(pupil.id) or pupil
    _show_pupil(turn, roll_call, counted, pupil, 0)
    return Outcome(Done.COUNTED, is_told=True)


def is_outdated(turn: Turn, pupil: CountedPupil, said: Said) -> bool:
    """Found since, or said otherwise by the same person: words must not make a child missing again."""
    status = pupil.status
    if status.state is PupilState.PRESENT:
        return True
    return status.said_by == turn.person.staff_id and status.state is not STATE_OF[said]


def _page_of(turn: Turn, pupil: CountedPupil) -> int:
    own = turn.tx.headcounts.pupils(pupil.roll_call_id, pupil.school_class)
    return next((i // NUMBERS_A_PAGE for i, one in enumerate(own) if one.id == pupil.id), 0)


def _show_grid(
    turn: Turn,
    roll_call: RollCall,
    counted: CountedClass,
    page: int,
    *,
    is_new: bool,
    just: CountedPupil | None = None,
) -> None:
    own = turn.tx.headcounts.pupils(roll_call.id, counted.name)
    numbers = pupil_numbers(own)
    pages = max(1, -(-len(own) // NUMBERS_A_PAGE))
    page = max(0, min(page, pages - 1))
    shown = own[page * NUMBERS_A_PAGE : (page + 1) * NUMBERS_A_PAGE]
    params = {
        **class_params(turn, roll_call, counted),
        "page": page,
        "pages": pages,
        "pupils": [[one.id, numbers[one.student_no], one.status.state.value] for one in shown],
        "lost": [numbers[one.student_no] for one in own if one.status.state is PupilState.MISSING],
        "just": numbers[just.student_no] if just else "",
    }
    _answer(turn, MessageKind.HEADCOUNT_PICK, params, is_new=is_new)


def _show_pupil(
    turn: Turn, roll_call: RollCall, counted: CountedClass, pupil: CountedPupil, page: int
) -> None:
    own = turn.tx.headcounts.pupils(roll_call.id, counted.name)
    params = {
        **class_params(turn, roll_call, counted),
        "pupil": pupil.id,
        "no": pupil_numbers(own)[pupil.student_no],
        "pupil_state": pupil.status.state.value,
        "words": pupil.status.words,
        "page": page,
    }
    is_press = turn.sender is not None and turn.sender.is_press
    _answer(turn, MessageKind.HEADCOUNT_PUPIL, params, is_new=not is_press)


def _answer(turn: Turn, kind: MessageKind, params: dict[str, Any], *, is_new: bool) -> None:
    is_private = turn.sender is not None and turn.sender.is_private
    edited = turn.sender.message_id if turn.sender is not None and is_private and not is_new else None
    # A coalescing key of its own: quick presses in one grid make one edit.
    key = f"grid:{params['class_id']}:{edited}" if edited else None
    _tell_asker(turn, kind, params, lane=Lane.COMMAND, is_silent=True, edit_of=edited, coalesce=key)


def _tell_asker(turn: Turn, kind: MessageKind, params: dict[str, Any], **more: Any) -> None:
    """In private, wherever it was asked: where an injured pupil lies is nothing for a topic."""
    turn.tell(Address.person(turn.person.staff_id), kind, params, turn.about, **more)


def say_by_name(turn: Turn, class_word: str, mark: Mark, source: Source) -> Outcome:
    """`/headcount 7-3 38`."""
    roll_call = running_roll_call(turn)
    if not class_word and (name := _class_called(turn, roll_call, mark.number)):
        return show(turn, name)
    counted = _named_class(turn, roll_call, class_word)
    counted = say(turn, roll_call, counted, [mark], source)
    return Outcome(Done.COUNTED, class_params(turn, roll_call, counted))


def _class_called(turn: Turn, roll_call: RollCall, number: int | None) -> str:
    """Many schools call a class 701: alone, a number larger than that class is its name and no count."""
    counted = {one.name: one for one in turn.tx.headcounts.classes(roll_call.id)}
    found = find_class(str(number), {name: SchoolClass(name) for name in counted})
    return found.name if found and number and number > counted[found.name].enrolled else ""


def show(turn: Turn, class_word: str) -> Outcome:
    """The question for the asker's classes; for who counts many, the figures and the page."""
    roll_call = running_roll_call(turn)
    named = [_named_class(turn, roll_call, class_word)] if class_word else []
    mine = named or own_counted_classes(turn, roll_call)
    if not mine:
        raise RefusedError(Reason.NOT_YOUR_CLASS, **{"class": ""})
    if len(mine) > CLASSES_AT_ONCE:
        params = tally_message(turn, roll_call, mine)
        _tell_asker(turn, MessageKind.GRADE_TALLY, {**params, "app_url": app_url(turn)})
        return Outcome(Done.NOTHING)
    for counted in mine:
        require_count(turn, roll_call, counted)
        _tell_asker(
            turn,
            MessageKind.HEADCOUNT,
            class_params(turn, roll_call, counted),
            lane=Lane.COMMAND,
            coalesce=f"headcount:{counted.id}",
        )
    return Outcome(Done.NOTHING)


def _named_class(turn: Turn, roll_call: RollCall, word: str) -> CountedClass:
    counted = {one.name: one for one in turn.tx.headcounts.classes(roll_call.id)}
    if not word:
        mine = own_counted_classes(turn, roll_call)
        if not mine:
            raise RefusedError(Reason.NOT_YOUR_CLASS, **{"class": ""})
        if len(mine) > 1:
            raise RefusedError(Reason.WHICH_CLASS, classes=[one.name for one in mine])
        return mine[0]
    classes = {name: SchoolClass(name) for name in counted}
    found = find_class(word, classes)
    if found is None:
        raise RefusedError(Reason.UNKNOWN_CLASS, word=word)
    return counted[found.name]


def list_lost(turn: Turn, roll_call_id: int, is_silent: bool) -> Outcome:  # noqa: FBT001 - `Turns.run` passes it on
    """Below the tally card: by class and number, or the silent classes with whom to call."""
    turn.require(Right.RUN_DESK, "tally")
    roll_call = turn.tx.roll_calls.get(roll_call_id)
    if roll_call is None:
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    turn.about = turn.tx.incidents.get(roll_call.incident_id)
    if roll_call.purged_at is not None:
        raise RefusedError(Reason.PURGED)
    params: dict[str, Any] = {
        "mode": roll_call.mode.value,
        "is_silent": is_silent,
        "at": turn.now.isoformat(),
    }
    if is_silent:
        params["classes"] = silent_lines(turn, unfinished(turn.tx.headcounts.classes(roll_call.id)))
        params["staff"] = people_params(silent_staff(turn, roll_call))
    else:
        params["lost"] = lost_lines(turn, roll_call)
        classes = turn.tx.headcounts.classes(roll_call.id)
        params["unnamed"] = [
            {"class": one.name, "n": one.count.tally.unnamed_missing}
            for one in classes
            if one.count.tally.unnamed_missing
        ]
    turn.reply(
        MessageKind.HEADCOUNT_LIST,
        params,
        turn.about,
        lane=Lane.COMMAND,
        coalesce=f"list:{roll_call_id}:{is_silent}",
    )
    return Outcome(Done.NOTHING)


def silent_lines(turn: Turn, classes: list[CountedClass]) -> list[dict[str, Any]]:
    """Classes without a whole count, each with whom to ring: who stands in first, then its leads.

    Of a class without a lead who can be reached its leads alone: those who were asked are to ring them.
    """
    people = {person.staff_id: person for person in turn.tx.people.list_active()}
    leads: dict[str, list[Person]] = {}
    for person in people.values():
        for name in person.classes:
            if has_right(person, Right.COUNT_CLASS):
                leads.setdefault(name, []).append(person)
    return [
        {
            "class": one.name,
            "state": one.count.state.value,
            "is_leaderless": one.is_leaderless,
            "leads": people_params(_whom_to_ring(one, people, leads.get(one.name, []))),
        }
        for one in classes
    ]


def _whom_to_ring(one: CountedClass, people: dict[str, Person], leads: list[Person]) -> list[Person]:
    asked = [people[key] for key in one.asked if key in people]
    if one.is_leaderless:
        return leads or asked
    return [*(person for person in asked if person not in leads), *leads]


def send_link(turn: Turn, page: Page) -> Outcome:
    """A fresh one-time link; the board is for the command centre, the list for who counts or cares."""
    if page is Page.BOARD:
        turn.require(Right.RUN_DESK, "board")
    if turn.about is None and turn.tx.roll_calls.list_running():
        running_roll_call(turn)
    code = make_link(turn, turn.person.staff_id, page)
    params = {
        "page": page.value,
        "url": f"{turn.school.base_url}/enter/{code}",
        "mode": turn.about.mode.value if turn.about else "REAL",
    }
    to = Address.person(turn.person.staff_id)
    turn.tell(to, MessageKind.PAGE_LINK, params, lane=Lane.COMMAND, is_silent=True)
    is_private = turn.sender is not None and turn.sender.is_private
    return Outcome(Done.LINK_SENT, {"is_private": is_private, "mode": params["mode"]}, is_told=is_private)
