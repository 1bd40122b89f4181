"""Classes, pupils and duty, as the last import left them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, delete, func, select

from bot.domain.reading_order import reading_order
from bot.domain.roster import DutyShift, Pupil, Role, SchoolClass
from bot.storage.tables import classes, duty_shifts, pupils


class RosterStore:
    """Whole nouns are replaced; the import's diff decided before."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def classes(self) -> dict[str, SchoolClass]:
        """All classes by name, in the order in which people count them."""
        rows = sorted(self._connection.execute(select(classes)), key=lambda row: reading_order(row.name))
        return {r.name: SchoolClass(r.name, r.grade, r.zone, r.assembly_point) for r in rows}

    def pupils(self) -> dict[str, Pupil]:
        """All pupils by number."""
        columns = (pupils.c.student_no, pupils.c.name, pupils.c["class"])
        rows = self._connection.execute(select(*columns).order_by(pupils.c.student_no))
        return {number: Pupil(number, name, school_class) for number, name, school_class in rows}

    def student_nos(self, school_classes: Collection[str]) -> dict[str, list[str]]:
        """Class name → its pupils' numbers, in order; a class without pupils is left out."""
        school_class = pupils.c["class"]
        wanted = select(school_class, pupils.c.student_no).where(school_class.in_(school_classes))
        found: dict[str, list[str]] = {}
        for name, number in self._connection.execute(wanted.order_by(pupils.c.student_no)):
            found.setdefault(name, []).append(number)
        return found

    def shifts(self) -> list[DutyShift]:
        """All duty, earliest first."""
        rows = self._connection.execute(
            select(duty_shifts).order_by(duty_shifts.c.starts_at, duty_shifts.c.id)
        )
        return [DutyShift(r.starts_at, r.ends_at, Role(r.role), r.staff_id) for r in rows]

    def count_pupils(self) -> int:
        """How many pupils are enrolled."""
        return self._connection.scalar(select(func.count()).select_from(pupils)) or 0

    def replace_classes(self, items: Iterable[SchoolClass]) -> None:
        """The school's classes are now these."""
        self._connection.execute(delete(classes))
        rows = [
            {"name": c.name, "grade": c.grade, "zone": c.zone, "assembly_point": c.assembly_point}
            for c in items
        ]
        if rows:
            self._connection.execute(classes.insert(), rows)

    def replace_pupils(self, items: Iterable[Pupil]) -> None:
        """The school's pupils are now these."""
        self._connection.execute(delete(pupils))
        rows = [{"student_no": p.student_no, "name": p.name, "class": p.school_class} for p in items]
        if rows:
            self._connection.execute(pupils.insert(), rows)

    def replace_shifts(self, items: Iterable[DutyShift]) -> None:
        """The duty roster is now this."""
        self._connection.execute(delete(duty_shifts))
        rows = [
            {"starts_at": s.starts_at, "ends_at": s.ends_at, "role": s.role.value, "staff_id": s.staff_id}
            for s in items
        ]
        if rows:
            self._connection.execute(duty_shifts.insert(), rows)
