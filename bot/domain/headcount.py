"""Counting heads: what may be said about a class and its pupils, and what it adds up to.

Everything here is a fold over statements in the order in which they were kept. Nothing said is ever dropped: a later
statement changes what holds, the earlier one stays on record. Three rules keep the count honest:

* Who was named missing or injured stays so until somebody says "with me" for that very pupil; no later "all here"
  wipes it out.
* Two people who contradict each other make a disagreement, which stays until one of them agrees or the safety office
  settles it. Meanwhile the worse of the two holds.
* No answer is not missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum

# Visitors on site are counted like a class; no class can have this name.
VISITORS = "*visitors"


class Said(StrEnum):
    """One thing that can be said. The first three are about the whole class, the next five about one pupil."""

    ALL = "all"
    REST = "rest"
    NUMBER = "number"
    WITH_ME = "with_me"
    MISSING = "missing"
    INJURED = "injured"
    LEFT = "left"
    ABSENT = "absent"
    HELP = "help"
    HELP_OVER = "help_over"


ABOUT_CLASS = frozenset({Said.ALL, Said.REST, Said.NUMBER})
ABOUT_HELP = frozenset({Said.HELP, Said.HELP_OVER})
# What is seen where it is said: it claims nothing any more once the class has walked to its assembly point.
SEEN_THERE = ABOUT_CLASS | {Said.WITH_ME}


class PupilState(StrEnum):
    """Where one pupil stands. UNKNOWN: nobody has named them; whether they are here is in the class's number."""

    UNKNOWN = "unknown"
    PRESENT = "present"
    MISSING = "missing"
    INJURED = "injured"
    LEFT = "left"
    ABSENT = "absent"


STATE_OF = {
    Said.WITH_ME: PupilState.PRESENT,
    Said.MISSING: PupilState.MISSING,
    Said.INJURED: PupilState.INJURED,
    Said.LEFT: PupilState.LEFT,
    Said.ABSENT: PupilState.ABSENT,
}
ABOUT_PUPIL = frozenset(STATE_OF)


class Source(StrEnum):
    """How it was said. PAPER: the safety office typed a sheet that somebody filled in by hand."""

    CHAT = "chat"
    PAGE = "page"
    PAPER = "paper"


class ClassState(StrEnum):
    """How far the count of one class is."""

    SILENT = "silent"
    COUNTING = "counting"
    SHORT = "short"
    DISPUTED = "disputed"
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class Statement:
    """What one person said for the class `school_class`.

    `pupil` is the counted pupil's id, None when it is about the class. `is_final`: said by the safety office, which
    settles what others disagree about.
    """

    id: int
    school_class: str
    said: Said
    said_by: str
    at: datetime
    pupil: int | None = None
    number: int | None = None
    words: str = ""
    source: Source = Source.CHAT
    is_final: bool = False


@dataclass(frozen=True, slots=True)
class PupilStatus:
    """What holds about one pupil. `with_class`: the class that has them, when it is not their own."""

    state: PupilState = PupilState.UNKNOWN
    is_disputed: bool = False
    with_class: str | None = None
    said_by: str | None = None
    said_at: datetime | None = None
    words: str = ""


def fold_pupil(
    home: str, start: PupilState, said: Iterable[Statement], *, recount_after: int = 0
) -> PupilStatus:
    """What holds about a pupil of the class `home`.

    `said`: in order, the statements about this pupil and the class's own about itself: ALL claims that everyone is
    here, and with REST or NUMBER their speaker no longer claims it. `recount_after`: the id of the last of them that
    was said before the class walked; whoever was here then may be lost on the way.
    """
    said = list(said)
    before = [statement for statement in said if _is_past(statement, recount_after)]
    status = _fold(home, PupilStatus(start), before)
    if status.state is PupilState.PRESENT:
        status = PupilStatus()
    status = _fold(home, status, said[len(before) :])
    return replace(status, is_disputed=bool(contradictors(status, said, recount_after=recount_after)))


def _fold(home: str, status: PupilStatus, said: Iterable[Statement]) -> PupilStatus:
    for statement in said:
        is_about_class = statement.said in ABOUT_CLASS
        if statement.is_final and not is_about_class:
            status = _now(statement, home)
        elif not statement.is_final:
            status = status if is_about_class else _next(status, statement, home)
    return status


def contradictors(status: PupilStatus, said: Iterable[Statement], *, recount_after: int = 0) -> list[str]:
    """Who does not agree that this pupil is missing. `said` as for `fold_pupil`; empty without a disagreement."""
    if status.state is not PupilState.MISSING:
        return []
    claims: dict[str, Statement] = {}
    for statement in said:
        if statement.is_final and statement.said not in ABOUT_CLASS:
            claims.clear()
        elif not statement.is_final:
            claims[statement.said_by] = statement
    return [
        by
        for by, claim in claims.items()
        if by != status.said_by
        and claim.said in _AGAINST_MISSING
        and not (_is_past(claim, recount_after) and claim.said in SEEN_THERE)
    ]


def _is_past(statement: Statement, recount_after: int) -> bool:
    return 0 < statement.id <= recount_after


def _next(before: PupilStatus, statement: Statement, home: str) -> PupilStatus:
    """The new status, or the old one where somebody else knows better."""
    after = _now(statement, home)
    is_same_person = before.said_by == statement.said_by
    if after.state is PupilState.MISSING and not is_same_person:
        # Another class has them, or somebody knows where they lie hurt: the lead only does not know it yet.
        is_known = before.state is PupilState.INJURED or (
            before.state is PupilState.PRESENT and before.with_class not in (None, statement.school_class)
        )
        return before if is_known else after
    if after.state in (PupilState.LEFT, PupilState.ABSENT):
        is_stuck = before.state is PupilState.INJURED or (
            before.state is PupilState.MISSING and not is_same_person
        )
        return before if is_stuck else after
    return after


def _now(statement: Statement, home: str) -> PupilStatus:
    state = STATE_OF[statement.said]
    is_guest = state is PupilState.PRESENT and statement.school_class != home
    return PupilStatus(
        state,
        with_class=statement.school_class if is_guest else None,
        said_by=statement.said_by,
        said_at=statement.at,
        words=statement.words,
    )


# What stands against "missing", when another person said it last.
_AGAINST_MISSING = frozenset({Said.ALL, Said.WITH_ME, Said.LEFT, Said.ABSENT})


def found_by(home: str, start: PupilState, said: Iterable[Statement]) -> int | None:
    """The statement by which a pupil of the class `home` is with it again; None for who was never away from it."""
    is_away, found = start is not PupilState.UNKNOWN, None
    for statement in said:
        if statement.said is not Said.WITH_ME or statement.school_class != home:
            is_away, found = True, None
        elif is_away and found is None:
            found = statement.id
    return found


@dataclass(frozen=True, slots=True)
class Tally:
    """How many. `enrolled = present + missing + injured + left + absent + unknown`; `extra` belong elsewhere.

    `missing` includes `unnamed_missing`, who are only a number; `extra` includes `unnamed_extra`.
    """

    enrolled: int = 0
    present: int = 0
    missing: int = 0
    injured: int = 0
    left: int = 0
    absent: int = 0
    unknown: int = 0
    extra: int = 0
    unnamed_missing: int = 0
    unnamed_extra: int = 0

    @property
    def expected(self) -> int:
        """Who should be here: enrolled, less those known to be absent."""
        return self.enrolled - self.absent

    @property
    def unaccounted(self) -> int:
        """Of whom nobody knows where they are."""
        return self.missing + self.unknown

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


@dataclass(frozen=True, slots=True)
class ClassCount:
    """One class, added up."""

    tally: Tally
    state: ClassState
    is_disputed: bool = False
    needs_help: bool = False


@dataclass(frozen=True, slots=True)
class _Rest:
    """The pupils of a class that nobody named, beside what was said by name."""

    expected: int
    absent: int
    guests: int
    named_here: int


def count_class(
    *,
    enrolled: int,
    absent_unnamed: int,
    own: Sequence[PupilStatus],
    guests: int,
    said: Sequence[Statement],
    has_answered: bool,
    is_visitors: bool = False,
    turned_up: int = 0,
    found: Sequence[int] = (),
) -> ClassCount:
    """Add up one class.

    `own`: what holds about each of its pupils; `guests`: pupils of other classes that it has; `said`: the class's
    own statements about itself, in order. `has_answered`: somebody said anything for it, about a pupil included.
    A class without a pupil list (`enrolled` 0) is as many as it says, and not complete before it says how many; of
    visitors, 0 is their number. `turned_up`: how many of its pupils were named absent before it began and are not.
    `found`: see `found_by`, of its pupils who are here.
    """
    states = {state: sum(1 for pupil in own if pupil.state is state) for state in PupilState}
    elsewhere = sum(1 for pupil in own if pupil.with_class is not None)
    unlisted = max(0, enrolled - len(own)) + states[PupilState.UNKNOWN]
    absent = min(unlisted, max(0, absent_unnamed - states[PupilState.ABSENT] - turned_up))
    rest = _Rest(unlisted - absent, absent, guests, states[PupilState.PRESENT] - elsewhere)
    has_list = enrolled > 0 or is_visitors
    numbers = last_words(said if has_list else [one for one in said if one.said is Said.NUMBER])
    claims = {_claim(statement, rest) for statement in numbers}
    here, surplus = min(claims, default=(0, 0))
    # Whether who was found since is one more than the number, or one of it after all, only a new count can tell.
    late = [sum(1 for at in found if at > one.id) for one in numbers if _claim(one, rest) == (here, surplus)]
    is_countable = enrolled > 0 or bool(numbers)
    if enrolled == 0 and numbers:
        # Guests are counted where they are enrolled.
        here, surplus = max(max(0, (statement.number or 0) - guests) for statement in numbers), 0
        enrolled = here
    came_after_all = max(0, here - rest.expected)
    not_here = max(0, rest.expected - here)
    unknown = min(not_here, *late) if late else not_here
    tally = Tally(
        enrolled=enrolled,
        present=states[PupilState.PRESENT] + here,
        missing=states[PupilState.MISSING] + not_here - unknown,
        injured=states[PupilState.INJURED],
        left=states[PupilState.LEFT],
        absent=max(0, states[PupilState.ABSENT] + absent - came_after_all),
        unknown=unknown,
        extra=guests + surplus,
        unnamed_missing=not_here - unknown,
        unnamed_extra=surplus,
    )
    is_disputed = len(claims) > 1 or any(pupil.is_disputed for pupil in own)
    state = _state(tally, has_answered=has_answered, is_countable=is_countable, is_disputed=is_disputed)
    return ClassCount(tally, state, is_disputed, _needs_help(said))


def _state(tally: Tally, *, has_answered: bool, is_countable: bool, is_disputed: bool) -> ClassState:
    if is_disputed:
        return ClassState.DISPUTED
    if not has_answered:
        return ClassState.SILENT
    if tally.unknown or tally.unnamed_extra or not is_countable:
        return ClassState.COUNTING
    return ClassState.SHORT if tally.missing else ClassState.COMPLETE


def _needs_help(said: Sequence[Statement]) -> bool:
    calls = [statement.said for statement in said if statement.said in ABOUT_HELP]
    return bool(calls) and calls[-1] is Said.HELP


def last_words(said: Sequence[Statement]) -> list[Statement]:
    """Each person's last word on the whole class since the safety office settled it."""
    last: dict[str, Statement] = {}
    for statement in said:
        if statement.said not in ABOUT_CLASS:
            continue
        if statement.is_final or any(one.is_final for one in last.values()):
            last.clear()
        last[statement.said_by] = statement
    return list(last.values())


def _claim(statement: Statement, rest: _Rest) -> tuple[int, int]:
    """Of the pupils that nobody named: how many are here by this statement, and how many heads are too many."""
    if statement.said is not Said.NUMBER or statement.number is None:
        return rest.expected, 0
    heads = max(0, statement.number - rest.named_here)
    # Heads too many are first the guests known by name, then pupils who were thought to be absent.
    own = heads if heads <= rest.expected else max(rest.expected, heads - rest.guests)
    here = min(own, rest.expected + rest.absent)
    return here, own - here


@dataclass(frozen=True, slots=True)
class CountedClass:
    """One class in one roll call. `asked`: whose chats have the question; `zone` is where it is in lessons."""

    id: int
    roll_call_id: int
    name: str
    grade: str
    zone: str | None
    assembly_point: str | None
    joined_at: datetime
    enrolled: int
    absent_unnamed: int = 0
    asked: tuple[str, ...] = ()
    is_leaderless: bool = False
    count: ClassCount = field(default=ClassCount(Tally(), ClassState.SILENT))
    is_paper: bool = False
    said_by: str | None = None
    first_at: datetime | None = None
    complete_at: datetime | None = None
    last_at: datetime | None = None

    @property
    def is_visitors(self) -> bool:
        """Whether it is the visitors on site, not a class."""
        return self.name == VISITORS


@dataclass(frozen=True, slots=True)
class CountedPupil:
    """One pupil in one roll call, as enrolled when it began. The name never reaches chat or logs."""

    id: int
    roll_call_id: int
    student_no: str
    name: str
    school_class: str
    status: PupilStatus = PupilStatus()
    was_absent: bool = False
