"""The list page's data and marks: what `/headcount` in a browser shows and sends. Pupils' names stand here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from bot.domain.headcount import (
    ABOUT_PUPIL,
    SEEN_THERE,
    CountedClass,
    CountedPupil,
    PupilState,
    Said,
    Source,
    contradictors,
    last_words,
)
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right, has_right
from bot.domain.roll_call import RollCall, tally_params
from bot.errors import Reason, RefusedError
from bot.services.adding_up import recount_after, said_about
from bot.services.brief import name_of
from bot.services.counting import (
    Mark,
    counted_class,
    own_counted_classes,
    require_count,
    running_roll_call,
    say,
)
from bot.services.headcounts import is_outdated
from bot.services.tallying import class_params, pupil_numbers, told_number
from bot.services.turn import Turn, Turns

# Enough to find one pupil, too little to read a class.
SEARCH_AT_LEAST: Final = 2
SEARCH_HITS: Final = 5
MARKS_AT_ONCE: Final = 200
# Nobody stands there with a whole class of others, one by one.
GUESTS_AT_ONCE: Final = 20
# Who counts a whole school gets the lists one by one: all of them every few seconds are too much for a bad line.
LISTS_AT_ONCE: Final = 6
# What JavaScript counts exactly.
MOST: Final = 2**53 - 1


class ListPageService:
    """Each method is one request of the page; refusals come back in the outcome."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def read(self, staff_id: str, class_id: int | None = None) -> Outcome:
        """`params["page"]`: see `page_data`."""
        return await self._turns.look(staff_id, show_page, class_id)

    async def mark(
        self,
        staff_id: str,
        class_id: int,
        marks: Sequence[Mark],
        source: Source,
        counted_from: datetime | None = None,
    ) -> Outcome:
        """Keep marks, each once by its key; `params["class"]` is the class afterwards.

        `counted_from`: the `opened_at` of the page on which they were made. COUNTED_ANEW for what was seen elsewhere.
        """
        return await self._turns.visit(staff_id, mark_class, class_id, marks, source, counted_from)

    async def search(self, staff_id: str, class_id: int, word: str) -> Outcome:
        """Pupils of other classes, for who has one of them; `params["hits"]`."""
        return await self._turns.look(staff_id, search, class_id, word)


def show_page(turn: Turn, class_id: int | None = None) -> Outcome:
    """`page`: see `page_data`."""
    return Outcome(Done.NOTHING, {"page": page_data(turn, class_id)})


def page_data(turn: Turn, class_id: int | None = None) -> dict[str, Any]:
    """`{mode, action, number, is_open, opened_at, now, me, may_enter_paper, classes: […], injured: […]}`.

    Only the visitor's own classes; `injured` is None for who may not read it. Without a roll call `is_open` is
    false and there are no classes. Of more than LISTS_AT_ONCE classes only `class_id` comes with its pupils; they
    and the guests of the others are None.
    """
    running = turn.tx.roll_calls.list_running()
    base: dict[str, Any] = {
        "is_open": bool(running),
        "now": turn.now.isoformat(),
        "me": turn.person.name.to_params(),
        "staff_id": turn.person.staff_id,
        "may_enter_paper": has_right(turn.person, Right.COUNT_ALL),
        "school": {"zh": turn.school.name, "en": turn.school.name_en},
    }
    if not running:
        return {**base, "mode": "REAL", "is_silent": False, "classes": [], "injured": None}
    roll_call = running_roll_call(turn)
    incident = turn.about
    names: dict[str, Any] = {}
    own = own_counted_classes(turn, roll_call)
    listed = {one.id for one in own if len(own) <= LISTS_AT_ONCE or one.id == class_id}
    return {
        **base,
        "mode": roll_call.mode.value,
        "action": roll_call.action.value,
        "is_silent": roll_call.is_silent,
        "number": told_number(incident),
        "opened_at": roll_call.counted_from.isoformat(),
        "classes": [
            _class_data(turn, roll_call, one, names)
            if one.id in listed
            else _class_figures(turn, roll_call, one)
            for one in own
        ],
        "injured": _injured(turn, roll_call, names) if has_right(turn.person, Right.SEE_INJURED) else None,
    }


def _class_data(turn: Turn, roll_call: RollCall, one: CountedClass, names: dict[str, Any]) -> dict[str, Any]:
    own = turn.tx.headcounts.pupils(roll_call.id, one.name)
    guests = turn.tx.headcounts.guests(roll_call.id, one.name)
    about = turn.tx.headcounts.claimed_for_class(roll_call.id, one.name) if one.count.is_disputed else []
    return {
        **_class_figures(turn, roll_call, one),
        "claims": [
            {"by": _name(turn, said.said_by, names), "said": said.said.value, "number": said.number}
            for said in last_words(about)
        ],
        "pupils": [
            {**data, "against": _against(turn, pupil, names)}
            for data, pupil in zip(_pupils_data(turn, own, names), own, strict=True)
        ],
        "guests": [
            {**data, "class": pupil.school_class}
            for data, pupil in zip(_pupils_data(turn, guests, names), guests, strict=True)
        ],
    }


def _class_figures(turn: Turn, roll_call: RollCall, one: CountedClass) -> dict[str, Any]:
    params = class_params(turn, roll_call, one)
    return {
        "id": one.id,
        "class": one.name,
        "grade": one.grade,
        "point": params["point"],
        "state": params["state"],
        "is_disputed": one.count.is_disputed,
        "needs_help": one.count.needs_help,
        "is_paper": one.is_paper,
        "said_by": params["said_by"],
        "last_at": params["last_at"],
        "tally": tally_params(one.count.tally),
        "claims": [],
        "pupils": None,
        "guests": None,
    }


def _against(turn: Turn, pupil: CountedPupil, names: dict[str, Any]) -> list[Mapping[str, str] | None]:
    """Who does not agree that the pupil is missing."""
    if not pupil.status.is_disputed:
        return []
    people = contradictors(
        pupil.status, said_about(turn, pupil), recount_after=recount_after(turn, pupil.roll_call_id)
    )
    return [_name(turn, staff_id, names) for staff_id in people]


def _pupils_data(turn: Turn, pupils: Sequence[CountedPupil], names: dict[str, Any]) -> list[dict[str, Any]]:
    numbers = pupil_numbers(pupils)
    return [
        {
            "id": pupil.id,
            "no": numbers[pupil.student_no],
            "student_no": pupil.student_no,
            "name": pupil.name,
            "state": pupil.status.state.value,
            "is_disputed": pupil.status.is_disputed,
            "with_class": pupil.status.with_class,
            "words": pupil.status.words,
            "by": _name(turn, pupil.status.said_by, names),
            "at": pupil.status.said_at and pupil.status.said_at.isoformat(),
        }
        for pupil in pupils
    ]


def _name(turn: Turn, staff_id: str | None, names: dict[str, Any]) -> Mapping[str, str] | None:
    """Looked up once a person: a page names the same two leads forty times."""
    if staff_id is None:
        return None
    if staff_id not in names:
        names[staff_id] = name_of(turn.tx, staff_id)
    found: Mapping[str, str] | None = names[staff_id]
    return found


def _injured(turn: Turn, roll_call: RollCall, names: dict[str, Any]) -> list[dict[str, Any]]:
    hurt = turn.tx.headcounts.in_states(roll_call.id, PupilState.INJURED)
    data = _pupils_data(turn, hurt, names)
    return [{**one, "class": pupil.school_class} for one, pupil in zip(data, hurt, strict=True)]


def mark_class(
    turn: Turn,
    class_id: int,
    marks: Sequence[Mark],
    source: Source,
    counted_from: datetime | None = None,
) -> Outcome:
    """What was kept before is not kept twice, though the page sends it again."""
    if len(marks) > MARKS_AT_ONCE:
        raise RefusedError(Reason.NOT_A_COUNT)
    roll_call, counted = counted_class(turn, class_id)
    require_count(turn, roll_call, counted)
    store = turn.tx.roll_calls
    fresh = [m for m in marks if not m.key or store.is_new_mark(roll_call.id, m.key, turn.now)]
    # Said in the room: who is missing or hurt still is, but nobody has seen the others at the assembly point.
    is_before = counted_from not in (None, roll_call.counted_from)
    if is_before and any(mark.said in SEEN_THERE for mark in fresh):
        raise RefusedError(Reason.COUNTED_ANEW)
    fresh = [mark for mark in fresh if not _is_late(turn, mark)]
    own = {pupil.id for pupil in turn.tx.headcounts.pupils(roll_call.id, counted.name)}
    if sum(1 for mark in fresh if mark.pupil is not None and mark.pupil not in own) > GUESTS_AT_ONCE:
        raise RefusedError(Reason.NOT_YOUR_CLASS, **{"class": ""})
    counted = say(turn, roll_call, counted, fresh, source)
    return Outcome(Done.COUNTED, {"class": _class_data(turn, roll_call, counted, {})}, is_told=True)


def _is_late(turn: Turn, mark: Mark) -> bool:
    """Words for what does not hold any more."""
    if not mark.adds_words or mark.pupil is None or mark.said not in ABOUT_PUPIL:
        return False
    pupil = turn.tx.headcounts.get_pupil(mark.pupil)
    return pupil is not None and is_outdated(turn, pupil, mark.said)


def search(turn: Turn, class_id: int, word: str) -> Outcome:
    """By the end of a number or the beginning of a name. How they are is not told: not everybody may know it."""
    roll_call, counted = counted_class(turn, class_id)
    # `require_count` would note the attempt in the audit log, and here nothing is written.
    if all(one.id != counted.id for one in own_counted_classes(turn, roll_call)):
        raise RefusedError(Reason.NOT_YOUR_CLASS, **{"class": counted.name})
    if len(word) < SEARCH_AT_LEAST:
        return Outcome(Done.NOTHING, {"hits": []})
    found = turn.tx.headcounts.search(roll_call.id, word, without=counted.name, limit=SEARCH_HITS)
    hits = [
        {
            "id": pupil.id,
            "class": pupil.school_class,
            "no": pupil.student_no,
            "name": pupil.name,
        }
        for pupil in found
    ]
    return Outcome(Done.NOTHING, {"hits": hits})


def read_mark(raw: Mapping[str, Any]) -> Mark:
    """A mark of the page: `{key, said, pupil?, number?, words?, adds_words?}`. ValueError for anything else."""
    said = Said(str(raw.get("said")))
    pupil, number = raw.get("pupil"), raw.get("number")
    for value in (pupil, number):
        if value is not None and (type(value) is not int or not 0 <= value <= MOST):
            raise ValueError("not a number")
    key, words = raw.get("key"), raw.get("words", "")
    if not isinstance(key, str) or not 1 <= len(key) <= 64 or not isinstance(words, str):  # noqa: PLR2004 - the column
        raise ValueError("no key")
    adds_words = raw.get("adds_words", False)
    if adds_words is not True and adds_words is not False:
        raise ValueError("neither true nor false")
    # Half a character pair is JSON, and no text that a database keeps.
    (key + words).encode()
    return Mark(said, pupil, number, words, key, adds_words)
