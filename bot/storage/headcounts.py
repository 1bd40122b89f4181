"""Classes and pupils in a roll call, and who said what about them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, or_, select, update

from bot.domain.headcount import (
    SEEN_THERE,
    ClassCount,
    ClassState,
    CountedClass,
    CountedPupil,
    PupilState,
    PupilStatus,
    Said,
    Source,
    Statement,
    Tally,
)
from bot.domain.reading_order import reading_order
from bot.storage.new_id import new_id
from bot.storage.roll_calls import ROLL_CALL
from bot.storage.tables import counted_classes, counted_pupils, roll_calls, statements

_c, _p, _s = counted_classes.c, counted_pupils.c, statements.c

_CLASS = select(counted_classes).where(_c.id == bindparam("wanted"))
_CLASS_NAMED = select(counted_classes).where(
    _c.roll_call_id == bindparam("in_call"), _c["class"] == bindparam("named")
)
_CLASSES = select(counted_classes).where(_c.roll_call_id == bindparam("in_call"))
_PUPIL = select(counted_pupils).where(_p.id == bindparam("wanted"))
_OWN = (_p.roll_call_id == bindparam("in_call"), _p["class"] == bindparam("named"))
_PUPILS = select(counted_pupils).where(*_OWN).order_by(_p.student_no)
_STATUSES = select(_p.state, _p.is_disputed, _p.with_class).where(*_OWN)
_LOST = select(counted_pupils).where(*_OWN, _p.state == PupilState.MISSING.value)
_GUEST_COUNT = (
    select(func.count())
    .select_from(counted_pupils)
    .where(_p.roll_call_id == bindparam("in_call"), _p.with_class == bindparam("named"))
)
_TURNED_UP = (
    select(func.count())
    .select_from(counted_pupils)
    .where(*_OWN, _p.was_absent, _p.state != PupilState.ABSENT.value)
)
_INCOMPLETE = (
    select(_c.id)
    .where(_c.roll_call_id == bindparam("in_call"), _c.state != ClassState.COMPLETE.value)
    .limit(1)
)
_GUESTS = (
    select(counted_pupils)
    .where(_p.roll_call_id == bindparam("in_call"), _p.with_class == bindparam("named"))
    .order_by(_p["class"], _p.student_no)
)
_FOR_CLASS = (_s.roll_call_id == bindparam("in_call"), _s["class"] == bindparam("named"))
_SAID_FOR_CLASS = select(statements).where(*_FOR_CLASS, _s.pupil_id.is_(None)).order_by(_s.id)
_STILL_CLAIMED = or_(
    _s.id
    > select(roll_calls.c.recount_after).where(roll_calls.c.id == bindparam("in_call")).scalar_subquery(),
    _s.said.not_in(sorted(SEEN_THERE)),
)
_CLAIMED_FOR_CLASS = _SAID_FOR_CLASS.where(_STILL_CLAIMED)
_ANSWERED = select(_s.id).where(*_FOR_CLASS, _STILL_CLAIMED).limit(1)
_LAST_SAID = select(func.max(_s.id)).where(_s.roll_call_id == bindparam("in_call"))
_SAID_ABOUT = select(statements).where(_s.pupil_id.in_(bindparam("wanted", expanding=True))).order_by(_s.id)
_ENROL = (
    update(counted_classes)
    .where(counted_classes.c.id == bindparam("row"))
    .values(enrolled=bindparam("new_enrolled"))
)
_SAVE_CLASS = (
    update(counted_classes)
    .where(_c.id == bindparam("row"))
    .values(
        state=bindparam("new_state"),
        tally=bindparam("new_tally"),
        is_disputed=bindparam("new_disputed"),
        needs_help=bindparam("new_help"),
        is_paper=bindparam("new_paper"),
        said_by=bindparam("new_said_by"),
        first_at=bindparam("new_first_at"),
        complete_at=bindparam("new_complete_at"),
        last_at=bindparam("new_last_at"),
        asked=bindparam("new_asked"),
        is_leaderless=bindparam("new_leaderless"),
    )
)
_SAVE_PUPIL = (
    update(counted_pupils)
    .where(_p.id == bindparam("row"))
    .values(
        state=bindparam("new_state"),
        is_disputed=bindparam("new_disputed"),
        with_class=bindparam("new_with"),
        said_by=bindparam("new_by"),
        said_at=bindparam("new_at"),
        words=bindparam("new_words"),
    )
)


class HeadcountStore:
    """`touched` wakes the pages after the commit."""

    def __init__(self, connection: Connection, touched: set[str]) -> None:
        self._connection = connection
        self._touched = touched

    # ── classes ────────────────────────────────────────────────────────────────────────────────────────────
    def add_class(self, fresh: CountedClass, pupils: Iterable[tuple[str, str, bool]]) -> CountedClass:
        """Begin to count a class (its id is given here) with its `pupils`: number, name, absent today."""
        self._touched.add(ROLL_CALL)
        values = {
            "roll_call_id": fresh.roll_call_id,
            "class": fresh.name,
            "grade": fresh.grade,
            "zone": fresh.zone,
            "assembly_point": fresh.assembly_point,
            "joined_at": fresh.joined_at,
            "enrolled": fresh.enrolled,
            "absent_unnamed": fresh.absent_unnamed,
            "asked": list(fresh.asked),
            "is_leaderless": fresh.is_leaderless,
            "state": fresh.count.state.value,
            "tally": _tally_params(fresh.count.tally),
        }
        result = self._connection.execute(counted_classes.insert(), values)
        rows = [
            {
                "roll_call_id": fresh.roll_call_id,
                "student_no": number,
                "name": name,
                "class": fresh.name,
                "was_absent": is_absent,
                "state": (PupilState.ABSENT if is_absent else PupilState.UNKNOWN).value,
            }
            for number, name, is_absent in pupils
        ]
        if rows:
            self._connection.execute(counted_pupils.insert(), rows)
        return self.get_class(new_id(result)) or fresh

    def get_class(self, class_id: int) -> CountedClass | None:
        """By id."""
        row = self._connection.execute(_CLASS, {"wanted": class_id}).one_or_none()
        return None if row is None else _counted_class(row)

    def find_class(self, roll_call_id: int, name: str) -> CountedClass | None:
        """By name."""
        values = {"in_call": roll_call_id, "named": name}
        row = self._connection.execute(_CLASS_NAMED, values).one_or_none()
        return None if row is None else _counted_class(row)

    def classes(self, roll_call_id: int) -> list[CountedClass]:
        """All of a roll call, by grade and name; visitors last."""
        rows = self._connection.execute(_CLASSES, {"in_call": roll_call_id})
        found = [_counted_class(row) for row in rows]
        return sorted(found, key=_in_order)

    def is_complete(self, roll_call_id: int) -> bool:
        """Whether every class is: asked after each answer, so without reading them."""
        return self._connection.execute(_INCOMPLETE, {"in_call": roll_call_id}).first() is None

    def enrol(self, class_id: int, number: int) -> None:
        """Another number of people belongs to it: visitors came or went."""
        self._touched.add(ROLL_CALL)
        self._connection.execute(_ENROL, {"row": class_id, "new_enrolled": number})

    def save_class(self, counted: CountedClass) -> None:
        """Write back what can change."""
        self._touched.add(ROLL_CALL)
        values = {
            "row": counted.id,
            "new_state": counted.count.state.value,
            "new_tally": _tally_params(counted.count.tally),
            "new_disputed": counted.count.is_disputed,
            "new_help": counted.count.needs_help,
            "new_paper": counted.is_paper,
            "new_said_by": counted.said_by,
            "new_first_at": counted.first_at,
            "new_complete_at": counted.complete_at,
            "new_last_at": counted.last_at,
            "new_asked": list(counted.asked),
            "new_leaderless": counted.is_leaderless,
        }
        self._connection.execute(_SAVE_CLASS, values)

    # ── pupils ─────────────────────────────────────────────────────────────────────────────────────────────
    def get_pupil(self, pupil_id: int) -> CountedPupil | None:
        """By id."""
        row = self._connection.execute(_PUPIL, {"wanted": pupil_id}).one_or_none()
        return None if row is None else _counted_pupil(row)

    def pupils(self, roll_call_id: int, school_class: str) -> list[CountedPupil]:
        """A class's own, by number."""
        return self._pupils(_PUPILS, in_call=roll_call_id, named=school_class)

    def statuses(self, roll_call_id: int, school_class: str) -> list[PupilStatus]:
        """What holds about each of a class's own, in no order, without who said so."""
        values = {"in_call": roll_call_id, "named": school_class}
        rows = self._connection.execute(_STATUSES, values)
        return [PupilStatus(PupilState(state), disputed, there) for state, disputed, there in rows]

    def lost(self, roll_call_id: int, school_class: str) -> list[CountedPupil]:
        """A class's own who are named missing."""
        values = {"in_call": roll_call_id, "named": school_class}
        return [_counted_pupil(row) for row in self._connection.execute(_LOST, values)]

    def count_guests(self, roll_call_id: int, school_class: str) -> int:
        """How many pupils of other classes this class has."""
        values = {"in_call": roll_call_id, "named": school_class}
        return self._connection.scalar(_GUEST_COUNT, values) or 0

    def count_turned_up(self, roll_call_id: int, school_class: str) -> int:
        """How many of a class's own were named absent before the count began and are something else now."""
        values = {"in_call": roll_call_id, "named": school_class}
        return self._connection.scalar(_TURNED_UP, values) or 0

    def guests(self, roll_call_id: int, school_class: str) -> list[CountedPupil]:
        """Pupils of other classes that this class has."""
        return self._pupils(_GUESTS, in_call=roll_call_id, named=school_class)

    def in_states(self, roll_call_id: int, *states: PupilState) -> list[CountedPupil]:
        """All in one of these states, by class and number."""
        wanted = select(counted_pupils).where(
            _p.roll_call_id == roll_call_id, _p.state.in_([state.value for state in states])
        )
        return self._pupils(wanted.order_by(_p["class"], _p.student_no))

    def all_guests(self, roll_call_id: int) -> list[CountedPupil]:
        """Everybody who is with another class than their own."""
        wanted = select(counted_pupils).where(_p.roll_call_id == roll_call_id, _p.with_class.is_not(None))
        return self._pupils(wanted.order_by(_p.with_class, _p["class"], _p.student_no))

    def search(self, roll_call_id: int, word: str, *, without: str, limit: int) -> list[CountedPupil]:
        """Pupils of other classes by the end of their number or the beginning of their name."""
        literal = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        wanted = select(counted_pupils).where(
            _p.roll_call_id == roll_call_id,
            _p["class"] != without,
            or_(
                _p.student_no.ilike(f"%{literal}", escape="\\"),
                _p.name.ilike(f"{literal}%", escape="\\"),
            ),
        )
        return self._pupils(wanted.order_by(_p["class"], _p.student_no).limit(limit))

    def save_pupil(self, pupil_id: int, status: PupilStatus) -> None:
        """Write back what holds."""
        values = {
            "row": pupil_id,
            "new_state": status.state.value,
            "new_disputed": status.is_disputed,
            "new_with": status.with_class,
            "new_by": status.said_by,
            "new_at": status.said_at,
            "new_words": status.words,
        }
        self._connection.execute(_SAVE_PUPIL, values)

    # ── who said what ──────────────────────────────────────────────────────────────────────────────────────
    def say(self, roll_call_id: int, said: Iterable[Statement]) -> None:
        """Keep statements in their order (their ids are given here)."""
        self._touched.add(ROLL_CALL)
        rows = [
            {
                "roll_call_id": roll_call_id,
                "class": one.school_class,
                "pupil_id": one.pupil,
                "said": one.said.value,
                "number": one.number,
                "words": one.words,
                "said_by": one.said_by,
                "at": one.at,
                "source": one.source.value,
                "is_final": one.is_final,
            }
            for one in said
        ]
        self._connection.execute(statements.insert(), rows)

    def said_for_class(self, roll_call_id: int, school_class: str) -> list[Statement]:
        """What was said about the class as a whole, in order."""
        values = {"in_call": roll_call_id, "named": school_class}
        return [_statement(row) for row in self._connection.execute(_SAID_FOR_CLASS, values)]

    def claimed_for_class(self, roll_call_id: int, school_class: str) -> list[Statement]:
        """Of that what is still claimed: a class that walked to its assembly point is counted again."""
        values = {"in_call": roll_call_id, "named": school_class}
        return [_statement(row) for row in self._connection.execute(_CLAIMED_FOR_CLASS, values)]

    def has_answered(self, roll_call_id: int, school_class: str) -> bool:
        """Whether anybody said anything for the class that is still claimed."""
        values = {"in_call": roll_call_id, "named": school_class}
        return self._connection.execute(_ANSWERED, values).first() is not None

    def said_about(self, pupil_ids: Collection[int]) -> dict[int, list[Statement]]:
        """What was said about each of these pupils, in order; a pupil nobody spoke of is left out."""
        found: dict[int, list[Statement]] = {}
        for row in self._connection.execute(_SAID_ABOUT, {"wanted": sorted(pupil_ids)}):
            found.setdefault(row.pupil_id, []).append(_statement(row))
        return found

    def last_said(self, roll_call_id: int) -> int:
        """The id of the newest statement; 0 before the first."""
        return self._connection.scalar(_LAST_SAID, {"in_call": roll_call_id}) or 0

    def said(self, roll_call_id: int) -> list[Statement]:
        """Everything, in order."""
        rows = self._connection.execute(
            select(statements).where(_s.roll_call_id == roll_call_id).order_by(_s.id)
        )
        return [_statement(row) for row in rows]

    def forget(self, roll_call_ids: Collection[int]) -> int:
        """Erase pupils and statements; how many rows. The classes' figures stay."""
        erased = 0
        for table in (counted_pupils, statements):
            gone = self._connection.execute(table.delete().where(table.c.roll_call_id.in_(roll_call_ids)))
            erased += gone.rowcount
        return erased

    def count_pupils(self, roll_call_id: int) -> int:
        """How many pupils are counted."""
        wanted = select(func.count()).select_from(counted_pupils).where(_p.roll_call_id == roll_call_id)
        return self._connection.scalar(wanted) or 0

    def _pupils(self, wanted: Select[Any], **values: Any) -> list[CountedPupil]:
        return [_counted_pupil(row) for row in self._connection.execute(wanted, values)]


def _in_order(one: CountedClass) -> tuple[Any, ...]:
    return one.is_visitors, reading_order(one.grade), reading_order(one.name)


def _tally_params(tally: Tally) -> dict[str, int]:
    return {name: getattr(tally, name) for name in Tally.__dataclass_fields__}


def _counted_class(row: Row[Any]) -> CountedClass:
    values = row._mapping  # noqa: SLF001 - SQLAlchemy's own name for it; `class` is no attribute in Python
    return CountedClass(
        id=row.id,
        roll_call_id=row.roll_call_id,
        name=values["class"],
        grade=row.grade,
        zone=row.zone,
        assembly_point=row.assembly_point,
        joined_at=row.joined_at,
        enrolled=row.enrolled,
        absent_unnamed=row.absent_unnamed,
        asked=tuple(row.asked),
        is_leaderless=row.is_leaderless,
        count=ClassCount(Tally(**row.tally), ClassState(row.state), row.is_disputed, row.needs_help),
        is_paper=row.is_paper,
        said_by=row.said_by,
        first_at=row.first_at,
        complete_at=row.complete_at,
        last_at=row.last_at,
    )


def _counted_pupil(row: Row[Any]) -> CountedPupil:
    return CountedPupil(
        id=row.id,
        roll_call_id=row.roll_call_id,
        student_no=row.student_no,
        name=row.name,
        school_class=row._mapping["class"],  # noqa: SLF001 - as above
        status=PupilStatus(
            PupilState(row.state), row.is_disputed, row.with_class, row.said_by, row.said_at, row.words
        ),
        was_absent=row.was_absent,
    )


def _statement(row: Row[Any]) -> Statement:
    return Statement(
        id=row.id,
        school_class=row._mapping["class"],  # noqa: SLF001 - as above
        said=Said(row.said),
        said_by=row.said_by,
        at=row.at,
        pupil=row.pupil_id,
        number=row.number,
        words=row.words,
        source=Source(row.source),
        is_final=row.is_final,
    )
